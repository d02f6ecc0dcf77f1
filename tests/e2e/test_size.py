#!/usr/bin/env python3
# test_size.py -- what a quiet sensor stores, and what its tools say of that and of newer frames.
# SPDX-License-Identifier: Apache-2.0
import json
import os
import re
import struct
import subprocess

import case
import programs
import spool_files

LIMIT = 0.45
GROUP = 3             # what comes within a flush interval of 250 ms, at 10 records a second
DICTIONARY = 2        # a frame's codec


def records(path):
    """The packets of a capture file of ours, as they stand in it, and before them its header."""
    with open(path, "rb") as file:
        data = file.read()
    found, at = [data[:24]], 24
    while at < len(data):
        end = at + 16 + struct.unpack_from("<I", data, at + 8)[0]
        found.append(data[at:end])
        at = end
    return found


class Quiet(case.Case):
    def setUp(self):
        super().setUp()
        whole = self.path("mixed.pcap")
        names = ("test_http", "tls", "dns", "mdns", "icmp", "arp", "udp")
        self.run_command([os.path.join(programs.BIN, "bench-multiply"), "100", whole,
                          *(os.path.join(programs.PCAPS, name + ".pcap") for name in names)])
        self.packets = records(whole)

    def feed(self, schema, groups, size, *options):
        """Gives capture so many packets at a time, and waits until they are committed. What its
        last report says."""
        capture = self.start("espcap-capture", "--file", "-", "--spool", self.spool, "--schema",
                             schema, "--report-fd", "1", *options, stdin=subprocess.PIPE)
        pipe = capture.process.stdin
        pipe.write(self.packets[0])
        for number in range(groups):
            pipe.write(b"".join(self.packets[1 + number * size:1 + (number + 1) * size]))
            pipe.flush()
            self.committed((number + 1) * size)
        pipe.close()
        self.assertEqual(capture.wait().code, 0)
        return json.loads(capture.said("").splitlines()[-1])

    def check_share(self, schema, groups, size):
        said = self.feed(schema, groups, size)
        status = self.status()
        self.assertEqual(status["committed"], groups * size)
        self.assertLess(status["stored_bytes"], LIMIT * status["raw_bytes"], status)
        return said, status

    def test_three_records_a_commit_take_less_than_the_limit(self):
        said, status = self.check_share("slim", 12, GROUP)
        self.assertGreaterEqual(said["commits"]["count"], 12)
        commits = said["commits"]
        self.assertLessEqual(0, commits["p50_us"])
        self.assertLessEqual(commits["p50_us"], commits["p99_us"])
        self.assertLessEqual(commits["p99_us"], commits["max_us"])
        codecs = {header[5] for _, _, header in spool_files.frames(self.spool)}
        self.assertEqual(codecs, {DICTIONARY}, status)

    def test_so_do_records_that_come_alone_and_whole_documents(self):
        self.check_share("slim", 8, 1)
        self.spool = self.path("full")
        self.check_share("full", 8, 1)

    def test_capture_says_how_long_commits_took(self):
        done = self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool,
                                "--flush-interval", "0", "--log-level", "debug")
        total = int(re.search(r"debug: ([\d,]+) commits: half of them took at most [\d.]+ m?s, "
                              r"99 % at most [\d.]+ m?s, the longest [\d.]+ m?s", done.err)[1])
        counts = re.findall(r"debug:   [\d.]+ m?s to [\d.]+ m?s: ([\d,]+)", done.err)
        self.assertEqual(sum(int(count.replace(",", "")) for count in counts), total, done.err)
        quiet = self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)
        self.assertNotIn("commits", quiet.err)

    def test_a_frame_of_a_later_dictionary_is_named_kept_and_not_lost(self):
        self.feed("slim", 3, GROUP)
        records_in_it = spool_files.make_newer(self.spool)
        before = self.status()["committed"]
        check = self.run_program("espcap", "spool", "check", self.spool, code=1)
        self.assertRegex(check.out, r": 1 of \d+ frames were written by a newer espcap, the first at "
                         r"sequence \d+: drain them with that version or a later one\n")
        self.assertNotIn("damaged", check.out)
        ship = self.run_program("espcap-ship", "--spool", self.spool, "--once", "--out-file",
                                "/dev/null", "--give-up-after", "1s", code=1)
        self.assertRegex(ship.err, "a newer espcap has written: drain it with that version or a "
                         "later one; nothing is lost")
        self.check_conservation(self.status(), committed=before, lost=0, backlog=records_in_it)
        # capture goes on behind it
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)
        self.assertGreater(self.status()["committed"], before)


if __name__ == "__main__":
    case.main()
