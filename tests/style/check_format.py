# check_format.py -- every C file is formatted as .clang-format says.
# SPDX-License-Identifier: Apache-2.0
import subprocess
import sys

import tree


def main():
    tool = tree.need("clang-format-14", "clang-format-14")
    # .def files are tables: a formatter would break their rows
    paths = [p for p in tree.of_kind("c") if not p.endswith(".def")]
    done = subprocess.run([tool, "--dry-run", "--Werror", *paths], cwd=tree.SOURCE,
                          capture_output=True, text=True)
    findings = [line for line in done.stderr.split("\n") if ": error:" in line]
    if done.returncode and not findings:
        findings = [done.stderr]
    return tree.report(findings, f"{len(paths)} C files")


sys.exit(main())
