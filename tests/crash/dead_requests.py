# dead_requests.py -- espcap dead retry and purge, killed after each step, with a ship and without.
# SPDX-License-Identifier: Apache-2.0
"""
usage: dead_requests.py retry|purge|some|refused|mended [--seed N]

A server has refused some records; then its mapping is mended, and people ask for what the name
says: all letters again, all given up, some again, or all again although nothing was mended. Once
espcap does it alone and is killed after its n-th step, once a ship is killed that does it; n goes up
until the work comes to its own end, in steps of 7, with ESPCAP_LONG of 1. Then a ship drains the spool, and the judge looks: each record
is stored once, under its own _id and index, or a dead letter, or counted by loss documents.

mended: the ship that writes the letters is killed, and the server mended before the next one starts.
stuck: one index takes nothing, so that more runs of records are settled behind the frontier than an
       ack has room for; all letters are purged, the ship is killed, and the index is mended.
"""
import argparse
import json
import os
import shutil
import subprocess

from crash import Site, Wrong, need, program, run, sha16
from victims import PAYLOADS, killed_at

PACKETS, EVERY, STRIDE = 240, 2, 7
LARGE = 1400    # bytes of payload: letters that take more than one step
REFUSE = {"match": {"path": "*/_bulk"}, "action": {"items": {
    "status": 400, "type": "document_parsing_exception", "which": f"seq_mod:{EVERY}:1"}}}
FILES, IN_FILE = 24, 12    # over midnight: each is a run of records that settle, and one that waits
REFUSE_ONE = {**REFUSE, "match": {"path": "*/_bulk", "index": "espcap-packets-2025.12.31"}}
BLOCK = {"match": {"path": "*/_bulk", "index": "espcap-packets-2026.01.01"}, "action": {"items": {
    "status": 403, "type": "cluster_block_exception", "which": "all",
    "reason": "index [x] blocked by: [FORBIDDEN/8/index write (api)];"}}}
KINDS = ("retry", "purge", "some", "refused", "mended", "stuck")


class Letters(Site):
    """A site whose spool holds dead letters."""

    def __init__(self, seed, kind):
        super().__init__(seed, PAYLOADS)
        self.kind = kind

    def prepare(self):
        self.whole = self.spool + ".whole"
        self.finish(self.capture([self.add_capture(PACKETS, LARGE)]))
        os.rename(self.spool, self.whole)

    def begin(self):
        """Dead letters, and then a server that refuses nothing any more."""
        self.forget()
        shutil.copytree(self.whole, self.spool)
        self.es.script(REFUSE)
        if self.kind == "mended":
            return
        # small requests: letters lie in many frames
        self.finish(self.ship("--once", "--chunk", "20"), (1,))
        self.letters = self.dead_letters()[0]
        if len(self.letters) != PACKETS // EVERY:
            raise Wrong(f"{len(self.letters)} letters to begin with")
        if self.kind != "refused":
            self.es.script()

    def chosen(self):
        return sorted(self.letters)[::3] if self.kind == "some" else ["--all"]

    def ask(self, **env):
        """Starts espcap dead."""
        with open(os.path.join(self.folder, "services.log"), "ab") as said:
            action = "purge" if self.kind == "purge" else "retry"
            process = subprocess.Popen(
                [program("espcap"), "dead", action, self.spool, *self.chosen()], stderr=said,
                stdout=said, env={**os.environ, **env})
        self.started.append(process)
        return process

    def dead_letters(self):
        """As people see them."""
        out = subprocess.run([program("espcap"), "dead", "export", self.spool], check=True,
                             stdout=subprocess.PIPE).stdout.splitlines()
        letters = {json.loads(x)["_id"]: sha16(x[x.index(b'"record":') + 9:-1]) for x in out}
        if len(letters) != len(out):
            raise Wrong("a letter is shown twice")
        return letters, len(out)

    def look(self):
        """Everything that must hold in the end; in words."""
        self.read_log()
        stored = {name: (sha, index) for (name, index), sha in self.es.ids().items()
                  if not index.startswith("espcap-events")}
        letters, _ = self.dead_letters()
        gone = set(self.letters) - set(letters) - set(stored)
        s, stats = self.status(), self.es.stats()
        wrong = [f"{what}: {value}" for what, value in (
            ("missing", len(self.expected) - len(stored) - len(letters) - len(gone)),
            ("stored and dead", len(set(stored) & set(letters))),
            ("other contents", sum(self.expected.get(sha) != index
                                   for sha, index in stored.values())),
            ("ids used again", stats["same_id_other_content"] + stats["same_id_other_index"]),
            ("twice", len(stored) - len({sha for sha, _ in stored.values()})),
            ("stored by count", s["indexed"] + s["already_there"] - len(stored)),
            ("dead by count", s["dead"] - len(letters)),
            ("lost by count", s["lost"] - len(gone)),
            ("named in loss documents", s["losses"]["purged"] - len(gone)),
            ("backlog", s["backlog"] + s["parked"] + s["loss_backlog"] + s["request"]),
            ("identity", s["committed"] - len(self.expected)),
        ) if value]
        all_of_them = len(self.letters)
        wanted = {"retry": (0, 0), "purge": (0, all_of_them), "refused": (all_of_them, 0),
                  "mended": (len(letters), 0), "stuck": (len(letters), len(gone)),
                  "some": (all_of_them - len(self.chosen()), 0)}[self.kind]
        if (sum(index.startswith("espcap-events") for _, index in self.es.ids()) > 0) != bool(gone):
            wrong.append("loss documents are not what the server has")
        if (len(letters), len(gone)) != wanted:
            wrong.append(f"{len(letters)} letters and {len(gone)} lost, not {wanted}")
        if wrong:
            raise Wrong(", ".join(wrong))
        return f"{len(stored)} stored, {len(letters)} dead, {len(gone)} purged"


