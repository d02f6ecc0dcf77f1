#!/usr/bin/env python3
# test_kill.py -- kill -9 of both services while they work; started again, every packet is there once.
# SPDX-License-Identifier: Apache-2.0
"""The kills fall where a condition says that work is under way, and count only when they did."""
import os
import random
import signal

import case
import pcaps
import programs

TOTAL = 30_000
KILLS = 3  # of each service, that must count
ROUNDS = 12
ALL = "espcap-packets-*"


class Kill(case.NodeCase):
    def setUp(self):
        super().setUp()
        self.seed = int(os.environ.get("ESPCAP_TEST_SEED") or random.randrange(10**9))
        print(f"ESPCAP_TEST_SEED={self.seed}", flush=True)
        self.random = random.Random(self.seed)
        self.file = self.path("numbered.pcap")
        pcaps.numbered(self.file, TOTAL)
        self.capture_kills = self.ship_kills = 0

    def capture(self):
        return self.start("espcap-capture", "--file", self.file, "--spool", self.spool,
                          "--resume", "--schema", "ecs", "--flush-interval", "0")

    def ship(self, *options):
        return self.start("espcap-ship", "--spool", self.spool, "--node", self.node.url,
                          "--setup", "install", "--chunk", "400", "--connections", "2", *options)

    def kill_capture(self):
        """Kills it behind some commits, and counts when packets were still to come."""
        before = self.status().get("committed", 0)
        behind = before + self.random.randrange(1, TOTAL // 8)
        capture = self.capture()
        programs.wait_for(lambda: self.status().get("committed", 0) > behind or
                          not capture.runs(), f"record {behind}")
        capture.send(signal.SIGKILL)
        if capture.wait().code == -signal.SIGKILL:
            self.capture_kills += self.status()["committed"] < TOTAL

    def kill_ship(self):
        """Kills it when something is acknowledged and something is not."""
        behind = self.settled() + self.random.randrange(1, TOTAL // 8)
        ship = self.ship()
        programs.wait_for(lambda: self.settled() > behind, f"acknowledgement {behind}")
        ship.send(signal.SIGKILL)
        ship.wait()
        self.ship_kills += self.status()["backlog"] > 0

    def settled(self):
        status = self.status()
        return status["indexed"] + status["already_there"]

    def test_everything_is_there_once(self):
        for _ in range(ROUNDS):
            if self.capture_kills < KILLS and self.status().get("committed", 0) < TOTAL:
                self.kill_capture()
        ended = self.capture().wait()
        self.assertEqual(ended.code, 0, str(ended))
        for _ in range(KILLS):
            self.kill_ship()
        # a shipper that was killed is no reason for the next capture to wait, and the reverse
        ended = self.ship("--once").wait()
        self.assertEqual(ended.code, 0, str(ended))
        self.check_all()
        print(f"kills that fell into work: capture {self.capture_kills}, ship {self.ship_kills}")
        self.assertGreaterEqual(self.capture_kills, 1)
        self.assertGreaterEqual(self.ship_kills, 1)

    def check_all(self):
        self.check_conservation(self.status(), committed=TOTAL, backlog=0, dead=0, lost=0)
        hits = self.node.all(ALL, ["source.ip", "espcap.run", "event.sequence"])
        numbers = sorted(pcaps.number_of(case.value(hit["_source"], "source.ip"))
                         for hit in hits)
        self.assertEqual(numbers, list(range(1, TOTAL + 1)), "0 missing, 0 double")
        self.check_ids(hits)
        for first, last, documents in self.node.runs(ALL).values():
            self.assertEqual(documents, last - first + 1)
        self.assertEqual(len(self.node.runs(ALL)), self.capture_kills + 1)


if __name__ == "__main__":
    case.main()
