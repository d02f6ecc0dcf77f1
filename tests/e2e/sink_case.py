# sink_case.py -- what the tests of --out-file and --in-file share: captures, files, and the judge.
# SPDX-License-Identifier: Apache-2.0
"""
The site and the judge are those of tests/crash: every packet has a document unlike all others, and the
fake server says what it was sent in all, not only what is there in the end.
"""
import glob
import gzip
import os
import re
import sys

import case
import programs

sys.path.insert(0, os.path.join(os.path.dirname(programs.PCAPS), "tests", "crash"))
from crash import COMMON, HERE, LONG, Site, Wrong, program, sha16    # noqa: E402, F401

SEED = int(os.environ.get("ESPCAP_SEED", "1"))
NAME = re.compile(r"^(.+)-(\d{8,})-\d{8}T\d{6}Z(\.\w+)*$")
ENDING = {("ndjson", False): ".ndjson", ("ndjson", True): ".ndjson.gz", ("bulk", False): ".ndjson",
          ("bulk", True): ".ndjson.gz"}


def content(path):
    with (gzip.open if b"\x1f\x8b" == head(path) else open)(path, "rb") as file:
        return file.read()


def head(path):
    with open(path, "rb") as file:
        return file.read(2)


class SinkCase(case.Case):
    """A test with a site of its own, whose services write below self.out."""
    capture_options = ()

    def setUp(self):
        super().setUp()
        self.site = self.enterContext(Site(SEED, self.capture_options))
        self.out = self.folder + "/out"
        self.state = self.folder + "/state"
        os.mkdir(self.out)

    def ship(self, *options, spool=None, **env):
        """A shipper of the sensor."""
        return self.site.start("espcap-ship", "--spool", spool or self.site.spool, *options, **env)

    def once(self, *options, code=0, spool=None, **env):
        return self.site.finish(self.ship(*options, "--once", spool=spool, **env), (code,))

    def captured(self, packets, payload=8, **env):
        path = self.site.add_capture(packets, payload)
        self.site.finish(self.site.capture([path], **env))

    def home(self, *files, options=(), port=None, **env):
        """A shipper that brings files home; its spool lies in the state folder, unless named. port: of
        another server than ours."""
        named = [word for path in files for word in ("--in-file", path)]
        env.setdefault("XDG_STATE_HOME", self.state)
        return self.site.start("espcap-ship", *named, "--node",
                               f"127.0.0.1:{port or self.site.es.port}",
                               "--setup", "install", "--backoff-max", "500ms", *options, **env)

    def brought(self, *files, code=0, options=(), **env):
        self.site.finish(self.home(*files, options=options, **env), (code,))

    def path_out(self, form="ndjson", packed=False):
        return os.path.join(self.out, "edge" + ENDING[form, packed])

    def finished(self, unfinished=0):
        """The files in their order, whose numbers have no hole; nothing else is there."""
        files = sorted(glob.glob(self.out + "/*"))
        parts = [path for path in files if path.endswith(".part")]
        self.assertEqual(len(parts), unfinished, files)
        files = [path for path in files if path not in parts]
        numbers = [int(NAME.match(os.path.basename(path)).group(2)) for path in files]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))), files)
        return files

    def own_spools(self):
        folder = os.path.join(self.state, "espcap")
        return os.listdir(folder) if os.path.isdir(folder) else []

    def stored(self):
        return self.site.es.stats()["stored"]

    def settled_once(self, counts=True):
        """All packets, once each, under the ids and in the indices that the sensor gives."""
        return self.site.judge(counts=counts)

    def says(self, words):
        self.assertTrue(self.site.wait_for(lambda: self.site.has_said(words)),
                        f"nobody said {words!r}: {self.site.said()[-5:]}")

    def check_said(self, pattern, times=1):
        found = [line for line in self.site.said() if re.search(pattern, line)]
        self.assertEqual(len(found), times, self.site.said())
