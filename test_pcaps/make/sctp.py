#!/usr/bin/python3
# sctp.py -- an association, its data whole and in fragments, errors, aborts, rarer chunks.
# SPDX-License-Identifier: Apache-2.0

import struct

from packet import ETH_IP, ETH_IP6, MAC_A, MAC_B, UDP, addr, ethernet, ip4, ip6, pad, send, udp

A, B, A6, B6 = "10.0.0.4", "10.0.0.80", "2001:db8::4", "2001:db8::80"
SCTP, PORTS, BACK = 132, (45679, 5678), (5678, 45679)
TAG_A, TAG_B = 0x0A0A0A0A, 0x0B0B0B0B
BEGIN, END = 2, 1


def crc32c(data: bytes) -> int:
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


def chunk(kind: int, flags: int, value: bytes = b"", length: int | None = None) -> bytes:
    size = 4 + len(value) if length is None else length
    return pad(struct.pack("!BBH", kind, flags, size) + value, 4)


def last(kind: int, value: bytes) -> bytes:
    """Of the last parameter a chunk does not count the padding."""
    return struct.pack("!HH", kind, 4 + len(value)) + value


def parameter(kind: int, value: bytes) -> bytes:
    return pad(last(kind, value), 4)


def packet(ports: tuple[int, int], tag: int, *chunks: bytes) -> bytes:
    data = struct.pack("!HHII", *ports, tag, 0) + b"".join(chunks)
    return data[:8] + struct.pack("<I", crc32c(data)) + data[12:]


def there(*chunks: bytes, tag: int = TAG_B) -> bytes:
    return ethernet(ETH_IP, ip4(A, B, SCTP, packet(PORTS, tag, *chunks)))


def back(*chunks: bytes) -> bytes:
    return ethernet(ETH_IP, ip4(B, A, SCTP, packet(BACK, TAG_A, *chunks)), MAC_A, MAC_B)


def init(kind: int, tag: int, tsn: int, *parameters: bytes) -> bytes:
    head = struct.pack("!IIHHI", tag, 106496, 10, 65535, tsn)
    return chunk(kind, 0, head + b"".join(parameters))


def data(tsn: int, flags: int, text: bytes, stream: int = 0, sequence: int = 0) -> bytes:
    return chunk(0, flags, struct.pack("!IHHI", tsn, stream, sequence, 0) + text)


def sack(tsn: int, *gaps: tuple[int, int]) -> bytes:
    head = struct.pack("!IIHH", tsn, 106000, len(gaps), 0)
    return chunk(3, 0, head + b"".join(struct.pack("!HH", *gap) for gap in gaps))


addresses = parameter(5, addr(A)), parameter(6, addr(A6)), parameter(12, struct.pack("!HH", 5, 6))
cookie = parameter(7, bytes(range(40)))
stale = parameter(3, struct.pack("!I", 4711))
over_udp = packet(PORTS, TAG_B, data(90, BEGIN | END, b"within UDP"))
send(
    "eth0",
    there(init(1, TAG_A, 1000, *addresses), tag=0),
    back(init(2, TAG_B, 2000, cookie)),
    there(chunk(10, 0, bytes(range(40))), data(1000, BEGIN | END, b"first")),
    back(chunk(11, 0), sack(1000)),
    # Bundled, with padding in between; then one message in three fragments.
    there(data(1001, BEGIN | END, b"a", 1), data(1002, BEGIN | END | 4, b"bc", 2, 7)),
    there(data(1003, BEGIN, b"beginning,")),
    there(data(1004, 0, b"middle,")),
    there(data(1005, END, b"end")),
    back(sack(1003, (2, 2), (4, 5))),
    there(chunk(4, 0, last(1, b"heartbeat"))),
    back(chunk(5, 0, last(1, b"heartbeat"))),
    # Errors: a stream that is none, a stale cookie, an unrecognized chunk.
    back(chunk(9, 0, parameter(1, struct.pack("!HH", 77, 0)) + stale)),
    back(chunk(9, 0, parameter(6, chunk(99, 0, b"abcd")) + last(9, struct.pack("!I", 1000)))),
    there(chunk(192, 0, struct.pack("!I", 1006))),
    there(chunk(130, 0, last(13, struct.pack("!III", 1, 0, 1006) + struct.pack("!H", 1)))),
    there(chunk(64, BEGIN | END, struct.pack("!IHHII", 1007, 3, 0, 9, 0) + b"interleaved")),
    there(chunk(64, END, struct.pack("!IHHII", 1008, 3, 0, 10, 1) + b"its end")),
    there(chunk(99, 0, b"of an unknown type")),
    there(chunk(7, 0, struct.pack("!I", 2000))),
    back(chunk(8, 0)),
    there(chunk(14, 1)),
    there(chunk(6, 0, last(12, b"user's reason"))),
    there(chunk(6, 1)),
    ethernet(ETH_IP6, ip6(A6, B6, SCTP, packet(PORTS, TAG_B, data(80, BEGIN | END, b"over six")))),
    ethernet(ETH_IP, ip4(A, B, UDP, udp(A, B, (9899, 9899), over_udp))),
    ethernet(ETH_IP, ip4(A, B, SCTP, packet((45680, 80), TAG_B, data(
        1, BEGIN | END, b"GET /over-sctp HTTP/1.1\r\nHost: www.example.com\r\n\r\n")))),
)