# steps of espcap dead: its text is synced, linked and the other name unlinked, the folder synced
NOT_ASKED, ASKED = 1, 3


def alone(site, n):
    """False when espcap came to its own end."""
    killed = site.finish(site.ask(**killed_at(n)), (0, -9)) != 0
    requested = os.path.exists(os.path.join(site.spool, "request"))
    if not killed and requested:
        raise Wrong("espcap ended and left its request")
    if killed and not requested and n > NOT_ASKED and site.dead_letters()[0] == site.letters \
            and site.kind != "refused":
        raise Wrong("the request is gone, and nothing was done")
    if n <= NOT_ASKED or n % 2:    # else the ship finishes it; 1: letters named are none any more
        site.finish(site.ask(), (0,) if n <= NOT_ASKED else (0, 1))
    return killed


def beside(site, n):
    """The same of a ship that finds a request."""
    site.finish(site.ask(**killed_at(ASKED)), (-9,))
    if not os.path.exists(os.path.join(site.spool, "request")):
        raise Wrong("the request is not there before the work begins")
    return site.finish(site.ship("--once", **killed_at(n)), (0, 1, -9)) == -9


def writing(site, n):
    """A ship that writes letters."""
    killed = site.finish(site.ship("--once", "--chunk", "20", **killed_at(n)), (1, -9)) == -9
    site.letters = site.dead_letters()[0]
    site.es.script()
    return killed


def the_others(site):
    """What stayed is there once, wherever it lies now."""
    site.kind = "retry"
    site.finish(site.ask())
    site.finish(site.ship("--once"), (0, 1))
    site.look()
    site.kind = "some"


def stuck(site):
    """What is purged must not come back, however little the ack has room for."""
    for _ in range(FILES):
        site.finish(site.capture([site.add_capture(IN_FILE)]))
    site.es.script(BLOCK, REFUSE_ONE)
    ship = site.ship("--chunk", "20")
    before = sum(index.endswith("2025.12.31") for index in site.expected.values()) // EVERY
    need(site.wait_for(lambda: len(site.dead_letters()[0]) == before), f"{before} letters")
    site.letters = site.dead_letters()[0]
    site.kind = "purge"
    site.finish(site.ask())
    need(site.status()["losses"]["purged"], "some are purged")
    site.kill(ship)
    site.kind = "stuck"
    site.es.script(REFUSE_ONE)
    site.finish(site.ship("--once"), (0, 1))
    return f"stuck: {site.look()}"


def sweep(site, victim):
    """Every step in the long suite; else some, beginning with the seed."""
    stride = 1 if "ESPCAP_LONG" in os.environ else STRIDE
    n, rounds, killed = 1 + site.rng.randrange(stride), 0, True
    while killed:
        site.begin()
        try:
            killed = victim(site, n)
            site.finish(site.ship("--once"), (0, 1))
            said = site.look()
            if site.kind == "some":
                the_others(site)
        except Wrong as e:
            raise Wrong(f"{site.kind}, {victim.__name__}, killed after step {n}: {e}") from e
        rounds += killed
        n += stride
    if n < 10:
        raise Wrong(f"{victim.__name__} has only {n - 1} steps")
    return f"{victim.__name__}: {rounds} kills, up to step {n - stride}: {said}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with Letters(args.seed, args.kind) as site:
        if args.kind == "stuck":
            return stuck(site)
        site.prepare()
        victims = (writing,) if args.kind == "mended" else (alone, beside)
        return "; ".join(f"{args.kind}, {sweep(site, victim)}" for victim in victims)


if __name__ == "__main__":
    run(main)
