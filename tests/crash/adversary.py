# adversary.py -- everything at once: kills, odd answers, damage and requests, as they come.
# SPDX-License-Identifier: Apache-2.0
"""
usage: adversary.py [--seed N] [--games N] [--rounds N]

In a game both services work on one spool, and in each round one of MOVES is drawn by lot. Then both are
told to end, the server refuses only what is to be refused, all captures are read to their end,
espcap-ship drains the spool, and the judge looks: every packet is stored, dead or named in a loss
document, once, and the spool's counts say the same.

What a mishap cannot but do is allowed for by name, and only in games where it happened:

  stored and lost   A record was stored, and its frame damaged before the ack knew: a loss document
                    names it, too. Never more than stored ones in its range, and never a dead letter.
  read again        The newest frames are damaged when capture starts: --resume goes on behind the last
                    packet that it finds, so some are committed a second time, under other ids.
  ack is gone       Both slots of it. All that the spool still holds is sent again, and the counts begin
                    anew: letters that were tried again or purged are there once more, and segments that
                    were settled out of turn look like a gap. Nothing is missing or stored twice.
"""
import argparse
import glob
import json
import os
import re
import signal
import struct
import subprocess
import time
from collections import Counter

from crash import EVENTS, LONG, Site, Wrong, program, run, sha16

BULK = {"path": "*/_bulk"}
DAYS = [f"espcap-packets-{day}" for day in ("2025.12.31", "2026.01.01", "2026.01.02")]
BLOCKED = {"status": 403, "type": "cluster_block_exception", "which": "all",
           "reason": f"index [{DAYS[1]}] blocked by: [FORBIDDEN/8/index write (api)];"}
BUSY = {"status": 429, "type": "es_rejected_execution_exception", "which": "all"}
REFUSED = {"status": 400, "type": "document_parsing_exception", "which": "seq_mod:7:3"}
CI_S = 7                  # a new game begins so long
NO_BRAKE = ("--brake", "off")    # letters that are tried again are refused again, all alike
DRAINS = 6                # times that the last ship is started
MAGIC, SLOT, GEN = b"ESPA", 4096, 8    # common/spool/ack.c, slots.h
HEADER = (8, 20, 75, 90, 180)    # bytes of a frame that are hit: header, CRC, payload


def refuse(**more):
    """Every seventh record is refused for good; loss documents are not."""
    return [{"match": {**BULK, "index": day, **more.get("match", {})},
             "action": {"items": REFUSED, **more.get("action", {})}} for day in DAYS]


ANSWERS = (
    [],
    [{"match": {**BULK, "every": 2}, "action": {"items": BUSY}}],
    [{"match": {**BULK, "every": 4}, "action": {"status": 503}}],
    [{"match": {**BULK, "index": DAYS[1]}, "action": {"items": BLOCKED}}],
    refuse(match={"every": 3}, action={"answer": "missing_item"}),
    refuse(match={"every": 2}, action={"cut": "before_answer"}),
    refuse(match={"every": 3}, action={"delay_ms": 50}),
)


