# test_fake.py -- fake-es answers as Elasticsearch does; run as a program, every test of it.
# SPDX-License-Identifier: Apache-2.0
"""
Usage: FAKE_ES=build/dev/tests/fake-es python3 tests/fake/test_fake.py

With ESPCAP_ES_URL=http://127.0.0.1:9200 the normal answers are also compared with those of that
Elasticsearch 8.19; the test makes and deletes the index fake-x there.
"""
import json
import os
import re
import socket
import unittest
import urllib.parse

from fake_case import Case, raw_post, read_all
from fake_es import FILTER, NDJSON, bulk


class NormalAnswers(Case):
    """Recorded from Elasticsearch 8.19.0; RealServer compares them with a running one."""

    def test_root_is_pretty_and_names_the_product(self):
        a = self.es.request("GET", "/")
        self.assertEqual(a.json()["version"]["number"], "8.19.0")
        self.assertEqual(a.json()["tagline"], "You Know, for Search")
        self.assertEqual(a.headers["x-elastic-product"], "Elasticsearch")
        self.assertTrue(a.body.startswith(b'{\n  "name" : "fake-es",\n'))
        head = self.es.request("HEAD", "/")
        self.assertEqual((head.status, head.body), (200, b""))
        self.assertEqual(int(head.headers["content-length"]), len(a.body))
        data, _ = self.raw(b"HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n")
        self.assertTrue(data.endswith(b"\r\n\r\n"))

    def test_bulk_answers_whole_without_filter(self):
        a = self.es.post("p", bulk(("a", {"n": 1}), ("a", {"n": 1})), query="")
        self.assertEqual(a.headers["transfer-encoding"], "chunked")
        text = re.sub(r'"took":\d+', '"took":0', a.body.decode())
        text = re.sub(r'"index_uuid":"[\w-]{22}"', '"index_uuid":"U"', text)
        self.assertEqual(text, (
            '{"errors":true,"took":0,"items":[{"create":{"_index":"p","_id":"a","_version":1,'
            '"result":"created","_shards":{"total":2,"successful":1,"failed":0},"_seq_no":0,'
            '"_primary_term":1,"status":201}},{"create":{"_index":"p","_id":"a","status":409,'
            '"error":{"type":"version_conflict_engine_exception","reason":"[a]: version conflict, '
            'document already exists (current version [1])","index_uuid":"U","shard":"0",'
            '"index":"p"}}}]}'))

    def test_bulk_answers_filtered(self):
        a = self.es.post("p", bulk(("a", {"n": 1}), ("a", {"n": 1})))
        self.assertEqual(re.sub(r'"took":\d+', '"took":0', a.body.decode()), (
            '{"errors":true,"took":0,"items":[{"create":{"status":201}},{"create":{"status":409,'
            '"error":{"type":"version_conflict_engine_exception","reason":"[a]: version conflict, '
            'document already exists (current version [1])"}}}]}'))
        a = self.es.post("p", bulk(("b", {})), query="filter_path=items.*.error")
        self.assertEqual(a.body, b"{}")
        a = self.es.post("p", bulk(("c", {})), query="filter_path=-took,-items.*._*,-**.result")
        self.assertEqual(a.body, b'{"errors":false,"items":[{"create":{"status":201}}]}')
        a = self.es.post("p", bulk(("d", {})), query="filter_path=**.status&pretty")
        self.assertEqual(a.body, b'{\n  "items" : [\n    {\n      "create" : {\n        '
                                 b'"status" : 201\n      }\n    }\n  ]\n}\n')

    def test_index_op_overwrites(self):
        self.assertEqual(self.es.post("p", bulk(("a", {"n": 1}), op="index")).statuses(), [201])
        a = self.es.post("p", bulk(("a", {"n": 2}), op="index"), query="")
        item = a.json()["items"][0]["index"]
        self.assertEqual((item["status"], item["result"], item["_version"]), (200, "updated", 2))

    def test_whole_request_errors(self):
        for body, kind, words in (
                (b"", "parse_exception", "request body is required"),
                (b'{"create":{"_id":"a"}}\n{}', "illegal_argument_exception",
                 "The bulk request must be terminated by a newline [\\n]"),
                (b'{"creat":{"_id":"a"}}\n{}\n', "illegal_argument_exception",
                 "Malformed action/metadata line [1], expected field [create], [delete], [index] "
                 "or [update] but found [creat]"),
                (b'{"create":{"_id":"a"}}\n', "action_request_validation_exception",
                 "Validation Failed: 1: no requests added;"),
                (b'{"create":{"_id":"%s"}}\n{}\n' % (b"x" * 513),
                 "action_request_validation_exception", "is too long, must be no longer than 512 "
                 "bytes but was: 513;"),
                (b'{"create":{"_type":"a"}}\n{}\n', "illegal_argument_exception",
                 "Action/metadata line [1] contains an unknown parameter [_type]"),
                (b'garbage\n{}\n', "x_content_parse_exception", "Unrecognized token")):
            with self.subTest(body=body[:40]):
                a = self.es.post("p", body)
                self.assertEqual(a.status, 400)
                self.assertEqual(a.json()["error"]["type"], kind)
                self.assertIn(words, a.json()["error"]["reason"])
                self.assertEqual(a.json()["error"]["root_cause"][0]["type"], kind)
        a = self.es.post("", bulk(("a", {})))
        self.assertIn("1: index is missing;", a.json()["error"]["reason"])
        a = self.es.request("POST", "/p/_bulk?flter_path=x", bulk(("a", {})), NDJSON)
        self.assertIn("unrecognized parameter: [flter_path]", a.json()["error"]["reason"])
        a = self.es.request("POST", "/p/_bulk", bulk(("a", {})), {"Content-Type": "text/plain"})
        self.assertEqual(a.body, b'{"error":"Content-Type header [text/plain] is not supported",'
                                 b'"status":406}')
        self.assertEqual(self.es.stats()["stored"], 0)

    def test_documents_that_are_no_json_are_refused_one_by_one(self):
        bad = ['{"n":', '{"n":1}x', '{"n":01}', '{"n":1,"n":2}', '{"n":"\\x"}', '{"n":"a\tb"}',
               '{n:1}', '', '{"a":{"b":1,"b":1}}', '{"a":[1,]}', '{"a":+1}', '{"a":1.}',
               '{"a":tru}']
        a = self.es.post("p", bulk(*[(f"i{i}", doc) for i, doc in enumerate(bad)]))
        self.assertEqual(a.statuses(), [400] * len(bad))
        for raw in (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82",
                    b"\xe0\x80\x80", b"\xf0\x80\x80\x80"):
            body = b'{"create":{"_id":"u"}}\n{"n":"' + raw + b'"}\n'
            self.assertEqual(self.es.post("p", body).statuses(), [400], raw)
        self.assertEqual(self.es.post("p", bulk(("o", "[1]"))).statuses(), [500])
        good = ['{}', '{"a":{"b":1},"b":2}', '{"a":{"b":1},"c":{"b":1}}',
                '{"n":-0.5e+3,"s":"\\u00e4\\n","t":null}',
                '{"n":"äö€\U0001f600"}', ' {"a" : [ 1 , [ ] , { } ] } ']
        a = self.es.post("p", bulk(*[(f"g{i}", doc) for i, doc in enumerate(good)]))
        self.assertEqual(a.statuses(), [201] * len(good))

    def test_index_names_are_checked(self):
        for name, why in (("Up", "must be lowercase"), ("_x", "must not start with"),
                          ("a b", "must not contain the following"), ("a:b", "contain ':'")):
            a = self.es.post(urllib.parse.quote(name), bulk(("a", {})), query="")
            error = a.json()["items"][0]["create"]["error"]
            self.assertEqual(error["type"], "invalid_index_name_exception")
            self.assertIn(why, error["reason"])

    def test_item_names_its_index(self):
        body = (b'{"create":{"_index":"q","_id":"a"}}\n{}\n{"create":{"_id":"b"}}\n{}\n'
                b'{"index":{"_index":"r","_id":"c"}}\n{}\n')
        self.assertEqual(self.es.post("p", body).statuses(), [201] * 3)
        self.assertEqual(set(self.es.ids()), {("a", "q"), ("b", "p"), ("c", "r")})

    def test_missing_ids_are_made(self):
        self.es.post("p", bulk((None, {}), (None, {})))
        self.assertEqual(len(self.es.ids()), 2)

    def test_templates_are_kept(self):
        put = {"index_patterns": ["e-*"], "template": {"settings": {"number_of_shards": 1},
               "mappings": {"dynamic": False}}, "version": 3, "_meta": {"by": "x"}}
        url = "/_index_template/espcap"
        self.assertEqual(self.es.request("GET", url).status, 404)
        self.assertEqual(self.es.request("HEAD", url).status, 404)
        a = self.es.request("PUT", url, json.dumps(put))
        self.assertEqual(a.body, b'{"acknowledged":true}')
        self.assertEqual(self.es.request("HEAD", url).status, 200)
        self.assertEqual(self.es.request("GET", url).body.decode(), (
            '{"index_templates":[{"name":"espcap","index_template":{"index_patterns":["e-*"],'
            '"template":{"settings":{"index":{"number_of_shards":"1"}},"mappings":'
            '{"dynamic":false}},"composed_of":[],"version":3,"_meta":{"by":"x"}}}]}'))
        a = self.es.request("GET", url + "?filter_path=index_templates.index_template.version")
        self.assertEqual(a.body, b'{"index_templates":[{"index_template":{"version":3}}]}')
        self.assertEqual(self.es.request("PUT", url, '{"bad":1}').status, 400)
        self.assertEqual(self.es.request("PUT", url, '{"ba').status, 400)
        self.assertEqual(self.es.request("DELETE", url).status, 200)
        self.assertEqual(self.es.request("GET", url).status, 404)

    def test_small_endpoints(self):
        self.assertEqual(self.es.request("GET", "/_cluster/health").json()["status"], "green")
        self.es.post("p-1", bulk(("a", {}), ("b", {})))
        self.es.post("p-2", bulk(("a", {})))
        health = self.es.request("GET", "/_cluster/health")
        self.assertIn(b'"active_shards_percent_as_number":50.0}', health.body)
        for path, count in (("p-1", 2), ("p-*", 3), ("p-1,p-2", 3), ("_all", 3), ("none*", 0)):
            self.assertEqual(self.es.request("GET", f"/{path}/_count").json()["count"], count)
        self.assertEqual(self.es.request("GET", "/_count").body,
                         b'{"count":3,"_shards":{"total":2,"successful":2,"skipped":0,"failed":0}}')
        self.assertEqual(self.es.request("GET", "/none/_count").status, 404)
        self.assertEqual(self.es.request("POST", "/_refresh").body,
                         b'{"_shards":{"total":4,"successful":2,"failed":0}}')
        for path in ("/_nodes", "/_nodes/_local", "/_nodes/_local/http"):
            a = self.es.request("GET", path + "?filter_path=nodes.*.version")
            self.assertEqual(list(a.json()["nodes"].values()), [{"version": "8.19.0"}])

    def test_unknown_path_and_method(self):
        a = self.es.request("GET", "/nothing/at/all")
        self.assertEqual((a.status, a.body), (400, b'{"error":"no handler found for uri '
                         b'[/nothing/at/all] and method [GET]"}'))
        a = self.es.request("GET", "/_bulk")
        self.assertEqual((a.status, a.headers["allow"]), (405, "POST,PUT"))
        self.assertIn(b"allowed: [POST, PUT]", a.body)


