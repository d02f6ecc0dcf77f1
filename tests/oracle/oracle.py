#!/usr/bin/env python3
# oracle.py -- compares espcap's documents, cell by cell, with what tshark says of a capture.
# SPDX-License-Identifier: Apache-2.0
import argparse
import json
import multiprocessing
import os
import signal
import sys
import tempfile

import alone
import captures
import compare
import names
import report
import tshark

ROOT = os.path.dirname(os.path.dirname(names.HERE))
FLOORS = os.path.join(names.HERE, "floor.txt")

worker = None    # the Comparison of this process: set once, before the pool forks


def default_binary():
    folder = os.environ.get("ESPCAP_BIN_DIR") or os.path.join(ROOT, "build/dev/bin")
    return os.path.join(folder, "espcap-capture")


def arguments(argv):
    parser = argparse.ArgumentParser(
        description="Compares espcap-capture with tshark, cell by cell (protocols.md, section 6).")
    parser.add_argument("paths", nargs="+", metavar="PATH", help="capture files or folders of them")
    parser.add_argument("--capture-bin", default=default_binary(), metavar="FILE",
                        help="espcap-capture (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes (default: 2)")
    scope = parser.add_mutually_exclusive_group()
    scope.add_argument("--protocols", metavar="LIST",
                       help="name prefixes in scope, between commas; all for every one there is")
    scope.add_argument("--scope", metavar="FILE", help="file of name prefixes (default: scope.txt)")
    floor = parser.add_mutually_exclusive_group()
    floor.add_argument("--floor", type=float, metavar="X",
                       help="exit with 1 when the rate over all packets is below X")
    floor.add_argument("--check", metavar="SET", help="as --floor, with SET's rate in floor.txt")
    parser.add_argument("--cache", metavar="DIR", help="keep tshark's answers here")
    parser.add_argument("--json", metavar="FILE", help="write the full result")
    parser.add_argument("--worst", type=int, default=20, metavar="N",
                        help="fields to print of each table (default: 20)")
    parser.add_argument("--payload", action="store_true",
                        help="run espcap-capture with --payload and compare those fields too")
    parser.add_argument("--alone", action="store_true",
                        help="ask tshark of each differing packet alone what only earlier ones tell")
    parser.add_argument("--probe-rtp", action="store_true",
                        help="look for RTP by content on both sides")
    parser.add_argument("--checksums", action="store_true",
                        help="verify checksums on both sides and compare only *.checksum.status")
    return parser.parse_args(argv)


def floor_of(name, path):
    """The floor of a set; raises ValueError when the file has none."""
    for line in names.lines_of(path):
        key, value = line.split("\t")
        if key == name:
            return float(value)
    raise ValueError(f"floor.txt has no set {name}")


def unknown_prefixes(scope, known):
    """Prefixes that stand for nothing: no name and no token."""
    table = names.load_tokens()
    return [prefix for prefix in scope.prefixes if prefix not in table
            and not any(names.Scope([prefix], table).holds(name) for name in known)]


def prepare(args, config_dir):
    """The Comparison of this run; raises ValueError or OSError when the arguments do not fit."""
    known = names.load_names()
    scope = names.load_scope(args.scope, args.protocols, known)
    wrong = unknown_prefixes(scope, known)
    if wrong:
        raise ValueError(f"protocols.md has no field below {', '.join(wrong)}; correct the scope")
    if not os.access(args.capture_bin, os.X_OK):
        raise ValueError(f"{args.capture_bin} is not there to run; build it, or name it with "
                         "--capture-bin")
    asked = names.select(known, scope, args.payload, args.checksums)
    extra = (["--payload"] * args.payload + ["--verify-checksums"] * args.checksums
             + ["--probe-rtp"] * args.probe_rtp)
    asker = tshark.Tshark([name.name for name in asked], config_dir, args.cache, args.checksums,
                          ["rtp_udp"] * args.probe_rtp)
    return compare.Comparison(asked, known, scope, asker, args.capture_bin, extra,
                              alone.Alone(asker) if args.alone else None)


def compare_one(entry):
    return worker.compare_file(*entry)


def compare_all(comparison, files, jobs):
    """One Tally over all files, added up in file order."""
    global worker
    worker = comparison
    tally = compare.Tally()
    if jobs < 2:
        for entry in files:
            tally.add(compare_one(entry))
        return tally
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        for part in pool.imap(compare_one, files):
            tally.add(part)
    return tally


def failures(tally, floor):
    """The sentences that make this run a failure, given a floor."""
    total = tally.total(compare.IN, compare.OUT)
    rate = compare.rate(total)
    if rate is None:
        return ["no cell was compared; give captures that both programs read"]
    found = []
    if rate < floor:
        found.append(f"the rate over all packets, {rate:.6f}, is below the floor {floor}; "
                     "mend the worst fields above, a floor only rises")
    for title in ("broke", "refused"):
        if tally.files[title]:
            found.append(f"espcap {title} on {len(tally.files[title])} captures, listed above")
    return found


def about_of(args, comparison, files):
    return report.About([
        f"oracle: {len(files)} captures against {comparison.tshark.version}",
        f"scope: {len(comparison.asked)} names below {' '.join(comparison.scope.prefixes)}",
        f"espcap: {args.capture_bin}" + "".join(" " + word for word in comparison.extra),
    ], comparison.classes)


def main(argv=None):
    args = arguments(argv)
    sys.stdout.reconfigure(errors="backslashreplace")
    with tempfile.TemporaryDirectory(prefix="espcap-oracle-") as config_dir:
        try:
            comparison = prepare(args, config_dir)
            floor = floor_of(args.check, FLOORS) if args.check else args.floor
            files = captures.find_captures(args.paths)
        except (ValueError, OSError) as error:
            print(f"oracle: {error}.", file=sys.stderr)
            return 2
        tally = compare_all(comparison, files, args.jobs)
    about = about_of(args, comparison, files)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(report.as_json(tally, about), file, indent=1)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)    # a reader like head may leave
    report.Printer(tally, about, args.worst).whole()
    found = failures(tally, floor) if floor is not None else []
    for sentence in found:
        print(f"oracle: {sentence}.", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
