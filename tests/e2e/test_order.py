#!/usr/bin/env python3
# test_order.py -- --order newest-first: what comes now goes first, over kills, and nothing twice.
# SPDX-License-Identifier: Apache-2.0
"""A backlog longer than the ring of the window drains at a limited rate while new packets come. With
ESPCAP_LONG the backlog is of a million records. The judge is that of the crash tests."""
import os
import random
import re
import sys
import time
import unittest

import case
import programs

sys.path.insert(0, os.path.join(programs.ROOT, "tests", "crash"))
from crash import BIG, LONG, Site    # noqa: E402

BACKLOG = 1_000_000 if LONG else 40_000
SHA = re.compile(rb'"sha":"([0-9a-f]{16})"')
FRESH = 20
FIRST, FULL, NEWEST = 1500, 4500, 500    # packets of 30 KB: more than two spools of the least size
KILLS = 40 if LONG else 4
FRESH_S = 12    # how long a fresh record may take; a backlog takes minutes
RATE = 500_000 if LONG else 150_000
RECORD = 48     # bytes of the wire, about
OLD = 5000      # enough for a head
REFUSED = {"status": 400, "type": "document_parsing_exception", "which": "all"}
BLOCKED = {"status": 403, "type": "cluster_block_exception", "which": "all",
           "reason": "index [x] blocked by: [FORBIDDEN/8/index write (api)];"}
APPENDED = (("letters_durable", REFUSED), ("parked_durable", BLOCKED))


