#!/usr/bin/python3
# serial.py -- serial lines: Cisco HDLC, PPP and Frame Relay; Linux has no such interfaces at hand.
# SPDX-License-Identifier: Apache-2.0
"""usage: serial.py chdlc|ppp|ppp_hdlc|fr OUTPUT"""

import struct
import sys

import linkfile
from tunnel_parts import NAME, NAME6, PING, PING6, inner, label

CDP_BODY = b"\2\xb4\0\0" + b"".join(
    struct.pack("!HH", kind, 4 + len(value)) + value
    for kind, value in ((1, b"core1.example.net"), (3, b"Serial0/1")))
CHDLC, PPP, PPP_HDLC, FR = 104, 9, 50, 107


def chdlc() -> list[bytes]:
    keepalive = struct.pack("!IIIHI", 2, 7, 6, 0xFFFF, 1000)
    return [
        b"\x0f\0" + struct.pack("!H", kind) + body
        for kind, body in ((0x0800, PING), (0x86DD, PING6), (0x8847, label(100) + NAME))
    ] + [
        b"\x8f\0\x80\x35" + keepalive,
        b"\x8f\0\x20\0" + CDP_BODY,
        b"\x0f\0\x12\x34of no protocol",
        b"\x0f\0\xfe\xfe\3\x82\x0b\1\0\4\1\x2c\0\0\1\x49",
        b"\x0f\0\xfe\xfe\x82\x0b\1\0\4\1\x2c\0\0\1\x49",
    ]


def ppp() -> list[bytes]:
    bodies = [
        b"\0\x21" + PING,
        b"\x21" + NAME,
        b"\0\x57" + PING6,
        b"\2\x81" + label(100) + PING,
        b"\xc0\x21\1\1\0\4",
        b"\x12\x34 of no protocol",
        b"\xc2\x27\2\1\0\x0a\1alice",
    ]
    return [b"\xff\3" + body for body in bodies] + bodies[:4]


def address(circuit: int, bits: int = 0) -> bytes:
    return bytes([circuit >> 4 << 2, (circuit & 15) << 4 | bits << 1 | 1])


def fr() -> list[bytes]:
    ui = b"\3"
    snap = ui + b"\0\x80"
    return [
        address(100) + ui + b"\xcc" + PING,
        address(100, 7) + ui + b"\xcc" + NAME,
        address(1007, 1) + ui + b"\x8e" + PING6,
        address(100, 2) + snap + b"\0\0\0\x08\0" + PING,
        address(100, 4) + snap + b"\0\x80\xc2\0\7" + inner(),
        address(200) + b"\x08\0" + PING,
        address(200) + b"\x86\xdd" + NAME6,
        address(300) + ui + b"\xcf\0\x21" + PING,
        address(300) + ui + b"\x7f of no protocol",
        bytes([0x04, 0x20, 0x05]) + ui + b"\xcc" + PING,
        bytes([0x04, 0x20, 0x06, 0x15]) + ui + b"\xcc" + PING,
        bytes([0x04, 0x21]) + ui + b"\xcc" + PING,
        bytes([0x04, 0x20, 0x06, 0x14, 0x08, 0x15]) + ui + b"\xcc" + PING,
        bytes([0x04, 0x20, 0x06, 0x14, 0x17]) + ui + b"\xcc" + PING,
        bytes([0x55, 0x42]) + b" of one byte",
        address(100) + b"\3\x82\x0b\1\0\4\1\x2c\0\0\1\x49",
        address(100) + b"\x22\0\x82\x0b\1\0\4\1\x2c\0\0\1\x49",
        address(100) + b"\x22\0\xcc" + PING,
        address(100) + b"\x20\0\2\xb4\0\0\0\1\0\5r",
        address(100) + b"\4" + inner()[1:],
        address(100) + b"\xafidentification",
        address(0) + b"\x22\0of no circuit",
    ]


kind, path = sys.argv[1:]
built = {"chdlc": (CHDLC, chdlc), "ppp": (PPP, ppp), "ppp_hdlc": (PPP_HDLC, ppp), "fr": (FR, fr)}
link, make = built[kind]
linkfile.write(path, link, make())
