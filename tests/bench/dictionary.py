#!/usr/bin/env python3
# dictionary.py -- does the dictionary of small frames help documents that it was not trained on?
# SPDX-License-Identifier: Apache-2.0
"""usage: dictionary.py    (ESPCAP_BIN_DIR names the programs)

A dictionary that is measured on what it was trained on measures nothing. So one is trained by the
same script on a part of our captures, and measured on protocols and hosts that it has not seen; and
the built-in one on captures of other projects, where they are (ESPCAP_CORPUS)."""
import glob
import os
import subprocess
import sys
import tempfile

import captures
import measure
import report

HELD_OUT = ("dns", "mdns", "llmnr", "tls", "icmpv6", "dhcp", "stp", "llc", "lldp", "gre", "gtp",
            "sctp", "ip_opt", "vlan", "qinq", "sll")
SCHEMAS = ("full", "slim", "ecs", "lite")
COUNTS = (1, 2, 3)
CORPUS = os.environ.get("ESPCAP_CORPUS", "/work/shared/corpus")
EACH = 300    # packets of a capture at most: a large one is not all there is
NAME = ("--name", "plant3-sw12.example.org", "--site", "Plant 3")    # not what it was trained with


def program(name):
    return os.path.join(os.environ["ESPCAP_BIN_DIR"], name)


def own(held_out):
    """Our captures, those that are kept back or the others."""
    paths = sorted(glob.glob(os.path.join(captures.ROOT, "test_pcaps", "*.pcap*")))
    return [p for p in paths if os.path.basename(p).startswith(HELD_OUT) == held_out]


def corpus():
    return sorted(p for project in ("arkime", "tcpdump", "libpcap", "community-id-spec") for p in
                  glob.glob(os.path.join(CORPUS, project, "**", "*.pcap*"), recursive=True))


def documents(paths, schema):
    """All their documents, one a line. A damaged capture gives those before the damage."""
    return b"".join(subprocess.run(
        [program("espcap-capture"), "--config", "", "--file", path, "--stdout", "--schema", schema,
         "--count", str(EACH), *NAME], capture_output=True, check=False,
        env=measure.environment()).stdout for path in paths)


def share(lines, count, with_what):
    """Stored to raw, for frames of so many documents."""
    done = subprocess.run([os.environ.get("FRAMES") or program("bench-frames"), str(count), with_what], input=lines,
                          stdout=subprocess.PIPE, check=True)
    raw, stored = map(int, done.stdout.split())
    return stored / raw


def train(folder):
    """The path of a dictionary of the captures that are not held out."""
    path = os.path.join(folder, "part.zdict")
    script = os.path.join(captures.ROOT, "common", "spool", "dict", "make.sh")
    with open(path, "wb") as f:
        subprocess.run([script, "40000", *own(False)], stdout=f, check=True)
    return path


def shares(paths, with_what):
    """{schema: {documents to a frame: (share, share without a dictionary)}}"""
    found = {}
    for schema in SCHEMAS:
        lines = documents(paths, schema)
        found[schema] = {count: (share(lines, count, with_what), share(lines, count, "none"))
                         for count in COUNTS}
    return found


def measured():
    """{what: shares}"""
    with tempfile.TemporaryDirectory() as folder:
        found = {"our captures that it was not trained on": shares(own(True), train(folder))}
    if corpus():
        found["captures of other projects"] = shares(corpus(), "built-in")
    return found


def cells(by_count):
    return ", ".join(f"{count}: {by_count[count][0]:.3f} ({by_count[count][1]:.3f})"
                     for count in COUNTS)


def lines(row):
    """For the table of tests/bench/run."""
    for what, found in measured().items():
        for schema in SCHEMAS:
            report.line(row, f"frames of 3 documents, `{schema}`, of {what}: bytes stored, to JSON",
                        "≤ 0.45", found[schema][3][0], unit="",
                        beside=f"documents to a frame (without dictionary): {cells(found[schema])}")


if __name__ == "__main__":
    for title, table in measured().items():
        print(title)
        for name in SCHEMAS:
            print(f"  {name:4}  {cells(table[name])}")
    sys.exit(0)
