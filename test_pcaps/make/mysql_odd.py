#!/usr/bin/python3
# mysql_odd.py -- MySQL's protocol as MariaDB's client does not speak it: rare commands and answers, halves.
# SPDX-License-Identifier: Apache-2.0

import struct

from packet import ACK, ETH_IP, MAC_A, MAC_B, PSH, TCP, ethernet, ip4, send, tcp

A, B = "10.0.0.4", "10.0.0.80"
SECRET = b"s3cr3t-canary"
sent = [1000, 1000]


def segment(payload: bytes, back: bool = False, ports: tuple[int, int] = (43306, 3306)) -> bytes:
    ends, macs = ((B, A), (MAC_A, MAC_B)) if back else ((A, B), (MAC_B, MAC_A))
    ports = ports[::-1] if back else ports
    data = tcp(*ends, ports, PSH | ACK, payload, seq=sent[back], ack=sent[not back])
    sent[back] += len(payload)
    return ethernet(ETH_IP, ip4(*ends, TCP, data), *macs)


def packet(number: int, body: bytes) -> bytes:
    return struct.pack("<I", len(body))[:3] + bytes([number]) + body


def greeting(version: bytes, caps: int = 0xF7FF, more: int = 0x81FF) -> bytes:
    return (
        b"\n" + version + b"\0" + struct.pack("<I", 4711) + b"saltsalt\0" + struct.pack("<HBHH", caps, 33, 2, more)
        + bytes([21]) + bytes(10) + b"othersaltsal\0" + b"mysql_native_password\0"
    )


def login(caps: int, more: int, user: bytes, answer: bytes, schema: bytes = b"", plugin: bytes = b"") -> bytes:
    head = struct.pack("<HHIB", caps, more, 1 << 24, 33) + bytes(23)
    return head + user + b"\0" + bytes([len(answer)]) + answer + schema + plugin


send(
    "eth0",
    segment(packet(0, greeting(b"8.0.36-odd")), True),
    segment(packet(1, login(0xA68D, 0x000F, b"alice", bytes(range(20)), b"shop\0", b"mysql_native_password\0"))),
    segment(packet(2, b"\0\0\0\2\0\0\0"), True),
    segment(packet(0, b"\3SELECT 1")),
    segment(packet(0, b"\2shop")),
    segment(packet(0, "\3SELECT 'ü'".encode())),
    segment(packet(0, b"\3CREATE USER eve IDENTIFIED BY '" + SECRET + b"'")),
    segment(packet(0, b"\x16SELECT ?")),
    segment(packet(1, b"\0" + struct.pack("<IHHBH", 7, 1, 1, 0, 0)), True),
    segment(packet(0, b"\x17" + struct.pack("<IBI", 7, 0, 1) + b"\0\1\3\0" + struct.pack("<I", 5))),
    segment(packet(0, b"\x19" + struct.pack("<I", 7))),
    segment(packet(0, b"\x1a" + struct.pack("<I", 7))),
    segment(packet(0, b"\x1c" + struct.pack("<II", 7, 10))),
    segment(packet(0, b"\x18" + struct.pack("<IH", 7, 0) + b"data")),
    segment(packet(0, b"\x0e")),
    segment(packet(1, b"\xff" + struct.pack("<H", 1064) + b"#42000You have an error"), True),
    segment(packet(0, b"\x11alice\0" + bytes([20]) + bytes(20) + b"shop\0" + struct.pack("<H", 33) + b"mysql_native_password\0")),
    segment(packet(0, b"\3SELECT 'a long query that is cut'")[:20]),
    segment(packet(0, b"\x0c" + struct.pack("<I", 9))),
    segment(packet(0, b"\1")),
    segment(packet(0, b"\xff" + struct.pack("<H", 1040) + b"#08004Too many connections"), True, (43307, 3306)),
    segment(packet(0, b"\xff" + struct.pack("<H", 1130) + b"Host is not allowed"), True, (43308, 3306)),
    segment(packet(0, greeting(b"5.7.1")), True, (43309, 13306)),
)
