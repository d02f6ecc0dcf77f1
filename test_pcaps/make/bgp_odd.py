#!/usr/bin/python3
# bgp_odd.py -- errors, old and new AS numbers, additional paths, several messages in a segment.
# SPDX-License-Identifier: Apache-2.0

import struct

from packet import ACK, ETH_IP, PSH, TCP, addr, ethernet, ip4, send, tcp

A, B = "10.0.0.4", "10.0.0.80"
OPEN, UPDATE, NOTIFICATION, KEEPALIVE, REFRESH, CAPABILITY = range(1, 7)


def message(kind: int, body: bytes = b"") -> bytes:
    return b"\xff" * 16 + struct.pack("!HB", 19 + len(body), kind) + body


def attribute(kind: int, value: bytes, flags: int = 0x40) -> bytes:
    length = struct.pack("!H" if flags & 0x10 else "!B", len(value))
    return bytes([flags, kind]) + length + value


def prefix(text: str, bits: int) -> bytes:
    return bytes([bits]) + addr(text)[: (bits + 7) // 8]


def update(withdrawn: bytes = b"", attributes: bytes = b"", prefixes: bytes = b"") -> bytes:
    return message(UPDATE, struct.pack("!H", len(withdrawn)) + withdrawn
                   + struct.pack("!H", len(attributes)) + attributes + prefixes)


def path(kind: int, size: str, *numbers: int) -> bytes:
    return bytes([kind, len(numbers)]) + struct.pack(f"!{len(numbers)}{size}", *numbers)


ORIGINS = [attribute(1, bytes([kind])) for kind in range(3)]
HOP = attribute(3, addr(A))
NETS = prefix("192.0.2.0", 24) + prefix("10.32.0.0", 11) + prefix("0.0.0.0", 0)
PATHS = b"\0\0\0\1" + prefix("192.0.2.0", 24) + b"\0\0\0\2" + prefix("192.0.2.0", 24)
OLD = attribute(2, path(2, "H", 64500, 23456))
NEW = attribute(2, path(2, "I", 64500, 65551) + path(1, "I", 64501, 64502, 64503))
LONG = attribute(2, path(2, "I", *[64500 + i for i in range(70)]), 0x50)
SIX = attribute(14, b"\0\2\1\x10" + addr("2001:db8::4") + b"\0" + bytes([48])
                + addr("2001:db8:7::")[:6], 0x80)

sent = [
    message(OPEN, struct.pack("!BHH", 4, 64500, 180) + addr(A) + b"\0"),
    message(OPEN, struct.pack("!BHH", 4, 23456, 0) + addr(A) + b"\x08\2\6\x41\4\0\1\0\x0f"),
    message(KEEPALIVE),
    update(),
    update(b"", ORIGINS[0] + NEW + HOP, NETS),
    update(b"", ORIGINS[1] + OLD + HOP + attribute(17, path(2, "I", 64500, 65551), 0xC0), NETS[:4]),
    update(b"", ORIGINS[2] + LONG + HOP + attribute(4, b"\0\0\0\7", 0x80), prefix(A, 32)),
    update(prefix("192.0.2.0", 24) + prefix("198.51.100.192", 27)),
    update(PATHS),
    update(b"", ORIGINS[0] + attribute(2, b"") + HOP, PATHS),
    update(b"", ORIGINS[0] + NEW + SIX),
    update(b"", attribute(128, struct.pack("!I", 64500) + ORIGINS[2] + HOP, 0xC0)),
    message(KEEPALIVE) + update(NETS[:4]) + message(KEEPALIVE),
    b"the end of another message" + message(KEEPALIVE),
    b"a segment from amidst a message",
    message(REFRESH, b"\0\1\0\1"),
    message(CAPABILITY, b"\0\1\0"),
    message(77),
    message(NOTIFICATION, b"\6\2\5later"),
    message(NOTIFICATION, b"\2\2\xfa\xf0"),
]


def segment(data: bytes, ports: tuple[int, int] = (50000, 179)) -> bytes:
    return ethernet(ETH_IP, ip4(A, B, TCP, tcp(A, B, ports, PSH | ACK, data)))


if __name__ == "__main__":
    send("eth0", *[segment(data) for data in sent], segment(message(KEEPALIVE), (50001, 1790)))
