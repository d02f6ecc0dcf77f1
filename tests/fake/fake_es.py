# fake_es.py -- starts fake-es for a test, steers it, and asks it what it got.
# SPDX-License-Identifier: Apache-2.0
"""
    with FakeEs("--latency-ms", "20") as es:
        es.script({"match": {"path": "*/_bulk", "times": 3}, "action": {"status": 503}})
        ...
        es.stats()["stored"], es.ids(), es.log()

The binary is FAKE_ES, or fake-es in ESPCAP_BIN_DIR (build/dev/bin). The rules are described in
script.h.
"""
import http.client
import json
import os
import signal
import socket
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
FILTER = ("filter_path=errors,took,items.*.status,items.*.error.type,items.*.error.reason,"
          "items.*.failure_store")
NDJSON = {"Content-Type": "application/x-ndjson"}


def binary():
    """The path of fake-es; an error when it was not built."""
    path = os.environ.get("FAKE_ES") or os.path.join(
        os.environ.get("ESPCAP_BIN_DIR", os.path.join(HERE, "../../build/dev/bin")), "fake-es")
    if not os.path.exists(path):
        raise FileNotFoundError("fake-es is not built: build it, or name it in FAKE_ES")
    return path


def bulk(*items, op="create"):
    """A bulk body of (id, document) pairs; a document is a dict or text. No id: None."""
    lines = []
    for name, doc in items:
        lines.append(json.dumps({op: {} if name is None else {"_id": name}}))
        lines.append(doc if isinstance(doc, str) else json.dumps(doc, separators=(",", ":")))
    return "".join(line + "\n" for line in lines).encode()


class Answer:
    """Status, headers (names in small letters) and body of one answer."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {k.lower(): v for k, v in response.getheaders()}
        self.version = response.version
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def statuses(self):
        """The status of each item of a bulk answer."""
        return [next(iter(item.values())).get("status") for item in self.json()["items"]]


class FakeEs:
    """A running fake-es; a context manager. Its files live in a folder of its own."""

    def __init__(self, *options, keep_log=True):
        self.options = options
        self.keep_log = keep_log
        self.folder = None
        self.process = None
        self.port = None

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="fake-es-")
        self.start()
        return self

    def __exit__(self, *unused):
        if self.process:
            self.stop()
        self.folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def start(self, port=0):
        """Starts it, and waits until it listens."""
        port_file = self.path("port")
        if os.path.exists(port_file):
            os.unlink(port_file)
        command = [binary(), "--port", str(port), "--port-file", port_file, *self.options]
        if self.keep_log:
            command += ["--log", self.path("log")]
        self.process = subprocess.Popen(command)
        give_up = time.monotonic() + 20
        while not os.path.exists(port_file):
            if self.process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"fake-es did not start: {' '.join(command)}")
            time.sleep(0.005)
        with open(port_file, encoding="ascii") as f:
            self.port = int(f.read())

    def stop(self, how=signal.SIGTERM):
        """Ends it; its exit status."""
        self.process.send_signal(how)
        status = self.process.wait(timeout=20)
        self.process = None
        return status

    def connect(self, timeout=20):
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def request(self, method, path, body=None, headers=None, timeout=20):
        """One request on a connection of its own."""
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            chunked = "Transfer-Encoding" in (headers or {})
            c.request(method, path, body, headers or {}, encode_chunked=chunked)
            return Answer(c.getresponse())
        finally:
            c.close()

    def post(self, index, body, query=FILTER, headers=None, timeout=20):
        """One bulk request."""
        path = f"/{index}/_bulk" if index else "/_bulk"
        return self.request("POST", path + ("?" + query if query else ""), body,
                            {**NDJSON, **(headers or {})}, timeout)

    def control(self, method, what, body=None):
        answer = self.request(method, "/_fake/" + what, body)
        if answer.status != 200:
            raise ValueError(answer.body.decode())
        return answer

    def script(self, *rules):
        """Replaces the rules; ValueError when fake-es does not take them."""
        self.control("POST", "script", json.dumps({"rules": rules}))

    def reset(self):
        self.control("POST", "reset")

    def stats(self):
        return self.control("GET", "stats").json()

    def ids(self):
        """What is stored: {(id, index): hash}."""
        lines = self.control("GET", "ids").body.decode().splitlines()
        return {(line.split(" ")[0], line.split(" ")[2]): line.split(" ")[1] for line in lines}

    def log(self):
        """The lines of the log."""
        with open(self.path("log"), encoding="utf-8") as f:
            return [json.loads(line) for line in f]
