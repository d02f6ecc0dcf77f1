# park_case.py -- what the tests of blocked indices, pauses and full dead letters share.
# SPDX-License-Identifier: Apache-2.0
"""
Captures and the judge are those of the crash tests (tests/crash/crash.py): each packet is a document
unlike all others, and in the end each is stored once, dead, or named in a loss document, as the spool
itself counts. Each test prints a row of the table of faults. ESPCAP_SEED is the seed, ESPCAP_LONG
asks for the long forms.
"""
import os
import random
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
from crash import LONG, Site, need  # noqa: E402

DAY_NS = 86400 * 10**9
OLD, MIDDLE, TODAY = (f"espcap-packets-{day}" for day in ("2025.12.31", "2026.01.01", "2026.01.02"))
SEED = int(os.environ.get("ESPCAP_SEED", random.randrange(1, 10**6)))
QUICK = ("--park-after", "300ms")
NEVER = ("--park-after", "1h")
KINDS = {
    "read-only, 403": (403, "cluster_block_exception", "index [{}] blocked by: [FORBIDDEN/8/index write (api)];"),
    "read-only, 429": (429, "cluster_block_exception", "index [{}] blocked by: [TOO_MANY_REQUESTS/5/index read-only (api)];"),
    "closed": (400, "index_closed_exception", "closed"),
    "deleted": (404, "index_not_found_exception", "no such index [{}]"),
}


def block(index, kind="read-only, 403", **match):
    """A rule: this index refuses every record."""
    status, error, reason = KINDS[kind]
    return {"match": {"path": "*/_bulk", "index": index, **match}, "action": {"items": {
        "status": status, "type": error, "which": "all", "reason": reason.format(index)}}}


class ParkCase(unittest.TestCase):
    capture_options = ()

    def site(self, seed=SEED):
        return Site(seed, self.capture_options)

    def row(self, site, case, rounds, seconds):
        """One row of the table; doubles and foreign ids are the judge's, which has looked before."""
        s, stats = site.status(), site.es.stats()
        double = stats["same_id_other_content"] + stats["same_id_other_index"]
        print(f"| {case} | {rounds} | {s['indexed']} | {s['already_there']} | {s['dead']} | "
              f"{s['parked']} | {s['lost']} | {double} | {seconds:.1f} s |", flush=True)

    def wait(self, site, what, words, seconds=30):
        need(site.wait_for(what, seconds), words)

    def of(self, site, *indices):
        """How many of the expected documents belong into these."""
        return sum(index in indices for index in site.expected.values())

    def stored(self, site, number, words="what is not blocked is stored"):
        self.wait(site, lambda: site.es.stats()["stored"] >= number, words)

    def parked(self, site, number, words="it is parked"):
        self.wait(site, lambda: site.status()["parked"] == number, words)

    def release(self, site):
        """Everything is allowed again; the time until nothing waits."""
        site.es.script()
        start = time.monotonic()
        self.wait(site, lambda: site.status()["backlog"] == 0, "all goes on by itself", 60)
        return time.monotonic() - start

    def end(self, site, ship):
        ship.send_signal(signal.SIGTERM)
        site.finish(ship)

    def refused_requests(self, site, index):
        """Bodies that were sent to a blocked index: lines of the log, grouped by the request."""
        return sum(1 for item in site.es.log() if item["index"] == index and item["status"] in (
            403, 429, 404, 400))


def main():
    print(f"seed {SEED}")
    unittest.main(verbosity=2)


__all__ = ["DAY_NS", "KINDS", "LONG", "MIDDLE", "NEVER", "OLD", "ParkCase", "QUICK", "TODAY", "block", "main",
           "need"]
