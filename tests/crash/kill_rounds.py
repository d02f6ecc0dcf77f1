# kill_rounds.py -- signals for capture and ship at random moments, until enough of them counted.
# SPDX-License-Identifier: Apache-2.0
"""
usage: kill_rounds.py [--rounds N] [--seed N]

Both services work on one spool. In a round one of them or both are

  killed      (F1 to F3) kill -9
  stopped     (F6, F7) SIGSTOP, and SIGCONT when everybody has looked
  told once   (F8) SIGTERM: it ends with 0, and what capture had been handed is committed
  told twice  (F8) SIGTERM and at once another one, which ends it there

A round in which capture is killed, stopped or told twice counts if packets that it had been handed
are not in the spool then: libpcap reads a file piece by piece, so all pieces but the last one it read
(/proc/PID/fdinfo, looked at before) have been handed over. With ship it counts if the server has
handled records that the spool's ack file does not know as settled. SIGTERM alone counts if there was
work left. When nothing of that is so, there is another round.
"""
import argparse
import os
import signal
import time
from collections import Counter

from crash import LONG, PATIENCE, Site, Wrong, run

PACKETS, PAYLOAD = 30000, 980          # of a capture file
HEAD, RECORD = 24, 16 + 42 + PAYLOAD   # bytes in the file
PIECE = 256 * 1024 // RECORD + 1       # packets that capture reads at a time
TRIES = 3                              # rounds made for each that has to count
LEAST = 20                             # one of so many that count is of each kind
VICTIMS = (("capture",), ("capture",), ("capture", "ship"), ("ship",))
# every tenth record is refused, some answers are late, and some never come
REFUSE = {"items": {"status": 400, "type": "document_parsing_exception", "which": "seq_mod:10:3"}}
BULK = {"path": "*/_bulk"}
ROOM = ("--dead-max", "1G")             # a thousand rounds make more letters than a small spool takes
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
        self.service = {"capture": None, "ship": None}
        self.path = self.fd = None
        self.counted = Counter()
        self.hows = (self.killed, self.killed, self.stopped, self.told_once, self.told_twice)
        self.made = 0
        site.es.script(*RULES)

    # capture

    def in_spool(self, status):
        """Packets of the file in hand that the spool holds."""
        return (status["committed"] if status else 0) - PACKETS * (len(self.files) - 1)

    def go_on(self):
        """A capture that runs, on the file in hand or a new one."""
        capture = self.service["capture"]
        if capture and capture.poll() is None:
            return
        if capture and capture.returncode:
            raise Wrong(f"espcap-capture ended with {capture.returncode}")
        status = self.site.status()
        if not self.files or self.in_spool(status) == PACKETS:
            self.files.append(self.site.add_capture(PACKETS, PAYLOAD))
        self.first = self.in_spool(status)
        self.most = self.rng.randrange(2000, 6000)
        flush = self.rng.choice(("1ms", "5ms", "20ms", "250ms"))
        self.fd = None
        self.service["capture"] = self.site.capture(
            self.files[-1:], "--count", str(self.most), "--flush-interval", flush)

    def bytes_read(self):
        """How far capture has read its file; None before it opened it and after it closed it."""
        proc = f"/proc/{self.service['capture'].pid}"
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
        while self.service["capture"].poll() is None and self.handed_over() < target:
            if time.monotonic() > give_up:    # no sleep in between: a millisecond is 250 packets
                raise Wrong(f"espcap-capture read nothing for {PATIENCE} s")
        time.sleep(self.rng.random() * 0.002)

    # ship

    def ship_on(self):
        ship = self.service["ship"]
        if ship and ship.poll() is not None:
            raise Wrong(f"espcap-ship ended with {ship.returncode}")
        if not ship:
            self.site.wait_for(self.site.has_spool)
            self.service["ship"] = self.site.ship("--chunk", str(self.rng.choice((20, 200, 2000))),
                                                  *ROOM)

    def aim_at_ship(self):
        """Waits until the server has got something new, and a little more."""
        log = self.site.es.path("log")
        size = os.path.getsize(log)
        self.site.wait_for(lambda: os.path.getsize(log) > size, seconds=1)
        time.sleep(self.rng.random() * 0.02)

    # what there was to lose

    def at_stake(self, hit, handed):
        """Those of the victims who held something that is not durable in the spool."""
        found = []
        if "capture" in hit and handed > self.in_spool(self.site.status_from_disk()):
            found.append("capture")
        if "ship" in hit:
            self.site.read_log()
            s = self.site.status()
            if len(self.site.handled) > s["indexed"] + s["already_there"] + s["dead"]:
                found.append("ship")
        return found

    def work_left(self, hit, handed):
        """Those of the victims who were not done; what was handed over must be committed."""
        status = self.site.status_from_disk()
        done = self.in_spool(status)
        if "capture" in hit and done < handed:
            raise Wrong(f"SIGTERM: of {handed} packets capture committed {done}")
        left = {"capture": done < min(self.first + self.most, PACKETS), "ship": status["backlog"]}
        return [name for name in hit if left[name]]

    # signals; each is given the victims and returns those for whom it counts

    def killed(self, victims, handed):
        hit = [name for name in victims if self.site.kill(self.service[name])]
        for name in hit:
            self.service[name] = None
        return self.at_stake(hit, handed)

    def stopped(self, victims, handed):
        for name in victims:
            self.service[name].send_signal(signal.SIGSTOP)
        hit = [name for name in victims if self.stands_still(self.service[name])]
        found = self.at_stake(hit, handed)
        for name in victims:
            self.service[name].send_signal(signal.SIGCONT)
        return found

    def stands_still(self, service):
        """Whether SIGSTOP found it alive."""
        self.site.wait_for(lambda: service.poll() is not None or self.site.is_stopped(service))
        return service.returncode is None

    def tell(self, victims, times):
        """SIGTERM; those that ended by it, and how."""
        codes = {}
        for name in victims:
            for again in range(times):
                time.sleep(again * self.rng.random() * 0.002)
                self.service[name].send_signal(signal.SIGTERM)
        for name in victims:
            codes[name] = self.site.finish(self.service[name], (0, 1, -signal.SIGTERM))
            self.service[name] = None
        return codes

    def told_once(self, victims, handed):
        codes = self.tell(victims, 1)
        if 1 in codes.values():
            raise Wrong(f"after SIGTERM: {codes}")
        # one that has only just begun has no handler yet, and nothing in hand
        return self.work_left([name for name, code in codes.items() if code == 0], handed)

    def told_twice(self, victims, handed):
        codes = self.tell(victims, 2)
        return self.at_stake([name for name, code in codes.items() if code != 0], handed)

    # rounds

    def one(self):
        self.made += 1
        victims, how = self.rng.choice(VICTIMS), self.rng.choice(self.hows)
        self.go_on()
        self.ship_on()
        if "capture" in victims:
            self.aim_at_capture()
        else:
            self.aim_at_ship()
        found = how(victims, self.handed_over() if "capture" in victims else 0)
        if self.site.lost():
            raise Wrong(f"round {self.made}, {how.__name__} {victims}: lost, says ship: "
                        f"{list(self.site.losses.values())}")
        if found:
            self.counted[how.__name__, " and ".join(found)] += 1

    def sum(self):
        kinds = [f"{how.replace('_', ' ')}: {who} {n}" for (how, who), n in sorted(self.counted.items())]
        return f"{self.counted.total()} of {self.made} rounds counted: {', '.join(kinds)}"

    def finish(self, rounds):
        """All files once more, from the front, and everything shipped."""
        if self.service["capture"]:
            self.site.finish(self.service["capture"])
        self.site.kill(self.service["ship"] or self.site.ship(*ROOM))
        self.site.finish(self.site.capture(self.files))
        self.site.finish(self.site.ship("--once", *ROOM), good=(0, 1))
        for how in {how.__name__ for how in self.hows}:
            if sum(n for (kind, _), n in self.counted.items() if kind == how) < rounds // LEAST:
                raise Wrong(f"too few were {how}: {self.sum()}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=1000 if LONG else 200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    args = parser.parse_args()
    with Site(args.seed) as site:
        rounds = Rounds(site)
        while rounds.counted.total() < args.rounds:
            rounds.one()
            if rounds.made % 50 == 0:
                print(rounds.sum(), flush=True)
            if rounds.made >= TRIES * args.rounds:
                raise Wrong(f"too few: {rounds.sum()}")
        rounds.finish(args.rounds)
        return f"{rounds.sum()}\n{site.judge()}"


if __name__ == "__main__":
    run(main)
