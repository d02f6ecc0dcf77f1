#!/usr/bin/env python3
# fixture.py -- starts a server once for all tests that ask it, and stops it behind them.
# SPDX-License-Identifier: Apache-2.0
"""Usage: fixture.py up|down NAME
       fixture.py around NAME TEST-FILE...    up, test files, down

With ESPCAP_TEST_NODE=URL the tests of FIRST ask that server of your own, and those of the others
are skipped. They delete what espcap has on a server, so one that has such a thing is refused.
With ESPCAP_REQUIRE_SERVERS=1 (as in CI) a server of REQUIRED that cannot be had is a failure; the
others run with ESPCAP_LONG=1 where there is a JDK for them.
"""
import json
import os
import re
import shutil
import subprocess
import sys

import case
import node
import programs

SERVERS = os.path.join(programs.ROOT, "tests/servers")
FIRST = "elasticsearch-8.19.0"
REQUIRED = (FIRST, "opensearch-2.19.1")


def write(name, state):
    os.makedirs(os.path.dirname(case.state_path(name)), exist_ok=True)
    with open(case.state_path(name), "w", encoding="utf-8") as file:
        json.dump(state, file)


def skip(name, why):
    write(name, {"skipped": why})
    print(why)
    return 1 if name in REQUIRED and os.environ.get("ESPCAP_REQUIRE_SERVERS") == "1" else 77


def own(name, url):
    if name != FIRST:
        return skip(name, f"ESPCAP_TEST_NODE is set, so {name} is not started")
    server = node.Node((url if "://" in url else "http://" + url).rstrip("/"))
    try:
        used = server.indices() or server.templates()
    except (OSError, AssertionError) as error:
        print(f"ESPCAP_TEST_NODE: {url} cannot be asked: {error}")
        return 1
    if used:
        print(f"{url} has indices or templates of espcap, which these tests would delete; "
              "name another server in ESPCAP_TEST_NODE")
        return 1
    write(name, {"url": server.url})
    return 0


def up(name):
    down(name)
    url = os.environ.get("ESPCAP_TEST_NODE")
    if url:
        return own(name, url)
    if name not in REQUIRED and os.environ.get("ESPCAP_LONG") != "1":
        return skip(name, f"{name} runs with tests/run --long (ESPCAP_LONG=1)")
    started = subprocess.run([SERVERS, "start", name], capture_output=True, text=True, check=False)
    if started.returncode == 77:
        return skip(name, started.stderr.strip())
    found = re.search(r"^url=(\S+) pid=\d+ dir=(\S+)$", started.stdout, re.MULTILINE)
    if started.returncode or not found:
        print(started.stdout + started.stderr)
        return 1
    write(name, {"url": found[1], "dir": found[2]})
    print(started.stdout)
    return 0


def down(name):
    """Also what an interrupted run has left."""
    try:
        with open(case.state_path(name), encoding="utf-8") as file:
            state = json.load(file)
    except FileNotFoundError:
        return 0
    code = 0
    if "dir" in state and os.path.isdir(state["dir"]):
        code = subprocess.run([SERVERS, "stop", state["dir"], "--kill"], check=False).returncode
        shutil.rmtree(state["dir"], ignore_errors=True)
    os.unlink(case.state_path(name))
    return code


def around(name, *tests):
    """The first code that is neither success nor a skip; a skip when all are skipped."""
    code = up(name)
    try:
        codes = [subprocess.run([sys.executable, test, name], check=False).returncode
                 for test in tests if not code] or [code]
        return next((one for one in codes if one not in (0, 77)), min(codes))
    finally:
        down(name)


if __name__ == "__main__":
    COMMANDS = {"up": up, "down": down, "around": around}
    around_tests = sys.argv[1:2] == ["around"] and len(sys.argv) > 3
    if not (around_tests or len(sys.argv) == 3) or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    sys.exit(COMMANDS[sys.argv[1]](*sys.argv[2:]))
