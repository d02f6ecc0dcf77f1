#!/usr/bin/python3
# quic_odd.py -- datagrams of QUIC that ngtcp2 does not send.
# SPDX-License-Identifier: Apache-2.0

import hashlib
import hmac
import itertools
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from packet import ETH_IP, UDP, ethernet, ip4, send, udp

CLIENT, SERVER = "10.0.0.4", "10.0.0.128"
V1, V2 = 1, 0x6B3343CF
SALTS = {
    V1: "38762cf7f55934b34d179ae6a4c80cadccbb7f0a",
    V2: "0dede3def700a6db819381be6e269dcbf9bd2ed9",
    0xFF000016: "7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a",
    0xFF000017: "c3eef712c72ebb5a11a7d2432bb46365bef9f502",
    0xFF00001D: "afbfec289993d24c9e9786f19c6111e04390a899",
    0xFF000022: "38762cf7f55934b34d179ae6a4c80cadccbb7f0a",
}
PADDING, PING = b"\0", b"\1"
DCID, SCID = bytes.fromhex("8394c8f03e515708"), bytes.fromhex("c101")


def expand(secret: bytes, label: str, size: int) -> bytes:
    name = b"tls13 " + label.encode()
    info = struct.pack("!HB", size, len(name)) + name + b"\0\1"
    return hmac.digest(secret, info, hashlib.sha256)[:size]


def varint(value: int) -> bytes:
    return bytes([value]) if value < 64 else struct.pack("!H", 0x4000 | value)


def header(first: int, version: int, dcid: bytes = DCID, scid: bytes = SCID) -> bytes:
    ids = bytes([len(dcid)]) + dcid + bytes([len(scid)]) + scid
    return struct.pack("!BI", first, version) + ids


def initial(frames: bytes, version: int = V1, number: int = 2, **part: bytes) -> bytes:
    """An Initial packet of a client; part: token, dcid"""
    dcid, token = part.get("dcid", DCID), part.get("token", b"")
    v2 = "v2" if version == V2 else ""
    start = hmac.digest(bytes.fromhex(SALTS[version]), dcid, hashlib.sha256)
    secret = expand(start, "client in", 32)
    key, iv, mask_key = (expand(secret, f"quic{v2} {x}", n) for x, n in (("key", 16), ("iv", 12), ("hp", 16)))
    packed = struct.pack("!I", number)
    head = header(0xD3 if v2 else 0xC3, version, dcid) + varint(len(token)) + token
    head += varint(len(packed) + len(frames) + 16) + packed
    nonce = bytes(a ^ b for a, b in zip(iv, number.to_bytes(12, "big")))
    sealed = AESGCM(key).encrypt(nonce, frames, head)
    cipher = Cipher(algorithms.AES(mask_key), modes.ECB()).encryptor()
    mask = cipher.update(sealed[:16])
    hidden = bytes(a ^ b for a, b in zip(head[-4:], mask[1:5]))
    return bytes([head[0] ^ mask[0] & 0x0F]) + head[1:-4] + hidden + sealed


def vector(width: int, data: bytes) -> bytes:
    return len(data).to_bytes(width, "big") + data


def extension(kind: int, data: bytes) -> bytes:
    return struct.pack("!H", kind) + vector(2, data)


def hello(name: bytes = b"www.example.com") -> bytes:
    extensions = (
        extension(0, vector(2, b"\0" + vector(2, name)))
        + extension(16, vector(2, vector(1, b"h3")))
        + extension(43, vector(1, b"\3\4"))
        + extension(13, vector(2, bytes.fromhex("04030804")))
        + extension(10, vector(2, b"\0\x1d"))
        + extension(51, vector(2, b"\0\x1d" + vector(2, bytes(range(32)))))
        + extension(57, b"\1\2\x67\x10")
    )
    body = b"\3\3" + bytes(range(32)) + b"\0" + vector(2, b"\x13\1\x13\2") + b"\1\0"
    return b"\1" + vector(3, body + vector(2, extensions))


def crypto(data: bytes, first: int = 0, last: int | None = None) -> bytes:
    piece = data[first:last]
    return b"\6" + varint(first) + varint(len(piece)) + piece


clients = itertools.count(40000)


def datagram(data: bytes, port: int = 443, back: bool = False) -> bytes:
    """Each is a connection of its own."""
    src, dst = (SERVER, CLIENT) if back else (CLIENT, SERVER)
    client = next(clients)
    ports = (port, client) if back else (client, port)
    return ethernet(ETH_IP, ip4(src, dst, UDP, udp(src, dst, ports, data)))


WHOLE = hello()
ONE = crypto(WHOLE)
MIXED = (
    PING
    + crypto(WHOLE, 100)
    + PADDING * 9
    + crypto(WHOLE, 20, 100)
    + PING
    + crypto(WHOLE, 0, 30)
    + b"\2\1\0\1\0\0\0"  # an acknowledgement of two ranges
    + b"\x1c\1\6\3end"
)
damaged = bytearray(initial(ONE))
damaged[-1] ^= 1
send(
    "eth0",
    *(
        datagram(initial(ONE + PADDING * 20, version, dcid=DCID + bytes([i])), 20000 + i)
        for i, version in enumerate(SALTS)
    ),
    # Pieces in any order, and a second packet.
    datagram(initial(MIXED, token=b"token", dcid=b"mixed-04")),
    datagram(
        initial(PING + PADDING * 9, dcid=b"twice-01")
        + initial(ONE, number=3, dcid=b"twice-01")
    ),
    # What is not believed: a wrong tag, a length that lies.
    datagram(bytes(damaged)),
    datagram(header(0xC0, V1) + b"\0" + varint(1000) + bytes(40)),
    # Behind one another: initial, 0-RTT, handshake and a short header.
    datagram(
        initial(ONE)
        + header(0xD0, V1)
        + varint(30)
        + b"\x5a" * 30
        + header(0xE0, V1)
        + varint(30)
        + b"\xa5" * 30
        + b"\x61"
        + DCID
        + b"\x3c" * 30
    ),
    # A server that wants a token, in both versions.
    datagram(header(0xF0, V1, SCID, DCID) + b"token" + bytes(16), 20001, True),
    datagram(header(0xC0, V2, SCID, DCID) + b"token" + bytes(16), 20001, True),
)
