# kill_rounds.py -- kill -9 of capture and ship at random moments, until enough of them counted.
# SPDX-License-Identifier: Apache-2.0
"""
usage: kill_rounds.py [--rounds N] [--seed N]

Both services work on one spool. A kill of capture counts if packets that it had been handed are not
in the spool afterwards: libpcap reads a file piece by piece, so all pieces but the last one it read
(/proc/PID/fdinfo, looked at before the kill) have been handed over. A kill of ship counts if the
server has handled records that the spool's ack file does not know as settled. A round in which
neither is so does not count, and there is another one.
"""
import argparse
import os
import time

from crash import PATIENCE, Site, Wrong, run

PACKETS, PAYLOAD = 30000, 980          # of a capture file
HEAD, RECORD = 24, 16 + 42 + PAYLOAD   # bytes in the file
PIECE = 256 * 1024 // RECORD + 1       # packets that capture reads at a time
TRIES = 3                              # rounds made for each that has to count
# every tenth record is refused, some answers are late, and some never come
REFUSE = {"items": {"status": 400, "type": "document_parsing_exception", "which": "seq_mod:10:3"}}
BULK = {"path": "*/_bulk"}
RULES = (
    {"match": {**BULK, "every": 11}, "action": {**REFUSE, "cut": "before_answer"}},
    {"match": {**BULK, "every": 3}, "action": {**REFUSE, "delay_ms": 30}},
    {"match": BULK, "action": REFUSE},
)


class Rounds:
    def __init__(self, site):
        self.site = site
        self.rng = site.rng
        self.files = []
        self.capture = self.ship = None
        self.path = self.fd = None
        self.counted = {"capture": 0, "ship": 0, "both": 0}
        self.made = 0
        site.es.script(*RULES)

    # capture

    def in_spool(self, status):
        """Packets of the file in hand that the spool holds."""
        return (status["committed"] if status else 0) - PACKETS * (len(self.files) - 1)

    def go_on(self):
        """A capture that runs, on the file in hand or a new one."""
        if self.capture and self.capture.poll() is None:
            return
        if self.capture and self.capture.returncode:
            raise Wrong(f"espcap-capture ended with {self.capture.returncode}")
        status = self.site.status()
        if not self.files or self.in_spool(status) == PACKETS:
            self.files.append(self.site.add_capture(PACKETS, PAYLOAD))
        self.first = self.in_spool(status)
        self.most = self.rng.randrange(2000, 6000)
        flush = self.rng.choice(("1ms", "5ms", "20ms", "250ms"))
        self.fd = None
        self.capture = self.site.capture(self.files[-1:], "--count", str(self.most),
                                         "--flush-interval", flush)

    def bytes_read(self):
        """How far capture has read its file; None before it opened it and after it closed it."""
        proc = f"/proc/{self.capture.pid}"
        try:
            if self.fd is None:
                self.fd = next((fd for fd in os.listdir(proc + "/fd")
                                if os.readlink(f"{proc}/fd/{fd}") == self.files[-1]), None)
            if self.fd is None:
                return None
            with open(f"{proc}/fdinfo/{self.fd}", encoding="ascii") as info:
                return int(info.readline().split()[1])
        except OSError:
            return None

    def handed_over(self):
        """Number of the last packet that capture surely was handed; 0 when that is not known."""
        read = self.bytes_read()
        last = min(self.first + self.most, PACKETS)
        if read is None:
            return last if self.fd else 0
        return min((read - HEAD) // RECORD - PIECE, last)

    def aim_at_capture(self):
        """Waits until some packets beyond those in the spool are handed over, and a little more."""
        target = self.first + self.rng.randrange(1, min(self.most, 1500))
        target = min(target, PACKETS - PIECE)
        give_up = time.monotonic() + PATIENCE
        while self.capture.poll() is None and self.handed_over() < target:
            if time.monotonic() > give_up:    # no sleep in between: a millisecond is 250 packets
                raise Wrong(f"espcap-capture read nothing for {PATIENCE} s")
        time.sleep(self.rng.random() * 0.002)

    def capture_counts(self, handed):
        return handed > self.in_spool(self.site.status_from_disk())

    # ship

    def ship_on(self):
        if self.ship and self.ship.poll() is not None:
            raise Wrong(f"espcap-ship ended with {self.ship.returncode}")
        if not self.ship:
            self.site.wait_for(self.site.has_spool)
            self.ship = self.site.ship("--chunk", str(self.rng.choice((20, 200, 2000))))

    def aim_at_ship(self):
        """Waits until the server has got something new, and a little more."""
        log = self.site.es.path("log")
        size = os.path.getsize(log)
        self.site.wait_for(lambda: os.path.getsize(log) > size, seconds=1)
        time.sleep(self.rng.random() * 0.02)

    def ship_counts(self):
        self.site.read_log()
        s = self.site.status()
        return len(self.site.handled) > s["indexed"] + s["already_there"] + s["dead"]

    # rounds

    def one(self):
        self.made += 1
        victim = self.rng.choice(("capture", "capture", "both", "ship"))
        self.go_on()
        self.ship_on()
        if victim == "ship":
            self.aim_at_ship()
        else:
            self.aim_at_capture()
        handed = self.handed_over() if victim != "ship" else 0
        capture_died = victim != "ship" and self.site.kill(self.capture)
        ship_died = victim != "capture" and self.site.kill(self.ship)
        if ship_died:
            self.ship = None
        if capture_died:
            self.capture = None
        hit = (capture_died and self.capture_counts(handed)) + 2 * (ship_died and self.ship_counts())
        if hit:
            self.counted[("capture", "ship", "both")[hit - 1]] += 1

    def sum(self):
        c = self.counted
        return (f"{sum(c.values())} of {self.made} kills counted: with records uncommitted "
                f"{c['capture']}, in flight {c['ship']}, both {c['both']}")

    def finish(self):
        """All files once more, from the front, and everything shipped."""
        if self.capture:
            self.site.finish(self.capture)
        self.site.kill(self.ship or self.site.ship())
        self.site.finish(self.site.capture(self.files))
        self.site.finish(self.site.ship("--once"), good=(0, 1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=1000 if "ESPCAP_LONG" in os.environ else 200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    args = parser.parse_args()
    with Site(args.seed) as site:
        rounds = Rounds(site)
        while sum(rounds.counted.values()) < args.rounds:
            rounds.one()
            if rounds.made % 50 == 0:
                print(rounds.sum(), flush=True)
            if rounds.made >= TRIES * args.rounds:
                raise Wrong(f"too few: {rounds.sum()}")
        rounds.finish()
        return f"{rounds.sum()}\n{site.judge()}"


if __name__ == "__main__":
    run(main)
