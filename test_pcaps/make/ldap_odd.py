#!/usr/bin/python3
# ldap_odd.py -- LDAP that OpenLDAP's programs do not send: wrapped messages, several in a segment, halves.
# SPDX-License-Identifier: Apache-2.0

import struct

from ber import ENUMERATED, OCTETS, SEQUENCE, app, ctx, ctx_plain, element, integer, octets, sequence
from packet import ACK, ETH_IP, MAC_A, MAC_B, PSH, TCP, UDP, ethernet, ip4, send, tcp, udp

A, B = "10.0.0.4", "10.0.0.80"
SECRET = "s3cr3t-canary"
FALSE, TRUE = element(1, b"\0"), element(1, b"\xff")


def message(ident: int, *parts: bytes) -> bytes:
    return sequence(integer(ident), *parts)


def enumerated(value: int) -> bytes:
    return integer(value, ENUMERATED)


def search(what: bytes, base: str = "dc=example,dc=net", names: bytes = sequence()) -> bytes:
    head = octets(base) + enumerated(2) + enumerated(3) + integer(100) + integer(5) + TRUE
    return app(3, head, what, names)


def equal(name: str, value: bytes | str) -> bytes:
    return ctx(3, octets(name), octets(value))


def result(kind: int, code: int, text: str = "", *more: bytes) -> bytes:
    return app(kind, enumerated(code), octets("dc=example"), octets(text), *more)


def entry(name: str, *values: tuple[str, bytes]) -> bytes:
    attributes = [sequence(octets(kind), element(0x31, octets(value))) for kind, value in values]
    return app(4, octets(name), sequence(*attributes))


sent = [1000, 1000]


def segment(payload: bytes, ports: tuple[int, int] = (40389, 389), back: bool = False) -> bytes:
    ends, macs = ((B, A), (MAC_A, MAC_B)) if back else ((A, B), (MAC_B, MAC_A))
    ports = ports[::-1] if back else ports
    seq, ack = (sent[back], sent[not back])
    sent[back] += len(payload)
    data = tcp(*ends, ports, PSH | ACK, payload, seq=seq, ack=ack)
    return ethernet(ETH_IP, ip4(*ends, TCP, data), *macs)


def datagram(payload: bytes, back: bool = False) -> bytes:
    ends, macs = ((B, A), (MAC_A, MAC_B)) if back else ((A, B), (MAC_B, MAC_A))
    ports = (389, 40390) if back else (40390, 389)
    return ethernet(ETH_IP, ip4(*ends, UDP, udp(*ends, ports, payload)), *macs)


def nested(depth: int) -> bytes:
    inner = equal("uid", "alice")
    for _ in range(depth):
        inner = ctx(2, inner)
    return inner


bind = app(0, integer(3), octets("cn=admin"), ctx_plain(0, SECRET))
sasl = app(0, integer(3), octets(""), ctx(3, octets("EXTERNAL"), octets("u:alice")))
control = ctx(0, sequence(octets("1.2.840.113556.1.4.805"), TRUE), sequence(octets("1.2.3"), octets(b"\1\2")))
wrapped = b"\5\4\2\xff" + bytes(24)
netlogon = ctx(0, equal("DnsDomain", "example.net"), equal("NtVer", b"\6\0\0\0"), equal("AAC", b"\0\1"))
send(
    "eth0",
    segment(message(1, bind) + message(2, search(ctx_plain(7, "objectClass")))),
    segment(message(3, entry("uid=x", ("cn", b"X"), ("cn;lang-de", b"\xc3\xa4"), ("raw", bytes(range(40)))))
            + message(3, app(19, octets("ldap://other.example.net/dc=example")))
            + message(3, result(5, 10, "elsewhere", ctx(3, octets("ldap://a.example.net/")))), back=True),
    segment(message(4, sasl)),
    segment(message(4, result(1, 14, "", ctx_plain(7, "challenge"))), back=True),
    segment(message(5, element(0x4A, "uid=gone,dc=example,dc=net"), control)),
    segment(message(6, element(0x50, b"\5"))),
    segment(message(7, element(0x42))),
    segment(message(8, app(23, ctx_plain(0, "1.3.6.1.4.1.4203.1.11.3")))),
    segment(message(8, app(24, enumerated(0), octets(""), octets(""), ctx_plain(10, "1.2.3"), ctx_plain(11, "dn:uid=alice"))),
            back=True),
    segment(message(9, app(25, ctx_plain(0, "1.2.3"), ctx_plain(1, b"\1\2"))), back=True),
    segment(message(0, app(24, enumerated(52), octets(""), octets("shutting down"), ctx_plain(10, "1.3.6.1.4.1.1466.20036"))),
            back=True),
    segment(message(10, search(nested(3)))),
    segment(message(11, search(nested(30)))),
    segment(message(12, search(equal("objectGUID", bytes(range(16))), names=sequence(octets("a"), octets("b"))))),
    segment(message(13, search(ctx(9, ctx_plain(1, "1.2.840.113556.1.4.803"), ctx_plain(2, "flags"), ctx_plain(3, "2"),
                                   ctx_plain(4, b"\xff"))))),
    segment(message(14, search(ctx(4, octets("cn"), sequence(ctx_plain(0, "a"), ctx_plain(1, "b"), ctx_plain(2, "c")))))),
    segment(message(15, app(6, octets("uid=x"), sequence(sequence(enumerated(2), sequence(octets("sn"), element(0x31, octets("y")))))))),
    segment(message(16, app(12, octets("uid=x"), octets("uid=y"), FALSE, ctx_plain(0, "ou=z")))),
    segment(message(17, app(14, octets("uid=x"), sequence(octets("sn"), octets("y"))))),
    segment(struct.pack("!I", len(wrapped)) + wrapped),
    segment(message(18, search(equal("uid", "alice")))[:60], (40391, 389)),
    segment(message(19, bind), (40392, 1389)),
    segment(element(SEQUENCE, integer(20), app(27, octets("?"))), (40393, 389)),
    datagram(message(21, search(netlogon, "", sequence(octets("Netlogon"))))),
    datagram(message(21, entry("", ("netlogon", b"\x17\0\0\0" + bytes(40)))) + message(21, result(5, 0)), True),
    datagram(message(22, result(5, 53, "unwilling")), True),
)
