# report.py -- figures as a table for people, and as a file that is kept.
# SPDX-License-Identifier: Apache-2.0
import json
import os
import re
import sys
from dataclasses import asdict

import measure

RESULTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "results.json")
BLOCK = re.compile(r"(<!-- bench -->\n).*?(<!-- /bench -->)", re.DOTALL)
TITLES = ["work", "target", "measured", "in CPU time", "beside it"]


def number(value):
    """Three digits that matter; whole numbers from a thousand on."""
    if value == 0:
        return "0"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:.{digits}f}" if abs(value) >= 0.1 else f"{value:.3f}"


def figure(value, unit):
    """2.31x (2.28x), of the best rounds and of the median one; or one number; or nothing."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return f"{number(value['best'])}{unit} ({number(value['median'])}{unit})"
    return number(value) + unit


def line(row, work, target, clock=None, cpu=None, unit="x", beside=""):
    """Adds a line of the table. clock, cpu: {best, median}, or one number."""
    row["lines"].append({"work": work, "target": target, "clock": clock, "cpu": cpu,
                         "unit": unit, "beside": beside})


def costs(row, what, each):
    """Keeps what every round took."""
    row["costs"][what] = {name: [asdict(cost) for cost in list_] for name, list_ in each.items()}
    row["noise"] = max(row.get("noise", 0), measure.noise(each))


def machine(about):
    return f"{about['cpu']}, {about['cores']} cores, {about['memory'] / 2**30:.0f} GiB"


def when(rows):
    """A line: which rows were measured together, when, of which commit, on what, beside what."""
    about = rows[0]["about"]
    changed = " with changes" if about["changed"] else ""
    loads = sorted(round(row["load"], 1) for row in rows)
    load = f"{loads[0]}" if loads[0] == loads[-1] else f"{loads[0]} to {loads[-1]}"
    return (f"- {', '.join(row['row'] for row in rows)}: {about['date']}, commit "
            f"{about['commit']}{changed}, {machine(about)}, Linux {about['kernel']}, load {load}")


def heading(rows):
    dates = sorted({row["about"]["date"] for row in rows})
    noise = max(row.get("noise", 0) for row in rows)
    lines = ["Ratios, by the clock and in CPU time, are of the best round of each program; in "
             "brackets the median", "of the paired rounds. CPU time of the same work differed by "
             f"up to {noise:.0%} between rounds. What is",
             "printed is decoded on all cores, four at most, where tcpdump and tshark use one: that "
             "is seen by the clock alone.", "", "Measured:", ""]
    return "\n".join(lines + [when([row for row in rows if row["about"]["date"] == date])
                              for date in dates])


def as_markdown(document):
    rows = document["rows"]
    lines = [heading(rows), "", "| " + " | ".join(TITLES) + " |",
             "| " + " | ".join("---" for _ in TITLES) + " |"]
    for row in rows:
        cells = [[each["work"], each["target"], figure(each["clock"], each["unit"]),
                  figure(each["cpu"], each["unit"]), each["beside"]] for each in row["lines"]]
        cells += [[row["row"], "", word, "", row[word]] for word in ("skipped", "failed")
                  if word in row]
        lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in each) + " |"
                  for each in cells]
    return "\n".join(lines) + "\n"


def write(path, text):
    with open(path + ".new", "w", encoding="utf-8") as f:
        f.write(text)
    os.replace(path + ".new", path)
    print(f"wrote {os.path.relpath(path)}", file=sys.stderr)


def keep(document, order):
    """Rows that were not measured now stay as they were."""
    kept = {}
    if os.path.exists(RESULTS):
        with open(RESULTS, encoding="utf-8") as f:
            kept = {row["row"]: row for row in json.load(f)["rows"]}
    kept.update({row["row"]: row for row in document["rows"] if row["lines"]})
    rows = [kept[name] for name in order if name in kept]
    write(RESULTS, json.dumps({"rows": rows}, indent=1) + "\n")


def with_block(text, table):
    """text with the table between its markers; ValueError without them."""
    if not BLOCK.search(text):
        raise ValueError("there are no lines <!-- bench --> and <!-- /bench -->")
    return BLOCK.sub(lambda found: found[1] + table + found[2], text)


def into_readme(path):
    """Puts the kept results into a README; an exit code."""
    try:
        with open(RESULTS, encoding="utf-8") as f:
            table = as_markdown(json.load(f))
        with open(path, encoding="utf-8") as f:
            text = with_block(f.read(), table)
    except (OSError, ValueError) as why:
        print(f"cannot put the results into {path}: {why}; run tests/bench/run first",
              file=sys.stderr)
        return 1
    write(path, text)
    return 0
