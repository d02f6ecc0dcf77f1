# time_clock.py -- a wall clock that a test sets, and a sensor that captures live by it.
# SPDX-License-Identifier: Apache-2.0
import json
import mmap
import os
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "crash"))
from crash import BIN, COMMON, Wrong, program, sha16  # noqa: E402
from time_files import day_index, write_pcap  # noqa: E402

DIGITS = "0123456789abcdefghijklmnopqrstuv"
OFFSET, STILL, FASTER, SINCE, STATE, ASKED, WALLS = range(7)
SYNCED, UNSYNCED, UNTOLD = range(3)


def sequence_of(name):
    """The sequence in an _id."""
    number = 0
    for digit in name[13:]:
        number = number * 32 + DIGITS.index(digit)
    return number


def month_index(iso):
    return "espcap-events-" + iso[:7].replace("-", ".")


def record_index(document):
    """The index that a record belongs to, by what it says itself."""
    if document["event"]["dataset"] != "espcap.packet":
        return month_index(document["@timestamp"])
    if document["espcap"].get("clock"):
        return "espcap-packets-unsynced"
    return day_index(document["@timestamp"])


class Clock:
    """The control file of time_shim.c."""

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as file:
            file.write(bytes(4096))
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 4096)

    def get(self, field):
        return struct.unpack_from("<q", self.memory, 8 * field)[0]

    def put(self, field, value):
        struct.pack_into("<q", self.memory, 8 * field, value)

    @property
    def env(self):
        return {"LD_PRELOAD": os.path.join(BIN, "time_shim.so"), "CLOCK_SHIM": self.path}

    def now(self):
        if self.get(STILL):
            return self.get(STILL)
        faster = (time.monotonic_ns() - self.get(SINCE)) // 10**6 * self.get(FASTER)
        return time.time_ns() + faster + self.get(OFFSET)

    def set(self, wall_ns):
        """By how much that is another time."""
        difference = wall_ns - self.now()
        self.put(OFFSET, self.get(OFFSET) + difference)
        return difference

    def stop(self):
        self.put(STILL, self.now())

    def go_on(self):
        """From where it stands."""
        stands = self.get(STILL)
        self.put(OFFSET, stands - time.time_ns())
        self.put(STILL, 0)

    def run_faster(self, millionths):
        now = self.now()
        self.put(FASTER, 0)
        self.put(SINCE, time.monotonic_ns())
        self.put(OFFSET, now - time.time_ns())
        self.put(FASTER, millionths)


