#!/usr/bin/env python3
# test_bad_input.py -- files that are no good: documents up to there, one clear sentence, exit code 1.
# SPDX-License-Identifier: Apache-2.0
import gzip
import json
import os
import signal
import subprocess

import case
import pcaps
import programs

BAD = os.path.join(programs.PCAPS, "bad")


class BadFiles(case.Case):
    def capture(self, *paths, code):
        files = [word for path in paths for word in ("--file", path)]
        return self.run_program("espcap-capture", *files, "--spool", self.spool, "--log-level",
                                "warn", code=code)

    def documents(self):
        done = self.run_program("espcap", "spool", "cat", self.spool)
        return [json.loads(line) for line in done.out.splitlines()]

    def check(self, path, sentence, documents, code=1):
        """Through capture into a spool; the one-shot prints says the same sentence."""
        done = self.capture(path, code=code)
        self.check_sentence(done, sentence)
        found = self.documents() if documents else []
        self.assertEqual([document["layers"]["frame.number"] for document in found],
                         list(range(1, documents + 1)))
        if documents:
            self.check_conservation(self.status(), committed=documents, lost=0)
        else:
            self.assertFalse(os.path.exists(self.spool), "no spool is made for nothing")
        self.check_sentence(self.run_program("espcap", "--file", path, code=code),
                            sentence.replace("its documents.*", "no TCP packets are found in it"))
        return found

    def test_an_empty_file(self):
        self.check(os.path.join(BAD, "empty.pcap"), r"/empty\.pcap is empty$", 0)

    def test_garbage(self):
        self.check(os.path.join(BAD, "garbage.pcap"), r"/garbage\.pcap is no capture file: it takes "
                   r"pcap or pcapng, plain or packed by gzip or zstd$", 0)

    def test_a_missing_file(self):
        self.check(self.path("missing"), r"cannot open \S+/missing: No such file or directory$", 0)

    def test_a_folder(self):
        self.check(BAD, r"/bad is a folder; espcap --dir reads the files of a folder$", 0)

    def test_half_a_file_header(self):
        self.check(os.path.join(BAD, "truncated_header.pcap"),
                   r"/truncated_header\.pcap ends within its file header: it holds no packets$", 0)

    def test_the_end_in_mid_packet(self):
        for name in ("truncated_packet.pcap", "truncated_record_header.pcap"):
            with self.subTest(name):
                self.spool = self.path(name)
                found = self.check(os.path.join(BAD, name), r"/truncated_\w+\.pcap ends in the "
                                   r"middle of a packet; all before it was read$", 5)
                wanted = pcaps.packets(os.path.join(BAD, name))[:5]
                self.assertEqual([d["@timestamp"] for d in found],
                                 [pcaps.stamp(p.time_ns) for p in wanted])

    def test_the_end_in_mid_block_of_pcapng(self):
        with open(os.path.join(programs.PCAPS, "dumpcap.pcapng"), "rb") as file:
            whole = file.read()
        path = self.path("cut.pcapng")
        with open(path, "wb") as file:
            file.write(whole[:len(whole) * 2 // 3])
        packets = pcaps.count(path)  # counts also the one that is cut
        self.assertGreater(packets, 2)
        self.check(path, r"/cut\.pcapng ends in the middle of ", packets - 1)

    def test_a_record_that_cannot_be(self):
        self.check(os.path.join(BAD, "huge_caplen.pcap"), r"/huge_caplen\.pcap is damaged: .*"
                   r"2147483647", 1)

    def test_packed_data_that_ends_or_is_damaged(self):
        with open(programs.HTTP, "rb") as file:
            packed = bytearray(gzip.compress(file.read()))
        path = self.path("cut.gz")
        with open(path, "wb") as file:
            file.write(packed[:len(packed) // 2])
        done = self.capture(path, code=1)
        self.check_sentence(done, r"/cut\.gz cannot be read further: the packed data ends too early")
        cut = self.documents()
        self.assertGreater(len(cut), 20)
        self.check_conservation(self.status(), committed=len(cut), lost=0)
        packed[-6] ^= 0xff  # in its check sum
        with open(path, "wb") as file:
            file.write(packed)
        self.spool = self.path("second")
        self.check_sentence(self.capture(path, code=1), r"/cut\.gz cannot be read further: damaged "
                            r"gzip data \(incorrect data check\)")
        self.check_conservation(self.status(), committed=297, lost=0)

    def test_an_unknown_link_type_gives_the_frames_fields_and_one_warning(self):
        path = os.path.join(BAD, "unknown_linktype.pcap")
        found = self.check(path, r"warning: \S+/unknown_linktype\.pcap has link type 147 .* does "
                           r"not decode: its documents.*", 2, code=0)
        for document, packet in zip(found, pcaps.packets(path), strict=True):
            self.assertEqual(document["@timestamp"], pcaps.stamp(packet.time_ns))
            self.assertEqual(document["layers"]["frame.len"], packet.length)
            # tshark names no protocol but frame; what it carries is not guessed
            self.assertEqual({name.split(".")[0] for name in document["layers"]}, {"frame"})
            self.assertNotIn("source", document)
        done = self.run_program("espcap", "--file", path, "--json")
        self.check_sentence(done, "its documents hold the frame's own fields only$")

    def test_an_unknown_link_type_in_pcapng_is_told_once(self):
        case.need_program("editcap")
        path = self.path("user0.pcapng")
        self.run_command(["editcap", "-F", "pcapng", "-T", "user0", programs.HTTP, path])
        found = self.check(path, r"warning: \S+/user0\.pcapng has link type 147 .* does not "
                           r"decode: its documents.*", 297, code=0)
        self.assertEqual({name.split(".")[0] for document in found
                          for name in document["layers"]}, {"frame"})

    def test_one_bad_file_does_not_stop_the_next(self):
        done = self.capture(os.path.join(BAD, "truncated_packet.pcap"), self.path("missing"),
                            programs.HTTP, code=1)
        self.check_sentence(done, "truncated_packet.pcap ends in", "cannot open .*missing")
        self.check_conservation(self.status(), committed=302, lost=0)

    def test_several_bad_files_are_each_told(self):
        done = self.capture(self.path("missing"), BAD, os.path.join(BAD, "empty.pcap"), code=1)
        self.check_sentence(done, "cannot open .*missing", "bad is a folder", "empty.pcap is empty")
        self.assertFalse(os.path.exists(self.spool))

    def test_a_capture_without_packets_is_no_error(self):
        done = self.capture(os.path.join(BAD, "zero_packets.pcap"), code=0)
        self.assertEqual(done.err, "")
        self.check_conservation(self.status(), committed=0)

    def test_nothing_on_standard_input(self):
        done = self.run_program("espcap-capture", "--file", "-", "--stdout", code=1)
        self.check_sentence(done, "standard input is empty")

    def test_a_reader_that_goes_away(self):
        """As `espcap ... | head -1`: it ends, quietly or with a sentence."""
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(programs.program("espcap-capture", "--file", programs.HTTP,
                                               "--stdout"), stdout=writing, env=self.env,
                              stderr=subprocess.PIPE, timeout=60, check=False)
        os.close(writing)
        self.assertNotEqual(done.returncode, 0)
        self.assertLessEqual(len(done.stderr.splitlines()), 1, done.stderr)


class BadUsage(case.Case):
    def check(self, code, sentence, name, *arguments):
        self.check_sentence(self.run_program(name, *arguments, code=code), sentence)

    def test_the_articles_sentence(self):
        done = self.run_program("espcap", code=1)
        self.assertEqual(done.err, "You must specify either a network interface or packet capture "
                         "file\n")

    def test_wrong_options(self):
        for sentence, arguments in (
                (r"unknown option --fil; did you mean --file\?", ("--fil", "x")),
                (r'count cannot be "x"; it wants a number', ("--file", "x", "--count", "x")),
                (r"snaplen cannot be 3; it lies between 64 and", ("--file", "x", "--snaplen", "3")),
                (r"--nic excludes --file", ("--nic", "lo", "--file", "x"))):
            with self.subTest(sentence):
                self.check(2, sentence, "espcap", *arguments)

    def test_what_is_not_there_is_an_error(self):
        for sentence, arguments in (
                (r'"nosuch" is no command; --help lists commands', ("nosuch",)),
                (r'"plan" is no command', ("plan", "x")),
                (r"unknown option --deep; --help lists the options", ("--deep",)),
                (r'there is no command "spool nosuch"; try espcap spool --help',
                 ("spool", "nosuch")),
                (r"spool wants one word more; try espcap spool --help", ("spool",))):
            with self.subTest(sentence):
                self.check(2, sentence, "espcap", *arguments)
        self.check(1, 'no field whose name begins with "nosuch"; espcap fields lists all', "espcap",
                   "fields", "nosuch")

    def test_wrong_arguments_of_commands(self):
        for command, sentence, *words in (
                ("spool status", "spool status has no option --bogus", "a", "--bogus"),
                ("spool status", 'spool status has no use for the word "b"', "a", "b"),
                ("spool status", r"it is called espcap spool status DIR \[--json\]"),
                ("spool check", "spool check has no option --json", "a", "--json"),
                ("spool repair", 'has no use for the word "b"', "a", "b"),
                ("spool cat", "--from wants a value", "a", "--from"),
                ("spool cat", "has no option --bogus", "--bogus"),
                ("spool where", 'has no use for the word "c"', "a", "b", "c"),
                ("spool export", "has no option --bogus", "a", "b", "--bogus"),
                ("spool import", 'has no use for the word "c"', "a", "b", "c"),
                ("template", 'no template "nosuch"; there are typed, flattened', "nosuch"),
                ("template", '--index-mode is for the templates of typed, and "lite" is another',
                 "lite", "--index-mode", "logsdb"),
                ("template", "template has no use for --node", "--node", "x"),
                ("fields", "has no option --bogus", "--bogus"),
                ("doctor", 'has no use for the word "x"', "x"),
                ("dead list", "has no option --json", "d", "--json"),
                ("dead retry", "--all and what chooses letters exclude each other", "d", "--all",
                 "--type", "x"),
                ("dead retry", "says nothing of which letters", "d"),
                ("dead purge", "has no option --bogus", "d", "--bogus"),
                ("dead purge", "--type wants a value", "d", "--type"),
                ("dead purge", '"x" is no _id of 26 characters', "d", "x")):
            with self.subTest(command=command, words=words):
                self.check(2, f"{sentence}.*; try espcap {command} --help$", "espcap",
                           *command.split(), *words)

    def test_a_wrong_filter(self):
        self.check(2, r'the filter "tcp prot" does not fit: .*syntax error', "espcap", "--file",
                   programs.HTTP, "--bpf", "tcp prot")

    def test_a_wrong_filter_makes_no_spool(self):
        self.check(2, r'the filter "tcp prot" does not fit', "espcap-capture", "--file",
                   self.path("missing"), "--file", programs.HTTP, "--spool", self.spool, "tcp", "prot")
        self.assertFalse(os.path.exists(self.spool))

    def test_no_such_interface(self):
        case.need_root()
        self.check(1, r"there is no interface nosuch0; --list shows those there are", "espcap",
                   "--nic", "nosuch0")


class Interrupted(case.Case):
    """Ctrl-C while a file is read."""
    COPIES = 300

    def big(self):
        with open(programs.HTTP, "rb") as file:
            head, packets = file.read(24), file.read()
        path = self.path("big.pcap")
        with open(path, "wb") as file:
            file.write(head)
            for _ in range(self.COPIES):
                file.write(packets)
        return path

    def test_what_was_printed_is_not_all(self):
        big = self.big()
        for words in (("--json",), ()):
            with self.subTest(words):
                shot = subprocess.Popen(programs.program("espcap", "--file", big, *words),
                                        env=self.env, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                shot.stdout.read(1)    # it prints, and the pipe is soon full
                shot.send_signal(signal.SIGINT)
                _, err = shot.communicate(timeout=programs.WAIT_S)
                self.assertEqual(shot.returncode, 130, err)
                self.assertRegex(err.decode(), r"^espcap-capture: warning: interrupted: \S+big\.pcap "
                                 r"was not read to its end\n$")

    def test_resume_goes_on_in_a_file(self):
        big = self.big()
        words = ("--file", big, "--file", programs.HTTP, "--spool", self.spool)
        capture = self.start("espcap-capture", *words, "--flush-interval", "10ms")
        self.committed(1)
        done = capture.stop(signal.SIGINT)
        self.assertEqual(done.code, 130, str(done))
        self.check_sentence(done, r"interrupted: \S+big\.pcap was not read to its end, and 1 "
                            r"behind it was not begun; the same command with --resume goes on$",
                            "packets, .* documents committed")
        capture = self.start("espcap-capture", *words, "--resume", "--flush-interval", "10ms")
        self.committed(self.status()["committed"] + 1)
        done = capture.stop(signal.SIGTERM)    # told by systemd: that is no failure
        self.assertEqual(done.code, 0, str(done))
        self.assertIn("big.pcap was not read to its end", done.err)
        some = self.status()["committed"]
        self.assertLess(some, self.COPIES * 297)
        self.run_program("espcap-capture", *words, "--resume")
        self.check_conservation(self.status(), committed=(self.COPIES + 1) * 297)

    def test_a_file_that_was_cut_since_is_told(self):
        path = self.path("http.pcap")
        with open(programs.HTTP, "rb") as file:
            whole = file.read()
        with open(path, "wb") as file:
            file.write(whole)
        self.capture(path)
        first = 24 + 16 + int.from_bytes(whole[32:36], "little")
        os.truncate(path, first)
        done = self.capture(path, "--resume")
        self.check_sentence(done, r"/http\.pcap was read up to packet 297 before and ends behind packet "
                            r"1 now: it was cut, or is another one$")
        with open(path, "wb") as file:    # the same file again, under a filter
            file.write(whole)
        self.assertEqual(self.capture(path, "--resume", "--filter", "port 53").err, "")
        self.assertEqual(self.status()["committed"], 297)

    def capture(self, path, *words):
        return self.run_program("espcap-capture", "--file", path, "--spool", self.spool,
                                "--log-level", "warn", *words)

    def test_an_interface_has_no_place_to_go_on_from(self):
        self.check_sentence(self.run_program("espcap-capture", "--nic", "lo", "--resume", "--spool",
                                             self.spool, code=2), "--resume goes on in a file")
        self.check_sentence(self.run_program("espcap", "--nic", "lo", "--resume", code=2),
                            "--resume wants --node or --out-file")
        self.assertFalse(os.path.exists(self.spool))


class FullOutput(case.Case):
    def check(self, name, *words):
        with open("/dev/full", "wb") as full:
            done = subprocess.run(programs.program(name, *words), stdout=full, env=self.env,
                                  stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
                                  timeout=programs.WAIT_S)
        self.assertEqual(done.returncode, 1, words)
        self.assertRegex(done.stderr.decode(), rf"^{name}: cannot write to standard output(: No "
                         r"space left on device)?\n$", words)

    def test_output_that_is_not_stored_is_an_error(self):
        for name in ("espcap", "espcap-capture", "espcap-ship"):
            for words in ("--help", "--version", "--print-config"):
                self.check(name, words)
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)
        for words in (("spool", "status", self.spool), ("spool", "status", self.spool, "--json"),
                      ("spool", "check", self.spool), ("spool", "where", self.spool, "5"),
                      ("spool", "repair", self.spool), ("template",), ("fields",), ("doctor",),
                      ("doctor", "--json"), ("spool", "status", "--help"), ("spool", "--help")):
            self.check("espcap", *words)
        self.check("espcap-capture", "--list")


class BadConfig(case.Case):
    def check(self, text, sentence):
        path = self.path("bad.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        for name, words in (("espcap-capture", ("--file", programs.HTTP)),
                            ("espcap-ship", ("--node", "127.0.0.1:1"))):
            with self.subTest(text=text, program=name):
                done = self.run_program(name, *words, "--spool", self.spool, "--config", path,
                                        code=78)
                self.check_sentence(done, "bad.conf.*" + sentence)
        self.assertFalse(os.path.exists(self.spool), "nothing is begun")

    def test_a_damaged_configuration_is_refused_with_its_place(self):
        self.check('{"capture": {"snaplen": 512,\n  "count" 5}}', r":2:\d+: this is not JSON")
        self.check("{", r"this is not JSON")
        self.check('{"capture":{"filee":["x"]}}',
                   r'unknown key "filee" in "capture"; did you mean "file"\?')
        self.check('{"captures":{}}', r'unknown object "captures"; there are common, capture and')
        self.check('{"capture":{"snaplen":"big"}}', r'snaplen cannot be "big"; it wants a number')
        self.check('{"ship":{"snaplen":100}}', r'"snaplen" belongs into "capture", not "ship"')

    def test_a_value_that_cannot_be_is_refused_alike_wherever_it_stands(self):
        """2 on the command line and in the environment, 78 in a file, and -n says the same."""
        path, node = self.path("bad.conf"), ("--node", "127.0.0.1:1")
        for name, value, sentence in (
                ("backoff-max", "1x", "wants a time"), ("chunk", "0", "lies between 1 and"),
                ("max-rate", "5", "has to be at least 1000 bytes a second"),
                ("window", "25:00-26:00", "it is HH:MM-HH:MM"), ("node", "ftp://x", "cannot be"),
                ("index", "A/b", "only a-z, 0-9"), ("index", "%s", "has to stand before %s")):
            with open(path, "w", encoding="utf-8") as file:
                json.dump({"ship": {name: value}}, file)
            words = ("--spool", self.spool, *(() if name == "node" else node))
            for check in ((), ("-n",)):
                with self.subTest(name=name, value=value, check=check):
                    for more, env, code in (
                            ((f"--{name}", value), {}, 2),
                            ((), {f"ESPCAP_{name.upper().replace('-', '_')}": value}, 2),
                            (("--config", path), {}, 78)):
                        done = self.run_program("espcap-ship", *words, *check, *more, code=code,
                                                env={**self.env, **env})
                        self.check_sentence(done, ("bad.conf: .*" if code == 78 else "") + sentence)
        self.assertFalse(os.path.exists(self.spool), "nothing is begun")

    def test_a_missing_configuration_is_refused_when_it_was_named(self):
        done = self.run_program("espcap-capture", "--file", programs.HTTP, "--stdout", "--config",
                                self.path("nowhere"), code=78)
        self.check_sentence(done, r"cannot read the configuration \S+/nowhere: No such file")

    def test_a_good_one_is_obeyed(self):
        path = self.path("good.conf")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"common": {"spool": self.spool}, "capture": {"count": 7}}, file)
        self.run_program("espcap-capture", "--file", programs.HTTP, "--config", path)
        self.assertEqual(self.status()["committed"], 7)


if __name__ == "__main__":
    case.main()
