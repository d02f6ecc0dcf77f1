# programs.py -- runs the programs under test, and waits for conditions instead of sleeping.
# SPDX-License-Identifier: Apache-2.0
import json
import os
import signal
import subprocess
import time

ROOT = os.environ.get("ESPCAP_SOURCE_DIR") or os.path.realpath(os.path.join(
    os.path.dirname(__file__), "../.."))
BIN = os.environ.get("ESPCAP_BIN_DIR") or os.path.join(ROOT, "build/dev/bin")
PCAPS = os.path.join(ROOT, "test_pcaps")
HTTP = os.path.join(PCAPS, "test_http.pcap")
WAIT_S = 90


def wait_for(condition, what, seconds=WAIT_S):
    """The first true value of condition(), or an error that says what did not come."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.02)


def environment(home):
    """Nothing of the caller's settings: no configuration, no proxy, no state of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS",
                                                "TSAN_OPTIONS") if name in os.environ}
    empty = os.path.join(home, "espcap.conf")
    if not os.path.exists(empty):
        with open(empty, "w", encoding="utf-8") as file:
            file.write("{}\n")
    return kept | {"HOME": home, "XDG_STATE_HOME": os.path.join(home, "state"), "TZ": "UTC",
                   "LC_ALL": "C.UTF-8", "ESPCAP_CONFIG": empty}


class Ended:
    """How a program ended, and what it said."""

    def __init__(self, command, code, out, err):
        self.command, self.code, self.out, self.err = command, code, out, err

    def __str__(self):
        return (f"{' '.join(self.command)}\n-> {self.code}\n--- standard output\n"
                f"{self.out[-3000:]}\n--- standard error\n{self.err[-3000:]}")

    def lines(self):
        return self.err.splitlines()


class Running:
    """A program in the background; what it says goes into files, so that it never blocks."""

    def __init__(self, command, folder, env, **options):
        self.command = command
        number = sum(name.startswith("said.") for name in os.listdir(folder))
        self.path = os.path.join(folder, f"said.{number}")
        options.setdefault("stdin", subprocess.DEVNULL)
        with open(self.path, "wb") as out, open(self.path + ".err", "wb") as err:
            self.process = subprocess.Popen(command, env=env, stdout=out, stderr=err, **options)
        self.pid = self.process.pid

    def said(self, suffix=".err"):
        with open(self.path + suffix, encoding="utf-8", errors="backslashreplace") as file:
            return file.read()

    def runs(self):
        return self.process.poll() is None

    def says(self, text):
        """Waits until standard error holds text; the program must not end before."""
        def look():
            ended = not self.runs()
            if text in self.said():
                return True
            if ended:
                raise AssertionError(f"ended without saying {text!r}: {self.ended()}")
            return False
        wait_for(look, f"{self.command[0]} saying {text!r}")

    def send(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=WAIT_S):
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"no end within {seconds} s: {self.ended()}") from None
        return self.ended()

    def stop(self, number=signal.SIGTERM, seconds=WAIT_S):
        self.send(number)
        return self.wait(seconds)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def ended(self):
        return Ended(self.command, self.process.returncode, self.said(""), self.said())


def program(name, *arguments):
    return [os.path.join(BIN, name), *map(str, arguments)]


def status(spool, env):
    """What `espcap spool status` tells, or {} while there is no spool."""
    answer = subprocess.run(program("espcap", "spool", "status", spool, "--json"), env=env,
                            capture_output=True, check=False, timeout=WAIT_S)
    return json.loads(answer.stdout) if answer.returncode == 0 else {}
