#!/usr/bin/env python3
# test_audit_spool.py -- espcap audit --spool: what a sensor says, beside what the server has.
# SPDX-License-Identifier: Apache-2.0
import os
import subprocess
import sys

import case
import pcaps
import programs
import spool_files
from audit_case import EVENTS, AuditCase, loss

IN_NAMESPACE = "ESPCAP_E2E_MOUNTS"    # a disk of ours is gone with it
ALL = "espcap-packets-*"
PACKETS = 297
PIECE = 15_000    # bytes of payload, near the 32,000 characters that a string may have


class Sensor(AuditCase):
    def capture(self, *options, name="edge-7"):
        return self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool,
                                "--name", name, *options)

    def ship(self, *options, code=0):
        return self.run_program("espcap-ship", "--spool", self.spool, "--node", self.node.url,
                                "--setup", "install", "--once", *options, code=code)

    def of_spool(self, code=0):
        """All of it, and its runs by their first numbers."""
        found, runs = self.audited("--spool", self.spool, code=code)
        return found, sorted(runs.values(), key=lambda run: run["first_sequence"])

    def hits(self):
        return self.node.all(ALL, ["espcap.run", "event.sequence"])

    def delete(self, *sequences):
        """Takes documents away behind everybody's back; the numbers are those of the spool."""
        for hit in self.hits():
            if case.value(hit["_source"], "event.sequence") in sequences:
                self.assertEqual(self.node.ask("DELETE", f"/{hit['_index']}/_doc/{hit['_id']}")[0],
                                 200)

    def test_runs_of_a_spool(self):
        """Three runs: the spool holds the last one only, and the others by their numbers' sum."""
        for _ in range(3):
            self.capture()
            self.ship()
        found, runs = self.of_spool()
        self.assertEqual([run["spool"] for run in runs], ["earlier", "earlier", "held"])
        self.assertEqual(found["spool"] | {"settled": 891, "there": 891, "lacking": 0},
                         found["spool"])
        self.check_backlog()
        self.check_missing()
        self.check_other_spools()

    def check_backlog(self):
        """What is not shipped waits, whether the run is at the centre or not."""
        self.capture()
        _, runs = self.of_spool()
        self.check(runs[3], 0, waiting=PACKETS)
        self.assertEqual((runs[3]["first_sequence"], runs[3]["last_sequence"]), (892, 1188))
        table = self.audit("--spool", self.spool).out
        self.assertRegex(table, r"(?m)^sensor: 891 records are settled as stored, 891 of them are "
                         r"there$")
        self.ship()

    def check_missing(self):
        """In the middle of a run that is gone, its last one, and the ends of one that is held."""
        self.delete(100, 594, 892, 893, 1188)
        found, runs = self.of_spool(code=1)
        self.check(runs[0], 296, [(100, 100, 1)], holes=1)
        self.check(runs[1], 296)    # who knows where it ended?
        self.check(runs[3], 294, [(892, 893, 2), (1188, 1188, 1)], holes=3)
        self.assertEqual(found["spool"] | {"settled": 1188, "there": 1183, "lacking": 1},
                         found["spool"])
        out = self.audit("--spool", self.spool, code=1).out
        self.assertRegex(out, r"(?m)^  hole 892 to 893; the sensor says that it is settled$")
        self.assertRegex(out, r"(?m)^lacking: 1 of them, ")
        self.assertRegex(out, r"(?m)^NOT complete: 4 runs, 1,183 documents, 5 missing, 0 too many$")
        self.audited(code=1)

    def check_other_spools(self):
        """A run of the same name that is not of this spool, and one of another sensor."""
        for spool, name in (("other", "edge-7"), ("third", "edge-8")):
            self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.path(spool),
                             "--name", name)
            self.run_program("espcap-ship", "--spool", self.path(spool), "--node", self.node.url,
                             "--once")
        found, runs = self.of_spool(code=1)
        self.assertEqual(found["other_runs"], 1)
        self.assertIn("several spools", found["spool"]["not_compared"])
        self.assertEqual(sorted(run["spool"] for run in runs),
                         ["foreign", "foreign", "foreign", "foreign", "held"])
        self.audited("--spool", self.path("third"))

    def test_dead_letters_are_not_missing(self):
        """A mapping that refuses requests; then some letters go again, and wait."""
        self.capture()
        self.templates()
        day = pcaps.day(pcaps.packets(programs.HTTP)[0].time_ns)
        code, answer = self.node.ask("PUT", "/espcap-packets-" + day, {"mappings": {"properties": {
            "http": {"properties": {"request": {"properties": {"method": {"type": "ip"}}}}}}}})
        self.assertEqual(code, 200, answer)
        self.ship(code=1)
        dead = self.status()["dead"]
        self.assertGreater(dead, 10)
        found, runs = self.of_spool()
        self.check(runs[0], PACKETS - dead, dead=dead)
        self.assertEqual(found["spool"]["lacking"], 0)
        self.audited(code=1)    # without the spool they are holes
        letters = self.run_program("espcap", "dead", "list", self.spool).out.splitlines()
        self.run_program("espcap", "dead", "retry", self.spool, letters[0].split()[1])
        self.run_program("espcap", "dead", "purge", self.spool, letters[1].split()[1])
        found, runs = self.of_spool()
        rec = [run for run in runs if run["last_sequence"] == PACKETS][0]
        self.check(rec, PACKETS - dead, dead=dead - 2, waiting=1, lost=1)
        self.ship(code=1)    # the loss document; the retried letter is dead again
        found, runs = self.of_spool()
        rec = [run for run in runs if run["last_sequence"] == PACKETS][0]
        self.check(rec, PACKETS - dead, dead=dead - 1, lost=1)
        self.assertEqual(found["spool"]["lacking"], 0)

    def test_damage_is_lost_and_not_missing(self):
        """The shipper's loss document, under the machine's name, before it is shipped and behind."""
        self.capture("--file", programs.HTTP, "--file", programs.HTTP)
        lost = spool_files.damage_middle(self.spool)
        _, runs = self.of_spool()
        self.check(runs[0], 0, waiting=3 * PACKETS)
        self.ship(code=1)
        self.assertEqual(self.status()["lost"], lost)
        for words in ((), ("--spool", self.spool)):
            found, runs = self.audited(*words)
            (run,) = [run for run in runs.values() if run["last_sequence"] > 1]
            self.check(run, 3 * PACKETS - lost, lost=lost)
            self.assertEqual([(r["reasons"], r["count"]) for r in found["losses"]],
                             [(["corrupt"], lost)])

    def test_schema_lite_has_no_numbers(self):
        """Lite packets, between two loss documents of the same run at the centre."""
        self.capture("--schema", "lite")
        self.ship()
        found, runs = self.of_spool()
        self.check(runs[0], 0)
        self.assertEqual((found["lite"], runs[0]["skipped"]), (PACKETS, PACKETS))
        self.assertIn("schema lite", found["spool"]["not_compared"])
        self.templates()
        for sequence in (1, 299):
            self.store(EVENTS, case.record_id(runs[0]["run"], sequence),
                       loss(runs[0]["run"], sequence, 5, reason="kernel_drop"))
        self.send()
        _, runs = self.audited()
        (run,) = runs.values()
        self.check(run, 2)
        self.assertEqual(run["skipped"], 297)
        self.assertIn("its packets are of schema lite, it seems", self.audit().out)

    def test_what_a_full_disk_gave_up(self):
        """drop-oldest on a small disk, in the middle of a run."""
        case.need_root()
        case.need_program("mount")
        disk = self.path("disk")
        os.mkdir(disk)
        self.run_command(["mount", "-t", "tmpfs", "-o", "size=20m", "none", disk])
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=False)
        self.spool = os.path.join(disk, "spool")
        capture = self.start("espcap-capture", "--file", "-", "--spool", self.spool, "--payload",
                             "--spool-free", "1M", "--when-full", "drop-oldest", "--name", "edge-7",
                             stdin=subprocess.PIPE)
        self.addCleanup(capture.process.stdin.close)
        self.templates()
        self.small_template()
        self.feed(capture, 50)
        self.committed(50)
        self.ship_all(50)
        while self.status()["lost"] == 0:
            self.feed(capture, 100)
        capture.process.stdin.close()
        self.assertEqual(capture.wait().code, 0)
        lost, committed = self.status()["lost"], self.status()["committed"]
        _, runs = self.of_spool()
        self.assertEqual((runs[0]["lost"], runs[0]["documents"]), (lost, 50), runs)
        self.ship("--setup", "never")
        for words in ((), ("--spool", self.spool)):
            found, runs = self.audited(*words)
            (run,) = runs.values()
            self.assertEqual(run["lost"], lost)
            self.check(run, committed - lost, lost=lost)
            self.assertEqual(found["losses"][0]["reasons"], ["trimmed"])
        day = pcaps.day(pcaps.packets(self.path("piece.pcap"))[0].time_ns)
        for sequence in (10, committed - 5):
            name = case.record_id(run["run"], sequence)
            self.assertEqual(self.node.ask("DELETE", f"/espcap-packets-{day}/_doc/{name}")[0], 200)
        found, runs = self.of_spool(code=1)
        self.check(runs[0], committed - lost - 2, [(10, 10, 1), (committed - 5,) * 2 + (1,)],
                   lost=lost, holes=2)

    def feed(self, capture, packets):
        path = self.path("piece.pcap")
        self.fed = getattr(self, "fed", 0)
        pcaps.numbered(path, packets, first=self.fed + 1, payload=PIECE)
        with open(path, "rb") as file:
            capture.process.stdin.write(file.read()[24 if self.fed else 0:])
        capture.process.stdin.flush()
        self.fed += packets

    def ship_all(self, number):
        ship = self.start("espcap-ship", "--spool", self.spool, "--node", self.node.url, "--setup",
                          "never")
        programs.wait_for(lambda: self.status()["indexed"] == number, f"{number} records indexed")
        self.assertEqual(ship.stop().code, 0)


if __name__ == "__main__":
    if os.geteuid() == 0 and IN_NAMESPACE not in os.environ:
        os.environ[IN_NAMESPACE] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable,
                              *sys.argv])
    case.main()
