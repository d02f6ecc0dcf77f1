# test_article.py -- the article comparator tells right output from wrong, with the real tshark.
# SPDX-License-Identifier: Apache-2.0
import contextlib
import io
import os
import shlex
import tempfile
import unittest

import article
import made

HTTP = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def block(number, source, sport, target, dport):
    return (f"Packet {number}\nSource IP        - {source}\nSource port      - {sport}\n"
            f"Destination IP   - {target}\nDestination port - {dport}\n\n")


# frame, and its block (without the number) or None where the packet is no TCP packet
CASES = (
    ("plain", made.ethernet(made.ip(made.tcp(HTTP), 6)), ("10.0.0.1", 40000, "10.0.0.2", 80)),
    ("udp", made.ethernet(made.ip(made.udp(made.dns_query(b"a.example")), 17)), None),
    ("ipv6", made.ethernet(made.ipv6(made.tcp(), 6), 0x86dd),
     ("2001:db8::1", 40000, "2001:db8::2", 80)),
    ("quoted by icmp", made.ethernet(made.ip(made.icmp_error(made.ip(made.tcp(), 6)), 1)), None),
    ("quoted by icmpv6",
     made.ethernet(made.ipv6(made.icmpv6_error(made.ipv6(made.tcp(), 6)), 58), 0x86dd), None),
    ("ip in ip", made.ethernet(made.ip(made.ip(made.tcp(), 6, "10.1.0.1", "10.1.0.2"), 4)),
     ("10.1.0.1", 40000, "10.1.0.2", 80)),
    ("vxlan", made.ethernet(made.ip(made.udp(made.vxlan(made.ethernet(
        made.ip(made.tcp(source=5), 6, "10.2.0.1", "10.2.0.2"))), target=4789), 17)),
     ("10.2.0.1", 5, "10.2.0.2", 80)),
    ("udp in gre", made.ethernet(made.ip(made.gre(made.ip(made.udp(), 17)), 47)), None),
    ("tcp in 6in4", made.ethernet(made.ip(made.ipv6(made.tcp(), 6), 41)),
     ("2001:db8::1", 40000, "2001:db8::2", 80)),
    ("icmp error in a tunnel", made.ethernet(made.ip(made.ip(made.icmp_error(
        made.ip(made.tcp(), 6)), 1), 4)), None),
    ("first fragment", made.ethernet(made.ip(made.tcp(b"12345678"), 6, fragment=0x2000)),
     ("10.0.0.1", 40000, "10.0.0.2", 80)),
    ("later fragment", made.ethernet(made.ip(made.tcp(), 6, fragment=2)), None),
    ("ports cut away", (made.ethernet(made.ip(made.tcp(), 6))[:37], 54), None),
    ("an arp", made.ethernet(bytes.fromhex("0001080006040001") + bytes(20), 0x0806), None),
    ("last", made.ethernet(made.ip(made.tcp(target=443), 6)),
     ("10.0.0.1", 40000, "10.0.0.2", 443)),
)
RIGHT = [block(number, *ends) for number, (_, _, ends) in enumerate(CASES, 1) if ends]


class Article(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.capture = made.write(os.path.join(self.folder, "a.pcap"),
                                  [frame for _, frame, _ in CASES])

    def check(self, text, *options, code=0, error=""):
        """Runs article.py against a program that prints text; (exit code, output)."""
        said = os.path.join(self.folder, "said")
        with open(said, "w", encoding="utf-8") as file:
            file.write(text)
        binary = os.path.join(self.folder, "espcap")
        with open(binary, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\ncat {shlex.quote(said)}\nprintf '%s' {shlex.quote(error)} >&2\n"
                       f"exit {code}\n")
        os.chmod(binary, 0o755)
        with contextlib.redirect_stdout(io.StringIO()) as out:
            result = article.main([self.capture, "--espcap-bin", binary, "--cache",
                                   os.path.join(self.folder, "cache"), *options])
        return result, out.getvalue()

    def test_right_output_passes(self):
        code, out = self.check("".join(RIGHT))
        self.assertEqual(out.splitlines()[-1], "article: 1 captures, 7 TCP packets of tshark; "
                         "0 differences, 0 more in packets with out-of-scope layers")
        self.assertEqual(code, 0)

    def test_each_single_line_counts(self):
        for line in range(6):
            wrong = RIGHT[0].split("\n")
            wrong[line] += "x"
            code, _ = self.check("\n".join(wrong) + "".join(RIGHT[1:]))
            self.assertEqual(code, 1, f"line {line + 1}")

    def test_a_missing_and_an_extra_packet_count(self):
        code, out = self.check("".join(RIGHT[1:]))
        self.assertEqual(code, 1)
        self.assertIn("a.pcap #1: tshark 'Packet 1', espcap '(nothing)'", out)
        code, out = self.check("".join(RIGHT) + block(16, "10.0.0.1", 1, "10.0.0.2", 2))
        self.assertEqual(code, 1)
        self.assertIn("a.pcap #16: tshark '(nothing)', espcap 'Packet 16'", out)

    def test_order_and_repetition_count(self):
        self.assertEqual(self.check("".join(reversed(RIGHT)))[0], 1)
        self.assertEqual(self.check(RIGHT[0] + "".join(RIGHT))[0], 1)

    def test_other_output_counts(self):
        self.assertEqual(self.check("reading a.pcap\n" + "".join(RIGHT))[0], 1)
        self.assertEqual(self.check("".join(RIGHT)[:-1])[0], 1)
        self.assertEqual(self.check("")[0], 1)

    def test_a_bad_end_counts(self):
        code, out = self.check("".join(RIGHT), code=1, error="espcap: it went wrong")
        self.assertEqual(code, 1)
        self.assertIn("espcap ended with 1: espcap: it went wrong", out)

    def test_scope_tells_packets_behind_other_layers_apart(self):
        scope = os.path.join(self.folder, "scope")
        with open(scope, "w", encoding="utf-8") as file:
            file.write("frame\neth\nip\nipv6\ntcp\nudp\n")
        without = [part for part in RIGHT if not part.startswith("Packet 7\n")]
        self.assertEqual(self.check("".join(without))[0], 1)
        code, out = self.check("".join(without), "--scope", scope)
        self.assertEqual(code, 0)
        self.assertIn("0 differences, 1 more in packets with out-of-scope layers", out)
        self.assertEqual(self.check("".join(without[1:]), "--scope", scope)[0], 1)

    def test_what_tcp_carries_does_not_hide_its_flow(self):
        row = {"frame.protocols": "eth:ethertype:ip:tcp:openflow:eth:ethertype:ip:udp:data",
               "ip.src": "10.0.0.1|10.9.9.9", "ip.dst": "10.0.0.2|10.8.8.8", "tcp.srcport": "1",
               "tcp.dstport": "2"}
        self.assertEqual(article.flow(row, "|"), ("10.0.0.1", "1", "10.0.0.2", "2"))
        self.assertEqual(article.road(row["frame.protocols"]), "eth:ethertype:ip:tcp")

    def test_wrong_usage(self):
        with contextlib.redirect_stderr(io.StringIO()) as err:
            self.assertEqual(article.main([self.capture, "--espcap-bin", "/nowhere"]), 2)
        self.assertIn("/nowhere is not there to run", err.getvalue())


if __name__ == "__main__":
    unittest.main()
