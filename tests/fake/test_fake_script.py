# test_fake_script.py -- a script meets the requests it names, and its verdicts are kept to.
# SPDX-License-Identifier: Apache-2.0
import os
import subprocess
import tempfile
import threading
import time
import unittest

import fake_es
from fake_case import Case, docs, raw_post
from fake_es import NDJSON, bulk


class Script(Case):
    """Which requests a rule meets, and what is no script."""

    def test_wrong_scripts_are_refused(self):
        ok = {"match": {}, "action": {"status": 503}}
        self.es.script(ok)
        for rule in (
                {}, {"match": {}}, {"action": {"status": 503}, "x": 1}, {"action": {"stat": 503}},
                {"match": {"paths": "x"}, "action": {}}, {"action": {"status": "503"}},
                {"action": {"status": 99}}, {"action": {"status": 600}},
                {"action": {"status": 500.5}},
                {"action": {"items": {"status": 429, "which": "some"}}},
                {"action": {"items": {"which": "all"}}}, {"action": {"items": {"status": 4290}}},
                {"action": {"items": {"status": 429, "which": "every:0"}}},
                {"action": {"items": {"status": 429, "which": "seq_mod:10"}}},
                {"action": {"items": {"status": 429, "sometimes": True}}},
                {"action": {"answer": "nonsense"}}, {"action": {"cut": "somewhere"}},
                {"action": {"cut": -1}}, {"action": {"rst": True}}, {"action": {"html": True}},
                {"action": {"close": True}}, {"action": {"hang": False}}, {"action": {"store": 1}},
                {"action": {"status": 503, "items": {"status": 429}}}, {"action": {"body": "x"}},
                {"action": {"until_header": "a: b"}}, {"action": {"continue": "maybe"}},
                {"action": {"unauthorized": True, "until_header": "nocolon"}},
                {"match": {"after": 0}, "action": {}}, {"action": {"drip_bytes_per_s": 0}},
                {"action": {"headers": {"a": 1}, "status": 200}}, []):
            with self.subTest(rule=rule), self.assertRaises(ValueError):
                self.es.script(ok, rule)
        for text in ("", "{", "[]", "{}", '{"rules":1}', '{"rules":[],"x":1}', '{"rules":[]} x',
                     '{"rules":[],"rules":[]}'):
            with self.subTest(text=text), self.assertRaises(ValueError):
                self.es.control("POST", "script", text)
        self.assertEqual(self.es.request("GET", "/").status, 503, "the old script was lost")

    def test_wrong_script_at_start_exits_2(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "s")
            with open(path, "w", encoding="ascii") as f:
                f.write('{"rules":[{"action":{"stat":1}}]}')
            run = subprocess.run([fake_es.binary(), "--port", "0", "--port-file", folder + "/p",
                                  "--script", path], capture_output=True, timeout=20, check=False)
        self.assertEqual(run.returncode, 2)
        self.assertIn(b'rule 1: action has an unknown key "stat"', run.stderr)

    def test_path_method_and_index(self):
        self.es.script({"match": {"path": "/_cluster/*"}, "action": {"status": 500}},
                       {"match": {"method": "HEAD"}, "action": {"status": 501}},
                       {"match": {"index": "b-*"}, "action": {"status": 502}})
        self.assertEqual(self.es.request("GET", "/_cluster/health").status, 500)
        self.assertEqual(self.es.request("HEAD", "/").status, 501)
        self.assertEqual(self.es.request("GET", "/").status, 200)
        self.assertEqual(self.es.post("b-1", bulk(("a", {}))).status, 502)
        self.assertEqual(self.es.post("a-1", bulk(("a", {}))).status, 200)
        self.assertEqual(self.es.post("", b'{"create":{"_index":"b-1"}}\n{}\n').status, 200)
        self.assertEqual(self.es.stats()["rules"], [1, 1, 1])

    def statuses(self, n, **match):
        self.es.script({"match": match, "action": {"status": 503}})
        return [self.es.request("GET", "/_count").status == 503 for _ in range(n)]

    def test_after_times_every(self):
        self.assertEqual(self.statuses(4, after=3), [False, False, True, True])
        self.assertEqual(self.statuses(4, times=2), [True, True, False, False])
        self.assertEqual(self.statuses(7, every=3), [False, False, True, False, False, True, False])
        self.assertEqual(self.statuses(6, after=2, every=2, times=2),
                         [False, False, True, False, True, False])

    def test_first_rule_that_acts_wins(self):
        self.es.script({"match": {"times": 1}, "action": {"status": 501}},
                       {"match": {"times": 1}, "action": {}},
                       {"match": {"after": 2}, "action": {"status": 502}})
        self.assertEqual([self.es.request("GET", "/_count").status for _ in range(4)],
                         [501, 200, 200, 502])

    def test_control_is_never_scripted(self):
        self.es.script({"match": {}, "action": {"hang": True}})
        self.assertEqual(self.es.stats()["requests"], 0)

    def test_script_may_change_while_a_request_is_under_way(self):
        request = raw_post(bulk(("a", {})))
        self.act({"status": 503, "delay_ms": 100})
        with self.es.connect() as s:
            s.sendall(request[:-5])
            while not self.es.stats()["requests"]:
                time.sleep(0.01)
            self.es.script()
            s.sendall(request[-5:])
            self.assertTrue(s.recv(65536).startswith(b"HTTP/1.1 503 "))


