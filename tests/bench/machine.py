# machine.py -- on what, and of which commit, figures were measured.
# SPDX-License-Identifier: Apache-2.0
import os
import platform
import re
import subprocess
import time


def output(command):
    """The first line a command prints, or "unknown"."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    lines = (done.stdout or done.stderr).strip().splitlines()
    return lines[0] if lines else "unknown"


def cpu_model():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as f:
        found = re.search(r"^(?:model name|Model)\s*:\s*(.*)$", f.read(), re.MULTILINE)
    return found.group(1) if found else platform.machine()


def commit(root):
    """The commit, and whether the programs' sources have been changed since."""
    git = ["git", "--no-optional-locks", "-C", root]
    name = output(git + ["rev-parse", "--short=12", "HEAD"])
    changed = subprocess.run(git + ["diff", "--quiet", "HEAD", "--", "common", "capture",
                                    "shipper", "cli", "CMakeLists.txt"],
                             check=False, stderr=subprocess.DEVNULL).returncode == 1
    return name, changed


def describe(root):
    name, changed = commit(root)
    versions = {"tcpdump": "--version", "tshark": "--version", "zstd": "--version",
                "libdeflate-gzip": "-V", "curl": "--version"}
    return {
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "commit": name,
        "changed": changed,
        "cpu": cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "kernel": platform.release(),
        "versions": {program: output([program, option]) for program, option in versions.items()},
    }
