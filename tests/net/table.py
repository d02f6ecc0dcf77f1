# table.py -- all faults of the link, several at a time, and one table of what came of them.
# SPDX-License-Identifier: Apache-2.0
"""
usage: table.py [--seed N] [CASE ...]      default: the telling ones; with ESPCAP_LONG all
"""
import argparse
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import centre
import links
import net
from net_site import LONG, print_table

HERE = os.path.dirname(os.path.abspath(__file__))
# what others tell as well, here or in tests/crash
LEFT_OUT = {"refused", "reset_after_request", "blackhole_before", "blackhole_while_waiting"}
CASES = {name: module for module in (links, centre) for name in module.CASES}


def play(case, seed):
    begin = time.monotonic()
    done = subprocess.run([sys.executable, "-B", CASES[case].__file__, case, "--seed",
                           str(seed)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    rows = [json.loads(x[4:]) for x in done.stdout.splitlines() if x.startswith("row ")]
    if done.returncode or not rows:
        print(f"--- {case}, after {time.monotonic() - begin:.0f} s:\n{done.stdout}", flush=True)
        return None
    return {**rows[0], "took": time.monotonic() - begin}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cases", nargs="*")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    why = net.can()
    if why:
        print(f"skipped: {why}")
        return net.SKIPPED
    begin = time.monotonic()
    cases = args.cases or [c for c in CASES if LONG or c not in LEFT_OUT]
    with ThreadPoolExecutor(len(cases)) as pool:    # they mostly wait
        rows = list(pool.map(lambda case: play(case, args.seed), cases))
    print_table([r for r in rows if r])
    bad = sum(r is None or bool(r["lost"] or r["double"] or r["dead"]) for r in rows)
    print(f"seed {args.seed}: {len(rows) - bad} of {len(rows)} cases well, {time.monotonic() - begin:.0f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
