#!/usr/bin/python3
# stun_odd.py -- messages of STUN and TURN that coturn does not send, odd and broken ones.
# SPDX-License-Identifier: Apache-2.0

import itertools
import struct

from packet import ACK, ETH_IP, ETH_IP6, PSH, TCP, UDP, addr, ethernet, ip4, ip6, pad, send, tcp, udp

A, B, A6, B6 = "10.0.0.4", "10.0.0.80", "2001:db8::4", "2001:db8::80"
COOKIE, TRANSACTION = 0x2112A442, bytes(range(12))
REQUEST, INDICATION, SUCCESS, ERROR = 0x000, 0x010, 0x100, 0x110
ports = itertools.count(42000)


def attribute(kind: int, value: bytes, length: int | None = None) -> bytes:
    return struct.pack("!HH", kind, len(value) if length is None else length) + pad(value, 4)


def message(kind: int, *attributes: bytes, cookie: int = COOKIE, length: int | None = None) -> bytes:
    body = b"".join(attributes)
    head = struct.pack("!HHI", kind, len(body) if length is None else length, cookie)
    return head + TRANSACTION + body


def place(kind: int, address: str, port: int, mixed: bool = False) -> bytes:
    raw = addr(address)
    if mixed:
        mask = struct.pack("!I", COOKIE) + TRANSACTION
        raw = bytes(a ^ b for a, b in zip(raw, mask))
        port ^= COOKIE >> 16
    return attribute(kind, struct.pack("!BBH", 0, 1 if len(raw) == 4 else 2, port) + raw)


def there(data: bytes, port: int = 3478) -> bytes:
    return ethernet(ETH_IP, ip4(A, B, UDP, udp(A, B, (40000, port), data)))


def six(data: bytes) -> bytes:
    return ethernet(ETH_IP6, ip6(A6, B6, UDP, udp(A6, B6, (40000, 3478), data)))


def stream(data: bytes, port: int = 3478) -> bytes:
    return ethernet(ETH_IP, ip4(A, B, TCP, tcp(A, B, (next(ports), port), PSH | ACK, data, ack=1)))


ice = message(1, attribute(0x06, b"left:right"), attribute(0x24, struct.pack("!I", 1853824767)),
              attribute(0x25, b""), attribute(0x8029, bytes(8)), attribute(0x08, bytes(20)),
              attribute(0x8028, bytes(4)))
mapped = message(SUCCESS | 1, place(0x20, "192.0.2.1", 5000, True), place(0x01, "192.0.2.1", 7),
                 place(0x802B, "192.0.2.9", 5), place(0x802C, "192.0.2.10", 6),
                 attribute(0x8022, "caf\u00e9".encode()))
mapped6 = message(SUCCESS | 1, place(0x20, "2001:db8::7", 5001, True), place(0x04, "2001:db8::8", 8),
                  place(0x05, "192.0.2.3", 3), place(0x8023, "192.0.2.4", 4))
sent = message(INDICATION | 6, place(0x12, "10.0.0.9", 9, True), attribute(0x13, b"\1\2payload"))
frames = [
    there(ice), there(mapped), six(mapped6), there(ice, 50000), stream(ice, 50001), there(sent),
    there(message(ERROR | 3, attribute(0x09, b"\0\0\4\x26Allocation Mismatch"))),
    there(message(4, attribute(0x0D, bytes(4)), attribute(0x17, b"\1\0\0\0"))),
    there(message(INDICATION | 7, place(0x12, "2001:db8::9", 9, True), attribute(0x13, b"six"))),
    there(message(9, attribute(0x0C, b"\x40\0\0\0"), place(0x12, "10.0.0.9", 9, True))),
    there(message(10)), there(message(0xFF0)), there(message(1, attribute(0x7FFE, b"x"))),
    # Channels, padded and not.
    there(struct.pack("!HH", 0x4000, 5) + b"hello"), there(struct.pack("!HH", 0x7FFF, 5) + b"hello\0\0\0"),
    # Several messages in a segment, one that goes on in the next.
    stream(ice + struct.pack("!HH", 0x4001, 5) + b"hello\0\0\0" + sent),
    stream(struct.pack("!HH", 0x4002, 100) + b"only the beginning"),
    # Lengths that lie, families that nobody knows, values too short, no cookie, no message.
    there(message(1, attribute(0x06, b"abc", 200))), there(message(1, attribute(0x20, b"\0\3\0\0abcd"))),
    there(message(1, attribute(0x20, b"\0\1\0\0ab"))), there(message(1, attribute(0x09, b"\0\0\4"))),
    there(message(1, attribute(0x06, b"abc"), length=100)), there(message(1) + b"more"),
    there(message(1, cookie=0x12345678)), there(message(0x0801)),
    there(b"\0\1\0"),
]
send("eth0", *frames)
