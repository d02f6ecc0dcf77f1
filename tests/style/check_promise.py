# check_promise.py -- README's table of the promise: its clauses are the promise, its tests are there.
# SPDX-License-Identifier: Apache-2.0
import re
import subprocess
import sys

import tree

TEST = re.compile(r"`((?:unit|crash|fault|e2e|fuzz|style)\.[\w.-]+)`")


def registered():
    listed = subprocess.run(["ctest", "-N"], cwd=tree.build_dir(), check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    return set(re.findall(r"Test +#\d+: (\S+)", listed))


def promise(readme):
    """Its sentences, in one line."""
    return " ".join(re.search(r"## The promise\n\n\*(.*?)\*\n", readme, re.DOTALL).group(1).split())


def rows(readme):
    table = re.search(r"## What backs the promise\n(.*?)\n## ", readme, re.DOTALL).group(1)
    return [row.split("|")[1:-1] for row in table.splitlines() if row.startswith("| *")]


def clauses(readme):
    """The clauses, one behind the other, are the promise word for word."""
    said = " ".join(row[0].strip().strip("*") for row in rows(readme))
    return [] if said == promise(readme) else [
        f"README.md: the table's clauses are not the promise: {said}"]


def tests(readme):
    there = registered()
    findings = []
    for clause, shown in rows(readme):
        names = TEST.findall(shown)
        findings += [f"README.md: there is no test {n}" for n in names if n not in there]
        if not names:
            findings.append(f"README.md: no test is named for {clause.strip()}")
    return findings


def main():
    readme = tree.read("README.md").decode()
    return tree.report(clauses(readme) + tests(readme), f"{len(rows(readme))} clauses")


sys.exit(main())
