# test_sink_disk.py -- --out-file on disks that are full, read-only, broken, pulled, or not there.
# SPDX-License-Identifier: Apache-2.0
"""Mounts are made in a mount namespace of the test's own, which takes root."""
import os
import shutil
import sys

import case
from sink_case import LONG, SinkCase, content

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fault"))
from disk import FOREVER, Fault, mount    # noqa: E402

IN_NAMESPACE = "ESPCAP_SINK_MOUNTS"
PACKETS = 600
EIO = 5


class Disk(SinkCase):
    """A small disk is mounted where the files go."""
    forms = ("--out-format", "bulk")

    def setUp(self):
        case.need_root()
        super().setUp()

    def mount(self, options):
        if not mount("-t", "tmpfs", "-o", options, "none", self.out):
            self.skipTest("no tmpfs can be mounted")
        self.addCleanup(self.run_command, ["umount", "-l", self.out], None)

    def writes(self, *options, **env):
        return self.ship("--out-file", self.path_out(), "--chunk", "50", *self.forms, *options, **env)

    def all_written(self, ship):
        self.assertTrue(self.site.wait_for(lambda: self.site.status()["backlog"] == 0))
        ship.terminate()
        self.site.finish(ship)

    def whole_files(self, *folders):
        """Each is whole by itself, as a body for /_bulk; then the judge looks at all of them."""
        for folder in folders:
            for name in os.listdir(folder):
                path = os.path.join(folder, name)
                text = content(path)
                self.assertTrue(text.endswith(b"\n"), path)
                answer = self.site.es.post("", text)
                self.assertEqual(answer.status, 200, answer.body)
                self.assertFalse({400} & set(answer.statuses()), path)
        self.settled_once()

    def test_a_full_disk_that_is_made_larger(self):
        self.captured(PACKETS)
        for rotate in (("--out-rotate-size", "100K"), ()) if LONG else ((),):
            with self.subTest(rotate=rotate):
                self.site.es.reset()
                self.mount("size=256k")
                kept = self.path("kept-spool")
                shutil.copytree(self.site.spool, kept)
                ship = self.writes(*rotate)
                self.says(f"cannot write to {self.out}/edge")
                self.says("No space left on device; nothing is lost, trying again")
                self.assertGreater(self.site.status()["backlog"], 0)
                self.run_command(["mount", "-o", "remount,size=64m", self.out])
                self.all_written(ship)
                self.whole_files(self.out)
                self.run_command(["umount", self.out])
                shutil.rmtree(self.site.spool)
                os.rename(kept, self.site.spool)
                os.unlink(self.site.folder + "/services.log")

    def test_a_disk_that_is_taken_out_and_another_one_put_in(self):
        self.mount("size=64m")
        self.captured(PACKETS)
        ship = self.writes("--out-rotate-interval", "1h")
        self.assertTrue(self.site.wait_for(lambda: self.site.status()["backlog"] == 0))
        carried = self.path("carried")
        shutil.copytree(self.out, carried)      # what is on the disk as it is pulled
        self.assertEqual([name[-5:] for name in os.listdir(carried)], [".part"])
        self.run_command(["umount", "-l", self.out])
        self.captured(PACKETS)
        self.says(f"nothing is mounted at {self.out} any more, where {self.path_out()} was; nothing is "
                  "lost, trying again")
        self.assertEqual(os.listdir(self.out), [])      # the folder below
        self.assertEqual(self.site.status()["backlog"], PACKETS)
        self.mount("size=64m")
        self.all_written(ship)
        self.assertEqual([name[5:13] for name in os.listdir(self.out)], ["00000002"])
        self.brought(self.out, carried)         # a file that was never finished comes home, too
        self.settled_once()

    def test_a_disk_that_is_read_only_for_a_while(self):
        self.mount("size=64m")
        self.captured(PACKETS // 2)
        self.run_command(["mount", "-o", "remount,ro", self.out])
        ship = self.writes()
        self.says(f"cannot write to {self.path_out()}: Read-only file system; nothing is lost")
        self.run_command(["mount", "-o", "remount,rw", self.out])
        self.captured(PACKETS // 2)
        self.all_written(ship)
        self.whole_files(self.out)


class Broken(SinkCase):
    """Calls that fail."""

    def plan(self, kind, times, code):
        fault = Fault(self.site, kind, 1 if times else 0, ("errno", code), times)
        env = fault.env()
        env["ESPCAP_DISK"] = env["ESPCAP_DISK"].replace(self.site.spool, self.out)
        return fault, env

    def test_a_sync_that_fails_acknowledges_nothing(self):
        self.captured(PACKETS)
        fault, env = self.plan("sync", FOREVER, EIO)
        ship = self.ship("--out-file", self.path_out(), "--chunk", "50", **env)
        self.assertTrue(self.site.wait_for(lambda: self.site.status()["backlog"] == 0))
        fault.fall_ill()
        self.captured(PACKETS)
        self.says("Input/output error; nothing is lost, trying again")
        self.assertTrue(self.site.wait_for(lambda: len(fault.hits()) > 1))
        self.assertEqual(self.site.status()["backlog"], PACKETS)
        fault.heal()
        self.assertTrue(self.site.wait_for(lambda: self.site.status()["backlog"] == 0))
        ship.terminate()
        self.site.finish(ship)
        self.brought(self.path_out())
        self.settled_once()

    def test_each_call_fails_some_times(self):
        for kind in ("write", "sync", "truncate", "rename", "open", "changes") if LONG else ("changes",):
            with self.subTest(kind=kind):
                self.captured(PACKETS // 6)
                _, env = self.plan(kind, 3, EIO)
                self.once("--out-file", self.path_out("bulk", True), "--out-format", "bulk", "--chunk",
                          "20", "--out-rotate-size", "3K", **env)
        self.brought(self.out)
        self.settled_once()

    def test_a_file_that_is_deleted_or_moved_is_not_written_any_more(self):
        self.captured(50)
        ship = self.ship("--out-file", self.path_out())
        moved = self.path("moved.ndjson")
        self.assertTrue(self.site.wait_for(lambda: self.site.status()["backlog"] == 0))
        os.rename(self.path_out(), moved)
        with open(self.path_out(), "wb"):   # as logrotate does
            pass
        self.captured(50)
        self.assertTrue(self.site.wait_for(lambda: self.site.status()["backlog"] == 0))
        self.check_said("was deleted or moved while it was written; another one is begun")
        ship.terminate()
        self.site.finish(ship)
        self.brought(moved, self.path_out())
        self.settled_once()


if __name__ == "__main__":
    if os.geteuid() == 0 and IN_NAMESPACE not in os.environ:
        os.environ[IN_NAMESPACE] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable,
                              *sys.argv])
    case.main()
