# copies.py -- spools that were cloned, restored, sent twice, or lost what they had sent.
# SPDX-License-Identifier: Apache-2.0
"""
usage: copies.py NAME [--seed N]

That nothing new ever meets an old `_id` is judged over everything that the server was sent: each item
of each request, also one that it answered with 409, has its hash in the server's log.
"""
import os
import re
import shutil
import subprocess

from crash import EVENTS, need, play_one_of
from fake_es import FakeEs
from victims import FEW, LITTLE, MUCH, PAYLOADS, SEGMENT

BULK = {"path": "*/_bulk"}
FILES, IN_FILE, EVENING = 20, 12, 8    # over midnight: each has a run of records that wait


def copy(site, name):
    """A copy of the spool's folder; where it lies."""
    path = os.path.join(site.folder, name)
    shutil.copytree(site.spool, path)
    return path


def restore(site, path):
    shutil.rmtree(site.spool)
    shutil.copytree(path, site.spool)


def half_shipped(site):
    """A ship that is told to end in the middle of the backlog."""
    site.es.script({"match": BULK, "action": {"delay_ms": 20}})
    ship = site.ship("--chunk", "20")
    need(site.wait_for(lambda: site.es.stats()["bulk_requests"] > 4), "ship sends")
    ship.terminate()
    site.finish(ship)
    site.es.script()
    need(site.status()["backlog"] > 0, "half of it is left")


def two_sensors_from_one_image(site):
    """F99: a disk is cloned with a backlog; both sensors have the same machine id and the same spool,
    go on with packets of their own, and send all to one server at the same time."""
    site.finish(site.capture([site.add_capture(20 * FEW, LITTLE)]))
    half_shipped(site)
    spools = (site.spool, copy(site, "clone"))
    ours = []
    for site.spool in spools:
        path = site.add_capture(FEW, LITTLE)
        ours += [site.capture([path]), site.ship()]
    site.finish(ours[0])
    site.finish(ours[2])
    for site.spool, ship in ((spools[0], ours[1]), (spools[1], ours[3])):
        need(site.wait_for(lambda: site.status()["backlog"] == 0), "each delivers what it has")
        ship.terminate()
        site.finish(ship)
    there = site.status()["already_there"]
    site.spool = spools[0]
    there += site.status()["already_there"]
    need(there > 0, "what both had was sent twice, and stored once")
    return f"{site.judge(counts=False)}; {there} already there"


def yesterdays_copy(site):
    """F98: the spool of yesterday comes back, with a backlog that was delivered since; capture goes on
    with today's packets."""
    site.finish(site.capture([site.add_capture(20 * FEW, LITTLE)]))
    half_shipped(site)
    yesterday = copy(site, "yesterday")
    site.finish(site.capture([site.add_capture(FEW, LITTLE)]))
    site.finish(site.ship("--once"))
    restore(site, yesterday)
    today = site.add_capture(FEW, LITTLE)
    capture = site.capture([today])
    ship = site.ship()
    site.finish(capture)
    need(site.wait_for(lambda: site.status()["backlog"] == 0), "all is settled")
    ship.terminate()
    site.finish(ship)
    s = site.status()
    need(s["already_there"] > 0 and s["committed"] == s["indexed"] + s["already_there"],
         f"what is old is already there: {s}")
    return site.judge(counts=False)


def undone(site, with_tail):
    """The last commits of a running capture are sent, and then gone from the disk."""
    path = site.add_capture(2 * FEW, LITTLE, poured=True)
    with open(path, "rb") as f:
        text = f.read()
    half = 24 + FEW * (16 + 42 + LITTLE)
    site.stdin = subprocess.PIPE
    capture = site.capture(["-"])
    site.stdin = None
    capture.stdin.write(text[:half])
    capture.stdin.flush()
    need(site.wait_for(lambda: (site.status() or {}).get("committed") == FEW), "half is committed")
    rec = os.path.join(site.spool, "rec")
    before = site.folder + "/before"
    shutil.copytree(rec, before)
    capture.stdin.write(text[half:])
    capture.stdin.flush()
    need(site.wait_for(lambda: site.status()["committed"] == 2 * FEW), "all is committed")
    ship = site.ship()
    need(site.wait_for(lambda: site.status()["indexed"] == 2 * FEW), "all is sent, and `ack` knows")
    ship.terminate()
    site.finish(ship)
    site.kill(capture)
    if not with_tail:
        shutil.copy(os.path.join(rec, "tail"), before)
    shutil.rmtree(rec)
    shutil.move(before, rec)


def a_commit_that_was_sent_is_undone(site):
    """F35: ack stays ahead of the chain; the new records lie above what it knows, are sent, and are
    not taken for old ones. What was passed over counts as skipped."""
    undone(site, True)
    return after_undone(site)


def only_the_tail_knows_of_it(site):
    """F35: the same where the unsynced tail stays ahead, too: no loss is invented."""
    undone(site, False)
    return after_undone(site)


def after_undone(site):
    site.finish(site.capture([site.add_capture(FEW, LITTLE)]))
    s = site.status()
    need(s["last_sequence"] == 3 * FEW, f"sequences go on above what was sent: {s}")
    need(s["skipped"] + s["committed"] == 3 * FEW, f"what was passed over is counted: {s}")
    site.finish(site.ship("--once"))
    need(site.lost() == 0 and site.status()["already_there"] == 0, "nothing is lost or sent twice")
    s = site.status()
    need(s["backlog"] == 0 and s["indexed"] == 3 * FEW == s["committed"] + s["undone"],
         f"the counts: {s}")
    return site.judge(counts=False)


