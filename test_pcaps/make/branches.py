#!/usr/bin/python3
# branches.py -- what captures of other programs have shown to be read in another way than Wireshark does.
# SPDX-License-Identifier: Apache-2.0
"""usage: branches.py FILE"""

import struct
import sys

import linkfile
from ics_talk import CLIENT, SERVER, Talk, datagram
from packet import ETH_IP, UDP, ethernet, ip4, mac, udp

SPANNING_TREE, LLDP, MPLS, NSH, DISCOVERY = "01:80:c2:00:00:00", 0x88CC, 0x8847, 0x894F, 0x8863
PING = ip4(CLIENT, SERVER, UDP, udp(CLIENT, SERVER, (1000, 2000), b"hallo"))


def by_length(payload: bytes) -> bytes:
    return ethernet(len(payload), payload, SPANNING_TREE)


def snap(organisation: int, kind: int, payload: bytes) -> bytes:
    return by_length(b"\xaa\xaa\x03" + organisation.to_bytes(3, "big") + struct.pack("!H", kind) + payload)


def tree(protocol: int = 0, version: int = 0, kind: int = 0) -> bytes:
    bridge = struct.pack("!H6s", 0x8001, mac("02:00:00:00:00:0c"))
    return struct.pack("!HBBB", protocol, version, kind, 1) + bridge + bytes(4) + bridge + struct.pack(
        "!HHHHH", 0x8002, 0, 20 << 8, 2 << 8, 15 << 8)


def item(kind: int, value: bytes) -> bytes:
    return struct.pack("!H", kind << 9 | len(value)) + value


def neighbour(port: bytes) -> bytes:
    return ethernet(LLDP, item(1, b"\x04" + mac("02:00:00:00:00:0c")) + item(2, port) + item(3, b"\0\x78") + item(0, b""),
                    "01:80:c2:00:00:0e")


def links() -> list[bytes]:
    bridged = bytes(2) + ethernet(ETH_IP, PING)
    return [
        snap(0x0080C2, 7, bridged),
        snap(0x0080C2, 1, bridged + bytes(4)),
        snap(0x0080C2, 14, tree()),
        snap(0x00A03E, 9, b"of the ATM forum"),
        by_length(b"\x42\x42\x03" + tree(0x5790, 31, 0x52)),
        *(neighbour(bytes([kind]) + b"port 1") for kind in (2, 5, 6, 9)),
        # an associated channel whatever its first bits are, RFC 5586
        ethernet(MPLS, struct.pack("!I", 13 << 12 | 0x1FF) + b"\x10\0\0\x07" + bytes(24)),
        ethernet(MPLS, struct.pack("!I", 13 << 12 | 0x1FF) + b"\0\0\0\0" + bytes(24)),
        ethernet(NSH, struct.pack("!HBBI", 0x0FC2, 0xF2, 1, 77 << 8 | 255) + PING),
        ethernet(DISCOVERY, b"\x11\x09\0\0\0\x14" + b"\1\1\0\6caf\xc3\xa9\0" + b"\1\2\0\6caf\xc3\xa9s"),
    ]


def pair(kind: int, value: bytes) -> bytes:
    return struct.pack("!HHH", 0x8000 | 6 + len(value), 0, kind) + value


def tunnel() -> bytes:
    lcp = b"\1\4\5\xd4\5\6\x11\x22\x33\x44"
    pairs = pair(0, b"\0\x0c") + b"".join(pair(kind, lcp) for kind in (26, 27, 28)) + pair(7, b"caf\xc3\xa9")
    return datagram((1701, 1701), struct.pack("!6H", 0xC802, 12 + len(pairs), 1, 2, 3, 4) + pairs)


def dhcp() -> bytes:
    options = [(53, b"\2"), (51, bytes(8)), (54, bytes([10, 0, 0, 80, 0])), (58, b"\0\1"), (1, b"\xff\xff\xff\0")]
    head = struct.pack("!BBBBIHH4s4s4s4s16s", 2, 1, 6, 0, 0x1234, 0, 0, bytes(4), bytes([10, 0, 0, 9]), bytes(4),
                       bytes(4), mac("02:00:00:00:00:0a"))
    body = head + "café".encode().ljust(64, b"\0") + "bücher.0".encode().ljust(128, b"\0") + b"c\x82Sc"
    return datagram((67, 68), body + b"".join(bytes([kind, len(value)]) + value for kind, value in options) + b"\xff")


def radius(code: int, *pairs: tuple[int, bytes], back: bool = False) -> bytes:
    body = b"".join(bytes([kind, 2 + len(value)]) + value for kind, value in pairs)
    return datagram((40000, 1812), struct.pack("!BBH", code, 1, 20 + len(body)) + bytes(range(16)) + body, back)


def logins() -> list[bytes]:
    identity = struct.pack("!BBHB", 2, 1, 5 + 260, 1) + b"alice@example.org".ljust(260, b"x")
    challenge = struct.pack("!BBHBB", 1, 2, 6 + 16, 4, 16) + bytes(range(16))
    return [
        radius(1, (1, b"alice"), (79, identity[:253]), (79, identity[253:]), (5, bytes(6)), (61, b"\0\0\0\x13")),
        radius(11, (79, challenge), (24, b"state"), back=True),
        radius(2, (79, b"\3\2\0\4"), (42, bytes(7) + b"\5"), back=True),
    ]


def stun() -> bytes:
    attributes = b"".join(struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4) for kind, value in (
        (0x8689, b"unknown"), (0x8022, b"agent"), (0x10A6, b"ab"), (0x0006, b"alice")))
    return datagram((40001, 3478), struct.pack("!HHI12s", 1, len(attributes), 0x2112A442, b"transaction!") + attributes)


def unit(body: bytes) -> bytes:
    return bytes([0x68, len(body)]) + body


def stations() -> list[bytes]:
    talk = Talk(2404, 40002)
    numbers = struct.pack("<HH", 2, 4)
    row = unit(numbers + b"\x3f\x02\x06\0\x2f\0" + b"\1\0\0" + bytes(12) + b"\2\0\0" + bytes(12))
    return [talk.ask(unit(b"\x43\0\0\0") + row[:-9])]


linkfile.write(sys.argv[1], 1, [*links(), tunnel(), dhcp(), *logins(), stun(), *stations()])
