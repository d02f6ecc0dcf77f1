# test_fake_http.py -- fake-es speaks HTTP as Elasticsearch does, and keeps what it is sent.
# SPDX-License-Identifier: Apache-2.0
import gzip
import http.client
import json
import os
import socket
import struct
import subprocess
import time
import unittest

import fake_es
from fake_case import Case, docs, raw_post, read_all, sha16
from fake_es import FILTER, NDJSON, FakeEs, bulk


class Http(Case):
    """The way in: keep-alive, both framings, gzip, 100-continue, limits."""

    options = ("--max-body", "100000")

    def test_keep_alive_and_pipelining(self):
        one = raw_post(bulk(("a", {})))
        two = raw_post(bulk(("b", {})), headers="Connection: close\r\n")
        data, reset = self.raw(one + b"\r\n" + two)
        self.assertEqual((data.count(b"HTTP/1.1 200 OK"), data.count(b"201"), reset), (2, 2, False))
        self.assertEqual(self.es.stats()["connections"], 2)

    def test_bytes_one_by_one(self):
        request = raw_post(bulk(("a", {"n": 1})), headers="Connection: close\r\n")
        with self.es.connect() as s:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in request:
                s.sendall(bytes([byte]))
            self.assertIn(b'"status":201', read_all(s)[0])

    def test_http10_closes(self):
        request = raw_post(bulk(("a", {})), head="POST {} HTTP/1.0")
        self.assertTrue(self.raw(request)[0].startswith(b"HTTP/1.0 200 OK\r\n"))

    def test_chunked_requests(self):
        body = bulk(*docs(50))
        a = self.es.request("POST", "/p/_bulk?" + FILTER, (body[i:i + 7] for i in
                            range(0, len(body), 7)), {**NDJSON, "Transfer-Encoding": "chunked"})
        self.assertEqual(a.statuses(), [201] * 50)
        head = (b"POST /p/_bulk HTTP/1.1\r\nContent-Type: a/json\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n")
        trailed = b"22;x=y\r\n" + b'{"create":{"_id":"t"}}\n{"n":1111}\n'[:0x22]
        end = b"\r\n0\r\nX: y\r\nY: z\r\n\r\nGET /_count HTTP/1.1\r\nConnection: close\r\n\r\n"
        self.assertEqual(self.raw(head + trailed + end)[0].count(b"HTTP/1.1 200 OK\r\n"), 2)
        self.assertIn(b"400 Bad", self.raw_until_answer(head + b"zz\r\n"))

    def raw_until_answer(self, data):
        with self.es.connect() as s:
            s.sendall(data)
            return s.recv(65536)

    def test_gzip_of_one_and_several_members(self):
        one, two = gzip.compress(bulk(*docs(3))), gzip.compress(bulk(*docs(3, 10)))
        a = self.es.post("p", one + two, headers={"Content-Encoding": "gzip"})
        self.assertEqual(a.statuses(), [201] * 6)
        cut = self.es.post("p", one[:-20], headers={"Content-Encoding": "gzip"})
        self.assertEqual(cut.status, 400)
        with self.assertRaises(http.client.RemoteDisconnected):
            self.es.post("p", bulk(("a", {})), headers={"Content-Encoding": "gzip"})
        raw = bulk(*docs(3)) + bulk(*docs(3, 10))
        self.assertEqual(self.es.stats()["bytes_raw"], len(raw))

    def test_gzip_answers(self):
        a = self.es.post("p", bulk(*docs(9)), headers={"Accept-Encoding": "gzip"})
        self.assertEqual(a.headers["content-encoding"], "gzip")
        self.assertEqual(len(json.loads(gzip.decompress(a.body))["items"]), 9)

    def test_bodies_over_the_limit(self):
        too_much = bulk(("a", {"n": "x" * 100000}))
        request = raw_post(too_much)
        with self.es.connect() as s:
            s.sendall(request[:300])            # the answer does not wait for the body
            self.assertEqual(s.recv(65536), b"HTTP/1.1 413 Request Entity Too Large\r\n"
                                            b"content-length: 0\r\n\r\n")
            s.sendall(request[300:] + raw_post(bulk(("b", {}))))
            self.assertIn(b'"status":201', s.recv(65536))
        for body, headers in ((too_much, {"Transfer-Encoding": "chunked"}),
                              (gzip.compress(too_much), {"Content-Encoding": "gzip"})):
            data = iter([body]) if "Transfer-Encoding" in headers else body
            a = self.es.request("POST", "/p/_bulk", data, {**NDJSON, **headers})
            self.assertEqual(a.status, 413)
        exact = b'{"create":{"_id":"x"}}\n{"n":"%s"}\n'
        exact = exact % (b"x" * (100000 - len(exact) + 2))
        self.assertEqual(len(exact), 100000)
        self.assertEqual(self.es.post("p", exact).statuses(), [201])
        self.assertEqual(self.es.post("p", exact[:-3] + b'x"}\n').status, 413)

    def test_expect_100_continue(self):
        body = bulk(("a", {}))
        request = raw_post(body, headers="Expect: 100-continue\r\n")
        with self.es.connect() as s:
            s.sendall(request[:-len(body)])
            self.assertEqual(s.recv(65536), b"HTTP/1.1 100 Continue\r\n\r\n")
            s.sendall(body)
            self.assertTrue(s.recv(65536).startswith(b"HTTP/1.1 200 OK"))
        huge = raw_post(b"", headers="Expect: 100-continue\r\n").replace(b": 0\r", b": 999999\r")
        with self.es.connect() as s:
            s.sendall(huge)
            self.assertTrue(s.recv(65536).startswith(b"HTTP/1.1 413 "))
            s.sendall(raw_post(body))           # the body never comes: this is the next request
            self.assertIn(b'"status":409', s.recv(65536))
        self.assertTrue(self.raw_until_answer(raw_post(body, headers="Expect: x\r\n")).startswith(
            b"HTTP/1.1 417 "))

    def test_client_that_resets_before_its_100_continue(self):
        request = raw_post(b"", headers="Expect: 100-continue\r\n")
        for _ in range(300):
            with self.es.connect() as s:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                s.sendall(request)
        self.assertEqual(self.es.post("p", bulk(("a", {}))).statuses(), [201])

    def test_broken_requests(self):
        for request in (b"garbage\r\n\r\n", b"{}\n", b"GET x HTTP/1.1\r\n\r\n",
                        b"GET / HTTP/2.0\r\n\r\n",
                        b"POST /p/_bulk HTTP/1.1\r\nContent-Length: 1x\r\n\r\n",
                        b"GET /%z1 HTTP/1.1\r\n\r\n", b"GET /%1z HTTP/1.1\r\n\r\n",
                        b"GET /1/2/3/4/5/6/7 HTTP/1.1\r\n\r\n",
                        b"GET / HTTP/1.1\r\nX: " + b"x" * 70000):
            with self.subTest(request=request[:40]):
                data, _ = self.raw(request)
                self.assertIn(b" 400 Bad Request\r\n", data)

    def test_many_connections(self):
        many = [self.es.connect() for _ in range(500)]
        for i, s in enumerate(many):
            s.sendall(raw_post(bulk((f"m{i}", {}))))
        for s in many:
            self.assertIn(b'"status":201', s.recv(65536))
            s.close()
        self.assertEqual(self.es.stats()["stored"], 500)
        self.assertGreaterEqual(self.es.stats()["connections"], 501)


