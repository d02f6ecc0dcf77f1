# disk_calls.py -- each call of a service fails in turn, in each way: nothing missing, nothing twice.
# SPDX-License-Identifier: Apache-2.0
"""
usage: disk_calls.py KIND [--seed N] [--only WAY:N]

capture  reads a file into the spool; one call fails
rotate   the same with more than one segment
live     reads standard input and may drop records; from one call on all fail, until half of the
         packets are read: then the disk is well again, and the rest must be stored without a restart
liveend  the same, but no commit goes well any more until it has ended: a next start says what is lost
ship     empties a spool, with dead letters and a damaged frame; one call fails
shipforever  the same; from one call on all fail, until the shipper has met it
trim     is a ship that finds everything settled, and segments that can go; one call fails
n goes up until the service makes no n-th call. With ESPCAP_LONG in the environment every errno and
short write has its turn at every call; else ENOSPC and EIO have, and the others at every seventh
(where a round takes long: ENOSPC and EIO alone, at larger steps), and opens for reading go well.
"""
import argparse
import errno
import os
import shutil
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from disk import FOREVER, DiskSite, Fault, Pipe, Wrong, damage_a_frame, run

LONG = "ESPCAP_LONG" in os.environ
PACKETS, PAYLOAD, STEP, LARGE = 200, 8, 20, 300
PAYLOADS = ("--payload", "--fields", "-udp.payload")
CALLS = "all" if LONG else "changes"
STRIDE = 7     # of the other ways, times that of the kind
MANY, FEW = 6, 2    # sites that share the work: they mostly wait, or not
PAUSE_S = 0.01
FIRST_WAYS = {name: ("errno", getattr(errno, name)) for name in ("ENOSPC", "EIO")}
OTHER_WAYS = {
    **{name: ("errno", getattr(errno, name)) for name in ("EDQUOT", "EROFS", "EFBIG")},
    "late EIO": ("late", errno.EIO),
    **{f"short write of {n}": ("short", n) for n in (0, 1, 511)},
}
REFUSE = {"match": {"path": "*/_bulk"}, "action": {"items": {
    "status": 400, "type": "document_parsing_exception", "which": "seq_mod:10:3"}}}


class Capture:
    times, options, stride, workers, calls = 1, (), 1, MANY, CALLS
    packets, payload = PACKETS, PAYLOAD

    def __init__(self, site):
        self.site = site
        self.path = site.add_capture(self.packets, self.payload)

    def play(self, fault):
        site = self.site
        code = site.finish(site.capture([self.path], "--flush-interval", "1ms",
                                        **fault.env()), (0, 1))
        fault.heal()
        if code:
            site.finish(site.capture([self.path]))
        site.finish(site.ship("--once"))
        site.judge(lost=0)
        return code


class Rotate(Capture):
    options, stride, workers = PAYLOADS, 12, FEW
    packets, payload = 7500, 1400   # more than one segment


