#!/usr/bin/env python3
# test_dead_full.py -- the dead letters' cap: what finds no room waits, or is lost with account (F82).
# SPDX-License-Identifier: Apache-2.0
import json
import os
import re
import subprocess
import time

from park_case import LONG, MIDDLE, ParkCase, main, need
from crash import program

LETTER = 30000              # bytes of payload: some 260 letters fill 8 MiB
MAX = ("--dead-max", "8M")
OFF = ("--brake", "off")      # all of one index is refused, and meant to be
REFUSE = {"match": {"path": "*/_bulk", "index": MIDDLE}, "action": {"items": {
    "status": 400, "type": "document_parsing_exception", "reason": "no", "which": "all"}}}


class DeadFull(ParkCase):
    capture_options = ("--payload", "--schema", "ecs")

    def dead(self, site, *words):
        done = subprocess.run([program("espcap"), "dead", words[0], site.spool, *words[1:]],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done)
        return done.stdout

    def fill(self, site, *options, files=3):
        """More refused records than there is room for letters, and others among them."""
        for _ in range(files):
            site.finish(site.capture([site.add_capture(250, LETTER)]))
        site.es.script(REFUSE)
        return site.ship(*MAX, *OFF, "--batch-bytes", "500K", *options)

    def test_what_would_be_a_letter_waits_and_the_others_go_on(self):
        with self.site() as site:
            ship = self.fill(site)
            half = self.of(site, MIDDLE)
            self.stored(site, len(site.expected) - half, "the others are stored")
            self.wait(site, lambda: site.has_said("no room for dead letters"), "it is said")
            self.wait(site, lambda: site.status()["dead"] + site.status()["backlog"] == half,
                      "what is refused is a letter, or waits")
            s = site.status()
            letters = s["dead"]
            self.assertEqual(s["lost"], 0, s)
            need(s["backlog"] > 0, "some wait")
            self.assertLessEqual(s["dead_bytes"], s["dead_max_bytes"])
            self.assertEqual((s["dead_max_bytes"], s["when_dead_full"]), (8 << 20, "pause"))
            found = subprocess.run([program("espcap"), "doctor", "--spool", site.spool],
                                   capture_output=True, text=True, check=False)
            self.assertRegex(found.stdout, "dead letters.*at most 8 MiB", found)
            # those that wait are not sent again and again
            before = site.es.stats()["items"]
            time.sleep(1.5)
            self.assertLess(site.es.stats()["items"] - before, 5)
            site.kill(ship)
            ship = site.ship(*MAX, *OFF)
            self.room(site, letters)
            self.end(site, ship)

    def room(self, site, letters):
        """Some are purged; then what waited becomes letters, and when these are mended, documents."""
        ids = sorted(json.loads(line)["_id"] for line in
                     self.dead(site, "export").splitlines())
        need(len(ids) == letters, "letters are there")
        self.wait(site, lambda: site.status()["dead"] >= letters, "letters are counted")
        start = time.monotonic()
        site.es.script()
        self.dead(site, "retry", "--all")
        self.wait(site, lambda: site.status()["backlog"] == 0, "all goes on by itself", 60)
        took = time.monotonic() - start
        s = site.status()
        self.assertEqual((s["dead"], s["lost"]), (0, 0), s)
        self.assertEqual(s["indexed"] + s["already_there"], len(site.expected), s)
        self.assertEqual(len(site.es.ids()), len(site.expected))
        self.row(site, "dead letters full, pause, kill -9; retry makes room", 1, took)

    def test_dropped_with_a_loss_document(self):
        if not LONG:
            self.skipTest("it takes ESPCAP_LONG")
        with self.site() as site:
            start = time.monotonic()
            ship = self.fill(site, "--once", "--when-dead-full", "drop")
            site.finish(ship, (1,))
            took = time.monotonic() - start
            self.check_dropped(site)
            self.row(site, "dead letters full, drop", 1, took)

    def test_dropped_and_killed(self):
        """kill -9 at the place behind the document, and at any time: each is told of once."""
        with self.site() as site:
            rounds = 20 if LONG else 1
            start = time.monotonic()
            ship = self.fill(site, "--once", "--when-dead-full", "drop")
            site.kill(ship)
            for i in range(rounds):
                env = {"ESPCAP_FAULT": "loss_durable:1:kill"} if i % 2 == 0 else {}
                ship = site.ship(*MAX, *OFF, "--once", "--when-dead-full", "drop", **env)
                if env:
                    site.finish(ship, (0, 1, -9))
                else:
                    time.sleep(site.rng.random() * 2)
                    site.kill(ship)
            site.finish(site.ship(*MAX, *OFF, "--once", "--when-dead-full", "drop"), (0, 1))
            took = time.monotonic() - start
            self.check_dropped(site)
            self.row(site, "dead letters full, drop, kill -9", rounds, took)

    def check_dropped(self, site):
        half = self.of(site, MIDDLE)
        s = site.status()
        self.assertEqual((s["dead"] + s["lost"], s["backlog"]), (half, 0), s)
        need(s["lost"] > 0, "some are lost")
        self.assertEqual(s["losses"]["dead_overflow"], s["lost"], s)
        self.assertEqual(site.lost("dead_overflow"), s["lost"])
        self.assertLessEqual(s["dead_bytes"], 8 << 20)
        self.assertEqual(len(self.dead(site, "list").splitlines()), s["dead"])


class GivenUp(ParkCase):
    capture_options = ("--payload", "--schema", "ecs")

    def test_a_record_is_a_letter_or_given_up(self):
        """A full spool gives up its oldest segment while a ship is between letters and ack."""
        if not LONG:
            self.skipTest("it takes ESPCAP_LONG")
        with self.site() as site:
            site.finish(site.capture([site.add_capture(100, LETTER)]))
            site.es.script(REFUSE)
            ship = site.ship(*OFF, "--dead-max", "64M", "--batch-bytes", "16K", ESPCAP_FAULT="letters_durable:1:sleep:12000")
            self.wait(site, lambda: site.dead_letters()[1], "there is a letter")
            files = [site.add_capture(900, LETTER) for _ in range(3)]
            start = time.monotonic()
            site.finish(site.capture(files, "--when-full", "drop-oldest"))
            took = time.monotonic() - start
            need(site.status()["lost"] + sum(site.status()["losses"].values()), "something is lost")
            self.end(site, ship)
            site.finish(site.ship("--once", "--dead-max", "64M", *OFF), (0, 1))
            print(site.judge(lossy=True))
            self.row(site, "drop-oldest between letters and ack", 1, took)


class Started(ParkCase):
    capture_options = ("--payload", "--schema", "ecs")

    def test_a_start_does_not_read_all_letters(self):
        """What the ack covers is not looked at."""
        with self.site() as site:
            site.finish(site.capture([site.add_capture(200, LETTER)]))
            site.es.script(REFUSE)
            site.finish(site.ship("--once", *OFF), (1,))
            trace = os.path.join(site.folder, "trace")
            site.before = ("strace", "-f", "-e", "trace=pread64", "-o", trace)
            site.finish(site.ship("--once"), (0, 1))
            with open(trace, encoding="utf-8", errors="replace") as f:
                read = sum(int(x) for x in re.findall(r"= (\d+)$", f.read(), re.MULTILINE))
            site.before = ()
            self.assertEqual(site.status()["dead"], self.of(site, MIDDLE))
            self.assertLess(read, site.status()["dead_bytes"] // 2)


if __name__ == "__main__":
    main()