@unittest.skipUnless("ESPCAP_ES_URL" in os.environ, "ESPCAP_ES_URL names no Elasticsearch")
class RealServer(Case):
    """The same requests to fake-es and an Elasticsearch: the same bytes, less names and times."""

    def clean(self, data):
        text = data.decode()
        for pattern, word in ((r'"took":\d+', '"took":T'),
                              (r'"index_uuid"( ?: ?)"[\w-]{22}"', '"uuid"'),
                              (r'"(auto[0-9a-f]{16}|[\w-]{20})"', '"AUTO"'),
                              (r'"[\w-]{22}":', '"NODE":'), (r"content-length: \d+", "LENGTH"),
                              (r"\r\n[0-9a-f]+\r\n\{", "\r\nSIZE\r\n{")):
            text = re.sub(pattern, word, text)
        return text

    def ask(self, port, request):
        with socket.create_connection(("127.0.0.1", port), timeout=30) as s:
            s.sendall(request)
            return self.clean(read_all(s)[0])

    def test_same_bytes(self):
        real = urllib.parse.urlsplit(os.environ["ESPCAP_ES_URL"]).port
        close = "Connection: close\r\n"
        two = bulk(("a", {"n": 1}), ("b", {"n": 1}), ("a", {"n": 1}))
        requests = [raw_post(body, path, close) for body, path in (
            (two, "/fake-x/_bulk"), (two, "/fake-x/_bulk?" + FILTER), (two, "/fake-x/_bulk?pretty"),
            (bulk(("a", {}), ("c", {}), op="index"), "/fake-x/_bulk"),
            (bulk((None, {"n": 1})), "/fake-x/_bulk"), (bulk(("", {})), "/fake-x/_bulk"),
            (two, "/fake-x/_bulk?filter_path=items.*.error.type"),
            (bulk(("a", {}), op="index"), "/fake-x/_bulk?filter_path=items.*.error"),
            (bulk(("a", {}), op="index"), "/fake-x/_bulk?filter_path=-items.*._*,-took"),
            (bulk(("a", {}), op="index"), "/fake-x/_bulk?filter_path=**.total,errors"),
            (two[:-1], "/fake-x/_bulk"), (b"", "/fake-x/_bulk"), (two, "/_bulk"),
            (b'{"create":{}}\n', "/fake-x/_bulk"), (b'{"c":{}}\n{}\n', "/fake-x/_bulk"),
            (b'{"create":{"_type":"x"}}\n{}\n', "/fake-x/_bulk"), (b'{}\n{}\n', "/fake-x/_bulk"),
            (b'{"create":"x"}\n{}\n', "/fake-x/_bulk"), (two, "/fake-x/_bulk?qqq=x"),
            (bulk(("x" * 513, {})), "/fake-x/_bulk"), (two, "/Fake-x/_bulk"), (two, "/a%20b/_bulk"),
            (bulk(("o", "[]"), ("p", "")), "/fake-x/_bulk"), (two, "/a:b/_bulk"),
            (two, "/_x/_bulk"))]
        requests += [f"{line} HTTP/1.1\r\n{close}\r\n".encode() for line in (
            "GET /_index_template/no", "HEAD /_index_template/no", "POST /fake-x/_refresh",
            "GET /fake-x/_count", "GET /fake-*,fake-x/_count?pretty", "GET /no/_count",
            "GET /no*/_count",
            "POST /no/_refresh", "GET /nothing/at/all", "GET /_bulk",
            "DELETE /_cluster/health", "GET /_nodes/_local?filter_path=nodes.*.version",
            "GET /_cluster/health?filter_path=cluster_name,number_of_*",
            "PATCH /_index_template/x")]
        requests += [b"garbage\r\n\r\n", raw_post(b"", "/fake-x/_bulk", "Expect: x\r\n") +
                     b"GET /no/_count HTTP/1.1\r\nConnection: close\r\n\r\n",
                     raw_post(two, "/fake-x/_bulk", close).replace(b"x-ndjson", b"x")]
        delete = b"DELETE /fake-x HTTP/1.1\r\nConnection: close\r\n\r\n"
        self.ask(real, delete)
        for request in requests:
            with self.subTest(request=request[:100]):
                self.assertEqual(self.ask(self.es.port, request), self.ask(real, request))
        self.ask(real, delete)


def load_tests(loader, tests, pattern):
    """The other files' tests too."""
    here = os.path.dirname(os.path.abspath(__file__))
    for name in ("http", "script", "faults"):
        tests.addTests(loader.discover(here, f"test_fake_{name}.py"))
    return tests


if __name__ == "__main__":
    unittest.main()
