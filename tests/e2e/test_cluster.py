#!/usr/bin/env python3
# test_cluster.py -- a cluster loses each of its nodes in turn while records come in; long suite only.
# SPDX-License-Identifier: Apache-2.0
"""
usage: test_cluster.py SERVER, with ESPCAP_LONG=1 (tests/run --long)

Three nodes on loopback, one replica. espcap-capture is given packets at a steady rate, and
espcap-ship sends them to all three. Each node is killed with -9, after the cluster was green; then it
is started again. In the end every packet is there once, by its number and by espcap audit.

The table says for each kill how long ship's ack stood still at most, and after what time the
backlog was as small again as a second's worth of packets; the ack is written once a second.
"""
import os
import subprocess
import sys
import threading
import time

import case
import cluster
import pcaps
import programs

RATE, PIECE = 1000, 50        # packets a second, packets a piece
BEFORE, BETWEEN = 3000, 3000  # packets committed before a node is killed
MOST = 1_200_000    # of them there are: enough for 20 minutes
ALL = "espcap-packets-*"


class Feed(threading.Thread):
    """Hands packets to a capture's standard input, at a steady rate, until it is told to end."""

    def __init__(self, path, pipe):
        super().__init__(daemon=True)
        self.path, self.pipe = path, pipe
        self.over = threading.Event()
        self.fed = 0

    def run(self):
        size = 16 + 42 + 12
        begun = time.monotonic()
        with open(self.path, "rb") as file:
            self.pipe.write(file.read(24))
            while not self.over.wait(max(0, begun + self.fed / RATE - time.monotonic())):
                piece = file.read(PIECE * size)
                if not piece:
                    break
                self.pipe.write(piece)
                self.pipe.flush()
                self.fed += len(piece) // size
        self.pipe.close()

    def end(self):
        self.over.set()
        self.join()


class Progress(threading.Thread):
    """Looks at the spool all the time: what is settled, what waits, and when that was."""

    def __init__(self, look):
        super().__init__(daemon=True)
        self.look = look
        self.over = threading.Event()
        self.seen = []    # (time, settled, backlog)

    def run(self):
        while not self.over.wait(0.1):
            s = self.look()
            if s:
                self.seen.append((time.monotonic(), s["indexed"] + s["already_there"],
                                  s["backlog"]))

    def since(self, begun):
        return [row for row in self.seen if row[0] >= begun]

    def longest_pause(self, begun, end):
        """How long `settled` did not change at most, in seconds."""
        longest, at, last = 0, begun, None
        for when, settled, _ in self.since(begun):
            if last is not None and settled != last:
                longest, at = max(longest, when - at), when
            last = settled
            if when > end:
                break
        return longest

    def caught_up(self, begun):
        """When the backlog is small again after it was not; 0 when it always was."""
        late = [when for when, _, backlog in self.since(begun) if backlog > 3 * RATE]
        return max(late) - begun if late else 0


class Cluster(case.Case):
    def setUp(self):
        super().setUp()
        if "ESPCAP_LONG" not in os.environ:
            self.skipTest("three servers run with tests/run --long (ESPCAP_LONG=1)")
        self.cluster = cluster.Cluster(case.SERVER)
        self.cluster.__enter__()
        self.addCleanup(self.cluster.__exit__)
        if self.cluster.skipped:
            self.skipTest(self.cluster.skipped)
        self.cluster.wait_green()

    def begin(self):
        path = self.path("numbered.pcap")
        pcaps.numbered(path, MOST)
        capture = self.start("espcap-capture", "--file", "-", "--spool", self.spool, "--schema",
                             "ecs", stdin=subprocess.PIPE)
        self.feed = Feed(path, capture.process.stdin)
        self.feed.start()
        self.committed(PIECE)
        named = [word for node in self.cluster.nodes for word in ("--node", node.url)]
        ship = self.start("espcap-ship", "--spool", self.spool, *named, "--setup", "install",
                          "--backoff-max", "2s", "--linger", "50ms")
        self.progress = Progress(self.status)
        self.progress.start()
        return capture, ship

    def settled(self):
        return self.progress.seen[-1][1] if self.progress.seen else 0

    def wait(self, condition, what):
        """However slow the machine is, as long as some records are settled in each four minutes."""
        while not condition():
            n = self.settled()
            programs.wait_for(lambda: condition() or self.settled() > n,
                              f"{what}, with {n} settled, {self.feed.fed} fed: any progress", 240)

    def settle_more(self, records):
        target = min(self.settled() + records, MOST)
        self.wait(lambda: self.settled() >= target, f"{records} more records settled")

    def small_backlog(self):
        return self.progress.seen[-1][2] <= 3 * RATE

    def lose(self, number):
        """Kills a node, waits for progress, brings it back; a row of the table."""
        was_master = self.cluster.master() == number
        begun, at_kill = time.monotonic(), self.settled()
        self.cluster.kill(number)
        self.settle_more(BETWEEN)
        first = next(when for when, settled, _ in self.progress.since(begun) if settled > at_kill)
        back = time.monotonic()
        self.cluster.restart(number)
        self.cluster.wait_green()
        green = time.monotonic()
        self.wait(self.small_backlog, "the backlog small again")
        return (f"| node-{number}{' (master)' if was_master else ''} | {first - begun:.1f} | "
                f"{self.progress.longest_pause(begun, green):.1f} | "
                f"{self.progress.caught_up(begun):.1f} | {back - begun:.1f} | {green - begun:.1f} |")

    def test_each_node_dies_in_turn(self):
        capture, ship = self.begin()
        self.addCleanup(self.feed.end)
        self.settle_more(BEFORE)
        rows = []
        for number in range(cluster.NODES):
            self.cluster.wait_green()
            rows.append(self.lose(number))
            self.settle_more(BEFORE)
        self.feed.end()
        ended = capture.wait()
        self.assertEqual(ended.code, 0, str(ended))
        self.wait(lambda: self.status()["backlog"] == 0, "everything settled")
        self.progress.over.set()
        ended = ship.stop()
        self.assertEqual(ended.code, 0, str(ended))
        print(f"\n{case.SERVER}, 3 nodes, {RATE} packets/s, seconds after kill -9:\n"
              "| node | first progress | longest pause | backlog small | restarted at | green at |\n"
              "| --- | --- | --- | --- | --- | --- |\n" + "\n".join(rows), flush=True)
        self.check_all(self.feed.fed)

    def check_all(self, total):
        status = self.status()
        self.check_conservation(status, committed=total, backlog=0, dead=0, lost=0)
        self.node = self.cluster.nodes[0]
        for index in self.node.indices():
            shards = self.node.get(f"/{index}/_settings?flat_settings=true")[index]["settings"]
            self.assertEqual(shards["index.number_of_replicas"], "1", index)
        hits = self.node.all(ALL, ["source.ip", "espcap.run", "event.sequence"])
        numbers = sorted(pcaps.number_of(case.value(hit["_source"], "source.ip")) for hit in hits)
        self.assertEqual(numbers, list(range(1, total + 1)), "0 missing, 0 double")
        self.assertEqual(len({hit["_id"] for hit in hits}), total)
        command = ("audit", "--json", "--node", self.node.url, "--spool", self.spool)
        self.run_program("espcap", *command)    # exit status 0: complete, nothing twice
        print(f"{total} packets, {total} documents, 0 lost, 0 twice; indexed {status['indexed']}, "
              f"already there {status['already_there']}", flush=True)


if __name__ == "__main__":
    case.main()
