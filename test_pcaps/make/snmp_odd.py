#!/usr/bin/python3
# snmp_odd.py -- SNMP that Net-SNMP does not send: odd integers and identifiers, unknown elements.
# SPDX-License-Identifier: Apache-2.0

from ber import NULL, OID, app, ctx, element, integer, octets, oid, sequence
from packet import ETH_IP, MAC_A, MAC_B, UDP, ethernet, ip4, send, udp

A, B = "10.0.0.4", "10.0.0.80"
SECRET = "s3cr3t-canary"
NOTHING = element(NULL)


def binding(value: bytes, name: bytes = oid("1.3.6.1.2.1.1.1.0")) -> bytes:
    return sequence(name, value)


def pdu(kind: int, *bindings: bytes, error: tuple[int, int] = (0, 0), ident: int = 7) -> bytes:
    head = integer(ident) + integer(error[0]) + integer(error[1])
    return ctx(kind, head, sequence(*bindings))


def message(body: bytes, version: int = 1) -> bytes:
    return sequence(integer(version), octets(SECRET), body)


def datagram(payload: bytes, ports: tuple[int, int] = (40161, 161)) -> bytes:
    return ethernet(ETH_IP, ip4(B, A, UDP, udp(B, A, ports, payload)), MAC_A, MAC_B)


def v3(data: bytes, model: int = 3, version: int = 3) -> bytes:
    header = sequence(integer(5), integer(1472), octets(b"\4"), integer(model))
    user = sequence(
        octets(b"\x80\0\x1f\x88\4abc"), integer(2), integer(300), octets("dave"), octets(""), octets("")
    )
    return sequence(integer(version), header, octets(user), data)


answer = message(
    pdu(
        2,
        binding(integer(-1)),
        binding(element(2, bytes(9))),
        binding(element(0x41, b"\0" + b"\xff" * 8)),
        binding(element(0x46, b"\1" + b"\xff" * 8)),
        binding(element(0x43, b"\xff\xff\xff\xff")),
        binding(element(0x47, b"\xff\xff\xff\xff")),
        binding(element(0x42, b"\1")),
        binding(element(0x40, bytes(16))),
        binding(element(0x40, b"\1\2\3")),
        binding(octets("")),
        binding(element(0x80)),
        binding(element(0x81)),
        binding(element(0x82)),
        binding(oid("2.999.1")),
        binding(element(OID, b"\x2b\x90\x80\x80\x80\0")),
        binding(element(OID, b"\x2b\6\x81")),
        binding(octets(bytes(range(200)))),
    )
)
trap = ctx(
    4,
    oid("1.3.6.1.4.1.8072"),
    element(0x40, bytes([192, 0, 2, 9])),
    integer(6),
    integer(2147483647),
    integer(0xFFFFFFFF, 0x43),
    sequence(),
)
scoped = sequence(octets(b"\x80\0\x1f\x88\4abc"), octets("shelf"), pdu(8, binding(integer(1))))
send(
    "eth0",
    datagram(answer),
    datagram(message(pdu(0)), (40161, 1161)),  # by its content
    datagram(message(pdu(2, error=(17, 1), ident=-5))),
    datagram(message(pdu(6, binding(NOTHING)))),
    datagram(message(trap, 0), (40161, 162)),
    datagram(v3(scoped)),
    datagram(v3(scoped), (40161, 1162)),
    datagram(v3(scoped, model=1)),
    datagram(v3(octets(bytes(24)))),
    datagram(sequence(integer(2), octets(b"\0"), pdu(1, binding(NOTHING)))),
    datagram(message(pdu(0)) + b"behind"),
    datagram(message(pdu(0))[:-1]),
    datagram(message(app(3, integer(1)))),
)
