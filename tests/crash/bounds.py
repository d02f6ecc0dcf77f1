# bounds.py -- spools that are full: cap, floor of free space, the three policies, and the drain after.
# SPDX-License-Identifier: Apache-2.0
"""
usage: bounds.py NAME [--seed N]

Documents of 31 KB that hardly compress fill the least cap there is, 64 MiB in eight segments, with
some 2,500 packets. In the end each packet is stored or named in a loss document, and what these name
is exactly what is missing (`judge(lossy=True)`).
"""
import os
import signal
import subprocess
import sys

from crash import BIG, CAP, need, play_one_of
from victims import FEW, LITTLE, at_point

SKIP = 77
BULK = {"path": "*/_bulk"}
OPTIONS = ("--schema", "ecs")
NEARLY_FULL, FULL, MORE, TWICE = 2000, 2900, 4500, 6000    # packets
SEGMENT_BYTES, CAP_BYTES = 8 << 20, 64 << 20
SLACK = 2 << 20    # what lies beside the record chain: ballast, state


def drain(site):
    site.finish(site.ship("--once"))
    need(site.status()["backlog"] == 0, "all is settled")
    need(site.segments() == 1, f"one segment is left of {site.segments()}")
    used = int(subprocess.run(["du", "-sB1", site.spool], stdout=subprocess.PIPE,
                              check=True).stdout.split()[0])
    need(used <= SEGMENT_BYTES + SLACK, f"the space is back: {used} bytes")


def told(site):
    """The services' own count of what is missing agrees with the documents."""
    losses = site.status()["losses"]
    need(sum(losses.values()) == site.lost(), f"status says {losses}, the documents {site.lost()}")
    return losses


def stored(site):
    """The packets that are stored, by their number."""
    there = set(site.es.ids().values())
    return [i for i, sha in enumerate(site.expected) if sha in there]


def block_waits_for_room(site):
    """F8, F90, F94: a file waits while the server is away and the spool is full; told to end it ends,
    and goes on from there at the next start. Nothing is lost, and the space comes back."""
    path = site.add_capture(FULL, BIG)
    capture = site.capture([path])
    need(site.wait_for(lambda: site.has_said("nothing is lost, waiting")), "capture waits")
    capture.terminate()
    site.finish(capture, (0, 1))
    capture = site.capture([path])
    ship = site.ship()
    site.finish(capture)
    ship.terminate()
    site.finish(ship)
    drain(site)
    need(sum(told(site).values()) == 0, "nothing is lost")
    return site.judge()


def drop_newest_keeps_what_is_there(site):
    """F90: what comes when the spool is full is counted; the document waits until there is room."""
    site.pour(site.add_capture(FULL, BIG, poured=True), "--when-full", "drop-newest")
    drain(site)
    site.finish(site.capture([site.add_capture(1)]))
    drain(site)
    losses = told(site)
    need(losses["spool_full"] > 0 and losses["trimmed"] == 0, f"the newest are dropped: {losses}")
    return site.judge(lossy=True)


def drop_oldest_keeps_the_newest(site):
    """F90, F91, F94: an outage of more than twice the cap. What is stored are exactly the newest
    packets; the loss documents that were given up themselves stand in later ones."""
    site.pour(site.add_capture(TWICE, BIG, poured=True), "--when-full", "drop-oldest")
    drain(site)
    losses = told(site)
    need(losses["trimmed"] > NEARLY_FULL and losses["spool_full"] == 0, f"the oldest go: {losses}")
    need(any("repeated" in x for _, x in site.losses.values()), "loss documents were given up, too")
    there = stored(site)
    if not losses["ring_full"]:
        need(there == list(range(TWICE - len(there), TWICE)), "the newest are there, without a gap")
    return site.judge(lossy=True)


def drop_oldest_races_with_answers(site):
    """F92: records are given up while they are on their way; each is in one term, and what is stored
    all the same is counted as late."""
    path = site.add_capture(MORE, BIG, poured=True)
    site.es.script({"match": BULK, "action": {"delay_ms": 1000}})
    site.finish(site.capture([site.add_capture(1)]))
    ship = site.ship("--chunk", "20", "--connections", "8")
    site.pour(path, "--when-full", "drop-oldest")
    site.es.script()
    need(site.wait_for(lambda: site.status()["backlog"] == 0), "ship delivers the rest")
    ship.terminate()
    site.finish(ship)
    drain(site)
    s = site.status()
    need(s["late"] and s["losses"]["trimmed"], f"there was a race: {s}")
    return site.judge(lossy=True)


