#!/usr/bin/env python3
# test_audit_refused.py -- espcap audit and servers that will not or cannot tell.
# SPDX-License-Identifier: Apache-2.0
"""Between audit and the real server stands a relay that changes chosen answers."""
import http.server
import json
import re
import signal
import threading
import urllib.error
import urllib.request

import case
import programs
from audit_case import AuditCase, run_name


class Relay:
    """Answers itself what `change(path, status, body)` makes of the real answer; a context manager
    that gives its URL."""

    def __init__(self, node, change):
        relay = self
        self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length) if length else None
                relay.asked.append(self.path.split("?")[0].rsplit("/", 1)[-1])
                kind = self.headers.get("Content-Type") or "application/json"
                request = urllib.request.Request(node.url + self.path, body, method=self.command,
                                                 headers={"Content-Type": kind})
                try:
                    with node.opener.open(request, timeout=60) as answer:
                        text, code = answer.read(), answer.status
                except urllib.error.HTTPError as error:
                    text, code = error.read(), error.code
                code, text = change(self.path, code, text)
                self.send_response(code)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = forward

            def log_message(self, *unused):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *unused: None    # an audit that was interrupted

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __exit__(self, *unused):
        self.server.shutdown()
        self.server.server_close()


def instead(pattern, code, text):
    """A change: this answer to paths that match."""
    body = text if isinstance(text, bytes) else json.dumps(text).encode()
    return lambda path, c, t: (code, body) if re.search(pattern, path) else (c, t)


def edited(pattern, old, new):
    return lambda path, c, t: (c, re.sub(old, new, t) if re.search(pattern, path) else t)


class Refused(AuditCase):
    def setUp(self):
        super().setUp()
        self.templates()
        self.packets(run_name(1), range(1, 20))
        self.packets(run_name(2), 1, 3)
        self.send()

    def asked(self, change, *words, code=1):
        with Relay(self.node, change) as url:
            return self.run_program("espcap", "audit", "--node", url, *words, code=code)

    def test_troubles(self):
        """One after the other at the same documents."""
        for check in (self.check_sentences, self.check_a_node_that_is_down,
                      self.check_a_passing_trouble_is_waited_for,
                      self.check_without_leave_to_refresh, self.check_an_interrupt_ends_it,
                      self.check_a_document_that_comes_late_is_no_hole):
            with self.subTest(check=check.__name__):
                check()

    def check_sentences(self):
        """Each is one sentence and says nothing of what was not found out."""
        denied = {"error": {"root_cause": [{"reason": "no permission\nfor that"}]}, "status": 403}
        broken = {"error": {"root_cause": [{"reason": "it is broken"}]}, "status": 500}
        for change, said in (
                (instead("/_search", 403, denied), "the server forbids to read espcap-packets-.* "
                 r"\(status 403: no permission for that\)$"),
                (instead("/$", 401, b""), r"the server wants a user \(status 401\)$"),
                (instead("/_search", 500, broken), "answers with status 500: it is broken$"),
                (instead("/$", 200, b"<html>hello</html>"), "neither Elasticsearch nor OpenSearch$"),
                (instead("/$", 200, {"version": "7"}), "neither Elasticsearch nor OpenSearch$"),
                (instead("/_search", 200, b"<html>hello</html>"), "neither Elasticsearch nor"),
                (instead("/_search", 200, b""), "neither Elasticsearch nor OpenSearch$"),
                (edited("/_search", b'"failed":0', b'"failed":1'), "answers only in part"),
                (edited("/_msearch", b'"timed_out":false', b'"timed_out":true'), "only in part"),
                (edited("/_msearch", b'"responses":\\[.*\\]', b'"responses":[]'), "neither"),
                (edited("/_search", b'"relation":"eq"', b'"relation":"gte"'),
                 "is not what was asked for$"),
                (edited("/_msearch", b'event.sequence":\\["1"\\]', b'event.sequence":["-1"]'),
                 "is not what was asked for$"),
                (edited("/_search", b'"value":19,', b'"value":20,'), "not what it should be$"),
                (edited("/_search", b'"value":19,', b'"value":1e300,'), "not what was asked for$")):
            with self.subTest(said=said):
                ended = self.asked(change)
                self.check_sentence(ended, said)
                self.assertEqual(ended.out, "")

    def check_a_node_that_is_down(self):
        ended = self.run_program("espcap", "audit", "--node", "127.0.0.1:1", code=1)
        self.check_sentence(ended, r"^espcap: http://127\.0\.0\.1:1: Failed to connect")
        # another one answers
        ended = self.run_program("espcap", "audit", "--node", "127.0.0.1:1", "--node",
                                 self.node.url, code=1)
        self.assertIn("NOT complete: 2 runs, 21 documents, 1 missing, 0 too many\n", ended.out)

    def check_a_passing_trouble_is_waited_for(self):
        left = [1]    # once, behind the first search

        def change(path, code, text):
            if "/_search" in path:
                left.append(0)
                if len(left) > 2 and left[0]:
                    return (429, b"{}") if left.pop(0) else (code, text)
            return code, text
        ended = self.asked(change)
        self.assertIn("NOT complete: 2 runs, 21 documents, 1 missing", ended.out)

    def check_without_leave_to_refresh(self):
        ended = self.asked(instead("/_refresh", 403, {"error": "no", "status": 403}))
        self.assertIn("the server does not let us refresh: documents of the last seconds may be "
                      "missing here\n", ended.out)

    def check_a_document_that_comes_late_is_no_hole(self):
        """It is stored while audit looks: found when the hole is asked for again."""
        def change(path, code, text):
            if relay.asked.count("_refresh") == 3 and not self.late:
                self.late = True
                self.packets(run_name(2), 2)
                self.send()
                self.node.refresh("espcap-packets-*")
            return code, text
        self.late = False
        relay = Relay(self.node, change)
        with relay as url:
            ended = self.run_program("espcap", "audit", "--node", url)
        self.assertTrue(self.late)
        self.assertIn("complete: 2 runs, 22 documents, 0 missing, 0 too many\n", ended.out)

    def check_an_interrupt_ends_it(self):
        held = threading.Event()
        self.addCleanup(held.set)

        def change(path, code, text):
            if "/_msearch" in path:
                asked.set()
                held.wait()
            return code, text
        asked = threading.Event()
        with Relay(self.node, change) as url:
            running = self.start("espcap", "audit", "--node", url)
            asked.wait(programs.WAIT_S)
            ended = running.stop(signal.SIGINT)
            held.set()
        self.assertEqual((ended.code, ended.out, ended.err), (130, "", ""), str(ended))


if __name__ == "__main__":
    case.main()
