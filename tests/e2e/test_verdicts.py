#!/usr/bin/env python3
# test_verdicts.py -- every row of the table of verdicts, from an answer to what became of records.
# SPDX-License-Identifier: Apache-2.0
import concurrent.futures
import json
import os
import re
import shutil
import sys

import case
import programs
import verdict_case as rows

sys.path.insert(0, os.path.join(programs.ROOT, "tests", "fake"))
import fake_es    # noqa: E402

AT_ONCE = 8
DEAD = {"DEAD", "DEAD_TIME", "ALONE", "SPLIT"}


class Verdicts(case.Case):
    def setUp(self):
        super().setUp()
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool,
                         "--schema", "ecs", "--count", rows.RECORDS)

    def copy(self, name):
        spool = self.path("spool-" + name)
        shutil.copytree(self.spool, spool)
        return spool

    def run_row(self, name, rules):
        """One spool against one server; what both sides say of it."""
        spool = self.copy(name)
        with fake_es.FakeEs(keep_log=False) as es:
            es.script(*rules)
            ended = self.run_program("espcap-ship", "--spool", spool, "--once", "--log-level", "debug",
                                     "--setup", "never", "--backoff-max", "500ms", "--node",
                                     f"http://127.0.0.1:{es.port}", code=None)
            stats, stored = es.stats(), list(es.ids())
        return {"name": name, "ended": ended, "stats": stats, "stored": stored,
                "status": self.status(spool), "spool": spool}

    def run_all(self, table):
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(lambda name: self.run_row(name, table[name]), table))

    def judge(self, run, dead):
        """Conservation, and each record once on the server or, the refused one, in a letter."""
        status, stored = run["status"], run["stored"]
        ids = [name for name, _ in stored]
        run["double"] = len(ids) - len(set(ids))
        self.check_conservation(status, committed=rows.RECORDS, dead=dead, lost=0, backlog=0)
        self.assertEqual(len(ids), rows.RECORDS - dead, run["ended"])
        self.assertEqual(run["double"], 0)
        self.assertEqual(run["ended"].code, 1 if dead else 0, run["ended"])
        sequences = {int(name[13:], 32) for name in ids}
        self.assertEqual(set(range(1, rows.RECORDS + 1)) - sequences, {rows.BAD} if dead else set(),
                         run["ended"])
        if dead:    # the refused one, with the server's words and the number of tries
            letter = json.loads(self.run_program("espcap", "dead", "export", run["spool"]).out)
            self.assertEqual(letter["sequence"], rows.BAD, letter)
            self.assertGreaterEqual(letter["status"], 400)
            self.assertTrue(letter["type"], letter)
            self.assertGreaterEqual(letter["attempts"], 1)

    def print_table(self, title, runs):
        print(f"\n{title:28} answers  indexed  there  dead  lost  double", file=sys.stderr)
        for run in runs:
            s = run["status"]
            print(f"{run['name']:28} {run['stats']['bulk_requests']:7}  {s['indexed']:7}  {s['already_there']:5}  "
                  f"{s['dead']:4}  {s['lost']:4}  {run['double']:6}", file=sys.stderr)

    def check_table(self, title, table):
        verdicts = rows.rows()
        runs = self.run_all(table)
        for run in runs:
            name = run["name"]
            with self.subTest(row=name):
                self.judge(run, int(verdicts[name] in DEAD and name != "too_large"))
                if verdicts[name] not in ("INDEXED", "ALREADY_THERE"):
                    self.assertRegex(run["ended"].err, rf"debug: .*: {name}\n")
                self.assertTrue(all(run["stats"]["rules"]), run["stats"])
        self.print_table(title, runs)

    def test_no_row_lacks_a_run(self):
        self.assertEqual(list(rows.rows()), list(rows.ITEMS) + list(rows.WHOLES))

    def test_items(self):
        self.check_table("row of items", rows.ITEMS)

    def test_whole_answers(self):
        self.check_table("row of whole answers", rows.WHOLES)

    def test_answers_of_any_shape(self):
        runs = self.run_all(rows.SHAPES)
        for run in runs:
            with self.subTest(shape=run["name"]):
                self.judge(run, int(run["name"] in rows.REFUSED))
                self.assertTrue(all(run["stats"]["rules"]), run["stats"])
        self.print_table("shape", runs)
        said = {run["name"]: run["ended"].err for run in runs}
        self.assertIn("1 of the indexed are in the server's failure store", said["failure_store_used"])
        self.assertIn("1 of the dead were meant for the server's failure store", said["failure_store_failed"])
        self.assertRegex(said["html200"], "this is not Elasticsearch: it answers with something else")


if __name__ == "__main__":
    case.main()
