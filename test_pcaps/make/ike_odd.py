#!/usr/bin/python3
# ike_odd.py -- proposals of every kind, notifications, fragments, other names, port 4500.
# SPDX-License-Identifier: Apache-2.0

import pathlib
import struct
import sys

from ber import SET, element, oid, sequence
from packet import ETH_IP, UDP, addr, ethernet, ip4, send, udp

A, B = "10.0.0.4", "10.0.0.80"
SPI_I, SPI_R = bytes(range(1, 9)), bytes(range(0xA1, 0xA9))
MARKER = bytes(4)


def chain(*payloads: tuple[int, bytes]) -> bytes:
    """Each payload with its own length and the type of the one behind it."""
    kinds = [kind for kind, _ in payloads[1:]] + [0]
    return b"".join(struct.pack("!BBH", following, 0, 4 + len(value)) + value
                    for (_, value), following in zip(payloads, kinds))


def message(exchange: int, flags: int, *payloads: tuple[int, bytes], version: int = 0x20,
            responder: bytes = SPI_R, extra: int = 0) -> bytes:
    body = chain(*payloads)
    first = payloads[0][0] if payloads else 0
    return SPI_I + responder + struct.pack("!BBBBII", first, version, exchange, flags, 7,
                                           28 + len(body) + extra) + body


def proposal(number: int, protocol: int, transforms: bytes, count: int, spi: bytes = b"") -> bytes:
    return struct.pack("!BBBB", number, protocol, len(spi), count) + spi + transforms


def transform(kind: int, number: int, attributes: bytes = b"") -> bytes:
    return struct.pack("!BBH", kind, 0, number) + attributes


KEY_LENGTH = struct.pack("!HH", 0x800E, 256)
IKE = chain((3, transform(1, 12, KEY_LENGTH)), (3, transform(2, 5)), (3, transform(3, 12)),
            (3, transform(4, 14)), (3, transform(5, 0)))
ESP = chain((3, transform(1, 20, KEY_LENGTH)), (3, transform(5, 1)), (3, transform(77, 3)))
SA = (33, chain((2, proposal(1, 1, IKE, 5)), (2, proposal(2, 3, ESP, 3, b"\1\2\3\4"))))
OLD_TRANSFORM = struct.pack("!BBH", 1, 1, 0) + bytes.fromhex("80010007800e0080800200028004000280030001")
OLD_SA = (1, struct.pack("!II", 1, 1) + chain((2, proposal(1, 1, chain((3, OLD_TRANSFORM)), 1))))
KEY = (34, struct.pack("!HH", 19, 0) + bytes(range(64)))
NONCE = (40, bytes(range(32)))
VENDOR = (43, b"a maker of examples")


def notify(kind: int, data: bytes = b"", spi: bytes = b"") -> tuple[int, bytes]:
    return 41, struct.pack("!BBH", 3 if spi else 0, len(spi), kind) + spi + data


def name(kind: int, value: bytes, payload: int = 35) -> tuple[int, bytes]:
    return payload, struct.pack("!I", kind << 24) + value


OWN = pathlib.Path(sys.argv[1]).read_bytes()  # a certificate in DER
ISSUER = sequence(*(element(SET, sequence(oid(kind), element(0x13, text)))
                    for kind, text in (("2.5.4.6", "DE"), ("2.5.4.3", "Example CA"))))

sent = [
    message(34, 0x08, SA, KEY, NONCE, notify(16388, bytes(20)), VENDOR, responder=bytes(8)),
    message(34, 0x20, notify(17, b"\0\x13")),
    message(35, 0x08, name(2, b"a.example.net"), name(3, b"alice@example.net", 36), (39, bytes(20))),
    message(35, 0x28, name(1, addr(A)), name(5, addr("2001:db8::4")), name(11, b"key of alice"),
            (44, b"\1\0\0\0\7\0\0\x10\0\0\xff\xff" + addr("10.0.0.0") + addr("10.0.0.255"))),
    message(37, 0x08, (42, b"\3\4\0\1\1\2\3\4"), notify(11, b"", b"\1\2\3\4")),
    message(37, 0x00),
    message(36, 0x20, (46, bytes(range(48)))),
    message(35, 0x08, (53, b"\0\1\0\2" + bytes(range(60)))),
    message(2, 0, OLD_SA, (13, bytes(range(16))), version=0x10, responder=bytes(8)),
    message(4, 0, OLD_SA, (4, bytes(96)), (10, bytes(16)),
            (5, b"\2\x11\1\xf4old.example.net"), (13, b"XAUTH"), version=0x10),
    message(5, 0, (11, struct.pack("!IBBH", 1, 1, 0, 14)), version=0x10),
    message(5, 0, (12, struct.pack("!IBBH", 1, 1, 16, 1) + SPI_I + SPI_R), version=0x10),
    message(32, 1, (8, bytes(40)), version=0x10),
    message(2, 0, (1, struct.pack("!II", 0, 1) + bytes(8)), version=0x10),
    message(2, 0, (6, b"\4" + OWN), (7, b"\4" + ISSUER), version=0x10),
    message(2, 0, name(9, ISSUER, 5), (6, b"\5" + OWN), (7, b"\4"), (7, b"\1" + ISSUER), version=0x10),
    message(35, 0x08, name(9, ISSUER), (37, b"\4" + OWN), (37, b"\x0c" + bytes(20) + b"http://a.example.net/"),
            (38, b"\4" + bytes(20))),
    message(240, 0x18, (128, b"private"), (200, b"none")),
]


def datagram(data: bytes, port: int = 500) -> bytes:
    return ethernet(ETH_IP, ip4(A, B, UDP, udp(A, B, (port, port), data)))


send("eth0", *[datagram(data) for data in sent],
     datagram(MARKER + sent[0], 4500), datagram(b"\xff", 4500),
     datagram(b"\0\0\1\0\0\0\0\7" + bytes(range(32)), 4500))
