# row_ship.py -- how the spool gets into _bulk: CPU, memory, and the start on a large backlog.
# SPDX-License-Identifier: Apache-2.0
import glob
import json
import os
import signal
import subprocess
import time

import measure
import report
import spools

CONNECTIONS = 4
BODY_BYTES = 5_000_000    # as espcap-ship makes them
DIGITS = "0123456789abcdefghijklmnopqrstuv"
QUERY = ("filter_path=errors,took,items.*.status,items.*.error.type,items.*.error.reason,"
         "items.*.failure_store")    # as espcap-ship asks: the same answers


class FakeServer:
    """tests/fake on a free port, accepting everything; a context manager that gives its URL."""

    def __init__(self, bench):
        self.port_file = bench.path("port")

    def __enter__(self):
        self.process = measure.Process([os.environ["FAKE_ES"], "--port", "0", "--port-file",
                                        self.port_file, "--fast"])
        until = time.monotonic() + 10
        while time.monotonic() < until:
            if os.path.exists(self.port_file) and os.path.getsize(self.port_file):
                with open(self.port_file, encoding="ascii") as f:
                    return f"http://127.0.0.1:{f.read().strip()}"
            time.sleep(0.01)
        raise measure.Failed("the fake server did not start within 10 s")

    def __exit__(self, *unused):
        self.process.end(signal.SIGTERM)
        os.unlink(self.port_file)


def ship_command(bench, spool, *options):
    return [bench.program("espcap-ship"), "--config", "", "--spool", spool, *options]


# ---- the bodies that espcap-ship would send, as files --------------------------------------------

def record_id(run, sequence):
    """A document's _id, of the two members that espcap-ship writes first."""
    return run + "".join(DIGITS[sequence >> 5 * i & 31] for i in reversed(range(13)))


def action(line):
    """The action line of a document that espcap-ship wrote."""
    start = json.loads(line[:line.index(b",", line.index(b'"espcap.run"'))] + b"}")
    name = record_id(start["espcap.run"], start["event.sequence"])
    return b'{"create":{"_id":"%s"}}\n' % name.encode()


def make_bodies(bench, spool):
    """Paths of request bodies with all documents of a spool; beside each its .gz."""
    source = bench.path("shipped.ndjson")
    measure.run(ship_command(bench, spools.copy(spool, "copy"), "--once", "--out-file", source))
    paths, size = [], BODY_BYTES
    out = None
    with open(source, "rb") as f:
        for line in f:
            if size >= BODY_BYTES:
                paths.append(bench.path(f"body-{len(paths):04}.json"))
                if out:
                    out.close()
                out, size = open(paths[-1], "wb"), 0
            size += out.write(action(line) + line)
    out.close()
    os.unlink(source)
    measure.run(["libdeflate-gzip", "-1", "-k", "-f", *paths])
    return paths


def remove_bodies(bench):
    for path in glob.glob(bench.path("body-*")):
        os.unlink(path)


def curl_command(bench, paths, url):
    """Posts the bodies, as many at a time as espcap-ship."""
    config = bench.path("curl.conf")
    with open(config, "w", encoding="ascii") as f:
        f.write("\nnext\n".join(
            f'url = "{url}/_bulk?{QUERY}"\ndata-binary = "@{path}.gz"\noutput = "/dev/null"\n'
            'header = "Content-Type: application/x-ndjson"\nheader = "Content-Encoding: gzip"\n'
            'header = "Expect:"\nfail\nsilent\nshow-error' for path in paths))
    return ["curl", "-q", "--parallel", "--parallel-immediate", "--parallel-max", CONNECTIONS,
            "--no-progress-meter", "--config", config]


def to_loopback(bench, row):
    for program in ("libdeflate-gzip", "curl"):
        measure.need(program)
    packets = bench.size["packets"]
    spool, _ = spools.make(bench, "spool", bench.capture("HTTP"))
    paths = make_bodies(bench, spool)
    with FakeServer(bench) as url:
        options = ("--once", "--setup", "never", "--node", url, "--connections", str(CONNECTIONS))
        curl = curl_command(bench, paths, f"{url}/espcap-packets-bench")
        costs = measure.in_turn({
            "ship": lambda: measure.run(
                ship_command(bench, spools.copy(spool, "copy"), *options)),
            "gzip": lambda: measure.run(["libdeflate-gzip", "-1", "-c", *paths]),
            "curl": lambda: measure.run(curl)}, bench.size["rounds"])
    remove_bodies(bench)
    report.costs(row, "bulk", costs)
    rate = packets / min(cost.cpu for cost in costs["ship"])
    _, cpu = measure.compare(costs, "ship", "gzip")
    report.line(row, "HTTP: spool into `_bulk` of a server that accepts all, to `libdeflate-gzip "
                "-1` of the same bodies", "≤ 1.5x", cpu=cpu, beside=f"{rate:,.0f} records/s")
    clock, _ = measure.compare(costs, "curl", "ship")
    report.line(row, "the same: records/s to `curl` posting the bodies ready-made", "", clock)


# ---- a large backlog ----------------------------------------------------------------------------

def backlog(bench):
    """(a copy of the large backlog, what it is in words)"""
    if not bench.backlog:
        bench.backlog, bench.backlog_capture = spools.make(
            bench, "backlog", bench.capture("mixed"), watch=True)
    raw = spools.status(bench, bench.backlog)["raw_bytes"]
    return spools.copy(bench.backlog, "copy"), f"backlog of {raw / 1e9:.1f} GB of JSON"


def mebibytes(row, who, target, size, beside=""):
    report.line(row, f"anonymous memory: {who}", f"≤ {target} MiB", size / 2**20, unit=" MiB",
                beside=beside)


def idle(command):
    """Anonymous memory of a service that has had nothing to do for two seconds."""
    process = measure.Process(command)
    time.sleep(2)
    size = measure.rss_anon(process.pid)
    process.end(signal.SIGTERM)
    return size


def memory(bench, row):
    folder, words = backlog(bench)
    mebibytes(row, "espcap-capture into the spool", 64, bench.backlog_capture.peak_anon)
    with FakeServer(bench) as url:
        process = measure.Process(ship_command(bench, folder, "--setup", "never", "--node", url))
        with measure.Watch(process.pid) as seen:
            time.sleep(5)
        process.end(signal.SIGTERM)
        mebibytes(row, "espcap-ship for 5 s", 64, seen.peak, words)
        spool = bench.path("spool")
        spools.make(bench, "spool", bench.capture("HTTP"), *spools.FULL, "--count", "10")
        mebibytes(row, "espcap-ship, idle", 16, idle(
            ship_command(bench, spool, "--setup", "never", "--node", url)))
    if os.geteuid() == 0:
        spools.remove(spool)
        mebibytes(row, "espcap-capture, idle", 16, idle(
            [bench.program("espcap-capture"), "--config", "", "--nic", "lo", "--filter",
             "udp port 9", "--spool", spool]))
    spools.remove(spool)


def first_record(bench, row):
    folder, words = backlog(bench)
    seconds = []
    for _ in range(3):
        spools.forget(folder)
        process = measure.Process(ship_command(bench, folder, "--stdout"), stdout=subprocess.PIPE)
        os.read(process.popen.stdout.fileno(), 1)
        seconds.append(time.monotonic() - process.begun)
        process.end(signal.SIGKILL, codes=(-signal.SIGKILL,))
        process.popen.stdout.close()
    report.line(row, "from start to the first record shipped, nothing in the page cache", "≤ 1 s",
                max(seconds), unit=" s", beside=f"worst of 3; {words}")
    spools.remove(folder)
