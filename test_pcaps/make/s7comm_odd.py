#!/usr/bin/python3
# s7comm_odd.py -- TPKT, COTP and S7 as no program at hand sends them.
# SPDX-License-Identifier: Apache-2.0

import struct

from ics_talk import Talk, datagram
from packet import send

talk = Talk(102, 50102)
ask, answer = talk.ask, talk.answer


def tpkt(data: bytes, **field: int) -> bytes:
    """fields: length, version"""
    return struct.pack("!BBH", field.get("version", 3), 0, field.get("length", len(data) + 4)) + data


def dt(data: bytes, eot: int = 0x80, number: int = 0) -> bytes:
    return tpkt(bytes((2, 0xF0, eot | number)) + data)


def cotp(kind: int, fixed: bytes, options: bytes = b"", data: bytes = b"") -> bytes:
    return tpkt(bytes((len(fixed) + len(options) + 1, kind)) + fixed + options + data)


def s7(rosctr: int, param: bytes, data: bytes = b"", ref: int = 0x0100, error: bytes = b"") -> bytes:
    return dt(struct.pack("!BBHHHH", 0x32, rosctr, 0, ref, len(param), len(data)) + error + param
              + data)


def item(size: int, count: int, db: int, area: int, address: int) -> bytes:
    return struct.pack("!BBBBHHB", 0x12, 0x0A, 0x10, size, count, db, area) + address.to_bytes(3, "big")


def userdata(kind: int, group: int, sub: int, data: bytes, tail: bytes = b"") -> bytes:
    head = b"\x00\x01\x12" + bytes((4 + len(tail), 0x12 if tail else 0x11, kind << 4 | group, sub, 1))
    return s7(7, head + tail, data)


def value(code: int, size: int, length: int, data: bytes = b"") -> bytes:
    return struct.pack("!BBH", code, size, length) + data


