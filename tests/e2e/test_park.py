#!/usr/bin/env python3
# test_park.py -- an index that alone takes nothing holds up nobody, and loses nothing (F76).
# SPDX-License-Identifier: Apache-2.0
import random
import time

from park_case import DAY_NS, KINDS, LONG, MIDDLE, OLD, QUICK, TODAY, ParkCase, block, main, need

WINDOW = 1 << 18    # shipper/window.h
DAYS = 40           # more than there are places for batches
HOUR = ("--park-after", "1h")


class Park(ParkCase):
    def test_its_records_are_parked_and_indexed_after_the_release(self):
        for kind in KINDS if LONG else random.sample(sorted(KINDS), 1):
            with self.subTest(kind), self.site() as site:
                site.finish(site.capture([site.add_capture(600)]))
                old = self.of(site, OLD)
                site.es.script(block(OLD, kind))
                ship = site.ship(*QUICK)
                self.stored(site, 600 - old)
                self.parked(site, old)
                self.assertEqual(site.status()["dead"], 0)
                self.wait(site, lambda: site.status()["lag_ms"] == 0, "the frontier moves")
                need(site.status()["parked_lag_ms"] > 0, "what is parked has a lag")
                took = self.release(site)
                self.end(site, ship)
                site.judge()
                self.row(site, f"an old day {kind}", 1, took)

    def test_others_go_on_before_anything_is_parked(self):
        """Many days at once, and none of them for long enough."""
        with self.site() as site:
            site.finish(site.capture([site.add_capture(DAYS * 24, step=DAY_NS // 20)]))
            days = sorted(set(site.expected.values()))
            need(len(days) > DAYS, f"{DAYS} days")
            site.es.script(*(block(day) for day in days[:-2]))
            ship = site.ship("--chunk", "2", "--connections", "1", *HOUR)
            self.stored(site, self.of(site, *days[-2:]))
            s = site.status()
            self.assertEqual((s["parked"], s["dead"]), (0, 0), s)
            refused = {item["id"] for item in site.es.log() if item["status"] == 403}
            self.assertLess(len(refused), self.of(site, *days[:-2]) // 3, "the others were not sent")
            self.check_few_requests(site, days[:-2])
            took = self.release(site)
            self.end(site, ship)
            site.judge()
            self.row(site, f"{len(days) - 2} of {len(days)} days read-only", 1, took)

    def check_few_requests(self, site, days):
        """What is tried while they are blocked is one record each."""
        site.es.script(*(block(day) for day in days))
        before = len(site.es.log())
        self.wait(site, lambda: site.es.stats()["rules"][-1] >= 3, "it is tried again")
        tried = [item for item in site.es.log()[before:] if item["status"] == 403]
        self.assertLess(len(tried), len(days) * 40, "small requests")
        need({item["index"] for item in tried} <= set(days), "of these days alone")

    def test_new_records_of_a_parked_index_are_not_sent(self):
        with self.site() as site:
            site.es.script(block(TODAY))
            site.finish(site.capture([site.add_capture(300)]))
            ship = site.ship(*QUICK)
            self.parked(site, self.of(site, TODAY))
            before = len(site.es.log())
            for _ in range(5):
                site.finish(site.capture([site.add_capture(300)]))
                self.parked(site, self.of(site, TODAY))
            refused = [x for x in site.es.log()[before:] if x["status"] == 403]
            self.assertLess(len(refused), self.of(site, TODAY) // 2, "new ones go there at once")
            took = self.release(site)
            self.end(site, ship)
            site.judge()
            self.row(site, "today's index read-only, and captures", 6, took)

    def test_killed_while_it_parks(self):
        """kill -9 at any moment, over and over, with captures beside it."""
        rounds = 100 if LONG else 4
        with self.site() as site:
            site.es.script(block(OLD), block(MIDDLE))
            for _ in range(rounds):
                site.finish(site.capture([site.add_capture(200)]))
                ship = site.ship("--park-after", "1ms", "--chunk", "50")
                time.sleep(site.rng.random() * 0.15)
                site.kill(ship)
                if site.rng.random() < 0.2:
                    site.es.script(block(MIDDLE))
                    ship = site.ship("--park-after", "1ms")
                    time.sleep(site.rng.random() * 0.3)
                    site.kill(ship)
                    site.es.script(block(OLD), block(MIDDLE))
            ship = site.ship("--park-after", "1ms")
            self.wait(site, lambda: site.status()["parked"] == site.status()["backlog"], "parked")
            parked = site.status()["parked"]
            took = self.release(site)
            self.end(site, ship)
            site.judge()
            need(parked, "something was parked")
            self.row(site, f"kill -9 while parking, {parked} parked in the end", rounds, took)

    def test_a_blocked_backlog_that_is_larger_than_the_window(self):
        if not LONG:
            self.skipTest("it takes ESPCAP_LONG")
        with self.site() as site:
            # the first day holds more records than the window
            site.finish(site.capture([site.add_capture(WINDOW + 60000, step=10**8)]))
            site.finish(site.capture([site.add_capture(1000, step=DAY_NS // 400)]))
            days = sorted(set(site.expected.values()))
            site.es.script(block(OLD), block(MIDDLE))
            start = time.monotonic()
            ship = site.ship("--park-after", "60s")
            self.wait(site, lambda: site.es.stats()["stored"] >= self.of(site, *days) -
                      self.of(site, OLD, MIDDLE), "what lies behind the window", 120)
            waited = time.monotonic() - start
            blocked = self.of(site, OLD, MIDDLE)
            self.wait(site, lambda: site.status()["parked"] == blocked, "it is parked", 150)
            took = self.release(site)
            self.end(site, ship)
            site.judge()
            self.row(site, f"a blocked backlog of {self.of(site, OLD, MIDDLE)} records; others "
                     f"after {waited:.0f} s", 1, took)


class Full(ParkCase):
    capture_options = ("--payload", "--schema", "ecs")

    def test_a_live_spool_fills_with_what_is_parked(self):
        """parked/ takes half of the cap; then its records wait, and drop-oldest decides."""
        with self.site() as site:
            ship = None
            site.es.script(block(OLD), block(MIDDLE), block(TODAY))
            for i in range(12 if LONG else 4):
                path = site.add_capture(500, 30000)
                site.finish(site.capture([path], "--when-full", "drop-oldest"))
                ship = ship or site.ship("--park-after", "1ms", "--batch-bytes", "1M")
                self.wait(site, lambda: site.has_said("half of its cap") or
                          site.status()["parked"] == site.status()["backlog"], "it parks")
            s = site.status()
            need(site.has_said("half of its cap") or not LONG, "parked/ is full")
            self.assertLessEqual(s["parked_bytes"], s["cap_bytes"] // 2)
            self.assertLessEqual(s["parked_bytes"] + s["disk_bytes"], s["cap_bytes"])
            took = self.release(site)
            self.end(site, ship)
            site.judge(lossy=True)
            self.row(site, "a spool of 64 MiB that fills", i + 1, took)


if __name__ == "__main__":
    main()
