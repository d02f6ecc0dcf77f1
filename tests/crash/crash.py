# crash.py -- what the crash tests share: captures, the two services, and the judge.
# SPDX-License-Identifier: Apache-2.0
"""
Every packet of a capture here has a time of its own, so its document, as `espcap-capture --stdout`
prints it, is unlike all others; the document's hash is the packet's name. The judge compares these
names with those that the fake server and the dead letters hold. Over everything that a server was
ever sent, and not only over what is there in the end, no `_id` may stand for two contents. With ESPCAP_KEEP in the environment
the folder of a test that failed stays.
"""
import argparse
import base64
import hashlib
import json
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "fake"))
from fake_es import FakeEs  # noqa: E402

BIN = os.environ.get("ESPCAP_BIN_DIR", os.path.join(HERE, "..", "..", "build", "dev", "bin"))
LONG = "ESPCAP_LONG" in os.environ
LINES_SHOWN = 20
POUR_BYTES, POUR_S = 500_000, 0.01    # a line rate that the disk can follow
TRIES = 5
PATIENCE = 60           # seconds for what must happen at once
START_S = 1_767_200_000  # 2025-12-31 16:53:20 UTC: a large capture lies in three days
DAYS_NS = 2 * 86400 * 10**9
HOUR_NS = 3600 * 10**9
COMMON = ("--config", "", "--log-level", "warn")
EVENTS = "espcap-events-"
BIG = 30000             # bytes of a payload; some 2500 of these fill the least cap
CAP = "64M"             # the least that there is: eight segments


class Wrong(Exception):
    """What the judge found."""


def need(holds, what):
    """What a test says is so."""
    if not holds:
        raise Wrong(f"not so: {what}")


def sha16(text):
    return hashlib.sha256(text).hexdigest()[:16]


def program(name):
    """A program of ours; ESPCAP_SHIP and ESPCAP_CAPTURE name others (mutants)."""
    mutants = {"espcap-ship": "ESPCAP_SHIP", "espcap-capture": "ESPCAP_CAPTURE"}
    return os.environ.get(mutants.get(name, "")) or os.path.join(BIN, name)


def udp(rng, i, payload):
    return struct.pack(">HHHH", 40000 + i % 1000, 9, 8 + payload, 0) + rng.randbytes(payload)


