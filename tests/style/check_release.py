# check_release.py -- the release preset builds without a warning, hardened and without fault points.
# SPDX-License-Identifier: Apache-2.0
"""Builds the three programs in the preset's own folder (tests/run has just done so), or for a build
outside of the tree in a folder within it; reads from the ELF files what the flags were to do. Of common/fault.h
there is no trace: neither its environment nor a name of fault.def. A build of developers has both."""
import os
import re
import subprocess
import sys

import tree

PROGRAMS = ("espcap", "espcap-capture", "espcap-ship")
JOBS = 2


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, cwd=tree.SOURCE)


def build(folder):
    done = run("cmake", "--preset", "release", "-B", folder)
    if done.returncode == 0:
        done = run("cmake", "--build", folder, "-j", str(JOBS), "--target", *PROGRAMS)
    text = done.stdout + done.stderr
    findings = re.findall(r"^.*warning: .*$", text, re.MULTILINE)
    return findings if done.returncode == 0 else [text]


def dynamic_symbols(path):
    return set(re.findall(r"UND (\w+)", run("readelf", "-W", "--dyn-syms", path).stdout))


def hardening(path):
    """What each flag leaves behind: -pie, -z relro, -z now, -z noexecstack, -fstack-protector,
    -D_FORTIFY_SOURCE."""
    header, segments = run("readelf", "-h", path).stdout, run("readelf", "-Wl", path).stdout
    dynamic, symbols = run("readelf", "-d", path).stdout, dynamic_symbols(path)
    checks = {
        "is position-independent": re.search(r"Type:\s+DYN", header) and
        re.search(r"FLAGS_1\).*\bPIE\b", dynamic),
        "has RELRO": "GNU_RELRO" in segments,
        "binds at start": "BIND_NOW" in dynamic or re.search(r"FLAGS_1\).*\bNOW\b", dynamic),
        "has no executable stack": re.search(r"GNU_STACK.* RW  ", segments),
        "has a stack protector": "__stack_chk_fail" in symbols,
        "is fortified": {s for s in symbols if s.endswith("_chk")} - {"__stack_chk_fail"},
    }
    return [f"{os.path.basename(path)}: it is not so that it {what}"
            for what, found in checks.items() if not found]


def fault_points(path):
    """What a program has of common/fault.h."""
    words = ["ESPCAP_FAULT", "fault_point", "fault_torn"]
    names = re.findall(r'^X\(\w+, "(\w+_\w+)"', tree.read("common/fault.def").decode(), re.MULTILINE)
    with open(path, "rb") as file:
        text = file.read()
    found = [w for w in words if w.encode() in text]
    return found + [n for n in names if b"\0" + n.encode() + b"\0" in text]


def traces(folder):
    findings = [f"{name}: a release has {word}" for name in PROGRAMS
                for word in fault_points(os.path.join(folder, "bin", name))]
    with open(os.path.join(tree.build_dir(), "CMakeCache.txt"), encoding="utf-8") as cache:
        has_points = "ESPCAP_FAULT_POINTS:BOOL=ON" in cache.read()
    ours = fault_points(os.path.join(tree.bin_dir(), "espcap-capture"))
    if has_points != (len(ours) > 3):
        findings.append(f"this build has {ours} of the fault points: the check is broken")
    return findings


def main():
    ours = os.path.join(tree.SOURCE, "build")
    inside = tree.build_dir().startswith(ours + os.sep)
    folder = os.path.join(ours if inside else os.path.join(tree.build_dir(), "style"), "release")
    findings = build(folder)
    if not findings:
        for program in PROGRAMS:
            findings += hardening(os.path.join(folder, "bin", program))
        findings += traces(folder)
    return tree.report(findings, f"{len(PROGRAMS)} programs of the release preset")


sys.exit(main())
