#!/usr/bin/env python3
# test_spool_tools.py -- espcap spool check and where, espcap dead: on whole and on damaged spools.
# SPDX-License-Identifier: Apache-2.0
import glob
import json
import os
import sys

import case
import programs
from spool_case import change

sys.path.insert(0, os.path.join(os.path.dirname(programs.PCAPS), "tests", "fake"))
import fake_es    # noqa: E402

PACKETS = 297
REFUSE = {"match": {"path": "*/_bulk"}, "action": {"items": {
    "status": 400, "type": "document_parsing_exception", "which": "seq_mod:10:0"}}}
MAGIC = b"ESPF"    # a frame's header begins with it


def data_file(spool):
    return glob.glob(os.path.join(spool, "rec", "*", "data.mdb"))[-1]


class Tools(case.Case):
    def setUp(self):
        super().setUp()
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)

    def tool(self, *words, code=0):
        return self.run_program("espcap", *words, code=code)

    def frames(self):
        with open(data_file(self.spool), "rb") as file:
            data = file.read()
        found, at = [], data.find(MAGIC)
        while at >= 0:
            found.append(at)
            at = data.find(MAGIC, at + 1)
        return found

    def test_a_whole_spool_is_whole(self):
        done = self.tool("spool", "check", self.spool)
        self.assertRegex(done.out, rf"rec\s+segments: 1, whole frames: \d+, records: {PACKETS}\nwhole\n$")

    def test_a_damaged_frame_is_found_and_counted_by_ship(self):
        change(data_file(self.spool), self.frames()[-1] + 1000, lambda byte: byte ^ 1)
        done = self.tool("spool", "check", self.spool, code=1)
        self.assertRegex(done.out, r"1 of \d+ frames are damaged, the first at sequence \d+")
        whole = int(done.out.split("records: ")[1].split()[0])
        self.run_program("espcap-ship", "--spool", self.spool, "--once", "--out-file",
                         self.path("out"), code=1)
        with open(self.path("out"), encoding="utf-8") as file:
            documents = [json.loads(line) for line in file]
        losses = [d for d in documents if d["event"]["dataset"] == "espcap.loss"]
        self.assertEqual(len(documents) - len(losses), whole)
        self.assertEqual([d["espcap"]["loss"]["count"] for d in losses], [PACKETS - whole])
        self.check_conservation(self.status(), indexed=whole, lost=PACKETS - whole, backlog=0)

    def test_a_crash_or_loop_in_a_segment_is_a_finding(self):
        """Pages of LMDB's tree under rubbish: whatever reading them does, check ends and says so."""
        path = data_file(self.spool)
        for page in range(2, os.path.getsize(path) // 4096):
            with open(path, "r+b") as file:
                file.seek(page * 4096)
                kept = file.read(4096)
                file.seek(page * 4096)
                file.write(os.urandom(4096))
            with self.subTest(page=page):
                done = self.run_program("espcap", "spool", "check", self.spool, code=None)
                self.assertIn(done.code, (0, 1), str(done))    # 0: the page was not in use
            with open(path, "r+b") as file:
                file.seek(page * 4096)
                file.write(kept)
        self.tool("spool", "check", self.spool)

    def test_a_damaged_ack_is_found(self):
        self.run_program("espcap-ship", "--spool", self.spool, "--once", "--out-file", "/dev/null")
        for slot in (0, 4096):
            change(os.path.join(self.spool, "ack"), slot + 40, lambda byte: byte ^ 0xff)
        done = self.tool("spool", "check", self.spool, code=1)
        self.assertRegex(done.out, r"/ack: damaged; what is left is sent again, under the same ids")

    def test_where_a_record_is(self):
        waits = self.tool("spool", "where", self.spool, "5")
        self.assertIn("backlog", waits.out)
        document = json.loads(waits.out.splitlines()[-1])
        self.assertEqual(document["layers"]["frame.number"], 5)
        name = waits.out.split("_id ")[1].split(",")[0]
        self.assertEqual(self.tool("spool", "where", self.spool, name).out, waits.out)
        other = ("0" if name[0] != "0" else "1") + name[1:]
        self.check_sentence(self.tool("spool", "where", self.spool, other, code=1), "another run")
        self.check_sentence(self.tool("spool", "where", self.spool, "298", code=1),
                            "there is no record 298")
        self.check_sentence(self.tool("spool", "where", self.spool, "x", code=2), "neither an _id")
        self.run_program("espcap-ship", "--spool", self.spool, "--once", "--out-file", "/dev/null")
        self.assertIn("settled", self.tool("spool", "where", self.spool, "5").out)

    def test_ship_once_says_what_it_has_done(self):
        words = ("--spool", self.spool, "--once", "--out-file", self.path("out"))
        for indexed in (PACKETS, 0):
            self.check_sentence(self.run_program("espcap-ship", *words), rf"espcap-ship: {indexed} "
                                r"records indexed, 0 already there, 0 dead, 0 lost, 0 still waiting, in "
                                r"\S+ m?s$")

    def test_ship_that_gives_up_says_what_waits(self):
        away = ("--node", "127.0.0.1:1", "--give-up-after", "500ms")
        done = self.run_program("espcap-ship", "--spool", self.spool, "--once", *away, code=1)
        self.check_sentence(done, "trying again$", "gave up after", rf"0 records indexed, .*, {PACKETS} "
                            "still waiting")
        done = self.run_program("espcap", "--file", programs.HTTP, *away, code=1)
        self.assertRegex(done.out, rf"^{PACKETS} packets read, .* in \S+ s; {PACKETS} still waiting\n$")

    def test_an_export_is_no_spool(self):
        export = self.path("export")
        self.tool("spool", "export", self.spool, export)
        for words in (("spool", "status", export), ("spool", "check", export),
                      ("spool", "cat", export), ("dead", "list", export)):
            self.check_sentence(self.tool(*words, code=1), rf"{export} is an export and no spool; espcap "
                                rf"spool import {export} NEWDIR makes a spool of it$")
        self.assertEqual({name: os.stat(os.path.join(export, name)).st_mode & 0o777
                          for name in ("rec", "loss", "EXPORT")},
                         {"rec": 0o640, "loss": 0o640, "EXPORT": 0o640})

    def test_a_failed_export_leaves_nothing(self):
        case.need_root()
        disk = self.path("disk")
        os.mkdir(disk)
        script = f'mount -t tmpfs -o size=16k none {disk} && {{ "$@"; code=$?; ls -A {disk}; exit $code; }}'
        done = self.run_command(["unshare", "-m", "sh", "-c", script, "sh", *programs.program(
            "espcap", "spool", "export", self.spool, os.path.join(disk, "copy"))], 1)
        self.check_sentence(done, rf"cannot export {self.spool} to {disk}/copy: No space left on device$")
        self.assertEqual(done.out, "", "nothing lies there")

    def test_a_failed_import_leaves_nothing(self):
        case.need_root()
        disk = self.path("disk")
        os.mkdir(disk)
        self.tool("spool", "export", self.spool, self.path("export"))
        script = f'mount -t tmpfs -o size=64k none {disk} && {{ "$@"; code=$?; ls -A {disk}; exit $code; }}'
        done = self.run_command(["unshare", "-m", "sh", "-c", script, "sh", *programs.program(
            "espcap", "spool", "import", self.path("export"), os.path.join(disk, "copy"))], 1)
        self.check_sentence(done, r"/copy\.part has \S+ KiB free, and it takes")
        self.assertEqual(done.out, "", "nothing lies there")

    def test_who_may_not_repair_is_told_so(self):
        case.need_root()
        case.need_program("setpriv")
        done = self.run_command(["setpriv", "--reuid", "65534", "--clear-groups", *programs.program(
            "espcap", "spool", "repair", self.spool, "--yes")], 1)
        self.check_sentence(done, rf"cannot open {self.spool}/capture.lock: Permission denied; .*; nothing "
                            r"was changed$")
        self.assertNotIn("stop it first", done.err)

    def test_dead_letters_are_listed_and_exported(self):
        self.assertEqual(self.tool("dead", "list", self.spool).out, "")
        with fake_es.FakeEs() as es:
            es.script(REFUSE)
            ship = self.run_program("espcap-ship", "--spool", self.spool, "--once", "--setup", "never",
                                    "--node", f"http://127.0.0.1:{es.port}", code=1)
        dead = self.status()["dead"]
        self.check_sentence(ship, r"\d+ records were refused",
                            rf"{PACKETS - dead} records indexed, 0 already there, {dead} dead, 0 lost, "
                            rf"0 still waiting, in \S+ m?s; espcap dead list {self.spool} says why$")
        listed = self.tool("dead", "list", self.spool).out.splitlines()
        letters = [json.loads(line) for line in
                   self.tool("dead", "export", self.spool).out.splitlines()]
        self.assertEqual(len(letters), self.status()["dead"])
        self.assertGreater(len(letters), 0)
        for line, letter in zip(listed, letters, strict=True):
            self.assertIn(letter["_id"], line)
            self.assertEqual(letter["status"], 400)
            self.assertIn("dead letter", self.tool("spool", "where", self.spool, letter["_id"]).out)


if __name__ == "__main__":
    case.main()
