# victims.py -- services made ready to be harmed, and what comes after it.
# SPDX-License-Identifier: Apache-2.0
"""
A victim is a service in a certain state of the spool. begin() makes that state, start() the service,
other() says what its counterpart must be able to do meanwhile, and finish() is the rest, by services
that nothing happens to. The judge of crash.py has the last word.
"""
import os
import shutil
import signal

from crash import BIN, PATIENCE, Wrong

REFUSE = {"match": {"path": "*/_bulk"}, "action": {"items": {
    "status": 400, "type": "document_parsing_exception", "which": "seq_mod:10:3"}}}
BLOCKED = "espcap-packets-2025.12.31"
BLOCK = {"match": {"path": "*/_bulk", "index": BLOCKED}, "action": {"items": {
    "status": 403, "type": "cluster_block_exception", "which": "all",
    "reason": f"index [{BLOCKED}] blocked by: [FORBIDDEN/8/index write (api)];"}}}
FEW, SOME, LITTLE, MANY = 300, 4000, 8, 3000
FRAME_HEADER = 168    # common/spool/frame.h
SEGMENT, MUCH = 7500, 1400    # with these options: more than one segment
PAYLOADS = ("--payload", "--fields", "-udp.payload")


def preloaded(library, **env):
    """Environment; under AddressSanitizer the runtime comes second; it may."""
    return {"LD_PRELOAD": os.path.join(BIN, library),
            "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0", **env}


def killed_at(n):
    return preloaded("kill_at.so", ESPCAP_KILL_AT=str(n))


def at_point(name, n=1, action="kill"):
    """Environment: what happens when a service passes a place of fault.def the n-th time."""
    env = {"ESPCAP_FAULT": f"{name}:{n}:{action}"}
    return preloaded("before_meta.so", **env) if name == "data_synced" else env


class Victim:
    options = ()    # of every capture of the site
    good = (0,)     # how the service ends when it was not harmed
    lossy = False   # loss documents are part of it

    def __init__(self, site):
        self.site = site
        self.place = None   # where it stands still
        self.base = None    # what is expected without what other() adds

    def begin(self):
        self.base = self.base or dict(self.site.expected)
        self.site.expected = dict(self.base)
        self.site.forget()

    def start(self, **env):
        raise NotImplementedError

    def other(self):
        """What the other service does while this one is stopped: a capture adds packets."""
        self.site.finish(self.site.capture([self.site.add_capture(FEW, LITTLE)]))

    def finish(self):
        self.site.finish(self.site.ship("--once"))


class Capture(Victim):
    """It fills more than one segment."""
    options = PAYLOADS

    def __init__(self, site):
        super().__init__(site)
        self.path = site.add_capture(SEGMENT, MUCH)

    def start(self, **env):
        return self.site.capture([self.path], **env)

    def deliver(self):
        """A ship alone delivers what was committed."""
        left = self.site.status()
        if left:
            self.site.finish(self.site.ship("--once"))
            if self.site.es.stats()["stored"] != left["committed"]:
                raise Wrong(f"ship left some of {left['committed']} committed records")

    def other(self):
        ship = self.site.ship()
        # a commit of which capture itself does not know yet is not read
        all_of_it = self.site.status()["committed"] if self.place != "committed" else 1
        if not self.site.wait_for(lambda: self.site.es.stats()["stored"] >= all_of_it):
            raise Wrong(f"ship did not deliver beside a stopped capture for {PATIENCE} s")
        ship.send_signal(signal.SIGTERM)
        self.site.finish(ship, (0, -signal.SIGTERM))    # it may not even have begun

    def finish(self):
        self.deliver()
        self.site.finish(self.site.capture([self.path]))
        self.site.finish(self.site.ship("--once"))


class Beside(Victim):
    """A capture beside which a ship works all the time: it reads what capture is writing."""

    def __init__(self, site):
        super().__init__(site)
        self.path = site.add_capture(SOME, LITTLE)

    def begin(self):
        super().begin()
        self.site.finish(self.site.capture([self.path], "--count", "100"))
        self.ship = self.site.ship()
        self.site.wait_for(lambda: self.site.es.stats()["stored"] == 100)

    def start(self, **env):
        return self.site.capture([self.path], "--flush-interval", "1ms", **env)

    def finish(self):
        self.site.finish(self.site.capture([self.path]))
        self.ship.terminate()
        self.site.finish(self.ship)
        super().finish()


