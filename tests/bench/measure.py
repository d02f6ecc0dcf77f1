# measure.py -- runs commands and keeps what they cost: time, CPU, memory, bytes written.
# SPDX-License-Identifier: Apache-2.0
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass

SAMPLE_S = 0.005


class Failed(RuntimeError):
    """A command that should have worked did not; the text names it and what it said."""


class Skipped(Exception):
    """A row that cannot be measured here; the text says why."""


@dataclass
class Cost:
    """What one run took. peak_anon: the most RssAnon seen, where somebody looked."""
    wall: float
    cpu: float
    written: int = 0
    peak_anon: int = 0

    def plus(self, other):
        return Cost(self.wall + other.wall, self.cpu + other.cpu)


def need(program):
    """Skipped when a program is not installed."""
    if not shutil.which(program):
        raise Skipped(f"{program} is not installed")


def environment(**extra):
    """Nothing of the caller's settings reaches a measured program, but for what is named here."""
    base = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8",
            "HOME": os.environ.get("HOME", "/"), "XDG_CONFIG_HOME": "/nonexistent"}
    base.update(extra)
    return base


def proc_number(pid, name, key):
    """A number of /proc/PID/NAME, 0 when it is not there (any more)."""
    try:
        with open(f"/proc/{pid}/{name}", encoding="ascii", errors="replace") as f:
            found = re.search(rf"^{key}:\s*(\d+)", f.read(), re.MULTILINE)
    except OSError:
        return 0
    return int(found.group(1)) if found else 0


def rss_anon(pid):
    """Anonymous resident memory in bytes."""
    return proc_number(pid, "status", "RssAnon") * 1024


class Watch(threading.Thread):
    """Looks at the memory of a process until it is told to stop; a context manager."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid = pid
        self.peak = 0
        self.over = threading.Event()

    def run(self):
        while not self.over.wait(SAMPLE_S):
            self.peak = max(self.peak, rss_anon(self.pid))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *unused):
        self.over.set()
        self.join()


class Process:
    """A running command whose cost is known when it ends."""

    def __init__(self, command, stdout=subprocess.DEVNULL, env=None):
        self.command = [str(word) for word in command]
        self.said = tempfile.TemporaryFile()
        self.begun = time.monotonic()
        self.popen = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=stdout,
                                      stderr=self.said, env=env or environment())
        self.pid = self.popen.pid

    def wait(self, codes=(0,)):
        """Its Cost; Failed when it ends with another code than these."""
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        wall = time.monotonic() - self.begun
        # wchar: write_bytes counts whole folios of the page cache. A zombie still has it.
        written = proc_number(self.pid, "io", "wchar")
        _, status, usage = os.wait4(self.pid, 0)
        self.popen.returncode = code = os.waitstatus_to_exitcode(status)
        with self.said as f:
            f.seek(0)
            said = f.read().decode("utf-8", "replace").strip()
        if code not in codes:
            raise Failed(f"{' '.join(self.command)[:300]} ended with {code}: {said[-300:]}")
        return Cost(wall, usage.ru_utime + usage.ru_stime, written)

    def end(self, signal, codes=(0,)):
        self.popen.send_signal(signal)
        return self.wait(codes)


def run(command, stdout=subprocess.DEVNULL, env=None, watch=False):
    """Runs a command to its end; watch: also looks at its memory."""
    process = Process(command, stdout=stdout, env=env)
    if not watch:
        return process.wait()
    with Watch(process.pid) as seen:
        cost = process.wait()
    cost.peak_anon = seen.peak
    return cost


def in_turn(jobs, rounds):
    """jobs: {name: function that gives a Cost}. One warm-up of each, then A B C, B C A, C A B ..., so
    that none always comes behind the same one; {name: [Cost of each round]}."""
    for job in jobs.values():
        job()
    names = list(jobs)
    costs = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            costs[name].append(jobs[name]())
        names = names[1:] + names[:1]
    return costs


def quotient(above, below):
    """Two lists, one figure of each round. best: that of the least figures, which others on the
    machine disturbed least; median: of the rounds' own quotients."""
    return {"best": min(above) / min(below),
            "median": statistics.median(a / b for a, b in zip(above, below))}


def compare(costs, above, below, factor=1):
    """(by the clock, by CPU time): how often one job's cost contains another's."""
    pairs = []
    for what in ("wall", "cpu"):
        each = [[getattr(cost, what) * by for cost in costs[name]]
                for name, by in ((above, factor), (below, 1))]
        pairs.append(quotient(*each))
    return tuple(pairs)


def noise(costs):
    """How much more CPU time the dearest round of one job took than its cheapest, at most."""
    return max((max(c.cpu for c in each) / min(c.cpu for c in each) - 1
                for each in costs.values() if min(c.cpu for c in each) >= 0.1), default=0)
