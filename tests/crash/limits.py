# limits.py -- services that do not get what they need: memory, threads, descriptors.
# SPDX-License-Identifier: Apache-2.0
"""
usage: limits.py NAME [--seed N]

Capture (of the next packets of a file) and ship (of what there is) run in turn, one of them each time
with another call refused or with another limit. It may come to its end all the same; else it says
why, in a sentence, and exits with 1. It is never ended by a signal, but by the kernel's when memory
runs out, and never hangs. In the end all is stored, and nothing twice.
"""
import os
import signal
import sys
from collections import Counter

from crash import LONG, Wrong, need, play_one_of
from victims import MUCH, PAYLOADS, SEGMENT, preloaded

CGROUP = "/sys/fs/cgroup/memory"
SKIP = 77
PIECE = "20"            # packets at a time
DESCRIPTORS = range(6, 32, 1 if LONG else 3)    # with less libuv itself aborts; 32 are enough
FIRST_CALLS, CALLS = (200, 1000) if LONG else (6, 20)
MEMORY = (18, 12, 8, 6)    # MiB


class Turns:
    def __init__(self, site, packets=SEGMENT):
        self.site = site
        self.path = site.add_capture(packets, MUCH)
        self.ends = Counter()

    def capture(self, *options, **env):
        return self.site.capture([self.path], "--flush-interval", "5ms", *options, **env)

    def ship(self, **env):
        return self.site.ship("--once", "--give-up-after", "300ms", **env)

    def harmed(self, name, good=(0, 1), before=(), **env):
        """One turn of a service that is harmed; the work for ship is made first."""
        site = self.site
        if name == "ship":
            site.finish(self.capture("--count", PIECE))
        said = len(site.said())
        site.before = before
        process = self.ship(**env) if name == "ship" else self.capture("--count", PIECE, **env)
        site.before = ()
        code = site.finish(process, range(-64, 256))
        said = site.said()[said:]
        if code not in good or (code == 1 and not any(f"espcap-{name}: " in x for x in said)):
            raise Wrong(f"espcap-{name} ended with {code} and said {said}")
        self.ends[code] += 1

    def finish(self):
        self.site.finish(self.capture())
        self.site.finish(self.site.ship("--once"))
        ends = ", ".join(f"{n} ended with {code}" for code, n in sorted(self.ends.items()))
        return "; ".join(filter(None, (ends, self.site.judge())))


def calls_of(turns, name):
    """How often a service that is not harmed asks for memory, and for a thread."""
    path = os.path.join(turns.site.folder, "calls")
    turns.harmed(name, good=(0,), **preloaded("fail_at.so", ESPCAP_CALLS=path))
    with open(path, encoding="ascii") as f:
        return [int(n) for n in f.read().split()]


def refused(turns, name, kind, n, rng):
    """The n-th call fails, or all from there on."""
    from_there = rng.choice(("", "+"))
    try:
        turns.harmed(name, **preloaded("fail_at.so", ESPCAP_FAIL=f"{kind}:{from_there}{n}"))
    except Wrong as e:
        raise Wrong(f"{kind} {from_there}{n}: {e}") from e


def without_memory(site):
    """F11: each of the first calls of malloc fails, and many of the others."""
    turns = Turns(site)
    made = 0
    for name in ("capture", "ship"):
        calls = calls_of(turns, name)[0]
        first = min(FIRST_CALLS, calls)
        rest = site.rng.sample(range(first, calls), min(CALLS - first, calls - first))
        for n in [*range(first), *sorted(rest)]:
            refused(turns, name, "memory", n + 1, site.rng)
            made += 1
    return f"{made} calls of malloc failed: {turns.finish()}"


def without_threads(site):
    """F11: each call of pthread_create fails."""
    turns = Turns(site, 500)
    for name in ("capture", "ship"):
        for n in range(calls_of(turns, name)[1]):
            refused(turns, name, "thread", n + 1, site.rng)
    need(turns.ends[1] >= 2, "capture does not run without its threads")
    return turns.finish()


def without_descriptors(site):
    """F11: limits from next to nothing to more than enough."""
    turns = Turns(site, 2000)
    for name in ("capture", "ship"):
        for n in DESCRIPTORS:
            turns.harmed(name, before=("prlimit", f"--nofile={n}"))
    need(turns.ends[1] > 3, "there were limits that were too small")
    return turns.finish()


def killed_by_the_kernel(site):
    """F10: the kernel kills it for want of memory, in the middle of its work: as kill -9."""
    turns = Turns(site, 2 * SEGMENT)
    group = os.path.join(CGROUP, f"espcap-crash-{os.getpid()}")
    try:
        os.mkdir(group)
    except OSError as e:
        print(f"skipped: no memory cgroup can be made: {e}")
        sys.exit(SKIP)
    inside = ("sh", "-c", f'echo $$ >{group}/cgroup.procs; exec "$@"', "sh")
    killed = Counter()
    try:
        for name in ("capture", "ship"):
            for mib in sorted(MEMORY, reverse=name == "capture"):
                with open(os.path.join(group, "memory.limit_in_bytes"), "w", encoding="ascii") as f:
                    f.write(str(mib << 20))
                site.before = inside
                process = turns.capture("--count", "3000") if name == "capture" else turns.ship()
                site.before = ()
                killed[name] += site.finish(process, (0, 1, -signal.SIGKILL)) == -signal.SIGKILL
            site.finish(turns.capture())
    finally:
        os.rmdir(group)
    need(killed["capture"] and killed["ship"], f"the kernel killed both: {dict(killed)}")
    return f"{dict(killed)} killed at limits of {MEMORY} MiB; {turns.finish()}"


if __name__ == "__main__":
    play_one_of((without_memory, without_threads, without_descriptors, killed_by_the_kernel), PAYLOADS)
