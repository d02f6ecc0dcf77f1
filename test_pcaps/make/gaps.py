#!/usr/bin/python3
# gaps.py -- cooked packets of interfaces that are rare, and ethertypes in front of BSD's packets.
# SPDX-License-Identifier: Apache-2.0
"""usage: gaps.py SLL-FILE NULL-FILE"""

import struct
import sys

import linkfile
from ics_talk import CLIENT, SERVER
from packet import UDP, addr, ethernet, ip4, ip6, udp

SLL, NULL = 113, 0
TUNNEL, TUNNEL6, GRE, INFINIBAND, RADIO = 768, 769, 778, 32, 803
IP, IPV6, BRIDGED = 0x0800, 0x86DD, 0x6558
HERE, THERE = "2001:db8::4", "2001:db8::80"
PING = ip4(CLIENT, SERVER, UDP, udp(CLIENT, SERVER, (1000, 2000), b"hallo"))
PING6 = ip6(HERE, THERE, UDP, udp(HERE, THERE, (1000, 2000), b"hallo"))


def cooked(hardware: int, address: bytes, kind: int, payload: bytes, length: int | None = None) -> bytes:
    size = len(address) if length is None else length
    return struct.pack("!HHH", 0, hardware, size) + address[:8].ljust(8, b"\0") + struct.pack("!H", kind) + payload


def interfaces() -> list[bytes]:
    here, here6 = addr(CLIENT), addr(HERE)
    return [
        cooked(TUNNEL, here, IP, PING),
        cooked(TUNNEL6, here6, IPV6, PING6),
        cooked(GRE, here, IP, PING),
        cooked(GRE, here, IPV6, PING6),
        cooked(GRE, here, BRIDGED, ethernet(IP, PING)),
        cooked(INFINIBAND, bytes(range(20)), IP, PING),
        cooked(TUNNEL, b"\x0a", IP, PING),
        cooked(1, here, IP, PING),
    ]


def families() -> list[bytes]:
    return [struct.pack("<I", IP) + PING, struct.pack(">I", IP) + PING, struct.pack("<I", IPV6) + PING6,
            struct.pack("<I", 0x0806) + bytes(28), struct.pack("<I", 0x9999) + PING]


linkfile.write(sys.argv[1], SLL, interfaces())
linkfile.write(sys.argv[2], NULL, families())
