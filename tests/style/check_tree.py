# check_tree.py -- rules about files: first lines, one decoder a file, who includes whom, hosts.
# SPDX-License-Identifier: Apache-2.0
import os
import re
import sys

import tree

# In two halves each, so that this list is no finding of its own.
HOSTS = [".".join(halves) for halves in (
    ("pypi", "org"), ("files.python", "hosted.org"), ("python", "hosted.org"),
    ("registry.npm", "js.org"), ("npm", "js.com"), ("crates", "io/api"), ("static.crates", "io"),
    ("ruby", "gems.org"), ("repo.maven", "apache.org"), ("repo1", "maven.org"),
    ("central.sona", "type.com"), ("oss.sona", "type.org"), ("deb", "debian.org"),
    ("security", "debian.org"), ("archive", "ubuntu.com"), ("registry-1", "docker.io"),
    ("hub", "docker.com"), ("quay", "io/"), ("ghcr", "io/"), ("artifacts", "elastic.co"),
    ("docker", "elastic.co"), ("proxy", "golang.org"), ("conda.ana", "conda.org"))]
TOP = {"capture", "shipper", "common", "cli", "tests", "deploy", "test_pcaps", ".ci"}
MAY_INCLUDE = {"common": ("common",), "capture": ("capture", "common"),
               "shipper": ("shipper", "common"), "cli": ("cli", "capture", "common")}
SPDX = "SPDX-License-Identifier: Apache-2.0"


def hosts(path):
    text = tree.read(path).lower()
    return [f"{path}: names a package registry: {h}" for h in HOSTS if h.encode() in text]


def first_lines(path):
    """`name -- what it is` comes first, behind a #! line only, and the licence near it."""
    rows = tree.lines(path)
    is_c = tree.kind(path) == "c"
    first = rows[1] if rows[0].startswith("#!") else rows[0]
    begin = f"{'/*' if is_c else '#'} {os.path.basename(path)} -- "
    findings = []
    if not first.startswith(begin) or len(first) < len(begin) + 8:
        findings.append(f"{path}:1: does not begin with \"{begin}what it is\"")
    licence = f"/* {SPDX} */" if is_c else f"# {SPDX}"
    if licence not in rows[:60]:
        findings.append(f"{path}: \"{licence}\" is not among its first lines")
    return findings


def text_form(path):
    findings = []
    text = tree.read(path)
    if b"\r\n" in text or (text and not text.endswith(b"\n")):
        findings.append(f"{path}: lines end with LF, the last one too")
    for number, row in enumerate(text.split(b"\n"), 1):
        if row.rstrip() != row:
            findings.append(f"{path}:{number}: blanks at the end of the line")
    return findings


def protos():
    """One line in protos.def, one file."""
    listed = re.findall(r"^X\((\w+)\)", tree.read("capture/protos.def").decode(), re.MULTILINE)
    there = [p[len("capture/proto_"):-2] for p in tree.files()
             if p.startswith("capture/proto_") and p.endswith(".c")]
    findings = [f"capture/protos.def: {n} is listed twice" for n in set(listed)
                if listed.count(n) > 1]
    findings += [f"capture/protos.def: {n} has no capture/proto_{n}.c"
                 for n in sorted(set(listed) - set(there))]
    findings += [f"capture/proto_{n}.c: {n} is not in capture/protos.def"
                 for n in sorted(set(there) - set(listed))]
    for name in there:
        text = tree.read(f"capture/proto_{name}.c").decode()
        for other in set(there) - {name}:
            if re.search(rf"\bproto_{other}\b(?!\.)", text):
                findings.append(f"capture/proto_{name}.c: mentions proto_{other}")
    return findings if listed else ["capture/protos.def: lists nothing"]


def includes():
    """capture and shipper never meet, common knows neither."""
    headers = {}
    for path in tree.files():
        if path.endswith((".h", ".def")):
            headers.setdefault(os.path.basename(path), set()).add(path.split(os.sep)[0])
    findings = []
    for path in tree.of_kind("c"):
        folder = path.split(os.sep)[0]
        if folder not in MAY_INCLUDE:
            continue
        for name in re.findall(r'^#include "([^"]+)"', tree.read(path).decode(), re.MULTILINE):
            from_ = headers.get(os.path.basename(name), set())
            if from_ and not from_ & set(MAY_INCLUDE[folder]):
                findings.append(f"{path}: includes {name} of {' '.join(sorted(from_))}")
    return findings


def folders():
    tops = {p.split(os.sep)[0] for p in tree.files() if os.sep in p}
    return [f"{t}/: no such top folder is in the map" for t in sorted(tops - TOP)]


def main():
    findings = protos() + includes() + folders()
    paths = list(tree.files())
    for path in paths:
        findings += hosts(path)
        if tree.kind(path):
            findings += first_lines(path) + text_form(path)
    return tree.report(findings, f"{len(paths)} files")


sys.exit(main())
