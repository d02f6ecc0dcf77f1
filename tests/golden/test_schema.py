#!/usr/bin/env python3
# test_schema.py -- every document fits the JSON Schema that espcap prints, and nothing else does.
# SPDX-License-Identifier: Apache-2.0
import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import golden

try:
    import jsonschema
except ImportError:
    print("skipped: Debian's python3-jsonschema is not installed")
    sys.exit(77)

COMMITTED = golden.ROOT / "deploy" / "schema" / "espcap-document.schema.json"
SHOWN = 5


def printed_schema():
    return subprocess.run([golden.program("espcap"), "fields", "--json-schema"],
                          capture_output=True, check=True, text=True).stdout


def no_duplicates(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"a key stands twice among {keys}")
    return dict(pairs)


def parse(line):
    return json.loads(line, object_pairs_hook=no_duplicates)


def resolved(schema, definitions):
    """The schema with every reference replaced by what it names: several times faster to check."""
    if isinstance(schema, list):
        return [resolved(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return resolved(definitions[schema["$ref"].removeprefix("#/definitions/")], definitions)
    return {key: resolved(value, definitions) for key, value in schema.items()
            if key != "definitions"}


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        schema = json.loads(printed_schema())
        jsonschema.Draft7Validator.check_schema(schema)
        cls.validator = jsonschema.Draft7Validator(resolved(schema, schema["definitions"]))

    def complain(self, document):
        error = jsonschema.exceptions.best_match(self.validator.iter_errors(document))
        return error and f"{'.'.join(map(str, error.absolute_path))}: {error.message[:300]}"

    def check(self, name, lines):
        wrong = []
        for number, line in enumerate(lines, 1):
            error = self.complain(parse(line))
            if error:
                wrong.append(f"{name} document {number}: {error}")
        self.assertFalse(wrong, "\n".join([f"{len(wrong)} do not fit", *wrong[:SHOWN]]))

    def check_captures(self, *options):
        count = 0
        for capture in golden.captures():
            lines = golden.capture_output(capture, options)[0].splitlines()
            count += len(lines)
            with self.subTest(capture):
                self.check(capture, lines)
        self.assertGreater(count, 500)


class Full(Schema):
    def test_full_documents_fit(self):
        self.check_captures("--schema", "full")


class Everything(Schema):
    def test_full_documents_with_all_options_fit(self):
        self.check_captures("--schema", "full", *golden.EVERYTHING)


class Slim(Schema):
    def test_slim_documents_fit(self):
        self.check_captures("--schema", "slim", *golden.EVERYTHING)


class Short(Schema):
    def test_ecs_documents_fit(self):
        self.check_captures("--schema", "ecs")

    def test_lite_documents_fit(self):
        self.check_captures("--schema", "lite")


class Others(Schema):
    def test_loss_documents_fit(self):
        lines = subprocess.run([os.environ["ESPCAP_LOSSES"]], capture_output=True,
                               check=True).stdout.splitlines()
        self.assertGreater(len(lines), 5)
        self.check("loss", lines)

    def test_shipped_documents_fit(self):
        for schema in ("full", "lite"):
            with self.subTest(schema), tempfile.TemporaryDirectory() as folder:
                self.check(schema, self.ship(pathlib.Path(folder), schema))

    def ship(self, folder, schema):
        spool, out = str(folder / "spool"), folder / "out.ndjson"
        for command in (
                [golden.program("espcap-capture"), "--config", "", "--file", "http_ipv6.pcap",
                 "--spool", spool, "--schema", schema],
                [golden.program("espcap-ship"), "--config", "", "--spool", spool,
                 "--out-file", str(out), "--once"]):
            run = subprocess.run(command, cwd=golden.PCAPS, capture_output=True, timeout=60,
                                 text=True, check=False)
            self.assertEqual(run.returncode, 0, run.stderr)
        lines = out.read_text().splitlines()
        self.assertEqual(len(lines), 42)
        if schema == "full":
            self.assertEqual(json.loads(lines[0])["event.sequence"], 1)
        return lines

    def test_the_committed_schema_is_the_one_that_espcap_prints(self):
        self.assertEqual(COMMITTED.read_text(), printed_schema(),
                         "tests/update-golden.sh writes it anew")

    def test_the_reference_page_has_every_field_once(self):
        def fields(*args):
            return subprocess.run([golden.program("espcap"), "fields", *args], capture_output=True,
                                  text=True, check=True).stdout.splitlines()
        listed = [line.split("\t")[0] for line in fields() + fields("--ecs")]
        shown = [line.split("`")[1] for line in fields("--markdown") if line.startswith("| `")]
        self.assertGreater(len(listed), 600)
        self.assertEqual(sorted(shown), sorted(listed))

    def test_the_reference_page_of_a_prefix_has_what_begins_so(self):
        def espcap_fields(*args, code=0):
            run = subprocess.run([golden.program("espcap"), "fields", *args], capture_output=True,
                                 text=True, check=False)
            self.assertEqual(run.returncode, code, run.stderr)
            return run.stdout.splitlines()
        page = espcap_fields("--markdown", "dns.q")
        layers = [line.split("\t")[0] for line in espcap_fields("dns.q")]
        ecs = [line.split("\t")[0] for line in espcap_fields("--ecs") if line.startswith("dns.q")]
        self.assertGreater(min(len(layers), len(ecs)), 3)
        self.assertEqual([line.split("`")[1] for line in page if line.startswith("| `")],
                         layers + ecs)
        self.assertEqual([line for line in page if line.startswith("## ")],
                         ["## dns", "## Elastic Common Schema"])
        self.assertIn("UDP port 53", "\n".join(page))
        self.assertEqual(espcap_fields("--markdown", "nobody.has", code=1), [])
        self.assertEqual(espcap_fields("--markdown", "dns.", "ip.", code=2), [])
        self.assertEqual(espcap_fields("--ecs", "dns.", code=2), [])
        self.assertEqual(espcap_fields("--markdown", "--ecs", code=2), [])

    def test_what_is_no_document_is_refused(self):
        good = parse(golden.capture_output("http_ipv6.pcap")[0].splitlines()[3])
        self.assertIsNone(self.complain(good))
        for what, change in REFUSED.items():
            with self.subTest(what):
                bad = copy.deepcopy(good)
                change(bad)
                self.assertIsNotNone(self.complain(bad))

    def test_no_unknown_member_is_taken_at_any_depth(self):
        good = parse(golden.capture_output("dns.pcap")[0].splitlines()[1])
        places = list(objects(good))
        self.assertGreater(len(places), 8)
        for i, _ in enumerate(places):
            bad = copy.deepcopy(good)
            list(objects(bad))[i]["nobody.knows"] = 1
            self.assertIsNotNone(self.complain(bad), i)


def objects(value):
    """Every object of a document, itself first."""
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in inner:
        yield from objects(item)


REFUSED = {
    "a member missing": lambda d: d.pop("ecs"),
    "text for a number": lambda d: d["layers"].update({"tcp.srcport": "80"}),
    "a number for text": lambda d: d["source"].update({"ip": 1}),
    "a number too large": lambda d: d["layers"].update({"tcp.srcport": 65536}),
    "a fraction": lambda d: d["layers"].update({"tcp.srcport": 1.5}),
    "an empty text": lambda d: d["network"].update({"type": ""}),
    "an empty array": lambda d: d["layers"].update({"ipv6.src": []}),
    "an array of too many": lambda d: d["layers"].update({"tcp.flags": [1] * 257}),
    "null": lambda d: d["layers"].update({"ip.ttl": None}),
    "a time without nanoseconds": lambda d: d.update({"@timestamp": "2026-01-02T03:04:05Z"}),
    "a MAC in the other form": lambda d: d["source"].update({"mac": "00:11:22:33:44:55"}),
    "no address": lambda d: d["source"].update({"ip": "host"}),
    "a lite document with more": lambda d: d.update(
        {"srcip": "10.0.0.4", "srcport": "1", "dstip": "10.0.0.5", "dstport": "2"}),
}

if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main()
