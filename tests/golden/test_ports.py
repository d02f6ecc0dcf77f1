#!/usr/bin/env python3
# test_ports.py -- a port is a hint: what --port names is decoded there as on its own port.
# SPDX-License-Identifier: Apache-2.0
"""The server's port of a capture becomes OTHER in each packet, above all ports of clients. But for the
ports the documents must be the same: which way a message goes must not hang on a number either."""
import json
import pathlib
import struct
import sys
import tempfile
import unittest

import golden

OTHER = 65000
HEADER, RECORD = 24, 16
TCP, UDP = 6, 17
# Of TLS a port tells what is within.
PORTS = ("tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport", "tls.app_data_proto")
# capture, port, how --port calls it: a layer, or what network.protocol says.
TRIALS = (
    ("dns.pcap", 53, "dns"), ("enip.pcap", 44818, "enip"), ("ftp.pcap", 21, "ftp"),
    ("imap.pcap", 143, "imap"), ("kerberos.pcap", 88, "kerberos"), ("ldap.pcap", 389, "ldap"),
    ("modbus.pcap", 502, "modbus"), ("mqtt.pcap", 1883, "mqtt"), ("mysql.pcap", 3306, "mysql"),
    ("ntp.pcap", 123, "ntp"), ("pgsql.pcap", 5432, "pgsql"), ("pop.pcap", 110, "pop"),
    ("resp.pcap", 6379, "redis"), ("sip.pcap", 5060, "sip"), ("smtp.pcap", 25, "smtp"),
    ("snmp.pcap", 161, "snmp"), ("ssh.pcap", 22, "ssh"), ("tftp.pcap", 69, "tftp"),
)


def ports_of(data, start, end):
    """Where the ports of the frame at start stand, or None: IPv4, not amidst a datagram, or IPv6."""
    kind, at = struct.unpack_from("!H", data, start + 12)[0], start + 14
    if kind == 0x0800 and end - at >= 20:
        proto, size = data[at + 9], (data[at] & 15) * 4
        if struct.unpack_from("!H", data, at + 6)[0] & 0x1fff:
            return None
    elif kind == 0x86dd and end - at >= 40:
        proto, size = data[at + 6], 40
    else:
        return None
    return at + size if proto in (TCP, UDP) and at + size + 4 <= end else None


def moved(capture, port):
    """The capture with OTHER in place of port, and in how many packets."""
    data = bytearray((golden.PCAPS / capture).read_bytes())
    at, packets = HEADER, 0
    while at < len(data):
        start = at + RECORD
        at = start + struct.unpack_from("<I", data, at + 8)[0]
        where = ports_of(data, start, at)
        pair = struct.unpack_from("!HH", data, where) if where else ()
        if port in pair:
            struct.pack_into("!HH", data, where, *(OTHER if one == port else one for one in pair))
            packets += 1
    return data, packets


def told(line):
    """What a document says, but for the ports and what is made of them."""
    document = json.loads(line)
    layers = {key: value for key, value in document["layers"].items() if key not in PORTS}
    client = document.get("client", {}).get("ip")
    return layers, client, document["network"].get("protocol"), document["event"], \
        document.get("error"), document.get("user")


class Ports(unittest.TestCase):
    maxDiff = None

    def outputs(self, capture, port, options):
        """Pairs of documents: on the usual port, and on the other one."""
        data, packets = moved(capture, port)
        self.assertGreater(packets, 2, capture)
        usual, _ = golden.capture_output(capture)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "moved.pcap"
            path.write_bytes(data)
            other, _ = golden.capture_output(str(path), options)
        lines = usual.splitlines(), other.splitlines()
        self.assertEqual(*map(len, lines))
        return zip(*lines)

    def test_a_port_that_is_named_is_as_good_as_the_usual_one(self):
        for capture, port, name in TRIALS:
            pairs = self.outputs(capture, port, ("--port", f"{name}={OTHER}"))
            for number, (usual, other) in enumerate(pairs, 1):
                with self.subTest(f"{capture} #{number}"):
                    self.assertEqual(told(usual), told(other))

    def test_queries_over_tcp_are_known_on_any_port(self):
        known = 0
        for usual, other in self.outputs("dns.pcap", 53, ()):
            layers, _, protocol, _, _, _ = told(usual)
            whole = "dns.length" in layers and "dns.qry.class" in layers
            if whole and layers["dns.flags.opcode"] == 0:
                self.assertEqual(protocol, told(other)[2], layers["frame.number"])
                known += 1
        self.assertGreater(known, 8)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main()