class Sensor:
    """A site whose capture listens on a veth in a namespace of its own, by a clock of ours."""

    def __init__(self, site):
        self.site = site
        self.clock = Clock(os.path.join(site.folder, "clock"))
        self.name = f"espcap-time-{os.getpid()}"
        self.sent = 0
        self.windows = []   # of boot time, in which each packet was sent and committed
        self.process = None

    def __enter__(self):
        self.ip("netns", "add", self.name)
        for words in ("link add wire type veth peer name sensor", "link set wire arp off",
                      "link set sensor arp off"):
            self.ip("-n", self.name, *words.split())
        for nic in ("wire", "sensor"):     # no packets of the kernel's own
            subprocess.run([*self.inside(), "sh", "-c",
                            f"echo 1 >/proc/sys/net/ipv6/conf/{nic}/disable_ipv6"], check=True)
            self.ip("-n", self.name, "link", "set", nic, "up")
        return self

    def __exit__(self, *unused):
        subprocess.run(["ip", "netns", "del", self.name], check=False)

    def ip(self, *words):
        subprocess.run(["ip", *words], check=True)

    def inside(self):
        return "ip", "netns", "exec", self.name

    def capture(self, *options):
        said = open(os.path.join(self.site.folder, "services.log"), "ab")
        command = [*self.inside(), "env", *(f"{k}={v}" for k, v in self.clock.env.items()),
                   program("espcap-capture"), "--config", "", "--nic", "sensor", "--spool",
                   self.site.spool, "--name", "edge", "--spool-max", "64M", *options]
        with said:
            self.process = subprocess.Popen(command, stderr=said)
        self.site.started.append(self.process)
        self.must(self.listens, "no packet socket")
        return self.process

    def listens(self):
        done = subprocess.run([*self.inside(), "cat", "/proc/net/packet"], check=True,
                              stdout=subprocess.PIPE)
        return len(done.stdout.splitlines()) > 1

    def must(self, what, complaint):
        if not self.site.wait_for(what):
            raise Wrong(complaint)

    def committed(self):
        """Packets in the spool; clock documents are not among them."""
        packets = [d for d in self.records() if d["event"]["dataset"] == "espcap.packet"]
        return len(packets)

    def send(self, count):
        """Sends packets, and waits until they are committed."""
        path = os.path.join(self.site.folder, "send.pcap")
        write_pcap(path, range(self.sent + 1, self.sent + count + 1))
        before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        subprocess.run([*self.inside(), "tcpreplay", "-q", "-i", "wire", "--pps=5000", path],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.sent += count
        self.must(lambda: self.site.has_spool() and
                  (self.site.status() or {}).get("committed", 0) >= self.sent and
                  self.committed() >= self.sent,
                  f"packets up to {self.sent} were not committed")
        self.windows += [(before, time.clock_gettime_ns(time.CLOCK_BOOTTIME))] * count

    def looks(self, count=15):
        """Waits until the capture has looked at the clock so often, all after the last change."""
        start = self.clock.get(WALLS)
        self.must(lambda: self.clock.get(WALLS) >= start + count,
                  "the capture does not look at the clock")

    def records(self):
        """All records of the spool, in order of their sequence."""
        return [json.loads(line) for line in self.lines()]

    def lines(self):
        return subprocess.run([program("chain_cat"), self.site.spool, "rec"], check=True,
                              stdout=subprocess.PIPE).stdout.splitlines()

    def changes(self):
        return [d for d in self.records() if d["event"]["dataset"] == "espcap.clock"]

    def await_change(self, count):
        """Waits until there are so many clock documents; the last one."""
        self.must(lambda: len(self.changes()) >= count, f"clock document {count} never came")
        found = self.changes()
        if len(found) != count:
            raise Wrong(f"{len(found)} clock documents instead of {count}: {found[-1]}")
        return found[-1]

    def ship(self, *options):
        env = self.clock.env
        with open(os.path.join(self.site.folder, "services.log"), "ab") as said:
            process = subprocess.Popen(
                [program("espcap-ship"), *COMMON, "--spool", self.site.spool, "--node",
                 f"127.0.0.1:{self.site.es.port}", "--setup", "install", "--backoff-max", "500ms",
                 "--linger", "5ms", *options], stderr=said, env={**os.environ, **env})
        self.site.started.append(process)
        return process


def judge(sensor):
    """Order, identity and indices of everything that a sensor has sent; what it found."""
    site, lines = sensor.site, sensor.lines()
    records = [json.loads(line) for line in lines]
    packets = [d for d in records if d["event"]["dataset"] == "espcap.packet"]
    numbers = [int(d["source"]["ip"].split(".")[-1]) + 256 * int(d["source"]["ip"].split(".")[-2])
               for d in packets]
    if numbers != list(range(1, sensor.sent + 1)):
        raise Wrong(f"{len(numbers)} packets in the spool, not {sensor.sent} in order")
    stored = site.es.ids()
    by_sequence = {sequence_of(name): (index, sha) for (name, index), sha in stored.items()}
    if len(stored) != len(lines) or len({name[:13] for name, _ in stored}) != 1:
        raise Wrong(f"{len(stored)} documents stored of {len(lines)} records")
    for sequence, (line, document) in enumerate(zip(lines, records), 1):
        if by_sequence.get(sequence) != (record_index(document), sha16(line)):
            raise Wrong(f"record {sequence} is at {by_sequence.get(sequence)}, not in "
                        f"{record_index(document)}: {line.decode()[:300]}")
    check_boot(packets, sensor.windows)
    status = site.status()
    settled = status["indexed"] + status["already_there"]
    if status["committed"] != settled or settled != len(lines) or status["backlog"]:
        raise Wrong(f"the spool counts {status}")
    stats = site.es.stats()
    if stats["same_id_other_content"] + stats["same_id_other_index"]:
        raise Wrong("ids used again")
    marked = sum(1 for d in packets if "clock" in d["espcap"])
    return f"{len(packets)} packets in order ({marked} unsynced), {len(lines) - len(packets)} events"


def check_boot(packets, windows):
    """Boot time stands in what an unsynced clock has stamped, and tells when it was."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        boot = file.read().strip()
    for packet, (before, behind) in zip(packets, windows):
        own = packet["espcap"]
        if ("boot_ns" in own) != (own.get("clock") == "unsynced"):
            raise Wrong(f"half a mark: {packet}")
        if "boot_ns" in own and not before <= own["boot_ns"] <= behind:
            raise Wrong(f"boot time {own['boot_ns']} is not within {before} to {behind}")
        if ("boot" in packet["host"]) != ("boot_ns" in own) or (
                "boot_ns" in own and packet["host"]["boot"]["id"] != boot):
            raise Wrong(f"not the boot {boot}: {packet['host']}")
