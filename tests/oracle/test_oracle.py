# test_oracle.py -- the oracle counts each kind of difference and fails when it must, with tshark.
# SPDX-License-Identifier: Apache-2.0
"""The input that must agree comes from perfect.py, which reads tshark's text on its own; each test
then spoils it in one place and looks for exactly that in the counts."""
import contextlib
import copy
import functools
import io
import json
import os
import shlex
import subprocess
import tempfile
import unittest
import zlib

import alone
import capture
import cells
import compare
import made
import names
import oracle
import report
import tshark
from cells import ABSENT, AGREE, EXTRA, MISSING, SKIPPED, WRONG

HTTP = (b"GET /a?b=c HTTP/1.1\r\nHost: one\r\nX-Odd: a\x1fb\x1ec\x01\x02\td\\e\xc3\xbc\r\n"
        b"Cookie: k=v\r\n\r\n")
# The scope of these tests stays as it is, whatever espcap comes to decode: GRE and PPP are not in it.
SCOPE = "frame,eth,vlan,ieee8021ad,sll,null,raw,arp,ip,ipv6,icmp,icmpv6,tcp,udp,data,dns,http,tls"
FRAMES = (
    made.ethernet(made.ip(made.tcp(HTTP), 6)),    # 1
    made.ethernet(made.ip(made.udp(made.dns_query(b"")), 17)),    # 2
    made.ethernet(made.ip(made.udp(made.dns_query(b"www.example.com")), 17)),    # 3
    made.ethernet(made.ip(made.icmp_error(made.ip(made.udp(), 17)), 1)),    # 4
    made.ethernet(made.ip(made.gre(made.ip(made.tcp(), 6, "10.1.0.1")), 47)),    # 5
    made.ethernet(made.ip(made.udp(made.dns_query(b"cut.test")[:20]), 17)),    # 6 malformed
    (made.ethernet(made.ip(made.tcp(HTTP), 6))[:44], 140),    # 7 short
    made.ethernet(made.ipv6(made.tcp(HTTP, target=8080), 6), 0x86dd),    # 8
)


def one(name):
    return names.load_names()[name]


