#!/usr/bin/python3
# llc_odd.py -- 802.3 frames with LLC and SNAP headers other than those of the spanning tree.
# SPDX-License-Identifier: Apache-2.0

import struct

from packet import BROADCAST, ICMP, MAC_A, MAC_B, icmp, ip4, mac, send


def frame(data: bytes, dst: str = MAC_B) -> bytes:
    """The length field in place of the type; padded to the shortest frame."""
    return (mac(dst) + mac(MAC_A) + struct.pack("!H", len(data)) + data).ljust(60, b"\0")


def snap(organisation: str, kind: int, data: bytes) -> bytes:
    return b"\xaa\xaa\x03" + bytes.fromhex(organisation) + struct.pack("!H", kind) + data


echo = ip4("10.0.0.4", "10.0.0.80", ICMP, icmp(8, 0, struct.pack("!HH", 7, 1), b"over SNAP"))
send(
    "eth0",
    frame(snap("000000", 0x0800, echo)),
    frame(snap("00000c", 0x9999, b"of nobody known")),
    # Exchange of identification and a test, a supervisory and an information frame.
    frame(b"\x00\x01\xaf\x81\x01\x00", BROADCAST),
    frame(b"\x04\x04\xf3test"),
    frame(b"\xf0\xf0\x01\x0a"),
)
