# check_tidy.py -- clang-tidy finds nothing in any C file of the programs; with ESPCAP_LONG nor of the tests.
# SPDX-License-Identifier: Apache-2.0
"""A file is looked at again when it changes, its headers as the compiler sees them, its command, the
configuration or clang-tidy itself; what was clean leaves a mark in the build folder."""
import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys

import tree

JOBS = 2


def run(command, folder):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace")


def commands(build):
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        entries = {}
        for entry in json.load(file):   # tests compile some files again, with flags of their own
            entries.setdefault(os.path.realpath(entry["file"]), entry)
    left_out = [build + os.sep]
    if os.environ.get("ESPCAP_LONG") != "1":    # they take minutes
        left_out.append(os.path.join(tree.SOURCE, "tests") + os.sep)
    return {f: e for f, e in sorted(entries.items())
            if f.startswith(tree.SOURCE + os.sep) and not f.startswith(tuple(left_out))}


def preprocess(entry):
    """What the compiler sees, without the names of files and the numbers of lines."""
    words = shlex.split(entry["command"])
    at = words.index("-o")
    command = words[:at] + words[at + 2:]
    command[command.index("-c")] = "-E"
    return run([*command, "-P"], entry["directory"])


class Tidy:
    def __init__(self, build):
        self.tool = tree.need("clang-tidy-14", "clang-tidy-14")
        self.build = build
        self.marks = os.path.join(build, "style", "tidy")
        os.makedirs(self.marks, exist_ok=True)
        self.looked = 0
        self.base = hashlib.sha256(run([self.tool, "--version"], build).stdout.encode())
        for path in tree.files():
            if os.path.basename(path) == ".clang-tidy":
                self.base.update(path.encode() + tree.read(path))

    def mark_of(self, path, entry, text):
        key = self.base.copy()
        key.update(entry["command"].encode() + text.encode())
        with open(path, "rb") as file:
            key.update(file.read())
        return os.path.join(self.marks, key.hexdigest())

    def look(self, item):
        path, entry = item
        seen = preprocess(entry)
        if seen.returncode:
            return [f"{path}: does not compile: {seen.stderr.strip()}"]
        mark = self.mark_of(path, entry, seen.stdout)
        if os.path.exists(mark):
            os.utime(mark)
            return []
        self.looked += 1
        done = run([self.tool, "-p", self.build, "--quiet", path], self.build)
        found = re.findall(r"^.*: (?:error|warning): .*$", done.stdout, re.MULTILINE)
        if not found and done.returncode:
            found = [f"{path}: {done.stderr.strip()}"]
        if not found:
            with open(mark, "w", encoding="utf-8"):
                pass
        return found


def main():
    build = tree.build_dir()
    tidy = Tidy(build)
    work = commands(build)
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        results = list(pool.map(tidy.look, work.items()))
    findings = sorted({f.replace(tree.SOURCE + os.sep, "") for found in results for f in found})
    missing = [p for p in tree.of_kind("c") if p.endswith(".c") and not p.startswith("tests/") and
               os.path.join(tree.SOURCE, p) not in work]
    if missing:
        print("not compiled by this build, so not looked at: " + " ".join(missing))
    print(f"{tidy.looked} files looked at, {len(work) - tidy.looked} unchanged since they were clean")
    return tree.report(findings, f"{len(work)} C files")


sys.exit(main())
