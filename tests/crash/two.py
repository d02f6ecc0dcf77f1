# two.py -- two of a kind on one spool, PID namespaces, other users.
# SPDX-License-Identifier: Apache-2.0
"""usage: two.py NAME [--seed N]"""
import json
import os
import shutil
import subprocess
import sys

from crash import Wrong, need, play_one_of, program
from victims import FEW, LITTLE

SKIP = 77
NAMESPACE = ("unshare", "--pid", "--fork", "--kill-child")
NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
US = "and this is nobody:nogroup"
PACKET = 16 + 42 + LITTLE


def skip_without(command):
    """A skip, unless this can be done here."""
    try:
        done = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)
        why = done.stderr.strip() if done.returncode else None
    except FileNotFoundError as e:
        why = str(e)
    if why:
        print(f"skipped: {why}")
        sys.exit(SKIP)


class Slow:
    """A capture whose standard input stays open until it is told to end."""

    def __init__(self, site):
        self.site = site
        with open(site.add_capture(FEW, LITTLE, poured=True), "rb") as f:
            self.text = f.read()
        self.half = 24 + FEW // 2 * PACKET
        site.stdin = subprocess.PIPE
        self.process = site.capture(["-"])
        site.stdin = None
        self.write(self.text[:self.half])

    def write(self, text):
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def finish(self):
        self.write(self.text[self.half:])
        self.process.stdin.close()
        self.site.finish(self.process)


def half_is_stored(site):
    need(site.wait_for(lambda: site.es.stats()["stored"] == FEW // 2), "the first half is stored")


def a_second_one_is_refused(site):
    """F13: a second capture and a second ship name the first one and end with 1; nothing happens to
    the first ones."""
    capture = Slow(site)
    need(site.wait_for(site.has_spool), "there is a spool")
    ship = site.ship()
    half_is_stored(site)
    site.finish(site.ship("--once"), (1,))
    need(site.has_said(f"ship.lock is held by pid {ship.pid}, espcap-ship on "), "who has ship.lock")
    site.finish(site.capture([site.add_capture(1)]), (1,))
    need(site.has_said(f"capture.lock is held by pid {capture.process.pid}, espcap-capture on "),
         "who has capture.lock")
    site.expected.popitem()    # what the second capture was to document
    capture.finish()
    ship.terminate()
    site.finish(ship)
    site.finish(site.ship("--once"))
    need(site.status()["already_there"] == 0, "nothing was sent twice")
    return site.judge()


def both_are_pid_1(site):
    """F14: capture and ship in two PID namespaces, each as pid 1, and a look from a third one."""
    skip_without(NAMESPACE)
    site.before = NAMESPACE
    capture = Slow(site)
    need(site.wait_for(site.has_spool), "there is a spool")
    ship = site.ship("--once")
    half_is_stored(site)

    def look():
        done = subprocess.run([*NAMESPACE, program("espcap"), "spool", "status", site.spool, "--json"],
                              stdout=subprocess.PIPE, check=True)
        return json.loads(done.stdout)

    need(site.wait_for(lambda: look()["backlog"] == 0), "the third one sees what is settled")
    s = look()
    need(s["capture"].startswith("pid 1, espcap-capture") and
         s["ship"].startswith("pid 1, espcap-ship"), f"both are pid 1: {s}")
    need(s["committed"] == FEW // 2 == s["indexed"], f"what it says: {s}")
    capture.finish()
    site.finish(ship)
    return site.judge()


def give_all(spool, user):
    for folder, _, names in os.walk(spool):
        for path in (folder, *(os.path.join(folder, name) for name in names)):
            shutil.chown(path, user, "nogroup" if user == "nobody" else "root")


def other_users_are_told(site):
    """F15: what may not be read or written is named at the start, with owner, group and mode."""
    if os.getuid():
        print("skipped: only root can be somebody else")
        sys.exit(SKIP)
    skip_without((*NOBODY, program("espcap-ship"), "--version"))
    os.chmod(site.folder, 0o755)
    spool = site.spool
    path = site.add_capture(FEW, LITTLE)
    more = site.add_capture(FEW, LITTLE)
    rec = os.path.join(spool, "rec")

    def refused(process, words):
        site.before = ()
        site.finish(process, (1,))
        if not site.has_said(words):
            raise Wrong(f"nobody said {words!r}: {site.said()[-1:]}")

    def as_nobody(start, *args):
        site.before = NOBODY
        return start(*args)

    refused(as_nobody(site.capture, [path]),
            f"cannot make the spool {spool}: Permission denied; {site.folder} belongs to root:root, "
            f"mode 0755, {US}")
    site.finish(site.capture([path]))
    os.chmod(spool, 0o750)
    refused(as_nobody(site.ship, "--once"),
            f"cannot read {spool}/SPOOL: Permission denied; {spool} belongs to root:root, mode 0750, {US}")
    give_all(spool, "nobody")
    segment = os.path.join(rec, min(name for name in os.listdir(rec) if name.isdigit()))
    for name, mode, words in (
            (spool + "/ack", 0o644, f"cannot open {spool}/ack: Permission denied; it belongs"),
            (segment + "/data.mdb", 0o600, f"cannot read {segment}/data.mdb: Permission denied; it belongs")):
        open(name, "ab").close()
        shutil.chown(name, "root", "root")
        os.chmod(name, mode)
        refused(as_nobody(site.ship, "--once"), f"{words} to root:root, mode {mode:04o}, {US}")
        shutil.chown(name, "nobody", "nogroup")
    shutil.chown(rec, "root", "root")
    os.chmod(rec, 0o755)
    refused(as_nobody(site.capture, [more]),
            f"{rec} belongs to root:root, mode 0755, {US}")
    shutil.chown(rec, "nobody", "nogroup")
    for start, args in ((site.capture, ([path, more],)), (site.ship, ("--once",))):
        process = as_nobody(start, *args)
        site.before = ()
        site.finish(process)
    return site.judge()


if __name__ == "__main__":
    play_one_of((a_second_one_is_refused, both_are_pid_1, other_users_are_told))
