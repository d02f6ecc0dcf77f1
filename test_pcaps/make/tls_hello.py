#!/usr/bin/python3
# tls_hello.py -- Client Hellos that OpenSSL would not send; the server answers them for real.
# SPDX-License-Identifier: Apache-2.0
"""usage: tls_hello.py ADDRESS PORT NAME"""

import os
import socket
import struct
import sys
import time

GREASE = 0x7A7A
NAME = sys.argv[3].encode()


def vector(width: int, data: bytes) -> bytes:
    """data with its length before it, as an integer of that many bytes."""
    return len(data).to_bytes(width, "big") + data


def numbers(*values: int) -> bytes:
    return b"".join(struct.pack("!H", value) for value in values)


def extension(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("!H", kind) + vector(2, data)


def record(kind: int, version: int, data: bytes) -> bytes:
    return struct.pack("!BH", kind, version) + vector(2, data)


def hello(version: int, ciphers: bytes, extensions: bytes = b"", session: bytes = b"") -> bytes:
    body = struct.pack("!H", version) + os.urandom(32) + vector(1, session)
    body += vector(2, ciphers) + vector(1, b"\0")
    return b"\x01" + vector(3, body + (vector(2, extensions) if extensions else b""))


def modern(grease: int) -> bytes:
    share = numbers(grease) + vector(2, b"\0") + numbers(29) + vector(2, os.urandom(32))
    return hello(
        0x0303,
        numbers(grease, 0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0x009C),
        extension(grease)
        + extension(0, vector(2, b"\0" + vector(2, NAME)))
        + extension(0xFF01, b"\0")
        + extension(23)
        + extension(10, vector(2, numbers(grease, 29, 23, 24)))
        + extension(11, vector(1, b"\0"))
        + extension(16, vector(2, vector(1, b"h2") + vector(1, b"http/1.1")))
        + extension(5, b"\x01\0\0\0\0")
        + extension(13, vector(2, numbers(0x0403, 0x0804, 0x0401, 0x0503, 0x0805)))
        + extension(18)
        + extension(51, vector(2, share))
        + extension(45, vector(1, b"\x01"))
        + extension(43, vector(1, numbers(grease, 0x0304, 0x0303)))
        + extension(27, vector(1, numbers(2)))
        + extension(grease + 0x1010, b"\0")
        + extension(21, bytes(120)),
        os.urandom(32),
    )


def ssl2() -> bytes:
    ciphers = bytes.fromhex("000035 00002f 00000a 0000ff 010080")
    body = struct.pack("!BHHHH", 1, 0x0301, len(ciphers), 0, 16) + ciphers + os.urandom(16)
    return struct.pack("!H", 0x8000 | len(body)) + body


def talk(*parts: bytes) -> None:
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=5) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in parts:
            sock.sendall(part)
            time.sleep(0.1)
        sock.recv(16384)


plain = modern(GREASE)
talk(record(22, 0x0301, plain))
# One message in two records of one segment, and one record in two segments.
talk(record(22, 0x0301, plain[:100]) + record(22, 0x0301, plain[100:]))
whole = record(22, 0x0301, plain)
talk(whole[:150], whole[150:])
talk(record(22, 0x0300, hello(0x0300, numbers(0x0035, 0x002F, 0x000A, 0x5600))))
talk(ssl2())
# A fatal alert of the client's own, and a record type that does not exist.
talk(record(21, 0x0303, b"\x02\x28"))
talk(record(22, 0x0301, plain) + record(99, 0x0303, b"?"))
