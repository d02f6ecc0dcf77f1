#!/usr/bin/env python3
# test_park_server.py -- an old day's index of a real server is read-only, then closed, then neither (F76).
# SPDX-License-Identifier: Apache-2.0
import os
import random
import sys

import case
import programs

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
from crash import write_capture  # noqa: E402

OLD = "espcap-packets-2025.12.31"
PACKETS = 300


class Park(case.NodeCase):
    def capture(self, n):
        path = self.path(f"{n}.pcap")
        write_capture(path, random.Random(n), PACKETS, 8)
        self.run_program("espcap-capture", "--file", path, "--spool", self.spool)

    def ship(self, *options):
        return ("espcap-ship", "--spool", self.spool, "--node", self.node.host, "--setup", "install",
                "--backoff-max", "500ms", *options)

    def test_its_records_are_parked_until_it_takes_them(self):
        self.capture(1)
        self.run_program(*self.ship("--once"))
        old = self.node.indices()[OLD]
        running = self.start(*self.ship("--park-after", "300ms"))
        wanted = PACKETS
        for n, (harm, heal) in enumerate(((self.block, self.unblock), (self.close, self.open)), 2):
            harm()
            self.capture(n)
            wanted += PACKETS
            programs.wait_for(lambda: self.status()["parked"] == old, f"{harm.__name__}: {old} parked")
            programs.wait_for(lambda: self.status()["backlog"] == old, "the others are indexed")
            self.check_conservation(self.status(), dead=0, lost=0, backlog=old)
            heal()
            programs.wait_for(lambda: self.status()["backlog"] == 0, "all goes on by itself")
            self.check_conservation(self.status(), dead=0, lost=0, committed=wanted)
        running.stop()
        self.node.refresh("espcap-packets-*")
        self.assertEqual(sum(self.node.indices().values()), wanted)
        self.check_audit(wanted)

    def setting(self, value):
        code, answer = self.node.ask("PUT", f"/{OLD}/_settings", {"index.blocks.write": value})
        self.assertEqual(code, 200, answer)

    def block(self):
        self.setting(True)

    def unblock(self):
        self.setting(False)

    def close(self):
        self.assertEqual(self.node.ask("POST", f"/{OLD}/_close")[0], 200)

    def open(self):
        self.assertEqual(self.node.ask("POST", f"/{OLD}/_open")[0], 200)


if __name__ == "__main__":
    case.main()
