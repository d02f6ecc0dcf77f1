# row_open.py -- opening a spool with a large backlog, and one of many segments: time and memory.
# SPDX-License-Identifier: Apache-2.0
import os
import signal
import subprocess
import time

import measure
import report
import row_ship
import spools

SEGMENTS = 200
ROUNDS = 3


def many_segments(bench, count):
    """A spool with so many segments: each start of espcap-capture makes one."""
    folder = bench.path("segments")
    spools.remove(folder)
    path = bench.capture("mixed", 1000)
    for _ in range(count):
        measure.run(spools.capture_command(bench, path, "--spool", folder, "--count", "50"))
    return folder


def capture_opens(bench, folder):
    """From the start to the end of a capture of one packet, which is committed."""
    spools.forget(folder)
    path = bench.capture("mixed", 1000)
    return measure.run(spools.capture_command(bench, path, "--spool", folder, "--count", "1"),
                       watch=True)


def status_opens(bench, folder):
    spools.forget(folder)
    return measure.run([bench.program("espcap"), "spool", "status", folder], watch=True)


def ship_opens(bench, folder):
    """From its start to its first record; the memory it has then."""
    copy = spools.copy(folder, "copy")
    spools.forget(copy)
    process = measure.Process(row_ship.ship_command(bench, copy, "--stdout"),
                              stdout=subprocess.PIPE)
    os.read(process.popen.stdout.fileno(), 1)
    cost = measure.Cost(time.monotonic() - process.begun, 0)
    cost.peak_anon = measure.rss_anon(process.pid)
    process.end(signal.SIGKILL, codes=(-signal.SIGKILL,))
    process.popen.stdout.close()
    spools.remove(copy)
    return cost


def tell(bench, row, folder, words):
    for who, opens in (("espcap-capture, one packet", capture_opens),
                       ("espcap-ship, to its first record", ship_opens),
                       ("espcap spool status", status_opens)):
        costs = [opens(bench, folder) for _ in range(ROUNDS)]
        memory = max(cost.peak_anon for cost in costs) / 2**20
        seen = f"{memory:.1f} MiB of anonymous memory (≤ 64)" if memory else (
            f"gone before its memory was looked at, every {measure.SAMPLE_S * 1000:.0f} ms")
        report.line(row, f"opening a spool, nothing in the page cache: {who}", "≤ 1 s",
                    max(cost.wall for cost in costs), unit=" s",
                    beside=f"worst of {ROUNDS}; {seen}; {words}")


def drain(bench, folder):
    """CPU time of espcap-ship for a record, of all of them into nothing."""
    copy = spools.copy(folder, "copy")
    records = spools.status(bench, copy)["backlog"]
    cost = measure.run(row_ship.ship_command(bench, copy, "--once", "--out-file", "/dev/null"),
                       watch=True)
    spools.remove(copy)
    return cost.cpu / records, cost.peak_anon


def append(bench, folder, path, packets):
    """CPU time of espcap-capture for a packet, into a spool that is there."""
    return measure.run(spools.capture_command(bench, path, "--spool", folder, *spools.FULL)).cpu / packets


def depth(bench, row, words):
    """What a record costs does not depend on how many wait before it."""
    packets = min(bench.size["packets"], 100_000)
    path = bench.capture("mixed", packets)
    small, _ = spools.make(bench, "small", path)
    few = min(drain(bench, small)[0] for _ in range(ROUNDS))
    many, memory = min(drain(bench, bench.backlog) for _ in range(2))
    report.line(row, "mixed: espcap-ship, a record's cost at the large backlog, to that at "
                f"{packets:,}", "≤ 1.1x", cpu=many / few,
                beside=f"{many * 1e6:.2f} us; {memory / 2**20:.1f} MiB of anonymous memory; {words}")
    shallow = min(append(bench, small, path, packets) for _ in range(ROUNDS))
    deep = min(append(bench, bench.backlog, path, packets) for _ in range(ROUNDS))
    report.line(row, "mixed: espcap-capture, a packet's cost behind the large backlog, to that in a "
                "small spool", "≤ 1.1x", cpu=deep / shallow, beside=f"{deep * 1e6:.2f} us; {words}")
    spools.remove(small)


def opening(bench, row):
    if not bench.backlog:
        bench.backlog, bench.backlog_capture = spools.make(
            bench, "backlog", bench.capture("mixed"), watch=True)
    status = spools.status(bench, bench.backlog)
    words = (f"backlog of {status['raw_bytes'] / 1e9:.1f} GB of JSON in {status['segments']} "
             "segments")
    tell(bench, row, bench.backlog, words)
    depth(bench, row, words)
    folder = many_segments(bench, bench.size["segments"])
    tell(bench, row, folder, f"{spools.status(bench, folder)['segments']} segments")
    spools.remove(folder)
