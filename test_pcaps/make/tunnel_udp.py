#!/usr/bin/python3
# tunnel_udp.py -- VXLAN, Geneve, GTP and Teredo.
# SPDX-License-Identifier: Apache-2.0
"""usage: tunnel_udp.py vxlan|geneve|gtp|teredo"""

import struct
import sys

from packet import ETH_ARP, ETH_IP, ETH_IP6, UDP, addr, ethernet, ip6, mac, send, udp
from tunnel_parts import (
    A,
    A6,
    B6,
    IN_A,
    IN_B,
    IN_MAC_A,
    NAME,
    NAME6,
    PING,
    PING6,
    TAG,
    inner,
    label,
    over_udp,
    service,
)

VLAN, MPLS, NSH, BRIDGED = 0x8100, 0x8847, 0x894F, 0x6558
ARP = struct.pack("!HHBBH", 1, ETH_IP, 6, 4, 1) + mac(IN_MAC_A) + addr(IN_A) + bytes(6) + addr(IN_B)


def vxlan() -> list[bytes]:
    def one(payload: bytes, flags: int = 0x0800, group: int = 0, port: int = 4789) -> bytes:
        return over_udp(port, struct.pack("!HHI", flags, group, 0x123456 << 8) + payload)

    def generic(following: int, payload: bytes, flags: int = 0x0C) -> bytes:
        head = struct.pack("!BHBI", flags, 0, following, 5 << 8)
        return over_udp(4790, head + payload)

    tagged = inner(VLAN, TAG + PING)
    within = over_udp(4789, struct.pack("!HHI", 0x0800, 0, 6 << 8) + inner())
    ethernet6 = struct.pack("!HHI", 0x0800, 0, 7 << 8) + inner(ETH_IP6, PING6)
    frames = [
        one(inner(), 0x8848, 0x1234),
        one(inner(), 0x0000),
        one(tagged),
        one(inner(0x88B5, b"of no protocol")),
        one(inner(ETH_ARP, ARP)),
        ethernet(VLAN, struct.pack("!HH", 5, ETH_IP) + one(tagged)[14:]),
        one(within),
        ethernet(ETH_IP6, ip6(A6, B6, UDP, udp(A6, B6, (50000, 4789), ethernet6))),
        one(inner(0x88B5, b"of no protocol"), port=8472),
        one(b"of others", 0x1234, port=8472),
        one(inner(), 0x0800, 1, 8472),
    ]
    parts = [(1, PING), (2, PING6), (3, inner()), (4, service(1, NAME)), (5, label(100) + PING)]
    return frames + [generic(*part) for part in parts] + [
        generic(6, b"of no protocol"),
        generic(1, PING, 0x3D),
    ]


def geneve() -> list[bytes]:
    def one(
        kind: int, payload: bytes, options: bytes = b"", first: int = 0, flags: int = 0
    ) -> bytes:
        first |= len(options) // 4
        head = struct.pack("!BBHI", first, flags, kind, 0x123456 << 8)
        return over_udp(6081, head + options + payload)

    def option(group: int, kind: int, data: bytes = b"", reserved: int = 0) -> bytes:
        return struct.pack("!HBB", group, kind, reserved << 5 | len(data) // 4) + data

    options = option(0x0102, 0x80, b"abcd") + option(0xFFFF, 1) + option(0x0103, 0x7F, bytes(8), 7)
    return [
        one(BRIDGED, inner()),
        one(ETH_IP, PING),
        one(ETH_IP6, PING6),
        one(BRIDGED, inner(), options, 0, 0x40),
        one(BRIDGED, inner(), option(0, 0, bytes(124)) + options, 0, 0xC0),
        one(BRIDGED, inner(VLAN, TAG + NAME)),
        one(VLAN, TAG + PING),
        one(MPLS, label(100) + PING),
        one(NSH, service(1, PING)),
        one(0x88B5, b"of no protocol"),
        one(0, b"none"),
        one(BRIDGED, inner(), first=0x40),
        one(BRIDGED, inner(), flags=0x3F),
        one(BRIDGED, inner(), struct.pack("!HBB", 1, 2, 9) + b"lies"),
    ]


def old(port: int) -> list[bytes]:
    """Version 0 of GTP: an echo, a context, packets."""
    bodies = [(1, b""), (16, b"\x0e\5"), (255, PING), (255, NAME6), (255, b"none")]
    return [over_udp(port, struct.pack("!BBHH", 0x1E, kind, len(body), 7) + b"\0\0" + b"\xff" * 4 + bytes(8) + body)
            for kind, body in bodies]


def gtp() -> list[bytes]:
    def one(
        flags: int, message: int, rest: bytes, port: int = 2152, length: int | None = None
    ) -> bytes:
        size = len(rest) if length is None else length
        return over_udp(port, struct.pack("!BBHI", flags, message, size, 0x1234) + rest)

    return [
        one(0x30, 255, PING),
        one(0x30, 255, PING6),
        one(0x30, 255, NAME),
        one(0x32, 255, b"\0\7\0\0" + PING),
        one(0x31, 255, b"\0\0\5\0" + PING),
        one(0x36, 255, b"\0\7\0\0" + PING),
        one(0x34, 255, b"\0\0\0\x85\1\x10\x09\0" + PING),
        one(0x37, 255, b"\0\7\5\xc0\1\1\1\x85\2\x10\x09abcd\0" + PING),
        one(0x30, 255, b""),
        one(0x30, 255, PING, length=200),
        one(0x30, 255, PING + b"surplus", length=len(PING)),
        one(0x32, 1, b"\0\1\0\0"),
        one(0x32, 2, b"\0\1\0\0\x0e\0"),
        one(0x32, 26, b"\0\1\0\0\x10\0\0\0\1\x85\0\4" + addr(A)),
        one(0x32, 254, b"\0\1\0\0"),
        one(0x32, 1, b"\0\1\0\0", 2123),
        one(0x32, 16, b"\0\1\0\0\x0e\1", 2123),
        over_udp(2152, b"text of others"),
        *old(3386), *old(2152), over_udp(3386, b"\x0f\1\0\0\0\x09"),
        over_udp(3386, b"\x0e\xf0\0\2\0\x0a" + b"\xff" * 14 + b"\x7e\1"), over_udp(3386, b"\x4f\xf1\0\7\0\x0b\1\x80\xfd\0\2\0\x0a"),
        over_udp(3386, struct.pack("!BBHI", 0x30, 255, len(PING), 5) + PING), over_udp(3386, b"hello world"),
    ]


def teredo() -> list[bytes]:
    origin = b"\0\0" + struct.pack("!H4s", 40000 ^ 0xFFFF, bytes(255 - x for x in addr(IN_A)))
    nonce = bytes(range(8))
    payloads = [
        NAME6,
        origin + NAME6,
        b"\0\1\0\0" + nonce + b"\0" + NAME6,
        b"\0\1\4\3namekey" + nonce + b"\1" + origin + NAME6,
        ip6(A6, B6, 59, b""),  # a bubble
    ]
    return [over_udp(3544, payload) for payload in payloads] + [over_udp(50001, NAME6, 3544)]


frames = {"vxlan": vxlan, "geneve": geneve, "gtp": gtp, "teredo": teredo}[sys.argv[1]]()
send("eth0", *frames)
