# row_server.py -- a real Elasticsearch: how fast records get in, and what they take there.
# SPDX-License-Identifier: Apache-2.0
import json
import os
import shutil
import subprocess
import time
import urllib.request

import captures
import measure
import report
import row_ship
import spools

NAME = "elasticsearch-8.19.0"
INDEX = "espcap-packets-bench"
SCHEMAS = ("full", "slim", "ecs", "lite")


class Server:
    """A server of tests/servers; a context manager that gives itself."""

    script = os.path.join(captures.ROOT, "tests", "servers")

    def __enter__(self):
        done = subprocess.run([self.script, "start", NAME], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, check=False)
        if done.returncode == 77:
            raise measure.Skipped(done.stderr.strip())
        if done.returncode:
            raise measure.Failed(done.stderr.strip())
        said = dict(word.split("=", 1) for word in done.stdout.split())
        self.url, self.dir = said["url"], said["dir"]
        return self

    def __exit__(self, *unused):
        subprocess.run([self.script, "stop", self.dir], capture_output=True, check=False)
        shutil.rmtree(self.dir, ignore_errors=True)

    def ask(self, method, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.url}/{path}", data=data, method=method,
                                         headers={"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=300) as answer:
            return json.load(answer)

    def cpu(self):
        """Seconds of CPU time that it has taken."""
        node = next(iter(self.ask("GET", "_nodes/_local/stats/process")["nodes"].values()))
        return node["process"]["cpu"]["total_in_millis"] / 1000

    def fresh(self, index, **settings):
        """An empty index, made by the template."""
        self.ask("DELETE", f"{index}?ignore_unavailable=true")
        self.ask("PUT", index, {"settings": settings})

    def must_hold(self, index, count):
        held = self.ask("GET", f"{index}/_count")["count"]
        if held != count:
            raise measure.Failed(f"{index} holds {held} documents, not {count}")


def ship_once(bench, server, spool, setup="check"):
    return measure.run(row_ship.ship_command(
        bench, spools.copy(spool, "copy"), "--once", "--setup", setup, "--node", server.url,
        "--index", INDEX, "--connections", str(row_ship.CONNECTIONS)))


def install_templates(bench, server):
    spool, _ = spools.make(bench, "one", bench.capture("HTTP"), *spools.FULL, "--count", "1")
    ship_once(bench, server, spool, setup="install")
    spools.remove(spool)


# ---- how fast -----------------------------------------------------------------------------------

def to_elasticsearch(bench, row):
    for program in ("libdeflate-gzip", "curl"):
        measure.need(program)
    packets = bench.size["server_packets"]
    spool, _ = spools.make(bench, "spool", bench.capture("HTTP", packets))
    paths = row_ship.make_bodies(bench, spool)
    with Server() as server:
        install_templates(bench, server)

        spent = {"ship": [], "curl": []}    # the server's own CPU time, of which noise takes none

        def job(name, send):
            def run():
                server.fresh(INDEX)
                before = server.cpu()
                cost = send()
                spent[name].append(server.cpu() - before)
                server.must_hold(INDEX, packets)
                return cost
            return run

        def curl():
            """espcap-ship --once ends with a refresh, so this does."""
            cost = measure.run(row_ship.curl_command(bench, paths, f"{server.url}/{INDEX}"))
            return cost.plus(measure.run(["curl", "-q", "-sf", "-X", "POST",
                                          f"{server.url}/{INDEX}/_refresh"]))

        costs = measure.in_turn({"ship": job("ship", lambda: ship_once(bench, server, spool)),
                                 "curl": job("curl", curl)}, bench.size["server_rounds"])
    row_ship.remove_bodies(bench)
    report.costs(row, "server", costs)
    clock, _ = measure.compare(costs, "curl", "ship")
    rate = packets / min(cost.wall for cost in costs["ship"])
    report.line(row, f"HTTP: spool into {NAME} on the same machine, records/s to `curl` posting "
                "the bodies ready-made", "≥ 0.95x", clock, beside=f"{rate:,.0f} records/s; "
                f"{min(spent['ship']) / min(spent['curl']):.2f}x the server's CPU time")


# ---- how large ----------------------------------------------------------------------------------

def index_size(bench, server, spool, index, mode):
    """(bytes in the index, merged into one segment; documents)"""
    if mode:
        server.fresh(index, **{"index.mode": mode})
    else:
        server.fresh(index)
    ship_once(bench, server, spool)
    server.must_hold(index, spools.status(bench, spool)["committed"])
    for step in ("_forcemerge?max_num_segments=1", "_flush", "_refresh"):
        server.ask("POST", f"{index}/{step}")
    found = server.ask("GET", f"{index}/_stats/store,docs")["_all"]["primaries"]
    return found["store"]["size_in_bytes"], found["docs"]["count"]


def one_schema(bench, server, row, kind, schema):
    path = bench.capture(kind, bench.size["index_packets"])
    spool, _ = spools.make(bench, "spool", path, "--schema", schema)
    cells = []
    for name, mode in (("standard", None), ("logsdb", "logsdb")):
        if schema == "lite" and mode:
            continue    # it has no @timestamp
        index = "packets_lite" if schema == "lite" else INDEX
        size, count = index_size(bench, server, spool, index, mode)
        cells.append(f"{name}: {size / count:,.0f} bytes a document, "
                     f"{report.number(size / os.path.getsize(path))}x the capture")
    report.line(row, f"{kind}: index of `{schema}` documents", "", beside="; ".join(cells))


def bytes_in_index(bench, row):
    with Server() as server:
        install_templates(bench, server)
        for kind in ("HTTP", "mixed"):
            for schema in SCHEMAS:
                one_schema(bench, server, row, kind, schema)


# ---- what the template costs --------------------------------------------------------------------

FRESH = "espcap-packets-fresh"


def without_layers(bench):
    """The template as it is, and the same without the fields of layers, for other indices."""
    done = subprocess.run([bench.program("espcap"), "template"], capture_output=True, check=True)
    whole, bare = json.loads(done.stdout), json.loads(done.stdout)
    bare["index_patterns"], bare["priority"] = [f"{FRESH}-bare-*"], whole["priority"] + 1
    bare["template"]["mappings"]["properties"]["layers"] = {"type": "object", "enabled": False}
    return whole, bare


def mapping_bytes(server):
    """Memory that the server says its mappings take."""
    stats = server.ask("GET", "_nodes/_local/stats/indices/mappings")["nodes"]
    return next(iter(stats.values()))["indices"]["mappings"]["total_estimated_overhead_in_bytes"]


def state_bytes(server, index):
    """What the cluster's state says of an index, as JSON without blanks."""
    state = server.ask("GET", f"_cluster/state/metadata/{index}?filter_path=metadata.indices")
    return len(json.dumps(state, separators=(",", ":")))


def fresh_index(server, name, times):
    """{what: (cost of an index that its first document makes, unit)}; of times the best."""
    before, seconds = mapping_bytes(server), []
    for i in range(times):
        begun = time.monotonic()
        server.ask("POST", f"{name}-{i}/_doc", {"@timestamp": "2026-01-01T00:00:00Z"})
        seconds.append(time.monotonic() - begun)
    return {"first document of a fresh index": (min(seconds) * 1000, "ms"),
            "cluster state of an index": (state_bytes(server, f"{name}-0") / 1000, "kB"),
            "memory of its mapping": ((mapping_bytes(server) - before) / times / 1000, "kB")}


def template_cost(bench, row):
    times = bench.size["server_rounds"]
    with Server() as server:
        whole, bare = without_layers(bench)
        room = whole["template"]["settings"]["index.mapping.total_fields.limit"]
        server.ask("PUT", "_index_template/bench-whole", whole)
        server.ask("PUT", "_index_template/bench-bare", bare)
        fresh_index(server, f"{FRESH}-bare-warm", times)
        plain = fresh_index(server, f"{FRESH}-bare", times)
        typed = fresh_index(server, f"{FRESH}-typed", times)
    for what, (cost, unit) in typed.items():
        report.line(row, f"index template with room for {room:,} fields: {what}, to one without "
                    "the fields of `layers`", "", cost / plain[what][0],
                    beside=f"{cost:,.1f} {unit} to {plain[what][0]:,.1f} {unit}")
