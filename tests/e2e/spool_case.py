# spool_case.py -- what the tests of espcap spool and espcap dead share.
# SPDX-License-Identifier: Apache-2.0
import glob
import json
import os
import signal
import subprocess
import sys

import case
import programs

sys.path.insert(0, os.path.join(os.path.dirname(programs.PCAPS), "tests", "fake"))
import fake_es    # noqa: E402

PACKETS = 297
MAGIC = b"ESPF"    # a frame's header begins with it
QUICK = ("--setup", "never", "--backoff-max", "500ms")


def refuse(every, remainder=0):
    """A rule: every so many records is refused for good."""
    return {"match": {"path": "*/_bulk"}, "action": {"items": {
        "status": 400, "type": "document_parsing_exception",
        "which": f"seq_mod:{every}:{remainder}"}}}


def data_file(spool, chain="rec"):
    return sorted(glob.glob(os.path.join(spool, chain, "*", "data.mdb")))[-1]


def change(path, at, change_byte):
    with open(path, "r+b") as file:
        file.seek(at)
        old = file.read(1)[0]
        file.seek(at)
        file.write(bytes([change_byte(old)]))


def frames(path):
    """Where frames begin in a segment, also in pages that are not in use any more."""
    with open(path, "rb") as file:
        data = file.read()
    found, at = [], data.find(MAGIC)
    while at >= 0:
        found.append(at)
        at = data.find(MAGIC, at + 1)
    return found


class SpoolCase(case.Case):
    def tool(self, *words, code=0):
        return self.run_program("espcap", *words, code=code)

    def lines(self, *words, code=0):
        return [json.loads(line) for line in self.tool(*words, code=code).out.splitlines()]

    def server(self, *rules):
        es = fake_es.FakeEs()
        es.__enter__()
        self.addCleanup(es.__exit__)
        es.script(*rules)
        return es

    def node(self, es):
        return ["--node", f"http://127.0.0.1:{es.port}", *QUICK]

    def ship(self, es, *options, code=0, spool=None):
        return self.run_program("espcap-ship", "--spool", spool or self.spool, "--once",
                                *self.node(es), *options, code=code)

    def id_of(self, sequence):
        return self.tool("spool", "where", self.spool, str(sequence)).out.split("_id ")[1][:26]

    def feed(self):
        """A capture that goes on: its packets come as feed.more() is called."""
        capture = self.start("espcap-capture", "--file", "-", "--spool", self.spool,
                             stdin=subprocess.PIPE)
        self.addCleanup(capture.process.stdin.close)
        with open(programs.HTTP, "rb") as file:
            head, self.packets = file.read(24), file.read()
        capture.process.stdin.write(head)
        return capture

    def more(self, capture, copies=1):
        capture.process.stdin.write(self.packets * copies)
        capture.process.stdin.flush()

    def stop(self, capture):
        capture.process.stdin.close()
        self.assertEqual(capture.wait().code, 0)

    def interrupt(self, running):
        running.send(signal.SIGINT)
        return running.wait()
