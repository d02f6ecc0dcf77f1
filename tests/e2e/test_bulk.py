#!/usr/bin/env python3
# test_bulk.py -- a large backlog into a real server, which is killed meanwhile; long suite only.
# SPDX-License-Identifier: Apache-2.0
"""usage: test_bulk.py SERVER, with ESPCAP_LONG=1 (tests/run --long)"""
import os
import random
import re
import subprocess
import threading
import time
import unittest

import case
import fixture
import pcaps
import programs

ALL = "espcap-packets-*"
KILLS, EACH = 4, 60_000    # of the server, and packets for each
MILLION = 1_000_000
MIXED = ("test_http", "tls", "dns", "http_ipv6", "tcp_options", "mdns", "llmnr", "dnssec", "icmp",
         "icmpv6", "arp", "udp", "vlan")
MEMORY = 64 << 20          # DESIGN: RssAnon, any backlog
PATIENCE_S = 1800


class LongCase(case.NodeCase):
    def setUp(self):
        if "ESPCAP_LONG" not in os.environ:
            self.skipTest("large backlogs run with tests/run --long (ESPCAP_LONG=1)")
        super().setUp()

    def fill(self, path, records):
        ended = self.run_program("espcap-capture", "--file", path, "--spool", self.spool,
                                 "--schema", "ecs", timeout=PATIENCE_S)
        self.assertIn(f"{records:,} documents committed", ended.err)
        os.unlink(path)

    def ship(self, *options):
        return self.start("espcap-ship", "--spool", self.spool, "--node", self.node.url, "--setup",
                          "install", "--once", *options)

    def check_there(self, records):
        """Everything is there once, and the spool agrees; what ship has met again."""
        status = self.status()
        self.check_conservation(status, committed=records, backlog=0, dead=0, lost=0)
        self.assertEqual(self.node.count(ALL), records)
        self.check_runs(ALL, records)
        self.check_audit(records)
        return status["already_there"]


class Killed(LongCase):
    """F85: kill -9 and restart of the server during a bulk load."""

    def setUp(self):
        super().setUp()
        if "dir" not in self.server:
            raise unittest.SkipTest("a server of one's own is not killed by tests")
        self.seed = int(os.environ.get("ESPCAP_TEST_SEED") or random.randrange(10**9))
        print(f"ESPCAP_TEST_SEED={self.seed}", flush=True)
        self.random = random.Random(self.seed)

    def tool(self, *words):
        done = subprocess.run([fixture.SERVERS, *words], capture_output=True, text=True,
                              check=False, timeout=240)
        self.assertEqual(done.returncode, 0, done.stderr)

    def settled(self):
        status = self.status()
        return status["indexed"] + status["already_there"]

    def kill(self):
        """In the midst of it; what was left to do then, and how soon it went on behind the restart."""
        behind = self.settled() + self.random.randrange(EACH // 4)
        programs.wait_for(lambda: self.settled() > behind, "progress", PATIENCE_S)
        time.sleep(self.random.random() * 0.3)
        self.tool("stop", self.server["dir"], "--kill")
        left, settled = self.status()["backlog"], self.settled()
        self.tool("restart", self.server["dir"])
        healthy = time.monotonic()
        programs.wait_for(lambda: self.settled() > settled, "progress after a restart")
        return left, time.monotonic() - healthy

    def test_kill_9_during_a_bulk_load(self):
        path, total = self.path("numbered.pcap"), (KILLS + 1) * EACH
        pcaps.numbered(path, total)
        self.fill(path, total)
        ship = self.ship("--backoff-max", "2s")
        self.addCleanup(self.tool, "restart", self.server["dir"])
        rows = [self.kill() for _ in range(KILLS)]
        ended = ship.wait(PATIENCE_S)
        self.assertEqual(ended.code, 0, str(ended))
        for left, _ in rows:
            self.assertGreater(left, 0, "a kill that fell behind the end")
        there = self.check_there(total)
        for left, seconds in rows:
            print(f"killed with {left:,} records left; progress {seconds:.1f} s after the restart")
        print(f"{total:,} documents, 0 lost, 0 twice, {there:,} were already there", flush=True)


class Million(LongCase):
    def test_a_million_records(self):
        path = self.path("million.pcap")
        inputs = [os.path.join(programs.PCAPS, name + ".pcap") for name in MIXED]
        self.run_command(programs.program("bench-multiply", MILLION, path, *inputs))
        self.fill(path, MILLION)
        begun = time.monotonic()
        ship = self.ship()
        watch = Memory(ship.pid)
        watch.start()
        ended = ship.wait(PATIENCE_S)
        seconds = time.monotonic() - begun
        watch.join()
        self.assertEqual(ended.code, 0, str(ended))
        self.assertEqual(self.check_there(MILLION), 0, "nothing had to be sent twice")
        print(f"{MILLION:,} records in {seconds:.1f} s: {MILLION / seconds:,.0f} a second; "
              f"ship's peak RssAnon {watch.peak / 2**20:.1f} MiB", flush=True)
        self.assertLess(watch.peak, MEMORY)


class Memory(threading.Thread):
    """The most anonymous memory that a process has, until it ends."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak = pid, 0

    def run(self):
        while True:
            try:
                with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
                    found = re.search(r"RssAnon:\s*(\d+)", file.read())
            except OSError:
                return
            if not found:    # a zombie has none
                return
            self.peak = max(self.peak, int(found[1]) * 1024)
            time.sleep(0.005)


if __name__ == "__main__":
    case.main()
