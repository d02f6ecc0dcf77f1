#!/usr/bin/env python3
# test_doctor.py -- espcap doctor, and what spool status tells of a disk's wear, on a live spool.
# SPDX-License-Identifier: Apache-2.0
import json
import os
import re
import shutil
import socket
import subprocess
import threading

import case
import programs
import spool_files

MEMORY = "/dev/shm"    # a tmpfs
LINE = re.compile(r"^(ok  |warn|fail)  (\w[\w ]{10})  (\S.*)$")
PAGES = 4 * 4096       # that a commit writes
DAY, HOURS = 86400, 24


class Server:
    """Answers whoever connects with the same bytes; a context manager that gives its port."""

    def __init__(self, answer):
        self.answer = answer

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, daemon=True).start()
        return self.socket.getsockname()[1]

    def serve(self):
        while True:
            try:
                there, _ = self.socket.accept()
            except OSError:
                return
            with there:
                there.recv(1000)
                there.sendall(self.answer)

    def __exit__(self, *unused):
        self.socket.close()


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Doctor(case.Case):
    def doctor(self, *words, code=0):
        """{check: (state, what)}; every line has the one form."""
        ended = self.run_program("espcap", "doctor", *words, code=code)
        self.assertEqual(ended.err, "", str(ended))
        found = {}
        for line in ended.out.splitlines():
            match = LINE.match(line)
            self.assertTrue(match, line)
            self.assertNotIn(match[2].strip(), found, "one line a check")
            found[match[2].strip()] = (match[1].strip(), match[3])
        return found

    def state(self, check, *words, code=0):
        return self.doctor(*words, code=code)[check]

    def test_a_machine_alone_is_looked_at(self):
        found = self.doctor()
        self.assertEqual(sorted(found), ["clock", "interfaces", "rights"])
        if os.geteuid() == 0:
            self.assertEqual(found["rights"][0], "ok")

    def test_who_may_not_capture_is_told_how(self):
        case.need_root()
        case.need_program("setpriv")
        ended = self.run_command(["setpriv", "--reuid", "65534", "--clear-groups",
                                  *programs.program("espcap", "doctor")])
        self.assertRegex(ended.out, r"(?m)^warn  rights .*may not capture.*; run espcap-capture as "
                         "root, or give it the right: setcap")

    def test_where_a_spool_will_lie(self):
        found = self.doctor("--spool", self.path("not", "yet"))
        self.assertIn("espcap-capture makes it", found["spool"][1])
        self.assertEqual(found["space"][0], "ok")
        self.assertIn(self.folder, found["file system"][1])
        self.assertIn("device", found)
        self.assertFalse(os.path.exists(self.path("not")), "doctor changes nothing")

    def test_a_spool_in_memory_is_warned_of(self):
        folder = os.path.join(MEMORY, os.path.basename(self.folder))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        state, what = self.state("file system", "--spool", folder)
        self.assertEqual(state, "warn")
        self.assertIn("tmpfs: nothing of it survives", what)

    def test_a_full_disk_fails(self):
        case.need_root()
        folder = self.path("small")
        os.mkdir(folder)
        script = (f"mount -t tmpfs -o size=8m none {folder} && exec \"$@\"")
        ended = self.run_command(["unshare", "-m", "sh", "-c", script, "sh",
                                  *programs.program("espcap", "doctor", "--spool", folder)], 1)
        self.assertRegex(ended.out, r"(?m)^fail  space +8 MiB are free, and 256 MiB stay free for "
                         "others, so there is no room for records; make room, or set --spool-free$")

    def test_a_spool_that_nobody_works_on(self):
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)
        found = self.doctor("--spool", self.spool)
        self.assertEqual(found["capture"][0], "warn")
        self.assertEqual(found["ship"][0], "warn")
        self.assertEqual(found["losses"], ("ok", "none since the spool was made"))
        os.mkdir(os.path.join(self.spool, "quarantine", "rec-1.1"))
        self.assertEqual(self.state("quarantine", "--spool", self.spool)[0], "warn")

    def test_a_spool_of_a_newer_version_fails(self):
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)
        spool_files.write_identity(self.spool, b"version 1", b"version 2")
        state, what = self.state("spool", "--spool", self.spool, code=1)
        self.assertEqual(state, "fail")
        self.assertIn("drain it with the version that wrote it", what)

    def test_nodes(self):
        good = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
        with Server(good) as port:
            state, what = self.state("node", "--node", f"http://127.0.0.1:{port}")
            self.assertEqual((state, what), ("ok", f"http://127.0.0.1:{port} answers with 200"))
            self.assertEqual(self.state("node", "--node", f"127.0.0.1:{port}")[0], "ok")
            self.assertEqual(self.state("node", "--node", f"https://127.0.0.1:{port}/")[0], "ok")
        for answer, wanted, code in ((b"HTTP/1.1 401 x\r\n\r\n", "ok", 0),
                                     (b"HTTP/1.1 503 x\r\n\r\n", "warn", 0),
                                     (b"SSH-2.0-x\r\n", "fail", 1), (b"", "fail", 1)):
            with Server(answer) as port:
                self.assertEqual(self.state("node", "--node", f"http://127.0.0.1:{port}",
                                            code=code)[0], wanted, answer)
        state, what = self.state("node", "--node", f"127.0.0.1:{closed_port()}", code=1)
        self.assertEqual(state, "fail")
        self.assertIn("cannot be reached: Connection refused", what)
        self.assertEqual(self.state("node", "--node", "http://", code=1)[0], "fail")
        self.assertEqual(self.state("node", "--node", "[::1", code=1)[0], "fail")

    def test_json_says_the_same(self):
        port = closed_port()
        words = ("--spool", self.path("none"), "--node", f"127.0.0.1:{port}")
        table = self.doctor(*words, code=1)
        ended = self.run_program("espcap", "doctor", "--json", *words, code=1)
        self.assertEqual(len(ended.out.splitlines()), 1)
        document = json.loads(ended.out)
        self.assertEqual(document["state"], "fail")
        self.assertEqual({c["check"]: c["state"] for c in document["checks"]},
                         {name: state for name, (state, _) in table.items()})
        refused = [c for c in document["checks"] if c["check"] == "node"][0]
        self.assertEqual(sorted(refused), ["action", "check", "found", "state"])

    def test_wrong_words_are_refused(self):
        for words in (("--foo",), ("--spool",), ("--node",), ("x",), ("--spool", "a", "--spool", "b")):
            self.assertIn("espcap doctor [--spool DIR]",
                          self.run_program("espcap", "doctor", *words, code=2).err)