class Normalisation(unittest.TestCase):
    """(field, tshark's text, espcap's value, verdict); the separator of values is |."""

    def check(self, *table):
        for name, raw, value, verdict in table:
            name = name if isinstance(name, names.Name) else one(name)
            self.assertEqual(cells.judge(name, raw, value, "|"), verdict, (name.name, raw, value))

    def test_numbers_agree_in_any_base_and_only_as_numbers(self):
        self.check(("eth.type", "0x0800", 2048, AGREE), ("eth.type", "0x0800", 2049, WRONG),
                   ("eth.type", "0x0800", "0x0800", WRONG), ("eth.type", "0x0800", 2048.0, WRONG),
                   ("ip.len", "20", 20, AGREE), ("ip.len", "1", True, WRONG),
                   ("ntp.precision", "236", -20, WRONG),
                   ("radiotap.dbm_antsignal", "-70", -70, AGREE),
                   ("http.content_length", "18446744073709551615", 2**64 - 1, AGREE),
                   ("http.content_length", "9007199254740993", 9007199254740992, WRONG))

    def test_booleans_are_json_booleans(self):
        self.check(("ip.flags.df", "1", True, AGREE), ("ip.flags.df", "0", False, AGREE),
                   ("ip.flags.df", "True", True, AGREE), ("ip.flags.df", "1", False, WRONG),
                   ("ip.flags.df", "1", 1, WRONG), ("ip.flags.df", "0", 0, WRONG))

    def test_the_five_escapes_of_text_and_no_other(self):
        self.check(("http.host", r"a\b\t\n\f\rb", "a\b\t\n\f\rb", AGREE),
                   ("http.host", r"a\tb", r"a\tb", AGREE), ("http.host", "a\x0bb", "a\x0bb", AGREE),
                   ("http.host", r"a\b", r"a\\b", WRONG), ("http.host", "\ufffd", "\u00fc", WRONG),
                   ("http.request.line", r"Host: a\r\n|B: c\r\n", ["Host: a\r\n", "B: c\r\n"],
                    AGREE),
                   ("http.request.line", r"Host: a\r\n", "Host: a", WRONG))

    def test_values_keep_their_order_and_number(self):
        self.check(("ip.src", "1.1.1.1|2.2.2.2", ["1.1.1.1", "2.2.2.2"], AGREE),
                   ("ip.src", "1.1.1.1|2.2.2.2", ["2.2.2.2", "1.1.1.1"], WRONG),
                   ("ip.src", "1.1.1.1|2.2.2.2", "1.1.1.1", WRONG),
                   ("ip.src", "1.1.1.1", ["1.1.1.1", "1.1.1.1"], WRONG),
                   ("http.host", "a|b", "a|b", AGREE))    # one value that holds the separator

    def test_times_agree_to_the_nanosecond(self):
        self.check(("ntp.xmt", "Nov  3, 2023 08:00:00.123456789 UTC",
                    "2023-11-03T08:00:00.123456789Z", AGREE),
                   ("ntp.xmt", "Nov  3, 2023 08:00:00.123456789 UTC",
                    "2023-11-03T08:00:00.123456788Z", WRONG),
                   ("ntp.xmt", "Nov 13, 1923 08:00:00.000000000 UTC",
                    "1923-11-13T08:00:00.000000000Z", AGREE),
                   ("ntp.xmt", "NULL", ABSENT, None), ("ntp.xmt", "NULL", "x", EXTRA),
                   ("x509af.utcTime", "2014-09-24 10:08:05 (UTC)", "2014-09-24 10:08:05 (UTC)",
                    AGREE),
                   ("x509af.utcTime", "2014-09-24 10:08:05 (UTC)",
                    "2014-09-24T10:08:05.000000000Z", AGREE),
                   ("x509af.utcTime", "2014-09-24 10:08:05 (UTC)",
                    "2014-09-24T10:08:06.000000000Z", WRONG))
        self.assertEqual(cells.iso_epoch("1700000000.000000001"), "2023-11-14T22:13:20.000000001Z")
        self.assertIsNone(cells.iso_epoch("-1.000000000"))
        self.assertIsNone(cells.iso_epoch("99999999999.000000000"))

    def test_floats_agree_within_a_millionth(self):
        self.check(("stp.msg_age", "48.1875", 48.1875, AGREE), ("stp.msg_age", "100", 100, AGREE),
                   ("stp.msg_age", "1", 1.0000009, AGREE), ("stp.msg_age", "1", 1.000002, WRONG),
                   ("stp.msg_age", "1", "1", WRONG), ("stp.msg_age", "1", True, WRONG),
                   ("stp.msg_age", "nan", ABSENT, None), ("stp.msg_age", "inf", 1.0, EXTRA))

    def test_identifiers_of_64_bits_are_text(self):
        self.check(("smb2.sesid", "0x00040000000000f1", "0x00040000000000f1", AGREE),
                   ("smb2.sesid", "0x00040000000000f1", 0x00040000000000f1, WRONG),
                   ("smb2.sesid", "0x00040000000000f1", "0x400000000000f1", WRONG),
                   ("smb2.msg_id", "7", "7", AGREE), ("smb2.msg_id", "7", 7, WRONG))

    def test_labels_are_compared_by_presence(self):
        label = names.Name("tcp", "proto", (), "", "")
        self.check(("quic.short", "1", True, AGREE), ("quic.short", "1", False, WRONG),
                   ("quic.short", "1", [True, True], AGREE), ("quic.short", "1", "1", WRONG),
                   ("quic.short", "1", ABSENT, MISSING), ("quic.short", "", True, EXTRA),
                   (label, "Transmission Control Protocol, Src Port: 1", True, AGREE))

    def test_bytes_are_hex_without_separators(self):
        self.check(("icmpv6.opt.linkaddr", "00:1e:ec:30:94:74", "001eec309474", AGREE),
                   ("icmpv6.opt.linkaddr", "00:1e:ec:30:94:74", "00:1e:ec:30:94:74", WRONG),
                   ("tls.handshake.random", "0a1b", "0A1B", WRONG),
                   ("dns.ds.digest", "<MISSING>", ABSENT, None),
                   ("dns.ds.digest", "<MISSING>|0a", "0a", AGREE))

    def test_names_of_dns_and_nbns(self):
        self.check(("dns.qry.name", "<Root>", "<Root>", AGREE),
                   ("dns.qry.name", "<Root>", ".", WRONG),
                   ("dns.qry.name", r"a\000b", "a\0b", AGREE),
                   ("http.host", r"a\000b", "a\0b", WRONG),
                   ("dns.qry.name", "<Name contains a pointer that loops>", "a.b", SKIPPED),
                   ("dns.qry.name", "<Name contains a pointer that loops>", ABSENT, SKIPPED),
                   ("http.host", "<Name contains a pointer that loops>", "a", WRONG),
                   ("nbns.name", "HOST<20> (Server service)", "HOST<20>", AGREE),
                   ("nbns.name", "HOST<20> (Server service)", "HOST<00>", WRONG))

    def test_empty_text_is_absent_for_tshark_and_an_error_of_ours(self):
        self.check(("http.host", "", ABSENT, None), ("http.host", "", "", EXTRA),
                   ("http.host", "a||b", ["a", "b"], AGREE),
                   ("http.host", "a||b", ["a", "", "b"], WRONG),
                   ("http.host", "a", None, WRONG), ("http.host", "a", {"x": 1}, WRONG),
                   ("http.host", "a", ["a", ["a"]], WRONG), ("http.host", "a", [], WRONG))


