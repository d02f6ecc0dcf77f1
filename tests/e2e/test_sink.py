# test_sink.py -- a disk carried home: --out-file at the sensor, --in-file at home.
# SPDX-License-Identifier: Apache-2.0
import glob
import gzip
import json
import os
import shutil
import signal
import stat
import subprocess
import unittest

import case
import programs
from sink_case import LONG, SinkCase, content, program, sha16

PACKETS = 300
MANY = 2000
GARBAGE = (b"hello\n", b"{}\n", b'{"event.sequence":0,"espcap.run":"0000000000000","@timestamp":"x"}\n',
           b'{"create":{"_index":"Wrong","_id":"00000000000000000000000001"}}\n', b"\0" * 700 + b"\n",
           b'{"index":{"_index":"x"}}\n', b"x" * 3_000_000 + b"\n")
POISON = {"match": {"path": "*/_bulk"}, "action": {"items": {
    "status": 400, "type": "document_parsing_exception", "which": "seq_mod:10:3"}}}


class Carried(SinkCase):
    def test_every_form_comes_home_and_the_sensor_meets_it_there(self):
        self.captured(PACKETS)
        forms = (("ndjson", False), ("bulk", True), ("ndjson", True), ("bulk", False))
        for form, packed in forms if LONG else forms[:2]:
            with self.subTest(form=form, packed=packed):
                self.site.es.reset()
                spool = self.path(f"spool-{form}-{packed}")
                shutil.copytree(self.site.spool, spool)
                path = self.path_out(form, packed)
                self.once("--out-file", path, "--out-format", form, spool=spool)
                self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
                self.brought(path)
                self.assertEqual(self.stored(), PACKETS)
                self.brought(path, path)    # again, and twice
                self.assertEqual(self.own_spools(), [])
                self.assertEqual(self.site.es.stats()["conflict409"], 2 * PACKETS)
                os.unlink(path)
        self.site.finish(self.site.ship("--once"))
        self.assertEqual(self.site.status()["already_there"], PACKETS)
        self.settled_once()

    def test_files_that_are_rotated(self):
        self.captured(PACKETS)
        path = self.path_out("bulk", True)
        self.once("--out-file", path, "--out-format", "bulk", "--out-rotate-size", "4K", "--chunk", "20")
        files = self.finished()
        self.assertGreater(len(files), 5)
        for name in files:
            self.assertLess(os.path.getsize(name), 9000)
            # as the manual says that it can be done without espcap
            subprocess.run(["curl", "-fsS", "-o", self.path("answer"), "-H",
                            "Content-Type: application/x-ndjson", "-H", "Content-Encoding: gzip",
                            "--data-binary", "@" + name,
                            f"http://127.0.0.1:{self.site.es.port}/_bulk"], check=True)
            with open(self.path("answer"), "rb") as answer:
                self.assertFalse(json.load(answer)["errors"])
        self.settled_once()
        self.brought(self.out)
        self.assertEqual(self.site.es.stats()["conflict409"], PACKETS)

    def test_numbers_go_on_with_an_empty_disk(self):
        self.captured(20)
        self.once("--out-file", self.path_out(), "--out-rotate-interval", "1h")
        first = self.finished()
        os.rename(first[0], self.path("carried"))
        self.captured(20)
        self.once("--out-file", self.path_out(), "--out-rotate-interval", "1h")
        self.assertIn("-00000001-", first[0])
        self.assertIn("-00000002-", self.finished()[0])

    def test_files_of_a_running_service_are_finished_in_time_and_at_its_end(self):
        self.captured(50)
        ship = self.ship("--out-file", self.path_out(), "--out-rotate-interval", "100ms")
        self.assertTrue(self.site.wait_for(lambda: [
            name for name in os.listdir(self.out) if not name.endswith(".part")]))
        self.captured(50)
        self.assertTrue(self.site.wait_for(lambda: self.site.status()["backlog"] == 0))
        ship.terminate()
        self.site.finish(ship)
        self.brought(self.out)
        self.settled_once()

    def test_bodies_go_into_the_index_that_they_name(self):
        self.captured(PACKETS)
        shutil.copytree(self.site.spool, self.path("copy"))
        index = ("--index", "edge-%Y.%m.%d")
        self.once("--out-file", self.path_out("bulk"), "--out-format", "bulk", *index)
        self.brought(self.path_out("bulk"))
        self.assertEqual({index[:5] for _, index in self.site.es.ids()}, {"edge-"})
        self.site.spool = self.path("copy")
        self.site.finish(self.site.ship("--once", *index))
        stats = self.site.es.stats()
        self.assertEqual((stats["stored"], stats["conflict409"]), (PACKETS, PACKETS))

    def test_after_a_kill_no_line_is_read_twice(self):
        self.captured(MANY)
        self.once("--out-file", self.path_out())
        with open(self.path_out(), "ab") as file:
            file.write(b"not ours\n")
        home = self.path("home")
        bring = self.home(self.path_out(), options=("--spool", home), port=1)   # it stores nothing
        self.assertTrue(self.site.wait_for(lambda: os.path.exists(home + "/ack") and
                                           self.site.status_of(home)["committed"] == MANY))
        self.says("passed over: no document")
        self.site.kill(bring)
        self.brought(self.path_out(), code=1, options=("--spool", home))
        state = self.site.status_of(home)
        self.assertEqual((state["committed"], state["indexed"] + state["already_there"], state["backlog"]),
                         (MANY, MANY, 0))
        self.settled_once()

    def test_lite_documents_find_their_ids(self):
        spool = self.path("lite")
        self.run_program("espcap-capture", "--file", case.programs.HTTP, "--schema", "lite", "--spool",
                         spool)
        shutil.copytree(spool, spool + ".2")
        self.once("--out-file", self.path_out(), spool=spool)
        self.brought(self.path_out())
        self.assertEqual({index for _, index in self.site.es.ids()}, {"packets_lite"})
        stored = self.stored()
        self.assertGreater(stored, 200)
        self.site.spool = spool + ".2"
        self.site.finish(self.site.ship("--once"))
        stats = self.site.es.stats()
        self.assertEqual((stats["stored"], stats["conflict409"], stats["same_id_other_content"]),
                         (stored, stored, 0))

    def test_of_a_mixed_file_all_that_is_ours_is_delivered_and_the_rest_is_told(self):
        self.captured(PACKETS)
        spools = [self.site.spool + name for name in ("", ".2")]
        shutil.copytree(*spools)
        texts = []
        for spool, form in zip(spools, ("ndjson", "bulk"), strict=True):
            path = self.path_out(form)
            self.once("--out-file", path, "--out-format", form, spool=spool)
            texts.append(content(path).splitlines(keepends=True))
            os.unlink(path)
        plain, pairs = texts
        mixed = plain[:100] + [GARBAGE[0]] + pairs[150:250]
        for i, line in enumerate(GARBAGE[1:]):
            mixed += plain[100 + i:101 + i] + [line]
        mixed += [pairs[300]] + pairs[310:600] + plain[90:]     # an action line without its document
        mixed += [plain[0][:-40]]                               # torn
        path = self.path_out()
        with open(path, "wb") as file:
            file.writelines(mixed)
        self.brought(path, code=1)
        self.settled_once(counts=False)
        self.check_said("lines? .*passed over: ", len(GARBAGE) + 2)
        line = mixed.index(pairs[300]) + 2
        self.check_said(f"line {line} is passed over: an action line where a document should be")
        self.check_said(f"line {len(mixed)} is passed over: the file ends in the middle of it")
        self.check_said("longer than any record")
        self.assertEqual(self.own_spools(), [])

    def test_gzip_that_is_cut_or_damaged_costs_no_more_than_its_member(self):
        self.captured(PACKETS)
        path = self.path_out("ndjson", True)
        self.once("--out-file", path, "--chunk", "30")
        with open(path, "rb") as file:
            whole = file.read()
        members = [at for at in range(len(whole)) if whole[at:at + 4] == b"\x1f\x8b\x08\x04"]
        ends = members[1:] + [len(whole)]
        lost = sum(gzip.decompress(whole[members[i]:ends[i]]).count(b"\n") for i in (4, -1))
        damaged = bytearray(whole[:-50])
        damaged[members[4] + 400] ^= 0x10
        with open(path, "wb") as file:
            file.write(damaged)
        self.brought(path, code=1)
        self.assertEqual(self.stored(), PACKETS - lost)
        self.assertEqual(self.site.es.stats()["same_id_other_content"], 0)
        self.check_said("gzip is damaged there")
        self.check_said("ends inside of a member of gzip")
        with open(path, "wb") as file:
            file.write(whole)
        self.brought(path)
        self.settled_once(counts=False)
        with gzip.open(self.path("other.gz"), "wb") as file:    # one member of somebody else
            file.write(gzip.decompress(whole))
        self.brought(self.path("other.gz"))

    def test_what_the_server_refuses_is_kept_and_tried_again(self):
        self.captured(PACKETS)
        self.once("--out-file", self.path_out("bulk"), "--out-format", "bulk")
        self.site.es.script(POISON)
        home = self.path("home")
        self.brought(self.path_out("bulk"), code=1, options=("--spool", home))
        letters = PACKETS // 10
        self.assertEqual(self.stored(), PACKETS - letters)
        state = self.site.status_of(home)
        self.assertEqual([state[key] for key in ("committed", "indexed", "dead", "backlog")],
                         [PACKETS, PACKETS - letters, letters, 0])
        self.site.es.script()
        self.run_program("espcap", "dead", "retry", home, "--all")
        self.site.finish(self.site.start("espcap-ship", "--spool", home, "--node",
                                         f"127.0.0.1:{self.site.es.port}", "--once"))
        self.assertEqual(self.site.status_of(home)["dead"], 0)
        self.assertEqual(self.stored(), PACKETS)
        self.assertEqual(self.site.es.stats()["same_id_other_content"], 0)
        # and in a spool of its own they stay, too
        self.site.es.reset()
        self.site.es.script(POISON)
        self.brought(self.path_out("bulk"), code=1)
        self.assertEqual(len(self.own_spools()), 1)

    def test_standard_input_and_output_are_a_way_home(self):
        self.captured(PACKETS)
        ship = subprocess.Popen([program("espcap-ship"), "--config", "", "--spool", self.site.spool,
                                 "--stdout", "--out-gzip", "--once"], stdout=subprocess.PIPE)
        self.site.stdin = ship.stdout
        self.brought("-")
        self.assertEqual(ship.wait(), 0)
        ship.stdout.close()
        self.settled_once()