class Wear(case.Case):
    """A live capture with its four commits a second, and what is said of it."""

    def written(self, pid):
        with open(f"/proc/{pid}/io", encoding="ascii") as file:
            return int(re.search(r"wchar: (\d+)", file.read())[1])

    def test_a_running_capture_is_told_what_it_writes(self):
        with open(os.path.join(programs.PCAPS, "arp.pcap"), "rb") as file:
            data = file.read()
        capture = self.start("espcap-capture", "--file", "-", "--spool", self.spool,
                             "--flush-interval", "100ms", stdin=subprocess.PIPE)
        pipe = capture.process.stdin
        pipe.write(data[:24])
        packet = data[24:24 + 16 + int.from_bytes(data[32:36], "little")]
        sent = 0
        while "written_per_day" not in self.status():    # ten seconds after the start
            pipe.write(packet)
            pipe.flush()
            sent += 1
            self.committed(sent)
        status, commits = self.status(), sent
        written = self.written(capture.pid) / commits
        self.assertAlmostEqual(status["commits_per_hour"] / status["records_per_hour"], 1, 2)
        told = status["written_per_day"] / (status["commits_per_hour"] * HOURS)
        # the process writes 120 bytes of a meta page where the disk has the whole page, and beside
        # it 4 KiB that are never synced; the estimate has the pages of its records twice
        self.assertGreater(told, PAGES)
        self.assertLess(told, PAGES * 1.3)
        self.assertLess(abs(told - written), written * 0.3, (told, written))
        self.assertLess(status["written_per_day_sd"], status["written_per_day"] / 4)
        table = self.run_program("espcap", "spool", "status", self.spool).out
        self.assertRegex(table, r"written a day +about [\d.]+ [GM]B, at [\d.]+ records and [\d.]+ "
                         r"commits a second; with --media sd about [\d.]+ [GM]B\n")
        doctor = self.run_program("espcap", "doctor", "--spool", self.spool).out
        self.assertRegex(doctor, r"(?m)^(ok  |warn)  device +\S.*: about [\d.]+ [GM]B written a day at "
                         r"[\d.]+ commits a second, with --media sd about")
        self.assertRegex(doctor, r"(?m)^ok    capture +pid \d+, espcap-capture")
        pipe.close()
        self.assertEqual(capture.wait().code, 0)
        self.assertNotIn("written_per_day", self.status(), "nobody writes now")


if __name__ == "__main__":
    case.main()
