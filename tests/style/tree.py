# tree.py -- what the checks of style share: the project's files, and how findings are reported.
# SPDX-License-Identifier: Apache-2.0
import os
import shutil
import sys

SOURCE = os.path.realpath(os.environ.get("ESPCAP_SOURCE_DIR") or
                          os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAMS = ("common", "capture", "shipper", "cli")
SKIP = 77
_NOT_OURS = {".git", "build", "__pycache__", ".cache"}


def bin_dir():
    """The folder of the built programs; a check that needs it is skipped without."""
    path = os.environ.get("ESPCAP_BIN_DIR")
    if not path:
        skip("ESPCAP_BIN_DIR names no folder of built programs")
    return os.path.realpath(path)


def build_dir():
    return os.path.dirname(bin_dir())


def files():
    """Every file of the project, as a path from its top, sorted."""
    for folder, folders, names in os.walk(SOURCE):
        folders[:] = sorted(f for f in folders if f not in _NOT_OURS)
        for name in sorted(names):
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                yield os.path.relpath(path, SOURCE)


def read(path):
    with open(os.path.join(SOURCE, path), "rb") as file:
        return file.read()


def lines(path):
    return read(path).decode("utf-8").split("\n")


def kind(path):
    """c, python, shell or None; scripts without a suffix are known by their first line."""
    suffix = os.path.splitext(path)[1]
    known = {".c": "c", ".h": "c", ".def": "c", ".py": "python", ".sh": "shell"}
    if suffix in known:
        return known[suffix]
    if suffix:
        return None
    first = read(path)[:64].split(b"\n")[0]
    if first.startswith(b"#!"):
        return "python" if b"python" in first else "shell" if b"sh" in first else None
    return None


def of_kind(*kinds):
    return [path for path in files() if kind(path) in kinds]


def need(tool, package):
    if not shutil.which(tool):
        skip(f"{tool} is not installed (package {package})")
    return tool


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIP)


def report(findings, looked_at):
    """Prints what was found; the exit code for it. A check that looked at nothing has failed."""
    for finding in findings:
        print(finding)
    print(f"{len(findings)} findings in {looked_at}")
    return 1 if findings or looked_at.startswith("0 ") else 0
