# tshark.py -- asks tshark what it says of a capture, and keeps the answers.
# SPDX-License-Identifier: Apache-2.0
"""The options are those of protocols.md 6.1, to the letter; one run per file, all names at once.

Rows are cells between 0x1f, values of one cell between 0x1e. A packet may itself hold 0x1f: then a
row has too many cells, and the file is asked again with the bytes 0xff and 0xfe, which never stand
in a value, because values are valid UTF-8.
"""
import collections
import hashlib
import json
import os
import subprocess
import tempfile
import zlib

import names

PREFERENCES = """
ip.defragment:FALSE ipv6.defragment:FALSE ip.use_geoip:FALSE ipv6.use_geoip:FALSE
tcp.desegment_tcp_streams:FALSE tcp.reassemble_out_of_order:FALSE
tcp.relative_sequence_numbers:FALSE tcp.analyze_sequence_numbers:FALSE
mptcp.relative_sequence_numbers:FALSE dccp.relative_sequence_numbers:FALSE
tcp.calculate_timestamps:FALSE tcp.track_bytes_in_flight:FALSE udp.calculate_timestamps:FALSE
sctp.reassembly:FALSE sctp.relative_tsns:FALSE sctp.tsn_analysis:FALSE
wlan.defragment:FALSE wlan.enable_decryption:FALSE eth.fcs:Never
tls.desegment_ssl_records:FALSE tls.desegment_ssl_application_data:FALSE
quic.reassemble_crypto_out_of_order:FALSE
http.desegment_headers:FALSE http.desegment_body:FALSE
http.dechunk_body:FALSE http.decompress_body:FALSE
dns.desegment_dns_messages:FALSE smtp.desegment_data:FALSE smtp.desegment_lines:FALSE
pop.desegment_data:FALSE tftp.defragment:FALSE
smb.trans_reassembly:FALSE smb.dcerpc_reassembly:FALSE smb2.pipe_reassembly:FALSE
dcerpc.reassemble_dcerpc:FALSE cotp.reassemble:FALSE rtp.desegment_rtp_streams:FALSE
snmp.display_oid:FALSE sip.hide_generatd_call_id:TRUE
""".split()
CHECKSUM_PREFERENCES = ["ip.check_checksum:TRUE", "tcp.check_checksum:TRUE",
                        "udp.check_checksum:TRUE"]
HELPERS = ("frame.number", "frame.time_epoch", "frame.protocols", "_ws.malformed", "_ws.short")
SEPARATORS = (("\x1f", "\x1e"), ("\udcff", "\udcfe"))
TIMEOUT_S = 300
PCAPS = os.path.realpath(os.path.join(names.HERE, "..", "..", "test_pcaps"))

# rows: one dict name -> cell text per packet, without empty cells. error: "" or tshark's sentence.
Answer = collections.namedtuple("Answer", "rows error aggregator")


def version():
    """The first line of tshark --version."""
    out = subprocess.run(["tshark", "--version"], capture_output=True, check=True).stdout
    return out.decode("utf-8", "replace").splitlines()[0]


def columns(names):
    """The fields asked for: the helpers, and each name once."""
    return list(HELPERS) + [name for name in names if name not in HELPERS]


def command(path, fields, preferences, separators, more=()):
    """The command line of 6.1 for one file; more: other options that tshark is given."""
    line = ["tshark", "-n", "-r", path, "-T", "fields", "-E", "separator=" + separators[0],
            "-E", "aggregator=" + separators[1], "-E", "occurrence=a", "-E", "quote=n",
            "-E", "header=n"]
    for preference in preferences:
        line += ["-o", preference]
    line += more
    for field in fields:
        line += ["-e", field]
    return line


def load_rules():
    """decode_as.txt: name of a capture of ours -> the rules tshark is told."""
    rules = collections.defaultdict(list)
    for line in names.lines_of(os.path.join(names.HERE, "decode_as.txt")):
        capture, rule, _ = line.split("\t")
        rules[os.path.join(PCAPS, capture)].append(rule)
    return rules


