#!/usr/bin/python3
# wlan.py -- wireless frames, bare and behind the headers of radios: no radio is at hand.
# SPDX-License-Identifier: Apache-2.0
"""usage: wlan.py radiotap|wlan|ppi OUTPUT"""

import struct
import sys
import zlib

import linkfile
from packet import mac
from tunnel_parts import NAME, PING, PING6, inner

WLAN, RADIOTAP, PPI, ETHERNET = 105, 127, 192, 1
STATION, OTHER, ACCESS, REMOTE = (mac(f"00:00:5e:00:53:{n:02x}") for n in (1, 2, 0xA0, 0xA1))
TO_DS, FROM_DS, MORE, RETRY, PROTECTED, ORDER = 1, 2, 4, 8, 0x40, 0x80
EVERYBODY = b"\xff" * 6
SNAP = b"\xaa\xaa\3\0\0\0"
IP = SNAP + b"\x08\0" + PING
IP6 = SNAP + b"\x86\xdd" + PING6


def frame(kind: int, subtype: int, flags: int, *addresses: bytes, rest: bytes = b"") -> bytes:
    return bytes([subtype << 4 | kind << 2, flags]) + b"\x2c\0" + b"".join(addresses) + rest


def management(subtype: int, body: bytes, flags: int = 0, to: bytes = EVERYBODY) -> bytes:
    return frame(0, subtype, flags, to, ACCESS, ACCESS, b"\x10\x27", rest=body)


def data(subtype: int, flags: int, body: bytes, number: int = 0x0120, four: bytes = b"") -> bytes:
    ends = [(STATION, OTHER, ACCESS), (ACCESS, STATION, OTHER), (STATION, ACCESS, OTHER),
            (ACCESS, REMOTE, STATION)][flags & 3]
    return frame(2, subtype, flags, *ends, struct.pack("<H", number), four, rest=body)


def element(number: int, value: bytes) -> bytes:
    return bytes([number, len(value)]) + value


def subframe(dst: bytes, src: bytes, payload: bytes) -> bytes:
    whole = dst + src + struct.pack("!H", len(payload)) + payload
    return whole + bytes(-len(whole) % 4)


NET = element(0, b"example") + element(1, b"\x82\x84\x8b\x96") + element(3, b"\6")
TIMES = bytes(8) + struct.pack("<HH", 100, 0x0411)
SECOND = element(0, element(0, b"guests") + element(85, b"\1"))
MANY = NET + element(71, b"\2" + SECOND)
TWO = subframe(STATION, OTHER, IP) + subframe(STATION, REMOTE, IP6)

management_frames = [
    management(8, TIMES + NET),
    management(8, TIMES + element(0, b"") + element(3, b"\1")),
    management(8, TIMES + MANY),
    management(5, TIMES + element(0, b"caf\xc3\xa9 \xff\0"), RETRY, STATION),
    management(4, NET),
    management(0, b"\x11\4\x0a\0" + NET, 0, ACCESS),
    management(1, b"\x11\4\0\0\1\xc0" + element(1, b"\x82"), 0, STATION),
    management(2, b"\x11\4\x0a\0" + ACCESS + NET, 0, ACCESS),
    management(3, b"\x11\4\0\0\1\xc0" + element(1, b"\x82"), 0, STATION),
    management(11, b"\0\0\1\0\0\0", 0, ACCESS),
    management(10, b"\x08\0", 0, STATION),
    management(12, b"\x07\0", 0, STATION),
    management(9, b"", 0, STATION),
    management(13, b"\3\0\1\2\x10\0\0\0\0", 0, STATION),
    management(13, b"\3\2\0\x08\x27\0", 0, STATION),
    management(13, bytes(4) + b"\0\7\0\0" + bytes(range(20)), PROTECTED, STATION),
    management(8, b"\0\0\0\0" + TIMES + NET, ORDER),
]
control_frames = [
    frame(1, 11, 0, STATION, ACCESS),
    frame(1, 12, 0, STATION),
    frame(1, 13, RETRY, STATION),
    frame(1, 10, 0, ACCESS, STATION),
    frame(1, 8, 0, ACCESS, STATION, rest=b"\5\0\x10\0"),
    frame(1, 9, 0, STATION, ACCESS, rest=b"\5\0\x10\0" + bytes(range(8))),
    frame(1, 14, 0, EVERYBODY, ACCESS),
    frame(1, 15, 0, EVERYBODY, ACCESS),
    frame(1, 5, 0, STATION, ACCESS, rest=b"\4\1\x10"),
    frame(1, 4, 0, STATION, ACCESS, rest=b"\xff"),
]
data_frames = [
    data(0, 0, IP),
    data(0, TO_DS, IP),
    data(0, FROM_DS | RETRY, IP6),
    data(0, TO_DS | FROM_DS, IP, four=OTHER),
    data(8, TO_DS, b"\6\0" + IP),
    data(8, TO_DS | FROM_DS, b"\0\0" + IP, four=OTHER),
    data(8, TO_DS | ORDER, b"\0\0" + bytes(4) + IP),
    data(8, 0, b"\x80\0" + TWO),
    data(8, FROM_DS, b"\x80\0" + TWO),
    data(4, TO_DS, b""),
    data(12, TO_DS, b"\0\0"),
    data(0, PROTECTED | TO_DS, b"\1\2\3\0" + bytes(range(40))),
    data(8, PROTECTED | FROM_DS, b"\0\0" + b"\1\0\0\x20\0\0\0\0" + bytes(range(48))),
    data(0, MORE | TO_DS, IP[:24], 0x0130),
    data(0, TO_DS, IP[24:], 0x0131),
    data(0, TO_DS, b"\x42\x42\3\0\0\0\x80"),
    data(0, TO_DS, SNAP + b"\x88\x8e\1\1\0\0"),
    data(0, FROM_DS, STATION + OTHER + b"\x08\0" + NAME),
    data(8, TO_DS, b"\x80\0" + TWO),
    data(8, TO_DS | FROM_DS, b"\x80\0" + TWO, four=OTHER),
    data(12, PROTECTED | TO_DS, b"\0\0"),
    data(1, FROM_DS, IP),
]
part = frame(0, 8, MORE, EVERYBODY, ACCESS, ACCESS, b"\x11\x27", rest=TIMES + NET)    # a later one
frames = management_frames + control_frames + data_frames + [part]


