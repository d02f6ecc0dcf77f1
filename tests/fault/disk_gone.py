# disk_gone.py -- a disk that is slow, turns read-only or goes away under running services.
# SPDX-License-Identifier: Apache-2.0
"""usage: disk_gone.py NAME [--seed N]"""
import argparse
import errno
import os
import re
import shutil
import signal

from disk import FOREVER, WHEN_SICK, Disk, DiskSite, Fault, Pipe, Wrong, mount, need_root, run

PAYLOADS = ("--payload", "--fields", "-udp.payload")
LARGE, FEW, MIB = 1400, 300, 1 << 20
RING = 40_000       # packets: more than all buffers hold
NOTICED_S = 10
GONE = r"the spool \S+ was deleted or moved while it was in use; "


def check(good, what):
    if not good:
        raise Wrong(what)


def ended_with(site, process, seconds=NOTICED_S):
    """A service ends by itself, soon, and with 1."""
    check(site.wait_for(lambda: process.poll() is not None, seconds),
          f"{process.args[0]} did not notice within {seconds} s")
    check(process.returncode == 1, f"{process.args[0]} ended with {process.returncode}")


def gone(seed, how):
    """F39: both services notice; nobody makes a new folder."""
    with DiskSite(seed) as site:
        pipe = Pipe(site, FEW, 8)
        pipe.start("--when-full", "drop-oldest")
        pipe.feed_and_see(FEW)
        ship = site.ship()
        check(site.wait_for(lambda: site.status()["indexed"] == FEW), "nothing was shipped")
        how(site)
        ended_with(site, pipe.process)
        ended_with(site, ship)
        said = [line for line in site.said() if re.search(GONE, line)]
        check(len(said) == len(site.said()) == 2, f"not two sentences: {site.said()}")
        check(how is replaced or not os.path.exists(site.spool), "there is a new folder")
        return "both services ended within 10 s, with one sentence each"


def moved(site):
    os.rename(site.spool, site.spool + ".elsewhere")


def deleted(site):
    shutil.rmtree(site.spool)


def replaced(site):
    """By a copy, as a restored backup would."""
    os.rename(site.spool, site.spool + ".elsewhere")
    shutil.copytree(site.spool + ".elsewhere", site.spool)


def once(seed):
    """--once on a spool that vanishes has not done its work."""
    with DiskSite(seed) as site:
        site.finish(site.capture([site.add_capture(FEW, 8)]))
        site.es.script({"match": {"path": "*/_bulk"}, "action": {"status": 503}})
        ship = site.ship("--once")
        check(site.wait_for(lambda: site.es.stats()["requests"] > 3), "nothing was sent")
        deleted(site)
        site.es.script()
        ended_with(site, ship)
        site.check_said(GONE)
        return "ended with 1"


def read_only(seed):
    """F38: ext4 that gives up writing. capture follows its policy, ship goes on reading."""
    need_root()
    with DiskSite(seed) as site, Disk(site, "ext4", 40 * MIB) as disk:
        pipe = Pipe(site, 2 * FEW, 8)
        pipe.start("--when-full", "drop-newest", "--spool-free", "0", "--log-level", "info")
        pipe.feed_and_see(FEW)
        if not mount("-o", "remount,abort", disk.path):
            print("skipped: ext4 cannot be made to give up here")
            raise SystemExit(77)
        pipe.feed(FEW)
        site.check_said("(Read-only file system|Input/output error); new records are lost, and counted")
        pipe.end()
        site.check_said(r"lost \(spool_full\), \d+ of all losses to be reported")
        lost = int(re.search(r"(\d+) lost \(spool_full\)", site.said()[-1])[1])
        check(0 < lost <= FEW, f"{lost} lost")
        ship = site.ship()
        ended_with(site, ship)      # it cannot even lock: nothing was sent
        site.check_said(r"cannot open \S+/ship.lock: Read-only file system")
        disk.again()
        check(site.status()["committed"] == 2 * FEW - lost, f"{site.status()}, {lost} lost")
        for sha, _ in pipe.names[-lost:]:
            del site.expected[sha]  # these counts had no place to be kept
        site.finish(site.ship("--once"))
        site.judge(lost=0)
        return f"{2 * FEW - lost} committed packets are there, {lost} were said to be lost"


def read_only_beside(seed):
    """The same with a ship that runs: it sends what is there."""
    need_root()
    with DiskSite(seed) as site, Disk(site, "ext4", 40 * MIB) as disk:
        site.finish(site.start("espcap-capture", "--file", site.add_capture(FEW, 8), "--name",
                               "crash", "--spool", site.spool, "--spool-free", "0"))
        site.es.script({"match": {"path": "*/_bulk"}, "action": {"status": 503}})
        ship = site.ship()
        check(site.wait_for(lambda: site.es.stats()["requests"] > 3), "nothing was sent")
        if not mount("-o", "remount,abort", disk.path):
            print("skipped: ext4 cannot be made to give up here")
            raise SystemExit(77)
        site.es.script()
        check(site.wait_for(lambda: site.es.stats()["stored"] == FEW), "ship stopped reading")
        ship.terminate()
        site.finish(ship)
        disk.again()
        site.finish(site.ship("--once"))
        site.judge(lost=0)
        return f"{FEW} packets were shipped from a read-only disk"


