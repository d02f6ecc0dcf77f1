# compare.py -- compares the documents of one capture with tshark's rows, and counts.
# SPDX-License-Identifier: Apache-2.0
import collections
import json

import capture
import captures
import cells
import differences

# The table a cell is counted in. IN and OUT together are the main rate.
IN = "in"            # packets whose layers are all in scope
OUT = "out"          # packets that tshark dissects further than the scope goes
STATE = "state"      # cells that tshark knows from earlier packets only
BROKEN = "broken"    # packets that tshark marks malformed or short
VERDICTS = (cells.AGREE, cells.WRONG, cells.MISSING, cells.EXTRA, cells.SKIPPED)
CASES = 5
SHOWN = 200          # characters kept of a value

# A packet: its capture's path, how reports call that, and its number.
Place = collections.namedtuple("Place", "path shown packet", defaults=(0,))

Case = collections.namedtuple("Case", "verdict file packet tshark espcap")


class Tally:
    """Everything that is counted. Tallies add up in any grouping; cases keep the order of files."""

    def __init__(self):
        self.counts = collections.defaultdict(collections.Counter)   # (table, name) -> verdicts
        self.cases = collections.defaultdict(list)                   # (table, name) -> first cases
        self.classes = collections.Counter()                         # (title or None, main?)
        self.packets = collections.Counter()                         # kind of packet
        self.tokens = collections.Counter()                          # out-of-scope token -> packets
        self.folded = collections.Counter()                          # verdicts, folded protocols
        self.clock = collections.Counter()                           # verdicts, @timestamp
        self.told_before = collections.Counter()                     # verdicts moved to STATE
        self.asked_alone = collections.Counter()                     # packets asked for alone
        self.stray = collections.Counter()                           # keys no list has
        self.files = collections.defaultdict(list)                   # list -> (file, packets, why)

    def add(self, other):
        for key, counter in other.counts.items():
            self.counts[key] += counter
        for key, cases in other.cases.items():
            self.cases[key] += cases[:CASES - len(self.cases[key])]
        for mine, theirs in ((self.classes, other.classes), (self.packets, other.packets),
                             (self.tokens, other.tokens), (self.folded, other.folded),
                             (self.clock, other.clock), (self.stray, other.stray),
                             (self.told_before, other.told_before),
                             (self.asked_alone, other.asked_alone)):
            mine.update(theirs)
        for title, entries in other.files.items():
            self.files[title] += entries

    def note(self, key, case):
        """Keeps a case when it is one of the first of its kind."""
        if len(self.cases[key]) < CASES:
            self.cases[key].append(case)

    def total(self, *tables):
        """The verdicts of whole tables."""
        total = collections.Counter()
        for (table, _), counter in self.counts.items():
            if table in tables:
                total += counter
        return total


def cells_of(counter):
    """How many cells count: those where a side has a value and that are not skipped."""
    return sum(counter[verdict] for verdict in VERDICTS[:4])


def rate(counter):
    """agree / cells, or None where there is none."""
    count = cells_of(counter)
    return counter[cells.AGREE] / count if count else None


