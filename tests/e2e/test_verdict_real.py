#!/usr/bin/env python3
# test_verdict_real.py -- rows of the table of verdicts, as real servers make us meet them.
# SPDX-License-Identifier: Apache-2.0
import concurrent.futures
import os
import re
import shutil
import sys

import case
import programs

RECORDS = 12
STRICT = {"mappings": {"dynamic": "strict", "properties": {"ecs": {"type": "object"}}}}
DEAD = {"poison"}
ALWAYS = {"elasticsearch-8.19.0"}

# row -> what is done to the index (its body), or to the cluster (settings)
INDICES = {
    "poison": ({"mappings": {"properties": {"@timestamp": {"type": "boolean"}}}}, None),
    "poison, strict": (STRICT, None),
    "poison, fields": ({"settings": {"index.mapping.total_fields.limit": 1}}, None),
    "index_block": ({"settings": {"index.blocks.write": True}}, {"index.blocks.write": False}),
    "index_block, read-only": ({"settings": {"index.blocks.read_only": True}},
                               {"index.blocks.read_only": False}),
    "flood_stage": ({"settings": {"index.blocks.read_only_allow_delete": True}},
                    {"index.blocks.read_only_allow_delete": False}),
    "no_pipeline": ({"settings": {"index.default_pipeline": "e2e-none"}},
                    {"index.default_pipeline": "_none"}),
    "wants_routing": ({"mappings": {"_routing": {"required": True}}}, None),
}
CLUSTER = {
    "shard_limit": {"cluster.max_shards_per_node": 1},
    "whole_cluster_block": {"cluster.blocks.read_only": True},
    "no_index": {"action.auto_create_index": "false"},
}


class Real(case.NodeCase):
    def setUp(self):
        if case.SERVER not in ALWAYS and os.environ.get("ESPCAP_LONG") != "1":
            self.skipTest("runs with tests/run --long (ESPCAP_LONG=1)")
        super().setUp()
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool,
                         "--schema", "ecs", "--count", RECORDS)
        self.met = []
        self.addCleanup(self.cluster, dict.fromkeys(key for row in CLUSTER.values() for key in row))

    def cluster(self, settings):
        code, answer = self.node.ask("PUT", "/_cluster/settings", {"persistent": settings})
        self.assertEqual(code, 200, answer)

    def ship(self, index, spool, give_up, code):
        return self.run_program("espcap-ship", "--spool", spool, "--once", "--setup", "never", "--node",
                                self.node.url, "--index", index, "--backoff-max", "500ms",
                                "--give-up-after", give_up, "--log-level", "debug", code=code)

    def check_row(self, name, index, mend):
        """Records meet the row; when it is mended they go, unless they are dead."""
        row = name.split(",")[0]
        spool = self.path("spool-" + index)
        shutil.copytree(self.spool, spool)
        ended = self.ship(index, spool, "500ms", 1)
        said = re.findall(r"debug: (?:sequence \d+|request): (\w+)$", ended.err, re.MULTILINE)
        self.met.append((name, sorted(set(said)), re.findall(r"status \d+ [^:;)]*", ended.err)[:1]))
        self.assertEqual(set(said), {row}, ended.err)
        if row in DEAD:
            self.check_conservation(self.status(spool), committed=RECORDS, dead=RECORDS)
            return
        self.check_conservation(self.status(spool), committed=RECORDS, indexed=0, backlog=RECORDS)
        if mend:
            mend()
            self.ship(index, spool, "60s", 0)
            self.check_conservation(self.status(spool), committed=RECORDS, indexed=RECORDS)
            self.assertEqual(self.node.count(index), RECORDS)

    def tell(self):
        for name, rows, text in self.met:
            print(f"{self.server['url']} {name:24} {','.join(rows):16} {' '.join(text)}", file=sys.stderr)

    def put_index(self, index, body):
        code, answer = self.node.ask("PUT", "/" + index, body)
        self.assertEqual(code, 200, answer)

    def check_index(self, name, number):
        body, mended = INDICES[name]
        index = f"e2e-verdict-{number}"

        def mend():
            code, answer = self.node.ask("PUT", f"/{index}/_settings", mended)
            self.assertEqual(code, 200, answer)

        self.put_index(index, body)
        self.check_row(name, index, mend if mended else None)

    def test_indices_that_take_nothing_and_documents_that_nobody_takes(self):
        self.addCleanup(self.tell)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            runs = {name: pool.submit(self.check_index, name, number)
                    for number, name in enumerate(INDICES)}
        for name, run in runs.items():
            with self.subTest(row=name):
                run.result()

    def test_a_closed_index_and_an_alias_that_takes_nothing(self):
        self.addCleanup(self.tell)
        self.put_index("e2e-closed", {})
        self.assertEqual(self.node.ask("POST", "/e2e-closed/_close")[0], 200)
        self.check_row("closed", "e2e-closed", lambda: self.node.ask("POST", "/e2e-closed/_open"))
        for name in ("e2e-one", "e2e-other"):
            self.put_index(name, {"aliases": {"e2e-alias": {}}})
        self.check_row("no_write_index", "e2e-alias", None)

    def test_a_cluster_that_takes_nothing(self):
        self.addCleanup(self.tell)
        for row, settings in CLUSTER.items():
            with self.subTest(row=row):
                self.cluster(settings)
                try:
                    self.check_row(row, "e2e-" + row.replace("_", "-"),
                                   lambda settings=settings: self.cluster(dict.fromkeys(settings)))
                finally:
                    self.cluster(dict.fromkeys(settings))

    def test_what_is_sent_twice_is_there_once(self):
        self.put_index("e2e-twice", {})
        for name, expected in (("one", {"indexed": RECORDS}), ("two", {"already_there": RECORDS})):
            spool = self.path(name)
            shutil.copytree(self.spool, spool)
            self.ship("e2e-twice", spool, "60s", 0)
            self.check_conservation(self.status(spool), committed=RECORDS, **expected)
        self.assertEqual(self.node.count("e2e-twice"), RECORDS)


if __name__ == "__main__":
    case.main()
