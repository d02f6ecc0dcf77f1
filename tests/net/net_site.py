# net_site.py -- a spool at the sensor, a server at the centre, and what a fault did to the way between.
# SPDX-License-Identifier: Apache-2.0
import argparse
import json
import os
import subprocess
import sys
import threading
import time
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "crash"))
from crash import COMMON, EVENTS, LONG, FakeEs, Site, Wrong, need, program  # noqa: E402,F401

from net import CENTRE, IN_SENSOR, Link, enter  # noqa: E402

STALL = "90s" if LONG else "3s"     # the service's own default in the long form
STALL_S = int(STALL[:-1])
BACKOFF_S = 2
WITHIN_S = BACKOFF_S + 10           # what J5 of faults.md asks for
RSS_MAX_KB = 64 << 10
LOOK_S = 0.02


class NetSite(Site):
    """A spool with a backlog, a ship in the sensor's namespace, and a row of figures in the end."""

    def __init__(self, seed, packets):
        self.link = Link()
        super().__init__(seed)
        self.es = FakeEs("--log-documents", EVENTS + "*", "--address", "::")
        self.packets = packets
        self.recoveries, self.rounds, self.rss = [], 0, 0
        self.process, self.drained, self.notes, self.again = None, False, [], False

    def __enter__(self):
        super().__enter__()
        self.port = self.es.port
        path = self.add_capture(self.packets)
        made = subprocess.run([program("espcap-capture"), *COMMON, "--file", path, "--stdout", "--name",
                               self.name], stdout=subprocess.PIPE, check=True).stdout
        self.document_bytes = len(zlib.compress(made, 1))
        self.finish(self.capture([path]))
        self.bytes_before = self.link.bytes()
        return self

    def ship(self, *options, nodes=(), stall=STALL, **env):
        """Runs until all is settled."""
        self.before = IN_SENSOR
        nodes = nodes or [f"{CENTRE}:{self.port}"]
        self.process = self.start(
            "espcap-ship", "--spool", self.spool, *(w for n in nodes for w in ("--node", n)), "--setup",
            "never", "--backoff-max", "2s", "--linger", "5ms", "--stall-after", stall, "--once",
            *options, **env)
        self.before = ()
        threading.Thread(target=self.watch_memory, args=(self.process,), daemon=True).start()
        return self.process

    def watch_memory(self, process):
        while process.poll() is None:
            try:
                with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
                    kb = [int(x.split()[1]) for x in status if x.startswith("RssAnon")]
                self.rss = max([self.rss, *kb])
            except OSError:
                return
            time.sleep(0.05)

    def settled(self):
        """Items that the server has answered with what settles them."""
        s = self.es.stats()
        return s["stored"] + s["conflict409"]

    def flows(self, more=1, seconds=60):
        """Waits until so many more items are handled; how long that took."""
        begin, n = time.monotonic(), self.settled()
        if not self.wait_for(lambda: self.settled() >= n + more or self.process.poll() is not None,
                             seconds):
            raise Wrong(f"no progress within {seconds} s; {self.state()}")
        return time.monotonic() - begin

    def recovers(self, within):
        """After the end of a fault: until the next item is handled."""
        took = self.flows(seconds=within)
        self.recoveries.append(took)
        self.rounds += 1
        return took

    def state(self):
        """Why nothing goes on: what ship says, and its connections as both kernels see them. A `backoff`
        of many, with a `timer:(on,` that ends late, is a segment that TCP rarely sends again; an end that
        the other kernel does not have is half-open."""
        status = self.status()
        return (f"said {self.said()[-3:]}; status says {status['ship_waits']!r}, backlog "
                f"{status['backlog']}\n{self.link.connections()}")

    def still_runs(self):
        return self.process.poll() is None

    def drain(self, seconds=60):
        try:
            code = self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise Wrong(f"not drained within {seconds} s; {self.es.stats()['stored']} stored of "
                        f"{len(self.expected)}; {self.state()}") from None
        need(code == 0, f"ship ended with 0, not {code}")
        self.drained = True

    def row(self, name):
        """The judge's verdict, and the figures as one object."""
        self.judge()
        stats, status = self.es.stats(), self.status()
        need(status["already_there"] or not self.again, "what was stored unheard of came again")
        need(self.rss < RSS_MAX_KB, f"{self.rss} KiB of anonymous memory are below {RSS_MAX_KB}")
        return {"case": name, "rounds": self.rounds, "sent": stats["items"], "indexed": stats["stored"],
                "already": status["already_there"], "lost": status["lost"], "dead": status["dead"],
                "double": stats["same_id_other_content"] + stats["same_id_other_index"],
                "wire": (self.link.bytes() - self.bytes_before) / self.document_bytes,
                "recover": max(self.recoveries, default=0), "rss": self.rss / 1024,
                "notes": "; ".join(self.notes)}


def print_table(rows):
    print(f"{'case':26} {'rounds':>6} {'sent':>6} {'indexed':>7} {'already':>7} {'lost':>4} {'double':>6} "
          f"{'dead':>4} {'wire/gzip':>9} {'recover':>8} {'RssAnon':>8} {'took':>6}  notes")
    for r in rows:
        print(f"{r['case']:26} {r['rounds']:6} {r['sent']:6} {r['indexed']:7} {r['already']:7} "
              f"{r['lost']:4} {r['double']:6} {r['dead']:4} {r['wire']:9.2f} {r['recover']:6.1f} s "
              f"{r['rss']:4.1f} MiB {r['took']:4.0f} s  {r['notes']}")


def write_row(row):
    print("row " + json.dumps(row), flush=True)


def play_one_of(cases):
    """The main program of a file of cases: CASE [--seed N]."""
    parser = argparse.ArgumentParser()
    parser.add_argument("case", choices=cases)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    enter()
    play, *packets = cases[args.case]
    try:
        with NetSite(args.seed, packets[-1] if LONG else packets[0]) as site:
            play(site)
            if not LONG:    # what was to be seen was; the rest at full speed
                site.link.rate(None)
            site.drain(1800 if LONG else 120)  # where --stall-after is 90 s
            write_row(site.row(args.case))
    except Wrong as e:
        print(f"FAILED: {args.case}: {e}", flush=True)
        sys.exit(1)
