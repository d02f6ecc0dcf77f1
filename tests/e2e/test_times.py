#!/usr/bin/env python3
# test_times.py -- times before 1970, after 2262 and of many days, in a real server under the template.
# SPDX-License-Identifier: Apache-2.0
import os
import random
import sys

import case
import programs

sys.path.append(os.path.join(programs.ROOT, "tests", "fault"))
import time_files  # noqa: E402

ALL = "espcap-packets-*"


class Times(case.NodeCase):
    def test_times_that_no_index_can_hold_are_indexed_under_the_nearest(self):
        seed = random.randrange(2**32)
        print(f"seed {seed}")
        times = time_files.strange_times(random.Random(seed), days=20)
        path = self.path("strange.pcapng")
        time_files.write_pcapng(path, times)
        self.run_program("espcap-capture", "--file", path, "--spool", self.spool)
        self.run_program("espcap-ship", "--once", "--spool", self.spool, "--node", self.node.url,
                         "--setup", "install")
        self.check_conservation(self.status(), committed=len(times), indexed=len(times), dead=0)
        hits = self.node.all(ALL)
        for hit, at in zip(hits, times, strict=True):
            stamp, own = time_files.own_times(hit["_source"])
            self.assertEqual((stamp, own), (min(max(at, 0), time_files.LAST), at))
            self.assertEqual(hit["_index"], time_files.day_index(hit["_source"]["@timestamp"]))
        late = sum(at >= time_files.LAST for at in times)
        self.assertGreater(late, 0)
        self.assertEqual(late, self.node.count(ALL, {"range": {
            "@timestamp": {"gte": "2262-04-11T23:47:16.854775807Z"}}}))
        self.assertEqual(sum(at < 0 for at in times), self.node.count(ALL, {"range": {
            "espcap.anomaly.seconds": {"lt": 0}}}))
        self.check_runs(ALL, len(times))


if __name__ == "__main__":
    case.main()
