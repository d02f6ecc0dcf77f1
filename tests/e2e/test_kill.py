#!/usr/bin/env python3
# test_kill.py -- kill -9 of both services while they work; started again, every packet is there once.
# SPDX-License-Identifier: Apache-2.0
"""The kills fall where a condition says that work is under way, and count only when they did."""
import glob
import os
import random
import signal

import case
import pcaps
import programs

EACH = 20_000  # packets of a file
KILLS = 3  # of each service, that must count
FILES = 12  # tries to meet capture at work
COMMITS = 16  # within which the first try kills; a slow disk makes few of a file: halved by a miss
TXNID_AT = 144  # in a meta page
ALL = "espcap-packets-*"


def transaction(segment):
    """The newest one of an LMDB file: mm_txnid of its two meta pages (lmdb's mdb.c, MDB_meta)."""
    with open(segment, "rb") as file:
        start = file.read(4096 + TXNID_AT + 8)
    return max(int.from_bytes(start[at:at + 8], "little") for at in (TXNID_AT, 4096 + TXNID_AT))


class Kill(case.NodeCase):
    def setUp(self):
        super().setUp()
        self.seed = int(os.environ.get("ESPCAP_TEST_SEED") or random.randrange(10**9))
        print(f"ESPCAP_TEST_SEED={self.seed}", flush=True)
        self.random = random.Random(self.seed)
        self.capture_kills = self.ship_kills = self.runs = self.total = 0
        self.within = COMMITS

    def capture(self, file):
        return self.start("espcap-capture", "--file", file, "--spool", self.spool, "--resume",
                          "--schema", "ecs", "--flush-interval", "0")

    def ship(self, *options):
        return self.start("espcap-ship", "--spool", self.spool, "--node", self.node.url,
                          "--setup", "install", "--chunk", "400", "--connections", "2", *options)

    def commits(self):
        """How many the segments hold, by LMDB's meta pages: quicker than asking a program, and
        unlike sizes not disturbed by space that is reserved ahead."""
        return sum(map(transaction, glob.glob(os.path.join(self.spool, "rec", "*", "data.mdb"))))

    def end_capture(self, capture):
        """Counts a run that has left records."""
        before = self.known
        code = capture.wait().code
        self.known = self.status().get("committed", 0)
        self.runs += self.known > before
        return code

    def capture_with_a_kill(self):
        """Another file: killed when some of it is in the spool, then resumed to its end."""
        file = self.path(f"numbered.{self.total}.pcap")
        pcaps.numbered(file, EACH, first=self.total + 1)
        self.known, before = self.total, self.commits()
        self.total += EACH
        behind = before + self.random.randint(1, self.within)
        capture = self.capture(file)
        while capture.runs() and self.commits() < behind:
            pass
        capture.send(signal.SIGKILL)
        code = self.end_capture(capture)
        if code == -signal.SIGKILL and self.total - EACH < self.known < self.total:
            self.capture_kills += 1
        else:
            self.within = max(self.within // 2, 2)
        self.assertEqual(self.end_capture(self.capture(file)), 0)
        self.assertEqual(self.known, self.total)

    def kill_ship(self):
        """Kills it when something is acknowledged and something is not."""
        behind = self.settled() + self.random.randrange(1, self.total // 8)
        ship = self.ship()
        programs.wait_for(lambda: self.settled() > behind, f"acknowledgement {behind}")
        ship.send(signal.SIGKILL)
        ship.wait()
        self.ship_kills += self.status()["backlog"] > 0

    def settled(self):
        status = self.status()
        return status["indexed"] + status["already_there"]

    def test_everything_is_there_once(self):
        while self.capture_kills < KILLS and self.total < FILES * EACH:
            self.capture_with_a_kill()
        for _ in range(KILLS):
            self.kill_ship()
        ended = self.ship("--once").wait()
        self.assertEqual(ended.code, 0, str(ended))
        self.check_all()
        print(f"kills that fell into work: capture {self.capture_kills}, ship {self.ship_kills}; "
              f"{self.total} packets in {self.runs} runs")
        self.assertGreaterEqual(self.capture_kills, 1)
        self.assertGreaterEqual(self.ship_kills, 1)

    def check_all(self):
        self.check_conservation(self.status(), committed=self.total, backlog=0, dead=0, lost=0)
        hits = self.node.all(ALL, ["source.ip", "espcap.run", "event.sequence"])
        numbers = sorted(pcaps.number_of(case.value(hit["_source"], "source.ip"))
                         for hit in hits)
        self.assertEqual(numbers, list(range(1, self.total + 1)), "0 missing, 0 double")
        self.check_ids(hits)
        for first, last, documents in self.node.runs(ALL).values():
            self.assertEqual(documents, last - first + 1)
        self.assertEqual(len(self.node.runs(ALL)), self.runs)
        self.check_audit(self.total)


if __name__ == "__main__":
    case.main()
