# row_quiet.py -- what a quiet sensor writes: 10 records a second, for each flush interval.
# SPDX-License-Identifier: Apache-2.0
import json
import os
import struct
import subprocess
import threading
import time

import dictionary
import measure
import report
import spools

RATE = 10
INTERVALS = ("250ms", "1s", "5s", "30s")
SECONDS = {"250ms": 0.25, "1s": 1, "5s": 5, "30s": 30}
DAY = 86400
SECTOR = 512
IMAGE = 256 << 20


class Disk:
    """A file system of its own on a loop device, which counts what reaches it; without root an
    ordinary folder, of which nothing is known. A context manager that gives the folder."""

    def __init__(self, folder):
        self.folder, self.image, self.stat = folder, folder + ".img", None

    def __enter__(self):
        os.makedirs(self.folder, exist_ok=True)
        if os.geteuid() == 0 and self.mount():
            device = subprocess.run(["findmnt", "-n", "-o", "SOURCE", self.folder], check=True,
                                    capture_output=True, text=True).stdout.strip()
            self.stat = f"/sys/block/{os.path.basename(device)}/stat"
        return self

    def mount(self):
        with open(self.image, "wb") as f:
            f.truncate(IMAGE)
        make = ["mkfs.ext4", "-q", "-F", "-b", "4096", "-E", "lazy_itable_init=0,lazy_journal_init=0"]
        return not any(subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode
                       for command in ([*make, self.image],
                                       ["mount", "-o", "loop", self.image, self.folder]))

    def written(self):
        """Bytes so far."""
        if not self.stat:
            return 0
        with open(self.stat, encoding="ascii") as f:
            return int(f.read().split()[6]) * SECTOR

    def __exit__(self, *unused):
        if self.stat:
            subprocess.run(["umount", self.folder], check=True)
        if os.path.exists(self.image):
            os.unlink(self.image)
        spools.remove(self.folder)


def records(path):
    """The file's header, then its packets."""
    with open(path, "rb") as f:
        data = f.read()
    yield data[:24]
    at = 24
    while at < len(data):
        end = at + 16 + struct.unpack_from("<I", data, at + 8)[0]
        yield data[at:end]
        at = end


class Sensor:
    """espcap-capture, fed at a rate; what it has written, at each of its commits."""

    def __init__(self, bench, interval, path, seconds):
        self.interval, self.path, self.seconds = interval, path, seconds
        self.disk = Disk(bench.path(f"quiet-{interval}"))
        self.spool = os.path.join(self.disk.folder, "spool")
        self.command = spools.capture_command(
            bench, "-", "--schema", "slim", "--spool", self.spool, "--spool-max", "64M",
            "--spool-free", "0", "--flush-interval", interval, "--report-fd", "1")
        self.marks = []    # (time, bytes written by the process, bytes that reached the device)

    def look(self, pid):
        written = measure.proc_number(pid, "io", "wchar")
        if not self.marks or written - self.marks[-1][1] > 4096:    # less are its report lines
            self.marks.append((time.monotonic(), written, self.disk.written()))

    def feed(self, process):
        """A packet at a time, and a look after each commit."""
        source, begun, sent = records(self.path), time.monotonic(), 0
        process.stdin.write(next(source))
        while time.monotonic() - begun < self.seconds:
            while sent < (time.monotonic() - begun) * RATE:
                process.stdin.write(next(source))
                sent += 1
            process.stdin.flush()
            self.look(process.pid)
            time.sleep(0.02)

    def run(self, bench):
        with self.disk:
            with subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, env=measure.environment()) as process:
                said = []
                reader = threading.Thread(target=lambda: said.extend(process.stdout))
                reader.start()
                self.feed(process)
                self.told = spools.status(bench, self.spool)["written_per_day"] / 1e9
                process.stdin.close()
                reader.join()
            self.commits = json.loads(said[-1])["commits"]
            self.status = spools.status(bench, self.spool)
            self.on_disk = spools.disk_bytes(os.path.join(self.spool, "rec"))

    def per_day(self, which):
        """GB a day between two commits, the first of which is not the one that made the segment."""
        first, last = self.marks[min(2, len(self.marks) - 2)], self.marks[-1]
        return (last[which] - first[which]) / (last[0] - first[0]) * DAY / 1e9


def milliseconds(commits):
    return ", ".join(f"{name} {commits[key] / 1000:.1f}" for name, key in
                     (("p50", "p50_us"), ("p99", "p99_us"), ("max", "max_us")))


def tell(row, sensor):
    raw = sensor.status["raw_bytes"]
    work = f"{RATE} records/s, flush every {sensor.interval}"
    report.line(row, f"{work}: bytes of frames, to their JSON", "≤ 0.45",
                sensor.status["stored_bytes"] / raw, unit="",
                beside=f"{sensor.on_disk / raw:.2f} on disk, all of a spool of {raw / 1e3:,.0f} kB "
                "of JSON")
    device = f", {sensor.per_day(2):.2f} to the device with ext4's journal" if sensor.disk.stat else ""
    report.line(row, f"{work}: written", "", sensor.per_day(1), unit=" GB a day",
                beside=f"by espcap-capture{device}; status says {sensor.told:.2f}; commits took {milliseconds(sensor.commits)} ms")


def quiet(bench, row):
    """All intervals at a time: each has a disk of its own, and none has much to do."""
    seconds = bench.size["quiet_seconds"]
    path = bench.capture("mixed", int(seconds * RATE) + 100)
    sensors = [Sensor(bench, interval, path, seconds) for interval in INTERVALS
               if SECONDS[interval] * 3 < seconds]
    threads = [threading.Thread(target=sensor.run, args=(bench,)) for sensor in sensors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for sensor in sensors:
        if not hasattr(sensor, "on_disk"):
            raise measure.Failed(f"nothing was measured with --flush-interval {sensor.interval}")
        tell(row, sensor)
    dictionary.lines(row)