def ack_deleted(site):
    """F97: without ack a full spool is sent again from its oldest record: what was there is already
    there, and the counts are those of one delivery; also when most of it was trimmed before."""
    site.finish(site.capture([site.add_capture(SEGMENT, MUCH)]))
    need(site.segments() > 1, "there are several segments")
    half_shipped(site)
    before = site.status()["indexed"]
    os.unlink(os.path.join(site.spool, "ack"))
    site.finish(site.ship("--once"))
    s = site.status()
    need(s["already_there"] >= before and s["indexed"] + s["already_there"] == s["committed"],
         f"already there are those {before}: {s}")
    need(site.segments() == 1, "the settled segments are gone")
    os.unlink(os.path.join(site.spool, "ack"))
    site.finish(site.capture([site.add_capture(FEW, LITTLE)]))
    site.finish(site.ship("--once"))
    return f"{site.judge()}; {s['already_there']} already there"


def middle_segments_go_first(site):
    """F93: one record of the oldest segment waits while all others are settled; their segments are
    trimmed, as ranges of `ack`. A ship that starts then does not take their place for damage."""
    site.es.script({"match": BULK, "action": {"items": {
        "status": 429, "which": 'match:"frame.number":5,'}}})
    site.finish(site.capture([site.add_capture(4 * SEGMENT, MUCH)]))
    before = site.segments()
    ship = site.ship()
    need(site.wait_for(lambda: site.segments() == 2), f"all but two of {before} segments go")
    need(site.status()["backlog"] == 1 and site.status()["first_sequence"] == 1, "one record waits")
    site.kill(ship)
    site.es.script()
    site.finish(site.ship("--once"))
    need(site.lost() == 0, f"nothing is lost: {site.losses}")
    return site.judge()


def a_second_server(site):
    """F100: the same spool, sent to a second and empty server, is complete there, under the same ids
    and in the same indices."""
    site.finish(site.capture([site.add_capture(SEGMENT, MUCH)]))
    spool, twin = site.spool, copy(site, "twin")
    site.finish(site.ship("--once"))
    said = site.judge()
    with FakeEs("--log-documents", EVENTS + "*") as second:
        site.spool, port = twin, site.es.port
        site.es.port = second.port
        site.finish(site.ship("--once"))
        site.es.port, site.spool = port, spool
        need(second.ids() == site.es.ids(), "both servers have the same")
    return said


def another_name_another_index(site):
    """F19: a new name and a new index pattern stand in what comes from then on; what was committed
    before keeps its index, sent or not, so nothing is sent twice."""
    site.finish(site.capture([site.add_capture(20 * FEW, LITTLE)]))
    half_shipped(site)
    ship = site.ship("--index", "other-%Y.%m")
    need(site.wait_for(lambda: site.status()["backlog"] == 0), "the old pattern for what was there")
    site.name = "renamed"
    old = set(site.expected)
    site.finish(site.capture([site.add_capture(FEW, LITTLE)]))
    for sha in set(site.expected) - old:
        site.expected[sha] = "other-" + site.expected[sha][len("espcap-packets-"):-len(".01")]
    need(site.wait_for(lambda: site.status()["backlog"] == 0), "and the new one for the rest")
    ship.terminate()
    site.finish(ship)
    need(site.status()["already_there"] == 0, "nothing was sent twice")
    need(sum(index.startswith("other-") for _, index in site.es.ids()) == FEW, "the new index")
    return site.judge()


def damage_behind_a_stuck_frontier(site):
    """F41, F92: while an index takes nothing, more runs of records are settled than an ack has room
    for. What a loss document has told of stays told, however often a ship starts."""
    def damage():
        rec = os.path.join(site.spool, "rec")
        segment = sorted(name for name in os.listdir(rec) if name.isdigit())[-2]
        with open(os.path.join(rec, segment, "data.mdb"), "r+b") as f:
            content = f.read()
            for frame in re.finditer(b"ESPF\x01", content):    # LMDB's older pages hold copies
                f.seek(frame.start() + 170)
                f.write(bytes([content[frame.start() + 170] ^ 1]))

    def told():
        site.read_log()
        return len(site.losses)

    waits = "espcap-packets-2026.01.01"
    blocked = {"status": 403, "type": "cluster_block_exception", "which": "all",
               "reason": "index [x] blocked by: [FORBIDDEN/8/index write (api)];"}
    site.es.script({"match": {**BULK, "index": waits}, "action": {"items": blocked}})
    for n in (1, 2):    # each of these ships writes a segment of loss/
        for _ in range(FILES):
            site.finish(site.capture([site.add_capture(IN_FILE)]))
        damage()
        ship = site.ship("--chunk", "20")
        need(site.wait_for(lambda n=n: told() == n), f"{n} losses are told of")
        ship.terminate()
        site.finish(ship)
    site.finish(site.capture([site.add_capture(FEW)]))
    stored = sum(index != waits for index in site.expected.values()) - 2 * EVENING
    ship = site.ship("--chunk", "20")
    need(site.wait_for(lambda: sum(name.startswith("espcap-packets") for _, name in site.es.ids())
                       == stored), f"it has seen all there is: {stored}")
    site.es.script()
    need(site.wait_for(lambda: site.status()["backlog"] == 0), "all is delivered")
    ship.terminate()
    site.finish(ship)
    need(site.lost() == site.status()["lost"] == 2 * IN_FILE, f"{site.lost()} are told of")
    return site.judge(lossy=True)


PLAYS = (two_sensors_from_one_image, yesterdays_copy, a_commit_that_was_sent_is_undone,
         only_the_tail_knows_of_it, ack_deleted, middle_segments_go_first,
         a_second_server, another_name_another_index, damage_behind_a_stuck_frontier)

if __name__ == "__main__":
    play_one_of(PLAYS, PAYLOADS)
