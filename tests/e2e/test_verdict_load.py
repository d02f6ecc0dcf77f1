#!/usr/bin/env python3
# test_verdict_load.py -- many records and few words: limits of size, poison, and the brake.
# SPDX-License-Identifier: Apache-2.0
import os
import shutil
import sys
import time

import case
import programs
import verdict_case as rows

sys.path.insert(0, os.path.join(programs.ROOT, "tests", "fake"))
import fake_es    # noqa: E402

COPIES = 34
RECORDS = 297 * COPIES
POISON = ("document_parsing_exception", "[1:15] failed to parse field [a] of type [long]")


def poison(which):
    return rows.bulk(rows.item(400, *POISON, which=which))


class Load(case.Case):
    def setUp(self):
        super().setUp()
        self.make(self.spool)

    def make(self, spool, *options, copies=COPIES):
        files = [word for _ in range(copies) for word in ("--file", programs.HTTP)]
        self.run_program("espcap-capture", *files, "--spool", spool, "--schema", "ecs", *options)

    def server(self, *rules):
        es = fake_es.FakeEs(keep_log=False)
        es.__enter__()
        self.addCleanup(es.__exit__)
        es.script(*rules)
        return es

    def words(self, es, spool, *options):
        """As large as requests can be from the first one on."""
        return ("--spool", spool, "--once", "--start-large", "--setup", "never", "--backoff-max", "500ms",
                "--node", f"http://127.0.0.1:{es.port}", *options)

    def ship(self, es, *options, code=0, spool=None):
        began = time.monotonic()
        ended = self.run_program("espcap-ship", *self.words(es, spool or self.spool, *options), code=code)
        return ended, time.monotonic() - began

    def copy(self, name):
        spool = self.path(name)
        shutil.copytree(self.spool, spool)
        return spool

    def check(self, es, spool, dead, total=RECORDS):
        self.check_conservation(self.status(spool), committed=total, dead=dead, lost=0, backlog=0)
        ids = [name for name, _ in es.ids()]
        self.assertEqual(len(ids), total - dead)
        self.assertEqual(len(set(ids)), len(ids), "stored twice")

    def say(self, text):
        print(text, file=sys.stderr, flush=True)


