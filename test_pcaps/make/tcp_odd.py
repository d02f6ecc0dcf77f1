#!/usr/bin/python3
# tcp_odd.py -- TCP segments with options and flags that the kernel does not send.
# SPDX-License-Identifier: Apache-2.0

import struct

from packet import ACK, CWR, ECE, ETH_IP, FIN, PSH, RST, SYN, TCP, URG, ethernet, ip4, send, tcp

A, B = "10.0.0.4", "198.51.100.81"
AE = 0x100
PORTS = (40000, 7999)
NOP, END = b"\x01", b"\0"


def option(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("!BB", kind, 2 + len(data)) + data


def out(flags: int, payload: bytes = b"", **field: int | bytes) -> bytes:
    return ethernet(ETH_IP, ip4(A, B, TCP, tcp(A, B, PORTS, flags, payload, **field)))


send(
    "eth0",
    out(SYN, options=option(2, b"\x05\xb4") + option(28, struct.pack("!H", 0x8000 | 5))),
    out(ACK, options=option(29, b"\x01\x02" + bytes(range(12)))),
    # Fast open as it was tried out, with the number that told experiments apart.
    out(SYN, options=option(254, bytes.fromhex("f989 0102030405060708"))),
    out(SYN, options=option(253, bytes.fromhex("0348 aabb"))),
    # Accurate ECN: a third bit in the handshake, and counters in an option.
    out(SYN | ECE | CWR | AE),
    out(ACK | ECE | AE, options=option(172, bytes.fromhex("000001 000002 000003"))),
    # Options of other days, and one that nobody has given a meaning.
    out(
        SYN,
        options=option(6, b"1234") + option(14, b"\x01") + option(8, bytes(8)) + option(199, b"?"),
    ),
    out(SYN, options=NOP * 3 + END + b"\xff\xff\xff\xff"),
    out(SYN, options=NOP * 40),
    # Lengths that lie: nought, one, beyond the end, and wrong for their kind.
    out(SYN, options=b"\x02\x00\x05\xb4"),
    out(SYN, options=b"\x08\x01" + bytes(6)),
    out(SYN, options=b"\x01\x01\x05\x28"),
    out(SYN, options=option(2, b"\x05") + option(3, b"\x07\x07")),
    # A header that ends before its own end; bad/lies.pcap has one that reaches beyond the packet.
    out(ACK, b"payload", words=2),
    # What scanners send.
    out(0),
    out(FIN | PSH | URG, urgent=1),
    out(SYN | FIN),
    out(SYN | RST | ACK | ECE | CWR | 0xF00),
    out(ACK | PSH | URG, b"urgent beyond the end", urgent=5000),
)
