# fake_case.py -- what the tests of fake-es share: a server for each test, bodies, sockets.
# SPDX-License-Identifier: Apache-2.0
import hashlib
import select
import time
import unittest

from fake_es import FILTER, FakeEs


BULK = {"path": "*/_bulk"}


def docs(n, first=1):
    """n items with ids, sequences and content of their own, as espcap-ship writes them."""
    return [(f"id{i:05}", f'{{"event.sequence":{i},"espcap.run":"r","n":{i}}}')
            for i in range(first, first + n)]


def sha16(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def raw_post(body, path="/p/_bulk?" + FILTER, headers="", head="POST {} HTTP/1.1"):
    """A bulk request as bytes."""
    return (f"{head.format(path)}\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
            f"Content-Length: {len(body)}\r\n{headers}\r\n").encode() + body


def read_all(s, limit=1 << 30):
    """Everything until the other side closes; and whether that was a reset."""
    data = bytearray()
    try:
        while len(data) < limit:
            part = s.recv(1 << 16)
            if not part:
                return bytes(data), False
            data += part
    except ConnectionResetError:
        return bytes(data), True
    return bytes(data), False


def read_exactly(s, n):
    """n bytes, or fewer when the other side closes before."""
    data = b""
    while len(data) < n:
        part = s.recv(n - len(data))
        if not part:
            break
        data += part
    return data


def read_some(s, seconds):
    """What comes within that time."""
    data = bytearray()
    give_up = time.monotonic() + seconds
    while True:
        left = give_up - time.monotonic()
        if left <= 0 or not select.select([s], [], [], left)[0]:
            return bytes(data)
        part = s.recv(1 << 16)
        if not part:
            return bytes(data)
        data += part


class Case(unittest.TestCase):
    """Each test has a server of its own."""

    options = ()

    def setUp(self):
        self.es = FakeEs(*self.options)
        self.es.__enter__()
        self.addCleanup(self.es.__exit__)

    def tearDown(self):
        if self.es.process:
            self.assertEqual(self.es.stop(), 0, "fake-es did not end cleanly")

    def act(self, action, **match):
        self.es.script({"match": {**BULK, **match}, "action": action})

    def raw(self, data, timeout=20):
        """Sends bytes, and reads until the other side closes."""
        with self.es.connect(timeout) as s:
            s.sendall(data)
            return read_all(s)
