# disk_full.py -- disks that are really full: tmpfs, ext4 in a file, no inodes, a limit of file sizes.
# SPDX-License-Identifier: Apache-2.0
"""
usage: disk_full.py NAME [--seed N]

Space comes back while the services run, and what could not be stored is in loss documents, exactly.
Mounting takes root and a mount namespace; without them the test counts as skipped (77).
"""
import argparse
import errno
import os
import resource

from disk import FOREVER, Disk, DiskSite, Fault, Pipe, Wrong, need_root, run

PAYLOADS = ("--payload", "--fields", "-udp.payload")
LARGE, MIB = 1400, 1 << 20
PACKETS = 12_000    # 17 MB in the spool
FLOOR = 4 * MIB
ROOM = {"tmpfs": 28 * MIB, "ext4": 32 * MIB}   # for two segments, and not for three


def drained(site):
    """Everything is shipped, by a ship that ends."""
    site.finish(site.ship("--once"))


def check(good, what):
    if not good:
        raise Wrong(what)


def floor(seed, kind):
    """F23: it fills under load; the floor acts first, and a ship that starts now makes room."""
    with DiskSite(seed, PAYLOADS) as site, Disk(site, kind, ROOM[kind]) as disk:
        pipe = Pipe(site, 2 * PACKETS, LARGE)
        pipe.start("--when-full", "drop-newest", "--spool-free", str(FLOOR))
        pipe.feed_until("takes 4.* MiB to stay free .*; new records are lost, and counted",
                        2 * PACKETS - 2000)
        pipe.feed(1000)
        check(disk.free() >= FLOOR - MIB, f"only {disk.free()} bytes are free")
        ship = site.ship()
        check(site.wait_for(lambda: site.status()["segments"] == 1), "no room was made")
        before = site.status()["committed"]
        pipe.feed(500)          # it goes on, without a restart
        check(site.wait_for(lambda: site.status()["committed"] > before), "it stopped")
        pipe.end()
        pipe.report()
        ship.terminate()
        site.finish(ship)
        drained(site)
        lost = site.judge()
        check(0 < lost < PACKETS, f"{lost} lost")
        return f"{pipe.fed} packets, {lost} lost, and {len(site.losses)} loss documents say so"


def to_the_last_byte(seed, kind):
    """Somebody else takes all that is left: state files can still be written, also by a ship that
    never ran before; then there is room again."""
    with DiskSite(seed, PAYLOADS) as site, Disk(site, kind, 40 * MIB) as disk:
        half = PACKETS // 4
        pipe = Pipe(site, half + PACKETS, LARGE)
        pipe.start("--when-full", "drop-newest", "--spool-free", "0")
        pipe.feed_and_see(half)
        ballast = os.path.join(site.spool, "ballast")
        check(os.path.exists(ballast), "there is no ballast")
        disk.fill()
        pipe.feed_until("new records are lost, and counted", PACKETS)
        check(site.wait_for(lambda: not os.path.exists(ballast)), "the ballast was kept")
        ship = site.ship()
        check(site.wait_for(lambda: os.path.exists(os.path.join(site.spool, "ack")) and
                            site.status()["indexed"] >= half), "it ships nothing")
        disk.empty()
        pipe.end()
        pipe.report()
        check(site.wait_for(lambda: os.path.exists(ballast)), "the ballast is not made again")
        ship.terminate()
        site.finish(ship)
        drained(site)
        lost = site.judge()
        check(lost, "nothing was lost on a full disk")
        check(not os.listdir(os.path.join(site.spool, "quarantine")), "something is in quarantine")
        return f"{pipe.fed} packets, {lost} lost, and {len(site.losses)} loss documents say so"


def waiting(seed, kind):
    """Policy block: it waits, is interrupted, and goes on where it was: nothing is lost."""
    with DiskSite(seed, PAYLOADS) as site, Disk(site, kind, 40 * MIB) as disk:
        path = site.add_capture(PACKETS, LARGE)
        disk.fill(FLOOR)
        capture = site.start("espcap-capture", "--log-level", "info", "--file", path, "--spool",
                             site.spool, "--spool-free", "0", "--name", "crash", *PAYLOADS)
        site.check_said("nothing is lost, waiting until espcap-ship or somebody makes room")
        capture.terminate()
        site.finish(capture, (1,))
        site.check_said(r"[\d,]+ packets, 0 documents committed .*, [\d,]+ not stored \(--resume "
                        r"takes them again\)")
        disk.empty()
        site.finish(site.start("espcap-capture", "--file", path, "--spool", site.spool, "--name",
                               "crash", "--resume", "--spool-free", "0", *PAYLOADS))
        drained(site)
        site.judge(lost=0)
        return f"{PACKETS} packets, none lost"


