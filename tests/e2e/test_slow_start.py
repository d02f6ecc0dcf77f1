#!/usr/bin/env python3
# test_slow_start.py -- the one-shot waits for a capture that starts late, instead of finding nothing.
# SPDX-License-Identifier: Apache-2.0
import os
import shutil

import case
import programs


class SlowStart(case.Case):
    def test_a_capture_that_comes_late_is_waited_for(self):
        """espcap takes the services that lie beside it: here capture starts a second late."""
        folder = self.path("bin")
        os.mkdir(folder)
        for name in ("espcap", "espcap-ship"):
            shutil.copy(os.path.join(programs.BIN, name), folder)
        late = os.path.join(folder, "espcap-capture")
        with open(late, "w", encoding="utf-8") as script:
            script.write(f'#!/bin/sh\nsleep 1\nexec {programs.BIN}/espcap-capture "$@"\n')
        os.chmod(late, 0o755)
        out = self.path("out.ndjson")
        done = self.run_program(os.path.join(folder, "espcap"), "--file", programs.HTTP,
                                "--out-file", out)
        with open(out, encoding="utf-8") as file:
            self.assertEqual(sum(1 for _ in file), 297, str(done))


if __name__ == "__main__":
    case.main()