class Store(Case):
    """What is kept, counted and logged."""

    def test_hash_is_that_of_the_committed_document(self):
        for n, (sent, committed) in enumerate((
                ('{"event.sequence":7,"espcap.run":"abc","@timestamp":"x"}', '{"@timestamp":"x"}'),
                ('{"event.sequence":7,"espcap.run":"abc"}', '{}'),
                ('{"srcip":"1"}', '{"srcip":"1"}'),
                ('{"a":1,"event.sequence":7,"espcap.run":"abc"}',
                 '{"a":1,"event.sequence":7,"espcap.run":"abc"}'))):
            self.es.post("p", bulk((f"h{n}", sent)))
            self.assertEqual(self.es.ids()[(f"h{n}", "p")], sha16(committed))
            line = self.es.log()[-1]
            self.assertEqual(line["sha"], sha16(committed))
            self.assertEqual(line.get("seq"), 7 if sent != committed else None)

    def test_log_has_a_line_for_each_item_before_the_answer(self):
        before = time.time() * 1000
        self.es.post('p', bulk(("a", {}), ("a", {}), ("b", "{")))
        self.es.post('q', bulk(('"q\u00e4', {})))
        lines = self.es.log()
        self.assertEqual([(x["req"], x["index"], x["id"], x["status"]) for x in lines],
                         [(1, "p", "a", 201), (1, "p", "a", 409), (1, "p", "b", 400),
                          (2, "q", '"q\u00e4', 201)])
        self.assertTrue(all(before - 1 <= x["t"] <= time.time() * 1000 for x in lines))

    def test_counters(self):
        self.es.post("p", bulk(("a", {"n": 1}), ("b", {"n": 1})))
        self.es.post("p", bulk(("a", {"n": 1})))       # a plain repeat
        self.es.post("p", bulk(("b", {"n": 2})))       # a 409 that would have been other content
        self.es.post("q", bulk(("a", {"n": 1})))       # the same in another index
        stats = self.es.stats()
        for name, n in (("requests", 4), ("bulk_requests", 4), ("items", 5), ("stored", 3),
                        ("conflict409", 2), ("same_id_other_content", 1),
                        ("same_id_other_index", 1), ("in_flight_max", 1)):
            self.assertEqual(stats[name], n, name)
        self.assertEqual(stats["answers"], {"200": 4})
        self.assertEqual(stats["connections_open"], 1)

    def test_reset_forgets_all(self):
        self.act({"status": 503})
        self.es.request("PUT", "/_index_template/x", '{"index_patterns":["a"]}')
        self.assertEqual(self.es.post("p", bulk(("a", {}))).status, 503)
        self.es.reset()
        self.assertEqual(self.es.post("p", bulk(("a", {}))).statuses(), [201])
        self.assertEqual(self.es.request("GET", "/_index_template/x").status, 404)
        self.assertEqual(self.es.stats()["requests"], 2)
        self.assertEqual(self.es.log()[-1]["req"], 1)

    def test_many_ids_over_growing_tables(self):
        n = 30000
        for at in range(0, n, 5000):
            self.es.post("p" if at % 2000 else "q", bulk(*docs(5000, at)))
        ids = self.es.ids()
        self.assertEqual(len(ids), n)
        for i in range(0, n, 997):
            self.assertIn(sha16(f'{{"n":{i}}}'), {ids.get((f"id{i:05}", x)) for x in "pq"})
        for at in range(0, n, 5000):
            a = self.es.post("p" if at % 2000 else "q", bulk(*docs(5000, at)))
            self.assertEqual(a.statuses(), [409] * 5000)


