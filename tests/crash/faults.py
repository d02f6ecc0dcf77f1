# faults.py -- capture and ship against a server that misbehaves in one way: nothing lost or twice.
# SPDX-License-Identifier: Apache-2.0
"""
usage: faults.py NAME [--seed N]

Capture and ship start together; the judge looks when both have ended by themselves.
"""
import argparse
from concurrent.futures import ThreadPoolExecutor

from crash import Site, Wrong, run
from fake_case import raw_post, read_all
from fake_es import FILTER, bulk

PACKETS = 600
BULK = {"path": "*/_bulk"}
SWEEPERS = 16   # sites of their own, for a shipper mostly waits after a cut


def play(site, files, rules, *options, good=(0,), flush="5ms"):
    """Both services until both end; every rule must have acted as often as it was to."""
    site.es.script(*rules)
    capture = site.capture(files, "--flush-interval", flush)
    site.wait_for(lambda: capture.poll() is not None or
                  (site.has_spool() and site.status()["capture_runs"]))
    ship = site.ship("--once", *options)
    site.finish(capture)
    site.finish(ship, good)
    acted = site.es.stats()["rules"]
    for i, rule in enumerate(rules):
        if acted[i] != rule["match"].get("times", acted[i]) or not acted[i]:
            raise Wrong(f"rule {i + 1} acted {acted[i]} times")
    said = site.judge()
    s = site.status()
    return f"{said}; {s['already_there']} of them already there", s


def simple(seed, action, times=None, good=(0,)):
    match = {**BULK, "times": times} if times else BULK
    with Site(seed) as site:
        return play(site, [site.add_capture(PACKETS)], [{"match": match, "action": action}],
                    "--chunk", "20", good=good)


def never_stored(result):
    said, status = result
    if status["already_there"]:
        raise Wrong("what the server had refused was there already")
    return said


def stored_before(result):
    said, status = result
    if not status["already_there"]:
        raise Wrong("nothing was sent again")
    return said


def unavailable_twelve_times(seed):
    return never_stored(simple(seed, {"status": 503}, 12))


def every_item_busy_twelve_times(seed):
    return never_stored(simple(seed, {"items": {"status": 429, "which": "all"}}, 12))


def every_tenth_item_refused(seed):
    said, status = simple(seed, {"items": {
        "status": 400, "type": "document_parsing_exception", "which": "seq_mod:10:0"}}, good=(1,))
    if status["dead"] != PACKETS // 10:
        raise Wrong(f"{status['dead']} records are dead, not {PACKETS // 10}")
    return said  # a mixed answer without ids is asked for again with them: then 409 for the others


def cut_after_indexing(seed):
    return stored_before(simple(seed, {"cut": "before_answer", "rst": True}, 12))


def html_with_status_200(seed):
    return never_stored(simple(seed, {"answer": "html200"}, 6))


def longest_answer(seed):
    """Bytes of an answer for two documents that are there already."""
    with Site(seed) as site:
        items = [(f"{i:026}", {}) for i in range(2)]
        index = "espcap-packets-2026.01.01"
        site.es.post(index, bulk(*items))
        with site.es.connect() as s:
            s.sendall(raw_post(bulk(*items), f"/{index}/_bulk?{FILTER}", "Connection: close\r\n"))
            return len(read_all(s)[0])


def cut_anywhere(seed):
    """The answer ends after each possible number of bytes, now closed, now reset; once the first
    answer for two documents, once that for two that are there already."""
    cuts = range(longest_answer(seed))
    half = SWEEPERS // 2

    def sweep(i):
        rules = []
        for n in cuts[i % half::half]:
            rules.append({"match": {**BULK, "times": 1}, "action": {"cut": n, "rst": n % 3 == 0}})
            if i < half:    # what was cut is let through, and others come next
                rules.append({"match": {**BULK, "times": 1}, "action": {"delay_ms": 0}})
        with Site(seed + i) as site:
            packets = len(rules) * 4 if i < half else 2
            return stored_before(play(site, [site.add_capture(packets)], rules, "--chunk", "2",
                                      "--connections", "1", flush="250ms"))

    with ThreadPoolExecutor(SWEEPERS) as pool:
        said = list(pool.map(sweep, range(SWEEPERS)))
    return f"{len(cuts)} cuts: {said[0]} (and {SWEEPERS - 1} more such)"


FAULTS = {f.__name__: f for f in (
    unavailable_twelve_times, every_item_busy_twelve_times, every_tenth_item_refused,
    cut_after_indexing, html_with_status_200, cut_anywhere)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("fault", choices=FAULTS)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    return FAULTS[args.fault](args.seed)


if __name__ == "__main__":
    run(main)
