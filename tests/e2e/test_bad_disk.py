#!/usr/bin/env python3
# test_bad_disk.py -- spools on full, small and read-only disks, and without permission.
# SPDX-License-Identifier: Apache-2.0
"""The disks are tmpfs in a mount namespace of this process, gone with it."""
import os
import signal
import subprocess
import sys
import threading

import case
import pcaps
import programs

IN_NAMESPACE = "ESPCAP_E2E_MOUNTS"
FREE = ("--spool-free", "0")
FULL = (r"warning: the disk of the spool \S+ has .* free, and it takes 256 MiB to stay free "
        r"\(--spool-free\) and \S+ MiB for records; nothing is lost, waiting until espcap-ship or "
        r"somebody makes room$")


class BadDisk(case.Case):
    def setUp(self):
        case.need_root()
        case.need_program("unshare", "mount")
        super().setUp()
        self.disk = self.path("disk")
        os.mkdir(self.disk)
        self.spool = os.path.join(self.disk, "spool")

    def mount(self, *options):
        self.run_command(["mount", "-t", "tmpfs", "-o", ",".join(options), "none", self.disk])
        self.addCleanup(subprocess.run, ["umount", "-l", self.disk], check=False)

    def fill(self, but):
        """Leaves so many bytes of the disk free."""
        disk = os.statvfs(self.disk)
        with open(os.path.join(self.disk, "filler"), "wb") as file:
            os.posix_fallocate(file.fileno(), 0, disk.f_bavail * disk.f_frsize - but)

    def capture(self, *options, path=programs.HTTP):
        return self.start("espcap-capture", "--file", path, "--spool", self.spool, *options)

    def test_capture_waits_for_room_and_then_stores_everything(self):
        self.mount("size=400m")
        self.fill(100 << 20)
        capture = self.capture()
        capture.says("somebody makes room")
        self.assertEqual(self.status()["committed"], 0)
        os.unlink(os.path.join(self.disk, "filler"))
        ended = capture.wait()
        self.assertEqual(ended.code, 0, str(ended))
        self.check_sentence(ended, FULL, r"297 packets, 297 documents committed")
        self.check_conservation(self.status(), committed=297, backlog=297, lost=0)

    def test_a_signal_ends_the_wait_and_resume_goes_on(self):
        self.mount("size=400m")
        self.fill(100 << 20)
        capture = self.capture()
        capture.says("somebody makes room")
        ended = capture.stop(signal.SIGINT)
        self.assertEqual(ended.code, 1, str(ended))
        self.check_sentence(ended, FULL, "297 packets, 0 documents committed",
                            "the disk of the spool .* free")
        self.check_conservation(self.status(), committed=0)
        os.unlink(os.path.join(self.disk, "filler"))
        ended = self.capture("--resume").wait()
        self.assertEqual(ended.code, 0, str(ended))
        self.check_conservation(self.status(), committed=297, backlog=297, lost=0)

    def test_the_real_end_of_the_disk_in_the_middle(self):
        """Without a floor others can take the last page while records are written."""
        first, total = 1000, 21_000
        path = self.path("numbered.pcap")
        pcaps.numbered(path, total, payload=400)
        with open(path, "rb") as file:
            text = file.read()
        self.mount("size=48m")
        capture = self.start("espcap-capture", "--file", "-", "--payload", "--spool", self.spool,
                             *FREE, stdin=subprocess.PIPE)
        self.addCleanup(capture.process.stdin.close)
        cut = 24 + (len(text) - 24) // total * first
        capture.process.stdin.write(text[:cut])
        capture.process.stdin.flush()
        self.committed(first)
        self.fill(0)
        feeder = threading.Thread(target=capture.process.stdin.write, args=(text[cut:],))
        feeder.start()
        capture.says("nothing is lost, waiting until espcap-ship or somebody makes room")
        self.assertGreaterEqual(self.status()["committed"], first)
        os.unlink(os.path.join(self.disk, "filler"))
        feeder.join()
        capture.process.stdin.close()
        ended = capture.wait()
        self.assertEqual(ended.code, 0, str(ended))
        self.check_conservation(self.status(), committed=total, backlog=total, lost=0)
        out = self.run_program("espcap", "spool", "cat", self.spool).out
        numbers = [pcaps.number_of(line.split('"source":{"ip":"')[1].split('"')[0])
                   for line in out.splitlines()]
        self.assertEqual(numbers, list(range(1, total + 1)))

    def test_a_read_only_disk(self):
        self.mount("size=400m")
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)
        self.run_command(["mount", "-o", "remount,ro", self.disk])
        for name, words in (("espcap-capture", ("--file", programs.HTTP)),
                            ("espcap-ship", ("--node", "127.0.0.1:1"))):
            done = self.run_program(name, *words, "--spool", self.spool, code=1)
            self.check_sentence(done, rf"cannot open {self.spool}/\w+\.lock: Read-only file system$")
        done = self.run_program("espcap-capture", "--file", programs.HTTP, "--spool",
                                os.path.join(self.disk, "new"), code=1)
        self.check_sentence(done, r"cannot make the spool \S+/new: Read-only file system$")
        self.check_conservation(self.status(), committed=297, backlog=297)

    def test_a_full_disk_for_an_out_file(self):
        self.spool = self.path("spool")
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)
        self.mount("size=256k")
        out = os.path.join(self.disk, "out.ndjson")
        done = self.run_program("espcap-ship", "--once", "--spool", self.spool, "--out-file", out,
                                "--give-up-after", "1s", code=1)
        self.check_sentence(done, rf"cannot write to {out}: No space left on device; nothing is "
                            "lost, trying again$", "gave up")
        self.check_conservation(self.status(), committed=297, backlog=297)
        self.run_command(["mount", "-o", "remount,size=64m", self.disk])
        self.run_program("espcap-ship", "--once", "--spool", self.spool, "--out-file", out)
        with open(out, encoding="utf-8") as file:
            self.assertEqual(len(file.readlines()), 297)


