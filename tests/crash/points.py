# points.py -- kill -9, twice in a row, and SIGSTOP at each named place of common/fault.def.
# SPDX-License-Identifier: Apache-2.0
"""
usage: points.py kill|stop [--seed N] [NAME...]

kill (F4, F5): the service dies at the place, once, and
then again with a next start that comes to the same place, so that recovery itself is interrupted. stop (F6, F7): the service stands still at the
place, inside a write transaction or with trim.lock held, while the other service does all of its
work; then it goes on. The judge looks after each. A place of fault.def that nobody comes to is an
error, and so is one that this test does not know.
"""
import argparse
import os
import re
import signal

from crash import HERE, Site, Wrong, run
from victims import Capture, Damaged, Park, Ship, Trim, at_point

# who comes there, and how often at most
PLACES = {
    "frame_put": (Capture, 4), "before_commit": (Capture, 2), "data_synced": (Capture, 2),
    "committed": (Capture, 2), "sealed": (Capture, 1), "folder_made": (Capture, 2),
    "segment_made": (Capture, 2), "first_written": (Trim, 1), "segment_renamed": (Trim, 1),
    "segment_unlinked": (Trim, 1), "slot_half": (Ship, 1), "letters_durable": (Ship, 1),
    "parked_durable": (Park, 3), "loss_durable": (Damaged, 1), "trim_locked": (Ship, 1),
}

# a kill leaves nothing there for the next start to do: what is unlinked stays so
ONCE = ("segment_unlinked",)


def listed():
    with open(os.path.join(HERE, "../../common/fault.def"), encoding="utf-8") as f:
        return re.findall(r'^X\(\w+, "(\w+)"', f.read(), re.MULTILINE)


def kill(site, victim, name, n):
    """The judge's words, after one kill and after two."""
    for times in (1,) if name in ONCE else (1, 2):
        victim.begin()
        for again in range(times):
            env = at_point(name, 1 if again else n)
            if site.finish(victim.start(**env), (*victim.good, -9)) != -9:
                raise Wrong("nobody came there" + " a second time" * again)
        victim.finish()
        said = site.judge(victim.lossy)
    return said


def stop(site, victim, name, n):
    victim.begin()
    victim.place = name
    service = victim.start(**at_point(name, n, "stop"))
    if not site.wait_for(lambda: site.is_stopped(service)):
        raise Wrong("nobody came there")
    victim.other()
    service.send_signal(signal.SIGCONT)
    site.finish(service, victim.good)
    victim.finish()
    return site.judge(victim.lossy)


def all_of(kind, names, how, seed):
    said = []
    with Site(seed, kind.options) as site:
        victim = kind(site)
        for name in names:
            n = site.rng.randrange(PLACES[name][1]) + 1
            try:
                said.append(f"{name}, time {n}: {how(site, victim, name, n)}")
            except Wrong as e:
                raise Wrong(f"{how.__name__} at {name}, time {n}: {e}") from e
            print(said[-1], flush=True)
    return said


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("how", choices=("kill", "stop"))
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if sorted(listed()) != sorted(PLACES):
        raise Wrong(f"fault.def has other places: {sorted(set(listed()) ^ set(PLACES))}")
    names = args.names or listed()
    how = {"kill": kill, "stop": stop}[args.how]
    said = []
    for kind in dict.fromkeys(PLACES[name][0] for name in names):
        said += all_of(kind, [n for n in names if PLACES[n][0] is kind], how, args.seed)
    return f"{args.how} at {len(said)} places: " + "nothing lost, nothing twice"


if __name__ == "__main__":
    run(main)
