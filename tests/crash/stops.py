# stops.py -- services that stand still, are told to end, or are interrupted all the time.
# SPDX-License-Identifier: Apache-2.0
"""
usage: stops.py NAME [--seed N]

That a capture or a ship may stand still at any named place is shown by points.py (F6), that a
capture which stood still counts what the kernel dropped by tests/e2e/test_live.py (F6).
"""
import signal

from crash import need, play_one_of
from victims import FEW, LITTLE, MUCH, PAYLOADS, SEGMENT, preloaded

BULK = {"path": "*/_bulk"}


def ship_stopped_in_mid_upload(site):
    """F7: the answers to a ship that stands still lie there; capture goes on, and so does ship."""
    site.es.script({"match": BULK, "action": {"delay_ms": 50}})
    path = site.add_capture(20 * FEW, LITTLE)
    capture = site.capture([path], "--flush-interval", "1ms")
    site.wait_for(site.has_spool)
    ship = site.ship("--chunk", "20")
    need(site.wait_for(lambda: site.es.stats()["bulk_requests"] > 2), "ship sends")
    ship.send_signal(signal.SIGSTOP)
    site.finish(capture)
    more = site.add_capture(FEW, LITTLE)
    site.finish(site.capture([more]))
    need(site.is_stopped(ship), "ship stands still")
    need(site.status()["backlog"], "there is work left for it")
    ship.send_signal(signal.SIGCONT)
    need(site.wait_for(lambda: site.status()["backlog"] == 0), "ship goes on")
    ship.terminate()
    site.finish(ship)
    return site.judge()


def ship_told_to_end(site):
    """F8: SIGTERM with a backlog: answers that are on their way are waited for, `ack` knows of each
    item that the server has handled, exit 0."""
    site.finish(site.capture([site.add_capture(20 * FEW, LITTLE)]))
    site.es.script({"match": BULK, "action": {"delay_ms": 100}})
    ship = site.ship("--chunk", "20")
    need(site.wait_for(lambda: site.es.stats()["bulk_requests"] > 4), "ship sends")
    ship.terminate()
    site.finish(ship)
    site.read_log()
    s = site.status()
    need(len(site.handled) == s["indexed"] and s["backlog"] and not s["already_there"],
         f"ack knows of {s['indexed']} of {len(site.handled)}, {s['backlog']} left")
    site.es.script()
    site.finish(site.ship("--once"))
    need(site.status()["already_there"] == 0, "nothing was sent twice")
    return site.judge()


def ship_told_twice(site):
    """F8: the second SIGTERM does not wait for the answers; what was under way goes again."""
    site.finish(site.capture([site.add_capture(FEW, LITTLE)]))
    site.es.script({"match": BULK, "action": {"hang": True, "store": True}})
    ship = site.ship("--chunk", "20")
    need(site.wait_for(lambda: site.es.stats()["bulk_requests"] > 1), "ship sends")
    ship.terminate()
    need(not site.wait_for(lambda: ship.poll() is not None, 0.3), "ship waits for an answer")
    ship.terminate()
    site.finish(ship, (1,))
    site.es.script()
    site.finish(site.ship("--once"))
    need(site.status()["already_there"] > 0, "what was stored went again")
    return site.judge()


def interrupted_every_millisecond(site):
    """F12: with a signal for every thread each millisecond all is as without."""
    path = site.add_capture(SEGMENT, MUCH)
    piped = site.add_capture(FEW * 5, MUCH, poured=True)
    site.es.script({"match": {**BULK, "every": 3}, "action": {"delay_ms": 20}})
    storm = preloaded("storm.so")
    capture = site.capture([path], "--flush-interval", "1ms", **storm)
    site.wait_for(lambda: capture.poll() is not None or
                  (site.has_spool() and site.status()["capture_runs"]))
    site.finish(site.ship("--once", "--chunk", "100", **storm))
    site.finish(capture)
    site.pour(piped, **storm)
    site.finish(site.ship("--once", "--chunk", "100", **storm))
    need(not site.said(), f"nobody says anything: {site.said()}")
    return site.judge()


PLAYS = (ship_stopped_in_mid_upload, ship_told_to_end, ship_told_twice, interrupted_every_millisecond)

if __name__ == "__main__":
    play_one_of(PLAYS, PAYLOADS)
