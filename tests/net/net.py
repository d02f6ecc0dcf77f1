# net.py -- a sensor and a centre in network namespaces of their own, and the link between them.
# SPDX-License-Identifier: Apache-2.0
"""
enter() puts the whole process into a namespace, the centre: the fake server and whatever stands beside it
run there as usual. The sensor is a second one, which Site.before leads into. The link is a pair of
virtual interfaces; tc(8) tbf makes it thin, nft(8) drops, resets and loses at random, ip(8) takes it
down and changes addresses. The kernel of the test machines has no netem, so a wire with delay is a
program: two TUN interfaces and a queue.
"""
import ctypes
import fcntl
import heapq
import json
import os
import random
import select
import shutil
import struct
import subprocess
import sys
import threading
import time

NEEDS = ("ip", "nft", "tc", "unshare")
SKIPPED = 77
UNSHARE = ("unshare", "--net", "--mount", "--propagation", "private")
CENTRE, SENSOR = "10.9.0.1", "10.9.0.2"
CENTRE6, SENSOR6 = "fd09::1", "fd09::2"
IN_SENSOR = ("ip", "netns", "exec", "sensor")
TUNSETIFF, IFF_TUN, IFF_NO_PI, CLONE_NEWNET = 0x400454CA, 0x0001, 0x1000, 0x40000000
TABLE = "table inet fault"


def run(*words, **options):
    return subprocess.run([str(word) for word in words], check=True, stdout=subprocess.PIPE, text=True,
                          **options).stdout


def can():
    """None, or why there are no namespaces here."""
    missing = [name for name in NEEDS if not shutil.which(name)]
    if missing:
        return f"{', '.join(missing)} is not here"
    if os.geteuid() != 0 or not os.access("/dev/net/tun", os.W_OK):
        return "namespaces with TUN interfaces take root"
    if subprocess.run([*UNSHARE, "ip", "link", "set", "lo", "up"], check=False,
                      stderr=subprocess.DEVNULL).returncode:
        return "no network namespaces"
    return None


def enter():
    """Runs this program again in the centre; returns there."""
    if os.environ.get("ESPCAP_NET") == "inside":
        return
    why = can()
    if why:
        print(f"skipped: {why}")
        sys.exit(SKIPPED)
    os.environ["ESPCAP_NET"] = "inside"
    os.execvp("unshare", [*UNSHARE, sys.executable, "-B", *sys.argv])


