# kill_at_each_step.py -- kill -9 after each step in which a service changes a file, in turn.
# SPDX-License-Identifier: Apache-2.0
"""
usage: kill_at_each_step.py capture|beside|ship|trim [--seed N]

kill_at.so, preloaded, ends the service right after its n-th step (write, sync, rename, ...); then
it is started again and the judge looks. n goes up until the service comes to its own end. The victims
stand in victims.py.
"""
import argparse

from crash import Site, Wrong, run
from victims import Beside, Capture, Ship, Trim, killed_at


def sweep(kind, site):
    victim = kind(site)
    name = kind.__name__.lower()
    n = 0
    killed = True
    while killed:
        n += 1
        try:
            victim.begin()
            killed = site.finish(victim.start(**killed_at(n)), (*victim.good, -9)) == -9
            victim.finish()
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
    kind = kinds[args.service]
    with Site(args.seed, kind.options) as site:
        return sweep(kind, site)


if __name__ == "__main__":
    run(main)
