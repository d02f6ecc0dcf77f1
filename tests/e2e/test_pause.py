#!/usr/bin/env python3
# test_pause.py -- somebody has to mend something: everything waits, loses nothing and goes on (F74-F77).
# SPDX-License-Identifier: Apache-2.0
import os
import random
import time

from park_case import LONG, ParkCase, main, need

PACKETS = 300
CLUSTER = "blocked by: [FORBIDDEN/6/cluster read-only (api)];"
FLOOD = "index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block];"
SHARDS = ("Validation Failed: 1: this action would add [2] total shards, but this cluster currently has "
          "[1000]/[1000] maximum normal shards open;")
SECRET = "action [indices:data/write/bulk[s]] is unauthorized for API key"
BULK = {"path": "*/_bulk"}


def items(status, kind, reason):
    return {"match": BULK, "action": {"items": {
        "status": status, "type": kind, "reason": reason, "which": "all"}}}


def whole(status, kind, reason):
    return {"match": BULK, "action": {"status": status, "body": {"error": {
        "type": kind, "reason": reason}, "status": status}}}


TROUBLES = {
    "401, the request": whole(401, "security_exception", "missing authentication credentials"),
    "403, the request": whole(403, "security_exception", SECRET),
    "403, each item": items(403, "security_exception", "the key is expired"),
    "cluster read-only, each item": items(403, "cluster_block_exception", CLUSTER),
    "cluster read-only, the request": whole(403, "cluster_block_exception", CLUSTER),
    "flood stage": items(429, "cluster_block_exception", FLOOD),
    "shard limit": items(400, "validation_exception", SHARDS),
    "shard limit, the other type": items(400, "illegal_argument_exception", SHARDS),
}


class Pause(ParkCase):
    def test_one_record_is_tried_until_it_is_mended(self):
        for name in sorted(TROUBLES) if LONG else random.sample(sorted(TROUBLES), 2):
            with self.subTest(name), self.site() as site:
                site.finish(site.capture([site.add_capture(PACKETS)]))
                site.es.script(TROUBLES[name])
                ship = site.ship("--chunk", "50", "--park-after", "1ms")
                self.wait(site, lambda: site.es.stats()["rules"][0] >= 4, "it is tried")
                before = site.es.stats()
                self.wait(site, lambda: site.es.stats()["rules"][0] >= before["rules"][0] + 4,
                          "it is tried again")
                after = site.es.stats()
                tries = after["rules"][0] - before["rules"][0]
                sent = after["bytes_in"] - before["bytes_in"]
                self.assertLess(sent, (tries + 1) * 2000, f"{tries} tries, {sent} bytes")
                self.assertEqual(after["stored"], 0)
                s = site.status()
                self.assertEqual((s["dead"], s["parked"], s["backlog"]), (0, 0, PACKETS), s)
                self.wait(site, lambda: site.status()["ship_waits"], "status says why")
                said = [line for line in site.said() if "nothing is lost" in line]
                self.assertEqual(len(said), 1, said)
                took = self.release(site)
                self.end(site, ship)
                site.judge()
                self.row(site, name, tries, took)

    def test_it_is_known_within_thirty_seconds(self):
        """The longest time between two tries, by the default --backoff-max."""
        if not LONG:
            self.skipTest("it takes ESPCAP_LONG")
        with self.site() as site:
            site.finish(site.capture([site.add_capture(PACKETS)]))
            site.es.script(TROUBLES["cluster read-only, each item"])
            ship = site.ship("--backoff-max", "60s")
            self.wait(site, lambda: site.es.stats()["rules"][0] >= 5, "it is tried", 120)
            took = self.release(site)
            self.assertLess(took, 31)
            self.end(site, ship)
            site.judge()
            self.row(site, "mended after 5 tries", 1, took)

    def test_two_troubles_in_turn_are_told_of_twice(self):
        """Also when records are stored in between."""
        with self.site() as site:
            site.finish(site.capture([site.add_capture(PACKETS)]))
            rules = []
            for name in ("401, the request", "cluster read-only, each item"):
                rule = TROUBLES[name]
                rules.append({**rule, "match": {**BULK, "after": len(rules) + 1, "every": 3}})
            site.es.script(*rules)
            site.finish(site.ship("--once", "--chunk", "50", "--connections", "1", "--backoff-max",
                                  "500ms"))
            site.judge()
            said = [line for line in site.said() if "nothing is lost" in line]
            need(sum(site.es.stats()["rules"]) > 8, "it happens often")
            self.assertLessEqual(len(said), 4, said)
            self.row(site, "two troubles in turn", sum(site.es.stats()["rules"]), 0)

    def test_once_gives_up_and_loses_nothing(self):
        with self.site() as site:
            site.finish(site.capture([site.add_capture(PACKETS)]))
            site.es.script(TROUBLES["403, each item"])
            start = time.monotonic()
            site.finish(site.ship("--once", "--give-up-after", "1s"), (1,))
            s = site.status()
            self.assertEqual((s["dead"], s["lost"], s["backlog"]), (0, 0, PACKETS), s)
            site.es.script()
            site.finish(site.ship("--once"))
            site.judge()
            self.row(site, "--once --give-up-after", 1, time.monotonic() - start)

    def test_a_new_key_is_taken_while_it_runs(self):
        """By the request and by each item; the file is replaced as a careful operator does it."""
        with self.site() as site:
            site.finish(site.capture([site.add_capture(PACKETS)]))
            key = os.path.join(site.folder, "key")

            def put(text):
                with open(key + ".new", "w", encoding="ascii") as f:
                    f.write(text + "\n")
                os.chmod(key + ".new", 0o600)
                os.rename(key + ".new", key)

            put("b2xkOmtleQ==")
            site.es.script({"match": {"path": "*"}, "action": {
                "unauthorized": True, "until_header": "Authorization: ApiKey bmV3OmtleQ=="}})
            ship = site.ship("--api-key-file", key)
            self.wait(site, lambda: site.es.stats()["rules"][0] >= 3, "it is refused")
            self.assertEqual(site.status()["dead"], 0)
            put("bmV3OmtleQ==")
            start = time.monotonic()
            self.wait(site, lambda: site.status()["backlog"] == 0, "the new key is taken", 30)
            self.end(site, ship)
            site.judge()
            self.row(site, "an expired key is replaced", 1, time.monotonic() - start)


if __name__ == "__main__":
    main()
