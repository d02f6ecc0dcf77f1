#!/usr/bin/python3
# pgsql_odd.py -- PostgreSQL's protocol as psql does not speak it: rare messages, halves, other ports.
# SPDX-License-Identifier: Apache-2.0

import struct

from packet import ACK, ETH_IP, MAC_A, MAC_B, PSH, TCP, ethernet, ip4, send, tcp

A, B = "10.0.0.4", "10.0.0.80"
SECRET = b"s3cr3t-canary"
sent = [1000, 1000]


def segment(payload: bytes, back: bool = False, ports: tuple[int, int] = (45432, 5432)) -> bytes:
    ends, macs = ((B, A), (MAC_A, MAC_B)) if back else ((A, B), (MAC_B, MAC_A))
    ports = ports[::-1] if back else ports
    data = tcp(*ends, ports, PSH | ACK, payload, seq=sent[back], ack=sent[not back])
    sent[back] += len(payload)
    return ethernet(ETH_IP, ip4(*ends, TCP, data), *macs)


def message(kind: str, body: bytes = b"") -> bytes:
    return kind.encode() + struct.pack("!I", len(body) + 4) + body


def startup(code: int, body: bytes = b"") -> bytes:
    return struct.pack("!II", len(body) + 8, code) + body


def words(*values: int) -> bytes:
    return struct.pack(f"!{len(values)}H", *values)


parameters = b"user\0alice\0database\0shop\0options\0-c geqo=off\0\0"
columns = b"name\0" + struct.pack("!IhIhih", 16384, 2, 25, -1, -1, 0) + b"id\0" + struct.pack("!IhIhih", 0, 0, 23, 4, -1, 0)
fields = b"SERROR\0VERROR\0C42P01\0Mno such table\0Dnothing is there\0Htry harder\0P7\0Wwhere\0Fparse.c\0L9\0Rcheck\0\0"
send(
    "eth0",
    segment(startup(80877103)),
    segment(b"N", True),
    segment(startup(80877104)),
    segment(startup(196608, parameters)),
    segment(startup(196610, parameters)),
    segment(startup(131072, parameters)),
    segment(message("R", struct.pack("!I", 5) + b"salt"), True),
    segment(message("p", b"md5" + b"0" * 32 + b"\0")),
    segment(message("p", SECRET + b"\0")),
    segment(message("R", struct.pack("!I", 7)), True),
    segment(message("R", struct.pack("!I", 8) + b"token"), True),
    segment(message("K", struct.pack("!II", 4711, 0x5EC2E7)), True),
    segment(startup(80877102, struct.pack("!II", 4711, 0x5EC2E7))),
    segment(message("v", struct.pack("!II", 0, 1) + b"_pq_.odd\0"), True),
    segment(message("P", b"s1\0SELECT $1\0" + words(1) + struct.pack("!I", 25))
            + message("B", b"p1\0s1\0" + words(1, 0, 2) + struct.pack("!I", 3) + b"abc" + struct.pack("!i", -1) + words(0))
            + message("D", b"Pp1\0") + message("D", b"Ss1\0") + message("E", b"p1\0" + struct.pack("!I", 5))
            + message("C", b"Ss1\0") + message("C", b"Pp1\0") + message("H") + message("S")),
    segment(message("1") + message("2") + message("3") + message("n") + message("s") + message("I")
            + message("t", words(1) + struct.pack("!I", 25)) + message("T", words(2) + columns)
            + message("D", words(2) + struct.pack("!I", 3) + b"abc" + struct.pack("!i", -1)) + message("C", b"SELECT 1\0")
            + message("Z", b"T"), True),
    segment(message("E", fields) + message("N", fields.replace(b"ERROR", b"NOTICE")) + message("Z", b"E"), True),
    segment(message("F", struct.pack("!I", 1598) + words(0, 1) + struct.pack("!I", 1) + b"x" + words(0))),
    segment(message("V", struct.pack("!I", 2) + b"ok"), True),
    segment(message("G", b"\0" + words(2, 0, 0)) + message("H", b"\1" + words(1, 1)) + message("W", b"\0" + words(0)), True),
    segment(message("d", b"data\n") + message("c") + message("f", b"no\0")),
    segment(message("A", struct.pack("!I", 77) + b"news\0text\0"), True),
    segment(message("Q", "SELECT 'ü'\0".encode())),
    segment(message("Q", b"ALTER ROLE alice PASSWORD '" + SECRET + b"'\0")),
    segment(message("Q", b"SELECT 1 FROM a_table_with_a_long_name\0")[:20]),
    segment(message("T", words(2) + columns)[:30], True),
    segment(message("X")),
    segment(startup(196608, parameters), ports=(45433, 15432)),
)
