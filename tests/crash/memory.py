# memory.py -- espcap-ship's memory, whatever a server answers.
# SPDX-License-Identifier: Apache-2.0
"""
usage: memory.py [--seed N]

A spool holds more small records than eight requests can take, so that requests have as many items as they
may, and answers are allowed to be as long as they may. The server answers as ANSWERS say, and then as
it should. Anonymous memory (RssAnon) is looked at all the while; it must stay within DESIGN's 64 MiB.
Nothing is settled by what is no answer, and nothing is lost. In the end there are eight long answers at
once; espcap-ship makes so many requests only when some were answered well.
"""
import argparse
import re
import threading
import time

from crash import Site, Wrong, need, run

PACKETS = 160_000
MIB = 1 << 20
MOST = 64 * MIB
LOOK_S = 0.002
REQUESTS = 3            # that are answered so
EIGHT = 8               # connections, of which two are used at first
BULK = {"path": "*/_bulk"}
REFUSED = {"status": 429, "type": "es_rejected_execution_exception", "which": "all"}
ZEROS = "[" + "0," * MIB + "0]"    # a small text of many values
ANSWERS = {
    "64 MiB of garbage": {"answer": "garbage64m"},
    "garbage that never ends": {"answer": "garbage64m", "drip_bytes_per_s": 16 * MIB},
    "a gzip bomb": {"answer": "gzip_bomb"},
    "a million values": {"status": 200, "body": ZEROS},
    "items of 2 kB": {"items": {**REFUSED, "reason": "x" * 2000}},
}
SETUP = {f"{len(body) / MIB:.1f} MiB of values to the set-up": {"status": 200, "body": body}
         for body in (ZEROS, "[" + ZEROS[-MIB + 20:])}
LONG_ITEMS = {"items": {**REFUSED, "reason": "x" * 370}, "delay_ms": 400,
              "drip_bytes_per_s": 8 * MIB}


class Watch(threading.Thread):
    """The most RssAnon that a process had."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.process = process
        self.over = threading.Event()
        self.peak = 0

    def run(self):
        while not self.over.wait(LOOK_S):
            try:
                with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
                    self.peak = max(self.peak, *(int(kb) * 1024 for kb in
                                                 re.findall(r"RssAnon:\s*(\d+)", f.read())))
            except (OSError, TypeError):
                return    # it has ended


def abuse(site, action, good=0, bad=REQUESTS, match=BULK, count="bulk_requests"):
    """The peak while `bad` requests are answered so, behind some good ones."""
    site.es.script({"match": {**match, "after": good + 1}, "action": action})
    ship = site.ship("--connections", str(EIGHT), "--start-large")
    watch = Watch(ship)
    watch.start()
    begun = site.es.stats()[count]
    # the one behind them is made of an answer that was read
    if not site.wait_for(lambda: site.es.stats()[count] > begun + good + bad):
        raise Wrong(f"only {site.es.stats()[count] - begun} requests of {action}")
    site.kill(ship)
    watch.over.set()
    watch.join()
    return watch.peak


def settled(site):
    s = site.status()
    return s["indexed"] + s["already_there"] + s["dead"] + s["lost"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=int(time.time()))
    args = parser.parse_args()
    with Site(args.seed, ("--schema", "ecs")) as site:
        site.finish(site.capture([site.add_capture(PACKETS)]))
        peaks = {name: abuse(site, action, match={}, count="requests", bad=1)
                 for name, action in SETUP.items()}
        peaks |= {name: abuse(site, action) for name, action in ANSWERS.items()}
        if settled(site):
            raise Wrong(f"something was settled: {site.status()}")
        peaks["eight long answers"] = abuse(site, LONG_ITEMS, EIGHT, EIGHT)
        need(site.es.stats()["in_flight_max"] == EIGHT, "eight requests are made at once")
        print(*(f"{name}: {peak / MIB:.1f} MiB" for name, peak in peaks.items()), sep="\n")
        over = [name for name, peak in peaks.items() if peak > MOST]
        if over:
            raise Wrong(f"more than {MOST // MIB} MiB: {', '.join(over)}")
        site.es.script()
        site.finish(site.ship("--once", "--connections", "8"))
        need(settled(site) == site.es.stats()["stored"] == PACKETS, "all is stored in the end")
        return f"{PACKETS} packets stored; at most {max(peaks.values()) / MIB:.1f} MiB"


if __name__ == "__main__":
    run(main)
