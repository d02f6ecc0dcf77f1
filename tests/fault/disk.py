# disk.py -- what the tests of bad disks share: a disk that fails at a call, and a judge of losses.
# SPDX-License-Identifier: Apache-2.0
"""
bad_disk.so, preloaded, makes calls of a service fail (bad_disk.c says how). The judge is that of
crash.py, but packets may be missing: exactly as many as loss documents that reached the server say.
"""
import os
import re
import shutil
import subprocess
import sys
from collections import Counter

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "crash"))
from crash import (BIN, COMMON, EVENTS, Site, Wrong, index_of, program, run, sha16,  # noqa: E402
                   write_capture)

FOREVER, WHEN_SICK = 0, 0
CHUNK, MOMENT = 600, 0.3    # packets at a time, and seconds for them to be committed
PACKET_LOSSES = ("spool_full", "ring_full", "kernel_drop")


class Fault:
    """One way in which the disk fails, for one service."""

    def __init__(self, site, kind, first, how, times=1):
        self.site = site
        self.kind, self.first, self.how, self.times = kind, first, how, times
        self.file = os.path.join(site.folder, "disk")
        for suffix in (".hits", ".retried", ".sick", ".healthy"):
            if os.path.exists(self.file + suffix):
                os.unlink(self.file + suffix)

    def env(self):
        way, argument = self.how
        words = (self.kind, self.first, self.times, way, argument, self.site.spool, self.file)
        # under AddressSanitizer the runtime comes second; it may
        return {"LD_PRELOAD": os.path.join(BIN, "bad_disk.so"),
                "ESPCAP_DISK": " ".join(map(str, words)),
                "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}

    def fall_ill(self):
        """From now on, if it was made with WHEN_SICK."""
        with open(self.file + ".sick", "wb"):
            pass

    def heal(self):
        with open(self.file + ".healthy", "wb"):
            pass

    def lines(self, suffix):
        try:
            with open(self.file + suffix, encoding="ascii") as f:
                return f.read().splitlines()
        except FileNotFoundError:
            return []

    def hits(self):
        """The calls that failed: "kind function"."""
        return self.lines(".hits")

    def check_syncs(self):
        if self.lines(".retried"):
            raise Wrong("a segment was synced again after a sync of it had failed")


class DiskSite(Site):
    """A site whose packets may be lost, if a loss document says so."""

    def add_pipe(self, packets, payload=8):
        """The bytes of a capture that will come by standard input, and (hash, index) of each of its
        documents."""
        path = os.path.join(self.folder, "pipe.pcap")
        write_capture(path, self.rng, packets, payload)
        with open(path, "rb") as f:
            content = f.read()
        command = [program("espcap-capture"), *COMMON, "--file", "-", "--stdout", "--name", "crash",
                   *self.capture_options]
        made = subprocess.run(command, stdout=subprocess.PIPE, input=content, check=True).stdout
        return content, [(sha16(line), index_of(line)) for line in made.splitlines()]

    def heard(self, pattern):
        """The lines of the services' logs that look like this."""
        return [line for line in self.said() if re.search(pattern, line)]

    def check_said(self, pattern, times=1):
        """Waits for the first line like this; there must not be more than so many."""
        if not self.wait_for(lambda: self.heard(pattern)):
            raise Wrong(f"nobody said {pattern!r}")
        if len(self.heard(pattern)) > times:
            raise Wrong(f"{pattern!r} was said {len(self.heard(pattern))} times")

    def judge(self, lost=None):
        """Wrong, unless each packet is stored, dead or lost once, and losses are what documents on
        the server say (and, if given, this many)."""
        self.read_log()
        problems = []

        def check(count, what):
            if count:
                problems.append(f"{count} {what}")

        stored = self.es.ids()
        letters, _ = self.dead_letters()
        events = [name for name, index in stored if index.startswith(EVENTS)]
        names = Counter(sha for (_, index), sha in stored.items() if not index.startswith(EVENTS))
        dead = set(letters.values())
        missing = sum(1 for sha in self.expected if sha not in names and sha not in dead)
        losses = [self.losses[name][1] for name in events]
        said = sum(loss["count"] for loss in losses)
        check(abs(missing - said), f"between {missing} missing and {said} in loss documents")
        if lost is not None:
            check(abs(missing - lost), f"between {missing} missing and the {lost} of the test")
        check(sum(n - 1 for n in names.values()), "stored twice")
        check(sum(1 for sha in dead if sha in names), "both stored and dead")
        check(sum(1 for sha in (names.keys() | dead) if sha not in self.expected), "unknown")
        check(sum(1 for (_, index), sha in stored.items() if self.expected.get(sha, index) != index),
              "in the wrong index")
        stats = self.es.stats()
        check(self.reused + stats["same_id_other_content"] + stats["same_id_other_index"],
              "ids used again")
        s = self.status()
        settled = s["indexed"] + s["already_there"] + s["dead"] + s["lost"]
        check(abs(s["committed"] - settled - s["backlog"]), "off in the identity")
        check(s["backlog"], "in the backlog")
        reported = sum(s["losses"][reason] for reason in PACKET_LOSSES)
        documents = sum(loss["count"] for loss in losses if loss["reason"] in PACKET_LOSSES)
        check(abs(reported - documents), "between the spool's count of losses and its documents")
        if problems:
            raise Wrong(", ".join(problems))
        return missing


class Pipe:
    """A capture that gets its packets from us, some now and some later."""

    def __init__(self, site, packets, payload):
        self.site = site
        self.content, self.names = site.add_pipe(packets, payload)
        self.size = 16 + 42 + payload
        self.process = None
        self.fed = 0

    def start(self, *options, **env):
        self.site.stdin = subprocess.PIPE
        self.process = self.site.start(
            "espcap-capture", "--file", "-", "--spool", self.site.spool, "--name", "crash",
            "--flush-interval", "1ms", *self.site.capture_options, *options, **env)
        self.site.stdin = None
        self.process.stdin.write(self.content[:24])
        self.fed = 0

    def feed(self, packets):
        """The next ones; returns when the capture has read all but what a pipe holds."""
        at = 24 + self.fed * self.size
        self.site.expected.update(self.names[self.fed:self.fed + packets])
        self.fed = min(self.fed + packets, len(self.names))
        self.process.stdin.write(self.content[at:at + packets * self.size])
        self.process.stdin.flush()

    def feed_and_see(self, packets):
        """And waits until they are committed; slowly, so that the buffers hold them."""
        for _ in range(0, packets, CHUNK):
            self.feed(min(CHUNK, packets))
            self.committed(self.fed)

    def feed_until(self, pattern, most):
        """Slowly, until a service says something; at most so many packets."""
        until = self.fed + most
        while self.fed < until and not self.site.heard(pattern):
            self.feed(min(CHUNK, until - self.fed))
            self.site.wait_for(lambda: self.site.heard(pattern) or
                               self.site.status()["committed"] >= self.fed, MOMENT)
        self.site.check_said(pattern)

    def committed(self, packets):
        if not self.site.wait_for(lambda: self.site.has_spool() and
                                  self.site.status()["committed"] >= packets):
            raise Wrong(f"{packets} packets were not committed")

    def end(self, good=(0,)):
        self.process.stdin.close()
        return self.site.finish(self.process, good)

    def report(self):
        """A next start says what the last one could not."""
        fed = self.fed
        self.start()
        self.end()
        self.fed = fed


def damage_a_frame(spool):
    """Flips a bit in the payload of a frame in the middle; how many records it held. Only in a large
    one: of a small one LMDB's older pages hold copies, from which it would be salvaged."""
    rec = os.path.join(spool, "rec")
    path = os.path.join(rec, max(name for name in os.listdir(rec) if name.isdigit()), "data.mdb")
    with open(path, "r+b") as f:
        content = f.read()
        frames = [m.start() for m in re.finditer(b"ESPF\x01", content)
                  if int.from_bytes(content[m.start() + 40:m.start() + 44], "little") > 4096]
        at = frames[len(frames) // 2]
        f.seek(at + 170)    # the header has 168 bytes
        f.write(bytes([content[at + 170] ^ 1]))
    return int.from_bytes(content[at + 32:at + 36], "little")


def need_root():
    """Mounts are for this process alone: it starts again in a namespace of its own."""
    if os.geteuid() != 0 or not shutil.which("unshare"):
        print("skipped: mounting a small disk takes root and unshare(1)")
        sys.exit(77)
    if "ESPCAP_FAULT_MOUNTS" not in os.environ:
        os.environ["ESPCAP_FAULT_MOUNTS"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable,
                              "-B", *sys.argv])


def mount(*words):
    return subprocess.run(["mount", *words], stderr=subprocess.DEVNULL, check=False).returncode == 0


class Disk:
    """A small disk on which the spool of a site lies: tmpfs, or ext4 in a file."""

    def __init__(self, site, kind, size, options=""):
        self.site = site
        self.path = os.path.join(site.folder, "disk")
        self.image = os.path.join(site.folder, "image")
        self.kind = kind
        os.mkdir(self.path)
        site.spool = os.path.join(self.path, "spool")
        if kind == "tmpfs":
            good = mount("-t", "tmpfs", "-o", f"size={size}{options}", "none", self.path)
        else:
            with open(self.image, "wb") as f:
                f.truncate(size)
            good = shutil.which("mkfs.ext4") and subprocess.run(
                ["mkfs.ext4", "-q", "-m", "0", self.image], check=False).returncode == 0
            good = good and mount("-o", "loop", self.image, self.path)
        if not good:
            print(f"skipped: no {kind} can be mounted here")
            sys.exit(77)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        subprocess.run(["umount", "-l", self.path], check=False)

    def again(self):
        """As after a new start of the machine."""
        subprocess.run(["umount", self.path], check=True)
        subprocess.run(["fsck.ext4", "-p", self.image], stdout=subprocess.DEVNULL, check=False)
        if not mount("-o", "loop", self.image, self.path):
            raise Wrong("the disk could not be mounted again")

    def free(self):
        disk = os.statvfs(self.path)
        return disk.f_bavail * disk.f_frsize

    def fill(self, but=0):
        """Somebody else takes the disk, all but so many bytes."""
        with open(os.path.join(self.path, "filler"), "ab") as f:
            f.seek(0, os.SEEK_END)
            step = 1 << 20
            while step >= 4096 and self.free() > but:
                try:
                    take = min(step, self.free() - but) & ~4095
                    if not take:
                        break
                    os.posix_fallocate(f.fileno(), f.tell(), take)
                    f.seek(take, os.SEEK_CUR)
                except OSError:
                    step //= 2

    def empty(self):
        os.unlink(os.path.join(self.path, "filler"))
