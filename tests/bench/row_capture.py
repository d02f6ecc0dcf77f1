# row_capture.py -- how fast packets become documents, printed and spooled, and what that writes.
# SPDX-License-Identifier: Apache-2.0
import os

import measure
import report
import spools

TSHARK_TARGETS = {"HTTP": "100x", "DNS": "60x"}


def printing(bench, path):
    """espcap-capture to /dev/null, as a function. It decodes on all processors, which shows by the clock."""
    return lambda: measure.run(spools.capture_command(bench, path, "--stdout", *spools.FULL))


def tcpdump(path, **env):
    return lambda: measure.run(["tcpdump", "-nn", "-r", path], env=measure.environment(**env))


def write_documents(bench, path, packets):
    """A run that decodes nothing is fast: every packet must give a document. The file's path."""
    out = bench.path("documents.ndjson")
    with open(out, "wb") as f:
        measure.run(spools.capture_command(bench, path, "--stdout", *spools.FULL), stdout=f)
    with open(out, "rb") as f:
        lines = sum(block.count(b"\n") for block in iter(lambda: f.read(1 << 20), b""))
    if lines != packets:
        raise measure.Failed(f"espcap-capture made {lines} documents of {packets} packets")
    return out


def each_second(costs, packets, what="cpu"):
    return f"{packets / min(getattr(cost, what) for cost in costs):,.0f} packets/s"


# ---- printed ------------------------------------------------------------------------------------

def against_tcpdump(bench, row, kind):
    """Without TZ, tcpdump asks for /etc/localtime with each line: that is how people run it."""
    path, packets = bench.capture(kind), bench.size["packets"]
    out = write_documents(bench, path, packets)
    size = os.path.getsize(out) / packets
    os.unlink(out)
    costs = measure.in_turn({"full": printing(bench, path), "tcpdump": tcpdump(path),
                             "tcpdump, TZ=UTC": tcpdump(path, TZ="UTC")}, bench.size["rounds"])
    report.costs(row, kind, costs)
    clock, cpu = measure.compare(costs, "tcpdump", "full")
    _, lean = measure.compare(costs, "tcpdump, TZ=UTC", "full")
    report.line(row, f"{kind}: `full` documents to /dev/null, packets/s to `tcpdump -nn`", "≥ 3x",
                clock, cpu, beside=f"{report.figure(lean, 'x')} with TZ=UTC, which spares tcpdump "
                f"a stat(2) each line; {each_second(costs['full'], packets)}, {size:,.0f} bytes "
                "of JSON each")


def against_tshark(bench, row, kind):
    """tshark reads a smaller file, since it is slow; both are packets a second."""
    measure.need("tshark")
    few, many = bench.size["tshark_packets"], bench.size["packets"]
    command = ["tshark", "-n", "-r", bench.capture(kind, few), "-T", "ek"]
    costs = measure.in_turn({"full": printing(bench, bench.capture(kind)),
                             "tshark": lambda: measure.run(command)}, 2)
    report.costs(row, f"tshark, {kind}", costs)
    clock, cpu = measure.compare(costs, "tshark", "full", many / few)
    report.line(row, f"{kind}: the same to `tshark -T ek`", f"≥ {TSHARK_TARGETS[kind]}", clock,
                cpu, beside=f"tshark: {each_second(costs['tshark'], few)}")


def to_nothing(bench, row):
    measure.need("tcpdump")
    for kind in ("HTTP", "DNS", "TLS", "mixed"):
        against_tcpdump(bench, row, kind)
    for kind in TSHARK_TARGETS:
        against_tshark(bench, row, kind)


# ---- spooled ------------------------------------------------------------------------------------

def into_spool(bench, path):
    def job():
        folder, cost = spools.make(bench, "spool", path)
        spools.remove(folder)
        return cost
    return job


def spool_one(bench, row, kind):
    path, packets = bench.capture(kind), bench.size["packets"]
    documents = write_documents(bench, path, packets)
    zstd = ["zstd", "-1", "-q", "-c", "--single-thread", documents]
    costs = measure.in_turn({"spool": into_spool(bench, path), "tcpdump": tcpdump(path),
                             "print": printing(bench, path), "zstd": lambda: measure.run(zstd)},
                            bench.size["rounds"])
    os.unlink(documents)
    report.costs(row, kind, costs)
    clock, cpu = measure.compare(costs, "tcpdump", "spool")
    report.line(row, f"{kind}: `full` into the spool, packets/s to `tcpdump -nn`", "≥ 1.5x",
                clock, cpu, beside=each_second(costs["spool"], packets, "wall") + " by the clock")
    costs["both"] = [a.plus(b) for a, b in zip(costs["print"], costs["zstd"])]
    _, cpu = measure.compare(costs, "spool", "both")
    report.line(row, f"{kind}: the same, to printing and `zstd -1` of the same bytes", "≤ 1.25x",
                cpu=cpu)


def to_spool(bench, row):
    measure.need("tcpdump")
    measure.need("zstd")
    for kind in ("HTTP", "mixed"):
        spool_one(bench, row, kind)


def bytes_on_disk(bench, row):
    packets = bench.size["packets"]
    folder, cost = spools.make(bench, "spool", bench.capture("HTTP"))
    on_disk, status = spools.disk_bytes(folder), spools.status(bench, folder)
    spools.remove(folder)
    report.line(row, "HTTP: spool on disk, to its JSON", "≤ 0.15", on_disk / status["raw_bytes"],
                unit="", beside=f"{on_disk / packets:.0f} bytes a record")
    report.line(row, "HTTP: bytes written to disk, to bytes stored", "≤ 1.15",
                cost.written / status["stored_bytes"], unit="",
                beside=f"{cost.written / packets:.0f} bytes a record")


# ---- in the long run ----------------------------------------------------------------------------

def long_run(bench, row):
    """Leaves its spool: the large backlog of other rows."""
    few, many = bench.size["many"] // 100, bench.size["many"]
    short, long = bench.capture("mixed", few), bench.capture("mixed", many)
    costs = measure.in_turn({"few": printing(bench, short), "many": printing(bench, long)}, 2)
    report.costs(row, "long", costs)
    _, cpu = measure.compare(costs, "many", "few", few / many)
    report.line(row, f"mixed: a packet's cost at {many:,} packets, to that at {few:,}", "≤ 1.1x",
                cpu=cpu, beside=f"{min(c.cpu for c in costs['many']) / many * 1e6:.2f} us")
    bench.backlog, cost = spools.make(bench, "backlog", long, watch=True)
    bench.backlog_capture = cost
    least = min(into_spool(bench, short)().cpu for _ in range(bench.size["rounds"]))
    report.line(row, "mixed: the same, into the spool", "≤ 1.1x", cpu=cost.cpu / many / least * few,
                beside=f"{cost.cpu / many * 1e6:.2f} us")
