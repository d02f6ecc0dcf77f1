# check_scripts.py -- shell scripts are clean to shellcheck, strict, and Python files compile.
# SPDX-License-Identifier: Apache-2.0
import ast
import os
import re
import subprocess
import sys

import tree


def shell(paths):
    tool = tree.need("shellcheck", "shellcheck")
    done = subprocess.run([tool, "-x", "-P", "SCRIPTDIR", "-f", "gcc", *paths], cwd=tree.SOURCE,
                          capture_output=True, text=True)
    findings = (done.stdout + done.stderr).splitlines()
    for path in paths:
        text = tree.read(path).decode()
        if not text.startswith(("#!/usr/bin/env bash\n", "#!/bin/bash\n")):
            findings.append(f"{path}:1: the first line does not ask for bash")
        sourced = not os.access(os.path.join(tree.SOURCE, path), os.X_OK)
        if not sourced and not re.search(r"^set -euo pipefail$|^source .*/common\.sh", text, re.MULTILINE):
            findings.append(f"{path}: no line says set -euo pipefail")
    return findings


def python(paths):
    findings = []
    for path in paths:
        try:
            compile(tree.read(path), path, "exec", ast.PyCF_ONLY_AST)
        except (SyntaxError, ValueError) as error:
            findings.append(f"{path}: {error}")
    return findings


def main():
    shells, pythons = tree.of_kind("shell"), tree.of_kind("python")
    return tree.report(shell(shells) + python(pythons),
                       f"{len(shells)} shell and {len(pythons)} Python files")


sys.exit(main())
