#!/usr/bin/env python3
# weakened.py -- weakens one bounds check of the cursor at a time, and wants its unit test to turn red.
# SPDX-License-Identifier: Apache-2.0
"""usage: weakened.py BUILD-FOLDER ROOT

The program of test_bytes.c is compiled again, as the build does it, against a copy of bytes.h in which one check lets
one byte too many pass. Memory in that test ends at a page that nobody may touch.
"""
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile

# Every comparison of bytes.h that stands between a decoder and memory that is not its own.
CHECKS = [
    ("\tif (bytes_left(b) < n) {\n", "\tif (bytes_left(b) + 1 < n) {\n"),
    ("bytes_of(b->p, n < left ? n : left)", "bytes_of(b->p, n <= left + 1 ? n : left)"),
    ("\tif (bytes_left(b) <= i)\n", "\tif (bytes_left(b) < i)\n"),
    ("return bytes_left(b) >= n && memcmp", "return bytes_left(b) + 1 >= n && memcmp"),
]


def compile_command(build, source):
    """The build's own, as words, without where its output goes."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if entry["file"] == str(source) and "unit_test_bytes" in entry["command"]:
            words = shlex.split(entry["command"])
            at = words.index("-o")
            return words[:at] + words[at + 2:], entry["directory"]
    sys.exit(f"{build} does not compile {source}")


def outcome(words, folder, work, header):
    """Exit code of the test against this header."""
    (work / "bytes.h").write_text(header)
    program = work / "test"
    at = words.index("-c")
    command = words[:at] + words[at + 1:] + ["-w", "-o", str(program), "-lcmocka"]
    command[1:1] = ["-include", str(work / "bytes.h")]
    subprocess.run(command, cwd=folder, check=True)
    return subprocess.run([program], capture_output=True, check=False).returncode


def main(build, root):
    header = (root / "common/bytes.h").read_text()
    words, folder = compile_command(build, root / "tests/unit/test_bytes.c")
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        if outcome(words, folder, work, header) != 0:
            sys.exit("the test fails with every check in its place")
        for strong, weak in CHECKS:
            if header.count(strong) != 1:
                sys.exit(f"bytes.h has changed, weakened.py does not find: {strong!r}")
            code = outcome(words, folder, work, header.replace(strong, weak))
            print(f"{'red' if code else 'GREEN'} ({code}): {weak.strip()}")
            if code == 0:
                sys.exit("a weakened check was not noticed")


if __name__ == "__main__":
    main(*(pathlib.Path(arg).resolve() for arg in sys.argv[1:]))