class Link:
    """The two namespaces and the link; everything goes when the process ends."""

    def __init__(self):
        run("mount", "-t", "tmpfs", "none", "/run")
        run("ip", "netns", "add", "sensor")
        run("ip", "link", "set", "lo", "up")
        run("ip", "-n", "sensor", "link", "set", "lo", "up")
        run("ip", "link", "add", "c0", "type", "veth", "peer", "name", "s0", "netns", "sensor")
        self.address = SENSOR
        for where, name, v4, v6 in ((("ip",), "c0", CENTRE, CENTRE6),
                                    (("ip", "-n", "sensor"), "s0", SENSOR, SENSOR6)):
            run(*where, "addr", "add", v4 + "/24", "dev", name)
            run(*where, "addr", "add", v6 + "/64", "dev", name, "nodad")
            run(*where, "link", "set", name, "up")
        self.wire = None

    @staticmethod
    def centre_has(*addresses):
        for address in addresses:
            run("ip", "addr", "add", address + ("/64" if ":" in address else "/24"), "dev", "c0",
                *(["nodad"] if ":" in address else []))

    # what is wrong

    @staticmethod
    def rate(bits, queue_ms=400):
        """Both ways; None: as fast as it can."""
        for where, name in (((), "c0"), (("-n", "sensor"), "s0")):
            subprocess.run(["tc", *where, "qdisc", "del", "dev", name, "root"], check=False,
                           stderr=subprocess.DEVNULL)
            if bits:
                run("tc", *where, "qdisc", "add", "dev", name, "root", "tbf", "rate", f"{bits}bit",
                    "burst", "4000", "latency", f"{queue_ms}ms")

    @staticmethod
    def rules(incoming=(), outgoing=()):
        """What becomes of packets at the centre; without rules all is well again."""
        chains = "".join(
            f"chain {name} {{ type filter hook {name} priority 0;\n" + "".join(f"{r}\n" for r in rules) +
            "}\n" for name, rules in (("input", incoming), ("output", outgoing)) if rules)
        text = f"{TABLE} {{\n}}\ndelete {TABLE}\n"
        if chains:
            text += f"{TABLE} {{\n{chains}}}\n"
        subprocess.run(["nft", "-f", "-"], input=text, text=True, check=True)

    def blackhole(self):
        self.rules(['iifname "c0" drop'], ['oifname "c0" drop'])

    def lose(self, percent):
        rule = f"numgen random mod 100 < {percent} drop"
        self.rules(['iifname "c0" ' + rule], ['oifname "c0" ' + rule])

    def down(self):
        run("ip", "-n", "sensor", "link", "set", "s0", "down")

    def up(self, address=None):
        """With another address: as after a suspend, in another network."""
        if address:
            run("ip", "-n", "sensor", "addr", "del", self.address + "/24", "dev", "s0")
            run("ip", "-n", "sensor", "addr", "add", address + "/24", "dev", "s0")
            self.address = address
        run("ip", "-n", "sensor", "link", "set", "s0", "up")

    # what is seen

    @staticmethod
    def bytes():
        """Both ways since the beginning, as the sensor's interface counts: with all headers."""
        name = "t0" if subprocess.run(["ip", "-n", "sensor", "link", "show", "t0"], check=False,
                                      capture_output=True).returncode == 0 else "s0"
        stats = json.loads(run("ip", "-n", "sensor", "-s", "-j", "link", "show", name))[0]["stats64"]
        return stats["tx"]["bytes"] + stats["rx"]["bytes"]

    @staticmethod
    def connections():
        """Of both ends, with TCP's timers, as text."""
        return "".join(f"{where}:\n" + run(*words, "ss", "-Htinop") for where, words in
                       (("centre", ()), ("sensor", IN_SENSOR)))

    @staticmethod
    def ports(port):
        """The sensor's ends of connections to a port of the centre that are established there."""
        lines = run("ss", "-Htn", "state", "established", "sport", "=", f":{port}").splitlines()
        return [int(line.split()[-1].rsplit(":", 1)[1]) for line in lines]


class Wire(threading.Thread):
    """A wire between two TUN interfaces, with a delay each way and loss at random. The centre is
    10.8.0.1 on it, the sensor 10.8.0.2."""

    CENTRE = "10.8.0.1"

    def __init__(self, delay_s, loss, seed):
        super().__init__(daemon=True)
        self.delay_s, self.loss, self.rng = delay_s, loss, random.Random(seed)
        here = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.ends = [self.tun("t1")]
        there = os.open("/run/netns/sensor", os.O_RDONLY)
        self.set_namespace(there)
        self.ends.append(self.tun("t0"))
        self.set_namespace(here)
        for where, name, address in ((("ip",), "t1", self.CENTRE),
                                     (("ip", "-n", "sensor"), "t0", "10.8.0.2")):
            run(*where, "addr", "add", address + "/24", "dev", name)
            run(*where, "link", "set", name, "up")
        self.lost = self.passed = 0
        self.start()

    @staticmethod
    def set_namespace(fd):
        if ctypes.CDLL(None, use_errno=True).setns(fd, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")

    @staticmethod
    def tun(name):
        fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
        return fd

    def run(self):
        waiting, n = [], 0
        while True:
            left = max(0, waiting[0][0] - time.monotonic()) if waiting else 1
            for fd in select.select(self.ends, [], [], left)[0]:
                packet = os.read(fd, 65536)
                if self.rng.random() < self.loss:
                    self.lost += 1
                    continue
                self.passed += 1
                n += 1
                heapq.heappush(waiting, (time.monotonic() + self.delay_s, n, fd, packet))
            while waiting and waiting[0][0] <= time.monotonic():
                _, _, fd, packet = heapq.heappop(waiting)
                os.write(self.ends[1 - self.ends.index(fd)], packet)
