#!/usr/bin/python3
# radius_odd.py -- messages of RADIUS that radclient does not send: other codes, vendors, odd lengths.
# SPDX-License-Identifier: Apache-2.0

import itertools
import struct

from packet import ETH_IP, ETH_IP6, MAC_A, MAC_B, UDP, addr, ethernet, ip4, ip6, send, udp

A, B, A6, B6 = "10.0.0.4", "10.0.0.80", "2001:db8::4", "2001:db8::80"
ids = itertools.count(100)


def pair(kind: int, value: bytes) -> bytes:
    return bytes((kind, len(value) + 2)) + value


def vendor(number: int, *pairs: bytes) -> bytes:
    return pair(26, struct.pack("!I", number) + b"".join(pairs))


def message(code: int, *pairs: bytes, length: int | None = None) -> bytes:
    body = b"".join(pairs)
    size = 20 + len(body) if length is None else length
    return struct.pack("!BBH", code, next(ids), size) + bytes(range(16)) + body


def there(data: bytes, port: int = 1812) -> bytes:
    return ethernet(ETH_IP, ip4(A, B, UDP, udp(A, B, (40000, port), data)))


def back(data: bytes, port: int = 1812) -> bytes:
    return ethernet(ETH_IP, ip4(B, A, UDP, udp(B, A, (port, 40000), data)), MAC_A, MAC_B)


def six(data: bytes) -> bytes:
    return ethernet(ETH_IP6, ip6(A6, B6, UDP, udp(A6, B6, (40000, 1812), data)))


frames = [
    there(message(1, pair(1, b"bob"), pair(79, b"\2\1\0\x08\1bob"), pair(24, b"state"))),
    back(message(11, pair(24, b"state"), pair(18, b"And the number?"), pair(79, b"\1\2\0\6\4\1"))),
    six(message(1, pair(1, "caf\u00e9".encode()), pair(95, addr("2001:db8::4")), pair(8, addr("10.0.0.99")))),
    there(message(40, pair(1, b"bob"), pair(44, b"5f3a")), 3799), back(message(41), 3799), back(message(42), 3799),
    there(message(43, pair(1, b"bob")), 1700), back(message(44), 1700), back(message(45), 1700), there(message(12)),
    there(message(4, pair(40, struct.pack("!I", 3)), pair(42, struct.pack("!Q", 7))), 1646), there(message(1), 1645),
    # Vendors, among them those with other widths; passwords of other kinds.
    there(message(1, vendor(9, pair(1, b"x=y"), pair(2, b"port")), vendor(311, pair(11, b"c" * 16), pair(25, b"r" * 50)),
                  vendor(429, struct.pack("!I", 0x106) + b"abc"), vendor(4846, struct.pack("!HB", 300, 5) + b"ab"),
                  vendor(99999, pair(7, b"qq")))),
    there(message(2, pair(69, b"\0\x80\1" + b"s3cr3t-canary..."), pair(3, b"\1" + b"s3cr3t-canary..."))),
    # Values of other lengths than their types want, bytes behind the message, no message at all.
    there(message(1, pair(4, b"abc"), pair(95, b"\1\2"), pair(5, b"\1\2"), pair(1, b""), pair(1, b"\xff"))),
    there(message(1, pair(1, b"bob")) + b"trailer"), there(message(99)), there(message(1, length=10)),
    there(message(1, length=5000)), there(b"hello world, this is text and nothing else"),
    # EAP in two attributes, and in one whose rest does not follow it.
    there(message(1, pair(79, b"\2\1\1\x2c\1" + b"b" * 248), pair(79, b"o" * 47), pair(24, b"state"))),
    there(message(1, pair(79, b"\2\1\0\x08\1b"), pair(24, b"state"), pair(79, b"ob"))),
]
send("eth0", *frames)
