#!/usr/bin/env python3
# test_audit.py -- espcap audit finds what was taken away from a real server, and what was added.
# SPDX-License-Identifier: Apache-2.0
import json
import os
import time
import unittest

import case
import programs
from audit_case import DAYS, EVENTS, AuditCase, loss, packet, run_name

BLOCK = 20_000    # numbers of one question (audit_scan.h)
BEYOND = 2**53    # what a double cannot tell from its neighbour


def day_of_other(sequence):
    return DAYS[1 - sequence // 7 % 2]


class Made(AuditCase):
    """Many runs side by side, each with its own trouble; all asked in one go."""

    def setUp(self):
        super().setUp()
        self.templates()
        self.made = 0
        self.wanted = {}

    def run_of(self, *parts, wanted, host="edge"):
        """wanted: documents, holes, doubles, and the other numbers that are not 0"""
        self.made += 1
        run = run_name((self.made << 40) + 7)
        self.packets(run, *parts, host=host)
        self.wanted[run] = wanted
        return run

    def double(self, run, sequence, index=None, name=None):
        self.store(index or day_of_other(sequence), name or case.record_id(run, sequence),
                   packet(run, sequence))

    def ask(self, code):
        self.send()
        found, runs = self.audited(code=code)
        self.assertEqual(sorted(runs), sorted(self.wanted))
        for name, (documents, ranges, twice, more) in self.wanted.items():
            with self.subTest(run=name):
                self.check(runs[name], documents, ranges, twice, **more)
        return found

    def test_complete_runs_and_what_cannot_be_audited(self):
        self.assertRegex(self.audit(code=1).out, "^nothing found: no document with espcap.run")
        good = self.run_of(range(1, 1001), wanted=(1000, (), (), {}))
        self.run_of(5, wanted=(1, (), (), {}))
        self.run_of(range(BEYOND - 1, BEYOND + 4), wanted=(5, (), (), {}))
        self.store(DAYS[0], "a", {"@timestamp": "2026-01-01T00:00:00Z"})
        self.store(DAYS[0], "b", {"espcap.run": run_name(1)})
        self.store(DAYS[0], "c", packet('no run of "ours"}', 1))
        self.store("packets_lite", "d", {"srcip": "192.0.2.1"})
        found = self.ask(0)
        self.assertEqual((found["unnumbered"], found["alien"], found["lite"], found["losses"]),
                         (2, 1, 1, []))
        out = self.audit().out
        self.assertIn("not audited: 2 documents without espcap.run or event.sequence\n", out)
        self.assertIn("not audited: 1 documents of packets_lite; schema lite carries no sequence",
                      out)
        self.assertRegex(out, r"(?m)^complete: 3 runs, 1,006 documents, 0 missing, 0 too many$")
        self.assertEqual(list(self.audited("--run", good)[1]), [good])
        nothing, runs = self.audited("--run", run_name(1), code=1)
        self.assertEqual((nothing["complete"], runs[run_name(1)]["documents"]), (False, 0))
        self.check_another_index()

    def check_another_index(self):
        index, run = "e2e-x-2026.01.01", run_name(99)
        self.store(index, case.record_id(run, 1), packet(run, 1))
        self.send()
        self.check_sentence(self.audit("--index", "e2e-x-%Y.%m.%d", code=1),
                            "was made without espcap's template")
        self.node.ask("DELETE", "/" + index)
        self.node.ask("PUT", "/" + index, {"mappings": {"dynamic": False, "properties": {
            "event": {"properties": {"sequence": {"type": "long"}, "dataset": {"type": "keyword"}}},
            "espcap": {"properties": {"run": {"type": "keyword"}}}}}})
        self.store(index, case.record_id(run, 1), packet(run, 1))
        self.send()
        self.assertEqual(list(self.audited("--index", "e2e-x-%Y.%m.%d")[1]), [run])
        self.assertEqual(self.audited("--index", "e2e-none-*", code=1)[1], {})

    def test_holes_doubles_and_losses(self):
        self.make_holes()
        twice = self.make_doubles()
        self.make_losses()
        found = self.ask(1)
        self.check_losses(found)
        self.check_table(twice)

    def make_holes(self):
        """Single ones, ranges, at the edges of blocks, in a desert, beyond doubles."""
        self.run_of(range(1, 12), range(13, 2000), wanted=(
            1998, [(12, 12, 1)], (), {"holes": 1}))
        self.run_of(range(1, 900), range(1101, 1500), range(1501, 1502), wanted=(
            1299, [(900, 1100, 201), (1500, 1500, 1)], (), {"holes": 202}))
        self.run_of(1, BLOCK, BLOCK + 2, 3 * BLOCK, 10**12, wanted=(
            5, [(2, BLOCK - 1, BLOCK - 2), (BLOCK + 1, BLOCK + 1, 1),
                (BLOCK + 3, 3 * BLOCK - 1, 2 * BLOCK - 3),
                (3 * BLOCK + 1, 10**12 - 1, 10**12 - 3 * BLOCK - 1)], (),
            {"holes": 10**12 - 5}))
        self.run_of(BEYOND - 1, BEYOND + 1, BEYOND + 3, wanted=(
            3, [(BEYOND, BEYOND, 1), (BEYOND + 2, BEYOND + 2, 1)], (), {"holes": 2}))
        far = BLOCK * 7 + 10
        self.run_of(range(far - 1000, far - 5), range(far, far + 1500), wanted=(
            2495, [(far - 5, far - 1, 5)], (), {"holes": 5}))

    def make_doubles(self):
        """In another index, under another _id, both; and what only counts would not see."""
        twice = self.run_of(range(1, 100), wanted=(102, (), [(7, 3), (50, 2)], {"doubles": 3}))
        self.double(twice, 7)
        self.double(twice, 7, index="espcap-packets-unsynced")
        self.double(twice, 50, index=DAYS[1], name="of-somebody-else")
        hidden = self.run_of(range(1, 40), range(41, 100), wanted=(
            99, [(40, 40, 1)], [(90, 2)], {"holes": 1, "doubles": 1}))
        self.double(hidden, 90)
        beyond = self.run_of(range(BEYOND, BEYOND + 3), wanted=(
            4, (), [(BEYOND + 1, 2)], {"doubles": 1}))
        self.double(beyond, BEYOND + 1)
        return twice

    def make_losses(self):
        """A loss document explains what it counts, where it says, of its sensor; and no more."""
        run = self.run_of(range(1, 101), range(201, 300), host="one", wanted=(
            200, (), (), {"lost": 100}))
        self.store(EVENTS, case.record_id(run, 300), loss(run, 300, 103, 101, 200, "one",
                                                          repeated=3))
        run = self.run_of(range(1, 10), range(16, 20), range(21, 30), host="two", wanted=(
            23, [(10, 15, 3), (20, 20, 1)], (), {"lost": 3, "holes": 1, "unclear": 3}))
        self.store(EVENTS, case.record_id(run, 30), loss(run, 30, 3, 10, 15, "two"))
        ship = self.run_of(wanted=(3, (), (), {}))
        self.run_of(range(1, 10), range(12, 20), host="three", wanted=(17, (), (), {"lost": 2}))
        for at, document in enumerate((
                loss(ship, 1, 2, 10, 11, "three", "corrupt"),
                loss(ship, 2, 9, host="three", reason="kernel_drop"),
                loss(ship, 3, 5, host="three", reason="kernel_drop"))):
            self.store(EVENTS, case.record_id(ship, at + 1), document)

    def check_losses(self, found):
        self.assertEqual(found["lost_without_numbers"]["kernel_drop"], 14)
        self.assertEqual([(r["sensor"], r["first_sequence"], r["last_sequence"], r["count"],
                           r["reasons"]) for r in found["losses"]], [
            ("one", 101, 200, 100, ["trimmed"]), ("three", 10, 11, 2, ["corrupt"]),
            ("two", 10, 15, 3, ["trimmed"])])

    def check_table(self, twice):
        out = self.audit(code=1).out
        for line in (r"  hole 12", r"  hole 900 to 1,100", "  unclear 10 to 15: 3 of them more than "
                     "a loss document counts; .*", r"lost: 100 of 101 to 200, trimmed, on one",
                     r"lost before they had numbers, kernel_drop: 14",
                     rf"  3 documents of 7: {DAYS[0]}/{case.record_id(twice, 7)} "
                     rf"{DAYS[1]}/{case.record_id(twice, 7)} espcap-packets-unsynced/\w+",
                     rf"  2 documents of 50: \S+ {DAYS[1]}/of-somebody-else",
                     r"NOT complete: 12 runs, 6,248 documents, [\d,]+ missing, 5 too many"):
            self.assertRegex(out, f"(?m)^{line}$")


@unittest.skipUnless(os.environ.get("ESPCAP_LONG") == "1", "it is long: ESPCAP_LONG=1")
class Large(AuditCase):
    DOCUMENTS, DOUBLES, HOLES = 1_000_000, 60_000, 300
    MEMORY = 32_000    # KiB of address space for each process, most of it libraries

    def bounded(self):
        """What it finds with so much memory and no more."""
        ended = self.run_command(["sh", "-c", f'ulimit -v {self.MEMORY}; exec "$@"', "sh",
                                  *programs.program("espcap", "audit", "--json", "--node",
                                                    self.node.url)], code=1)
        return json.loads(ended.out)["runs"]

    def test_memory_is_bounded_and_a_run_is_not_read(self):
        self.templates()
        run, wrong = run_name(1), range(self.DOCUMENTS // 2, self.DOCUMENTS // 2 + 2 * self.HOLES, 2)
        for sequence in range(1, self.DOCUMENTS + 1):
            if sequence not in wrong:
                self.packets(run, sequence)
            if sequence % 50_000 == 0:
                self.send()
        begin = time.monotonic()
        (found,) = self.bounded()
        print(f"{self.DOCUMENTS} documents: {time.monotonic() - begin:.1f} s")
        self.check(found, self.DOCUMENTS - self.HOLES, [(n, n, 1) for n in wrong], holes=self.HOLES)
        for sequence in range(1, self.DOUBLES + 1):
            self.store(day_of_other(sequence), case.record_id(run, sequence), packet(run, sequence))
        self.send()
        (found,) = self.bounded()
        self.assertEqual((found["doubles"], len(found["twice"])), (self.DOUBLES, 1000))


class Refused(AuditCase):
    def test_words(self):
        for words, said in ((("--nic", "lo"), "audit has no use for --nic"),
                            (("--run", "x"), '"x" is no run'),
                            (("--run",), '"" is no run'),
                            (("--index", "a/b"), '--index cannot be "a/b"'),
                            (("--user", "x"), "--user needs --password-file"),
                            (("--spoon", "x"), "spoon")):
            self.check_sentence(self.audit(*words, code=2), said)
        self.check_sentence(self.run_program("espcap", "audit", code=2),
                            "it is called espcap audit --node URL .*; try espcap audit --help$")
        self.check_sentence(self.audit("more", code=2), 'audit has no use for the word "more"; try')
        self.check_sentence(self.audit("--spool", self.path("none"), code=1), "there is no spool in")
        self.check_sentence(self.audit("--password-file", self.path("none"), "--user", "x", code=78),
                            "cannot read the password file")


if __name__ == "__main__":
    case.main()
