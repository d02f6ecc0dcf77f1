#!/usr/bin/env python3
# bench.py -- measures what DESIGN's table promises, prints it as ratios and keeps every figure.
# SPDX-License-Identifier: Apache-2.0
import argparse
import os
import sys
import time

import captures
import machine
import measure
import report
import row_capture
import row_open
import row_quiet
import row_server
import row_ship

SIZES = {
    "whole": {"packets": 300_000, "many": 10_000_000, "tshark_packets": 20_000, "rounds": 5,
              "quiet_seconds": 95, "segments": row_open.SEGMENTS, "server_packets": 60_000, "server_rounds": 6, "index_packets": 30_000},
    "quick": {"packets": 30_000, "many": 300_000, "tshark_packets": 2_000, "rounds": 2,
              "quiet_seconds": 16, "segments": 20, "server_packets": 5_000, "server_rounds": 1, "index_packets": 3_000},
}

# memory, start and open want the large backlog that long leaves.
ROWS = {
    "print": row_capture.to_nothing,
    "spool": row_capture.to_spool,
    "bulk": row_ship.to_loopback,
    "long": row_capture.long_run,
    "memory": row_ship.memory,
    "disk": row_capture.bytes_on_disk,
    "start": row_ship.first_record,
    "open": row_open.opening,
    "quiet": row_quiet.quiet,
    "server": row_server.to_elasticsearch,
    "index": row_server.bytes_in_index,
    "template": row_server.template_cost,
}


class Bench:
    """What every row needs: programs, folders, sizes, captures."""

    def __init__(self, mode):
        self.size = SIZES[mode]
        self.bin = os.environ["ESPCAP_BIN_DIR"]
        self.work = os.environ["BENCH_WORK"]
        self.backlog = None

    def program(self, name):
        return os.path.join(self.bin, name)

    def path(self, name):
        return os.path.join(self.work, name)

    def capture(self, kind, packets=None):
        """The path of a capture of that kind with so many packets."""
        return captures.make(self.work, kind, packets or self.size["packets"])


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog="tests/bench/run", description="Measures espcap, as ratios to other programs.")
    parser.add_argument("--quick", dest="mode", action="store_const", const="quick",
                        default="whole", help="small captures, few rounds, nothing is kept")
    parser.add_argument("--rows", metavar="LIST", default=",".join(ROWS),
                        help="names between commas; the others stay as they were (default: "
                             "%(default)s)")
    parser.add_argument("--readme", action="store_true",
                        help="measure nothing: put the kept results into README.md")
    args = parser.parse_args(argv)
    args.rows = args.rows.split(",")
    for row in args.rows:
        if row not in ROWS:
            parser.error(f"there is no row {row}; the rows are {', '.join(ROWS)}")
    return args


def measure_row(bench, name, about):
    """{row, about, seconds, load, lines, costs} and, if it could not be measured, why."""
    row = {"row": name, "about": about, "load": os.getloadavg()[0], "lines": [], "costs": {}}
    begun = time.monotonic()
    print(f"{name} ...", file=sys.stderr, flush=True)
    try:
        ROWS[name](bench, row)
    except (measure.Failed, measure.Skipped) as why:
        row["failed" if isinstance(why, measure.Failed) else "skipped"] = str(why)
        print(f"{name}: {why}", file=sys.stderr)
    row["seconds"] = time.monotonic() - begun
    return row


def main(argv):
    args = arguments(argv)
    if args.readme:
        return report.into_readme(os.path.join(captures.ROOT, "README.md"))
    about = machine.describe(captures.ROOT)
    about["mode"] = args.mode
    bench = Bench(args.mode)
    document = {"rows": [measure_row(bench, name, about) for name in args.rows]}
    print(report.as_markdown(document))
    if args.mode == "whole":
        report.keep(document, list(ROWS))
    return 1 if any("failed" in row for row in document["rows"]) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
