#!/usr/bin/env python3
# test_spool_live.py -- espcap spool and espcap dead while both services are at work.
# SPDX-License-Identifier: Apache-2.0
import datetime
import json
import os
import signal
import time

import case
import programs
import spool_case
from spool_case import PACKETS


class Live(spool_case.SpoolCase):
    def setUp(self):
        super().setUp()
        self.es = self.server()
        self.capture = self.feed()
        self.shipping = self.start("espcap-ship", "--spool", self.spool, *self.wait_for_spool(),
                                   "--linger", "1ms")

    def wait_for_spool(self):
        self.more(self.capture)
        self.committed(PACKETS)
        return self.node(self.es)

    @staticmethod
    def stored(status):
        """A mixed answer that does not name its items is asked for again: then some are there."""
        return status.get("indexed", 0) + status.get("already_there", 0)

    def settled(self, number):
        programs.wait_for(lambda: self.stored(self.status()) >= number, f"{number} stored")

    def test_status_says_who_works_and_what_there_is(self):
        self.settled(PACKETS)
        status = self.status()
        self.check_conservation(status, committed=PACKETS, backlog=0, parked=0, dead=0)
        self.assertIn(f"pid {self.capture.pid}, espcap-capture", status["capture"])
        self.assertIn(f"pid {self.shipping.pid}, espcap-ship", status["ship"])
        self.assertEqual((status["when_full"], status["lag_ms"]), ("block", 0))
        self.assertGreater(status["cap_bytes"], 0)
        self.assertEqual(status["held_records"], PACKETS)
        self.assertGreater(status["held_raw_bytes"], status["held_stored_bytes"])
        table = self.tool("spool", "status", self.spool).out
        self.assertRegex(table, r"cap +[\d.]+ \w+, [\d.]+ \w+ free to stay, block\n")
        self.stop(self.capture)
        self.shipping.stop()
        table = self.tool("spool", "status", self.spool).out
        self.assertRegex(table, r"capture +not running\nship +not running\ncap .*as used last")

    def test_lag_is_that_of_the_oldest_record_that_waits(self):
        self.settled(PACKETS)
        self.shipping.stop()
        self.more(self.capture)
        self.committed(2 * PACKETS)
        status = self.status()
        self.assertEqual(status["backlog"], PACKETS)
        first = str(PACKETS + 1)
        waits = self.lines("spool", "cat", self.spool, "--from", first, "--to", first)
        stamp = datetime.datetime.fromisoformat(waits[0]["@timestamp"][:26] + "+00:00").timestamp()
        self.assertLessEqual(status["lag_ms"] / 1000, time.time() - stamp + 1)
        self.assertGreater(status["lag_ms"] / 1000, time.time() - stamp - programs.WAIT_S)
        self.assertRegex(self.tool("spool", "status", self.spool).out, rf"lag +\d+ .*, {PACKETS} rec")

    def test_check_is_clean_while_records_come_and_go(self):
        for _ in range(10):
            self.more(self.capture, 5)
            self.assertIn("\nwhole\n", self.tool("spool", "check", self.spool).out)

    def test_cat_follows_what_is_committed(self):
        cat = self.start("espcap", "spool", "cat", self.spool, "--follow")
        for round_ in range(2, 5):
            programs.wait_for(lambda: cat.said("").count("\n") == (round_ - 1) * PACKETS, "lines")
            self.more(self.capture)
        programs.wait_for(lambda: cat.said("").count("\n") == 4 * PACKETS, "lines")
        ended = self.interrupt(cat)
        self.assertEqual((ended.code, ended.err), (130, ""), str(ended))
        numbers = [json.loads(line)["layers"]["frame.number"] for line in ended.out.splitlines()]
        self.assertEqual(numbers, list(range(1, 4 * PACKETS + 1)))

    def test_cat_follows_over_segments_that_are_trimmed(self):
        """Two captures; the first one's segment goes while cat still reads."""
        cat = self.start("espcap", "spool", "cat", self.spool, "--follow", "--to",
                         str(3 * PACKETS))
        self.settled(PACKETS)
        for _ in range(2):
            self.stop(self.capture)
            self.capture = self.feed()
            self.more(self.capture)
            programs.wait_for(lambda: self.status()["backlog"] == 0, "backlog 0")
        programs.wait_for(lambda: self.status()["segments"] == 1, "one segment")
        # a start passes over one sequence, so that its segment has a name of its own
        ended = cat.wait()
        self.assertEqual((ended.code, ended.err), (0, ""), str(ended))
        self.assertGreaterEqual(ended.out.count("\n"), 3 * PACKETS - 2)

    def test_where_a_record_is_while_it_moves(self):
        self.settled(PACKETS)
        self.assertIn("settled: ", self.tool("spool", "where", self.spool, "7").out)
        self.shipping.stop()
        self.more(self.capture)
        self.committed(2 * PACKETS)
        self.assertIn("backlog: ", self.tool("spool", "where", self.spool, str(PACKETS + 7)).out)

    def test_an_export_is_shipped_beside_the_original_and_stored_once(self):
        self.settled(PACKETS)
        self.shipping.stop()
        self.more(self.capture, 3)
        self.committed(4 * PACKETS)
        done = self.tool("spool", "export", self.spool, self.path("export"))
        self.assertIn(f"{3 * PACKETS} records and 0 loss documents", done.out)
        self.tool("spool", "import", self.path("export"), self.path("copy"))
        self.assertEqual(self.status(self.path("copy"))["backlog"], 3 * PACKETS)
        self.ship(self.es, spool=self.path("copy"))
        copied = self.es.ids()
        self.assertEqual(len(copied), 4 * PACKETS)
        self.stop(self.capture)
        self.ship(self.es)
        self.assertEqual(self.es.ids(), copied)
        self.check_conservation(self.status(), indexed=PACKETS, already_there=3 * PACKETS)
        self.check_conservation(self.status(self.path("copy")), indexed=3 * PACKETS, backlog=0)
        stats = self.es.stats()
        self.assertEqual(stats["same_id_other_content"] + stats["same_id_other_index"], 0)

    def test_letters_are_retried_and_purged_by_the_ship_that_runs(self):
        self.settled(PACKETS)
        self.es.script(spool_case.refuse(10))
        self.more(self.capture)
        self.committed(2 * PACKETS)
        programs.wait_for(lambda: self.status()["backlog"] == 0, "backlog 0")
        dead = self.status()["dead"]
        letters = self.lines("dead", "export", self.spool)
        self.assertEqual(len(letters), dead)
        self.es.script()
        one = letters[0]["_id"]
        said = self.tool("dead", "retry", self.spool, one).out
        self.assertEqual(said, f"1 of {dead} dead letters go again, by their own _id\n")
        self.settled(2 * PACKETS - dead + 1)
        self.assertIn("settled: it was retried", self.tool("spool", "where", self.spool, one).out)
        other = letters[1]["_id"]
        self.tool("dead", "purge", self.spool, other)
        self.assertIn("purged", self.tool("spool", "where", self.spool, other).out)
        self.check_sentence(self.tool("dead", "retry", self.spool, other, code=1), "no dead letter")
        self.tool("dead", "retry", self.spool, "--type", "document_parsing_exception")
        self.settled(2 * PACKETS - 1)
        programs.wait_for(lambda: self.status()["loss_backlog"] == 0, "the loss document")
        self.check_conservation(self.status(), committed=2 * PACKETS, lost=1, dead=0, backlog=0)
        self.assertEqual(self.status()["losses"]["purged"], 1)
        self.assertEqual(self.tool("dead", "list", self.spool).out, "")
        self.assertIn((one, letters[0]["_index"]), self.es.ids())
        self.assertNotIn(other, {name for name, _ in self.es.ids()})
        self.assertEqual(len([i for _, i in self.es.ids() if i.startswith("espcap-events")]), 1)

    def test_a_ship_that_stands_still_is_named(self):
        self.settled(PACKETS)
        self.es.script(spool_case.refuse(10))
        self.more(self.capture)
        self.committed(2 * PACKETS)
        programs.wait_for(lambda: self.status()["backlog"] == 0, "backlog 0")
        dead = self.status()["dead"]
        self.assertGreater(dead, 0)
        self.es.script()
        self.shipping.send(signal.SIGSTOP)
        self.addCleanup(self.shipping.send, signal.SIGCONT)
        waits = rf"waits for espcap-ship \(pid {self.shipping.pid}\); Ctrl-C leaves the request to it$"
        for left in (r"interrupted; the request stays in the spool, and espcap-ship does it as soon as "
                     "it goes on$", "interrupted; nothing was asked for, since what was asked for "
                     "before still waits"):
            retry = self.start("espcap", "dead", "retry", self.spool, "--all")
            retry.says("waits for espcap-ship")
            ended = self.interrupt(retry)
            self.assertEqual(ended.code, 130, str(ended))
            self.check_sentence(ended, waits, left)
        self.shipping.send(signal.SIGCONT)
        self.settled(2 * PACKETS)
        self.check_conservation(self.status(), dead=0, backlog=0)
        self.assertEqual(self.stored(self.status()), 2 * PACKETS)
        done = self.tool("dead", "purge", self.spool, "--all")
        self.assertEqual(done.out, f"there are no dead letters in {self.spool}\n")

    def test_repair_plans_beside_the_services_and_changes_nothing(self):
        self.assertEqual(self.tool("spool", "repair", self.spool).out, "there is nothing to repair\n")
        self.check_sentence(self.tool("spool", "repair", self.spool, "--yes", code=1),
                            rf"held by pid {self.capture.pid}")
        self.assertFalse(os.listdir(os.path.join(self.spool, "quarantine")))


if __name__ == "__main__":
    case.main()