class Fast(Case):
    options = ("--fast",)

    def test_counts_and_accepts(self):
        body = bulk(*docs(1000))
        for data, headers in ((body, {}), (gzip.compress(body), {"Content-Encoding": "gzip"}),
                              (gzip.compress(body) * 2, {"Content-Encoding": "gzip"})):
            a = self.es.post("p", data, headers=headers)
            n = 2000 if len(data) == 2 * len(gzip.compress(body)) else 1000
            self.assertEqual(a.statuses(), [201] * n)
            self.assertEqual({next(iter(x)) for x in a.json()["items"]}, {"create"})
        a = self.es.post("p", bulk(*docs(3), op="index"))
        self.assertEqual([next(iter(x)) for x in a.json()["items"]], ["index"] * 3)
        stats = self.es.stats()
        self.assertEqual((stats["items"], stats["stored"]), (4003, 4003))
        self.assertEqual((self.es.log(), self.es.ids()), ([], {}))

    def test_no_script(self):
        with self.assertRaises(ValueError):
            self.es.script({"match": {}, "action": {"status": 503}})


class Documents(Case):
    options = ("--log-documents", "e-*")

    def test_those_of_chosen_indices_that_are_stored_stand_in_the_log(self):
        self.es.post("e-1", bulk(("a", {"n": 1}), ("b", "no JSON")))
        self.es.post("e-1", bulk(("a", {"n": 2})))
        self.es.post("p", bulk(("c", {"n": 3})))
        self.assertEqual([(x["status"], x.get("document")) for x in self.es.log()],
                         [(201, {"n": 1}), (500, None), (409, None), (201, None)])


class Program(unittest.TestCase):
    """The program itself."""

    def test_wrong_usage_exits_2(self):
        for args in ([], ["--port", "x"], ["--port", "65536", "--port-file", "x"], ["--what"],
                     ["--port-file", "x", "--port", "0", "y"], ["--port", "-1", "--port-file", "x"],
                     ["--port-file", "x", "--fast", "--script", "y"]):
            run = subprocess.run([fake_es.binary(), *args], capture_output=True, timeout=20,
                                 check=False)
            self.assertEqual(run.returncode, 2, args)
            self.assertIn(b"usage:", run.stderr)

    def test_port_taken_exits_1(self):
        with FakeEs() as es:
            run = subprocess.run([fake_es.binary(), "--port", str(es.port), "--port-file",
                                  es.path("other")], capture_output=True, timeout=20, check=False)
            self.assertEqual(run.returncode, 1)
            self.assertIn(b"address already in use", run.stderr)
            self.assertFalse(os.path.exists(es.path("other")))

    def test_sigterm_ends_it_whatever_it_does(self):
        with FakeEs() as es:
            es.script({"match": {"times": 1}, "action": {"hang": True}},
                      {"match": {"times": 1}, "action": {"delay_ms": 60000}},
                      {"match": {"times": 1}, "action": {"drip_bytes_per_s": 1}},
                      {"match": {"times": 1}, "action": {"read": 10}})
            clients = [es.connect() for _ in range(6)]
            for s in clients[:4]:
                s.sendall(raw_post(bulk(*docs(1))))
            clients[4].sendall(raw_post(bulk(*docs(1)))[:50])
            while es.stats()["connections_open"] < 7:    # the seventh asks
                time.sleep(0.01)
            self.assertEqual(es.stop(), 0)
            for s in clients:
                s.close()

    def test_log_grows_over_restarts_and_ids_do_not(self):
        with FakeEs() as es:
            es.post("p", bulk(*docs(2)))
            es.stop(9)
            es.start()
            self.assertEqual(es.ids(), {})
            es.post("p", bulk(*docs(1)))
            self.assertEqual([x["status"] for x in es.log()], [201, 201, 201])

    def test_same_script_same_answers(self):
        answers = []
        for _ in range(2):
            with FakeEs() as es:
                es.script({"match": {"every": 3}, "action": {"items": {"status": 429,
                                                                       "which": "half:9"}}})
                answers.append([es.post("p", bulk(*docs(40, i))).statuses() for i in range(9)])
        self.assertEqual(*answers)
        self.assertIn(429, answers[0][2])


if __name__ == "__main__":
    unittest.main()
