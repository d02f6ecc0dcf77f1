#!/usr/bin/python3
# modbus_odd.py -- what pymodbus does not say: rare functions, several in a segment, odd lengths.
# SPDX-License-Identifier: Apache-2.0

import struct

from ics_talk import Talk, datagram
from packet import send

PORT = 50502
talk = Talk(502, PORT)
ask, answer = talk.ask, talk.answer


def adu(trans: int, pdu: bytes, unit: int = 1, **field: int) -> bytes:
    """fields: length, proto"""
    return struct.pack("!HHHB", trans, field.get("proto", 0), field.get("length", len(pdu) + 1),
                       unit) + pdu


# Answers come without their questions here: what stands in those is not known to anybody.
frames = [
    answer(adu(1, b"\x01\x03\xcd\x6b\x05")),                     # coils
    answer(adu(2, b"\x02\x01\x01")),
    answer(adu(3, b"\x03\x06\x02\x2b\x00\x00\x00\x64")),         # registers
    answer(adu(4, b"\x04\x02\x00\x0a")),
    ask(adu(5, b"\x05\x00\xac\xff\x00")),
    answer(adu(5, b"\x05\x00\xac\xff\x00")),
    ask(adu(6, b"\x07")),
    answer(adu(6, b"\x07\x6d")),
    answer(adu(7, b"\x0b\xff\xff\x01\x08")),
    answer(adu(8, b"\x0c\x0a\x00\x00\x01\x08\x01\x21\x20\x40\x00\x04")),  # log of events
    ask(adu(9, b"\x0f\x00\x13\x00\x0a\x02\xcd\x01")),
    answer(adu(9, b"\x0f\x00\x13\x00\x0a")),
    ask(adu(10, b"\x10\x00\x01\x00\x02\x04\x00\x0a\x01\x02")),
    answer(adu(10, b"\x10\x00\x01\x00\x02")),
    answer(adu(11, b"\x11\x03\x2a\xff\x41")),
    ask(adu(12, b"\x14\x0e\x06\x00\x04\x00\x01\x00\x02\x06\x00\x03\x00\x09\x00\x02")),
    answer(adu(12, b"\x14\x0c\x05\x06\x0d\xfe\x00\x20\x05\x06\x33\xcd\x00\x40")),
    ask(adu(13, b"\x15\x0d\x06\x00\x04\x00\x07\x00\x03\x06\xaf\x04\xbe\x10\x0d")),
    answer(adu(13, b"\x15\x0d\x06\x00\x04\x00\x07\x00\x03\x06\xaf\x04\xbe\x10\x0d")),
    ask(adu(14, b"\x16\x00\x04\x00\xf2\x00\x25")),
    answer(adu(14, b"\x16\x00\x04\x00\xf2\x00\x25")),
    ask(adu(15, b"\x17\x00\x03\x00\x06\x00\x0e\x00\x03\x06\x00\xff\x00\xff\x00\xff")),
    answer(adu(15, b"\x17\x0c\x00\xfe\x0a\xcd\x00\x01\x00\x03\x00\x0d\x00\xff")),
    ask(adu(16, b"\x18\x04\xde")),
    answer(adu(16, b"\x18\x00\x06\x00\x02\x01\xb8\x12\x84")),
    ask(adu(17, b"\x2b\x0e\x04\x00")),
    answer(adu(17, b"\x2b\x0e\x04\x01\x00\x00\x03\x00\x06Vendor\x01\x04Code\x80\x02\x01\x02")),
    ask(adu(18, b"\x2b\x0d\x01\x02\x03")),
    answer(adu(18, b"\x2b\x0d\x01\x02\x03")),
] + [ask(adu(20 + code, struct.pack("!BHH", 8, code, 0xFF00 if code == 1 else 0)))
     for code in (0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 99)
] + [answer(adu(20 + code, struct.pack("!BHH", 8, code, 7)))
     for code in (0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 99)
] + [
    answer(adu(50, b"\x83\x02")),                                # exceptions
    answer(adu(51, b"\x81\x63")),
    ask(adu(52, b"\x64\x01\x02\x03")),                           # a function nobody knows
    answer(adu(52, b"\x64\x01\x02\x03")),
    ask(adu(53, b"\x03\x00\x00\x00\x01") + adu(54, b"\x01\x00\x00\x00\x08")
        + adu(55, b"\x06\x00\x01\x00\x02")),                     # three in a segment
    ask(adu(69, b"\x0b\x00\x00") + b"\0\0\0"),                 # more than there should be
    answer(adu(57, b"\x03\x02\x00\x01\x00\x05")),               # more than it counts
    ask(adu(58, b"\x10\x00\x01\x00\x02\xff\x00\x0a")),           # a count that lies
    Talk(502, PORT + 1).ask(adu(59, b"\x03\x00\x00\x00\x01", proto=7)),              # not Modbus
    Talk(502, PORT + 1).ask(adu(60, b"\x03\x00\x00\x00\x01", length=1)),
    Talk(502, PORT + 2).ask(b"GET / HTTP/1.0\r\n\r\n"),
    datagram((PORT, 502), adu(62, b"\x03\x00\x00\x00\x01")),
    datagram((PORT, 502), adu(63, b"\x03\x02\x00\x01"), back=True),
    datagram((502, 502), adu(64, b"\x03\x00\x00\x00\x01")),
    Talk(502, PORT, ipv6=True).ask(adu(65, b"\x03\x00\x00\x00\x01")),
    answer(adu(66, b"\x01\xfa" + b"\xa5" * 250)),                # the longest
    answer(adu(67, b"\x03\xfa" + b"\x01\x02" * 125)),
    ask(adu(68, b"\x10\x00\x64\x00\x7b\xf6" + b"\x12\x34" * 123)),
]
send("eth0", *frames, gap=0.002)