class Refused(SinkCase):
    def test_files_that_cannot_be_what_they_should(self):
        self.captured(10)
        plain = self.path("plain.ndjson.gz")
        with open(plain, "wb") as file:
            file.write(b"a line\n")
        for words, pattern, code in (
                (("--out-file", plain), "plain.ndjson.gz is not gzip; name another file", 78),
                (("--out-file", self.path("no", "file")), "cannot write to .*no/file: No such file", 78),
                (("--out-file", self.folder + "/"), "names no file", 78),
                (("--out-file", "/dev/null", "--out-rotate-size", "1M"), "no file that could be", 2),
                (("--stdout", "--out-rotate-interval", "1h"), "no file that could be rotated", 2)):
            with self.subTest(words=words):
                done = self.run_program("espcap-ship", "--spool", self.site.spool, "--once", *words,
                                        code=code)
                self.check_sentence(done, pattern)
        for words, pattern in ((("--in-file", self.path("none")), "cannot read .*none: No such file"),
                               (("--in-file", self.out), "no file in .*out has a name"),
                               (("--in-file", programs.HTTP), "test_http.pcap holds packets, and")):
            done = self.run_program("espcap-ship", *words, "--node", "127.0.0.1:1", code=1)
            self.check_sentence(done, pattern)
        done = self.run_program("espcap-ship", "--in-file", self.site.es.path("log"), "--node",
                                "https://127.0.0.1:1", "--ca-file", self.path("none"), code=78)
        self.check_sentence(done, "none: No such file")
        self.assertEqual(glob.glob(os.path.join(self.env["XDG_STATE_HOME"], "espcap", "*")), [])
        self.assertEqual(content(plain), b"a line\n")
        self.assertEqual(self.site.status()["backlog"], 10)

    def test_a_file_that_another_ship_writes(self):
        self.captured(10)
        shutil.copytree(self.site.spool, self.path("other"))
        ship = self.ship("--out-file", self.path_out())
        self.assertTrue(self.site.wait_for(lambda: self.site.status()["backlog"] == 0))
        done = self.run_program("espcap-ship", "--spool", self.path("other"), "--once", "--out-file",
                                self.path_out(), code=1)
        self.check_sentence(done, "cannot write to .*: another process writes to it$")
        ship.terminate()
        self.site.finish(ship)

    def test_text_of_somebody_else_stays_and_a_torn_line_of_ours_goes(self):
        self.captured(20)
        path = self.path_out()
        for text, kept in ((b"no newline", b"no newline\n"),
                           (b'a\n{"event.sequence":7,"espcap.r', b"a\n"),
                           (b"a\n" + b"\0" * 3000, b"a\n"), (b'a\n{"srcip":"10.', b"a\n"),
                           (b'a\n{"create":{"_index":"x","_id":"y"}}\n', b"a\n")):
            with self.subTest(text=text):
                spool = self.path("spool-" + sha16(text))
                shutil.copytree(self.site.spool, spool)
                with open(path, "wb") as file:
                    file.write(text)
                self.once("--out-file", path, spool=spool)
                self.assertEqual(content(path)[:len(kept)], kept)
                self.assertEqual(len([json.loads(x) for x in content(path)[len(kept):].splitlines()]), 20)


    def test_behind_the_last_durable_step_all_is_cut_that_is_torn_and_nothing_before_it(self):
        self.captured(20)
        path = self.path_out()
        ship = self.ship("--out-file", path)
        self.assertTrue(self.site.wait_for(lambda: self.site.status()["backlog"] == 0))
        self.site.kill(ship)
        lines = content(path).splitlines(keepends=True)
        lines[5] = lines[5].replace(b"layers", b"lay\0rs")     # what is durable may be damaged
        torn = lines[6].replace(b"layers", b"lay\0rs")
        with open(path, "wb") as file:
            file.writelines(lines + [lines[7], torn, lines[8]])
        self.captured(20)
        self.once("--out-file", path)
        text = content(path)
        self.assertTrue(text.startswith(b"".join(lines) + lines[7]))
        self.assertEqual(text.count(b"\0"), 1)
        self.assertEqual(len(text.splitlines()), 41)