class Documents(unittest.TestCase):
    def test_bad_lines_are_empty_documents_and_complaints(self):
        for line in (b"{", b"[]", b'{"layers":[]}', b'{"a":1}', b'{"layers":{"a":NaN}}',
                     b'{"layers":{"a":"\xff"}}', b"", b"[" * 100000):
            documents, complaints = capture.parse(b'{"layers":{"x":1}}\n' + line + b"\n")
            self.assertEqual(documents, [{"layers": {"x": 1}}, {"layers": {}}], line[:30])
            self.assertEqual(len(complaints), 1)
        _, complaints = capture.parse(b'{"layers":{}}')
        self.assertEqual(complaints, ["line 1 does not end in a line feed"])

    def test_a_key_that_comes_twice_agrees_with_nothing(self):
        documents, _ = capture.parse(b'{"layers":{"ip.len":1,"ip.len":1}}\n')
        self.assertEqual(cells.judge(one("ip.len"), "1", documents[0]["layers"]["ip.len"]), WRONG)

    def test_documents_find_their_packets(self):
        documents = [{"layers": {"frame.number": number}} for number in (1, 3, 4)]
        self.assertEqual(capture.align(documents, 4),
                         {1: documents[0], 3: documents[1], 4: documents[2]})
        self.assertEqual(list(capture.align(documents, 3)), [1, 2, 3])
        documents.reverse()
        self.assertEqual(list(capture.align(documents, 4)), [1, 2, 3])