def http(rng, i, payload):
    """A request with one long header: with --schema ecs it is nearly all of the document."""
    agent = base64.b64encode(rng.randbytes(payload * 3 // 4))
    return (struct.pack(">HHIIBBHHH", 40000 + i % 1000, 80, 1, 1, 0x50, 0x18, 65535, 0, 0) +
            b"GET / HTTP/1.1\r\nUser-Agent: " + agent + b"\r\n\r\n")


def write_capture(path, rng, packets, payload, step=None):
    """UDP packets, or TCP if they are to be big; what is random in them cannot be compressed well."""
    step = step or min(DAYS_NS // packets, HOUR_NS)
    ethernet = b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0"
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1))
        for i in range(packets):
            at = START_S * 10**9 + i * step + rng.randrange(1000)
            body = (http if payload >= BIG else udp)(rng, i, payload)
            ip = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(body), i & 0xFFFF, 0, 64,
                             6 if payload >= BIG else 17, 0, 0x0A000004, 0x0A000005)
            length = len(ethernet) + len(ip) + len(body)
            f.write(struct.pack("<IIII", at // 10**9, at % 10**9, length, length))
            f.write(ethernet + ip + body)


def index_of(document):
    """The index that a document belongs to: its own day."""
    begin, day = document[:15], document[15:25]
    if begin != b'{"@timestamp":"':
        raise Wrong(f"a document without a time in front: {document[:100]}")
    return "espcap-packets-" + day.decode().replace("-", ".")


class Site:
    """A spool, captures for it, a fake server, and what must be there in the end."""

    def __init__(self, seed, capture_options=()):
        print(f"seed {seed}", flush=True)
        self.rng = random.Random(seed)
        self.capture_options = capture_options
        self.folder = tempfile.mkdtemp(prefix="espcap-crash-")
        self.spool = os.path.join(self.folder, "spool")
        self.es = FakeEs("--log-documents", EVENTS + "*")
        self.before = ()        # words of a command that starts the services
        self.stdin = None       # of the services
        self.cap = CAP
        self.name = "crash"     # of the sensor
        self.expected = {}      # hash: index
        self.started = []
        self.log_at = 0         # bytes of the fake's log that were read
        self.handled = {}       # id: (hash, settled status) of items with an answer that is final
        self.contents = {}      # id: hash, of all that was ever sent
        self.reused = 0         # how often another one came
        self.losses = {}        # id: (sequence, what the loss document names)

    def __enter__(self):
        self.es.__enter__()
        return self

    def __exit__(self, kind, *unused):
        if kind:
            print("the services said last:", *self.said()[-LINES_SHOWN:], sep="\n", flush=True)
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.wait()
        self.es.__exit__()
        if kind and "ESPCAP_KEEP" in os.environ:
            print("kept:", self.folder)
        else:
            shutil.rmtree(self.folder)

    # captures

    def add_capture(self, packets, payload=8, poured=False, step=None):
        """Makes a capture file and learns its documents; poured: as pour() will read it; step:
        nanoseconds from packet to packet."""
        path = os.path.join(self.folder, f"{len(self.expected):08}.pcap")
        write_capture(path, self.rng, packets, payload, step)
        command = [program("espcap-capture"), *COMMON, "--file", "-" if poured else path, "--stdout",
                   "--name", self.name, *self.capture_options]
        with open(path, "rb") as f:
            made = subprocess.run(command, stdin=f, stdout=subprocess.PIPE, check=True)
        made = made.stdout.splitlines()
        self.expected.update((sha16(line), index_of(line)) for line in made)
        if len(made) != packets:
            raise Wrong(f"{len(made)} documents of {packets} packets")
        return path

    # services

    def start(self, name, *options, **env):
        with open(os.path.join(self.folder, "services.log"), "ab") as said:
            process = subprocess.Popen([*self.before, program(name), *COMMON, *options],
                                       stderr=said, stdin=self.stdin, env={**os.environ, **env})
        self.started = [p for p in self.started if p.poll() is None] + [process]
        return process

    def capture(self, files, *options, **env):
        """Starts a capture into the spool; it goes on where the last one was killed."""
        named = [word for path in files for word in ("--file", path)]
        return self.start("espcap-capture", *named, "--resume", "--spool", self.spool, "--name",
                          self.name, "--spool-max", self.cap, "--spool-free", "0", *self.capture_options, *options, **env)

    def pour(self, path, *options, **env):
        """A capture that is given a file piece by piece, on standard input; runs until its end."""
        self.stdin = subprocess.PIPE
        process = self.capture(["-"], *options, **env)
        self.stdin = None
        with open(path, "rb") as f:
            try:
                while piece := f.read(POUR_BYTES):
                    process.stdin.write(piece)
                    time.sleep(POUR_S)
                process.stdin.close()
            except BrokenPipeError:
                raise Wrong(f"espcap-capture went away: {self.finish(process, range(-64, 256))}")
        self.finish(process)

    def ship(self, *options, **env):
        return self.start("espcap-ship", "--spool", self.spool, "--node",
                          f"127.0.0.1:{self.es.port}", "--setup", "install", "--backoff-max",
                          "500ms", "--linger", "5ms", *options, **env)

    def said(self):
        """The lines of both services' logs."""
        try:
            with open(os.path.join(self.folder, "services.log"), encoding="utf-8",
                      errors="replace") as said:
                return said.read().splitlines()
        except FileNotFoundError:
            return []

    def has_said(self, words):
        return any(words in line for line in self.said())

    def finish(self, process, good=(0,)):
        """Waits for the end of a service; its exit code."""
        try:
            code = process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Wrong(f"{os.path.basename(process.args[0])} did not end within {PATIENCE} s")
        if code not in good:
            raise Wrong(f"{os.path.basename(process.args[0])} ended with {code}")
        return code

    def kill(self, process):
        """kill -9; whether it was still running."""
        process.send_signal(signal.SIGKILL)
        return process.wait() == -signal.SIGKILL

    @staticmethod
    def is_stopped(process):
        """Whether SIGSTOP has reached it; Wrong when it has ended."""
        if process.poll() is not None:
            raise Wrong(f"{os.path.basename(process.args[0])} ended with {process.returncode}")
        with open(f"/proc/{process.pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(") ", 1)[1][0] == "T"

    def wait_for(self, what, seconds=PATIENCE):
        """Polls until it holds; whether it did. A question that takes long is asked less often."""
        give_up = time.monotonic() + seconds
        asked = time.monotonic()
        while not what():
            if time.monotonic() > give_up:
                return False
            time.sleep(max(0.001, 3 * (time.monotonic() - asked)))
            asked = time.monotonic()
        return True

    def has_spool(self):
        return os.path.exists(os.path.join(self.spool, "SPOOL"))

    def segments(self, spool=None):
        """How many segments the record chain has."""
        return sum(name.isdigit() for name in os.listdir(os.path.join(spool or self.spool, "rec")))

    def status(self):
        """What `espcap spool status` says, from the files alone; None without a spool."""
        if not self.has_spool():
            return None
        return self.status_of(self.spool)

    def status_from_disk(self):
        """The same of a copy of the files, of which no process is at work."""
        copy = self.spool + ".copy"
        left_out = shutil.ignore_patterns("dead")
        for _ in range(TRIES):
            shutil.rmtree(copy, ignore_errors=True)
            try:
                shutil.copytree(self.spool, copy, ignore=left_out)
                return self.status_of(copy)
            except shutil.Error:
                pass    # a ship has trimmed a segment in the midst of it
        raise Wrong(f"the spool could not be copied {TRIES} times in a row")

    @staticmethod
    def status_of(spool):
        return json.loads(subprocess.run([program("espcap"), "spool", "status", spool, "--json"],
                                         stdout=subprocess.PIPE, check=True).stdout)

    # the judge

    def read_log(self):
        """Takes in what the server has handled since; lines are whole once they are there."""
        with open(self.es.path("log"), "rb") as f:
            f.seek(self.log_at)
            new = f.read()
        new = new[:new.rfind(b"\n") + 1]
        self.log_at += len(new)
        for line in new.splitlines():
            item = json.loads(line)
            self.reused += self.contents.setdefault(item["id"], item["sha"]) != item["sha"]
            if "document" in item:
                self.losses[item["id"]] = (item["seq"], item["document"]["espcap"]["loss"])
            if item["status"] in (200, 201, 400):
                self.handled[item["id"]] = (item["sha"], item["status"])

    def forget(self):
        """An empty server and an empty spool; captures and what they expect stay."""
        self.es.reset()
        self.read_log()
        self.handled, self.losses = {}, {}
        shutil.rmtree(self.spool, ignore_errors=True)

    def dead_letters(self):
        """{id: hash of the record}, and how many letters there are."""
        if not os.path.isdir(os.path.join(self.spool, "dead")):
            return {}, 0
        out = subprocess.run([program("chain_cat"), self.spool, "dead"], stdout=subprocess.PIPE,
                             check=True).stdout.splitlines()
        letters = {json.loads(x)["_id"]: sha16(x[x.index(b'"record":') + 9:-1]) for x in out}
        return letters, len(out)

    def lost(self, reason=None):
        """How many packets the loss documents name that the server has."""
        self.read_log()
        return sum(x["count"] for _, x in self.losses.values() if reason in (None, x["reason"]))

    def late(self):
        """What was given up while it was on its way and is stored all the same: how many packets of
        those that loss documents name, and how much is named by such documents and again by later
        ones."""
        events, named = 0, 0
        for _, x in self.losses.values():
            inside = [y["count"] for seq, y in self.losses.values()
                      if x.get("repeated") and x["first_sequence"] <= seq <= x["last_sequence"]]
            events, named = events + len(inside), named + sum(inside)
        return self.status()["late"] - events + named

    def judge(self, lossy=False, counts=True):
        """Wrong, unless every packet is stored or dead, exactly once; else the sum in words. lossy:
        or named in a loss document, and these name exactly as many as are missing. counts: the spool
        agrees."""
        self.read_log()
        problems = []

        def check(count, what):
            if count:
                problems.append(f"{count} {what}")

        stored = {key: sha for key, sha in self.es.ids().items() if not key[1].startswith(EVENTS)}
        letters, written = self.dead_letters()
        names = Counter(stored.values())
        dead = set(letters.values())
        missing = sum(1 for sha in self.expected if sha not in names and sha not in dead)
        check(missing - self.lost() + (self.late() if lossy else 0), "missing")
        check(sum(n - 1 for n in names.values()), "stored twice")
        check(sum(1 for sha in dead if sha in names), "both stored and dead")
        check(sum(1 for sha in (names.keys() | dead) if sha not in self.expected), "unknown")
        check(len(stored) - len({name for name, _ in stored}), "ids in two indices")
        check(sum(1 for (_, index), sha in stored.items() if self.expected.get(sha, index) != index),
              "in the wrong index")
        refused = {name: sha for name, (sha, status) in self.handled.items() if status == 400}
        check(len(refused.items() ^ letters.items()), "dead letters that differ from the 400s")
        stats = self.es.stats()
        check(stats["same_id_other_content"] + stats["same_id_other_index"] + self.reused,
              "ids used again")
        if counts:
            self.check_counts(check, len(letters), lossy)
        if problems:
            raise Wrong(", ".join(problems))
        return (f"{len(self.expected)} packets = {len(stored)} stored + {len(letters)} dead "
                f"({written} letters)" + f" + {missing} lost, as told" * lossy +
                "; nothing " + "else " * lossy + "missing, nothing twice")

    def check_counts(self, check, letters, lossy):
        """The conservation identity, as the spool itself counts."""
        s = self.status()
        settled = s["indexed"] + s["already_there"] + s["dead"] + s["lost"]
        check(abs(s["committed"] - settled - s["backlog"]), "off in the identity")
        check(s["backlog"], "in the backlog")
        check(abs(s["dead"] - letters), "dead records without a letter of their own")
        if lossy:
            return
        check(s["lost"] + sum(s["losses"].values()), "lost")
        check(abs(s["committed"] - len(self.expected)), "committed too many or too few")


def run(main):
    """Runs a test's main function and says in one line what came of it."""
    try:
        print(main(), flush=True)
    except Wrong as e:
        print(f"FAILED: {e}", flush=True)
        sys.exit(1)


def play_one_of(plays, capture_options=()):
    """The main program of a file of plays: NAME [--seed N]. A play is given a site, and returns what
    the judge said; what it shows stands in its first line."""
    named = {play.__name__: play for play in plays}
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=named)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    def main():
        with Site(args.seed, capture_options) as site:
            return named[args.name](site)

    run(main)
