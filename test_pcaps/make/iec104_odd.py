#!/usr/bin/python3
# iec104_odd.py -- every type of unit, single and in sequence, and what stations should not send.
# SPDX-License-Identifier: Apache-2.0

import struct

from ics_talk import Talk
from packet import send

talk = Talk(2404, 52404)
ask, answer = talk.ask, talk.answer
TIME = struct.pack("<HBBBBB", 12345, 10, 15, 6 | 4 << 5, 5, 24)
BAD_TIME = struct.pack("<HBBBBB", 59999, 0x80 | 59, 0x80 | 23, 31, 12, 99)
FLOAT = struct.pack("<f", 21.5)
BITS = b"\x78\x56\x34\x12"
COUNTER = struct.pack("<i", -5) + b"\xe3"
# what stands behind each address, by type
ELEMENTS = {
    1: b"\x91", 2: b"\x01" + TIME[:3], 3: b"\xb2", 4: b"\x02" + TIME[:3], 5: b"\x85\x11",
    6: b"\x05\x00" + TIME[:3], 7: BITS + b"\x80", 8: BITS + b"\x00" + TIME[:3], 9: b"\x00\xc0\x01",
    10: b"\xff\x7f\x00" + TIME[:3], 11: b"\x00\x80\x40", 12: b"\x2a\x00\x00" + TIME[:3],
    13: FLOAT + b"\x10", 14: FLOAT + b"\x00" + TIME[:3], 15: COUNTER, 16: COUNTER + TIME[:3],
    20: b"\x01\x02\x03\x04\x80", 21: b"\x00\x40", 30: b"\x01" + TIME, 31: b"\x01" + TIME,
    32: b"\x85\x00" + TIME, 33: BITS + b"\x00" + TIME, 34: b"\x00\x20\x00" + TIME,
    35: b"\x64\x00\x00" + TIME, 36: FLOAT + b"\x00" + TIME, 37: COUNTER + TIME,
    38: b"\x01\x10\x00" + TIME, 39: b"\x01\x02\x10\x00" + TIME, 40: b"\x01\x02\x10\x00" + TIME,
    45: b"\x81", 46: b"\x02", 47: b"\x01", 48: b"\x00\x10\x00", 49: b"\x10\x00\x80",
    50: FLOAT + b"\x00", 51: BITS, 58: b"\x01" + TIME, 59: b"\x02" + TIME, 60: b"\x01" + TIME,
    61: b"\x00\x10\x00" + TIME, 62: b"\x10\x00\x80" + TIME, 63: FLOAT + b"\x00" + TIME,
    64: BITS + TIME, 70: b"\x02", 100: b"\x14", 101: b"\x05", 102: b"", 103: BAD_TIME,
    104: b"\xaa\x55", 105: b"\x01", 106: b"\x10\x27", 107: b"\xaa\x55" + TIME, 110: b"\x00\x40\x01",
    111: b"\x10\x00\x02", 112: FLOAT + b"\x03", 113: b"\x01",
}


def apdu(control: int, asdu: bytes = b"", **field: int) -> bytes:
    return struct.pack("<BBI", 0x68, field.get("length", 4 + len(asdu)), control) + asdu


def unit(kind: int, objects: bytes, count: int = 1, cause: int = 3, **field: int) -> bytes:
    """fields: oa, addr, tx, rx, sequence"""
    asdu = struct.pack("<BBBBH", kind, count | field.get("sequence", 0) << 7, cause,
                       field.get("oa", 0), field.get("addr", 47)) + objects
    return apdu(field.get("rx", 4) << 17 | field.get("tx", 9) << 1, asdu)


def at(address: int, data: bytes) -> bytes:
    return address.to_bytes(3, "little") + data


frames = [ask(apdu(kind)) for kind in (0x07, 0x0B, 0x13, 0x23, 0x43, 0x83)]
frames += [answer(apdu(0x00060001)), answer(apdu(0xFFFE0001))]
for kind, data in ELEMENTS.items():
    frames.append(answer(unit(kind, at(100 + kind, data))))
    if kind < 45:
        frames.append(answer(unit(kind, at(200, data) + at(0xFFFFFF, data), 2, 20)))
        frames.append(answer(unit(kind, at(300, data * 3), 3, 1, sequence=1)))
frames += [
    ask(unit(100, at(0, b"\x15"), cause=6, oa=12, addr=0xFFFF, tx=0x7FFF, rx=0x7FFF)),
    answer(unit(45, at(7, b"\x01"), cause=0x40 | 7)),            # refused
    answer(unit(45, at(7, b"\x01"), cause=0x80 | 7)),            # a test
    answer(unit(45, at(7, b"\x01"), cause=0xC0 | 47)),
    answer(unit(200, at(7, b"\x01\x02\x03"))),                   # a type nobody knows
    answer(unit(120, at(7, b"\x01\x00\x10\x00\x00\x01"))),       # a file
    answer(unit(36, at(1, struct.pack("<f", float("nan")) + b"\0" + TIME)
                + at(2, struct.pack("<f", float("inf")) + b"\0" + TIME), 2)),
    answer(unit(30, at(1, b"\x01" + struct.pack("<HBBBBB", 60001, 61, 25, 0, 0, 0)))),
    answer(unit(1, at(1, b"\x01")) + unit(3, at(2, b"\x02")) + apdu(0x00080001)),
    answer(unit(13, at(1, (FLOAT + b"\0") * 40), 40, sequence=1)),
    Talk(2404, 52405).ask(b"GET / HTTP/1.0\r\n\r\n"),
    Talk(32404, 52406).ask(unit(100, at(0, b"\x14"), cause=6)),
    Talk(32404, 52407).ask(apdu(0x07)),
    Talk(2404, 52408, ipv6=True).ask(unit(100, at(0, b"\x14"), cause=6)),
]
send("eth0", *frames, gap=0.002)
