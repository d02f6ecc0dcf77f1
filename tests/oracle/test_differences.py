# test_differences.py -- each known class of difference fits its own cells and no others.
# SPDX-License-Identifier: Apache-2.0
import unittest

import differences
import names
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
        for theirs, ours, title in (("eth:tcp:mptcp:tls", "eth:tcp:tls", "mptcp-token"),
                                    ("eth:tcp:mptcp:tls", "eth:tcp:data", None),
                                    ("eth:tcp:tls:x509sat", "eth:tcp:tls", "content-token"),
                                    ("eth:tcp:tls", "eth:tcp:data", None)):
            self.assertEqual(self.title("frame.protocols", WRONG, theirs, ours), title)

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
