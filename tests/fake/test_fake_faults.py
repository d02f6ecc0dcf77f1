# test_fake_faults.py -- answers late, slow, cut, foreign and broken, as a script says.
# SPDX-License-Identifier: Apache-2.0
import gzip
import json
import re
import socket
import time
import unittest
import zlib

from fake_case import Case, docs, raw_post, read_exactly, read_some
from fake_es import bulk


class Delivery(Case):
    """When, how fast and how much of an answer gets out."""

    def test_cut_at_every_byte(self):
        request = raw_post(bulk(*docs(1)))
        self.act({"answer": "http10"}, times=1)    # a whole answer, to know its size
        whole = self.raw(raw_post(bulk(*docs(1)), headers="Connection: close\r\n"))[0]
        self.act({"store": True})
        whole = self.raw(raw_post(bulk(*docs(1, 9)), headers="Connection: close\r\n"))[0]
        for n in range(len(whole)):
            self.es.reset()
            self.act({"cut": n, "rst": n % 2 == 1})
            data, reset = self.raw(request)
            self.assertEqual((len(data), reset), (n, n % 2 == 1))
            self.assertTrue(whole.startswith(data))
            self.assertEqual(self.es.stats()["stored"], 1)

    def test_cut_by_name(self):
        request = raw_post(bulk(*docs(2)))
        self.act({"store": True, "cut": "before_answer", "rst": True})
        self.assertEqual(self.raw(request), (b"", True))
        self.assertEqual(self.es.stats()["stored"], 2)
        self.act({"store": False, "cut": "in_headers"})
        data, reset = self.raw(raw_post(bulk(*docs(2, 5))))
        self.assertTrue(data.startswith(b"HTTP/1.1 200") and b"\r\n\r\n" not in data and not reset)
        self.assertEqual((self.es.stats()["stored"], len(self.es.log())), (2, 2))

    def test_store_false_answers_all_the_same(self):
        self.act({"store": False})
        self.assertEqual(self.es.post("p", bulk(*docs(2))).statuses(), [201, 201])
        self.assertEqual((self.es.ids(), self.es.log()), ({}, []))
        self.act({"store": False, "items": {"status": 429, "which": "first"}})
        self.assertEqual(self.es.post("p", bulk(*docs(2))).statuses(), [429, 201])
        self.assertEqual([x["id"] for x in self.es.log()], ["id00001"])

    def test_read_then_reset(self):
        body = bulk(("a", {"n": "x" * 3000000}))
        for n in (0, 500, 2000000):
            self.act({"read": n, "close": True})
            with self.es.connect() as s, self.assertRaises((ConnectionResetError, BrokenPipeError)):
                s.sendall(raw_post(body))
                while s.recv(65536):
                    pass
        self.act({"read": 2000, "close": True})        # before the body is whole
        self.assertEqual(self.raw(raw_post(body)[:5000], timeout=5), (b"", True))
        self.act({"read": 99999999, "close": True})    # also when the request is shorter
        self.assertEqual(self.raw(raw_post(b"x")), (b"", True))
        self.assertEqual(self.es.stats()["items"], 0)

    def test_read_then_nothing(self):
        self.act({"read": 1000})
        with self.es.connect(2) as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
            with self.assertRaises(TimeoutError):
                for _ in range(1000):
                    s.sendall(raw_post(b"x" * 100000))

    def test_delay(self):
        self.act({"delay_ms": 300})
        with self.es.connect() as s:
            start = time.monotonic()
            s.sendall(raw_post(bulk(*docs(1))))
            self.assertIn(b"201", s.recv(65536))
            self.assertGreater(time.monotonic() - start, 0.28)

    def test_drip(self):
        for rate, size in ((10, 5), (400, 200)):
            self.es.reset()
            self.act({"drip_bytes_per_s": rate})
            with self.es.connect() as s:
                start = time.monotonic()
                s.sendall(raw_post(bulk(*docs(30)), path="/p/_bulk"))
                self.assertEqual(len(read_exactly(s, size)), size)
                self.assertGreater(time.monotonic() - start, 0.35)
        self.act({"drip_bytes_per_s": 20000})
        self.assertEqual(self.es.post("p", bulk(*docs(50))).statuses(), [409] * 30 + [201] * 20)

    def test_hang(self):
        for action, stored in (({"hang": True}, 0), ({"hang": True, "store": True}, 1)):
            self.act(action)
            with self.es.connect() as s:
                s.sendall(raw_post(bulk(*docs(1))))
                self.assertEqual(read_some(s, 0.3), b"")
                self.assertEqual(self.es.stats()["stored"], stored)
        self.wait_for(lambda: self.es.stats()["connections_open"] == 1)

    def wait_for(self, what):
        give_up = time.monotonic() + 10
        while not what():
            self.assertLess(time.monotonic(), give_up)
            time.sleep(0.01)

    def test_client_that_goes_away_is_forgotten(self):
        self.act({"delay_ms": 60000})
        with self.es.connect() as s:
            s.sendall(raw_post(bulk(*docs(1))))
            self.wait_for(lambda: self.es.stats()["stored"] == 1)
        self.wait_for(lambda: self.es.stats()["connections_open"] == 1)

    def test_continue_early_late_never(self):
        go = b"HTTP/1.1 100 Continue\r\n\r\n"
        body = bulk(*docs(1))
        plain, asks = raw_post(body), raw_post(body, headers="Expect: 100-continue\r\n")
        for way, request, at_head, at_end in (
                ("early", plain, go, b"HTTP/1.1 200"), ("late", asks, b"", go + b"HTTP/1.1 200"),
                ("never", asks, b"", b"HTTP/1.1 200")):
            with self.subTest(way=way), self.es.connect() as s:
                self.act({"continue": way})
                s.sendall(request[:-len(body)])
                self.assertEqual(read_exactly(s, len(at_head)), at_head)
                self.assertEqual(read_some(s, 0.2), b"")
                s.sendall(body)
                self.assertEqual(read_exactly(s, len(at_end)), at_end)


