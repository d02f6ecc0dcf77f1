#!/usr/bin/env python3
# test_bad_node.py -- nodes that are away, refuse, or are no Elasticsearch: a sentence, nothing lost.
# SPDX-License-Identifier: Apache-2.0
import os
import socket

import case
import pcaps
import programs
import web

HTML = "default_type text/html; return 200 '<html><body>Welcome to nginx!</body></html>';"
KEPT = "nothing is lost, trying again$"


class BadNode(case.Case):
    def setUp(self):
        super().setUp()
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)

    def ship(self, node, code=1, options=("--setup", "install")):
        return self.run_program("espcap-ship", "--once", "--spool", self.spool, "--node", node,
                                "--give-up-after", "1s", *options, code=code)

    def check(self, node, *sentences, options=("--setup", "install")):
        done = self.ship(node, options=options)
        self.check_sentence(done, *sentences, rf"gave up after 1 s without progress; 297 records "
                            rf"stay in {self.spool} for the next start$")
        self.check_conservation(self.status(), committed=297, backlog=297)

    def nginx(self, inside):
        """A server that answers so."""
        case.need_program("nginx")
        port = web.free_port()
        web.Nginx(self, (f"127.0.0.1:{port}", inside))
        return f"http://127.0.0.1:{port}"

    def test_nobody_listens(self):
        self.check("127.0.0.1:1", r"http://127\.0\.0\.1:1: Failed to connect to 127\.0\.0\.1 port 1: "
                   rf".*; {KEPT}")

    def test_no_such_host(self):
        self.check("http://no-such-host.invalid:9200", r"Could not resolve host: "
                   rf"no-such-host\.invalid; {KEPT}")

    def test_a_listener_that_never_answers(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            self.check(f"127.0.0.1:{silent.getsockname()[1]}")

    def test_a_listener_that_hangs_up(self):
        self.check(self.nginx("return 444;"), r"hangs up without an answer; if it wants "
                   rf"TLS, --node has to say https://; {KEPT}")

    def test_html_with_200(self):
        self.check(self.nginx(HTML), r"this is not Elasticsearch: it does not answer in JSON "
                   rf"\(status 200\); {KEPT}")

    def test_html_with_200_for_bulk_too(self):
        """Without a look at templates the answer of _bulk is what tells."""
        self.check(self.nginx(HTML), r"this is not Elasticsearch: it answers with something else "
                   rf"than JSON \(status 200, index [\w.-]+\); {KEPT}", options=("--setup", "never"))

    def test_a_redirect_is_not_followed(self):
        other = self.nginx(HTML)
        self.check(self.nginx(f"return 302 {other}/;"),
                   rf"this is not Elasticsearch: it answers with a redirect \(status 302\); {KEPT}")

    def test_refusals(self):
        self.check(self.nginx("return 401;"), r"does not accept the credentials.*--user.* "
                   rf"\(status 401\); {KEPT}")
        self.check(self.nginx("return 403;"), r"forbids to look at index templates; --setup never "
                   rf".*\(status 403\); {KEPT}")
        self.check(self.nginx("return 503;"), rf"is busy or in trouble \(status 503\); {KEPT}")

    def test_nodes_that_cannot_be(self):
        for node, sentence in (("ftp://x", "wants http:// or https://"),
                               ("a b", "URL or HOST:PORT"), (":9200", "URL or HOST:PORT"),
                               ("localhost:abc", "its port lies between 1 and 65535"),
                               ("127.0.0.1:99999", "its port lies between 1 and 65535"),
                               ("http://u:secret@127.0.0.1:1", "credentials do not belong into")):
            with self.subTest(node):
                done = self.ship(node, code=2)
                self.check_sentence(done, sentence)
                self.assertNotIn("secret", done.err)
                done = self.run_program("espcap", "--file", programs.HTTP, "--node", node, code=2)
                self.check_sentence(done, sentence)
                self.assertNotIn("secret", done.err)
        self.assertFalse(os.path.exists(self.path("state")), "no spool is made")

    def test_the_one_shot_keeps_its_spool(self):
        done = self.run_program("espcap", "--file", programs.HTTP, "--node", self.nginx(HTML),
                                "--give-up-after", "1s", code=1)
        self.assertEqual(self.summary(done), (297, 0, 0, 0, 0))
        self.assertIn("this is not Elasticsearch", done.lines()[0])
        kept = os.listdir(self.path("state", "espcap"))
        self.assertEqual(len(kept), 1)
        self.check_conservation(self.status(self.path("state", "espcap", kept[0])),
                                committed=297, backlog=297)


class BadTemplate(case.NodeCase):
    def test_without_templates_nothing_is_sent(self):
        """--setup check is the default of the service: a server would guess types."""
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)
        done = self.run_program("espcap-ship", "--once", "--spool", self.spool, "--node",
                                self.node.url, "--give-up-after", "1s", code=1)
        self.check_sentence(done, r"does not have the index template espcap-packets; --setup "
                            rf"install puts it there; {KEPT}", "gave up")
        self.assertEqual(self.node.indices(), {})
        self.assertEqual(self.node.templates(), [])
        self.check_conservation(self.status(), committed=297, backlog=297)

    def test_an_index_that_is_blocked_holds_and_then_takes(self):
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)
        self.assertEqual(self.node.ask("PUT", "/e2e-blocked", {
            "settings": {"index.blocks.write": True}, "mappings": {"dynamic": False}})[0], 200)
        ship = self.start("espcap-ship", "--spool", self.spool, "--node", self.node.url,
                          "--setup", "install", "--index", "e2e-blocked", "--backoff-max", "1s")
        ship.says("cluster_block_exception")
        self.check_conservation(self.status(), committed=297, backlog=297)
        self.node.ask("PUT", "/e2e-blocked/_settings", {"index.blocks.write": False})
        programs.wait_for(lambda: self.status()["indexed"] == 297, "everything indexed")
        self.assertEqual(ship.stop().code, 0)
        self.assertEqual(self.node.count("e2e-blocked"), 297)

    def test_what_a_server_refuses_is_a_dead_letter(self):
        """An index of somebody else's mapping: 400 for each document, and nothing is held up."""
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)
        self.node.ask("PUT", "/e2e-other", {
            "mappings": {"dynamic": False, "properties": {
                "network": {"properties": {"bytes": {"type": "byte"}}}}}})
        done = self.run_program("espcap-ship", "--once", "--spool", self.spool, "--node",
                                self.node.url, "--setup", "install", "--index", "e2e-other",
                                code=1)
        sizes = [packet.length for packet in pcaps.packets(programs.HTTP)]
        dead = sum(size > 127 for size in sizes)
        self.assertRegex(done.err, r"\d+ records were refused and are dead letters now; the "
                         r"first: status 400 \w+")
        self.check_conservation(self.status(), committed=297, dead=dead, indexed=297 - dead)
        self.assertEqual(self.node.count("e2e-other"), 297 - dead)


if __name__ == "__main__":
    case.main()
