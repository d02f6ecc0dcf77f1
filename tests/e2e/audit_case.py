# audit_case.py -- documents of a test's own making at a real server, and espcap audit asked of them.
# SPDX-License-Identifier: Apache-2.0
import json
import urllib.request

import case
import node as nodes

DAYS = ("espcap-packets-2026.01.01", "espcap-packets-2026.01.02")
EVENTS = "espcap-events-2026.01"
BULK = 10_000
KEYS = ("documents", "lost", "dead", "waiting", "holes", "unclear", "doubles")


def run_name(number):
    """espcap.run of a number, as record_id.c writes it."""
    return case.record_id("", number)


def packet(run, sequence, host="edge"):
    return {"@timestamp": "2026-01-01T00:00:00.000000001Z", "event.sequence": sequence,
            "espcap.run": run, "host": {"name": host}, "event": {"dataset": "espcap.packet"}}


def loss(run, sequence, count, first=0, last=0, host="edge", reason="trimmed", **more):
    numbers = {"first_sequence": first, "last_sequence": last} if first else {}
    return packet(run, sequence, host) | {
        "event": {"dataset": "espcap.loss"},
        "espcap": {"loss": {"reason": reason, "count": count} | numbers | more}}


def day_of(sequence):
    """Documents of one run lie in two indices, and their numbers interleave."""
    return DAYS[sequence // 7 % 2]


class AuditCase(case.NodeCase):
    def setUp(self):
        super().setUp()
        self.lines = []

    def store(self, index, name, document):
        self.lines += [json.dumps({"create": {"_index": index, "_id": name}}),
                       json.dumps(document)]

    def packets(self, run, *parts, host="edge"):
        """Documents of these ranges or single numbers."""
        for part in parts:
            for sequence in part if isinstance(part, range) else (part,):
                self.store(day_of(sequence), case.record_id(run, sequence),
                           packet(run, sequence, host))

    def send(self):
        for at in range(0, len(self.lines), 2 * BULK):
            body = "\n".join(self.lines[at:at + 2 * BULK]) + "\n"
            request = urllib.request.Request(self.node.url + "/_bulk", body.encode(), headers={
                "Content-Type": "application/x-ndjson"})
            with self.node.opener.open(request, timeout=60) as answer:
                self.assertFalse(json.loads(answer.read())["errors"])
        self.lines = []

    def templates(self):
        """As ship installs them."""
        product, *version = nodes.version(case.SERVER)
        kind = ("flat_object" if product == "opensearch" else
                "typed" if version >= [8, 3] else "flattened")
        for name, word in (("espcap-packets", kind), ("espcap-events", "events")):
            text = self.run_program("espcap", "template", word).out
            code, answer = self.node.ask("PUT", f"/_index_template/{name}", json.loads(text))
            self.assertEqual(code, 200, answer)

    def small_template(self):
        """What an audit asks for and nothing else, for many bytes in little time."""
        keyword, long = {"type": "keyword"}, {"type": "long"}
        code, answer = self.node.ask("PUT", "/_index_template/espcap-packets", {
            "index_patterns": ["espcap-packets-*"], "template": {"mappings": {
                "dynamic": False, "_source": {"enabled": False}, "properties": {
                    "@timestamp": {"type": "date_nanos"}, "event.sequence": long,
                    "espcap.run": keyword, "event.dataset": keyword, "host.name": keyword}}}})
        self.assertEqual(code, 200, answer)

    def audit(self, *words, code=0, **options):
        return self.run_program("espcap", "audit", "--node", self.node.url, *words, code=code,
                                **options)

    def audited(self, *words, code=0):
        """What --json says; run -> its object."""
        ended = self.audit("--json", *words, code=code)
        self.assertEqual(len(ended.out.splitlines()), 1, str(ended))
        self.assertEqual(ended.err, "", str(ended))
        found = json.loads(ended.out)
        self.assertEqual(found["complete"], code == 0, ended.out)
        return found, {run["run"]: run for run in found["runs"]}

    def check(self, run, documents, ranges=(), twice=(), **wanted):
        """The numbers of a run that are not 0, its holes and its doubles."""
        self.assertEqual({key: run[key] for key in KEYS if run[key]},
                         ({"documents": documents} if documents else {}) | wanted, run)
        self.assertEqual([(r["first_sequence"], r["last_sequence"], r["count"])
                          for r in run["ranges"]], list(ranges), run)
        self.assertEqual([(d["sequence"], d["documents"]) for d in run["twice"]], list(twice), run)