def drop_oldest_without_trim_lock(site):
    """F7: a ship that stands still with trim.lock held turns drop-oldest into drop-newest: capture
    says so, neither waits nor gives a segment up."""
    site.finish(site.capture([site.add_capture(NEARLY_FULL, BIG)]))
    path = site.add_capture(FULL - NEARLY_FULL, BIG, poured=True)
    ship = site.ship(**at_point("trim_locked", 1, "stop"))
    need(site.wait_for(lambda: site.is_stopped(ship)), "ship holds trim.lock")
    site.pour(path, "--when-full", "drop-oldest")
    need(site.has_said("its oldest records cannot be given up while pid"), "capture says why")
    ship.send_signal(signal.SIGCONT)
    need(site.wait_for(lambda: site.status()["backlog"] == 0), "ship goes on")
    ship.terminate()
    site.finish(ship)
    site.finish(site.capture([site.add_capture(1)]))
    drain(site)
    losses = told(site)
    need(losses["spool_full"] > 0 and losses["trimmed"] == 0, f"drop-newest: {losses}")
    return site.judge(lossy=True)


def cap_below_what_is_there(site):
    """F17: with a cap that is smaller than the spool the policy applies with the first packet: block
    says what to do, drop-oldest gives up as much as it must."""
    site.cap = "256M"
    site.finish(site.capture([site.add_capture(MORE, BIG)]))
    site.cap = CAP
    need(site.status()["disk_bytes"] > CAP_BYTES, "there is more than the cap")
    few = site.add_capture(FEW, LITTLE)
    capture = site.capture([few])
    need(site.wait_for(lambda: site.has_said(
        "has reached its cap of 64 MiB (--spool-max); nothing is lost, waiting until")), "block waits")
    capture.terminate()
    site.finish(capture, (0, 1))
    site.finish(site.capture([few], "--when-full", "drop-oldest"))
    need(site.status()["disk_bytes"] <= CAP_BYTES, f"not more than the cap: {site.status()}")
    drain(site)
    need(told(site)["trimmed"] > 0, "something was given up")
    return site.judge(lossy=True)


def other_segment_size(site):
    """F18: segments of the old size are read, a new one has the new size."""
    def reserved():
        rec = os.path.join(site.spool, "rec")
        newest = max(name for name in os.listdir(rec) if name.isdigit())
        return os.stat(os.path.join(rec, newest, "data.mdb")).st_blocks * 512

    site.finish(site.capture([site.add_capture(NEARLY_FULL // 2, BIG)]))
    old = site.segments()
    need(old > 2, "some segments of the old size")
    site.cap = "512M"
    path = site.add_capture(NEARLY_FULL // 2, BIG, poured=True)
    site.stdin = subprocess.PIPE
    capture = site.capture(["-"])
    site.stdin = None
    with open(path, "rb") as f:
        capture.stdin.write(f.read())
        capture.stdin.flush()
    need(site.wait_for(lambda: site.status()["committed"] >= NEARLY_FULL - 1), "it is committed")
    need(site.segments() == old + 1, f"one segment takes it all: {site.segments()}")
    need(SEGMENT_BYTES < reserved() <= CAP_BYTES + SLACK, f"it has the new size: {reserved()}")
    capture.stdin.close()
    site.finish(capture)
    site.finish(site.ship("--once"))
    return site.judge()


def floor_of_free_space(site):
    """F90, F94: the floor acts before the disk is full, and the space comes back."""
    os.mkdir(site.spool)
    mount = ["mount", "-t", "tmpfs", "-o", "size=56m", "tmpfs", site.spool]
    if os.getuid() or subprocess.run(mount, check=False).returncode:
        print("skipped: no tmpfs can be mounted")
        sys.exit(SKIP)
    try:
        def free():
            fs = os.statvfs(site.spool)
            return fs.f_bavail * fs.f_frsize

        path = site.add_capture(FULL, BIG, poured=True)
        site.pour(path, "--spool-free", "16M", "--when-full", "drop-oldest")
        need(free() >= 16 << 20, f"the floor holds: {free()} bytes are free")
        drain(site)
        need(told(site)["trimmed"] > 0 and free() > 40 << 20, f"the space is back: {free()}")
        return site.judge(lossy=True)
    finally:
        for process in site.started:
            if process.poll() is None:
                process.kill()
                process.wait()
        subprocess.run(["umount", site.spool], check=True)


PLAYS = (block_waits_for_room, drop_newest_keeps_what_is_there, drop_oldest_keeps_the_newest,
         drop_oldest_races_with_answers, drop_oldest_without_trim_lock, cap_below_what_is_there,
         other_segment_size, floor_of_free_space)

if __name__ == "__main__":
    play_one_of(PLAYS, OPTIONS)