class Live:
    times, options, stride, workers, calls = FOREVER, (), 1, MANY, CALLS
    well = PACKETS // 2

    def __init__(self, site):
        self.site = site
        self.pipe = Pipe(site, PACKETS, PAYLOAD)

    def play(self, fault):
        site, pipe = self.site, self.pipe
        pipe.start("--when-full", "drop-newest", **fault.env())
        try:
            while pipe.fed < PACKETS // 2 and not fault.hits():
                pipe.feed(STEP)
                site.wait_for(lambda: fault.hits() or pipe.process.poll() is not None or
                              (site.has_spool() and site.status()["committed"] >= pipe.fed))
            code = self.go_on(fault)
        except BrokenPipeError:
            code = site.finish(pipe.process, (1,))  # it ended at its start, with a sentence
        fault.heal()
        if code:
            if site.has_spool() and site.status()["committed"]:
                raise Wrong("it ended though it had begun, and the disk became well again")
            pipe.start("--when-full", "drop-newest")
            pipe.feed(PACKETS)
            pipe.end()
        pipe.report()
        site.finish(site.ship("--once"))
        lost = site.judge()
        if lost > PACKETS - self.well:
            raise Wrong(f"{lost} were lost, though the disk was well for {self.well} packets")
        return code

    def go_on(self, fault):
        self.pipe.feed(PACKETS // 2 - self.pipe.fed)    # to a bad disk
        fault.heal()
        self.pipe.feed(PACKETS // 2)
        return self.pipe.end((0, 1))


class LiveEnd(Live):
    calls, well = "meta", 0

    def go_on(self, fault):
        self.pipe.feed(PACKETS - self.pipe.fed)
        return self.pipe.end()


class Ship:
    times, options, stride, workers, calls = 1, PAYLOADS, 1, MANY, CALLS

    def __init__(self, site):
        self.site = site
        self.whole = site.spool + ".whole"
        pipe = Pipe(site, PACKETS, LARGE)
        pipe.start("--flush-interval", "30ms")
        while pipe.fed < PACKETS:
            pipe.feed(STEP)
            pipe.committed(pipe.fed)    # a frame each
        pipe.end()
        self.damaged = damage_a_frame(site.spool)
        os.rename(site.spool, self.whole)
        self.stored = None
        self.stored = self.run_once()

    def run_once(self):
        """What a ship stores that nothing disturbs."""
        self.site.forget()
        shutil.copytree(self.whole, self.site.spool)
        self.site.es.script(REFUSE)
        self.site.finish(self.site.ship("--once"), (1,))
        return self.site.es.stats()["stored"]

    def play(self, fault):
        site = self.site
        shutil.copytree(self.whole, site.spool)
        site.es.script(REFUSE)
        ship = site.ship(**fault.env())
        site.wait_for(lambda: fault.hits() or ship.poll() is not None or self.is_done())
        fault.heal()
        if not site.wait_for(lambda: ship.poll() is not None or self.is_done()):
            raise Wrong(f"ship did not go on: {site.status()}, {site.es.stats()['stored']} stored")
        ship.terminate()
        code = site.finish(ship, (0, 1))
        site.finish(site.ship("--once"), (0, 1))
        site.judge(lost=self.damaged)
        return code

    def is_done(self):
        time.sleep(PAUSE_S)
        return self.site.es.stats()["stored"] == self.stored


class ShipForever(Ship):
    times, stride = FOREVER, 4

    def is_done(self):
        """Acknowledged, too."""
        return super().is_done() and self.site.status()["backlog"] == 0


class Trim:
    """The spool is what a kill between the last ack and the trim leaves."""
    times, options, stride, workers, calls = 1, PAYLOADS, 1, FEW, CALLS

    def __init__(self, site):
        self.site = site
        self.whole = site.spool + ".whole"
        site.finish(site.capture([site.add_capture(Rotate.packets, Rotate.payload)]))
        shutil.copytree(site.spool, self.whole)
        site.finish(site.ship("--once"))
        shutil.copy(os.path.join(site.spool, "ack"), self.whole)
        if site.segments(self.whole) < 2 or site.segments() != 1:
            raise Wrong("there was nothing to trim")
        site.forget = lambda: shutil.rmtree(site.spool)     # the server keeps what it has

    def play(self, fault):
        site = self.site
        shutil.copytree(self.whole, site.spool)
        code = site.finish(site.ship("--once", **fault.env()), (0, 1))
        site.finish(site.ship("--once"))
        if site.segments() != 1:
            raise Wrong("a segment was not trimmed")
        site.judge(lost=0)
        return code


class Sweep:
    """The ways one after the other, n rising; several sites share the work."""

    def __init__(self, kind, seed):
        self.kind, self.seed = kind, seed
        self.lock = threading.Lock()
        self.hits, self.codes = Counter(), Counter()
        self.found = False

    def one(self, victim, site, name, n):
        """False when the service made no n-th call."""
        site.forget()
        how = (FIRST_WAYS | OTHER_WAYS)[name]
        fault = Fault(site, "writes" if how[0] == "short" else self.kind.calls, n, how, self.kind.times)
        try:
            code = victim.play(fault)
            fault.check_syncs()
        except Wrong as e:
            self.found = True
            raise Wrong(f"{self.kind.__name__.lower()}, {name} at call {n} ({fault.hits()[:3]}): {e}"
                        ) from e
        with self.lock:
            self.codes[code] += 1
            self.hits.update((line.split(" ")[0], name) for line in fault.hits())
        return bool(fault.hits())

    def work(self, worker):
        with DiskSite(self.seed + worker, self.kind.options) as site:
            victim = self.kind(site)
            for name in ways(self.kind):
                stride = self.kind.stride * (1 if name in FIRST_WAYS else STRIDE)
                stride = 1 if LONG else stride
                n = 1 + worker * stride
                while not self.found and self.one(victim, site, name, n):
                    n += self.kind.workers * stride

    def run(self):
        with ThreadPoolExecutor(self.kind.workers) as pool:
            list(pool.map(self.work, range(self.kind.workers)))
        kinds, seen = Counter(), Counter()
        for (kind, way), n in self.hits.items():
            kinds[kind] += n
            seen[way] += n
        least = 1 if self.kind.calls != CALLS else 6 if self.kind.stride == 1 else 4
        if len(kinds) < least:
            raise Wrong(f"only {sorted(kinds)} were seen to fail")
        rounds = sum(self.codes.values())
        return (f"{self.kind.__name__.lower()}: {rounds} rounds, {sum(seen.values())} calls failed "
                f"({words(kinds)}; {words(seen)}); {self.codes[1]} times it ended with a sentence "
                "and was started again; 0 missing, 0 twice, 0 crashes")


def ways(kind):
    """All, but for kinds of long rounds in the short form, and for those of one kind of call."""
    if kind.calls != CALLS:
        return [name for name, how in (FIRST_WAYS | OTHER_WAYS).items() if how[0] == "errno"]
    return (*FIRST_WAYS, *OTHER_WAYS) if LONG or kind.stride == 1 else FIRST_WAYS


def words(counter):
    return ", ".join(f"{n} {name}" for name, n in sorted(counter.items()))


KINDS = {kind.__name__.lower(): kind for kind in (Capture, Rotate, Live, LiveEnd, Ship, ShipForever, Trim)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("service", choices=KINDS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="one round: WAY at call N, as in ENOSPC:12")
    args = parser.parse_args()
    sweep = Sweep(KINDS[args.service], args.seed)
    if not args.only:
        return sweep.run()
    name, n = args.only.split(":")
    with DiskSite(args.seed, sweep.kind.options) as site:
        sweep.one(sweep.kind(site), site, name, int(n))
        print(*site.said(), sep="\n")
    return f"hits {dict(sweep.hits)}, exit codes {dict(sweep.codes)}"


if __name__ == "__main__":
    run(main)