def inodes(seed):
    """F26: room, but no inode for a new segment."""
    with DiskSite(seed, PAYLOADS) as site, Disk(site, "tmpfs", 64 * MIB, ",nr_inodes=40") as disk:
        pipe = Pipe(site, PACKETS, LARGE)
        pipe.start("--when-full", "drop-newest", "--spool-free", "0", "--spool-max", "64M")
        pipe.feed_and_see(100)
        ballast = os.path.join(site.spool, "ballast")
        names = [os.path.join(disk.path, str(i)) for i in range(40)]
        made = []
        for name in names:
            try:
                with open(name, "wb"):
                    made.append(name)
            except OSError:
                break
        check(site.wait_for(lambda: not os.path.exists(ballast)), "the ballast was kept")
        pipe.feed_until("new records are lost, and counted", PACKETS - 200)
        for name in made:
            os.unlink(name)
        pipe.feed(100)
        pipe.end()
        pipe.report()
        drained(site)
        return f"{pipe.fed} packets, {site.judge()} lost, and loss documents say so"


def limit(seed):
    """F24: a limit of file sizes below a segment; then it is raised, then there is none."""
    with DiskSite(seed, PAYLOADS) as site:
        pipe = Pipe(site, PACKETS, LARGE)
        site.before = ("prlimit", f"--fsize={5 * MIB}:unlimited")
        pipe.start("--when-full", "drop-newest", "--spool-max", "64M")
        site.before = ()
        pipe.feed_until(r"limit of this process \(ulimit -f\).*; new records are lost, and counted",
                        PACKETS)
        resource.prlimit(pipe.process.pid, resource.RLIMIT_FSIZE, (9 * MIB, resource.RLIM_INFINITY))
        before = site.status()["committed"]
        pipe.feed(1000)
        pipe.end()
        check(site.status()["committed"] > before, "it does not go on under a higher limit")
        pipe.report()
        drained(site)
        lost = site.judge()
        check(lost, "nothing was lost")
        check(not os.listdir(os.path.join(site.spool, "quarantine")), "something is in quarantine")
        small = Pipe(site, 6000, LARGE)     # more than a segment of such a size holds
        site.before = ("prlimit", f"--fsize={8 * MIB}:unlimited")
        small.start("--when-full", "block", "--spool-max", "1G")
        site.before = ()
        small.feed(6000)
        small.end()
        drained(site)
        site.judge(lost=lost)
        return f"{pipe.fed + small.fed} packets, {lost} lost, and loss documents say so"


def unreserved(seed):
    """A disk that cannot set space aside is full in the middle of a commit: that is full, not broken."""
    with DiskSite(seed, PAYLOADS) as site, Disk(site, "tmpfs", 12 * MIB) as disk:
        fault = Fault(site, "reserve", 1, ("errno", errno.EOPNOTSUPP), FOREVER)
        pipe = Pipe(site, PACKETS, LARGE)
        pipe.start("--when-full", "drop-newest", "--spool-free", "0", "--spool-max", "64M",
                   **fault.env())
        pipe.feed_and_see(100)
        site.check_said("the spool's disk cannot set space aside")
        disk.fill(2 * MIB)
        pipe.feed_until("new records are lost, and counted", PACKETS - 200)
        disk.empty()
        ship = site.ship()
        check(site.wait_for(lambda: site.status()["segments"] == 1), "no room was made")
        pipe.feed(100)
        pipe.end()
        pipe.report()
        ship.terminate()
        site.finish(ship)
        drained(site)
        check(not os.listdir(os.path.join(site.spool, "quarantine")), "something is in quarantine")
        return f"{pipe.fed} packets, {site.judge()} lost, and loss documents say so"


DISKS = {f"{f.__name__}_{kind}": (f, kind) for f in (floor, to_the_last_byte, waiting)
         for kind in ("tmpfs", "ext4")}
DISKS.update({f.__name__: (f,) for f in (inodes, limit, unreserved)})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("disk", choices=DISKS)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    need_root()
    f, *kind = DISKS[args.disk]
    return f(args.seed, *kind)


if __name__ == "__main__":
    run(main)