class Sizes(Load):
    def check_limit(self, limit, html):
        es = self.server(rows.bulk({"limit_body_bytes": limit, "html": html}))
        spool = self.copy(f"limit-{limit}")
        self.ship(es, spool=spool)
        stats = es.stats()
        self.check(es, spool, 0)
        refused = stats["answers"].get("413", 0)
        self.say(f"{RECORDS} documents behind a limit of {limit} bytes: {stats['bulk_requests']} requests, "
                 f"{refused} of them too large, {stats['bytes_in']} bytes")
        self.assertLessEqual(refused, 120)  # up to eight are on their way when one is refused
        self.assertLessEqual(stats["bulk_requests"], 100 + 4 * stats["bytes_in"] // limit)

    def test_a_limit_of_the_server_or_a_proxy_is_learned(self):
        for limit in (100000, 2000):
            with self.subTest(limit=limit):
                self.check_limit(limit, limit == 2000)

    def test_one_document_that_is_too_large_costs_no_other(self):
        """Some of 60 are longer than the limit also when they are alone."""
        es = self.server(rows.bulk({"limit_body_bytes": 600}))
        spool = self.path("few")
        self.make(spool, "--count", 60, copies=1)
        self.ship(es, spool=spool, code=None)
        status = self.status(spool)
        self.check(es, spool, status["dead"], total=60)
        self.say(f"60 documents and a limit of 600 bytes: {status['dead']} are dead letters, "
                 f"{es.stats()['bulk_requests']} requests")
        self.assertIn(status["dead"], range(1, 60))


class Poison(Load):
    def test_the_others_are_not_held_up(self):
        taken = {}
        for name, which, dead in (("none", None, 0), ("the first", "seq_mod:1000000:1", 1),
                                  ("one in the middle", "seq_mod:1000000:5000", 1),
                                  ("1 %", "seq_mod:100:7", RECORDS // 100 + 1),
                                  ("50 %", "seq_mod:2:0", RECORDS // 2)):
            es = self.server(*([poison(which)] if which else []))
            spool = self.copy("poison-" + str(len(taken)))
            _, taken[name] = self.ship(es, spool=spool, code=1 if dead else 0)
            self.check(es, spool, dead)
            rest = RECORDS - dead
            self.say(f"poison: {name:18} {rest:6} stored, {dead:5} dead letters, {taken[name]:5.2f} s, "
                     f"{rest / taken[name]:8.0f} stored a second, {es.stats()['bulk_requests']} requests")

    def test_few_that_are_all_poison_become_dead_letters(self):
        es = self.server(poison("all"))
        spool = self.path("few")
        self.make(spool, "--count", 99, copies=1)
        self.ship(es, spool=spool, code=1)
        self.check(es, spool, 99, total=99)


class Brake(Load):
    def check_few(self, es, spool, total=RECORDS):
        """Requests begin small: what died before there were a hundred is in the dead letters."""
        dead = self.status(spool)["dead"]
        self.say(f"{dead} dead letters before the brake")
        self.assertLess(dead, 100)
        self.check(es, spool, dead, total)

    def test_a_wrong_template_makes_no_dead_letters_and_what_is_mended_goes_on(self):
        es = self.server(poison("all"))
        ship = self.start("espcap-ship", *self.words(es, self.spool))
        ship.says("looks like a wrong template or mapping: none becomes a dead letter, they wait, other "
                  "indices go on; mend it, or say --brake off")
        asked = es.stats()["bulk_requests"]
        programs.wait_for(lambda: es.stats()["bulk_requests"] > asked + 3, "tries while it is wrong")
        es.script()
        ship.wait()
        self.check_few(es, self.spool)

    def test_it_gives_up_when_it_is_told_to_and_begins_again(self):
        es = self.server(poison("all"))
        ended, _ = self.ship(es, "--give-up-after", "1s", code=1)
        self.assertRegex(ended.err, r"gave up after 1 s without progress; (9|10)\d{3} records stay in")
        status = self.status()
        self.assertEqual(status["dead"] + status["backlog"], RECORDS)
        es.script()
        self.ship(es)
        self.check_few(es, self.spool)

    def test_whole_requests_that_are_refused_alike_brake_too(self):
        es = self.server(rows.bulk({"poison_whole_body": "@timestamp"}))
        ended, _ = self.ship(es, "--give-up-after", "2s", code=1)
        self.assertRegex(ended.err, "none becomes a dead letter, they wait")
        status = self.status()
        self.say(f"all requests refused as a whole: {status['dead']} dead letters before the brake")
        self.assertLess(status["dead"], 100)
        self.assertEqual(status["dead"] + status["backlog"], RECORDS)

    def test_a_burst_of_poison_is_not_taken_for_a_wrong_template_for_long(self):
        """Whoever can write 5,000 packets that no server takes must not be able to stop the others."""
        spool = self.path("burst")
        self.make(spool, "--tag", "bad", copies=17)
        self.make(spool, copies=51)
        es = self.server(poison('match:"tags":["bad"]'))
        ended, taken = self.ship(es, "--connections", "1", "--batch-bytes", "500000", spool=spool, code=1)
        self.assertIn("none becomes a dead letter, they wait", ended.err)
        self.assertIn("takes records again; those that it still refuses become dead letters", ended.err)
        self.check(es, spool, 17 * 297, total=68 * 297)
        self.say(f"a burst of {17 * 297} poisoned records before {51 * 297} good ones: {taken:.2f} s")

    def test_who_does_not_want_it_gets_dead_letters(self):
        es = self.server(poison("all"))
        _, taken = self.ship(es, "--brake", "off", "--connections", "8", code=1)
        self.check(es, self.spool, RECORDS)
        self.say(f"{RECORDS} dead letters in {taken:.2f} s")

    def test_other_indices_go_on(self):
        spool = self.path("two")
        self.make(spool)
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", spool, "--schema", "lite")
        lite = self.status(spool)["committed"] - RECORDS
        es = self.server({**poison("all"), "match": {"path": "*/_bulk", "index": "espcap-packets-*"}})
        ship = self.start("espcap-ship", *self.words(es, spool))
        programs.wait_for(lambda: len(es.ids()) == lite, "records of the other index")
        es.script()
        ship.wait()
        self.check_few(es, spool, total=RECORDS + lite)


if __name__ == "__main__":
    case.main()
