#!/usr/bin/env python3
# test_doctor.py -- espcap doctor, and what spool status tells of a disk's wear, on a live spool.
# SPDX-License-Identifier: Apache-2.0
import json
import os
import re
import shutil
import socket
import subprocess
import threading

import case
import programs
import spool_files

MEMORY = "/dev/shm"    # a tmpfs
LINE = re.compile(r"^(ok  |warn|fail)  (\w[\w ]{10})  (\S.*)$")
PAGES = 4 * 4096       # that a commit writes
DAY, HOURS = 86400, 24
ROOT = '{"name":"a","version":{"number":"8.19.0","build_flavor":"default"}}'
OPENSEARCH = '{"version":{"distribution":"opensearch","number":"2.19.1"}}'
NODES = '{"nodes":{"x":{"version":"8.3.0","build_flavor":"default"}}}'


class Server:
    """Answers who connects with the next bytes, and then the last; a context manager that gives its
    port."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, daemon=True).start()
        return self.socket.getsockname()[1]

    def serve(self):
        while True:
            try:
                there, _ = self.socket.accept()
            except OSError:
                return
            with there:
                there.recv(1000)
                there.sendall(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])

    def __exit__(self, *unused):
        self.socket.close()


def answer(status, body):
    return f"HTTP/1.1 {status} x\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Doctor(case.Case):
    def doctor(self, *words, code=0):
        """{check: (state, what)}; every line has the one form."""
        ended = self.run_program("espcap", "doctor", *words, code=code)
        self.assertEqual(ended.err, "", str(ended))
        found = {}
        for line in ended.out.splitlines():
            match = LINE.match(line)
            self.assertTrue(match, line)
            self.assertNotIn(match[2].strip(), found, "one line a check")
            found[match[2].strip()] = (match[1].strip(), match[3])
        return found

    def state(self, check, *words, code=0):
        return self.doctor(*words, code=code)[check]

    def test_a_machine_alone_is_looked_at(self):
        found = self.doctor()
        self.assertEqual(sorted(found), ["clock", "interfaces", "rights"])
        if os.geteuid() == 0:
            self.assertEqual(found["rights"][0], "ok")

    def test_who_may_not_capture_is_told_how(self):
        case.need_root()
        case.need_program("setpriv")
        ended = self.run_command(["setpriv", "--reuid", "65534", "--clear-groups",
                                  *programs.program("espcap", "doctor")])
        self.assertRegex(ended.out, r"(?m)^warn  rights .*may not capture.*; run espcap-capture as "
                         "root, or give it the right: setcap")

    def test_where_a_spool_will_lie(self):
        found = self.doctor("--spool", self.path("not", "yet"))
        self.assertIn("espcap-capture makes it", found["spool"][1])
        self.assertEqual(found["space"][0], "ok")
        self.assertIn(self.folder, found["file system"][1])
        self.assertIn("device", found)
        self.assertFalse(os.path.exists(self.path("not")), "doctor changes nothing")

    def test_a_spool_in_memory_is_warned_of(self):
        folder = os.path.join(MEMORY, os.path.basename(self.folder))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        state, what = self.state("file system", "--spool", folder)
        self.assertEqual(state, "warn")
        self.assertIn("tmpfs: nothing of it survives", what)

    def test_a_full_disk_fails(self):
        case.need_root()
        folder = self.path("small")
        os.mkdir(folder)
        script = (f"mount -t tmpfs -o size=8m none {folder} && exec \"$@\"")
        ended = self.run_command(["unshare", "-m", "sh", "-c", script, "sh",
                                  *programs.program("espcap", "doctor", "--spool", folder)], 1)
        self.assertRegex(ended.out, r"(?m)^fail  space +8 MiB are free, and 256 MiB stay free for "
                         "others, so there is no room for records; make room, or set --spool-free$")

    def test_a_spool_that_nobody_works_on(self):
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)
        found = self.doctor("--spool", self.spool)
        self.assertEqual(found["capture"][0], "warn")
        self.assertEqual(found["ship"][0], "warn")
        self.assertEqual(found["losses"], ("ok", "none since the spool was made"))
        os.mkdir(os.path.join(self.spool, "quarantine", "rec-1.1"))
        self.assertEqual(self.state("quarantine", "--spool", self.spool)[0], "warn")

    def test_a_spool_of_a_newer_version_fails(self):
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)
        spool_files.write_identity(self.spool, b"version 1", b"version 2")
        state, what = self.state("spool", "--spool", self.spool, code=1)
        self.assertEqual(state, "fail")
        self.assertIn("drain it with the version that wrote it", what)

    def node(self, answers, state, sentence, code=0, path=""):
        """What is said of a server that answers so, in this order of its connections."""
        with Server(*answers) as port:
            url = f"http://127.0.0.1:{port}{path}"
            found = self.state("node", "--node", url, code=code)
        self.assertEqual(found[0], state, found)
        self.assertEqual(found[1].split(url, 1)[0], "", found)
        self.assertRegex(found[1], sentence)

    def test_nodes_that_are_elasticsearch(self):
        self.node([answer(200, ROOT)], "ok", r":\d+ answers: Elasticsearch 8\.19\.0$")
        self.node([answer(200, OPENSEARCH)], "ok", r"answers: OpenSearch 2\.19\.1$")
        # no handler at its root, as the smallest of them; or not for everybody
        for status in (400, 403, 404, 405):
            self.node([answer(status, "{}"), answer(200, NODES)], "ok",
                      r"answers: Elasticsearch 8\.3\.0$")
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part)
                          for part in (ROOT[:7].encode(), ROOT[7:].encode(), b""))
        self.node([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks], "ok",
                  "answers: Elasticsearch 8")
        self.node([answer(401, "{}")], "ok", r"it wants a user \(status 401\)")
        self.node([answer(200, ROOT)], "ok", r"/es answers: Elasticsearch", path="/es")

    def test_nodes_that_are_something_else(self):
        portal = "<html>Log in to our WLAN</html>"
        self.node([answer(302, "")], "fail", r"is not Elasticsearch: it answers with a redirect "
                  r"\(status 302\); does a proxy or a portal", 1)
        self.node([answer(200, portal)], "fail", r"is not Elasticsearch: it does not answer in JSON "
                  r"\(status 200\); does", 1)
        self.node([answer(404, portal), answer(404, portal)], "fail", "does not answer in JSON", 1)
        self.node([answer(200, "{}"), answer(200, "{}")], "warn", "JSON, but not with a version")
        self.node([answer(403, portal), answer(403, portal)], "warn", r"forbids to ask it \(status "
                  r"403\); look at the rights")
        self.node([answer(503, portal)], "warn", r"busy or in trouble \(status 503\)")
        self.node([b"SSH-2.0-x\r\n"], "fail", "not in HTTP", 1)
        self.node([b""], "fail", "not in HTTP", 1)
        self.node([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}"],
                  "fail", "not answer in JSON", 1)

    def test_nodes_that_are_not_there(self):
        with Server(answer(200, ROOT)) as port:
            found = self.state("node", "--node", f"https://127.0.0.1:{port}/")
        self.assertEqual(found, ("ok", f"https://127.0.0.1:{port} takes connections; TLS was not "
                                       "tried"))
        state, what = self.state("node", "--node", f"127.0.0.1:{closed_port()}", code=1)
        self.assertEqual(state, "fail")
        self.assertIn("cannot be reached: Connection refused", what)

    def test_nodes_that_cannot_be(self):
        for node, sentence in (("http://", "URL or HOST:PORT"), ("[::1", "URL or HOST:PORT"),
                               (":9200", "URL or HOST:PORT"),
                               ("ftp://x", "it wants http:// or https://"),
                               ("localhost:abc", "its port lies between 1 and 65535"),
                               ("127.0.0.1:99999", "its port lies between 1 and 65535"),
                               ("http://u:geheim@127.0.0.1:1", "credentials do not belong into the "
                                "URL of a node")):
            with self.subTest(node):
                done = self.run_program("espcap", "doctor", "--node", node, code=2)
                self.check_sentence(done, sentence + ".*; try espcap doctor --help$")
                self.assertNotIn("geheim", done.err + done.out)

    def test_json_says_the_same(self):
        port = closed_port()
        words = ("--spool", self.path("none"), "--node", f"127.0.0.1:{port}")
        table = self.doctor(*words, code=1)
        ended = self.run_program("espcap", "doctor", "--json", *words, code=1)
        self.assertEqual(len(ended.out.splitlines()), 1)
        document = json.loads(ended.out)
        self.assertEqual(document["state"], "fail")
        self.assertEqual({c["check"]: c["state"] for c in document["checks"]},
                         {name: state for name, (state, _) in table.items()})
        refused = [c for c in document["checks"] if c["check"] == "node"][0]
        self.assertEqual(sorted(refused), ["action", "check", "found", "state"])

    def test_wrong_words_are_refused(self):
        for words, sentence in ((("--foo",), "doctor has no option --foo"),
                                (("--spool",), "--spool wants a value"),
                                (("--node",), "--node wants a value"),
                                (("x",), 'doctor has no use for the word "x"'),
                                (("--spool", "a", "--spool", "b"), "only one --spool")):
            self.check_sentence(self.run_program("espcap", "doctor", *words, code=2),
                                sentence + ".*; try espcap doctor --help$")


class Wear(case.Case):
    """A live capture with its four commits a second, and what is said of it."""

    def written(self, pid):
        with open(f"/proc/{pid}/io", encoding="ascii") as file:
            return int(re.search(r"wchar: (\d+)", file.read())[1])

    def test_a_running_capture_is_told_what_it_writes(self):
        with open(os.path.join(programs.PCAPS, "arp.pcap"), "rb") as file:
            data = file.read()
        capture = self.start("espcap-capture", "--file", "-", "--spool", self.spool,
                             "--flush-interval", "100ms", stdin=subprocess.PIPE)
        pipe = capture.process.stdin
        pipe.write(data[:24])
        packet = data[24:24 + 16 + int.from_bytes(data[32:36], "little")]
        sent = 0
        while "written_per_day" not in self.status():    # ten seconds after the start
            pipe.write(packet)
            pipe.flush()
            sent += 1
            self.committed(sent)
        status, commits = self.status(), sent
        written = self.written(capture.pid) / commits
        self.assertAlmostEqual(status["commits_per_hour"] / status["records_per_hour"], 1, 2)
        told = status["written_per_day"] / (status["commits_per_hour"] * HOURS)
        # the process writes 120 bytes of a meta page where the disk has the whole page, and beside
        # it 4 KiB that are never synced; the estimate has the pages of its records twice
        self.assertGreater(told, PAGES)
        self.assertLess(told, PAGES * 1.3)
        self.assertLess(abs(told - written), written * 0.3, (told, written))
        self.assertLess(status["written_per_day_sd"], status["written_per_day"] / 4)
        table = self.run_program("espcap", "spool", "status", self.spool).out
        self.assertRegex(table, r"written a day +about [\d.]+ [GM]B, at [\d.]+ records and [\d.]+ "
                         r"commits a second; with --media sd about [\d.]+ [GM]B\n")
        doctor = self.run_program("espcap", "doctor", "--spool", self.spool).out
        self.assertRegex(doctor, r"(?m)^(ok  |warn)  device +\S.*: about [\d.]+ [GM]B written a day at "
                         r"[\d.]+ commits a second, with --media sd about")
        self.assertRegex(doctor, r"(?m)^ok    capture +pid \d+, espcap-capture")
        pipe.close()
        self.assertEqual(capture.wait().code, 0)
        self.assertNotIn("written_per_day", self.status(), "nobody writes now")


if __name__ == "__main__":
    case.main()
