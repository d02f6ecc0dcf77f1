#!/usr/bin/env python3
# article.py -- compares what `espcap --file F` prints, line by line, with what tshark says of F.
# SPDX-License-Identifier: Apache-2.0
"""DESIGN.md, "The commands": five lines and an empty one for every TCP packet over IPv4 or IPv6.

frame.protocols names the headers in their order, and each field holds one value per header, so
walking the tokens gives each address and port its place. With tunnels the innermost flow counts: a
packet whose innermost flow is not TCP is no TCP packet. What follows icmp or icmpv6 is a quotation;
what TCP carries (OpenFlow has whole frames in it) is its data, for no tunnel of protocols.md runs
over TCP.
"""
import argparse
import itertools
import os
import re
import subprocess
import sys
import tempfile

import capture
import captures
import names
import oracle
import tshark

FIELDS = ("ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "tcp.srcport", "tcp.dstport")
TRANSPORTS = ("tcp", "udp", "udplite", "sctp", "dccp")
QUOTING = ("icmp", "icmpv6")
BLOCK = ("Packet {}\nSource IP        - {}\nSource port      - {}\n"
         "Destination IP   - {}\nDestination port - {}\n\n")
START = re.compile(r"^(?=Packet \d+$)", re.MULTILINE)
TIMEOUT_S = 300
SHOWN = 5


def take(values, field):
    """The next value of a field, or None when the header had none (it was bogus or cut)."""
    return values[field].pop(0) if values.get(field) else None


def flow(row, aggregator):
    """(source, source port, destination, destination port) of the innermost flow if it is TCP."""
    values = {field: row[field].split(aggregator) if field in row else [] for field in FIELDS}
    addresses = found = None
    for token in row.get("frame.protocols", "").split(":"):
        if token in QUOTING:
            break
        if token in ("ip", "ipv6"):
            addresses = take(values, token + ".src"), take(values, token + ".dst")
        elif token in TRANSPORTS:
            source = take(values, token + ".srcport")
            destination = take(values, token + ".dstport")
            if addresses and token == "tcp":
                found = (addresses[0], source, addresses[1], destination)
                break
            addresses = None
    return None if found is None or None in found else found


def road(protocols):
    """The tokens that lead to TCP, to a quotation, or else to the innermost address or transport;
    what that carries is no matter here."""
    tokens = protocols.split(":")
    end = len(tokens)
    for at, token in enumerate(tokens, 1):
        if token in ("ip", "ipv6") or token in TRANSPORTS or token in QUOTING:
            end = at
        if token == "tcp" or token in QUOTING:
            break
    return ":".join(tokens[:end])


def expected(answer, scope=None):
    """packet number -> block, of the packets tshark sees TCP in; and the numbers of the packets
    whose way to TCP leads through layers out of scope."""
    blocks, foreign = {}, set()
    for number, row in enumerate(answer.rows, 1):
        ends = flow(row, answer.aggregator)
        if ends:
            blocks[number] = BLOCK.format(number, *ends)
        if scope and scope.foreign(road(row.get("frame.protocols", ""))):
            foreign.add(number)
    return blocks, foreign


def blocks_of(text):
    """The blocks of espcap's output, in order, each with its packet number; text before the first
    block gets the number 0."""
    found = []
    for part in START.split(text):
        if part:
            start = re.match(r"Packet (\d+)\n", part)
            found.append((int(start[1]) if start else 0, part))
    return found


def compare(wanted, text):
    """The differences of one file: (packet number, wanted block or "", printed block or "")."""
    if "".join(wanted.values()) == text:
        return []
    printed = blocks_of(text)
    numbers = [number for number, _ in printed]
    merged = {}
    for number, block in printed:
        merged[number] = merged.get(number, "") + block
    different = [(number, wanted.get(number, ""), merged.get(number, ""))
                 for number in sorted(set(wanted) | set(merged))
                 if wanted.get(number, "") != merged.get(number, "")]
    if not different:
        after = next(b for a, b in itertools.pairwise(numbers) if a > b)
        different.append((after, "in the order of the packets", "out of that order"))
    return different


def lines_that_differ(wanted, printed):
    """The pairs of lines that are not the same; one pair says enough where a side has no block."""
    pairs = itertools.zip_longest(wanted.splitlines(), printed.splitlines(), fillvalue="(nothing)")
    different = [pair for pair in pairs if pair[0] != pair[1]]
    return different if wanted and printed else different[:1]


def run_espcap(binary, path):
    """(standard output, complaint) of espcap --file; the complaint is "" when it ended well."""
    try:
        run = subprocess.run([binary, "--file", path], env=capture.environment(),
                             capture_output=True, stdin=subprocess.DEVNULL, timeout=TIMEOUT_S,
                             check=False)
    except subprocess.TimeoutExpired:
        return "", f"no end within {TIMEOUT_S} s"
    said = run.stderr.decode("utf-8", "replace").strip().splitlines()
    complaint = f"ended with {run.returncode}: {said[-1] if said else ''}" if run.returncode else ""
    return run.stdout.decode("utf-8", "backslashreplace"), complaint


class Checker:
    """Counts over all files; a packet with out-of-scope layers is told apart and fails nothing."""

    def __init__(self, asker, binary, scope):
        self.asker, self.binary, self.scope = asker, binary, scope
        self.packets = self.failed = self.excused = 0

    def check_file(self, path, shown):
        answer = self.asker.ask(path)
        wanted, foreign = expected(answer, self.scope)
        text, complaint = run_espcap(self.binary, path)
        self.packets += len(wanted)
        if complaint and not answer.error:
            self.say(f"{shown}: espcap {complaint}")
            self.failed += not self.may_refuse(path, answer.rows)
        different = compare(wanted, text)
        for number, want, got in different[:SHOWN]:
            mark = " (out-of-scope layers)" if number in foreign else ""
            for line, other in lines_that_differ(want, got):
                self.say(f"{shown} #{number}{mark}: tshark {line!r}, espcap {other!r}")
        if len(different) > SHOWN:
            self.say(f"{shown}: and {len(different) - SHOWN} more packets")
        excused = sum(number in foreign for number, _, _ in different)
        self.excused += excused
        self.failed += len(different) - excused

    def may_refuse(self, path, rows):
        """The same two reasons that excuse a refusal in the oracle."""
        link_unknown = bool(self.scope) and not self.scope.knows_link(rows)
        return link_unknown or captures.libpcap_refuses(path)

    @staticmethod
    def say(line):
        print(line.encode("ascii", "backslashreplace").decode())


def arguments(argv):
    parser = argparse.ArgumentParser(
        description="Compares the article's output of `espcap --file F` with tshark, line by line.")
    parser.add_argument("paths", nargs="+", metavar="PATH", help="capture files or folders of them")
    folder = os.environ.get("ESPCAP_BIN_DIR") or os.path.join(oracle.ROOT, "build/dev/bin")
    parser.add_argument("--espcap-bin", default=os.path.join(folder, "espcap"), metavar="FILE",
                        help="espcap (default: %(default)s)")
    parser.add_argument("--scope", metavar="FILE", help="file of name prefixes: packets with other "
                        "layers are reported and do not fail (default: every packet counts)")
    parser.add_argument("--cache", metavar="DIR", help="keep tshark's answers here")
    return parser.parse_args(argv)


def main(argv=None):
    args = arguments(argv)
    with tempfile.TemporaryDirectory(prefix="espcap-article-") as config_dir:
        try:
            scope = names.load_scope(args.scope) if args.scope else None
            files = captures.find_captures(args.paths)
            if not os.access(args.espcap_bin, os.X_OK):
                raise ValueError(f"{args.espcap_bin} is not there to run; build it, or name it "
                                 "with --espcap-bin")
        except (ValueError, OSError) as error:
            print(f"article: {error}.", file=sys.stderr)
            return 2
        asker = tshark.Tshark(FIELDS, config_dir, args.cache)
        checker = Checker(asker, args.espcap_bin, scope)
        for path, shown in files:
            checker.check_file(path, shown)
    print(f"article: {len(files)} captures, {checker.packets} TCP packets of tshark; "
          f"{checker.failed} differences, {checker.excused} more in packets with out-of-scope "
          "layers")
    return 1 if checker.failed else 0


if __name__ == "__main__":
    sys.exit(main())
