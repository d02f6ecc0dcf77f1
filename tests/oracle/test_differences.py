# test_differences.py -- each known class of difference fits its own cells and no others.
# SPDX-License-Identifier: Apache-2.0
import unittest

import differences
import names
import report
from cells import ABSENT, EXTRA, MISSING, WRONG


class Classes(unittest.TestCase):
    def setUp(self):
        self.classes = differences.load()
        self.known = names.load_names()
        self.scope = names.load_scope()

    def title(self, field, verdict, raw, value, **row):
        row = {key.replace("__", "."): cell for key, cell in row.items()} | {field: raw}
        return differences.title_of(self.classes, differences.Difference(
            verdict, self.known[field], row, value, "|", self.scope))

    def test_caps(self):
        self.assertEqual(self.title("ip.src", WRONG, "|".join(["1.1.1.1"] * 257), []), "array-cap")
        self.assertIsNone(self.title("ip.src", WRONG, "|".join(["1.1.1.1"] * 256), []))
        self.assertEqual(self.title("http.host", WRONG, "a" * 32001, "a"), "text-cap")
        self.assertIsNone(self.title("http.host", WRONG, "a" * 32000, "a"))
        self.assertEqual(self.title("tcp.options", WRONG, "0" * 2050, "00"), "bytes-cap")
        self.assertIsNone(self.title("tcp.options", WRONG, "0" * 2048, "00"))
        self.assertIsNone(self.title("http.host", WRONG, "a" * 2050, "a"))
        self.assertIsNone(self.title("http.host", MISSING, "a" * 32001, ABSENT))

    def test_protocols(self):
        for theirs, ours, title in (("eth:tcp:tls:x509sat", "eth:tcp:tls", "content-token"),
                                    ("eth:tcp:mptcp:tls", "eth:tcp:data", None),
                                    ("eth:tcp:tls", "eth:tcp:data", "known-stream"),
                                    ("eth:tcp:http:data", "eth:tcp:data", "known-stream"),
                                    ("eth:tcp:http:data", "eth:tcp:tls", None),
                                    ("eth:tcp:http:tls", "eth:tcp:http:data", "http-tunnel"),
                                    ("eth:tcp", "eth:tcp:http:data", "silent-layer"),
                                    ("eth:tcp", "eth:tcp:tls", None),
                                    ("eth:ip:sna:sna", "eth:ip:data", "foreign-layer"),
                                    ("eth:ip:udp", "eth:ip:udp:data", None)):
            self.assertEqual(self.title("frame.protocols", WRONG, theirs, ours), title)

    def test_depth(self):
        deep = "eth" + ":ethertype:vlan" * 9
        self.assertEqual(self.title("vlan.id", WRONG, "1", [1], frame__protocols=deep), "depth-cap")
        shallow = "eth" + ":ethertype:vlan" * 8
        self.assertIsNone(self.title("vlan.id", WRONG, "1", [1], frame__protocols=shallow))
        headers = "eth:ethertype:ipv6" + ":ipv6.dstopts" * 33
        self.assertEqual(self.title("udp.length", MISSING, "8", ABSENT, frame__protocols=headers),
                         "depth-cap")
        self.assertIsNone(self.title("udp.length", EXTRA, "", 8, frame__protocols=headers))

    def test_streams(self):
        tls, tunnel = {"frame__protocols": "eth:ip:tcp:tls"}, {"frame__protocols": "eth:tcp:http:data"}
        for field, verdict, raw, value, row, title in (
                ("tls.record.content_type", EXTRA, "", 23, tls | {"tls__record__version": "0x0303"},
                 "tls13-type"),
                ("tls.record.content_type", EXTRA, "", 22, tls | {"tls__record__version": "0x0303"},
                 None),
                ("tls.record.content_type", EXTRA, "", 22, tls, "cut-hello"),
                ("http.host", EXTRA, "", "a", tunnel, "http-tunnel"),
                ("http.host", MISSING, "a", ABSENT, {"frame__protocols": "eth:tcp"}, None),
                ("data.len", EXTRA, "", 5, {"frame__protocols": "eth:ip:tcp"}, "silent-layer"),
                ("data.len", EXTRA, "", 5, {"frame__protocols": "eth:ip:udp"}, None),
                ("data.len", EXTRA, "", 5, {"frame__protocols": "eth:ip:sna"}, "foreign-layer")):
            self.assertEqual(self.title(field, verdict, raw, value, **row), title, (field, row))

    def test_flags(self):
        self.assertEqual(self.title("tcp.flags.str", WRONG, "---2-A", "x"), "accecn")
        self.assertIsNone(self.title("tcp.flags.str", WRONG, "----A", "x"))
        self.assertEqual(self.title("tcp.flags.ae", EXTRA, "", True, tcp__flags__str="-5-"), "accecn")
        self.assertIsNone(self.title("tcp.flags.ae", EXTRA, "", True, tcp__flags__str="A"))

    def test_names(self):
        loop = "<Name contains a pointer that loops>"
        self.assertEqual(self.title("dns.qry.name.len", MISSING, "36", ABSENT, dns__qry__name=loop),
                         "dns-sentence")
        self.assertIsNone(self.title("dns.qry.name.len", MISSING, "6", ABSENT,
                                     dns__qry__name="<Root>"))
        self.assertEqual(self.title("dns.id", MISSING, "0x1", ABSENT, dns__length="4"), "dns-middle")
        self.assertIsNone(self.title("dns.id", MISSING, "0x1", ABSENT))
        self.assertEqual(self.title("frame.interface_name", MISSING, "unknown", ABSENT),
                         "no-interface")
        self.assertIsNone(self.title("frame.interface_name", MISSING, "eth0", ABSENT))

    def test_every_class_stands_once_in_the_report(self):
        titles = [one.title for one in report.first_of_each(self.classes)]
        self.assertEqual(len(titles), len(set(titles)))
        self.assertEqual(set(titles), {one.title for one in self.classes})

    def test_conversations(self):
        self.assertEqual(self.title("modbus.regnum16", MISSING, "5", ABSENT, tcp__srcport="502"),
                         "modbus-register")
        self.assertIsNone(self.title("modbus.regnum16", MISSING, "5", ABSENT, tcp__srcport="5020"))
        self.assertEqual(self.title("tftp.opcode", MISSING, "3", ABSENT, udp__dstport="4000"),
                         "tftp-port")
        self.assertIsNone(self.title("tftp.opcode", MISSING, "1", ABSENT, udp__dstport="69"))
        self.assertEqual(self.title("mqtt.property_id", MISSING, "0x11", ABSENT), "mqtt-version")
        self.assertIsNone(self.title("mqtt.property_id", EXTRA, "", 17))

    def test_a_broken_condition_is_refused(self):
        with self.assertRaises(ValueError):
            differences.condition("values = 3")


if __name__ == "__main__":
    unittest.main()