class Tshark:
    """One set of fields and preferences. config_dir is an empty folder, cache a folder or None."""

    def __init__(self, names, config_dir, cache=None, checksums=False, heuristics=()):
        self.fields = columns(names)
        self.preferences = PREFERENCES + (CHECKSUM_PREFERENCES if checksums else [])
        self.heuristics = list(heuristics)
        self.cache = cache
        self.version = version()
        self.rules = load_rules()
        self.environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "TZ": "UTC",
                            "LC_ALL": "C.UTF-8", "HOME": config_dir,
                            "WIRESHARK_CONFIG_DIR": config_dir}

    def ask(self, path, like=None, rules=()):
        """The Answer for one capture, from the cache when the same question was asked before.
        `like` is another capture whose rules hold for it; rules: further ones."""
        more = self.more(like or path, rules)
        kept = self.kept_path(path, more)
        answer = read_kept(kept, self.fields)
        if answer:
            return answer
        for separators in SEPARATORS:
            record = self.run(path, separators, more)
            answer = parse(record, self.fields)
            if answer:
                keep(kept, record)
                return answer
        return Answer([], "its rows do not have one cell per field", "")

    def more(self, path, rules):
        """What tshark is told beside 6.1: ports of our own captures, heuristics switched on."""
        words = []
        for rule in [*self.rules.get(os.path.realpath(path), []), *rules]:
            words += ["-d", rule]
        for heuristic in self.heuristics:
            words += ["--enable-heuristic", heuristic]
        return words

    def kept_path(self, path, more):
        """Where the cache keeps this answer: the hash of file, options, names and version."""
        if not self.cache:
            return None
        digest = hashlib.sha256()
        with open(path, "rb") as file:
            digest.update(hashlib.sha256(file.read()).digest())
        question = [self.version, self.preferences, self.fields,
                    command("", [], [], ("", ""), more)]
        digest.update(json.dumps(question).encode())
        return os.path.join(self.cache, digest.hexdigest())

    def run(self, path, separators, more):
        """One run of tshark, as a record: a line of JSON, then its standard output."""
        try:
            run = subprocess.run(command(path, self.fields, self.preferences, separators, more),
                                 env=self.environment, stdin=subprocess.DEVNULL,
                                 capture_output=True, timeout=TIMEOUT_S, check=False)
        except subprocess.TimeoutExpired:
            return record_of(separators, f"no end within {TIMEOUT_S} s", b"", False)
        error = first_complaint(run.stderr, path) if run.returncode else ""
        if run.returncode and not error:
            error = f"ended with {run.returncode}"
        return record_of(separators, error, run.stdout, run.returncode >= 0)


def read_kept(kept, fields):
    """The Answer the cache holds, or None when it holds none or a damaged one."""
    if not kept or not os.path.exists(kept):
        return None
    try:
        with open(kept, "rb") as file:
            return parse(zlib.decompress(file.read()), fields)
    except (zlib.error, ValueError):
        return None


def record_of(separators, error, out, lasting):
    """lasting: the answer depends on the file alone and may be kept."""
    head = {"separators": separators, "error": error, "lasting": lasting}
    return json.dumps(head).encode() + b"\n" + out


def keep(kept, record):
    """Writes a record into the cache; a reader never sees half of it."""
    if not kept or not json.loads(record.split(b"\n", 1)[0])["lasting"]:
        return
    os.makedirs(os.path.dirname(kept), mode=0o700, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=os.path.dirname(kept), delete=False) as file:
        file.write(zlib.compress(record, 6))
    os.replace(file.name, kept)


def first_complaint(stderr, path):
    """tshark's own sentence, without its remark about root and without the path."""
    for line in stderr.decode("utf-8", "replace").splitlines():
        if line and not line.startswith("Running as user"):
            line = line[len("tshark: "):] if line.startswith("tshark: ") else line
            return line.replace(path, os.path.basename(path))
    return ""


def parse(record, fields):
    """The Answer of a record, or None when a row does not have one cell per field."""
    head, _, out = record.partition(b"\n")
    head = json.loads(head)
    separator, aggregator = head["separators"]
    rows = []
    for line in out.decode("utf-8", "surrogateescape").split("\n")[:-1]:
        cells = line.split(separator)
        if len(cells) != len(fields):
            return None
        rows.append({field: cell for field, cell in zip(fields, cells) if cell})
    return Answer(rows, head["error"], aggregator)
