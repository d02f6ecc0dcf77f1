# power_cut.py -- power cuts at each step of a workload: nothing that was committed is lost.
# SPDX-License-Identifier: Apache-2.0
"""
usage: power_cut.py chain|remove|parked|writer|services|letters|file|oneshot [--seed N] [--state N]

power_log.so, preloaded into a workload, writes down what its disk is told; power_states tries what a
cut may leave of it, through common/spool. Of the states of real services some go through the
programs themselves: espcap spool status, espcap-ship, espcap-capture --resume, and the judge. A
state that failed comes again with its number and seed; of real services, whose logs differ from run
to run, with --log and the log that ESPCAP_KEEP has kept. ESPCAP_LONG: more of all.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "crash"))
from crash import BIN, COMMON, EVENTS, PATIENCE, Site, Wrong, program, run, sha16  # noqa: E402
from fake_es import bulk  # noqa: E402
from victims import BLOCK  # noqa: E402

LONG = "ESPCAP_LONG" in os.environ
MAP = 65536             # of segments, where we can choose
WRITER_MAP = 8 << 20
# of packets, so that loss documents are taken
REFUSE_HALF = {"match": {"path": "*packets*_bulk"}, "action": {"items": {
    "status": 400, "type": "document_parsing_exception", "which": "seq_mod:2:1"}}}
NO_ANSWER = {"match": {"path": "*packets*_bulk", "times": 1}, "action": {
    "cut": "before_answer", "store": True}}
REFUSE = {"match": {"path": "*/_bulk"}, "action": {"items": {
    "status": 400, "type": "document_parsing_exception", "which": "seq_mod:10:3"}}}
FEW = 20                # packets of one capture
# states, every which one has its recovery cut again, how many go through the programs; long: more
SIZES = {"chain": (3000, 700, 0), "parked": (500, 500, 0), "remove": (1000, 0, 0), "writer": (100, 0, 0),
         "services": (1500, 500, 12), "letters": (600, 500, 10), "file": (600, 0, 8), "oneshot": (600, 0, 4)}
LONG_SIZES = {"chain": (60000, 500, 0), "parked": (20000, 500, 0), "remove": (10000, 500, 0), "writer": (1500, 0, 0),
              "services": (20000, 500, 120), "letters": (12000, 500, 150), "file": (8000, 500, 60), "oneshot": (8000, 0, 40)}


SMALL = ("chain", "remove", "parked", "writer")

# under AddressSanitizer the runtime comes second; it may
ASAN = {"ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}


def logged(root):
    """The environment of what belongs to the workload."""
    return {"LD_PRELOAD": os.path.join(BIN, "power_log.so"), "ESPCAP_POWER_ROOT": root,
            "ESPCAP_POWER_LOG": root + ".log", **ASAN}


def work_program():
    """ESPCAP_POWER_WORK names another one (a mutant)."""
    return os.environ.get("ESPCAP_POWER_WORK", os.path.join(BIN, "power_work"))


def work(what, root, *words):
    """One of the small workloads."""
    subprocess.run([work_program(), what, os.path.join(root, "spool"), *map(str, words)],
                   env={**os.environ, **logged(root)}, check=True)


class Cuts:
    """The log of a workload and what is asked of it."""

    def __init__(self, args, root, map_size=MAP, **options):
        self.args = args
        self.root = root
        self.log = args.log or root + ".log"
        self.exported = root + ".states"
        states, second, self.samples = (LONG_SIZES if LONG else SIZES)[args.workload]
        self.command = [os.path.join(BIN, "power_states"), "--log", self.log, "--map", str(map_size),
                        "--seed", str(args.seed), "--states", str(states),
                        "--work", os.path.join(BIN, "power_work"),
                        "--shim", os.path.join(BIN, "power_log.so")]
        if second:
            self.command += ["--second", str(second)]
        for name, value in options.items():
            self.command += ["--" + name, value]
        if not args.log:
            self.command += ["--whole", root]
        if args.state is not None:
            self.command += ["--state", str(args.state)]
        self.states = states

    def run(self):
        """Wrong, unless every state is good; what was tried, in words."""
        command = list(self.command)
        if self.samples and self.args.state is None:
            os.mkdir(self.exported)
            command += ["--export", self.exported, "--every", str(self.states // self.samples)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False,
                              env={**os.environ, **ASAN})
        lines = done.stdout.splitlines()
        if done.returncode != 0:
            print(*lines, sep="\n", flush=True)
            self.keep()
            raise Wrong(f"power_states ended with {done.returncode}; {lines[-1] if lines else ''}")
        return lines[-1]

    def keep(self):
        if "ESPCAP_KEEP" in os.environ and not self.args.log:
            kept = os.path.join(tempfile.gettempdir(), f"espcap-power-{self.args.workload}.log")
            shutil.copy(self.log, kept)
            print("kept:", kept)

    def numbers(self):
        """Of the states that were written out for the programs."""
        return sorted(int(name) for name in os.listdir(self.exported) if name.isdigit())


def small(args):
    """The workloads of power_work, which need no services."""
    with tempfile.TemporaryDirectory(prefix="espcap-power-", dir="/dev/shm") as folder:
        root = os.path.join(folder, "disk")
        os.mkdir(root)
        if not args.log:
            work(args.workload, root, *([] if args.workload == "writer" else [MAP]))
        return Cuts(args, root, WRITER_MAP if args.workload == "writer" else MAP).run()


class Services:
    """The two services over a disk that is logged, and again over what a cut has left."""

    def __init__(self, args, site):
        self.args = args
        self.site = site
        self.root = os.path.join(site.folder, "disk")
        self.files = []
        self.lines = {}     # hash: document, as capture prints it
        os.mkdir(self.root)
        site.spool = os.path.join(self.root, "spool")

    def add_file(self, packets=FEW):
        path = self.site.add_capture(packets)
        made = subprocess.run([program("espcap-capture"), *COMMON, "--file", path, "--stdout",
                               "--name", "crash"], stdout=subprocess.PIPE, check=True).stdout
        self.lines.update((sha16(line), line.decode()) for line in made.splitlines())
        self.files.append(path)

    def capture(self):
        return self.site.capture(self.files, "--flush-interval", "1ms", **logged(self.root))

    def ship(self, *options):
        return self.site.ship(*options, **logged(self.root))

    def newest(self):
        """First sequence of the newest segment."""
        return max(int(name) for name in os.listdir(os.path.join(self.site.spool, "rec"))
                   if name.isdigit())

    def play(self):
        """Captures and shipments in turn, and beside each other; letters, damage, a trim."""
        site = self.site
        site.es.script(REFUSE)
        self.add_file()
        site.finish(self.capture())
        site.finish(self.ship("--once"), (1,))
        self.add_file()
        ship = self.ship()
        for _ in range(6):
            self.add_file()
            site.finish(self.capture())
        if not site.wait_for(lambda: site.status()["backlog"] == 0):
            raise Wrong("ship does not keep up")
        ship.terminate()
        site.finish(ship)
        self.add_file()
        site.finish(self.capture())
        work("damage", self.root, self.newest())
        site.finish(self.ship("--once"), (1,))
        site.finish(self.ship("--once"))
        if site.segments() > 2:    # with the tail
            raise Wrong("nothing was trimmed")

    # after a cut

    def server_of(self, number, exported, maybe=False):
        """The server has what the state's ack has settled, less what it refused; maybe: and what may
        have been sent since."""
        stored = {name: sha for (name, _), sha in self.stored.items()}
        index = {name: where for name, where in self.stored}
        with open(os.path.join(exported, f"{number}.settled"), encoding="ascii") as f:
            for name, *sent in map(str.split, f):
                if stored.get(name) in self.lines and (maybe or not sent):
                    self.site.es.post(index[name], bulk((name, self.lines[stored[name]])))

    def put_spool(self, number, exported):
        """False when the cut left none."""
        spool = os.path.join(exported, str(number), "spool")
        if os.path.isdir(spool):
            shutil.copytree(spool, self.site.spool)
        return os.path.isdir(spool)

    def go_on(self, number, exported):
        """A state through the programs; Wrong, unless all is well in the end."""
        site = self.site
        site.forget()
        self.server_of(number, exported)
        site.es.script(REFUSE)
        self.put_spool(number, exported)
        if site.status():
            site.finish(site.ship("--once"), (0, 1))
        site.finish(site.capture(self.files))
        site.finish(site.ship("--once"), (0, 1))
        self.judge()

    def judge(self):
        """Every packet is stored or dead, once; or lost, as many as the damage had cost."""
        s = self.site.status()
        names = Counter(self.site.es.ids().values())
        letters, _ = self.site.dead_letters()
        dead = set(letters.values())
        missing = [sha for sha in self.site.expected if sha not in names and sha not in dead]
        if len(missing) != s["lost"]:
            raise Wrong(f"{len(missing)} packets are missing, and {s['lost']} are lost")
        if any(names[sha] + (sha in dead) > 1 for sha in self.site.expected):
            raise Wrong("a packet is stored twice")
        settled = s["indexed"] + s["already_there"] + s["dead"] + s["lost"]
        if s["committed"] != settled or s["backlog"] or s["dead"] != len(letters):
            raise Wrong(f"off in the identity: {s}")
        if self.site.es.stats()["same_id_other_content"]:
            raise Wrong("an id was used again")

    def samples(self, cuts):
        self.stored = self.site.es.ids()
        for number in cuts.numbers():
            try:
                self.go_on(number, cuts.exported)
            except Wrong as e:
                cuts.keep()
                raise Wrong(f"state {number}, through the programs: {e}") from e
        return f"{len(cuts.numbers())} of them through the programs"


class Letters(Services):
    """espcap dead retry and purge, with a ship and without."""

    def dead(self, action, *words, good=(0,), **env):
        """Marks in the log that it was reported as done."""
        with open(os.path.join(self.site.folder, "services.log"), "ab") as said:
            code = subprocess.run([program("espcap"), "dead", action, self.site.spool, *words],
                                  stdout=said, stderr=said, check=False, timeout=PATIENCE,
                                  env={**os.environ, **env}).returncode
        if code not in good:
            raise Wrong(f"espcap dead {action} ended with {code}")
        if code == 0 and env:
            work("mark", self.root, "done")
        return code

    def asked(self, action, *words, **options):
        return self.dead(action, *words, **options, **logged(self.root))

    def letters(self):
        """{id: hash of the record}"""
        out = subprocess.run([program("espcap"), "dead", "export", self.site.spool], check=True,
                             stdout=subprocess.PIPE).stdout.splitlines()
        letters = {json.loads(x)["_id"]: sha16(x[x.index(b'"record":') + 9:-1]) for x in out}
        if len(letters) != len(out):
            raise Wrong("a letter is shown twice")
        return letters

    def refused(self, *options, good=(1,), **env):
        """New letters."""
        self.site.es.script(REFUSE_HALF)
        self.add_file()
        self.site.finish(self.capture())
        self.site.finish(self.site.ship("--once", *options, **{**logged(self.root), **env}), good)
        self.site.es.script()

    def interrupted(self):
        """Services that are killed where it matters."""
        site = self.site
        both = " ".join(os.path.join(BIN, x) for x in ("kill_at.so", "power_log.so"))
        self.refused()
        # espcap, when its request is there and its name is not durable: a ship does the work
        self.dead("retry", "--all", good=(-9,), **{
            **logged(self.root), "LD_PRELOAD": both, "ESPCAP_KILL_AT": "2"})
        if not os.path.exists(os.path.join(site.spool, "request")):
            raise Wrong("there is no request yet")
        site.finish(self.ship("--once"))
        # a ship, between letters and ack: espcap leaves the work to the next one
        self.refused(good=(1, -9), ESPCAP_FAULT="letters_durable:1:kill")
        self.asked("purge", "--all", good=(0, 1))
        site.finish(self.ship("--once"), (0, 1))

    def parked(self):
        """One index takes nothing, until it does; once a ship is killed where it parks."""
        site = self.site
        for env in ({}, {"ESPCAP_FAULT": "parked_durable:1:kill"}):
            site.es.script(BLOCK)
            self.add_file()
            site.finish(self.capture())
            site.finish(site.ship("--once", "--park-after", "1ms", "--give-up-after", "500ms",
                                  **{**logged(self.root), **env}), (1, -9))
            site.es.script()
            site.finish(self.ship("--once"), (0, 1))

    def beside(self):
        """A ship that runs is asked."""
        site = self.site
        self.refused()
        ship = self.ship()
        if not site.wait_for(lambda: site.status()["ship_runs"]):
            raise Wrong("ship does not start")
        some = sorted(self.letters())[:3]
        self.asked("purge", *some)
        self.asked("retry", "--all")
        if not site.wait_for(lambda: site.status()["backlog"] == 0):
            raise Wrong("ship does not send what is parked")
        ship.terminate()
        site.finish(ship)

    def play(self):
        site = self.site
        self.refused("--chunk", "3")
        ids = sorted(self.letters())
        self.asked("retry", *ids[::2])
        site.es.script(NO_ANSWER)
        site.finish(self.ship("--once", "--chunk", "3"))
        site.es.script(REFUSE_HALF)
        self.asked("retry", *ids[1:6:2])
        site.finish(self.ship("--once"), (1,))     # refused again
        self.asked("purge", ids[1])
        site.es.script()
        site.finish(self.ship("--once"), (0,))
        self.beside()
        self.parked()
        self.interrupted()
        site.finish(self.ship("--once"))

    def go_on(self, number, exported):
        site = self.site
        rng = random.Random(self.args.seed * 1000003 + number)
        site.forget()
        refuses = rng.random() < 0.5
        # what it has taken once it does not refuse
        self.server_of(number, exported, maybe=not refuses and rng.random() < 0.5)
        site.es.script(*[REFUSE_HALF] * refuses)
        self.put_spool(number, exported)
        if site.status():
            ask = rng.choice(("retry", "purge", None))
            if ask:     # 1: it is the next ship's
                self.dead(ask, "--all", good=(0, 1))
            site.finish(site.ship("--once"), (0, 1))
        site.finish(site.capture(self.files))
        site.finish(site.ship("--once"), (0, 1))
        self.judge()

    def judge(self):
        """Every packet is stored, dead or purged, and only one of them."""
        s = self.site.status()
        names = Counter(sha for (_, index), sha in self.site.es.ids().items()
                        if not index.startswith(EVENTS))
        letters = self.letters()
        dead = Counter(letters.values())
        missing = sum(not names[sha] + dead[sha] for sha in self.site.expected)
        settled = s["indexed"] + s["already_there"] + s["dead"] + s["lost"]
        stats = self.site.es.stats()
        wrong = [f"{what}: {n}" for what, n in (
            ("missing, less what was purged", missing - s["losses"]["purged"]),
            ("lost, less what was purged", s["lost"] - s["losses"]["purged"]),
            ("in two places", sum(names[x] + dead[x] > 1 for x in self.site.expected)),
            ("unknown", sum(x not in self.site.expected for x in names | dead)),
            ("committed and not settled", s["committed"] - settled),
            ("dead by count", s["dead"] - len(letters)),
            ("waiting", s["backlog"] + s["parked"] + s["loss_backlog"] + s["request"]),
            ("ids used again", stats["same_id_other_content"] + stats["same_id_other_index"]),
        ) if n]
        if wrong:
            raise Wrong(", ".join(wrong))


class File(Services):
    """ship --out-file: the file lies on the same disk."""

    def ship(self, *options):
        return self.ship_to(self.root, *options, **logged(self.root))

    def ship_to(self, root, *options, **env):
        return self.site.start("espcap-ship", "--spool", self.site.spool, "--out-file",
                               os.path.join(root, "out"), "--linger", "5ms", *options, **env)

    def play(self):
        for _ in range(3):
            self.add_file()
            self.site.finish(self.capture())
            self.site.finish(self.ship("--once"))

    def go_on(self, number, exported):
        site = self.site
        shutil.rmtree(self.root)
        shutil.copytree(os.path.join(exported, str(number)), self.root)
        if site.status():
            site.finish(self.ship_to(self.root, "--once"))
        site.finish(site.capture(self.files))
        site.finish(self.ship_to(self.root, "--once"))
        self.judge()

    def judge(self):
        ids = {}
        broken = 0
        with open(os.path.join(self.root, "out"), "rb") as f:
            for line in f.read().splitlines():
                try:
                    record = json.loads(line)
                    name = (record["espcap.run"], record["event.sequence"])
                    own = b"{" + line[line.index(b'",') + 2:]
                    ids.setdefault(sha16(own), set()).add(name)
                except (ValueError, KeyError):
                    broken += 1
        missing = [sha for sha in self.site.expected if sha not in ids]
        if missing:
            raise Wrong(f"{len(missing)} packets are not in the file")
        if any(len(ids[sha]) > 1 for sha in self.site.expected):
            raise Wrong("a packet is there under two ids")
        if len(ids) != len(self.site.expected):
            raise Wrong("records in the file that nobody captured")
        if broken:
            raise Wrong(f"{broken} lines are cut")


class Oneshot(Services):
    """espcap --node: its spool goes when all is settled."""

    def __init__(self, args, site):
        super().__init__(args, site)
        os.rmdir(self.root)
        self.root = os.path.join(site.folder, "espcap")     # its state folder
        os.mkdir(self.root)
        site.spool = os.path.join(self.root, "spool")

    def run_all(self, **env):
        named = [word for path in self.files for word in ("--file", path)]
        return self.site.start(
            "espcap", *named, "--resume", "--spool", self.site.spool, "--node",
            f"127.0.0.1:{self.site.es.port}", "--name", "crash", "--flush-interval", "1ms",
            "--schema", "full", XDG_STATE_HOME=self.site.folder, **env)

    def play(self):
        self.add_file()
        self.site.finish(self.run_all(**logged(self.root)))
        if os.listdir(self.root):
            raise Wrong("the one-shot left something")

    def go_on(self, number, exported):
        self.site.forget()
        if not self.put_spool(number, exported):
            return  # it was taken away, or never made
        self.server_of(number, exported)
        self.site.finish(self.run_all())
        names = Counter(self.site.es.ids().values())
        if names != Counter(self.site.expected.keys()):
            raise Wrong("not every packet is stored once")


def services(args):
    tempfile.tempdir = "/dev/shm"
    kind = {"services": Services, "letters": Letters, "file": File, "oneshot": Oneshot}[args.workload]
    with Site(args.seed) as site:
        s = kind(args, site)
        if args.log:
            return Cuts(args, s.root).run()
        s.play()
        options = {"file": {"out": "out"}}.get(args.workload, {})
        cuts = Cuts(args, s.root, **options)
        said = cuts.run()
        return said if args.state is not None else f"{said}; {s.samples(cuts)}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("workload", choices=SIZES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--state", type=int)
    parser.add_argument("--log")
    args = parser.parse_args()
    return (small if args.workload in SMALL else services)(args)


if __name__ == "__main__":
    run(main)
