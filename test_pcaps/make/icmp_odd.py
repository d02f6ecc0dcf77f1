#!/usr/bin/python3
# icmp_odd.py -- ICMP messages and their causes that no program at hand sends.
# SPDX-License-Identifier: Apache-2.0
"""usage: icmp_odd.py cause (in space a) | icmp_odd.py answer (in space r)"""

import struct
import sys

from packet import (
    ETH_IP,
    ICMP,
    MAC_A,
    MAC_B,
    MORE,
    SYN,
    TCP,
    UDP,
    addr,
    checksum,
    ethernet,
    icmp,
    ip4,
)
from packet import send, tcp, udp

A, R, B = "10.0.0.4", "10.0.0.1", "198.51.100.81"


def out(packet: bytes) -> bytes:
    return ethernet(ETH_IP, packet)


def back(packet: bytes) -> bytes:
    return ethernet(ETH_IP, packet, MAC_A, MAC_B)


def from_b(*message: int | bytes) -> bytes:
    return back(ip4(B, A, ICMP, icmp(*message)))


def extended(original: bytes, *objects: tuple[int, int, bytes]) -> tuple[bytes, bytes]:
    """The second word and the body of a message of RFC 4884: 128 bytes quoted, then objects."""
    data = b"".join(struct.pack("!HBB", 4 + len(body), *kind) + body for *kind, body in objects)
    structure = struct.pack("!BBH", 0x20, 0, 0) + data
    structure = structure[:2] + struct.pack("!H", checksum(structure)) + structure[4:]
    return struct.pack("!BBH", 0, 32, 0), original[:128].ljust(128, b"\0") + structure


def causes() -> None:
    datagram = udp(A, B, (40000, 9), b"x" * 32)
    send(
        "eth0",
        # An unknown protocol; three kinds of packets that die on the way.
        out(ip4(A, B, 253, b"what is this")),
        out(ip4(A, B, UDP, datagram, ttl=1)),
        out(ip4(A, B, TCP, tcp(A, B, (40001, 80), SYN), ttl=1)),
        out(ip4(A, B, 132, bytes(16), ttl=1)),
        # A first fragment without the others; an option with a pointer beyond its end.
        out(ip4(A, B, UDP, datagram[:24], frag=MORE, ident=77)),
        out(ip4(A, B, UDP, datagram, options=b"\x07\x07\x03" + bytes(4))),
        out(
            ip4(
                A,
                B,
                ICMP,
                icmp(13, 0, struct.pack("!HH", 7, 1), struct.pack("!3I", 36000000, 0, 0)),
            )
        ),
        # Is there an interface with this name, with this index?
        out(
            ip4(
                A,
                B,
                ICMP,
                icmp(
                    42,
                    0,
                    struct.pack("!HBB", 8, 1, 1),
                    bytes.fromhex("20000000 000c0301") + b"eth0\0\0\0\0",
                ),
            )
        ),
        out(
            ip4(
                A,
                B,
                ICMP,
                icmp(
                    42, 0, struct.pack("!HBB", 8, 2, 1), bytes.fromhex("20000000 00080302 00000063")
                ),
            )
        ),
        out(ip4(A, B, ICMP, icmp(17, 0, struct.pack("!HH", 9, 1), bytes(4)))),
        out(ip4(A, B, ICMP, icmp(15, 0, struct.pack("!HH", 9, 2)))),
        out(ip4(A, "224.0.0.2", ICMP, icmp(10, 0), ttl=1)),
    )


def answers() -> None:
    quoted = ip4(A, B, UDP, udp(A, B, (40000, 9), b"x" * 32))
    segment = struct.pack("!HHIIHHHH", 40000, 80, 1, 2, 0x5012, 512, 0xABCD, 0)
    options = b"\1\1\x08\x0a" + struct.pack("!II", 7, 9)
    syn = struct.pack("!HHIIHHHH", 40000, 80, 1, 0, 0x8002, 512, 0xABCD, 0) + options
    through = struct.pack("!HH", 0, 0x0800) + ip4(A, B, 6, segment)
    stack = struct.pack("!II", 1000 << 12 | 5 << 9 | 63, 2000 << 12 | 0x100 | 63)
    interface = struct.pack("!I", 3) + b"\x00\x01\x00\x00" + addr("198.51.100.1")
    send(
        "eth0",
        from_b(18, 0, struct.pack("!HH", 9, 1), addr("255.255.255.0")),
        from_b(16, 0, struct.pack("!HH", 9, 2)),
        from_b(4, 0, bytes(4), quoted[:28]),
        from_b(3, 1, *extended(quoted, (1, 1, stack))),
        from_b(11, 0, *extended(quoted, (1, 1, stack), (2, 0x0A, interface))),
        from_b(3, 4, struct.pack("!HH", 0, 1280), quoted[:28]),
        from_b(12, 1, b"\x14\0\0\0", quoted[:28]),
        # An error about an error, which tells how deep a decoder goes.
        from_b(3, 3, bytes(4), ip4(A, B, ICMP, icmp(3, 3, bytes(4), quoted))),
        back(
            ip4(
                R,
                "224.0.0.1",
                ICMP,
                icmp(
                    9,
                    0,
                    struct.pack("!BBH", 2, 2, 1800),
                    addr(R) + struct.pack("!i", 0) + addr("10.0.0.2") + struct.pack("!i", -10),
                ),
                ttl=1,
            )
        ),
        from_b(0, 0, struct.pack("!HH", 1, 1)),
        from_b(40, 1, struct.pack("!HH", 0, 4)),
        from_b(200, 7, b"\x01\x02\x03\x04", b"a type that nobody has"),
        # Headers of TCP and SCTP of which less than all is quoted.
        *(from_b(3, 1, bytes(4), ip4(A, B, 6, segment)[: 20 + length]) for length in (8, 16, 18)),
        *(from_b(3, 1, bytes(4), ip4(A, B, 6, syn)[: 40 + length]) for length in (3, 6, 8)),
        # What follows a connection is left out where ICMP itself quotes it, not within a tunnel.
        from_b(3, 2, bytes(4), ip4(A, B, 47, through)),
        from_b(3, 1, bytes(4), ip4(A, B, 132, struct.pack("!HHII", 5000, 2905, 0x01020304, 0))[:28]),
    )


causes() if sys.argv[1] == "cause" else answers()
