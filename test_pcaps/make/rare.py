#!/usr/bin/python3
# rare.py -- layers that no kernel at hand speaks: 802.1ah, VN-Tag, DCCP, IPComp, CAPWAP.
# SPDX-License-Identifier: Apache-2.0
"""usage: rare.py tags|dccp|capwap"""

import struct
import sys
import zlib

from packet import ETH_IP, ethernet, ip6, mac, send
from tunnel_parts import A6, B6, IN_MAC_A, IN_MAC_B, NAME, PING, PING6, TAG, inner, label, over_ip, over_udp

BACKBONE, VNTAG, VLAN, SERVICE, ETH_IP6, DCCP, IPCOMP = 0x88E7, 0x8926, 0x8100, 0x88A8, 0x86DD, 33, 108


def backbone(service: int, kind: int, payload: bytes, priority: int = 0) -> bytes:
    head = struct.pack("!I", priority << 29 | service) + mac(IN_MAC_B) + mac(IN_MAC_A)
    return head + struct.pack("!H", kind) + payload


def vntag(dst: int, src: int, kind: int, payload: bytes, bits: int = 0) -> bytes:
    return struct.pack("!IH", bits << 30 | dst << 16 | src, kind) + payload


def tags() -> list[bytes]:
    return [
        ethernet(BACKBONE, backbone(0x123456, ETH_IP, PING, 5)),
        ethernet(SERVICE, struct.pack("!HH", 0x6007, BACKBONE) + backbone(77, ETH_IP6, PING6)),
        ethernet(BACKBONE, backbone(78, VLAN, TAG + NAME)),
        ethernet(VNTAG, vntag(0x123, 0x456, ETH_IP, PING)),
        ethernet(VNTAG, vntag(0x3FFF, 0xFFF | 0x8000, VLAN, TAG + NAME, 3)),
        ethernet(VNTAG, vntag(1, 2, 0x8847, label(9) + PING, 2)),
        ethernet(VNTAG, vntag(1, 2, 0x1234, b"of no protocol")),
    ]


def dccp(kind: int, rest: bytes, seq: int = 0x0123456789AB, payload: bytes = b"", extended: bool = True,
         offset: int | None = None) -> bytes:
    number = struct.pack("!xHI", seq >> 32, seq & 0xFFFFFFFF) if extended else seq.to_bytes(6, "big")[3:]
    size = 9 + len(number) + len(rest)
    head = struct.pack("!HHBBHB", 40000, 5001, size // 4 if offset is None else offset, 0, 0,
                       kind << 1 | extended)
    return head + number + rest + payload


def ack(number: int) -> bytes:
    return struct.pack("!HHI", 0, number >> 32, number & 0xFFFFFFFF)


def all_dccp() -> list[bytes]:
    service, long = struct.pack("!I", 0x44435051), ack(0xBA9876543210)
    short = b"\0\x54\x32\x10"
    messages = [
        dccp(0, service),
        dccp(0, service + b"\x20\5\1\2\2\0\0\0"),
        dccp(1, long + service),
        dccp(2, b"", payload=b"only data"),
        dccp(3, long),
        dccp(4, long, payload=b"data and ack"),
        dccp(4, short, 0x89AB, b"short numbers", False),
        dccp(2, b"", 0x89AC, b"short", False),
        dccp(3, short, 0x89AD, b"", False),
        dccp(5, long),
        dccp(6, long),
        dccp(7, long + b"\5\1\2\3"),
        dccp(8, long),
        dccp(9, long),
    ]
    squeezed = zlib.compress(PING[20:] * 4)[2:-4]
    return [over_ip(DCCP, message) for message in messages] + [
        ethernet(ETH_IP6, ip6(A6, B6, DCCP, messages[0])),
        ethernet(ETH_IP6, ip6(A6, B6, DCCP, messages[3])),
        over_ip(IPCOMP, struct.pack("!BBH", 1, 0, 0x1234) + squeezed),
    ]


# --- CAPWAP ---


def capwap(payload: bytes, flags: int = 0, radio: int = 1, more: bytes = b"", fragment: int = 0,
           offset: int = 0, kind: int = 0, binding: int = 1) -> bytes:
    words = (8 + len(more)) // 4
    bits = kind << 24 | words << 19 | radio << 14 | binding << 9 | flags
    return struct.pack("!IHH", bits, fragment, offset << 3) + more + payload


def control(kind: int, *elements: tuple[int, bytes]) -> bytes:
    body = b"".join(struct.pack("!HH", number, len(value)) + value for number, value in elements)
    return struct.pack("!IBHB", kind, 7, len(body) + 3, 0) + body


def all_capwap() -> list[bytes]:
    station, access = mac(IN_MAC_A), mac(IN_MAC_B)
    swapped = b"\1\x08\0\0" + access + station + access + b"\x10\0"
    beacon = b"\0\x80\0\0" + b"\xff" * 6 + access + access + b"\x10\0" + bytes(8) + b"\x64\0\1\0"
    llc = b"\xaa\xaa\3\0\0\0\x08\0"
    address = b"\6" + access + b"\0"
    discover, join = control(1, (20, b"\1"), (41, b"\2")), control(3, (45, b"attic"))
    return [over_udp(5246, message) for message in (
        capwap(discover), capwap(control(2, (4, b"controller"))), capwap(join, 0x10, 2, address),
        capwap(control(13)), capwap(control(14)), capwap(control(11, (30, b"\x0a\0\0\4")), 0, 0),
    )] + [over_udp(5247, message) for message in (
        capwap(swapped + llc + PING, 0x100),
        capwap(beacon + b"\0\7example", 0x110, 1, address),
        capwap(inner(), 0),
        capwap(inner(VLAN, TAG + NAME), 0x20, 1, b"\4\xc4\x1e\0\x0c\0\0\0"),
        capwap(inner()[:24], 0x80, 1, b"", 77),
        capwap(inner()[24:], 0xC0, 1, b"", 78, 3),
        capwap(struct.pack("!HHH", 22, 35, 16) + bytes(16), 0x08),
    )]


built = {"tags": tags, "dccp": all_dccp, "capwap": all_capwap}
send("eth0", *built[sys.argv[1]]())
