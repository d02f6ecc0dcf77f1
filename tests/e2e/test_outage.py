#!/usr/bin/env python3
# test_outage.py -- the server dies while packets come, and comes back: everything is there once.
# SPDX-License-Identifier: Apache-2.0
import os
import signal
import subprocess
import unittest

import case
import fixture
import pcaps
import programs

COPIES = 8


class Outage(case.NodeCase):
    def setUp(self):
        super().setUp()
        if "dir" not in self.server:
            raise unittest.SkipTest("a server of one's own is not stopped by tests")
        with open(programs.HTTP, "rb") as file:
            self.bytes = file.read()
        self.total = COPIES * len(pcaps.packets(programs.HTTP))

    def server_command(self, *words):
        done = subprocess.run([fixture.SERVERS, *words], capture_output=True, text=True,
                              check=False, timeout=240)
        self.assertEqual(done.returncode, 0, done.stderr)

    def bring_back(self):
        if self.away:
            self.server_command("restart", self.server["dir"])
        self.away = False

    def feed(self, capture, copies):
        """More packets for a capture that reads a pipe, as from tcpdump."""
        capture.process.stdin.write(self.bytes[24:] * copies)
        capture.process.stdin.flush()

    def count(self):
        return self.node.count("espcap-packets-*")

    def test_capture_goes_on_and_everything_is_there_once(self):
        capture = self.start("espcap-capture", "--file", "-", "--spool", self.spool,
                             stdin=subprocess.PIPE)
        capture.process.stdin.write(self.bytes[:24])
        self.feed(capture, 2)
        third = self.total // COPIES
        self.addCleanup(capture.process.stdin.close)
        self.committed(2 * third)
        ship = self.start("espcap-ship", "--spool", self.spool, "--node", self.node.url,
                          "--setup", "install", "--backoff-max", "1s")
        programs.wait_for(lambda: self.count() == 2 * third, "the first packets indexed")
        self.away = True
        self.addCleanup(self.bring_back)
        self.server_command("stop", self.server["dir"], "--kill")
        self.feed(capture, 3)
        self.committed(5 * third)
        ship.says("nothing is lost, trying again")
        # a shipper that starts while the server is away waits as well
        self.assertEqual(ship.stop().code, 0)
        self.check_conservation(self.status(), committed=5 * third, indexed=2 * third,
                                backlog=3 * third)
        ship = self.start("espcap-ship", "--spool", self.spool, "--node", self.node.url,
                          "--once", "--backoff-max", "1s")
        ship.says("nothing is lost, trying again")
        self.feed(capture, 2)
        self.committed(7 * third)
        self.bring_back()
        self.feed(capture, 1)
        capture.process.stdin.close()
        ended = capture.wait()
        self.assertEqual(ended.code, 0, str(ended))
        self.assertIn("2,376 packets, 2,376 documents committed", ended.err)
        self.check_end(ship.wait())

    def check_end(self, ended):
        self.assertEqual(ended.code, 0, str(ended))
        self.assertIn("records are being stored again", ended.err)
        status = self.status()
        self.check_conservation(status, committed=self.total, backlog=0, dead=0, lost=0)
        self.assertEqual(status["indexed"] + status["already_there"], self.total)
        hits = self.node.all("espcap-packets-*", ["event.sequence", "espcap.run"])
        self.assertEqual([case.value(hit["_source"], "event.sequence") for hit in hits],
                         list(range(1, self.total + 1)))
        self.check_ids(hits)
        self.check_runs("espcap-packets-*", self.total)
        self.assertEqual(self.node.count("espcap-events-*"), 0, "nothing was lost")
        self.check_audit(self.total)


class Interrupted(case.NodeCase):
    def test_the_one_shot_says_how_to_go_on_and_goes_on(self):
        """Its node is away: it leaves everything in a spool, and the command it prints ends it."""
        dead_port = "127.0.0.1:1"
        command = ("--file", programs.HTTP, "--give-up-after", "1s", "--node")
        done = self.run_program("espcap", *command, dead_port, code=1)
        self.assertEqual(self.summary(done), (297, 0, 0, 0, 0))
        self.assertEqual(len(done.lines()), 4, str(done))
        self.assertRegex(done.lines()[0], r"^espcap-ship: warning: http://127\.0\.0\.1:1: "
                         r"Failed to connect .*; nothing is lost, trying again$")
        self.assertRegex(done.lines()[2], r"^espcap: .*the rest is safe in \S+, and this goes on:$")
        words = done.lines()[3].split()
        self.assertEqual(words[:3], ["espcap", "--resume", "--spool"])
        self.assertEqual(words[4:], [*command, dead_port])
        words[-1] = self.node.host
        words[words.index("1s")] = "60s"    # a server may be slow
        done = self.run_program(words[0], *words[1:])
        self.assertEqual(self.summary(done), (0, 297, 0, 0, 0))
        self.assertEqual(sum(self.node.indices().values()), 297)
        self.check_runs("espcap-packets-*", 297)

    def test_ctrl_c_leaves_the_rest_in_the_spool(self):
        shot = self.start("espcap", "--file", programs.HTTP, "--node", "127.0.0.1:1")
        shot.says("nothing is lost, trying again")
        self.committed(297, self.path("state", "espcap", *os.listdir(self.path("state", "espcap"))))
        ended = shot.stop(signal.SIGINT)
        self.assertEqual(ended.code, 130, str(ended))
        words = ended.lines()[-1].split()
        self.assertEqual(words[:3], ["espcap", "--resume", "--spool"], str(ended))
        done = self.run_program("espcap-ship", "--once", "--spool", words[3], "--node",
                                self.node.url, "--setup", "install")
        self.check_conservation(self.status(words[3]), committed=297, indexed=297)
        self.assertEqual(done.code, 0)


if __name__ == "__main__":
    case.main()
