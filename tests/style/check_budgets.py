# check_budgets.py -- files and functions of the programs stay short.
# SPDX-License-Identifier: Apache-2.0
"""clang-format puts the braces of a function, and nothing else, into the first column. Nesting and
statements are counted by clang-tidy (readability-function-size)."""
import statistics
import sys

import tree

FILE_LINES, TEST_LINES, FUNCTION_LINES, MEDIAN_LINES = 400, 700, 60, 15
# Allowed to be longer, because most of it is a table.
TABLES = {}


def functions(rows):
    """First line and length of each function, from its name to its closing brace."""
    start = head = None
    for number, row in enumerate(rows, 1):
        if row and not row[0].isspace() and row[0] not in "{}#/*":
            head = number
        if row == "{":
            start = head or number
        elif row == "}" and start:
            yield start, number - start + 1
            start = None


def look(path):
    rows = tree.lines(path)[:-1]
    program = path.startswith(tuple(f + "/" for f in tree.PROGRAMS))
    limit = TABLES.get(path, FILE_LINES if program else TEST_LINES)
    findings = []
    if len(rows) > limit:
        findings.append(f"{path}: {len(rows)} lines, more than {limit}")
    sizes = list(functions(rows)) if path.endswith((".c", ".h")) else []
    findings += [f"{path}:{line}: a function of {size} lines, more than {FUNCTION_LINES}"
                 for line, size in sizes if size > FUNCTION_LINES]
    return findings, [size for line, size in sizes]


def main():
    findings, sizes = [], []
    paths = tree.of_kind("c", "python", "shell")
    for path in paths:
        found, found_sizes = look(path)
        findings += found
        sizes += found_sizes
    if statistics.median(sizes) > MEDIAN_LINES:
        findings.append(f"half of all functions have more than {MEDIAN_LINES} lines")
    print(f"median function: {statistics.median(sizes)} lines, longest: {max(sizes)}")
    return tree.report(findings, f"{len(paths)} files and {len(sizes)} functions")


sys.exit(main())