tsaps = b"\xc1\x02\x01\x00\xc2\x02\x01\x02\xc0\x01\x0a"
read2 = b"\x04\x02" + item(2, 3, 1, 0x84, 0x50) + item(1, 1, 0, 0x83, 0x13)
frames = [
    # the transport protocol
    ask(cotp(0xE0, b"\x00\x00\x00\x01\x00", tsaps)),
    answer(cotp(0xD0, b"\x00\x01\x00\x02\x00", tsaps)),
    ask(cotp(0xE0, b"\x00\x00\x00\x03\x00", b"\xc1\x04TEXT\xc2\x05OTHER\xc0\x01\x07")),
    ask(cotp(0xE0, b"\x00\x00\x00\x04\x20", b"\xc1\x03A\x00B\xc0\x01\x0d\xc6\x01\x02\xf0\x02\x00\x10")),
    ask(cotp(0xE0, b"\x00\x00\x00\x05\x40")),
    answer(cotp(0x80, b"\x00\x01\x00\x02\x80")),
    answer(cotp(0xC0, b"\x00\x01\x00\x02")),
    ask(cotp(0x70, b"\x00\x01\x02", b"\xc1\x02\x01\x02")),
    ask(cotp(0x10, b"\x00\x01\x80", data=b"expedited")),
    ask(cotp(0x60, b"\x00\x01\x05")),
    answer(cotp(0x50, b"\x00\x01\x05")),
    answer(cotp(0x20, b"\x00\x01\x05")),
    ask(cotp(0xF0, b"\x00\x01\x85", data=b"class two")),
    ask(dt(b"First part, ", eot=0)),
    ask(dt(b"\x41\x01 second part", number=5)),
    ask(dt(b"nobody knows this")),
    ask(dt(b"")),
    ask(dt(b"\x01\x00\x01\x00")),                                # session layer
    # jobs
    ask(s7(1, b"\xf0\x00" + struct.pack("!HHH", 1, 1, 480))),
    answer(s7(3, b"\xf0\x00" + struct.pack("!HHH", 1, 1, 240), error=b"\x00\x00")),
    ask(s7(1, read2)),
    answer(s7(3, b"\x04\x02", value(0xFF, 4, 24, b"abc\0") + value(0xFF, 3, 1, b"\x01"),
              error=b"\x00\x00")),
    answer(s7(3, b"\x04\x03", value(0x0A, 0, 0) + value(0xFF, 9, 3, b"xyz\0") + value(0x05, 0, 0),
              error=b"\x00\x00")),
    ask(s7(1, b"\x05\x02" + item(2, 1, 1, 0x84, 0x10) + item(1, 1, 1, 0x84, 0x11),
           value(0, 4, 8, b"\x42\x00") + value(0, 3, 1, b"\x01"))),
    answer(s7(3, b"\x05\x02", b"\xff\x0a", error=b"\x00\x00")),
    ask(s7(1, b"\x04\x03" + item(0x1D, 1, 0, 0x1D, 5) + item(0x1C, 2, 0, 0x1C, 7)
           + b"\x12\x0e\xb2\xff\x00\x00\x00\x52\x11\x22\x33\x44\x20\x00\x00\x01"
           )),
    ask(s7(1, b"\x04\x01\x12\x07\xb0\x01\x04\x00\x01\x00\x08")),   # several bytes of a block
    answer(s7(2, b"", error=b"\x81\x04")),
    ask(s7(1, b"\x29\x00\x00\x00\x00\x00\x09P_PROGRAM")),
    ask(s7(5, b"\x04\x01" + item(2, 1, 1, 0x84, 0))),
    ask(s7(1, b"\x28\x00\x00\x00\x00\x00\x00\xfd\x00\x00\x09P_PROGRAM")),
    ask(s7(1, b"\x1d\x00\x00\x00\x00\x00\x00\x00\x09_0800001A")),
    answer(s7(3, b"\x1d\x00\x01\x00\x00\x00\x00\x07\x00\x03300", error=b"\x00\x00")),
    ask(s7(1, b"\x1e\x00\x00\x00\x00\x00\x00\x07")),
    answer(s7(3, b"\x1e\x00", b"\x00\x04\x00\xfbDATA", error=b"\x00\x00")),
    ask(s7(1, b"\x1f\x00\x00\x00\x00\x00\x00\x07")),
    ask(s7(1, b"\x1a\x00\x01\x00\x00\x00\x00\x00\x09_0800001P\x0d1000302000200")),
    ask(s7(1, b"\x1b\x00\x00\x00\x00\x00\x00\x00\x09_0800001P")),
    ask(s7(1, b"\xee\x01\x02")),                                 # an unknown function
    # user data
    ask(userdata(4, 4, 1, value(0xFF, 9, 4, b"\x00\x11\x00\x00"))),
    answer(userdata(8, 4, 1, value(0xFF, 9, 12, b"\x77\x11\x00\x01\x00\x04\x00\x01ABCD"),
                    b"\x00\x00\x00\x00")),
    answer(userdata(8, 4, 1, value(0x0A, 0, 0), b"\x00\x00\xd4\x01")),
    ask(userdata(4, 3, 1, value(0x0A, 0, 0))),
    answer(userdata(8, 3, 1, value(0xFF, 9, 8, b"08\x00\x0108\x00\x02"), b"\x00\x00\x00\x00")),
    ask(userdata(4, 3, 2, value(0xFF, 9, 2, b"0A"))),
    ask(userdata(4, 3, 3, value(0xFF, 9, 8, b"0A00001A"))),
    ask(userdata(4, 7, 1, value(0x0A, 0, 0))),
    answer(userdata(8, 7, 1, value(0xFF, 9, 10, b"\x00\x19\x24\x05\x06\x07\x08\x09\x00\x02"),
                    b"\x00\x00\x00\x00")),
    ask(userdata(4, 5, 1, value(0xFF, 9, 8, b"\x26\x62\x3c\x67\x13\x34\x51\x51"))),  # a password
    ask(userdata(4, 2, 1, value(0xFF, 9, 16, b"\x00\x01\x01\x05" + item(2, 4, 1, 0x84, 0)))),     # cyclic
    answer(userdata(0, 2, 1, value(0xFF, 9, 8, b"\x00\x01\xff\x04\x00\x10\x07\x00"),
                    b"\x00\x00\x00\x00")),
    ask(userdata(4, 4, 2, value(0xFF, 9, 10, b"\x01\x00s7user  "))),                   # messages
    ask(userdata(4, 9, 9, value(0xFF, 9, 2, b"\x01\x02"))),
    ask(s7(7, b"\x00\x01\x12\x08\x12\x84\x01\x01\x00\x00\x00\x00")),                 # no data
    ask(s7(9, b"")),                                                                 # no such kind
    # several, and where they do not belong
    ask(s7(1, b"\x04\x01" + item(2, 1, 1, 0x84, 0)) + s7(1, b"\x04\x01" + item(2, 1, 1, 0x81, 8))),
    Talk(102, 50103).ask(b"GET / HTTP/1.0\r\n\r\n"),
    Talk(102, 50105).ask(tpkt(b"\x02\xf0\x80\x32\x01", version=4)),
    Talk(10102, 50106).ask(s7(1, read2)),
    Talk(102, 50107, ipv6=True).ask(s7(1, read2)),
    datagram((50108, 102), s7(1, read2)),
]
send("eth0", *frames, gap=0.002)
