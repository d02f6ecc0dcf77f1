#!/usr/bin/python3
# dtls_odd.py -- datagrams of DTLS that OpenSSL does not send.
# SPDX-License-Identifier: Apache-2.0

import struct

from packet import ETH_IP, UDP, ethernet, ip4, send, udp

CLIENT, SERVER = "10.0.0.4", "10.0.0.128"
CCS, ALERT, HANDSHAKE, DATA, HEARTBEAT, CID = 20, 21, 22, 23, 24, 25
OLD, V10, V12 = 0x0100, 0xFEFF, 0xFEFD


def record(kind: int, data: bytes, version: int = V12, epoch: int = 0, number: int = 0) -> bytes:
    head = struct.pack("!BHHHIH", kind, version, epoch, number >> 32, number & 0xFFFFFFFF, len(data))
    return head + data


def message(kind: int, body: bytes, **part: int) -> bytes:
    """part: number, offset, size of the fragment"""
    offset = part.get("offset", 0)
    piece = body[offset : offset + part.get("size", len(body))]
    head = bytes([kind]) + len(body).to_bytes(3, "big") + struct.pack("!H", part.get("number", 0))
    return head + offset.to_bytes(3, "big") + len(piece).to_bytes(3, "big") + piece


def vector(width: int, data: bytes) -> bytes:
    return len(data).to_bytes(width, "big") + data


def hello(version: int, cookie: bytes = b"", extensions: bytes = b"") -> bytes:
    body = struct.pack("!H", version) + bytes(range(32)) + b"\0" + vector(1, cookie)
    body += vector(2, bytes.fromhex("c02bc02f00ff")) + b"\1\0"
    return body + (vector(2, extensions) if extensions else b"")


def datagram(data: bytes, port: int = 4433, back: bool = False) -> bytes:
    src, dst = (SERVER, CLIENT) if back else (CLIENT, SERVER)
    ports = (port, 40000) if back else (40000, port)
    return ethernet(ETH_IP, ip4(src, dst, UDP, udp(src, dst, ports, data)))


def hidden(size: int, number: int = 0x1234, long: bool = True, length: bool = True, ident: bytes = b"") -> bytes:
    """A record of DTLS 1.3: all but its first byte is encrypted."""
    first = 0x22 | (16 if ident else 0) | (8 if long else 0) | (4 if length else 0)
    head = bytes([first]) + ident + number.to_bytes(2, "big")[0 if long else 1 :]
    return head + (struct.pack("!H", size) if length else b"") + bytes(range(size))


versions = bytes.fromhex("002b000504fefcfefd")
chosen = struct.pack("!H", V12) + bytes(range(32)) + b"\0\x13\x01\0" + vector(2, bytes.fromhex("002b0002fefc"))
send(
    "eth0",
    # As OpenSSL spoke before there was a standard, and DTLS 1.3 offered.
    datagram(record(HANDSHAKE, message(1, hello(OLD)), OLD)),
    datagram(record(HANDSHAKE, message(1, hello(V12, b"cookie", versions)), V12, 0, 1), 20001),
    # Only a fragment of a message; alerts and data of any epoch.
    datagram(record(HANDSHAKE, message(1, hello(V12), size=30))),
    datagram(record(HEARTBEAT, b"\1\0\1x" + bytes(16), number=1 << 40)),
    datagram(record(ALERT, b"\2\x28", V10), back=True),
    datagram(record(ALERT, bytes(34), epoch=1, number=9), back=True),
    datagram(record(CCS, b"\1") + record(HANDSHAKE, b"\xd7" * 40, epoch=1), 20001),
    datagram(record(HEARTBEAT, b"\1\0\4ping" + bytes(16))),
    datagram(record(DATA, bytes(40), epoch=2, number=77), 20001),
    # DTLS 1.3, and a record with an id.
    datagram(record(HANDSHAKE, message(1, hello(V12, b"", versions))), 20002),
    datagram(record(HANDSHAKE, message(2, chosen)) + hidden(60) + hidden(90), 20002, back=True),
    datagram(hidden(120) + hidden(40, 0x1235, long=False), 20002),
    datagram(hidden(120), 5684),
    datagram(hidden(20, length=False), 5684, back=True),
    datagram(hidden(70, ident=b"ident"), 5684),
    datagram(hidden(30) + hidden(70), 443),
    datagram(hidden(30), 443),
    datagram(hidden(30), 20003),
    datagram(record(CID, bytes(30), epoch=1), 20001),
)
