#!/usr/bin/python3
# dnp3.py -- a master and an outstation of DNP3: every kind of object and of qualifier, and lies.
# SPDX-License-Identifier: Apache-2.0

import struct

from ics_talk import Talk, datagram
from packet import send

talk = Talk(20000, 52000)
TIME = (1700000000123).to_bytes(6, "little")
FLAGS = b"\x81"


def crc(data: bytes) -> bytes:
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA6BC if value & 1 else 0)
    return struct.pack("<H", ~value & 0xFFFF)


def link(control: int, data: bytes = b"", **field: int) -> bytes:
    """fields: dst, src, length"""
    head = struct.pack("<HBBHH", 0x6405, field.get("length", len(data) + 5), control,
                       field.get("dst", 1), field.get("src", 1024))
    blocks = [data[i:i + 16] for i in range(0, len(data), 16)]
    return head + crc(head) + b"".join(block + crc(block) for block in blocks)


def request(function: int, objects: bytes = b"", control: int = 0xC1, transport: int = 0xC0) -> bytes:
    return talk.ask(link(0xC4, bytes((transport, control, function)) + objects))


def response(objects: bytes = b"", iin: int = 0, control: int = 0xC1, function: int = 129) -> bytes:
    return talk.answer(link(0x44, bytes((0xC0, control, function)) + struct.pack(">H", iin) + objects,
                            dst=1024, src=1))


def ranged(group: int, variation: int, data: bytes, start: int = 3, stop: int = 4) -> bytes:
    return bytes((group, variation, 0, start, stop)) + data


def indexed(group: int, variation: int, data: bytes) -> bytes:
    return bytes((group, variation, 0x17, 2, 7)) + data + b"\xc8" + data


INT32, INT16 = struct.pack("<i", -70000), struct.pack("<h", -300)
FLOAT, DOUBLE = struct.pack("<f", 21.5), struct.pack("<d", -1e300)
CROB = struct.pack("<BBIIB", 0x41, 1, 100, 200, 0)
# one object of each, by group and variation
OBJECTS = {
    (1, 2): b"\x81", (2, 1): FLAGS, (2, 2): FLAGS + TIME, (2, 3): b"\x01\x10\x00", (3, 2): b"\x81",
    (4, 1): b"\x41", (4, 2): b"\x81" + TIME, (10, 2): b"\x81",
    (11, 1): FLAGS, (11, 2): b"\x01" + TIME, (13, 1): b"\x81", (13, 2): b"\x01" + TIME,
    (20, 1): b"\x01" + INT32, (20, 2): b"\x01" + INT16, (20, 3): b"\x01" + INT32,
    (20, 4): b"\x01" + INT16, (20, 5): INT32, (20, 6): INT16, (20, 7): INT32, (20, 8): INT16,
    (21, 1): b"\x01" + INT32, (21, 2): b"\x01" + INT16, (21, 3): b"\x01" + INT32,
    (21, 4): b"\x01" + INT16, (21, 5): b"\x01" + INT32 + TIME, (21, 6): b"\x01" + INT16 + TIME,
    (21, 9): INT32, (21, 10): INT16, (22, 1): b"\x01" + INT32, (22, 2): b"\x01" + INT16,
    (22, 5): b"\x01" + INT32 + TIME, (22, 6): b"\x01" + INT16 + TIME, (23, 1): b"\x01" + INT32,
    (23, 2): b"\x01" + INT16, (23, 5): b"\x01" + INT32 + TIME, (23, 6): b"\x01" + INT16 + TIME,
    (30, 1): b"\x01" + INT32, (30, 2): b"\x01" + INT16, (30, 3): INT32, (30, 4): INT16,
    (30, 5): b"\x01" + FLOAT, (30, 6): b"\x01" + DOUBLE, (31, 7): b"\x01" + FLOAT,
    (31, 8): b"\x01" + DOUBLE, (32, 1): b"\x01" + INT32, (32, 2): b"\x01" + INT16,
    (32, 3): b"\x01" + INT32 + TIME, (32, 4): b"\x01" + INT16 + TIME, (32, 5): b"\x01" + FLOAT,
    (32, 6): b"\x01" + DOUBLE, (32, 7): b"\x01" + FLOAT + TIME, (32, 8): b"\x01" + DOUBLE + TIME,
    (33, 5): b"\x01" + FLOAT, (33, 7): b"\x01" + FLOAT + TIME, (34, 1): INT16, (34, 2): INT32,
    (34, 3): FLOAT, (40, 1): b"\x01" + INT32, (40, 2): b"\x01" + INT16, (40, 3): b"\x01" + FLOAT,
    (40, 4): b"\x01" + DOUBLE, (42, 1): b"\x01" + INT32, (42, 2): b"\x01" + INT16,
    (42, 3): b"\x01" + INT32 + TIME, (42, 5): b"\x01" + FLOAT, (42, 7): b"\x01" + FLOAT + TIME,
}
INDEXED = (2, 4, 11, 13, 22, 23, 32, 33, 42)
file_open = struct.pack("<HH", 26, 17) + TIME + struct.pack("<HIIHHH", 0o644, 7, 0, 1, 512, 9) + b"/data/history.csv"
login = struct.pack("<HHHHI", 12, 5, 17, 13, 0) + b"alice" + b"s3cr3t-canary"

