#!/usr/bin/python3
# mqtt_odd.py -- packets of MQTT that mosquitto does not send: every property, odd and cut ones.
# SPDX-License-Identifier: Apache-2.0

import itertools
import struct

from packet import ACK, ETH_IP, MAC_A, MAC_B, PSH, TCP, ethernet, ip4, send, tcp

A, B = "10.0.0.4", "10.0.0.80"
SECRET = "s3cr3t-canary"
ports = itertools.count(23000)


def text(value: str | bytes) -> bytes:
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack("!H", len(data)) + data


def number(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes((value & 127 | 128,))
        value >>= 7
    return out + bytes((value,))


def packet(first: int, body: bytes = b"", length: bytes | None = None) -> bytes:
    return bytes((first,)) + (number(len(body)) if length is None else length) + body


def properties(data: bytes = b"") -> bytes:
    return number(len(data)) + data


every = b"".join((
    b"\x01\x01", b"\x02" + bytes(4), b"\x03" + text("text/x"), b"\x08" + text("answers"),
    b"\x09" + text(b"\1\2"), b"\x0b\x81\x01", b"\x11" + bytes(4), b"\x12" + text("given"), b"\x13\0\5",
    b"\x15" + text("SCRAM"), b"\x16" + text(SECRET), b"\x17\1", b"\x18" + bytes(4), b"\x19\1",
    b"\x1a" + text("about"), b"\x1c" + text("elsewhere"), b"\x1f" + text("because"), b"\x21\0\1", b"\x22\0\1",
    b"\x23\0\1", b"\x24\1", b"\x25\1", b"\x26" + text("k") + text("v"), b"\x27" + bytes(4), b"\x28\1",
    b"\x29\1", b"\x2a\1"))


def connect(version: int, flags: int, extra: bytes = b"", will: bytes = b"", name: str = "MQTT") -> bytes:
    body = text(name) + bytes((version, flags)) + b"\0\x3c" + extra + text("odd")
    if flags & 4:
        body += will + text("will/topic") + text("gone")
    return packet(0x10, body + text("alice") + text(SECRET))


def there(data: bytes, port: int = 1883) -> bytes:
    return ethernet(ETH_IP, ip4(A, B, TCP, tcp(A, B, (next(ports), port), PSH | ACK, data, ack=1)))


def back(data: bytes) -> bytes:
    pair = (1883, next(ports))
    return ethernet(ETH_IP, ip4(B, A, TCP, tcp(B, A, pair, PSH | ACK, data, ack=1)), MAC_A, MAC_B)


v5 = next(ports)


def fifth(data: bytes, seq: list[int] = [1000]) -> bytes:
    seq[0] += 2000
    return ethernet(ETH_IP, ip4(A, B, TCP, tcp(A, B, (v5, 1883), PSH | ACK, data, ack=1, seq=seq[0])))


long = packet(0x30, text("long") + b"x" * 200)
frames = [
    there(connect(4, 0xFE)), there(connect(3, 0xC2, name="MQIsdp")), there(connect(4, 0xC2), 50000),
    back(packet(0x20, b"\1\0")), back(packet(0x20, b"\0\5")), there(packet(0x3B, text("a") + b"\0\5again")),
    there(packet(0x30, text("caf\u00e9"))), there(packet(0x82, b"\0\7" + text("x/#") + b"\1" + text("y") + b"\0")),
    back(packet(0x90, b"\0\7\1\x80")), there(packet(0xA2, b"\0\x08" + text("x/#") + text("y"))),
    back(packet(0xB0, b"\0\x08")), there(packet(0xC0) + packet(0xC0) + packet(0x30, text("q") + b"1")),
    back(packet(0xD0)), there(packet(0xE0)),
    # Version 5, as its own connection has said.
    fifth(connect(5, 0xC6, properties(every), properties(b"\x18" + bytes(4) + b"\3" + text("kind")))),
    fifth(packet(0x82, b"\0\7\0" + text("x/#") + b"\1" + text("y") + b"\x2e")),
    fifth(packet(0x82, b"\0\7" + properties(b"\x0b\5") + text("x/#") + b"\1")),
    fifth(packet(0xA2, b"\0\7\0" + text("x/#"))), fifth(packet(0xE0, b"\x8e" + properties(b"\x1f" + text("bye")))),
    fifth(packet(0xF0, b"\x18" + properties(b"\x15" + text("SCRAM") + b"\x16" + text(SECRET)))),
    fifth(packet(0x40, b"\0\5\x10\0")), fifth(packet(0xE0, b"\4")), back(packet(0x20, b"\1\x87\0")),
    # Cut in the middle, amidst a packet, no packet at all.
    there(long[:100]), there(b"x" * 50), there(b"hello world\r\n"),
    there(packet(0xC0) + b"\0\0\0"),
    there(connect(4, 0xC2)[:-4]),
]
send("eth0", *frames)