class Items(Case):
    """Verdicts item by item."""

    def refused(self, which, n=10, status=429, bodies=1, **more):
        """Places refused, over all bodies, of fresh items."""
        self.es.reset()
        self.act({"items": {"status": status, "type": "t", "reason": "r", "which": which, **more}})
        places = []
        for b in range(bodies):
            a = self.es.post("p", bulk(*docs(n, b * n)))
            for i, item in enumerate(a.json()["items"]):
                item = item["create"]
                self.assertIn(item["status"], (201, status))
                if item["status"] == status:
                    self.assertEqual(item["error"], {"type": "t", "reason": "r"})
                    places.append(b * n + i)
            self.assertEqual(a.json()["errors"], any(p >= b * n for p in places))
        stored = {i for i, _ in self.es.ids()}
        self.assertEqual(stored, {f"id{i:05}" for i in range(n * bodies) if i not in places})
        self.assertEqual(self.es.stats()["refused"], {str(status): len(places)} if places else {})
        self.assertEqual([x["status"] for x in self.es.log()[-n * bodies:]],
                         [status if i in places else 201 for i in range(n * bodies)])
        return places

    def test_which(self):
        self.assertEqual(self.refused("all"), list(range(10)))
        self.assertEqual(self.refused("first", status=400), [0])
        self.assertEqual(self.refused("last", status=503), [9])
        self.assertEqual(self.refused("index:4", status=418), [4])
        self.assertEqual(self.refused("index:99"), [])
        self.assertEqual(self.refused("every:4", bodies=2), [3, 7, 11, 15, 19])
        self.assertEqual(self.refused("seq_mod:4:1", bodies=2), [1, 5, 9, 13, 17])
        self.assertEqual(self.refused('match:"n":7}'), [7])

    def test_half_is_seeded(self):
        one = self.refused("half:1", n=400, bodies=2)
        self.assertEqual(one, self.refused("half:1", n=400, bodies=2))
        self.assertNotEqual(one, self.refused("half:2", n=400, bodies=2))
        self.assertTrue(320 < len(one) < 480, len(one))

    def test_half_changes_its_mind_and_sticky_does_not(self):
        for sticky in (False, True):
            self.es.reset()
            self.act({"items": {"status": 429, "which": "half:5", "sticky": sticky}})
            left = {name: doc for name, doc in docs(200)}
            for _ in range(20):
                if not left:
                    break
                again = list(left.items())
                for (name, _), status in zip(again, self.es.post("p", bulk(*again)).statuses()):
                    if status != 429:
                        del left[name]
            self.assertEqual(bool(left), sticky)
        self.assertTrue(60 < len(left) < 140, len(left))

    def test_sticky_places_are_remembered(self):
        for which, name in (("first", "id00001"), ("last", "id00005"), ("index:2", "id00003")):
            self.es.reset()
            self.act({"items": {"status": 429, "which": which, "sticky": True}})
            self.es.post("p", bulk(*docs(5)))
            self.assertNotIn((name, "p"), self.es.ids())
            self.es.post("p", bulk(("x", {}), ("y", {}), (name, {}), ("z", {})))
            self.assertNotIn((name, "p"), self.es.ids())

    def test_every_sticky_goes_by_id(self):
        self.act({"items": {"status": 429, "which": "every:3", "sticky": True}})
        first = self.es.post("p", bulk(*docs(60))).statuses()
        self.assertTrue(5 < first.count(429) < 40)
        second = self.es.post("p", bulk(*reversed(docs(60)))).statuses()
        self.assertEqual([s == 429 for s in first], [s == 429 for s in reversed(second)])

    def test_index_glob_is_asked_per_item(self):
        self.es.script({"match": {"index": "b-*"}, "action": {"items": {"status": 403}}})
        body = b'{"create":{"_index":"a-1"}}\n{}\n{"create":{"_index":"b-1"}}\n{}\n'
        self.assertEqual(self.es.post("", body).statuses(), [201, 403])

    def test_default_words(self):
        self.act({"items": {"status": 429}})
        error = self.es.post("p", bulk(("a", {}))).json()["items"][0]["create"]["error"]
        self.assertEqual(error["type"], "es_rejected_execution_exception")

    def test_failure_store(self):
        self.act({"items": {"status": 201, "failure_store": "used", "which": "first"}})
        a = self.es.post("p", bulk(*docs(2)))
        self.assertEqual([x["create"] for x in a.json()["items"]],
                         [{"failure_store": "used", "status": 201}, {"status": 201}])
        self.assertEqual(set(self.es.ids()), {("id00001", ".fs-p"), ("id00002", "p")})
        self.assertEqual(self.es.stats()["failure_store"], 1)
        self.act({"items": {"status": 400, "failure_store": "failed"}})
        item = self.es.post("p", bulk(("c", {}))).json()["items"][0]["create"]
        self.assertEqual((item["status"], item["failure_store"]), (400, "failed"))


