#!/usr/bin/env python3
# test_herd.py -- a fleet that lost its server comes back: spread, and nobody is starved.
# SPDX-License-Identifier: Apache-2.0
"""Shippers of their own spools lose one fake server for longer than a minute, and get it back. One of
them has a hundred times the backlog, and a limit to its rate. ESPCAP_LONG: it takes three minutes."""
import os
import subprocess
import sys
import time
import unittest
from collections import Counter

import case
import programs
import spool_case

sys.path.insert(0, os.path.join(programs.ROOT, "tests", "crash"))
from crash import LONG, random, write_capture    # noqa: E402

FLEET = 200
OUTAGE_S = 75
LITTLE, MUCH = 300, 30000
RATE = 20_000
FIRST_MINUTE = 5 * FLEET    # requests
AT_ONCE = FLEET // 4    # in a second


class One(spool_case.SpoolCase):
    def test_what_never_left_goes_in_few_requests(self):
        """One of the fleet. Small requests try a node that is away; what they left behind must not go in
        the pieces that it was tried with."""
        es = self.server()
        port = es.port
        es.stop()
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)
        ship = self.start("espcap-ship", "--spool", self.spool, "--node",
                          f"http://127.0.0.1:{port}", "--setup", "never", "--once",
                          "--backoff-max", "500ms")
        ship.says("trying again")
        time.sleep(2)    # some eight tries; with none at all it passes, too
        self.assertTrue(ship.runs())
        es.start(port)
        self.assertEqual(ship.wait().code, 0)
        stats = es.stats()
        self.assertEqual(stats["stored"], spool_case.PACKETS)
        self.assertLessEqual(stats["bulk_requests"], 4)


@unittest.skipUnless(LONG, "three minutes: ESPCAP_LONG")
class Herd(spool_case.SpoolCase):
    def setUp(self):
        super().setUp()
        self.es = self.server()
        self.port = self.es.port

    def place(self, i):
        return self.path(f"spool.{i}")

    def fill(self, i, pcap):
        return subprocess.Popen(programs.program("espcap-capture", "--file", pcap, "--spool",
                                                 self.place(i)), env=self.env,
                                stderr=subprocess.DEVNULL)

    def fill_all(self, packets, more):
        """A capture for each of the fleet; `more` packets for the first one."""
        for name, count in (("little", packets), ("much", more)):
            write_capture(self.path(name), random.Random(count), count, 8)
        for start in range(0, FLEET, 20):
            running = [self.fill(i, self.path("little" if i else "much"))
                       for i in range(start, start + 20)]
            self.assertEqual({process.wait() for process in running}, {0})

    def ship_on(self, i):
        rate = ("--max-rate", str(RATE)) if i == 0 else ()
        return self.start("espcap-ship", "--spool", self.place(i), "--node",
                          f"http://127.0.0.1:{self.port}", "--setup", "never", *rate)

    def test_a_fleet_comes_back_without_a_stampede(self):
        self.fill_all(1, 1)
        ships = [self.ship_on(i) for i in range(FLEET)]
        programs.wait_for(lambda: self.es.stats()["stored"] == FLEET, "the fleet at work")
        self.es.stop()
        began = time.monotonic()
        self.fill_all(LITTLE, MUCH)
        time.sleep(max(0, OUTAGE_S - (time.monotonic() - began)))
        self.es.start(self.port)
        self.watch(ships)

    def watch(self, ships):
        back, done, others = time.monotonic(), 1, None
        back_ms = int(time.time() * 1000)
        while others is None and time.monotonic() < back + 180:
            time.sleep(1)
            while done < FLEET and self.drained(done):
                done += 1
            if done == FLEET:
                others = time.monotonic() - back
        seconds = self.requests_by_second(back_ms)
        print(f"requests in each second: {seconds}")
        print(f"{sum(seconds[:60])} in the first minute, at most {max(seconds)} in a second; "
              f"{FLEET - 1} were done after {others} s, the first then had "
              f"{self.status(self.place(0))['backlog']} of {MUCH} left")
        self.assertTrue(all(ship.runs() for ship in ships))
        self.assertIsNotNone(others, "some were starved")
        self.assertLess(others, 120)
        self.assertLessEqual(sum(seconds[:60]), FIRST_MINUTE)
        self.assertLessEqual(max(seconds), AT_ONCE)

    def requests_by_second(self, begin_ms):
        """By the server's own log, however late anybody looks."""
        begun = {}
        for item in self.es.log():
            if item["t"] >= begin_ms:
                begun.setdefault(item["req"], (item["t"] - begin_ms) // 1000)
        counts = Counter(begun.values())
        return [counts[second] for second in range(max(counts) + 1)]

    def drained(self, i):
        return self.status(self.place(i))["backlog"] == 0


if __name__ == "__main__":
    case.main()