class Ship(Victim):
    """Some records are refused, so that it writes letters."""
    good = (1,)

    def __init__(self, site):
        super().__init__(site)
        self.whole = site.spool + ".whole"
        site.finish(site.capture([site.add_capture(FEW, LITTLE)]))
        os.rename(site.spool, self.whole)

    def begin(self):
        super().begin()
        shutil.copytree(self.whole, self.site.spool)
        self.site.es.script(REFUSE)

    def start(self, **env):
        return self.site.ship("--once", **env)

    def finish(self):
        self.site.finish(self.site.ship("--once"), (0, 1))    # 1: it wrote letters


class Park(Victim):
    """One index takes nothing: its records move to parked/, in more than one frame."""
    options = PAYLOADS
    good = (1,)     # they wait

    def __init__(self, site):
        super().__init__(site)
        self.whole = site.spool + ".whole"
        site.finish(site.capture([site.add_capture(MANY, MUCH)]))
        os.rename(site.spool, self.whole)

    def begin(self):
        super().begin()
        shutil.copytree(self.whole, self.site.spool)
        self.site.es.script(BLOCK)

    def start(self, **env):
        return self.site.ship("--once", "--park-after", "1ms", "--give-up-after", "1s", **env)

    def finish(self):
        self.site.es.script()
        super().finish()


class Trim(Victim):
    """The spool is what a kill between the last ack and the trim leaves."""
    options = PAYLOADS

    def __init__(self, site):
        super().__init__(site)
        self.whole = site.spool + ".whole"
        self.path = site.add_capture(SEGMENT, MUCH)
        site.finish(site.capture([self.path]))
        shutil.copytree(site.spool, self.whole)
        site.finish(site.ship("--once"))
        shutil.copy(os.path.join(site.spool, "ack"), self.whole)
        if site.segments(self.whole) < 2 or site.segments() != 1:
            raise Wrong("there was nothing to trim")

    def begin(self):
        shutil.rmtree(self.site.spool)
        shutil.copytree(self.whole, self.site.spool)

    def start(self, **env):
        ship = self.site.ship("--once", **env)
        self.pid = ship.pid
        return ship

    def other(self):
        """It has stopped with capture.lock: a capture that starts now says who holds it, after five
        seconds."""
        if self.place != "segment_renamed":
            return
        self.site.finish(self.site.capture([self.path]), (1,))
        if not self.site.has_said(f"capture.lock is held by pid {self.pid}, espcap-ship, for a trim"):
            raise Wrong("it was not said who holds the lock")

    def finish(self):
        super().finish()
        if self.site.segments() != 1:
            raise Wrong("a segment was not trimmed")


class Damaged(Victim):
    """A ship over a spool in which a bit of one frame has flipped: it writes a loss document."""
    options = PAYLOADS
    good = (1,)     # something is lost
    lossy = True

    def __init__(self, site):
        super().__init__(site)
        self.whole = site.spool + ".whole"
        site.finish(site.capture([site.add_capture(FEW * 5, MUCH)]))
        os.rename(site.spool, self.whole)
        flip_in_a_frame(self.whole)

    def begin(self):
        super().begin()
        shutil.copytree(self.whole, self.site.spool)

    def start(self, **env):
        return self.site.ship("--once", **env)

    def finish(self):
        self.site.finish(self.site.ship("--once"), (0, 1))


def flip_in_a_frame(spool):
    """One bit of the payload of a frame in the middle of the oldest segment."""
    rec = os.path.join(spool, "rec")
    with open(os.path.join(rec, min(os.listdir(rec)), "data.mdb"), "r+b") as f:
        data = f.read()
        frames = [at for at in range(0, len(data), 8) if data[at:at + 4] == b"ESPF"]
        if len(frames) < 3:
            raise Wrong(f"there are {len(frames)} frames to damage one of")
        f.seek(frames[len(frames) // 2] + FRAME_HEADER + 1000)
        byte = f.read(1)[0]
        f.seek(-1, os.SEEK_CUR)
        f.write(bytes([byte ^ 0x10]))
