#!/usr/bin/python3
# ptp_odd.py -- messages of PTP that ptp4l does not send here: rare kinds, flags and lengths, version 1.
# SPDX-License-Identifier: Apache-2.0

import struct

from ics_talk import datagram
from packet import ethernet, send

ETH_PTP = 0x88F7
CLOCK = bytes.fromhex("0200 00ff fe00 000a".replace(" ", ""))


def message(kind: int, body: bytes = b"", **field: int) -> bytes:
    """fields: version, length, domain, flags, correction, port, sequence, control, period, sdo"""
    return struct.pack(
        "!BBHBBHqI8sHHBb", field.get("sdo", 0) << 4 | kind, field.get("version", 2),
        field.get("length", 34 + len(body)), field.get("domain", 0), 0, field.get("flags", 0),
        field.get("correction", 0), 0, CLOCK, field.get("port", 1), field.get("sequence", 7),
        field.get("control", 5), field.get("period", 0)) + body


def stamp(seconds: int, nanoseconds: int) -> bytes:
    return seconds.to_bytes(6, "big") + struct.pack("!i", nanoseconds)


port = CLOCK + struct.pack("!H", 2)
announce = stamp(1700000000, 5) + struct.pack("!hBBBBHB8sHB", 37, 0, 128, 6, 0xFE, 0x4E5D, 129,
                                              CLOCK, 3, 0xA0)
path = struct.pack("!HH", 8, 16) + CLOCK + CLOCK[::-1]
frames = [ethernet(ETH_PTP, data, "01:1b:19:00:00:00") for data in (
    message(0, stamp(1700000000, 123456789), flags=0x0200, control=0),
    message(0, stamp(0xFFFFFFFFFFFF, 999999999), flags=0xFFFF, correction=(1 << 63) - 1),
    message(0, stamp(1, -1), correction=-(250 << 16), period=-7, sdo=1, domain=255),
    message(1, stamp(0, 0), control=1, period=0x7F),
    message(2, stamp(0, 0) + bytes(10)),
    message(3, stamp(5, 6) + port),
    message(8, stamp(1700000000, 1000) + struct.pack("!HH", 3, 4) + bytes(4), control=2),
    message(9, stamp(1700000000, 2000) + port, control=3),
    message(10, stamp(7, 8) + port),
    message(11, announce, flags=0x003F),
    message(11, announce + path, flags=0x043C, version=0x12),
    message(12, port + b"\x00\x01\x00\x04\x00\x08\xff\x00"),
    message(13, port + b"\x01\x01\x00\x00" + struct.pack("!HHH", 1, 2, 0x2000), control=4),
    message(4, bytes(10)),
    message(15),
    message(0, stamp(1, 2), version=0x31),
    message(0, stamp(1, 2)) + bytes(8),
)]
frames += [
    datagram((319, 319), message(0, stamp(1700000000, 1), flags=0x0400)),
    datagram((320, 320), message(11, announce), ipv6=True),
    datagram((319, 319), struct.pack("!HH", 1, 1) + b"_DFLT".ljust(16, b"\0") + b"\x01\x01"
             + bytes(6) + struct.pack("!HHBBH", 1, 9, 0, 0, 8) + bytes(100)),
]
send("eth0", *frames, gap=0.002)
