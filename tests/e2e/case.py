# case.py -- the ground of every e2e test: a folder, programs that are ended with it, a server.
# SPDX-License-Identifier: Apache-2.0
"""A test file is run as `test_X.py [SERVER]`. Exit status 77 means skipped, and says why."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import node as nodes
import programs

SERVER = None  # name of the server that the tests of this process ask
SUMMARY = re.compile(r"^([\d,]+) packets read, ([\d,]+) documents indexed, ([\d,]+) already "
                     r"there, ([\d,]+) dead, ([\d,]+) lost, in \d+.*$", re.MULTILINE)
RESULT = re.compile(r"^espcap-ship: [\d,]+ records indexed, [\d,]+ already there, [\d,]+ dead, "
                    r"[\d,]+ lost, [\d,]+ still waiting")
DIGITS = "0123456789abcdefghijklmnopqrstuv"


def state_path(name):
    folder = os.environ.get("ESPCAP_E2E_DIR") or os.path.join(tempfile.gettempdir(), "espcap-e2e")
    return os.path.join(folder, name + ".json")


def record_id(run, sequence):
    """`_id` of a record: run and sequence, 13 digits of base32hex each."""
    return run + "".join(DIGITS[sequence >> shift & 31] for shift in range(60, -1, -5))


class Case(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="espcap-e2e-")
        os.chmod(self.folder, 0o755)
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.env = programs.environment(self.folder)
        self.spool = self.path("spool")

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def run_program(self, name, *arguments, code=0, **options):
        """Runs one of our programs to its end, which must be this exit code (None: any)."""
        return self.run_command(programs.program(name, *arguments), code, **options)

    def run_command(self, command, code=0, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("timeout", programs.WAIT_S)
        done = subprocess.run(command, env=options.pop("env", self.env), stderr=subprocess.PIPE,
                              stdout=subprocess.PIPE, check=False, **options)
        ended = programs.Ended(command, done.returncode,
                               done.stdout.decode("utf-8", "backslashreplace"),
                               done.stderr.decode("utf-8", "backslashreplace"))
        if code is not None:
            self.assertEqual(ended.code, code, str(ended))
        return ended

    def start(self, name, *arguments, before=(), **options):
        """Starts one of our programs; `before` are words in front of it, as of a namespace."""
        return self.start_command([*before, *programs.program(name, *arguments)], **options)

    def start_command(self, command, **options):
        running = programs.Running(command, self.folder, self.env, **options)
        self.addCleanup(running.kill)
        return running

    def status(self, spool=None):
        return programs.status(spool or self.spool, self.env)

    def committed(self, number, spool=None):
        """Waits until the spool holds so many records."""
        return programs.wait_for(
            lambda: self.status(spool).get("committed", 0) >= number, f"{number} records committed")

    def check_conservation(self, status, **wanted):
        """DESIGN's identity, and the numbers a test knows."""
        settled = [status[key] for key in ("indexed", "already_there", "dead", "lost", "backlog")]
        self.assertEqual(status["committed"], sum(settled), status)
        self.assertEqual({key: status[key] for key in wanted}, wanted, status)

    def check_sentence(self, ended, *patterns):
        """One sentence on standard error for each pattern, from the program, and nothing else but the
        result of espcap-ship --once, which may be asked for."""
        lines = ended.lines()
        if not any("records indexed" in pattern for pattern in patterns):
            lines = [line for line in lines if not RESULT.match(line)]
        self.assertEqual(len(lines), len(patterns), str(ended))
        for line, pattern in zip(lines, patterns, strict=True):
            self.assertRegex(line, r"^espcap(-capture|-ship)?: ", str(ended))
            self.assertRegex(line, pattern, str(ended))

    def summary(self, ended):
        """(packets, indexed, already there, dead, lost) of the one-shot's last line."""
        found = SUMMARY.findall(ended.out)
        self.assertEqual(len(found), 1, str(ended))
        return tuple(int(number.replace(",", "")) for number in found[0])


class NodeCase(Case):
    """A test with a server, which holds nothing of espcap when the test begins."""

    def setUp(self):
        super().setUp()
        self.server, why = server()
        if why:
            self.skipTest(why)
        self.node = nodes.Node(self.server["url"])
        self.node.clean()
        self.addCleanup(self.node.clean)

    def check_ids(self, hits):
        """Each document stands under the id of its run and sequence."""
        for hit in hits:
            source = hit["_source"]
            sequence = value(source, "event.sequence")
            self.assertEqual(hit["_id"], record_id(value(source, "espcap.run"), sequence))

    def check_audit(self, documents, spool=None):
        """What espcap audit itself says of the server and of this spool: all of it there, once."""
        command = ("audit", "--json", "--node", self.node.url, "--spool", spool or self.spool)
        found = json.loads(self.run_program("espcap", *command).out)
        self.assertEqual(sum(run["documents"] for run in found["runs"]), documents, found)
        self.assertEqual([found["spool"][key] for key in ("settled", "there", "lacking")],
                         [documents, documents, 0], found["spool"])

    def check_runs(self, index, *sizes):
        """Each run is complete: its sequences have no hole."""
        runs = self.node.runs(index)
        for first, last, documents in runs.values():
            self.assertEqual(documents, last - first + 1, runs)
        self.assertEqual(sorted(documents for _, _, documents in runs.values()), sorted(sizes))


def value(source, name):
    """A field that a server may give back dotted, as sent, or in objects (synthetic source)."""
    if name in source:
        return source[name]
    first, rest = name.split(".", 1)
    return source[first][rest]


def server():
    """(state of the server, "") or (None, why there is none)."""
    try:
        with open(state_path(SERVER), encoding="utf-8") as file:
            state = json.load(file)
    except FileNotFoundError:
        return None, f"{SERVER} was not started; ctest starts it, or fixture.py up {SERVER}"
    return (None, state["skipped"]) if "skipped" in state else (state, "")


def need_root():
    if os.geteuid() != 0:
        raise unittest.SkipTest("it takes root")


def need_program(*names):
    for name in names:
        if not shutil.which(name):
            raise unittest.SkipTest(f"there is no {name}")


def main():
    global SERVER
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    if words and nodes.re.match(r"\w+-\d+\.\d+", words[0]):
        SERVER = words[0]
        sys.argv.remove(words[0])
    done = unittest.main(exit=False, verbosity=2).result
    if not done.wasSuccessful():
        sys.exit(1)
    if done.skipped and len(done.skipped) >= done.testsRun:  # a class that is skipped runs none
        print(f"skipped: {done.skipped[0][1]}")
        sys.exit(77)
    sys.exit(0 if done.testsRun else 1)