class Whole(unittest.TestCase):
    """oracle.py from end to end, over one capture of every kind of packet."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.cache = os.path.join(cls.folder, "cache")
        os.mkdir(os.path.join(cls.folder, "in"))
        cls.capture = made.write(os.path.join(cls.folder, "in", "a.pcap"), FRAMES)
        run = subprocess.run([os.path.join(names.HERE, "perfect.py"), "--file", cls.capture],
                             capture_output=True, check=True)
        cls.perfect = [json.loads(line) for line in run.stdout.splitlines()]

    def script(self, out, code=0, error="", after=""):
        """An executable in place of espcap-capture."""
        said = os.path.join(self.folder, "said")
        with open(said, "wb") as file:
            file.write(out)
        path = os.path.join(self.folder, "espcap-capture")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\ncat {shlex.quote(said)}\nprintf '%s' {shlex.quote(error)} >&2\n"
                       f"{after}\nexit {code}\n")
        os.chmod(path, 0o755)
        return path

    def run_oracle(self, documents, *options, paths=None, **script):
        """(exit code, result as JSON, printed report, complaints)."""
        out = "".join(json.dumps(document) + "\n" for document in documents).encode()
        result = os.path.join(self.folder, "result.json")
        if not {"--protocols", "--scope"} & set(options):
            options += ("--protocols", SCOPE)
        with contextlib.redirect_stderr(io.StringIO()) as err:
            printed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
            with contextlib.redirect_stdout(printed):
                code = oracle.main([*(paths or [self.capture]), "--capture-bin",
                                    self.script(out, **script), "--cache", self.cache, "--json",
                                    result, "--jobs", "1", *options])
        printed.seek(0)
        with open(result, encoding="utf-8") as file:
            return code, json.load(file), printed.read(), err.getvalue()

    def spoilt(self, number, **layers):
        """The perfect documents with keys of one packet changed; None takes a key out."""
        documents = copy.deepcopy(self.perfect)
        for key, value in layers.items():
            key = key.replace("__", ".")
            documents[number - 1]["layers"][key] = value
            if value is None:
                del documents[number - 1]["layers"][key]
        return documents

    def differences(self, result):
        """(table, field, verdict, packet) of every case."""
        return sorted((table, field, case["verdict"], case["packet"])
                      for table, fields in result["tables"].items()
                      for field, counts in fields.items() for case in counts["cases"])

    def expect(self, documents, *wanted):
        """Exactly these differences, each counted once in its table and in the rate."""
        _, result, _, _ = self.run_oracle(documents)
        self.assertEqual(self.differences(result), sorted(wanted))
        for verdict in (WRONG, MISSING, EXTRA):
            main = [case for case in wanted if case[0] in ("in", "out") and case[2] == verdict]
            self.assertEqual(result["all packets"][verdict], len(main))
            scope = [case for case in main if case[0] == "in"]
            self.assertEqual(result["packets whose layers are all in scope"][verdict], len(scope))

    def test_perfect_input_agrees_in_every_cell_of_every_table(self):
        code, result, _, _ = self.run_oracle(self.perfect, "--floor", "1")
        self.assertEqual(code, 0)
        self.assertEqual(self.differences(result), [])
        self.assertEqual(result["all packets"]["rate"], 1)
        for table in ("in", "out", "state", "broken"):
            self.assertGreater(sum(field["agree"] for field in result["tables"][table].values()), 0)
        self.assertEqual(result["packets"], {"tshark": 8, "espcap": 8, "in": 5, "out": 1,
                                             "broken": 2})
        self.assertEqual(result["@timestamp"], {"agree": 8, "wrong": 0, "cases": []})

    def test_control_characters_in_a_packet_are_compared(self):
        lines = self.perfect[0]["layers"]["http.request.line"]
        self.assertIn("a\x1fb\x1ec", lines[1])
        self.expect(self.spoilt(1, http__request__line=[lines[0], lines[1].replace("\x1f", " "),
                                                        lines[2]]),
                    ("in", "http.request.line", WRONG, 1))

    def test_a_wrong_a_missing_and_an_extra_cell_are_each_counted(self):
        self.expect(self.spoilt(3, ip__ttl=63), ("in", "ip.ttl", WRONG, 3))
        self.expect(self.spoilt(3, ip__ttl=None), ("in", "ip.ttl", MISSING, 3))
        self.expect(self.spoilt(3, ip__opt__len=4), ("in", "ip.opt.len", EXTRA, 3))
        self.expect(self.spoilt(3, ip__ttl=63, ip__len=None, tcp__seq=1),
                    ("in", "ip.ttl", WRONG, 3), ("in", "ip.len", MISSING, 3),
                    ("in", "tcp.seq", EXTRA, 3))

    def test_the_rate_is_agree_over_cells_with_a_value(self):
        _, before, _, _ = self.run_oracle(self.perfect)
        _, after, _, _ = self.run_oracle(self.spoilt(3, ip__ttl=63, tcp__seq=1))
        agree = before["all packets"]["agree"]
        self.assertEqual(after["all packets"]["rate"], (agree - 1) / (agree + 1))

    def test_quoted_packets_give_arrays(self):
        self.assertEqual(self.perfect[3]["layers"]["ip.proto"], [1, 17])
        self.expect(self.spoilt(4, ip__proto=1), ("in", "ip.proto", WRONG, 4))

    def test_state_fields_and_broken_packets_have_tables_of_their_own(self):
        self.expect(self.spoilt(1, tcp__window_size=None), ("state", "tcp.window_size", MISSING, 1))
        self.expect(self.spoilt(6, ip__ttl=1), ("broken", "ip.ttl", WRONG, 6))
        self.expect(self.spoilt(7, ip__ttl=1), ("broken", "ip.ttl", WRONG, 7))

    def test_out_of_scope_layers_are_missing_in_the_rate_and_told_apart(self):
        documents = self.spoilt(5, ip__src="10.0.0.1", tcp__srcport=None)
        self.expect(documents, ("out", "ip.src", WRONG, 5), ("out", "tcp.srcport", MISSING, 5))
        _, result, printed, _ = self.run_oracle(documents)
        self.assertLess(result["all packets"]["rate"], 1)
        self.assertEqual(result["packets whose layers are all in scope"]["rate"], 1)
        self.assertEqual(result["out-of-scope tokens"], {"gre": 1})
        self.assertIn("rate over all packets\n", printed)
        self.assertIn("1.000000", next(line for line in printed.splitlines()
                                       if line.endswith("whose layers are all in scope")))

    def test_a_wider_scope_asks_for_more(self):
        self.expect(self.perfect)
        _, result, _, _ = self.run_oracle(self.spoilt(5, gre__proto=1), "--protocols", "ip,gre")
        self.assertEqual(self.differences(result), [("out", "gre.proto", WRONG, 5)])
        _, result, _, _ = self.run_oracle(self.spoilt(5, gre__proto=1), "--protocols",
                                          "eth,ip,gre,tcp")
        self.assertEqual(self.differences(result), [("in", "gre.proto", WRONG, 5)])

    def test_frame_protocols_is_compared_exactly_and_folded(self):
        plain = self.perfect[2]["layers"]["frame.protocols"]
        _, result, _, _ = self.run_oracle(self.spoilt(3, frame__protocols=plain + ":dns"))
        self.assertEqual(self.differences(result), [("in", "frame.protocols", WRONG, 3)])
        self.assertEqual(result["frame.protocols folded"]["rate"], 1)
        self.assertEqual(result["classes"]["content-token"]["main"], 1)
        self.assertEqual(result["in no class"]["main"], 0)
        _, result, _, _ = self.run_oracle(self.spoilt(3, frame__protocols="eth:ip"))
        self.assertEqual(result["frame.protocols folded"]["wrong"], 1)
        self.assertEqual(result["in no class"]["main"], 1)

    def test_a_document_too_few_and_one_too_many(self):
        code, result, _, _ = self.run_oracle(self.perfect[:2] + self.perfect[3:])
        self.assertEqual(result["packets"]["without a document"], 1)
        self.assertEqual({(case[2], case[3]) for case in self.differences(result)}, {(MISSING, 3)})
        _, result, _, _ = self.run_oracle(self.perfect + [{"layers": {"frame.number": 9}}])
        self.assertEqual(self.differences(result), [("in", "frame.number", EXTRA, 9)])

    def test_timestamps_are_compared_beside_the_rate(self):
        documents = copy.deepcopy(self.perfect)
        documents[2]["@timestamp"] = documents[2]["@timestamp"].replace("123456000", "123456001")
        _, result, printed, _ = self.run_oracle(documents)
        self.assertEqual(result["@timestamp"]["wrong"], 1)
        self.assertIn("@timestamp: 7 agree, 1 wrong", printed)
        self.assertEqual(result["all packets"]["rate"], 1)

    def test_keys_that_no_list_has_are_named(self):
        _, result, printed, _ = self.run_oracle(
            self.spoilt(1, ip__addr="10.0.0.1", tcp__payload="00", gre__key=1))
        self.assertEqual(result["stray keys"], {"ip.addr": 1, "tcp.payload": 1})
        self.assertIn("        1  ip.addr\n", printed)

    def of_perfect(self, name, frames):
        """(a capture of these frames, its perfect documents)."""
        path = made.write(os.path.join(self.folder, name), frames)
        run = subprocess.run([os.path.join(names.HERE, "perfect.py"), "--file", path],
                             capture_output=True, check=True)
        return path, [json.loads(line) for line in run.stdout.splitlines()]

    def test_what_only_earlier_packets_tell_is_proven_by_the_packet_alone(self):
        request = made.ethernet(made.ip(made.udp(b"\0\1file\0octet\0", target=69), 17))
        answer = made.ethernet(made.ip(made.udp(b"\0\3\0\1text", 50000, 40001), 17,
                                       "10.0.0.2", "10.0.0.1"))
        both, documents = self.of_perfect("both.pcap", [request, answer])
        _, alone = self.of_perfect("one.pcap", [answer])
        self.assertIn(":tftp", documents[1]["layers"]["frame.protocols"])
        self.assertNotIn("tftp", alone[0]["layers"]["frame.protocols"])
        documents[1]["layers"] = alone[0]["layers"] | {"frame.number": 2}
        scope = ("--protocols", SCOPE + ",tftp")
        run = functools.partial(self.run_oracle, documents, *scope, paths=[both])
        _, result, _, _ = run()
        self.assertLess(result["all packets"]["rate"], 1)
        _, result, printed, _ = run("--alone")
        self.assertEqual(result["all packets"]["rate"], 1)
        self.assertIn(("state", "tftp.opcode", MISSING, 2), self.differences(result))
        self.assertIn(("state", "frame.protocols", WRONG, 2), self.differences(result))
        self.assertIn("asked alone: 1 packets; ", printed)
        # What the packet alone tells is wrong or missing all the same.
        del documents[1]["layers"]["ip.ttl"]
        documents[1]["layers"].update({"data.len": 9, "udp.length": 3, "tcp.seq": 1})
        _, result, _, _ = run("--alone")
        self.assertEqual([case for case in self.differences(result) if case[0] == "in"], [
            ("in", "data.len", WRONG, 2), ("in", "ip.ttl", MISSING, 2),
            ("in", "tcp.seq", EXTRA, 2), ("in", "udp.length", WRONG, 2)])

    def test_a_packet_is_cut_out_by_the_header_of_its_file(self):
        path = made.write(os.path.join(self.folder, "cut.pcap"), FRAMES)
        with open(path, "rb") as file:
            data = file.read()
        self.assertTrue(alone.extract(path, 8, path + ".8"))
        with open(path + ".8", "rb") as file:
            self.assertEqual(file.read(), data[:24] + data[-(16 + len(FRAMES[7])):])
        self.assertFalse(alone.extract(path, 9, path + ".9"))

    def test_of_tls_on_any_port_the_packet_alone_is_told_so(self):
        row = {"frame.protocols": "eth:ip:tcp:tls", "tcp.srcport": "5432", "tcp.dstport": "40000"}
        self.assertEqual(alone.told(row), [["tcp.port==5432,tls", "tcp.port==40000,tls"]])
        self.assertEqual(alone.told({**row, "frame.protocols": "eth:ip:tcp"}), [])

    def test_the_floor_fails_when_it_must(self):
        documents = self.spoilt(3, ip__ttl=63)
        _, result, _, _ = self.run_oracle(documents)
        rate = result["all packets"]["rate"]
        self.assertEqual(self.run_oracle(documents, "--floor", repr(rate))[0], 0)
        code, _, _, err = self.run_oracle(documents, "--floor", repr(rate + 1e-9))
        self.assertEqual(code, 1)
        self.assertIn("is below the floor", err)
        self.assertEqual(self.run_oracle(documents)[0], 0)

    def test_check_takes_the_floor_from_its_file(self):
        floors = os.path.join(self.folder, "floor.txt")
        with open(floors, "w", encoding="utf-8") as file:
            file.write("# floors\nlow\t0.5\nhigh\t1\n")
        self.assertEqual([oracle.floor_of(name, floors) for name in ("low", "high")], [0.5, 1])
        with self.assertRaises(ValueError):
            oracle.floor_of("other", floors)
        self.addCleanup(setattr, oracle, "FLOORS", oracle.FLOORS)
        oracle.FLOORS = floors
        documents = self.spoilt(3, ip__ttl=63)
        self.assertEqual(self.run_oracle(documents, "--check", "low")[0], 0)
        self.assertEqual(self.run_oracle(documents, "--check", "high")[0], 1)
        with contextlib.redirect_stderr(io.StringIO()):
            self.assertEqual(oracle.main([self.capture, "--check", "other", "--capture-bin",
                                          self.script(b"")]), 2)

    def test_nothing_compared_fails_any_floor(self):
        empty = os.path.join(self.folder, "empty.pcap")
        made.write(empty, [])
        code, _, _, err = self.run_oracle([], "--floor", "0", paths=[empty])
        self.assertEqual(code, 1)
        self.assertIn("no cell was compared", err)

    def test_a_death_fails_even_the_lowest_floor(self):
        for script in ({"after": "kill -SEGV $$"}, {"code": 1}, {"code": 3, "error": "no"}):
            code, result, _, err = self.run_oracle(self.perfect, "--floor", "0", **script)
            self.assertEqual(code, 1, script)
            self.assertEqual(len(result["files"]["broke"]), 1)
            self.assertIn("espcap broke on 1 captures", err)
        self.assertEqual(self.run_oracle(self.perfect, "--floor", "0", code=1, error="cut")[0], 0)

    def test_refusing_a_known_link_type_is_a_defect(self):
        code, result, _, _ = self.run_oracle([], "--floor", "0", code=1, error="no such link type")
        self.assertEqual(code, 1)
        self.assertEqual(result["files"]["refused"], [["a.pcap", 8, "no such link type"]])
        self.assertGreater(result["all packets"]["missing"], 0)

    def test_refusing_an_unknown_link_type_is_listed_apart(self):
        path = made.write(os.path.join(self.folder, "ppp.pcap"),
                          [b"\xff\x03\0\x21" + made.ip(made.udp(), 17)], made.PPP)
        code, result, printed, _ = self.run_oracle([], "--floor", "1", code=1, error="what is 9?",
                                                   paths=[path])
        self.assertEqual(code, 1)    # nothing is left to compare
        self.assertEqual(result["files"], {"unknown link type": [["ppp.pcap", 1, "what is 9?"]]})
        self.assertIn("ppp.pcap (1 packets of tshark): what is 9?", printed)
        _, result, _, _ = self.run_oracle([], paths=[path])
        self.assertGreater(result["all packets"]["missing"], 0)

    def test_what_libpcap_does_not_read_is_listed_apart(self):
        path = os.path.join(self.folder, "version.pcap")
        data = bytearray(made.pcap(FRAMES[:1]))
        data[6] = 5
        with open(path, "wb") as file:
            file.write(data)
        _, result, _, _ = self.run_oracle([], code=1, error="version 2.5", paths=[path])
        self.assertEqual(result["files"], {"libpcap refuses": [["version.pcap", 1, "version 2.5"]]})

    def test_what_tshark_refuses_is_listed(self):
        path = os.path.join(self.folder, "bad.pcap")
        with open(path, "wb") as file:
            file.write(b"this is no capture")
        _, result, _, _ = self.run_oracle([], code=1, error="nor can I", paths=[path])
        self.assertEqual(list(result["files"]), ["tshark refuses"])
        self.assertIn("espcap refuses it too: nor can I", result["files"]["tshark refuses"][0][2])

    def test_a_cut_file_is_compared_up_to_the_cut(self):
        path = os.path.join(self.folder, "cut.pcap")
        with open(path, "wb") as file:
            file.write(made.pcap(FRAMES)[:-5])
        _, result, _, _ = self.run_oracle(self.perfect[:7], paths=[path], code=1, error="cut")
        self.assertEqual(result["all packets"]["rate"], 1)
        self.assertEqual([entry[1] for entry in result["files"]["tshark stops"]], [7])

    def test_the_report_names_file_packet_and_both_values(self):
        _, _, printed, _ = self.run_oracle(self.spoilt(3, ip__ttl=63, http__host="a\x1b[1m"))
        self.assertIn("a.pcap #3 wrong: tshark 64  espcap 63\n", printed)
        self.assertIn("a.pcap #3 extra: espcap \"a\\u001b[1m\"\n", printed)
        self.assertNotIn("\x1b", printed)

    def test_only_the_first_five_cases_are_kept_and_all_are_counted(self):
        documents = copy.deepcopy(self.perfect)
        for document in documents:
            document["layers"]["frame.len"] = 1
        _, result, _, _ = self.run_oracle(documents)
        counts = result["tables"]["in"]["frame.len"]
        self.assertEqual(counts["wrong"], 5)
        documents += documents
        path = made.write(os.path.join(self.folder, "two.pcap"), FRAMES + FRAMES)
        _, result, _, _ = self.run_oracle(documents, paths=[path])
        counts = result["tables"]["in"]["frame.len"]
        self.assertEqual((counts["wrong"], len(counts["cases"])), (10, compare.CASES))

    def test_tallies_keep_the_first_cases_in_file_order(self):
        whole = compare.Tally()
        for file in "abc":
            part = compare.Tally()
            for packet in range(1, 4):
                part.note(("in", "ip.ttl"), compare.Case(WRONG, file, packet, "1", "2"))
            whole.add(part)
        for packet in range(1, 9):
            part.note(("in", "ip.len"), compare.Case(WRONG, "d", packet, "1", "2"))
        self.assertEqual([case.file + str(case.packet) for case in whole.cases["in", "ip.ttl"]],
                         ["a1", "a2", "a3", "b1", "b2"])
        self.assertEqual(len(part.cases["in", "ip.len"]), compare.CASES)

    def test_two_processes_count_as_one_does(self):
        folder = os.path.join(self.folder, "many")
        os.makedirs(folder, exist_ok=True)
        for number in range(6):
            made.write(os.path.join(folder, f"{number}.pcap"), FRAMES)
        documents = self.spoilt(3, ip__ttl=63)
        single = self.run_oracle(documents, paths=[folder])[1]
        double = self.run_oracle(documents, "--jobs", "2", paths=[folder])[1]
        self.assertEqual(single, double)
        self.assertEqual(single["tables"]["in"]["ip.ttl"]["wrong"], 6)

    def test_wrong_usage(self):
        for options in (["--protocols", "icpm"], ["--capture-bin", "/nowhere"],
                        ["--scope", "/nowhere"]):
            with contextlib.redirect_stderr(io.StringIO()) as err:
                self.assertEqual(oracle.main(["--capture-bin", self.script(b""), *options,
                                              self.capture]), 2, options)
            self.assertIn(options[1].replace("/nowhere", "nowhere"), err.getvalue())


class Asking(unittest.TestCase):
    """tshark is asked with the options of 6.1, and they do what they are there for."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def ask(self, frames, *fields, preferences=None, cache=None):
        asker = tshark.Tshark(fields, self.folder, cache)
        if preferences is not None:
            asker.preferences = preferences
        return asker.ask(made.write(os.path.join(self.folder, "a.pcap"), frames)).rows

    def test_the_last_four_bytes_are_never_taken_for_a_checksum(self):
        frame = made.ethernet(made.ip(made.udp(bytes(60), target=9), 17)) + bytes(4)
        row = self.ask([frame], "eth.fcs", "eth.trailer")[0]
        self.assertNotIn("eth.fcs", row)
        self.assertIn("eth.trailer", row)
        row = self.ask([frame], "eth.fcs", "eth.trailer", preferences=["eth.fcs:Always"])[0]
        self.assertIn("eth.fcs", row)

    def test_segments_are_not_joined(self):
        first = made.ethernet(made.ip(made.tcp(HTTP[:30]), 6))
        second = bytearray(made.ethernet(made.ip(made.tcp(HTTP[30:]), 6)))
        second[38:42] = (1030).to_bytes(4, "big")
        rows = self.ask([first, bytes(second)], "http.host")
        self.assertNotIn("http.host", rows[1])
        rows = self.ask([first, bytes(second)], "http.host", preferences=[])
        self.assertEqual(rows[1].get("http.host"), "one")

    def test_sequence_numbers_are_absolute(self):
        frames = [made.ethernet(made.ip(made.tcp(flags=2), 6))]
        self.assertEqual(self.ask(frames, "tcp.seq")[0]["tcp.seq"], "1000")
        self.assertEqual(self.ask(frames, "tcp.seq", preferences=[])[0]["tcp.seq"], "0")

    def test_answers_are_kept_by_content_and_question(self):
        cache = os.path.join(self.folder, "cache")
        frames = [made.ethernet(made.ip(made.tcp(), 6))]
        first = self.ask(frames, "tcp.seq", cache=cache)
        kept = os.listdir(cache)
        self.assertEqual(len(kept), 1)
        self.assertEqual(self.ask(frames, "tcp.seq", cache=cache), first)
        self.assertEqual(os.listdir(cache), kept)
        self.ask(frames, "tcp.seq", "tcp.ack", cache=cache)
        self.ask(frames * 2, "tcp.seq", cache=cache)
        self.ask(frames, "tcp.seq", preferences=[], cache=cache)
        self.assertEqual(len(os.listdir(cache)), 4)

    def test_a_kept_answer_is_used(self):
        cache = os.path.join(self.folder, "cache")
        frames = [made.ethernet(made.ip(made.tcp(), 6))]
        first = self.ask(frames, "tcp.seq", cache=cache)
        asker = tshark.Tshark(["tcp.seq"], self.folder, cache)
        asker.run = None    # calling it would raise
        self.assertEqual(asker.ask(os.path.join(self.folder, "a.pcap")).rows, first)


    def test_a_damaged_answer_is_asked_for_again(self):
        cache = os.path.join(self.folder, "cache")
        frames = [made.ethernet(made.ip(made.tcp(), 6))]
        first = self.ask(frames, "tcp.seq", cache=cache)
        kept = os.path.join(cache, os.listdir(cache)[0])
        for damage in (b"", b"no zlib", zlib.compress(b"no json\n")):
            with open(kept, "wb") as file:
                file.write(damage)
            self.assertEqual(self.ask(frames, "tcp.seq", cache=cache), first)


class Printing(unittest.TestCase):
    def test_control_characters_are_spelt_out(self):
        self.assertEqual(report.printable("a\x1b\x9b\u202e\u00b7"), "a\\u001b\\u009b\\u202e\u00b7")


if __name__ == "__main__":
    unittest.main()
