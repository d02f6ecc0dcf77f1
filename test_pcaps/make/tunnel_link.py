#!/usr/bin/python3
# tunnel_link.py -- MPLS, PPPoE and NSH right over Ethernet.
# SPDX-License-Identifier: Apache-2.0
"""usage: tunnel_link.py mpls|pppoe|nsh"""

import struct
import sys

from packet import ETH_IP, ethernet, send
from tunnel_parts import NAME, PING, PING6, TAG, inner, label, over_ip, over_udp, service

MPLS, MPLS_MULTICAST, VLAN, DISCOVERY, SESSION, NSH = 0x8847, 0x8848, 0x8100, 0x8863, 0x8864, 0x894F
CONTROL_WORD = struct.pack("!HH", 0, 7)


def mpls() -> list[bytes]:
    payloads = [
        label(100) + PING,
        label(16, False, 7, 1) + label(17, False) + label(18) + PING6,
        label(0) + PING,
        label(2) + PING6,
        label(1, False) + label(30) + NAME,  # router alert
        label(7, False) + label(31) + PING,  # entropy label indicator
        label(40) + CONTROL_WORD + inner(),
        label(41) + inner(),
        label(42) + inner(VLAN, TAG + PING),
        label(43) + b"\x10\0\0\x21" + PING,  # associated channels
        label(44, False) + label(13) + b"\x10\0\0\x57" + PING6,
        label(14) + bytes(44),  # OAM alert: no packet
        label(50) + b"\x50 of no protocol",
        label(0) + PING6,  # explicit null of the other version
        b"".join(label(100 + i, False) for i in range(15)) + label(115) + PING,
    ]
    return [ethernet(MPLS, payload) for payload in payloads] + [
        ethernet(MPLS_MULTICAST, label(100) + PING),
        ethernet(VLAN, struct.pack("!HH", 5, MPLS) + label(100) + PING),
        over_ip(137, label(77) + PING),
        over_udp(6635, label(78) + PING6),
    ]


def tag(kind: int, value: bytes = b"") -> bytes:
    return struct.pack("!HH", kind, len(value)) + value


def over_ethernet(kind: int, code: int, session: int, payload: bytes) -> bytes:
    return ethernet(kind, struct.pack("!BBHH", 0x11, code, session, len(payload)) + payload)


def pppoe() -> list[bytes]:
    uniq, service_name = tag(0x103, b"\1\2\3\4"), tag(0x101, b"isp")
    discovery = [
        (0x09, 0, tag(0x101) + uniq),
        (0x07, 0, service_name + tag(0x102, b"ac-1") + uniq + tag(0x104, b"cookie")),
        (0x19, 0, service_name + uniq + tag(0x104, b"cookie") + tag(0x120, b"\5\xdc")),
        (0x65, 17, service_name + uniq + tag(0)),
        (0x65, 0, tag(0x101) + tag(0x201, b"no such service") + tag(0x203, b"\xe9 \0 odd")),
        (0x09, 0, tag(0x101) + tag(0) + tag(0x102, b"behind the end")),
        (0xA7, 17, tag(0x203, b"bye")),
        (0xA7, 17, b""),
    ]
    session = [
        b"\0\x21" + PING,
        b"\x21" + PING,  # compressed protocol
        b"\0\x57" + PING6,
        b"\0\x21" + NAME,
        b"\2\x81" + label(100) + PING,
        b"\xc0\x21\1\1\0\4",
        b"\x80\x21\1\1\0\4",
        b"\x12\x34 of no protocol",
    ]
    frames = [over_ethernet(DISCOVERY, *message) for message in discovery]
    frames += [over_ethernet(SESSION, 0, 17, payload) for payload in session]
    padded = over_ethernet(DISCOVERY, *discovery[0])
    return frames + [
        padded + bytes(60 - len(padded)),
        ethernet(VLAN, struct.pack("!HH", 5, SESSION) + over_ethernet(0, 0, 9, session[0])[14:]),
    ]


def nsh() -> list[bytes]:
    metadata = bytes(range(16))
    headers = [
        service(1, metadata + PING, 6, 1),
        service(3, metadata + inner(), 6, 1),
        service(2, PING6),
        service(1, b"\1\2\3\4abcd" + PING, 4),
        service(1, b"\0\1\2\5abcdefgh" + PING, 5),
        service(4, service(1, NAME)),
        service(5, label(100) + PING),
        service(9, b"of no protocol"),
        service(0, b"none"),
        service(1, b""),
        service(1, PING, ttl=0),
        service(3, inner(VLAN, TAG + PING)),
    ]
    return [ethernet(NSH, header) for header in headers] + [
        over_ip(47, struct.pack("!HH", 0, NSH) + service(3, metadata + inner(), 6, 1)),
        ethernet(ETH_IP, PING),
        ethernet(NSH, service(1, PING, kind=0xF2)),
    ]


send("eth0", *{"mpls": mpls, "pppoe": pppoe, "nsh": nsh}[sys.argv[1]]())