def with_sum(payload: bytes) -> bytes:
    return payload + struct.pack("<I", zlib.crc32(payload))


def radio(words: list[int], fields: bytes, payload: bytes) -> bytes:
    head = struct.pack(f"<BBH{len(words)}I", 0, 0, 4 + 4 * len(words) + len(fields), *words)
    return head + fields + payload


CHANNEL = struct.pack("<HH", 2437, 0x00A0)
PLAIN = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 5 | 1 << 6 | 1 << 11 | 1 << 14


def plain(payload: bytes, flags: int = 0, rate: int = 12, signal: int = -47) -> bytes:
    body = struct.pack("<BB", flags, rate) + CHANNEL + struct.pack("<bbBxH", signal, -95, 1, 0)
    return radio([PLAIN], body, payload)


def radios() -> list[bytes]:
    one = management_frames[0]
    timed = struct.pack("<QBBHHbx", 123456789, 0, 22, 5180, 0x0140, -60)
    antennas = [1 << 1 | 1 << 5 | 1 << 29 | 1 << 31, 1 << 5 | 1 << 11 | 1 << 29 | 1 << 31,
                1 << 5 | 1 << 11]
    padded = data_frames[4]
    return [
        *[plain(payload) for payload in frames],
        plain(with_sum(data_frames[1]), 0x10),
        plain(with_sum(management_frames[11]), 0x10, 2, -128),
        plain(padded[:26] + b"\0\0" + padded[26:], 0x20),
        radio([1 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 5], timed[:-1], one),
        radio([1 << 19], b"\x07\0\x07", one),
        radio([1 << 19], b"\x07\x05\x0f", one),
        radio([1 << 19], b"\x03\0\x07", one),
        radio([1 << 1 | 1 << 19 | 1 << 20 | 1 << 21], b"\0\x07\x04\x1f" + bytes(8) + bytes(12), one),
        radio([1 << 5 | 1 << 22 | 1 << 23], b"\xc0" + bytes(7 + 12 + 12), one),
        radio([1 << 5 | 1 << 30 | 1 << 31, 0x0F, ], b"\xc4\0" + b"\0\0\x5e\0\5\0vendr", one),
        radio([1 << 30 | 1 << 31, 0x07 | 1 << 29 | 1 << 31, 1 << 5],
              b"\0\0\x5e\1\2\0ab" + b"\xb8", one),
        radio(antennas, b"\0\xd0" + b"\xce\0" + b"\xcf\1", one),
        radio([0], b"", one),
        radio([1 << 2 | 1 << 31, 0x20], b"\x6c\0", one),
        radio([1 << 26], b"\0", b""),
        radio([1 << 18 | 1 << 3], CHANNEL + bytes(4) + struct.pack("<IHBB", 0x40480, 5220, 44, 20),
              one),
    ]


def ppi(payload: bytes, link: int, fields: bytes = b"") -> bytes:
    return struct.pack("<BBHI", 0, 0, 8 + len(fields), link) + fields + payload


def common(flags: int) -> bytes:
    body = struct.pack("<QHHHHBBbb", 99, flags, 12, 2437, 0xA0, 0, 0, -50, -95)
    return struct.pack("<HH", 2, len(body)) + body


def all_ppi() -> list[bytes]:
    return [
        *[ppi(payload, WLAN, common(0)) for payload in (frames[0], frames[17], data_frames[1])],
        ppi(with_sum(data_frames[4]), WLAN, common(1)),
        ppi(data_frames[2], WLAN),
        ppi(inner(), ETHERNET),
    ]


kind, path = sys.argv[1:]
built = {"radiotap": (RADIOTAP, radios), "wlan": (WLAN, lambda: frames), "ppi": (PPI, all_ppi)}
link, make = built[kind]
linkfile.write(path, link, make())