class Nobody(case.Case):
    """Without rights, as the user nobody."""

    def setUp(self):
        case.need_root()
        case.need_program("setpriv")
        super().setUp()
        self.open_binaries()

    def open_binaries(self):
        """A copy that nobody can reach, wherever the build lies."""
        self.bin = self.path("bin")
        os.mkdir(self.bin)
        for name in ("espcap", "espcap-capture", "espcap-ship"):
            self.run_command(["cp", *programs.program(name), self.bin])

    def as_nobody(self, name, *words, code):
        return self.run_command(["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
                                 "--", os.path.join(self.bin, name), *words], code)

    def test_an_interface_takes_a_capability_that_the_sentence_grants(self):
        sentence = (r"no permission to capture on lo: it takes the capability CAP_NET_RAW; run it "
                    rf"as root, or once as root: setcap cap_net_raw\+ep {self.bin}/espcap-capture$")
        self.check_sentence(self.as_nobody("espcap", "--nic", "lo", code=1), sentence)
        done = self.as_nobody("espcap-capture", "--nic", "lo", "--stdout", code=1)
        self.check_sentence(done, sentence)
        case.need_program("setcap")
        self.run_command(done.err.split("once as root: ")[1].split())
        capture = self.start_command(["setpriv", "--reuid=nobody", "--regid=nogroup",
                                      "--clear-groups", os.path.join(self.bin, "espcap-capture"),
                                      "--nic", "lo", "--stdout"])
        capture.says("capturing on lo, link type EN10MB")
        self.assertEqual(capture.stop(signal.SIGINT).code, 0)

    def test_a_spool_of_somebody_else(self):
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)
        done = self.as_nobody("espcap-capture", "--file", programs.HTTP, "--spool", self.spool,
                              code=1)
        us = "belongs to root:root, mode 0[0-7]{3}, and this is nobody:nogroup$"
        self.check_sentence(done, rf"cannot read {self.spool}/SPOOL: Permission denied; {self.spool} {us}")
        done = self.as_nobody("espcap-capture", "--file", programs.HTTP, "--spool",
                              self.path("new"), code=1)
        self.check_sentence(done, rf"cannot make the spool {self.path('new')}: Permission denied; \S+ {us}")
        self.check_conservation(self.status(), committed=297, backlog=297)

    def test_a_file_that_may_not_be_read(self):
        path = self.path("secret.pcap")
        self.run_command(["install", "-m", "600", programs.HTTP, path])
        done = self.as_nobody("espcap", "--file", path, code=1)
        self.check_sentence(done, rf"cannot open {path}: Permission denied$")


if __name__ == "__main__":
    if os.geteuid() == 0 and IN_NAMESPACE not in os.environ:
        os.environ[IN_NAMESPACE] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable,
                              *sys.argv])
    case.main()