class Comparison:
    """What stays the same over all files: the names asked for, the scope, the two programs. `alone`
    is an Alone, or None where differences.txt says what only earlier packets tell."""

    def __init__(self, asked, known, scope, tshark, binary, extra=(), alone=None):
        self.asked = {name.name: name for name in asked}
        self.known = known
        self.scope = scope
        self.tshark = tshark
        self.binary = binary
        self.extra = list(extra)
        self.whole = not any(option == "--verify-checksums" for option in self.extra)
        self.classes = differences.load()
        self.alone = alone
        self.single = (None, [])    # the packet last asked for alone, and the answers

    def compare_file(self, path, shown):
        """The Tally of one capture; shown is how reports call it."""
        tally = Tally()
        answer = self.tshark.ask(path)
        output = capture.run(self.binary, path, self.extra)
        broke = capture.broke(output)
        if broke:
            tally.files["broke"].append((shown, len(answer.rows), broke))
        if answer.error:
            self.list_refusal(tally, shown, answer, output)
            if not answer.rows:
                return tally
        if capture.refused(output) and answer.rows:
            title = self.kind_of_refusal(path, answer.rows)
            tally.files[title].append((shown, len(answer.rows), output.message))
            if title != "refused":
                return tally
        self.compare_packets(tally, Place(path, shown), answer, output.documents)
        return tally

    def list_refusal(self, tally, shown, answer, output):
        """Lists a capture that tshark does not read, or not to its end."""
        ours = (f"espcap refuses it too: {output.message}" if capture.refused(output)
                else f"espcap gives {len(output.documents)} documents")
        title = "tshark stops" if answer.rows else "tshark refuses"
        tally.files[title].append((shown, len(answer.rows), f"{answer.error} ({ours})"))

    def kind_of_refusal(self, path, rows):
        """Refusing a capture is a defect when any packet begins with a layer that is in scope,
        unless libpcap itself does not read the file."""
        if not self.scope.knows_link(rows):
            return "unknown link type"
        return "libpcap refuses" if captures.libpcap_refuses(path) else "refused"

    def compare_packets(self, tally, place, answer, documents):
        aligned = capture.align(documents, len(answer.rows))
        tally.packets["tshark"] += len(answer.rows)
        tally.packets["espcap"] += len(documents)
        for number in sorted(set(aligned) | set(range(1, len(answer.rows) + 1))):
            row = answer.rows[number - 1] if 1 <= number <= len(answer.rows) else {}
            document = aligned.get(number)
            if document is None:
                tally.packets["without a document"] += 1
            elif not row:
                tally.packets["without a row of tshark"] += 1
            self.compare_packet(tally, place._replace(packet=number), row,
                                document or {"layers": {}}, answer.aggregator)

    def compare_packet(self, tally, where, row, document, aggregator):
        foreign = self.scope.foreign(row.get("frame.protocols", ""))
        broken = "_ws.malformed" in row or "_ws.short" in row
        tally.packets[BROKEN if broken else OUT if foreign else IN] += 1
        tally.tokens.update(set(foreign))
        layers = document["layers"]
        for key in row.keys() | layers.keys():
            name = self.asked.get(key)
            if name is None:
                self.note_stray(tally, key, layers)
                continue
            table = (BROKEN if broken else STATE if "state" in name.marks
                     else OUT if foreign else IN)
            self.compare_cell(tally, table, where, name, row, layers.get(key, cells.ABSENT),
                              aggregator)
        if self.whole and row:
            self.compare_clock(tally, where, row, document)
            if not broken:
                self.compare_folded(tally, row, layers)

    def compare_cell(self, tally, table, where, name, row, value, aggregator):
        raw = row.get(name.name, "")
        verdict = cells.judge(name, raw, value, aggregator)
        if verdict is None:
            return
        if verdict in (cells.AGREE, cells.SKIPPED):
            tally.counts[table, name.name][verdict] += 1
            return
        difference = differences.Difference(verdict, name, row, value, aggregator, self.scope)
        known = differences.class_of(self.classes, difference)
        if table in (IN, OUT) and self.is_told_before(tally, where, name, difference, known):
            tally.told_before[verdict] += 1
            table = STATE
        tally.counts[table, name.name][verdict] += 1
        tally.classes[known.title if known else None, table in (IN, OUT)] += 1
        tally.note((table, name.name), Case(verdict, where.shown, where.packet,
                                            cut(raw.replace(aggregator, " | ")),
                                            shown_value(value)))

    def is_told_before(self, tally, where, name, difference, known):
        """Does tshark know this cell from earlier packets only? Proven, where it can be asked: of the
        packet alone it says what espcap says, or, of a cell that espcap leaves out, anything else."""
        if not self.alone:
            return bool(known) and known.state and difference.verdict == cells.MISSING
        if self.single[0] != where:
            tally.asked_alone["packets"] += 1
            self.single = (where, list(self.alone.answers(where.path, where.packet,
                                                          difference.row)))
        raw = difference.row.get(name.name, "")
        for row, aggregator in self.single[1]:
            single = row.get(name.name, "")
            if difference.verdict == cells.MISSING and single != raw:
                return True
            if cells.judge(name, single, difference.value, aggregator) in (
                    None, cells.AGREE, cells.SKIPPED):
                return True
        return False

    def compare_folded(self, tally, row, layers):
        """Section 5's second number; a broken or missing value on our side just differs."""
        ours = layers.get("frame.protocols")
        theirs = self.scope.fold(row.get("frame.protocols", ""))
        if not theirs and ours is None:
            return
        same = isinstance(ours, str) and self.scope.fold(ours) == theirs
        tally.folded[cells.AGREE if same else cells.WRONG] += 1

    def compare_clock(self, tally, where, row, document):
        """@timestamp against frame.time_epoch; a packet without a document was counted before."""
        theirs = cells.iso_epoch(row["frame.time_epoch"]) if "frame.time_epoch" in row else None
        if theirs is None or not document["layers"]:
            return
        ours = document.get("@timestamp")
        verdict = cells.AGREE if ours == theirs else cells.WRONG
        tally.clock[verdict] += 1
        if verdict == cells.WRONG:
            tally.note(("clock", "@timestamp"), Case(verdict, where.shown, where.packet,
                                                     theirs, shown_value(ours)))

    def note_stray(self, tally, key, layers):
        """A key of layers that protocols.md does not have, or that was not asked for."""
        if key not in layers:
            return
        name = self.known.get(key)
        if name is None or "payload" in name.marks and "--payload" not in self.extra:
            tally.stray[key] += 1


def cut(text):
    return text if len(text) <= SHOWN else text[:SHOWN] + "..."


def shown_value(value):
    return "" if value is cells.ABSENT else cut(json.dumps(value, ensure_ascii=False, default=str))
