#!/usr/bin/python3
# kerberos_odd.py -- Kerberos that MIT's programs do not send: addresses, rare elements, broken messages.
# SPDX-License-Identifier: Apache-2.0

import struct

from ber import app, ctx, element, integer, octets, sequence
from packet import ACK, ETH_IP, MAC_A, MAC_B, PSH, TCP, UDP, ethernet, ip4, send, tcp, udp

A, B = "10.0.0.4", "10.0.0.80"
TIME, STRING, BITS = 0x18, 0x1B, 3


def text(value: str | bytes) -> bytes:
    return element(STRING, value)


def time(value: str) -> bytes:
    return element(TIME, value)


def name(kind: int, *parts: str) -> bytes:
    return sequence(ctx(0, integer(kind)), ctx(1, sequence(*(text(part) for part in parts))))


def address(kind: int, value: bytes) -> bytes:
    return sequence(ctx(0, integer(kind)), ctx(1, octets(value)))


def encrypted(kind: int, version: int | None = None) -> bytes:
    number = b"" if version is None else ctx(1, integer(version))
    return sequence(ctx(0, integer(kind)), number, ctx(2, octets(bytes(20))))


def ticket() -> bytes:
    return app(
        1,
        sequence(
            ctx(0, integer(5)),
            ctx(1, text("EXAMPLE.NET")),
            ctx(2, name(2, "krbtgt", "EXAMPLE.NET")),
            ctx(3, encrypted(18, 3)),
        ),
    )


def hint(kind: int, value: bytes) -> bytes:
    return sequence(ctx(1, integer(kind)), ctx(2, octets(value)))


def body(*more: bytes, kinds: tuple[int, ...] = (18, 17, 23, -133), nonce: int = 0x7FFFFFFF) -> bytes:
    return sequence(
        ctx(0, element(BITS, b"\0" + bytes.fromhex("40810010"))),
        ctx(1, name(1, "alice", "admin")),
        ctx(2, text("EXAMPLE.NET")),
        ctx(3, name(2, "krbtgt", "EXAMPLE.NET")),
        ctx(4, time("20380119031407Z")),
        ctx(5, time("20991231235959Z")),
        ctx(6, time("20260102030405Z")),
        ctx(7, integer(nonce)),
        ctx(8, sequence(*(integer(kind) for kind in kinds))),
        *more,
    )


def request(kind: int, what: bytes, hints: bytes = b"") -> bytes:
    data = ctx(3, sequence(hints)) if hints else b""
    return app(kind, sequence(ctx(1, integer(5)), ctx(2, integer(kind)), data, ctx(4, what)))


def error(code: int, *more: bytes, reason: str = "a reason") -> bytes:
    return app(
        30,
        sequence(
            ctx(0, integer(5)),
            ctx(1, integer(30)),
            ctx(2, time("20260102030405Z")),
            ctx(3, integer(999999)),
            ctx(4, time("20260102030406Z")),
            ctx(5, integer(7)),
            ctx(6, integer(code)),
            ctx(7, text("EXAMPLE.NET")),
            ctx(8, name(1, "alice")),
            ctx(9, text("EXAMPLE.NET")),
            ctx(10, name(3, "host", "server.example.net")),
            ctx(11, text(reason)),
            *more,
        ),
    )


sent = [1000, 1000]


def datagram(payload: bytes, ports: tuple[int, int] = (40088, 88), back: bool = False) -> bytes:
    ends, macs = ((B, A), (MAC_A, MAC_B)) if back else ((A, B), (MAC_B, MAC_A))
    ports = ports[::-1] if back else ports
    return ethernet(ETH_IP, ip4(*ends, UDP, udp(*ends, ports, payload)), *macs)


def segment(payload: bytes, ports: tuple[int, int] = (40088, 88)) -> bytes:
    data = tcp(A, B, ports, PSH | ACK, payload, seq=sent[0])
    sent[0] += len(payload)
    return ethernet(ETH_IP, ip4(A, B, TCP, data))


def framed(payload: bytes) -> bytes:
    return struct.pack("!I", len(payload)) + payload


everywhere = sequence(
    address(2, bytes([192, 0, 2, 7])),
    address(24, bytes.fromhex("20010db8" + "00" * 11 + "07")),
    address(20, b"STATION        \0"),
    address(99, b"odd"),
)
known = sequence(
    sequence(ctx(0, integer(18)), ctx(1, text("EXAMPLE.NETalice")), ctx(2, octets(b"\0\0\x10\0"))),
    sequence(ctx(0, integer(23))),
)
ap = app(
    14,
    sequence(
        ctx(0, integer(5)),
        ctx(1, integer(14)),
        ctx(2, element(BITS, b"\0" + b"\x20\0\0\0")),
        ctx(3, ticket()),
        ctx(4, encrypted(18)),
    ),
)
reply = app(
    11,
    sequence(
        ctx(0, integer(5)),
        ctx(1, integer(11)),
        ctx(2, sequence(hint(19, known), hint(3, b"old salt"), hint(999, b"?"))),
        ctx(3, text("EXAMPLE.NET")),
        ctx(4, name(1, "alice")),
        ctx(5, ticket()),
        ctx(6, encrypted(23, 7)),
    ),
)
hints = sequence(hint(19, known), hint(2, b""), hint(16, b""))
asked = request(10, body(ctx(9, everywhere)), hint(128, sequence(ctx(0, element(1, b"\xff")))))
send(
    "eth0",
    datagram(asked),
    datagram(reply, back=True),
    datagram(error(25, ctx(12, octets(hints))), back=True),
    datagram(error(68, reason="grüß"), back=True),
    datagram(request(12, body(ctx(10, encrypted(18))), hint(1, ap))),
    datagram(request(10, body(nonce=-5, kinds=()))),
    datagram(ap),
    datagram(app(15, sequence(ctx(0, integer(5)), ctx(1, integer(15)), ctx(2, encrypted(17)))), back=True),
    datagram(app(20, sequence(ctx(0, integer(5)), ctx(1, integer(20)))), back=True),
    datagram(app(22, sequence(ctx(0, integer(5)), ctx(1, integer(22)), ctx(2, sequence(ticket())), ctx(3, encrypted(0))))),
    datagram(asked, (40089, 1088)),
    segment(framed(asked)),
    segment(framed(asked) + framed(error(6))),
    segment(framed(asked)[:100]),
    segment(framed(asked), (40089, 1088)),
    datagram(b"\x04\1alice\0\0\0\0"),
)