frames = [talk.ask(link(control)) for control in (0xC0, 0xC9)]
frames += [talk.answer(link(control, dst=1024, src=1)) for control in (0x00, 0x0B, 0x10)]
frames += [
    request(1, b"\x3c\x02\x06\x3c\x03\x06\x3c\x04\x06\x3c\x01\x06"),
    request(1, b"\x01\x00\x06\x1e\x00\x06"),
    request(1, b"\x01\x02\x00\x00\x09\x1e\x02\x01\x00\x00\x2c\x01"),
    request(1, b"\x1e\x01\x02\x00\x00\x00\x00\x05\x00\x00\x00"),
    request(1, b"\x1e\x01\x17\x02\x05\x09\x20\x02\x28\x01\x00\x0a\x00"),
    request(1, b"\x20\x02\x07\x0a\x02\x02\x08\x64\x00"),
    request(0), request(13, control=0xC2), request(14), request(23), request(24),
    request(20, b"\x3c\x02\x06"), request(21, b"\x3c\x03\x06"), request(22, b"\x3c\x02\x06\x01\x00\x06"),
    request(2, b"\x32\x01\x07\x01" + TIME),
    request(2, b"\x50\x01\x00\x07\x07\x00"),
    request(3, b"\x0c\x01\x17\x01\x05" + CROB), request(4, b"\x0c\x01\x28\x01\x00\x05\x00" + CROB),
    request(5, b"\x29\x02\x28\x01\x00\x0a\x00" + INT16 + b"\x00"),
    request(6, b"\x29\x01\x17\x01\x0a" + INT32 + b"\x00"),
    request(5, b"\x29\x03\x17\x01\x0a" + FLOAT + b"\x00"),
    request(7, b"\x14\x00\x06"), request(9, b"\x14\x00\x06"),
    request(25, b"\x46\x03\x5b\x01" + struct.pack("<H", len(file_open)) + file_open),
    request(29, b"\x46\x02\x5b\x01" + struct.pack("<H", len(login)) + login),
    request(8, b"\x14\x00\x06"), request(10, b"\x14\x00\x06"), request(11, b"\x14\x00\x06"),
    request(26, b"\x3c\x02\x06"), request(27, b"\x3c\x02\x06"), request(28, b"\x3c\x02\x06"),
    request(30, b"\x3c\x02\x06"), request(31, b"\x3c\x02\x06"), request(77, b"\x3c\x02\x06"),
    response(), response(iin=0x8000), response(iin=0x4002), response(iin=0x1204),
    response(control=0xF3, function=130), response(b"\x33\x01\x07\x01" + TIME + b"\x02\x03\x17\x01\x07\x81\x10\x00"),
    response(ranged(1, 1, b"\x35\x02", 0, 9)), response(ranged(10, 1, b"\xa5", 0, 7)),
    response(ranged(3, 1, b"\x1b\x01", 2, 6)), response(b"\x01\x01\x01\x00\x01\x02\x01\x07"),
    response(b"\x34\x02\x07\x01\x10\x27"), response(b"\x6e\x04\x00\x01\x02ABCDEFGH"),
    response(b"\x0c\x01\x28\x01\x00\x05\x00" + CROB[:-1] + b"\x04"),
    response(b"\x00\xfc\x00\x00\x00\x01\x06espcap"),
    response(b"\x46\x05\x5b\x01\x0e\x00" + struct.pack("<II", 7, 0x80000001) + b"a,b,c\n"),
]
frames += [response((indexed if key[0] in INDEXED else lambda g, v, d: ranged(g, v, d * 2))(*key, data))
           for key, data in OBJECTS.items()]
frames += [
    response(ranged(30, 2, (b"\x01" + INT16) * 60, 0, 59)),      # over many blocks
    response(ranged(30, 2, (b"\x01" + INT16) * 2) + ranged(20, 6, INT16 * 2) + ranged(1, 1, b"\x03")),
    response(ranged(1, 1, bytes(32), 0, 255)),
    request(129, transport=0x40), request(130, transport=0x81),  # parts of a message
    talk.ask(link(0xC0) + link(0xC4, b"\xc0\xc1\x01\x3c\x02\x06")),
    talk.ask(link(0xC4, b"\xc0\xc1\x01\x3c\x02\x06")[:-1] + b"\x00"),          # a bad sum
    Talk(20000, 52001).ask(b"GET / HTTP/1.0\r\n\r\n"),
    Talk(30000, 52002).ask(link(0xC4, b"\xc0\xc1\x01\x3c\x02\x06")),
    datagram((52003, 20000), link(0xC4, b"\xc0\xc1\x01\x3c\x02\x06")),
    datagram((52003, 30000), link(0xC4, b"\xc0\xc1\x01\x3c\x02\x06")),
    datagram((52003, 20000), link(0xC4, b"\xc0\xc1\x01\x3c\x02\x06", dst=0xFFFF), ipv6=True),
]
send("eth0", *frames, gap=0.002)
