#!/usr/bin/python3
# rdp_odd.py -- beginnings of RDP that xfreerdp and xrdp do not make.
# SPDX-License-Identifier: Apache-2.0

import struct

from ics_talk import Talk
from packet import send


def tpkt(data: bytes) -> bytes:
    return struct.pack("!BBH", 3, 0, len(data) + 4) + data


def head(kind: int, data: bytes) -> bytes:
    return tpkt(bytes((6 + len(data), kind)) + b"\x00\x00\x12\x34\x00" + data)


def unit(data: bytes) -> bytes:
    return tpkt(b"\x02\xf0\x80" + data)


def negotiation(kind: int, flags: int, value: int) -> bytes:
    return struct.pack("<BBHI", kind, flags, 8, value)


def ber(tag: int, data: bytes) -> bytes:
    return bytes((tag, 0x82)) + struct.pack("!H", len(data)) + data


def connect(tag: int, key: bytes, blocks: bytes) -> bytes:
    inner = b"\x00\x08\x00\x10\x00\x01\xc0\x00" + key + struct.pack("!H", 0x8000 | len(blocks)) + blocks
    user = b"\x00\x05\x00\x14\x7c\x00\x01" + struct.pack("!H", 0x8000 | len(inner)) + inner
    domain = b"\x30\x03\x02\x01\x01"
    if tag == 0x65:
        body = b"\x04\x01\x01\x04\x01\x01\x01\x01\xff" + domain * 3 + ber(4, user)
    else:
        body = b"\x0a\x01\x00\x02\x01\x00" + domain + ber(4, user)
    return unit(b"\x7f" + ber(tag, body))


def block(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data) + 4) + data


def core(name: str, version: int = 0x00080004) -> bytes:
    return (struct.pack("<IHHHHII", version, 1920, 1080, 0xCA01, 0xAA03, 0x407, 2600)
            + name.encode("utf-16-le").ljust(32, b"\0") + struct.pack("<III", 4, 0, 12) + bytes(64))


channels = struct.pack("<I", 2) + b"rdpdr\0\0\0" + bytes(4) + b"cliprdr\0" + bytes(4)
frames = []
for number, data in enumerate((
        head(0xE0, b"Cookie: mstshash=EXAMPLE\\alice\r\n" + negotiation(1, 0, 11)),
        head(0xE0, b"Cookie: msts=1342177290.15629.0000\r\n" + negotiation(1, 1, 3)),
        head(0xE0, b"Cookie: mstshash=bob\r\n"),
        head(0xE0, negotiation(1, 8, 3) + b"\x06\x00\x24\x00" + bytes(range(32))),
        head(0xE0, b"Cookie: mstshash=nobody ends this line"),
        head(0xE0, b"")), 1):
    frames.append(Talk(3389, 50389 + number).ask(data))
talk = Talk(3389, 50389)
frames += [
    talk.ask(head(0xE0, negotiation(1, 0, 0))),
    talk.answer(head(0xD0, negotiation(2, 0x1F, 2))),
    talk.answer(head(0xD0, negotiation(3, 0, 5))),
    talk.answer(head(0xD0, b"")),
    talk.ask(connect(0x65, b"Duca", block(0xC001, core("PC-FIFTEEN-CHRS")) + block(0xC004, bytes(8))
                     + block(0xC002, bytes(8)) + block(0xC003, channels))),
    talk.answer(connect(0x66, b"McDn", block(0x0C01, struct.pack("<II", 0x00080004, 0))
                        + block(0x0C02, struct.pack("<II", 0, 0))
                        + block(0x0C03, struct.pack("<HH", 1003, 0)))),
    talk.ask(unit(b"\x04\x01\x00\x01\x00") + unit(b"\x28")),
    talk.answer(unit(b"\x2e\x00\x00\x06")),
    talk.answer(unit(b"\x21\x80")),
]
send("eth0", *frames, gap=0.002)