def slow(seed):
    """F37: a sync that takes as long as we like. The packet thread reads all of its input meanwhile;
    what the buffers do not hold is counted."""
    with DiskSite(seed, PAYLOADS) as site:
        pipe = Pipe(site, RING, LARGE)
        fault = Fault(site, "sync", WHEN_SICK, ("hold", 0), FOREVER)
        pipe.start("--when-full", "drop-newest", "--spool-free", "0", **fault.env())
        pipe.feed_and_see(1)
        fault.fall_ill()
        pipe.feed(1)
        check(site.wait_for(fault.hits), "no sync was held")
        pipe.feed(RING)     # returns only when it was read
        site.check_said("degraded: a commit to the spool takes 5.*; what the buffers cannot hold "
                        "meanwhile is lost, and counted")
        check(pipe.process.poll() is None, "it ended")
        fault.heal()
        pipe.end()
        pipe.report()
        site.finish(site.ship("--once"))
        lost = site.judge()
        check(all(loss["reason"] == "ring_full" for _, loss in site.losses.values()), "another reason")
        check(0 < lost < RING, f"{lost} lost")
        return f"{RING} packets while a sync hung, {lost} of them counted as lost (ring_full)"


def slow_each(seed):
    """Each sync takes a second: slow is not broken."""
    with DiskSite(seed) as site:
        pipe = Pipe(site, FEW, 8)
        fault = Fault(site, "sync", WHEN_SICK, ("sleep", 1000), FOREVER)
        pipe.start("--when-full", "drop-newest", **fault.env())
        pipe.feed_and_see(100)
        fault.fall_ill()
        pipe.feed_and_see(100)
        pipe.feed(100)
        pipe.end()
        site.finish(site.ship("--once"))
        site.judge(lost=0)
        check(not site.said(), f"it complained: {site.said()}")
        return f"{len(fault.hits())} syncs took a second each; {FEW} packets, none lost"


def cut_short(seed):
    """C-8: the file that a writer has mapped is cut; both services take the signal with a sentence."""
    with DiskSite(seed) as site:
        pipe = Pipe(site, FEW, 8)
        pipe.start("--when-full", "drop-newest")
        pipe.feed_and_see(100)
        rec = os.path.join(site.spool, "rec")
        newest = max(name for name in os.listdir(rec) if name.isdigit())
        os.truncate(os.path.join(rec, newest, "data.mdb"), 0)
        try:
            pipe.feed(200)
        except BrokenPipeError:
            pass
        ended_with(site, pipe.process)
        site.check_said(r"^espcap-capture: .*\(SIGBUS\)")
        ship = site.ship()
        check(site.wait_for(lambda: site.status()["ship_runs"]), "ship did not start")
        ship.send_signal(signal.SIGBUS)
        ended_with(site, ship)
        site.check_said(r"^espcap-ship: .*\(SIGBUS\)")
        return "SIGBUS is one sentence and exit code 1"


def healthy_again(seed):
    """All of a ship's writing fails for a while, with letters to be written: nothing is settled
    meanwhile, and then everything is, without a restart."""
    with DiskSite(seed) as site:
        site.finish(site.capture([site.add_capture(FEW, 8)]))
        site.es.script({"match": {"path": "*/_bulk"}, "action": {"status": 503}})
        fault = Fault(site, "sync", WHEN_SICK, ("errno", errno.EIO), FOREVER)
        ship = site.ship(**fault.env())
        check(site.wait_for(lambda: site.es.stats()["requests"] > 3), "nothing was sent")
        fault.fall_ill()
        site.es.script({"match": {"path": "*/_bulk"}, "action": {"items": {
            "status": 400, "type": "document_parsing_exception", "which": "seq_mod:10:3"}}})
        site.check_said("the records stay in the spool, and are tried again")
        check(site.wait_for(lambda: site.es.stats()["stored"] == FEW * 9 // 10), "it stopped")
        s = site.status()
        check(s["dead"] == 0, f"{s['dead']} records are dead without a letter")
        fault.heal()
        check(site.wait_for(lambda: site.status()["backlog"] == 0), "it does not go on")
        ship.terminate()
        site.finish(ship)
        site.judge(lost=0)
        check(len([line for line in site.said() if "tried again" in line]) == 1,
              f"it repeats itself: {site.said()}")
        return f"{FEW} packets, {FEW // 10} letters, after {len(fault.hits())} failed syncs"


CASES = {f"{how.__name__}": (gone, how) for how in (moved, deleted, replaced)}
CASES.update({f.__name__: (f,) for f in (once, read_only, read_only_beside, slow, slow_each,
                                         cut_short, healthy_again)})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("case", choices=CASES)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    f, *how = CASES[args.case]
    return f(args.seed, *how)


if __name__ == "__main__":
    run(main)