class Streams(SinkCase):
    """What cannot be synced: standard output, and pipes. A pipe has room for less than a batch."""

    def reader(self):
        return subprocess.Popen([program("espcap-ship"), "--config", "", "--spool", self.site.spool,
                                 "--stdout", "--once"], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def test_a_reader_that_leaves_ends_it_and_the_rest_stays(self):
        self.captured(MANY)
        ship = self.reader()
        ship.stdout.read(1000)
        ship.stdout.close()
        self.assertEqual(ship.wait(60), 1)
        said = ship.stderr.read().decode()
        ship.stderr.close()
        self.assertRegex(said, "nobody reads standard output any more; what was not written stays")
        self.assertEqual(self.site.status()["backlog"], MANY)

    @unittest.skipUnless(LONG, "takes five seconds")
    def test_a_reader_that_does_not_read_holds_up_no_signal(self):
        self.captured(MANY)
        ship = self.reader()
        ship.stdout.read(1)
        ship.send_signal(signal.SIGTERM)
        self.assertEqual(ship.wait(60), 130)
        ship.stdout.close()
        ship.stderr.close()
        self.assertEqual(self.site.status()["backlog"], MANY)

    def test_a_pipe_with_a_name_waits_for_a_reader_and_for_the_next(self):
        self.captured(MANY)
        pipe = self.path("pipe")
        os.mkfifo(pipe)
        ship = self.ship("--out-file", pipe, "--once")
        self.says(f"cannot write to {pipe}: nobody reads it")
        with open(pipe, "rb") as file:      # and leaves in the midst of it
            file.read(10)
        descriptors = f"/proc/{ship.pid}/fd"
        self.assertTrue(self.site.wait_for(lambda: pipe not in [
            os.readlink(os.path.join(descriptors, fd)) for fd in os.listdir(descriptors)]))
        with open(pipe, "rb") as file:
            lines = [json.loads(line) for line in file.read().splitlines()]
        self.assertEqual([line["event.sequence"] for line in lines], list(range(1, MANY + 1)))
        self.site.finish(ship)

    def test_a_device_that_is_full(self):
        self.captured(10)
        self.once("--out-file", "/dev/full", "--give-up-after", "100ms", code=1)
        self.check_said("cannot write to /dev/full: No space left on device; nothing is lost")
        self.assertEqual(self.site.status()["backlog"], 10)


if __name__ == "__main__":
    case.main()