class Game:
    def __init__(self, site):
        self.site, self.rng = site, site.rng
        self.capture = self.ship = None
        self.files, self.played = [], []
        self.damaged = self.ack_is_gone = False
        without = self.rng.choice((MISHAPS, MISHAPS[:1], MISHAPS[1:], ()))
        self.moves = [name for name, weight in MOVES.items() if name not in without
                      for _ in range(weight)]

    # services

    def go_on(self):
        """Both run; a capture that came to its end gets another file."""
        for process in (self.capture, self.ship):
            if process and process.poll() not in (None, 0, -9, -15):
                raise Wrong(f"{process.args[0]} ended with {process.returncode}")
        if not self.capture or self.capture.returncode is not None:
            if not self.capture or self.capture.returncode == 0:
                self.files.append(self.site.add_capture(self.rng.choice((50, 400, 2000)),
                                                        self.rng.choice((8, 500))))
            flush = self.rng.choice(("1ms", "10ms", "100ms"))
            self.capture = self.site.capture(self.files[-1:], "--flush-interval", flush)
        self.site.wait_for(self.site.has_spool)
        if not self.ship or self.ship.returncode is not None:
            self.ship = self.site.ship(*NO_BRAKE, "--chunk", str(self.rng.choice((7, 50, 500))),
                                       "--connections", str(self.rng.choice((1, 4))))

    def end(self, *processes):
        """Each by a kill, or told to."""
        for process in processes:
            process.send_signal(self.rng.choice((signal.SIGKILL, signal.SIGTERM)))
            process.wait()

    def path(self, *names):
        return os.path.join(self.site.spool, *names)

    # moves

    def wait(self):
        pass

    def kill_capture(self):
        self.site.kill(self.capture)

    def kill_ship(self):
        self.site.kill(self.ship)

    def answer(self):
        self.site.es.script(*self.rng.choice(ANSWERS), *refuse())

    def retry(self):
        self.ask("retry")

    def purge(self):
        self.ask("purge")

    def ask(self, action):
        """Of a ship that runs, or of espcap alone."""
        if self.rng.randrange(2):
            self.end(self.ship)
        # one that has only just begun would find the lock taken
        self.site.wait_for(lambda: self.ship.poll() is not None or self.site.status()["ship_runs"])
        command = [program("espcap"), "dead", action, self.site.spool, "--all"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        self.played[-1] += f": {done.stdout}{done.stderr}".rstrip()

    def hit_a_frame(self):
        """A byte of one, in any segment."""
        self.end(self.capture, self.ship)
        segments = glob.glob(self.path("rec", "*", "data.mdb"))    # a kill leaves folders without
        if not segments:
            return
        with open(self.rng.choice(sorted(segments)), "r+b") as f:
            found = [match.start() for match in re.finditer(b"ESPF", f.read())]
            if not found:
                return
            f.seek(self.rng.choice(found) + self.rng.choice(HEADER))
            byte = f.read(1)[0] ^ self.rng.randrange(1, 256)
            f.seek(-1, os.SEEK_CUR)
            f.write(bytes([byte]))
            self.damaged = True

    def hit_the_newer_slot(self):
        """Of two whole ones."""
        self.end(self.capture, self.ship)
        if not os.path.exists(self.path("ack")):
            return
        with open(self.path("ack"), "r+b") as f:
            slots = [f.read(SLOT) for _ in range(2)]
            if all(slot.startswith(MAGIC) for slot in slots):
                gens = [struct.unpack_from("<Q", slot, GEN)[0] for slot in slots]
                f.seek(gens.index(max(gens)) * SLOT)
                f.write(bytes(len(MAGIC)))

    def take_the_tails(self):
        self.end(self.capture, self.ship)
        for chain in ("rec", "dead", "loss", "parked"):
            if os.path.exists(self.path(chain, "tail")):
                os.unlink(self.path(chain, "tail"))

    def take_the_ack(self):
        self.end(self.capture, self.ship)
        if os.path.exists(self.path("ack")):
            os.unlink(self.path("ack"))
            self.ack_is_gone = True

    # the game

    def play(self, rounds):
        self.answer()
        for _ in range(rounds):
            self.go_on()
            time.sleep(self.rng.random() * 0.4)    # a random moment
            move = self.rng.choice(self.moves)
            self.played.append(move)
            getattr(self, move)()
        self.end(self.capture, self.ship)
        self.site.es.script(*refuse())
        self.site.finish(self.site.capture(self.files))
        for _ in range(DRAINS):
            self.site.finish(self.site.ship("--once", *NO_BRAKE), (0, 1))
            s = self.site.status()
            if not s["backlog"] + s["loss_backlog"] + s["parked"] + s["request"]:
                break

    # the judge

    def letters(self):
        """{id: (sequence, hash)}, as people see them."""
        lines = subprocess.run([program("espcap"), "dead", "export", self.site.spool], check=True,
                               stdout=subprocess.PIPE).stdout.splitlines()
        found = {}
        for line in lines:
            letter = json.loads(line)
            if letter["chain"] != "rec":
                raise Wrong(f"a loss document is a letter: {letter}")
            found[letter["_id"]] = (letter["sequence"],
                                    sha16(line[line.index(b'"record":') + 9:-1]))
        if len(found) != len(lines):
            raise Wrong("a letter is shown twice")
        return found

    def judge(self):
        """Wrong, unless all holds; else the sum in words."""
        site, wrong = self.site, []

        def check(value, what):
            if value:
                wrong.append(f"{what}: {value}")

        site.read_log()
        stored = {name: (self.sequence(name), sha) for (name, index), sha in site.es.ids().items()
                  if not index.startswith(EVENTS)}
        letters = self.letters()
        there = Counter(sha for _, sha in stored.values())
        there.update(sha for _, sha in letters.values())
        told = [x for _, x in site.losses.values()]
        named = sum(x["count"] for x in told)
        missing = sum(sha not in there for sha in site.expected)
        s, stats = site.status(), site.es.stats()
        settled = s["indexed"] + s["already_there"] + s["dead"] + s["lost"]
        again = s["committed"] - len(site.expected) if self.damaged else 0
        check(stats["same_id_other_content"] + stats["same_id_other_index"] + site.reused,
              "ids used again")
        check(sum(sha not in site.expected for sha in there), "unknown")
        check(max(0, missing - named), "missing without a word")
        check(s["backlog"] + s["parked"] + s["loss_backlog"] + s["request"], "left")
        if not self.ack_is_gone:
            both = sum(name in stored for name in letters)
            check(both, "both stored and dead")
            check(max(0, sum(n - 1 for n in there.values()) - both - again), "there twice")
            check(s["committed"] - settled, "off in the identity")
            check(s["committed"] - len(site.expected) - again, "committed too many or too few")
            check(s["dead"] - len(letters), "counted as dead and no letter, or less")
            check(s["lost"] - named, "lost and not told of, or less")
            corrupt = [x for x in told if x["reason"] == "corrupt"]
            check([] if self.damaged else corrupt, "damage is told of, and there is none")
            check(max(0, named - missing - again - self.inside(corrupt, stored)),
                  "named as lost, and neither missing nor stored")
            for x in corrupt:
                check(max(0, x["count"] + self.inside([x], letters) - size_of(x)),
                      f"dead letters that are named as lost in {x}")
        if wrong:
            raise Wrong(f"{'; '.join(wrong)}; {s}")
        return (f"{len(site.expected)} packets = {len(stored)} stored + {len(letters)} dead + "
                f"{missing} lost; {named} named, {again} read again")

    @staticmethod
    def sequence(name):
        """The one that an `_id` says (common/spool/record_id.h)."""
        return int(name[13:], 32)

    @staticmethod
    def inside(losses, records):
        return sum(any(x["first_sequence"] <= seq <= x["last_sequence"] for x in losses)
                   for seq, _ in records.values())


def size_of(loss):
    return loss["last_sequence"] - loss["first_sequence"] + 1


MISHAPS = ("take_the_ack", "hit_a_frame")
MOVES = {"wait": 1, "kill_capture": 3, "kill_ship": 4, "answer": 2, "retry": 2, "purge": 2,
         "hit_the_newer_slot": 2, "take_the_tails": 1, "hit_a_frame": 3, "take_the_ack": 1}


def game(seed, rounds):
    with Site(seed) as site:
        play = Game(site)
        try:
            play.play(rounds)
            said = play.judge()
        except Wrong as e:
            raise Wrong("\n".join([f"seed {seed}, {rounds} rounds: {e}", *play.played])) from e
        mishaps = ", damaged" * play.damaged + ", ack is gone" * play.ack_is_gone
        return f"seed {seed}{mishaps}: {said}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--games", type=int, default=40 if LONG else 0)
    parser.add_argument("--rounds", type=int, default=25 if LONG else 10)
    args = parser.parse_args()
    begun, seed = time.monotonic(), args.seed
    while seed - args.seed < args.games or (not args.games and time.monotonic() - begun < CI_S):
        print(game(seed, args.rounds), flush=True)
        seed += 1
    return f"{seed - args.seed} games"


if __name__ == "__main__":
    run(main)