class Order(unittest.TestCase):
    def setUp(self):
        self.seed = int(os.environ.get("ESPCAP_SEED", random.randrange(1 << 30)))
        self.site = Site(self.seed, ("--schema", "ecs"))
        self.site.__enter__()
        self.addCleanup(self.site.__exit__, None)
        self.rng = random.Random(self.seed)
        self.log_at = 0

    def backlog(self, packets):
        self.site.finish(self.site.capture([self.site.add_capture(packets)]))

    def ship(self, *options, **env):
        return self.site.ship("--order", "newest-first", "--linger", "100ms", *options, **env)

    def ship_at_work(self, *options):
        """One that has begun: what comes from now on is new to it."""
        stored = self.site.es.stats()["stored"]
        ship = self.ship(*options)
        self.assertTrue(self.site.wait_for(lambda: self.site.es.stats()["stored"] > stored))
        return ship

    def fresh(self):
        """Captures some packets; their documents' names."""
        before = set(self.site.expected)
        self.site.finish(self.site.capture([self.site.add_capture(FRESH)]))
        return set(self.site.expected) - before

    def read(self, names):
        """Takes those away that the server's log names since the last look."""
        with open(self.site.es.path("log"), "rb") as log:
            log.seek(self.log_at)
            new = log.read()
        new = new[:new.rfind(b"\n") + 1]
        self.log_at += len(new)
        names.difference_update(sha.decode() for sha in SHA.findall(new))
        return not names

    def arrives(self, names):
        """Seconds until the server has all of them."""
        begin = time.monotonic()
        self.assertTrue(self.site.wait_for(lambda: self.read(names)), "they never came")
        return time.monotonic() - begin

    def test_what_comes_now_goes_first(self):
        self.backlog(BACKLOG)
        ship = self.ship_at_work("--max-rate", str(RATE))
        took = max(self.arrives(self.fresh()) for _ in range(3))
        left = self.site.status()["backlog"]
        print(f"fresh records took at most {took:.2f} s, with {left} older ones waiting")
        self.assertLess(took, FRESH_S)
        self.assertGreater(left, BACKLOG // 2, "the backlog was gone: this shows nothing")
        ship.terminate()
        self.site.finish(ship)
        # what was settled ahead is known to the next one, and the others are not sent twice
        self.site.finish(self.ship("--once"))
        status = self.site.status()
        self.assertEqual(status["already_there"], 0, status)
        print(self.site.judge())

    def test_kills_lose_and_double_nothing(self):
        self.backlog(BACKLOG)
        for _ in range(KILLS):
            ship = self.ship_at_work("--max-rate", str(RATE))
            names = self.fresh() if self.rng.randrange(2) else set()
            if names and self.rng.randrange(2):
                self.assertLess(self.arrives(names), FRESH_S)
            time.sleep(self.rng.random() * 1.5)     # any moment will do
            self.site.kill(ship)
        self.assertGreater(self.site.status()["backlog"], 0, "nothing was left to lose")
        self.site.finish(self.ship("--once"))
        status = self.site.status()
        sent_again = status["already_there"]
        print(f"{KILLS} kills; {sent_again} of {status['committed']} records were sent twice")
        # what the ack did not know yet: a second's worth, and what was on its way
        self.assertLess(sent_again, KILLS * RATE // RECORD)
        print(self.site.judge())

    def test_what_was_appended_for_the_head_is_known_to_the_next_start(self):
        """Killed between letters, or parked lines, of records of the head and the ack."""
        for place, item in APPENDED if LONG else [self.rng.choice(APPENDED)]:
            with self.subTest(place):
                self.backlog(OLD)
                ship = self.ship_at_work("--max-rate", "5000", "--chunk", "50")     # for a minute
                self.arrives(self.fresh())
                stored = self.site.es.stats()["stored"]     # a range of the ack, before it goes on
                self.assertTrue(self.site.wait_for(
                    lambda: self.site.es.stats()["stored"] > stored + 100))
                ship.terminate()
                self.site.finish(ship)
                self.assertGreater(self.site.status()["backlog"], OLD // 2)
                self.backlog(FRESH)
                self.site.es.script({"match": {"path": "*/_bulk"}, "action": {"items": item}})
                ship = self.ship("--max-rate", "20000", "--chunk", "50", "--brake", "off",
                                 "--park-after", "1ms", ESPCAP_FAULT=f"{place}:1:kill")
                self.site.finish(ship, (-9,))
                self.site.es.script()
                self.site.finish(self.ship("--once"), (0, 1))
                print(f"killed at {place}: {self.site.judge()}")

    @unittest.skipUnless(LONG, "it takes half a minute: ESPCAP_LONG")
    def test_a_full_spool_loses_the_oldest_and_not_what_is_new(self):
        """Segments that are settled ahead go as well: they free room, and nobody counts them as lost."""
        self.site.finish(self.site.capture([self.site.add_capture(FIRST, BIG)]))
        path = self.site.add_capture(FULL, BIG, poured=True)
        newest = set(list(self.site.expected)[-NEWEST:])
        ship = self.ship("--max-rate", "8M")
        self.site.pour(path, "--when-full", "drop-oldest")
        ship.terminate()        # what is on its way in a kill may be stored and named as lost
        self.site.finish(ship)
        status = self.site.status()
        self.site.finish(self.ship("--once"), (0, 1))
        print(f"{status['backlog']} waited in the end; {self.site.lost('trimmed')} were given up")
        print(self.site.judge(lossy=True))
        self.assertGreater(self.site.lost("trimmed"), 0)
        full = self.site.lost("spool_full") + self.site.lost("ring_full")
        self.read(newest)
        self.assertLessEqual(len(newest), full, "only what found no room at all is new and lost")

    @unittest.skipUnless(LONG, "a head may lag for ten seconds: ESPCAP_LONG")
    def test_an_outage_makes_a_new_head(self):
        """What waited while the server was away does not hold up what comes after it."""
        self.backlog(BACKLOG // 3)
        ship = self.ship_at_work("--max-rate", str(RATE))
        self.arrives(self.fresh())
        self.site.es.script({"match": {"path": "*/_bulk"}, "action": {"status": 503}})
        self.backlog(BACKLOG // 3)
        self.assertTrue(self.site.wait_for(lambda: self.site.es.stats()["rules"][0] > 3))
        # so long a head may lag: ten seconds, and as long again for the range that the first one left if
        # the backlog took that long
        time.sleep(26)
        self.site.es.script()
        took = self.arrives(self.fresh())
        print(f"after the outage a fresh record took {took:.2f} s")
        self.assertLess(took, 2 * FRESH_S)
        self.assertGreater(self.site.status()["backlog"], BACKLOG // 10, "nothing was left to hold it up")
        ship.terminate()
        self.site.finish(ship)
        self.site.finish(self.ship("--once"))
        print(self.site.judge())


if __name__ == "__main__":
    case.main()
