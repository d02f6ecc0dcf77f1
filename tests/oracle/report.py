# report.py -- prints what was counted, and gives the same as JSON.
# SPDX-License-Identifier: Apache-2.0
from cells import AGREE, EXTRA, MISSING, SKIPPED, WRONG
from compare import BROKEN, CASES, IN, OUT, STATE, VERDICTS, cells_of, rate

LISTS = (
    ("broke", "espcap broke (a defect; what it printed was compared)"),
    ("refused", "espcap refuses a capture whose link type is in scope (a defect; all cells are "
     "missing)"),
    ("unknown link type", "link type that espcap does not know, refused with a message (not in the "
     "rate)"),
    ("libpcap refuses", "libpcap does not read the capture, nor does espcap (not in the rate)"),
    ("tshark refuses", "tshark refuses the capture (nothing to compare)"),
    ("tshark stops", "tshark stops before the end of the capture (compared up to there)"),
)
HEAD = ("rate", "agree", "wrong", "missing", "extra", "skipped")


def printable(text):
    """Packet and file bytes never reach the terminal as control characters."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def percent(value):
    return "-" if value is None else f"{value:.6f}"


def differing(counter):
    return counter[WRONG] + counter[MISSING] + counter[EXTRA]


def by_name(tally, tables):
    """name -> Counter over some tables."""
    result = {}
    for (table, name), counter in tally.counts.items():
        if table in tables:
            result[name] = result.get(name, type(counter)()) + counter
    return result


def by_protocol(fields):
    """The first part of the name -> Counter."""
    result = {}
    for name, counter in fields.items():
        protocol = name.split(".")[0]
        result[protocol] = result.get(protocol, type(counter)()) + counter
    return result


def columns(counter):
    return f"{percent(rate(counter)):>9}" + "".join(f"{counter[v]:>9}" for v in VERDICTS)


def heading():
    return "".join(f"{word:>9}" for word in HEAD)


def cases_of(tally, tables, name):
    """The first cases of a field over some tables, in file and packet order."""
    found = [case for table in tables for case in tally.cases.get((table, name), [])]
    return sorted(found, key=lambda case: (case.file, case.packet))[:CASES]


def case_line(case):
    sides = {WRONG: f"tshark {case.tshark}  espcap {case.espcap}",
             MISSING: f"tshark {case.tshark}", EXTRA: f"espcap {case.espcap}"}[case.verdict]
    return printable(f"            {case.file} #{case.packet} {case.verdict}: {sides}")


class Printer:
    """The report as text. say is print, or a test's list.append."""

    def __init__(self, tally, about, worst, say=print):
        self.tally = tally
        self.about = about
        self.worst = worst
        self.say = say

    def whole(self):
        self.summary()
        self.protocols()
        self.fields("fields of the main rate, most differing cells first", (IN, OUT),
                    lambda counter: differing(counter))
        self.classes()
        self.fields("apart: fields that tshark knows from earlier packets only (state); a defect "
                    "is only what is wrong", (STATE,), lambda counter: counter[WRONG])
        self.fields("apart: packets that tshark marks malformed or short; a defect is only what is "
                    "wrong", (BROKEN,), lambda counter: counter[WRONG])
        self.fields("part of the main rate: because of out-of-scope layers", (OUT,),
                    lambda counter: differing(counter))
        self.tokens()
        self.stray()
        self.lists()

    def summary(self):
        tally, say = self.tally, self.say
        for line in self.about:
            say(printable(line))
        say("packets: " + ", ".join(f"{tally.packets[kind]} {words}" for kind, words in (
            ("tshark", "of tshark"), ("espcap", "of espcap"), (IN, "with all layers in scope"),
            (OUT, "with out-of-scope layers"), (BROKEN, "malformed or short"))))
        for kind in ("without a document", "without a row of tshark"):
            if tally.packets[kind]:
                say(f"packets {kind}: {tally.packets[kind]}")
        say("")
        say(heading())
        say(columns(tally.total(IN, OUT)) + "  rate over all packets")
        say(columns(tally.total(IN)) + "  rate over packets whose layers are all in scope")
        say(columns(tally.total(IN, OUT) + tally.told_before) + "  rate over all packets, with what "
            "only earlier packets tell")
        if tally.asked_alone["packets"]:
            say(f"asked alone: {tally.asked_alone['packets']} packets; "
                f"{sum(tally.told_before.values())} cells are only told by earlier packets")
        self.side_numbers()

    def side_numbers(self):
        tally = self.tally
        exact = by_name(tally, (IN, OUT)).get("frame.protocols")
        if exact:
            self.say(f"frame.protocols: exact {percent(rate(exact))}, folded "
                     f"{percent(rate(tally.folded))} of {cells_of(tally.folded)}")
        if tally.clock:
            self.say(f"@timestamp: {tally.clock[AGREE]} agree, {tally.clock[WRONG]} wrong "
                     "(not in the rate)")
            for case in cases_of(tally, ("clock",), "@timestamp"):
                self.say(case_line(case))

    def protocols(self):
        self.say("\nprotocols, worst rate first")
        self.say(heading())
        table = by_protocol(by_name(self.tally, (IN, OUT)))
        for name in sorted(table, key=lambda key: (rate(table[key]) or 0, key)):
            self.say(columns(table[name]) + "  " + name)

    def fields(self, title, tables, weight):
        """A table of fields with their first cases: those with weight, at most `worst` of them."""
        fields = by_name(self.tally, tables)
        self.say(f"\n{title}")
        if not fields:
            self.say("   none")
            return
        total = sum(fields.values(), type(next(iter(fields.values())))())
        self.say(heading())
        self.say(columns(total) + "  all of this table")
        order = sorted((name for name in fields if weight(fields[name])),
                       key=lambda name: (-weight(fields[name]), name))
        for name in order[:self.worst]:
            self.say(columns(fields[name]) + "  " + name)
            for case in cases_of(self.tally, tables, name):
                self.say(case_line(case))
        if len(order) > self.worst:
            self.say(f"   ... and {len(order) - self.worst} more fields (--worst N, --json FILE)")

    def classes(self):
        self.say("\nknown classes of difference (differences.txt); they stay in the rate")
        self.say(f"{'main':>9}{'apart':>9}")
        for one in first_of_each(self.about.classes):
            main, apart = (self.tally.classes[one.title, where] for where in (True, False))
            self.say(f"{main:>9}{apart:>9}  {one.title}: {one.reason}")
        main, apart = (self.tally.classes[None, where] for where in (True, False))
        self.say(f"{main:>9}{apart:>9}  in no class")

    def tokens(self):
        self.say("\nout-of-scope tokens of frame.protocols, with packets")
        for token, count in self.tally.tokens.most_common(self.worst):
            self.say(printable(f"{count:>9}  {token}"))

    def stray(self):
        self.say("\nkeys of layers that protocols.md does not have, or that were not asked for "
                 "(--payload): a defect")
        for key, count in sorted(self.tally.stray.items()):
            self.say(printable(f"{count:>9}  {key}"))

    def lists(self):
        for key, title in LISTS:
            entries = self.tally.files.get(key, [])
            self.say(f"\n{title}: {len(entries)}")
            for file, packets, why in entries:
                self.say(printable(f"   {file} ({packets} packets of tshark): {why}"))


