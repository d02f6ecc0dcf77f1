# test_sink_kill.py -- kill -9 while files are written, rotated, finished, and brought home.
# SPDX-License-Identifier: Apache-2.0
"""
At random moments, and right after a step that changes a file (kill_at.so of tests/crash), some of them,
with ESPCAP_LONG all. ESPCAP_SEED is the seed.
"""
import json
import os
import shutil
import signal
import time

import case
from sink_case import LONG, SinkCase, Wrong, content, sha16
from victims import killed_at

ROUNDS = 200 if LONG else 4     # kills that count
PACKETS, FEW = 6000, 40
MOMENT = 0.08


class Killed(SinkCase):
    def read_whole(self, files):
        """Every line of every file is whole; {hash of the document: (run, sequence)}."""
        found = {}
        for path in files:
            text = content(path)
            self.assertTrue(text.endswith(b"\n"), path)
            wants = None
            for line in text.splitlines():
                name = json.loads(line)
                if "create" in name:
                    self.assertIsNone(wants, path)
                    wants = name["create"]["_id"]
                    continue
                own = (name["espcap.run"], name["event.sequence"])
                if wants:
                    self.assertEqual(wants, case.record_id(*own))
                wants = None
                document = b"{" + line[line.index(b'",') + 2:]
                self.assertEqual(found.setdefault(sha16(document), own), own)
            self.assertIsNone(wants, path)
        return found

    def form(self):
        rng = self.site.rng
        size = rng.choice(("20K", "200K", "2M"))
        return ("--out-file", self.path_out(), "--out-format", rng.choice(("ndjson", "bulk")),
                f"--out-gzip={rng.choice(('true', 'false'))}", "--out-rotate-size", size, "--chunk",
                str(rng.choice((20, 200, 2000))))

    def kill(self, process):
        """kill -9 at a random moment; whether it still had something to do."""
        time.sleep(self.site.rng.random() * MOMENT)
        return self.site.kill(process)

    def test_at_random_moments(self):
        counted = 0
        for _ in range(20 * ROUNDS):
            if not self.site.has_spool() or not self.site.status()["backlog"]:
                self.captured(PACKETS)
            killed = self.kill(self.ship(*self.form(), "--once"))
            counted += killed and self.site.status()["backlog"] > 0
            if counted >= ROUNDS:
                break
        self.assertGreaterEqual(counted, ROUNDS)
        self.once(*self.form()[:-1], "2000")
        files = self.finished()
        self.assertEqual(sorted(self.read_whole(files)), sorted(self.site.expected))
        print(f"{counted} kills while {len(files)} files were written")
        counted = 0
        for _ in range(20 * ROUNDS):
            home = self.home(self.out)
            killed = self.kill(home)
            counted += killed and bool(self.own_spools())
            if not killed and home.returncode:
                raise Wrong(f"espcap-ship --in-file ended with {home.returncode}")
            if not killed:
                self.site.es.reset()
                self.site.read_log()
                self.site.handled = {}
            if counted >= ROUNDS:
                break
        self.assertGreaterEqual(counted, ROUNDS)
        self.brought(self.out)
        self.assertEqual(self.own_spools(), [])
        print(f"{counted} kills while they were brought home: {self.settled_once()}")

    def steps(self, play, apart):
        """Calls play(n) for steps until one is not reached."""
        n, count = self.site.rng.randrange(1, apart + 1), 0
        while play(1 + count if LONG else n):
            count += 1
            n += self.site.rng.randrange(1, 2 * apart)
        self.assertGreater(count, 30 if LONG else 0)
        return count

    def test_after_steps_of_writing(self):
        self.captured(FEW)
        kept = self.path("kept")
        shutil.copytree(self.site.spool, kept)

        def play(n):
            for path in (self.site.spool, self.out):
                shutil.rmtree(path)
            shutil.copytree(kept, self.site.spool)
            os.mkdir(self.out)
            options = ("--out-file", self.path_out("bulk", n % 2 == 0), "--out-format", "bulk",
                       "--out-rotate-size", "4K", "--chunk", "10")
            code = self.site.finish(self.ship(*options, "--once", **killed_at(n)),
                                    (0, -signal.SIGKILL))
            self.once(*options)
            found = self.read_whole(self.finished())
            self.assertEqual(sorted(found), sorted(self.site.expected), f"step {n}")
            return code

        print(f"killed after {self.steps(play, 12)} steps of writing")

    def test_after_steps_of_bringing_home(self):
        self.captured(FEW)
        options = ("--out-file", self.path_out("bulk"), "--out-format", "bulk", "--out-rotate-size", "4K",
                   "--chunk", "10")
        self.once(*options)
        with open(os.path.join(self.out, "z.ndjson"), "wb") as file:
            file.write(b"one line of somebody else\n")

        def play(n):
            self.site.es.reset()
            self.site.read_log()
            self.site.handled = {}
            home = self.path(f"home-{n}")
            named = ("--spool", home) if n % 2 else ()
            code = self.site.finish(self.home(self.out, options=named, **killed_at(n)),
                                    (1, -signal.SIGKILL))
            done = os.path.exists(home + "/ack") and not os.path.exists(home + "/carry")
            if code != 1:
                self.brought(self.out, code=1, options=named)
            self.assertEqual(self.own_spools(), [], f"step {n}")
            if named:       # no line was lost, and none was read twice
                lines = self.site.status_of(home)["committed"]
                self.assertTrue(lines == FEW or (done and lines == 2 * FEW), f"step {n}: {lines}")
                self.assertFalse(os.path.exists(home + "/carry"))
            self.settled_once()
            return code != 1

        print(f"killed after {self.steps(play, 40)} steps of bringing home")


if __name__ == "__main__":
    case.main()
