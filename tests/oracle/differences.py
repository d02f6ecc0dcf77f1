# differences.py -- the known classes of difference: they annotate a report and excuse nothing.
# SPDX-License-Identifier: Apache-2.0
import collections
import fnmatch
import json
import os
import re

import cells
import names

# What a class is asked about: one cell that does not agree, with tshark's row around it.
Difference = collections.namedtuple("Difference", "verdict name row value aggregator scope")
Class = collections.namedtuple("Class", "title glob verdicts conditions reason state")

CONDITION = re.compile(r"(\S+) (~|>|is) (.+)")


def load(path=os.path.join(names.HERE, "differences.txt")):
    """The classes in the order of the file; the first that matches a difference names it."""
    classes = []
    for line in names.lines_of(path):
        title, glob, verdicts, conditions, reason, *state = line.split("\t")
        if state not in ([], ["state"]):
            raise ValueError(f"differences.txt: '{state}' is not 'state'")
        parsed = [] if conditions == "-" else [condition(part) for part in conditions.split(" & ")]
        classes.append(Class(title, glob, frozenset(verdicts.split(",")), parsed, reason, bool(state)))
    return classes


def condition(text):
    """(what, operator, argument); raises ValueError when the text is no condition."""
    found = CONDITION.fullmatch(text)
    if not found:
        raise ValueError(f"differences.txt: '{text}' is no condition")
    what, operator, argument = found.groups()
    return what, operator, {"~": re.compile, ">": int, "is": str}[operator](argument)


def subject(what, one):
    """What a condition speaks of: a property of the cell, or tshark's cell of the named field."""
    raw = one.row.get(one.name.name, "")
    if what == "values":
        return len(raw.split(one.aggregator))
    if what == "length":
        return max(len(text) for text in raw.split(one.aggregator))
    if what == "espcap":
        return "" if one.value is cells.ABSENT else json.dumps(one.value, default=str)
    if what == "folded":
        same = isinstance(one.value, str) and one.scope.fold(one.value) == one.scope.fold(raw)
        return "same" if same else "different"
    if what == "foreign":
        return ":".join(one.scope.foreign(one.row.get("frame.protocols", "")))
    return {"type": one.name.type, "tshark": raw}.get(what, one.row.get(what, ""))


def holds(part, one):
    what, operator, argument = part
    found = subject(what, one)
    if operator == ">":
        return found > argument
    return argument.search(found) is not None if operator == "~" else found == argument


def class_of(classes, one):
    """The first class that fits a Difference, or None."""
    for known in classes:
        if (one.verdict in known.verdicts and fnmatch.fnmatchcase(one.name.name, known.glob)
                and all(holds(part, one) for part in known.conditions)):
            return known
    return None


def title_of(classes, one):
    known = class_of(classes, one)
    return known.title if known else None