def first_of_each(classes):
    """Of several lines with one title the first, whose reason stands for all."""
    seen = {}
    for one in classes:
        seen.setdefault(one.title, one)
    return seen.values()


class About(list):
    """The lines that open a report, and the classes it counts."""

    def __init__(self, lines, classes):
        super().__init__(lines)
        self.classes = classes


def counter_json(counter):
    return {**{verdict: counter[verdict] for verdict in VERDICTS}, "rate": rate(counter)}


def as_json(tally, about):
    """Everything counted, with the first cases of each field."""
    tables = {}
    for (table, name), counter in sorted(tally.counts.items()):
        cases = [case._asdict() for case in tally.cases.get((table, name), [])]
        tables.setdefault(table, {})[name] = {**counter_json(counter), "cases": cases}
    return {
        "about": list(about),
        "all packets": counter_json(tally.total(IN, OUT)),
        "packets whose layers are all in scope": counter_json(tally.total(IN)),
        "protocols": {name: counter_json(counter) for name, counter
                      in sorted(by_protocol(by_name(tally, (IN, OUT))).items())},
        "tables": tables,
        "frame.protocols folded": counter_json(tally.folded),
        "@timestamp": {"agree": tally.clock[AGREE], "wrong": tally.clock[WRONG],
                       "cases": [case._asdict() for case in tally.cases["clock", "@timestamp"]]},
        "classes": {one.title: {"main": tally.classes[one.title, True],
                                "apart": tally.classes[one.title, False],
                                "reason": one.reason} for one in first_of_each(about.classes)},
        "in no class": {"main": tally.classes[None, True], "apart": tally.classes[None, False]},
        "packets": dict(tally.packets), "out-of-scope tokens": dict(tally.tokens),
        "stray keys": dict(tally.stray), "files": dict(tally.files),
    }