class Latency(Case):
    options = ("--latency-ms", "60000")    # longer than any request here is waited for

    def test_latency_holds_for_all_but_control(self):
        self.es.stats()
        with self.assertRaises(TimeoutError):
            self.es.request("GET", "/_count", timeout=0.5)

    def test_refusals_for_size_come_at_once(self):
        for action, status in (({"limit_in_flight_bytes": 1}, 429), ({"limit_body_bytes": 1}, 413)):
            self.act(action)
            self.assertEqual(self.es.post("p", bulk(*docs(1))).status, status)


class WrongAnswers(Case):
    """Answers that no Elasticsearch gives."""

    def answer(self, name, n=5, first=1, **more):
        self.act({"answer": name, **more})
        return self.es.post("p", bulk(*docs(n, first)), query="")

    def ids_of(self, a):
        return [next(iter(item.values()))["_id"] for item in a.json()["items"]]

    def test_items_reordered_missing_extra(self):
        names = [name for name, _ in docs(5)]
        self.assertEqual(self.ids_of(self.answer("reordered")), names[::-1])
        self.assertEqual(self.ids_of(self.answer("missing_item")), names[:2] + names[3:])
        self.assertEqual(self.ids_of(self.answer("extra_item")), names[:3] + names[2:])
        self.assertEqual(self.es.stats()["stored"], 5)

    def test_other_op(self):
        ops = [next(iter(x)) for x in self.answer("other_op").json()["items"]]
        self.assertEqual(ops, ["create", "create", "index", "create", "create"])

    def test_errors_flag_lies(self):
        a = self.answer("errors_false_with_failures")
        self.assertEqual((a.json()["errors"], a.statuses()), (False, [201, 201, 429, 201, 201]))
        a = self.answer("errors_false_with_failures", first=10,
                        items={"status": 400, "which": "last"})
        self.assertEqual((a.json()["errors"], a.statuses()), (False, [201] * 4 + [400]))
        a = self.answer("errors_true_without", first=20)
        self.assertEqual((a.json()["errors"], a.statuses()), (True, [201] * 5))
        self.assertEqual(self.es.stats()["stored"], 13)

    def test_status_of_wrong_shape(self):
        for name, wrong in (("status_string", "201"), ("status_missing", None),
                            ("status_negative", -201)):
            self.es.reset()
            self.assertEqual(self.answer(name).statuses(), [201, 201, wrong, 201, 201])

    def test_pretty(self):
        a = self.answer("pretty")
        self.assertTrue(a.body.startswith(b'{\n  "errors" : false,\n'))
        self.assertEqual(a.statuses(), [201] * 5)

    def test_truncated_json(self):
        a = self.answer("truncated_json")
        self.assertEqual(a.status, 200)
        with self.assertRaises(ValueError):
            a.json()
        self.assertEqual(self.es.stats()["stored"], 5)

    def test_html_redirect_empty(self):
        a = self.answer("html200")
        self.assertEqual((a.status, a.headers["content-type"]), (200, "text/html"))
        self.assertNotIn("x-elastic-product", a.headers)
        a = self.answer("redirect302")
        self.assertEqual(a.status, 302)
        self.assertEqual(a.headers["location"], f"http://localhost:{self.es.port}/_fake/redirected")
        self.assertEqual(self.es.stats()["stored"], 0)
        self.es.request("POST", "/_fake/redirected", "x", {"Authorization": "secret"})
        self.es.request("GET", "/_fake/redirected")
        stats = self.es.stats()
        self.assertEqual((stats["redirects_followed"], stats["redirects_with_credentials"]), (2, 1))
        a = self.answer("empty200")
        self.assertEqual((a.status, a.body, a.headers["content-length"]), (200, b"", "0"))
        self.assertEqual(self.es.stats()["stored"], 5)
        a = self.answer("html200", first=10, store=True)
        self.assertEqual(self.es.stats()["stored"], 10)

    def test_garbage64m(self):
        a = self.answer("garbage64m")
        self.assertEqual((a.status, len(a.body), a.headers["content-length"]),
                         (200, 64 << 20, str(64 << 20)))
        self.assertLess(len(gzip.compress(a.body[:100000], 1)) / 100000, 1.1)
        self.assertGreater(len(gzip.compress(a.body[:100000], 1)) / 100000, 0.9)
        self.assertEqual(self.es.stats()["stored"], 0)

    def test_http10_has_no_length(self):
        self.act({"answer": "http10"})
        data, _ = self.raw(raw_post(bulk(*docs(2))))
        head, body = data.split(b"\r\n\r\n", 1)
        self.assertTrue(head.startswith(b"HTTP/1.0 200 OK\r\n"))
        self.assertNotIn(b"content-length", head.lower())
        self.assertNotIn(b"chunked", head.lower())
        self.assertEqual(len(json.loads(body)["items"]), 2)

    def test_content_length_lies(self):
        for name, lie in (("content_length_long", 10), ("content_length_short", -10)):
            self.act({"answer": name})
            end = "" if lie > 0 else "Connection: close\r\n"    # only the long one closes by itself
            data, _ = self.raw(raw_post(bulk(*docs(2)), headers=end))
            head, body = data.split(b"\r\n\r\n", 1)
            said = int(re.search(rb"content-length: (\d+)", head)[1])
            self.assertEqual(said, len(body) + lie)
            self.assertEqual(len(json.loads(body)["items"]), 2)

    def test_chunked_trailers_are_right(self):
        self.act({"answer": "chunked_trailers"})
        data, _ = self.raw(raw_post(bulk(*docs(2)), headers="Connection: close\r\n"))
        self.assertTrue(data.endswith(b"\r\n0\r\nX-Checksum: 1\r\n\r\n"))
        self.assertEqual(self.es.post("p", bulk(*docs(2))).statuses(), [409, 409])

    def test_bad_gzip(self):
        for n in (1, 500):
            a = self.answer("bad_gzip", n=n)
            self.assertEqual((a.status, a.headers["content-encoding"]), (200, "gzip"))
            with self.assertRaises((OSError, EOFError, zlib.error)):
                gzip.decompress(a.body)

    def test_gzip_bomb(self):
        a = self.answer("gzip_bomb")
        self.assertEqual((a.status, a.headers["content-encoding"]), (200, "gzip"))
        self.assertLess(len(a.body), 1 << 20)
        self.assertEqual(len(gzip.decompress(a.body)), 64 << 20)
        self.assertEqual(self.es.stats()["stored"], 0)


if __name__ == "__main__":
    unittest.main()
