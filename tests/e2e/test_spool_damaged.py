#!/usr/bin/env python3
# test_spool_damaged.py -- espcap spool and espcap dead on spools that are not whole.
# SPDX-License-Identifier: Apache-2.0
import glob
import json
import os
import random
import shutil

import case
import programs
import spool_case
from spool_case import PACKETS, change, data_file, frames

PAGE = 4096


class Damaged(spool_case.SpoolCase):
    def setUp(self):
        super().setUp()
        self.es = self.server(spool_case.refuse(10, 3))
        # three segments, of which the first is settled but for its dead letters
        self.capture_once()
        self.ship(self.es, "--chunk", "50", code=1)
        self.es.script()
        for _ in range(2):
            self.capture_once()

    def capture_once(self):
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)

    def damage_a_frame(self):
        path = data_file(self.spool)
        change(path, frames(path)[-1] + 1000, lambda byte: byte ^ 1)

    def whole(self):
        """How many records check finds whole."""
        out = self.tool("spool", "check", self.spool, code=None).out
        return int(out.split("rec ")[1].split("records: ")[1].split()[0].replace(",", ""))

    def held(self):
        return self.status()["held_records"]

    def test_a_damaged_frame_is_missed_by_all_and_told_by_each(self):
        held = self.held()
        self.damage_a_frame()
        done = self.tool("spool", "check", self.spool, code=1)
        self.assertRegex(done.out, r"1 of \d+ frames are damaged, the first at sequence \d+")
        whole = self.whole()
        lost = held - whole
        self.assertGreater(lost, 0)
        done = self.tool("spool", "cat", self.spool, code=1)
        self.assertEqual(done.out.count("\n"), whole)
        self.assertIn(f" {lost} are missing", done.err)
        done = self.tool("spool", "export", self.spool, self.path("export"), code=1)
        self.assertIn(f"{lost} records are damaged on the disk and not in it", done.err)
        self.tool("spool", "import", self.path("export"), self.path("copy"))
        self.ship(self.es, spool=self.path("copy"))
        self.ship(self.es, code=1)
        self.check_conservation(self.status(), lost=lost, backlog=0)
        self.assertEqual(self.status()["losses"]["corrupt"], lost)
        gap = next(line for line in done.err.splitlines() if "missing" in line)
        first = gap.split("records ")[1].split()[0]
        self.assertRegex(self.tool("spool", "where", self.spool, first).out,
                         r"^lost: a loss document of \S+ says that \d+ of .* are lost \(corrupt\)")

    def check_says(self, pattern, code=1):
        self.assertRegex(self.tool("spool", "check", self.spool, code=code).out, pattern)

    def test_a_chain_that_lacks_its_begin_is_not_whole(self):
        shutil.rmtree(min(glob.glob(os.path.join(self.spool, "rec", "0*"))))
        self.check_says(rf"/rec: {PACKETS} of the records {PACKETS + 1} to {2 * PACKETS} are "
                        "missing; espcap-ship names them in a loss document")
        self.ship(self.es, code=1)
        self.assertEqual(self.status()["losses"]["corrupt"], PACKETS)
        doctor = self.tool("doctor", "--spool", self.spool, code=None).out
        self.assertIn(f"{PACKETS} packets or records were lost", doctor)

    def test_letters_that_are_gone_are_told(self):
        letters = self.status()["dead"]
        shutil.rmtree(glob.glob(os.path.join(self.spool, "dead", "0*"))[0])
        self.check_says(rf"/dead: {letters} of the letters 1 to {letters} are missing; espcap dead "
                        "retry and purge name them in a loss document")
        whole = self.path("whole")
        shutil.copytree(self.spool, whole)
        shutil.rmtree(os.path.join(self.spool, "dead"))
        self.check_says(f"/dead: gone, with the letters of {letters} records")
        self.spool = whole
        done = self.tool("dead", "retry", self.spool, "--all")
        self.assertIn(f"{letters} dead letters were damaged on the disk and are lost", done.err)
        self.ship(self.es, code=None)
        self.assertEqual(self.status()["losses"]["corrupt"], letters)
        self.check_conservation(self.status(), dead=0, lost=letters, backlog=0)

    def test_an_ack_that_is_gone_or_empty_is_told(self):
        ack = os.path.join(self.spool, "ack")
        os.truncate(ack, 0)
        self.check_says("/ack: gone or empty; what is left is sent again")
        os.remove(ack)
        self.check_says("/ack: gone or empty; what is left is sent again")
        os.remove(os.path.join(self.spool, "pattern"))    # as if nobody had shipped
        self.check_says("whole", code=None)

    def test_ranges_are_of_sequences_or_times(self):
        self.damage_a_frame()
        documents = self.lines("spool", "cat", self.spool, code=1)
        numbers = self.lines("spool", "cat", self.spool, "--from",
                             str(PACKETS + 5), "--to", str(PACKETS + 9))
        self.assertEqual([d["layers"]["frame.number"] for d in numbers], [5, 6, 7, 8, 9])
        times = sorted(d["@timestamp"] for d in documents)
        middle = times[len(times) // 2]
        before = self.lines("spool", "cat", self.spool, "--to", middle, code=1)
        behind = self.lines("spool", "cat", self.spool, "--from", middle, code=1)
        self.assertEqual(len(before) + len(behind), len(documents))
        self.assertTrue(all(d["@timestamp"] < middle for d in before))
        self.assertTrue(all(d["@timestamp"] >= middle for d in behind))
        day = middle[:10]
        self.assertEqual(self.lines("spool", "cat", self.spool, "--from", day, code=1), documents)
        self.check_sentence(self.tool("spool", "cat", self.spool, "--to", "now", code=2),
                            "--to cannot be \"now\"")

    def test_pages_of_rubbish_end_no_tool(self):
        """Each page of the newest segment in turn: tools end, and count alike."""
        path, held = data_file(self.spool), self.held()
        size = os.path.getsize(path)
        rng = random.Random(1)
        for page in rng.sample(range(size // PAGE), min(12, size // PAGE)):
            with open(path, "r+b") as file:
                file.seek(page * PAGE)
                kept = file.read(PAGE)
                file.seek(page * PAGE)
                file.write(rng.randbytes(PAGE))
            with self.subTest(page=page):
                self.check_all_tools(held)
            with open(path, "r+b") as file:
                file.seek(page * PAGE)
                file.write(kept)
        self.tool("spool", "check", self.spool)

    def check_all_tools(self, held):
        check = self.tool("spool", "check", self.spool, code=None)
        cat = self.tool("spool", "cat", self.spool, code=None)
        self.assertEqual(cat.out.count("\n"), self.whole())
        missing = sum(int(line.split(": ")[-1].split()[0]) for line in cat.err.splitlines())
        self.assertEqual(cat.out.count("\n") + missing, held, cat.err)
        self.assertEqual(cat.code, 1 if missing else 0, str(cat))
        if missing:
            self.assertEqual(check.code, 1, str(check))
        for words in (["spool", "status"], ["spool", "repair"], ["dead", "list"], ["dead", "export"]):
            done = self.tool(*words, self.spool, code=None)
            self.assertIn(done.code, (0, 1), str(done))
        shutil.rmtree(self.path("export"), ignore_errors=True)
        done = self.tool("spool", "export", self.spool, self.path("export"), "--all", code=None)
        self.assertEqual(done.code, 1 if missing else 0, str(done))

    def test_files_that_are_cut_or_gone_end_no_tool(self):
        held = self.held()
        for name in ("rec/tail", "ack", "first", "pattern", "limits", "dead/tail"):
            path = os.path.join(self.spool, name)
            if not os.path.exists(path):
                continue
            for size in (0, 10, 4096, 5000, None):
                copy = path + ".kept"
                shutil.copy(path, copy)
                if size is None:
                    os.unlink(path)
                else:
                    os.truncate(path, size)
                with self.subTest(name=name, size=size):
                    self.check_all_tools(held)
                os.replace(copy, path)

    def test_a_segment_without_anything_whole_stays_until_it_is_counted(self):
        names = sorted(n for n in os.listdir(os.path.join(self.spool, "rec")) if n.isdigit())
        self.assertGreaterEqual(len(names), 2, names)
        middle = f"rec/{names[-2]}"
        os.truncate(os.path.join(self.spool, middle, "data.mdb"), 0)
        done = self.tool("spool", "repair", self.spool)
        self.assertRegex(done.out, rf"{middle}: nothing in it can be read; it stays until "
                                   "espcap-ship has counted what it held\n")
        self.assertIn("nothing in it can be read", self.tool("spool", "check", self.spool, code=1).out)
        self.ship(self.es, code=1)
        status = self.status()
        self.check_conservation(status, backlog=0, lost=PACKETS)

    def test_a_segment_that_is_gone_is_missed_by_all(self):
        self.capture_once()
        held = self.held()
        names = sorted(n for n in os.listdir(os.path.join(self.spool, "rec")) if n.isdigit())
        shutil.rmtree(os.path.join(self.spool, "rec", names[1]))
        self.assertIn(f"{PACKETS} of the records {int(names[1])} to",
                      self.tool("spool", "check", self.spool, code=1).out)
        cat = self.tool("spool", "cat", self.spool, code=1)
        self.assertEqual(cat.out.count("\n"), held - PACKETS)
        self.ship(self.es, code=1)
        self.assertEqual(self.status()["losses"]["corrupt"], PACKETS)
        self.check_conservation(self.status(), backlog=0, lost=PACKETS)

    def test_repair_says_what_it_would_do_and_does_it_when_asked(self):
        names = sorted(n for n in os.listdir(os.path.join(self.spool, "rec")) if n.isdigit())
        self.ship(self.es)
        # as kills leave them: a stopped trim, files beside those they were to replace
        os.makedirs(os.path.join(self.spool, "rec", "0" * 19 + "1.gone"), exist_ok=True)
        for name in ("pattern.new", "request.12"):
            with open(os.path.join(self.spool, name), "w", encoding="ascii") as file:
                file.write("x")
        with open(os.path.join(self.spool, "request"), "w", encoding="ascii") as file:
            file.write("espcap request 1\nrubbish\n")
        with open(os.path.join(self.spool, "SPOOL"), "r+b") as file:
            file.write(b"rubbish")
        before = self.files()
        planned = self.tool("spool", "repair", self.spool, code=1)
        self.assertEqual(self.files(), before)
        self.assertEqual(sorted(line.split(":")[0] for line in planned.out.splitlines()[:-1]), [
            "SPOOL", "pattern.new", "rec/" + "0" * 19 + "1.gone", "request", "request.12"])
        self.assertIn("would be moved to quarantine/", planned.out)
        self.assertIn("SPOOL is damaged or gone", self.tool("spool", "check", self.spool, code=1).out)
        self.tool("spool", "repair", self.spool, "--yes")
        self.assertEqual(self.tool("spool", "repair", self.spool).out, "there is nothing to repair\n")
        self.tool("spool", "check", self.spool)
        self.assertEqual(sorted(os.listdir(os.path.join(self.spool, "quarantine"))),
                         ["SPOOL.1", "pattern.new.1", "request.1", "request.12.1"])
        self.assertEqual(self.status()["quarantined"], 4)
        self.assertIn("quarantine", self.tool("spool", "status", self.spool).out)
        self.assertTrue(names)
        self.capture_once()
        self.ship(self.es)
        self.check_conservation(self.status(), backlog=0, lost=0)

    def files(self):
        return sorted((folder, name) for folder, _, names in os.walk(self.spool) for name in names)

    def test_letters_go_again_also_when_some_are_damaged(self):
        letters = self.status()["dead"]
        path = data_file(self.spool, "dead")
        self.assertEqual(len(self.lines("dead", "export", self.spool)), letters)
        with open(path, "rb") as file:
            data = file.read()
        at = frames(path)
        for copy in at:    # LMDB leaves older copies of a small frame behind, and they are found
            if data[copy:copy + 16] == data[at[-1]:at[-1] + 16]:
                change(path, copy + 200, lambda byte: byte ^ 1)
        listed = self.tool("dead", "list", self.spool, code=1)
        left = listed.out.count("\n")
        self.assertLess(left, letters)
        self.check_sentence(listed, f"{letters - left} dead letters are damaged")
        said = self.tool("dead", "retry", self.spool, "--all").out
        self.assertEqual(said, f"{left} of {left} dead letters go again, by their own _id\n")
        self.check_conservation(self.status(), dead=0, parked=left, lost=letters - left)
        self.ship(self.es, code=0)
        self.check_conservation(self.status(), dead=0, parked=0, backlog=0, lost=letters - left)

    def test_an_export_that_is_damaged_makes_no_spool(self):
        self.tool("spool", "export", self.spool, self.path("export"))
        path = self.path("export", "rec")
        size = os.path.getsize(path)
        for at in (0, 100, 200, size // 2, size - 1):
            change(path, at, lambda byte: byte ^ 0x10)
            with self.subTest(at=at):
                done = self.tool("spool", "import", self.path("export"), self.path("copy"), code=1)
                self.check_sentence(done, "is damaged or cut; copy it again")
                self.assertFalse(os.path.exists(self.path("copy")))
            self.assertFalse(os.path.exists(self.path("copy.part")))
            change(path, at, lambda byte: byte ^ 0x10)
        os.truncate(path, size - 200)
        self.tool("spool", "import", self.path("export"), self.path("copy"), code=1)

    def test_dead_letters_go_along_and_are_tried_again_there(self):
        dead = self.status()["dead"]
        backlog = self.status()["backlog"]
        some = [d["_id"] for d in self.lines("dead", "export", self.spool)][:5]
        self.tool("dead", "retry", self.spool, *some)
        done = self.tool("spool", "export", self.spool, self.path("export"))
        self.assertIn(f"{dead} of them were dead letters or parked", done.out)
        self.tool("spool", "import", self.path("export"), self.path("copy"))
        self.ship(self.es, spool=self.path("copy"))
        stored = self.es.ids()
        self.assertLessEqual(set(some), {name for name, _ in stored})
        self.assertEqual(self.status(self.path("copy"))["indexed"], dead + backlog)
        self.tool("dead", "retry", self.spool, "--all")
        self.ship(self.es)
        self.assertEqual(self.es.ids(), stored)
        self.check_conservation(self.status(), dead=0, backlog=0, already_there=dead + backlog)
        stats = self.es.stats()
        self.assertEqual(stats["same_id_other_content"] + stats["same_id_other_index"], 0)
        shutil.rmtree(self.path("copy"))
        everything = self.tool("spool", "export", self.spool, self.path("all"), "--all")
        self.assertIn(f"{self.held()} records", everything.out.replace(",", ""))

    def test_letters_of_another_time_or_type_stay(self):
        letters = self.lines("dead", "export", self.spool)
        none = rf"none of the \d+ dead letters of {self.spool} is meant; nothing was changed$"
        self.check_sentence(self.tool("dead", "retry", self.spool, "--before", "2001-01-01", code=1),
                            none)
        self.check_sentence(self.tool("dead", "purge", self.spool, "--type", "no_such_exception",
                                      code=1), none)
        self.assertEqual(self.lines("dead", "export", self.spool), letters)
        for words in ([], ["--all", letters[0]["_id"]], ["--before", "soon"], ["x"]):
            with self.subTest(words=words):
                self.tool("dead", "purge", self.spool, *words, code=2)
        self.assertEqual(self.status()["dead"], len(letters))
        self.tool("dead", "purge", self.spool, "--before", "2100-01-01")
        self.check_conservation(self.status(), dead=0, lost=len(letters))


if __name__ == "__main__":
    case.main()
