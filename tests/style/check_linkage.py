# check_linkage.py -- each program links what it is for, and no banned function compiles.
# SPDX-License-Identifier: Apache-2.0
import json
import os
import re
import shlex
import subprocess
import sys

import tree

FORBIDDEN = {
    "espcap-capture": ("libcurl", "libssl", "libcrypto", "libuv", "libdeflate"),
    "espcap-ship": ("libpcap", "libnettle", "libpsl"),
    "espcap": ("libpcap", "libcurl", "libssl", "libcrypto", "libuv"),
}
WANTED = {"espcap-capture": ("libpcap", "liblmdb"), "espcap-ship": ("libcurl", "libuv", "liblmdb"),
          "espcap": ("liblmdb",)}


def needed(program):
    text = subprocess.run(["readelf", "-d", os.path.join(tree.bin_dir(), program)], check=True,
                          capture_output=True, text=True).stdout
    return re.findall(r"\(NEEDED\).*\[(.*)\]", text)


def linkage(program):
    libraries = needed(program)
    findings = [f"{program} links {lib}" for lib in libraries
                if lib.startswith(FORBIDDEN[program])]
    findings += [f"{program} does not link {name}: is this the program?"
                 for name in WANTED[program] if not any(lib.startswith(name) for lib in libraries)]
    return findings


def poisoned():
    text = tree.read("common/banned.h").decode()
    return [w for row in re.findall(r"#pragma GCC poison (.*)", text) for w in row.split()]


def compiles(entry, name):
    """Whether a use of a function gets through with the flags of an ordinary file."""
    words = shlex.split(entry["command"])
    command = [words[0], "-fsyntax-only", "-w"]
    command += [w for i, w in enumerate(words) if w.startswith("-D") or w == "-include" or
                words[i - 1] == "-include"]
    text = f"void *use(void);\nvoid *use(void)\n{{\n\treturn (void *){name};\n}}\n"
    done = subprocess.run([*command, "-x", "c", "-"], input=text, capture_output=True, text=True,
                          cwd=entry["directory"])
    return done.returncode == 0


def banned():
    """Every source of the programs is compiled with banned.h, and its list is in force."""
    with open(os.path.join(tree.build_dir(), "compile_commands.json"), encoding="utf-8") as file:
        entries = [e for e in json.load(file)
                   if e["command"].split(" -o ")[1].startswith(tree.PROGRAMS)]
    findings = [f"{e['file']}: compiled without banned.h" for e in entries
                if "banned.h" not in e["command"]]
    if not compiles(entries[0], "malloc"):
        findings.append("not even malloc compiles: the check is broken")
    names = poisoned()
    findings += [f"{name} is poisoned and compiles" for name in names if compiles(entries[0], name)]
    return findings, len(names)


def main():
    findings = [f for program in FORBIDDEN for f in linkage(program)]
    found, count = banned()
    return tree.report(findings + found, f"{len(FORBIDDEN)} programs and {count} banned functions")


sys.exit(main())
