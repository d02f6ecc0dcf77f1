# kill_at_each_step.py -- kill -9 after each step in which a service changes a file, in turn.
# SPDX-License-Identifier: Apache-2.0
"""
usage: kill_at_each_step.py capture|beside|ship|trim [--seed N]

kill_at.so, preloaded, ends the service right after its n-th step (write, sync, rename, ...); then
it is started again and the judge looks. n goes up until the service comes to its own end. `beside`
is a capture beside which a ship works all the time; `trim` is a ship that finds everything settled,
and segments that can go.
"""
import argparse
import os
import shutil

from crash import BIN, Site, Wrong, run

REFUSE = {"match": {"path": "*/_bulk"}, "action": {"items": {
    "status": 400, "type": "document_parsing_exception", "which": "seq_mod:10:3"}}}
FEW, SOME, LITTLE = 300, 4000, 8
SEGMENT, MUCH = 7500, 1400    # with these options: more than one segment
PAYLOADS = ("--payload", "--fields", "-udp.payload")


def killed_at(n):
    # under AddressSanitizer the runtime comes second; it may
    return {"LD_PRELOAD": os.path.join(BIN, "kill_at.so"), "ESPCAP_KILL_AT": str(n),
            "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}


class Capture:
    def __init__(self, site):
        self.site = site
        self.path = site.add_capture(SEGMENT, MUCH)

    def kill(self, n):
        """False when the service ended without an n-th step."""
        self.site.forget()
        killed = self.site.finish(self.site.capture([self.path], **killed_at(n)), (0, -9))
        left = self.site.status()
        if left:    # a ship alone delivers what was committed
            self.site.finish(self.site.ship("--once"))
            if self.site.es.stats()["stored"] != left["committed"]:
                raise Wrong(f"ship left some of {left['committed']} committed records")
        self.site.finish(self.site.capture([self.path]))
        self.site.finish(self.site.ship("--once"))
        return killed != 0


class Beside:
    """A ship that runs reads what capture is writing."""

    def __init__(self, site):
        self.site = site
        self.path = site.add_capture(SOME, LITTLE)

    def kill(self, n):
        self.site.forget()
        self.site.finish(self.site.capture([self.path], "--count", "100"))
        ship = self.site.ship()
        self.site.wait_for(lambda: self.site.es.stats()["stored"] == 100)
        capture = self.site.capture([self.path], "--flush-interval", "1ms", **killed_at(n))
        killed = self.site.finish(capture, (0, -9))
        self.site.finish(self.site.capture([self.path]))
        ship.terminate()
        self.site.finish(ship)
        self.site.finish(self.site.ship("--once"))
        return killed != 0


class Ship:
    def __init__(self, site):
        self.site = site
        self.whole = site.spool + ".whole"
        site.finish(site.capture([site.add_capture(FEW, LITTLE)]))
        os.rename(site.spool, self.whole)

    def kill(self, n):
        self.site.forget()
        shutil.copytree(self.whole, self.site.spool)
        self.site.es.script(REFUSE)
        killed = self.site.finish(self.site.ship("--once", **killed_at(n)), (1, -9))
        self.site.finish(self.site.ship("--once"), (0, 1))    # 1: it wrote letters
        return killed != 1


class Trim:
    """The spool is what a kill between the last ack and the trim leaves."""

    def __init__(self, site):
        self.site = site
        self.whole = site.spool + ".whole"
        site.finish(site.capture([site.add_capture(SEGMENT, MUCH)]))
        shutil.copytree(site.spool, self.whole)
        site.finish(site.ship("--once"))
        shutil.copy(os.path.join(site.spool, "ack"), self.whole)
        if site.segments(self.whole) < 2 or site.segments() != 1:
            raise Wrong("there was nothing to trim")

    def kill(self, n):
        shutil.rmtree(self.site.spool)
        shutil.copytree(self.whole, self.site.spool)
        killed = self.site.finish(self.site.ship("--once", **killed_at(n)), (0, -9))
        self.site.finish(self.site.ship("--once"))
        if self.site.segments() != 1:
            raise Wrong("a segment was not trimmed")
        return killed != 0


def sweep(kind, site):
    victim = kind(site)
    name = kind.__name__.lower()
    n = 0
    killed = True
    while killed:
        n += 1
        try:
            killed = victim.kill(n)
            said = site.judge()
        except Wrong as e:
            raise Wrong(f"{name} killed after step {n}: {e}") from e
    if n < 10:
        raise Wrong(f"{name} has only {n - 1} steps: kill_at.so does not see them")
    return f"{name} killed after each of its {n - 1} steps: {said}"


def main():
    kinds = {kind.__name__.lower(): kind for kind in (Capture, Beside, Ship, Trim)}
    parser = argparse.ArgumentParser()
    parser.add_argument("service", choices=kinds)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with Site(args.seed, PAYLOADS if args.service in ("capture", "trim") else ()) as site:
        return sweep(kinds[args.service], site)


if __name__ == "__main__":
    run(main)
