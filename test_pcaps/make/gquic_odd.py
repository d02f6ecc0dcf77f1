#!/usr/bin/python3
# gquic_odd.py -- datagrams of QUIC as it was before the standard.
# SPDX-License-Identifier: Apache-2.0

import itertools
import struct

from packet import ETH_IP, UDP, ethernet, ip4, send, udp

CLIENT, SERVER = "10.0.0.4", "10.0.0.128"
CID = 0xF1E2D3C4B5A69788
HASH = bytes(range(0x60, 0x6C))
NAME, AGENT = b"www.example.com", b"canary Chrome/53.0.2782.0 Windows NT 6.1; Win64; x64"
clients = itertools.count(42000)


def message(name: bytes, *tags: tuple[bytes, bytes]) -> bytes:
    data = name + struct.pack("<HH", len(tags), 0)
    values = b""
    for tag, value in tags:
        values += value
        data += tag.ljust(4, b"\0") + struct.pack("<I", len(values))
    return data + values


def order(version: bytes) -> str:
    return "<" if version < b"Q039" else ">"


def header(version: bytes, flags: int = 0x09, cid: int = CID) -> bytes:
    return bytes([flags]) + struct.pack(f"{order(version)}Q", cid) + version


def stream(version: bytes, data: bytes, kind: int = 0xA0, number: int = 1) -> bytes:
    """kind: type of the frame; a place has the value 0"""
    place, size = kind >> 2 & 7, (kind & 3) + 1
    way = "little" if order(version) == "<" else "big"
    length = len(data).to_bytes(2, way) if kind & 0x20 else b""
    return bytes([kind]) + number.to_bytes(size, way) + bytes(place + 1 if place else 0) + length + data


def packet(version: bytes, frames: bytes, flags: int = 0x09, private: bytes = b"\1") -> bytes:
    number = bytes((1, 2, 4, 6)[flags >> 4 & 3])
    return header(version, flags) + number + HASH + (private if version < b"Q034" else b"") + frames


def q046(ids: int, numbers: int, frames: bytes, version: bytes = b"Q046") -> bytes:
    cids = b"".join(bytes(range(n + 3)) for n in (ids >> 4, ids & 15) if n)
    return bytes([0xC0 | numbers]) + version + bytes([ids]) + cids + bytes(numbers + 1) + HASH + frames


def datagram(data: bytes, port: int = 443, back: bool = False) -> bytes:
    """Each is a connection of its own."""
    src, dst = (SERVER, CLIENT) if back else (CLIENT, SERVER)
    client = next(clients)
    ports = (port, client) if back else (client, port)
    return ethernet(ETH_IP, ip4(src, dst, UDP, udp(src, dst, ports, data)))


CHLO = message(
    b"CHLO", (b"PAD", b"-" * 60), (b"SNI", NAME), (b"VER", b"Q043"), (b"CCS", bytes(16)),
    (b"UAID", AGENT), (b"TCID", bytes(4)), (b"CSCT", b""), (b"SFCW", b"\0\0\x60\0"),
)
SHORT = message(b"CHLO", (b"SNI", NAME), (b"UAID", AGENT))
PADDING = bytes(20)
# An acknowledgement of each shape: before and since Q034, alone, with times, with ranges.
OLD_ACKS = (
    b"\x40\7\1\0\0\0" + b"\x45\7\1\0\0\0\2\1\0\0\0\0\2\0\0"
    + b"\x6e\7" + bytes(6) + b"\0\0\0\1" + bytes(5) + b"\1" + bytes(6)
)
ACKS = (
    b"\x40\1\0\0\1\0" + b"\x45\0\1\0\0\0\1\2\1\0\0\0\0\2\0\0"
    + b"\x4f" + bytes(6) + b"\0\0" + bytes(6) + b"\0" + b"\x6a\0\0\0\1\0\0\2" + bytes(4) + bytes(10) + b"\0"
)
# Reset, window, blocked, a ping and what no version has.
OTHERS = b"\1" + bytes(16) + b"\4" + bytes(12) + b"\5" + bytes(4) + b"\7" + b"\x20"
GOAWAY = b"\3" + bytes(8)
send(
    "eth0",
    *(datagram(packet(v, stream(v, CHLO) + PADDING)) for v in (b"Q024", b"Q033", b"Q034", b"Q039", b"Q043")),
    # Ports: one that both have, one that nobody has.
    datagram(packet(b"Q035", stream(b"Q035", CHLO)), 80),
    datagram(packet(b"Q043", stream(b"Q043", CHLO)), 20000),
    # Longer numbers, and before the stream's frame others.
    datagram(packet(b"Q025", OLD_ACKS + OTHERS + b"\6\0\0\0" + stream(b"Q025", SHORT, 0xA5), 0x1D)),
    datagram(packet(b"Q037", ACKS + OTHERS + b"\6\0\0\0\0" + stream(b"Q037", SHORT, 0xFE), 0x29)),
    datagram(packet(b"Q043", ACKS + GOAWAY + b"\0\3bye" + stream(b"Q043", SHORT, 0x83), 0x39)),
    datagram(packet(b"Q036", GOAWAY + b"\3\0bye" + stream(b"Q036", SHORT, 0x82))),
    # Without a hello: sealed, closed, padding, another stream, a message that nobody sends.
    datagram(packet(b"Q043", b"\xa0\5\0\4\x17\x29\x3a\x4b\x5c\x6d")),
    datagram(packet(b"Q039", b"\2" + bytes(4) + b"\0\3bye")),
    datagram(packet(b"Q039", PADDING)),
    datagram(packet(b"Q043", stream(b"Q043", SHORT, number=5))),
    datagram(packet(b"Q043", stream(b"Q043", b"XHLO" + SHORT[4:]))),
    # Tags: none, no text, bytes that are no ASCII, twice the same.
    datagram(packet(b"Q043", stream(b"Q043", message(b"CHLO")))),
    datagram(packet(b"Q043", stream(b"Q043", message(b"CHLO", (b"SNI", b""), (b"UAID", b""))))),
    datagram(packet(b"Q043", stream(b"Q043", message(b"CHLO", (b"SNI", b"b\xfccher.example"), (b"UAID", b"a\0b"))))),
    datagram(packet(b"Q043", stream(b"Q043", message(b"CHLO", (b"SNI", b"a.example"), (b"SNI", b"b.example"))))),
    # A reset that tells the version, and versions that a server has.
    datagram(header(b"Q034", 0x0B) + message(b"PRST", (b"RNON", bytes(8)), (b"RSEQ", bytes(8)))),
    datagram(header(b"Q043") + b"Q039Q035Q099", back=True),
    # The long header: an id of either end, numbers of each size.
    datagram(q046(0x50, 3, stream(b"Q046", CHLO, 0xA4))),
    datagram(q046(0x50, 0, ACKS + stream(b"Q046", SHORT)), 20001),
    datagram(q046(0x05, 1, stream(b"Q046", message(b"SHLO", (b"VER", b"Q046")))), back=True),
)