class WholeRequests(Case):
    """One verdict for the whole request."""

    def post(self, body=None, **more):
        return self.es.post("p", body or bulk(*docs(3)), **more)

    def test_status_with_headers_and_body(self):
        self.act({"status": 503, "headers": {"Retry-After": "7"}, "body": {"error": [1, "x"]}})
        a = self.post()
        self.assertEqual((a.status, a.headers["retry-after"]), (503, "7"))
        self.assertEqual(a.headers["content-type"], "application/json")
        self.assertEqual(a.body, b'{"error":[1,"x"]}')
        self.act({"status": 502, "body": "<html>bad gateway</html>"})
        self.assertEqual(self.post().headers["content-type"], "text/html")
        self.act({"status": 407, "headers": {"Content-Type": "x/y"}, "body": ""})
        a = self.post()
        self.assertEqual((a.status, a.headers["content-type"], a.body), (407, "x/y", b""))
        self.act({"status": 429})
        a = self.post()
        self.assertEqual(a.json()["error"]["type"], "es_rejected_execution_exception")
        self.assertIn("x-elastic-product", a.headers)
        self.assertEqual((self.es.stats()["stored"], self.es.log()), (0, []))

    def test_unauthorized_until_the_header_comes(self):
        self.act({"unauthorized": True, "until_header": "Authorization: Basic abc="})
        for headers in ({}, {"Authorization": "Basic abd="}, {"Authorization": "Basic abc=="}):
            a = self.post(headers=headers)
            self.assertEqual(a.status, 401)
            self.assertEqual(a.json()["error"]["type"], "security_exception")
            self.assertIn("www-authenticate", a.headers)
            self.assertNotIn("x-elastic-product", a.headers)
        self.assertEqual(self.post(headers={"authorization": "Basic abc="}).statuses(), [201] * 3)
        self.act({"unauthorized": True})
        self.assertEqual(self.post(headers={"authorization": "Basic abc="}).status, 401)

    def test_root_405_and_template_missing(self):
        self.es.request("PUT", "/_index_template/x", '{"index_patterns":["a"]}')
        self.es.script({"match": {"path": "/"}, "action": {"root_405": True}},
                       {"match": {}, "action": {"template_missing": True}})
        for method in ("GET", "HEAD"):
            a = self.es.request(method, "/")
            self.assertEqual((a.status, a.headers["allow"]), (405, "DELETE"))
        self.assertEqual(self.es.request("GET", "/_index_template/x").status, 404)
        self.assertEqual(self.es.request("HEAD", "/_index_template/x").status, 404)
        self.assertEqual(self.post().status, 200)
        self.es.script()
        self.assertEqual(self.es.request("GET", "/_index_template/x").status, 200)

    def test_limit_body_bytes(self):
        body = bulk(*docs(3))
        self.act({"limit_body_bytes": len(body)})
        self.assertEqual(self.post(body).status, 200)
        self.act({"limit_body_bytes": len(body) - 1})
        a = self.post(body)
        self.assertEqual((a.status, a.headers["content-type"]), (413, "application/json"))
        a.json()
        a = self.es.request("POST", "/p/_bulk", iter([body]),
                            {**NDJSON, "Transfer-Encoding": "chunked"})
        self.assertEqual(a.status, 413)
        self.act({"limit_body_bytes": 10, "html": True})
        a = self.post(body)
        self.assertEqual((a.status, a.headers["content-type"]), (413, "text/html"))
        self.assertTrue(a.body.startswith(b"<html>"))
        self.assertEqual(self.es.stats()["items"], 3)

    def test_poison_refuses_the_whole_body(self):
        self.act({"poison_whole_body": '"n":2}'})
        a = self.post()
        self.assertEqual((a.status, a.json()["error"]["type"]), (400, "parse_exception"))
        self.assertEqual(self.post(bulk(*docs(2, 5))).statuses(), [201, 201])
        self.assertEqual(self.es.stats()["stored"], 2)

    def test_limit_in_flight_bytes(self):
        body = bulk(*docs(3))
        self.act({"limit_in_flight_bytes": 2 * len(body), "delay_ms": 400})
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.post(body).status))
                   for _ in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(sorted(answers), [200, 200, 429, 429])
        self.assertEqual(self.post(body).status, 200)
        stats = self.es.stats()
        self.assertEqual(stats["in_flight_bytes_max"], 2 * len(body))
        self.assertGreaterEqual(stats["in_flight_max"], 2)


if __name__ == "__main__":
    unittest.main()
