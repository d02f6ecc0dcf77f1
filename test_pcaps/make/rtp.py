#!/usr/bin/python3
# rtp.py -- RTP with every part of its header, RTCP with every kind of packet, and what is neither.
# SPDX-License-Identifier: Apache-2.0

import itertools
import struct

from packet import ETH_IP, ETH_IP6, UDP, ethernet, ip4, ip6, send, udp

A, B, A6, B6 = "10.0.0.4", "10.0.0.80", "2001:db8::4", "2001:db8::80"
SOUND = bytes(range(0x40, 0x68)) * 4
ports = itertools.count(40000, 2)


def rtp(kind: int = 0, seq: int = 1, marker: int = 0, sources: tuple = (), extension: bytes | None = None,
        data: bytes = SOUND, padding: int = 0, version: int = 2) -> bytes:
    first = version << 6 | bool(padding) << 5 | (extension is not None) << 4 | len(sources)
    head = struct.pack("!BBHII", first, marker << 7 | kind, seq, 160 * seq, 0xDEADBEEF)
    head += b"".join(struct.pack("!I", source) for source in sources) + (extension or b"")
    return head + data + (bytes(padding - 1) + bytes((padding,)) if padding else b"")


def rtcp(kind: int, count: int, *words: int, tail: bytes = b"", length: int | None = None) -> bytes:
    body = b"".join(struct.pack("!I", word) for word in words) + tail
    body += bytes(-len(body) % 4)
    return struct.pack("!BBH", 2 << 6 | count, kind, len(body) // 4 if length is None else length) + body


def item(kind: int, text: bytes) -> bytes:
    return bytes((kind, len(text))) + text


def there(data: bytes, port: int = 40000) -> bytes:
    return ethernet(ETH_IP, ip4(A, B, UDP, udp(A, B, (next(ports), port), data)))


def six(data: bytes) -> bytes:
    return ethernet(ETH_IP6, ip6(A6, B6, UDP, udp(A6, B6, (next(ports), 40000), data)))


block = (0x11, 0x05000003, 100, 7, 0x12, 0x13)
sender = rtcp(200, 1, 1, 0xE0000000, 0x80000000, 160, 4, 640, *block)
receiver = rtcp(201, 2, 1, *block, *block)


def chunk(source: int, *items: bytes) -> bytes:
    data = struct.pack("!I", source) + b"".join(items) + b"\0"
    return data + bytes(-len(data) % 4)


described = rtcp(202, 2, tail=chunk(
    1, item(1, b"alice@10.0.0.4"), item(2, "Al\u00e9".encode()), item(6, b"script"), item(8, b"\3abcxyz")
) + chunk(2, item(1, b"bob")))
frames = [there(rtp(0, number)) for number in range(1, 5)]
frames += [
    there(rtp(8, 9, 1)), six(rtp(111, 7, sources=(7, 8))), there(rtp(extension=struct.pack("!HHI", 0xBEDE, 1, 0x10AA0000))),
    there(rtp(padding=4)), there(rtp(data=b"")), there(rtp(127, 65535)), there(rtp(101, 3, 1, data=b"\1\x8a\0\xa0")),
    # Not looked for: versions, types of RTCP, what does not fit.
    there(rtp(version=1)), there(rtp(72)), there(rtp(extension=b"\0\0\0\x60", data=b"x")), there(rtp(padding=255)[:60]),
    there(rtp()[:11]),
    there(sender, 40001), there(receiver, 40001), there(sender + described, 40001), six(receiver + described),
    there(receiver + rtcp(203, 2, 1, 2, tail=b"\3bye"), 40001), there(receiver + rtcp(204, 0, 1, tail=b"NAMEdata"), 40001),
    there(receiver + rtcp(205, 1, 1, 2, 0x00050006), 40001), there(receiver + rtcp(206, 1, 1, 2), 40001),
    there(receiver + rtcp(207, 0, 1, 0x04000002, 1, 2), 40001), there(rtcp(201, 0, 1), 40001), there(rtcp(203, 1, 1), 40001),
    there(rtcp(206, 1, 1, 2), 40001), there(receiver + rtcp(210, 1, 1, 2), 40001), there(receiver + rtcp(209, 0, 1, 2, 3, 4), 40001),
    # First of a kind that may not be, not of whole words, cut.
    there(rtcp(202, 0), 40001), there(rtcp(205, 1, 1, 2, 3), 40001), there(receiver + b"\0\0", 40001), there(sender[:30], 40001),
]
send("eth0", *frames)
