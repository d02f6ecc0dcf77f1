#!/usr/bin/python3
# gssapi_odd.py -- tokens of NTLM and Kerberos as no program at hand sends them: every header and scheme of
# HTTP, old and answered binds of LDAP, errors, checks, halves.
# SPDX-License-Identifier: Apache-2.0

import base64
import struct

from ber import ENUMERATED, app, ctx, ctx_plain, element, integer, octets, oid, sequence
from packet import ACK, ETH_IP, MAC_A, MAC_B, PSH, TCP, ethernet, ip4, send, tcp

A, B = "10.0.0.4", "10.0.0.80"
SECRET = "s3cr3t-canary"
SPNEGO, NTLM = oid("1.3.6.1.5.5.2"), oid("1.3.6.1.4.1.311.2.2.10")
KERBEROS, KERBEROS_MS = oid("1.2.840.113554.1.2.2"), oid("1.2.840.48018.1.2.2")
UNICODE = 1
talk = [41000, 1000, 1000]


def segment(payload: bytes, port: int, back: bool = False) -> bytes:
    """What is sent begins a connection, which what comes back goes on with."""
    ends, macs = ((B, A), (MAC_A, MAC_B)) if back else ((A, B), (MAC_B, MAC_A))
    if not back:
        talk[:] = [talk[0] + 1, 1000, 1000]
    pair = (port, talk[0]) if back else (talk[0], port)
    seq, ack = talk[1 + back], talk[2 - back]
    talk[1 + back] += len(payload)
    data = tcp(*ends, pair, PSH | ACK, payload, seq=seq, ack=ack)
    return ethernet(ETH_IP, ip4(*ends, TCP, data), *macs)


# --- NTLM ---


def place(text: bytes, offset: int) -> bytes:
    return struct.pack("<HHI", len(text), len(text), offset)


def negotiate() -> bytes:
    domain, host = b"EXAMPLE", b"LAPTOP"
    head = b"NTLMSSP\0" + struct.pack("<II", 1, 0xB207)
    return head + place(domain, 32) + place(host, 39) + domain + host


def challenge() -> bytes:
    target = "SERVER".encode("utf-16-le")
    head = b"NTLMSSP\0" + struct.pack("<I", 2) + place(target, 48)
    return head + struct.pack("<IQQ", 0x8201 | UNICODE, 0xEFCDAB8967452301, 0) + place(b"", 48 + len(target)) + target


def authenticate(user: str = "alice") -> bytes:
    answer = SECRET.encode() + bytes(41)
    parts = [bytes(24), answer, *(text.encode("utf-16-le") for text in ("EXAMPLE", user, "LAPTOP")), b""]
    head, offset = b"NTLMSSP\0" + struct.pack("<I", 3), 64
    for part in parts:
        head += place(part, offset)
        offset += len(part)
    return head + struct.pack("<I", 0x8200 | UNICODE) + b"".join(parts)


# --- Kerberos ---


def encrypted(etype: int, *more: bytes) -> bytes:
    return sequence(ctx(0, integer(etype)), *more, ctx(2, octets(SECRET)))


def name(number: int, *parts: str) -> bytes:
    return sequence(ctx(0, integer(number)), ctx(1, sequence(*(element(0x1B, part) for part in parts))))


def request() -> bytes:
    ticket = app(1, sequence(ctx(0, integer(5)), ctx(1, element(0x1B, "EXAMPLE.NET")),
                             ctx(2, name(2, "ldap", "server.example.net")), ctx(3, encrypted(18, ctx(1, integer(2))))))
    return app(14, sequence(ctx(0, integer(5)), ctx(1, integer(14)), ctx(2, element(3, bytes(5))), ctx(3, ticket),
                            ctx(4, encrypted(17))))


def answer() -> bytes:
    return app(15, sequence(ctx(0, integer(5)), ctx(1, integer(15)), ctx(2, encrypted(17))))


def error() -> bytes:
    return app(30, sequence(ctx(0, integer(5)), ctx(1, integer(30)), ctx(4, element(0x18, "20260102030405Z")),
                            ctx(5, integer(7)), ctx(6, integer(37)), ctx(9, element(0x1B, "EXAMPLE.NET")),
                            ctx(10, name(2, "HTTP", "server.example.net"))))


def framed(kind: int, message: bytes) -> bytes:
    return app(0, KERBEROS, struct.pack("!H", kind), message)


check = b"\4\4\4" + b"\xff" * 5 + bytes(8) + b"checksum1234"


# --- SPNEGO ---


def first(mechanisms: list[bytes], token: bytes) -> bytes:
    return app(0, SPNEGO, ctx(0, sequence(ctx(0, sequence(*mechanisms)), ctx(2, octets(token)))))


def later(state: int, mechanism: bytes, token: bytes, mic: bytes = b"") -> bytes:
    return ctx(1, sequence(ctx(0, integer(state, ENUMERATED)), ctx(1, mechanism) if mechanism else b"",
                           ctx(2, octets(token)), ctx(3, octets(mic)) if mic else b""))


# --- HTTP ---


def get(header: str, scheme: str, token: bytes) -> bytes:
    return f"GET / HTTP/1.1\r\nHost: www.example.com\r\n{header}: {scheme}".encode() + base64.b64encode(token) + b"\r\n\r\n"


def refused(*headers: bytes) -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return b"HTTP/1.1 401 Unauthorized\r\n" + lines + b"Content-Length: 0\r\n\r\n"


def asked(header: str, scheme: str, token: bytes) -> bytes:
    return f"{header}: {scheme}".encode() + base64.b64encode(token)


whole = get("Authorization", "NTLM ", negotiate())
http = [
    (get("Authorization", "NTLM ", negotiate()), False),
    (refused(asked("WWW-Authenticate", "NTLM ", challenge())), True),
    (get("Authorization", "NTLM ", authenticate()), False),
    (get("Proxy-Authorization", "Negotiate ", authenticate("bob")), False),
    (refused(asked("Proxy-Authenticate", "Negotiate ", challenge())), True),
    (get("Authorization", "Negotiate ", first([NTLM], negotiate())), False),
    (get("Authorization", "Negotiate ", first([KERBEROS_MS, KERBEROS, NTLM], framed(0x0100, request()))), False),
    (refused(asked("WWW-Authenticate", "Negotiate ", later(2, KERBEROS_MS, framed(0x0300, error())))), True),
    (get("Authorization", "Kerberos ", framed(0x0100, request())), False),
    (refused(b"WWW-Authenticate: Negotiate", b"WWW-Authenticate: NTLM"), True),
    (refused(asked("WWW-Authenticate", "NTLM ", b"plain text")), True),
    (get("Authorization", "NTLM  ", negotiate()), False),
    (get("X-Authorization", "NTLM ", negotiate()), False),
    (whole[: whole.index(b"NTLM") + 45], False),
]

# --- LDAP ---


def message(operation: bytes) -> bytes:
    return sequence(integer(7), operation)


def sasl(mechanism: str, token: bytes) -> bytes:
    return message(app(0, integer(3), octets(""), ctx(3, octets(mechanism), octets(token))))


def sicily(choice: int, token: bytes) -> bytes:
    return message(app(0, integer(3), octets("NTLM"), ctx_plain(choice, token)))


def bound(code: int, matched: bytes, *token: bytes) -> bytes:
    tokens = [ctx_plain(7, one) for one in token]
    return message(app(1, integer(code, ENUMERATED), octets(matched), octets(""), *tokens))


ldap = [
    (sicily(9, b""), False),
    (bound(0, b"NTLM"), True),
    (sicily(10, negotiate()), False),
    (bound(0, challenge()), True),
    (sicily(11, authenticate("carol")), False),
    (sasl("NTLM", negotiate()), False),
    (sasl("GSS-SPNEGO", authenticate("dave")), False),
    (bound(14, b"", challenge()), True),
    (sasl("GSS-SPNEGO", first([KERBEROS], struct.pack("!H", 0x0100) + request())), False),
    (sasl("GSS-SPNEGO", first([KERBEROS], request())), False),
    (sasl("GSS-SPNEGO", later(0, KERBEROS, framed(0x0200, answer()), check)), False),
    (sasl("GSSAPI", framed(0x0101, b"\x11\0" + b"\xff" * 4 + bytes(16))), False),
    (sasl("GSSAPI", check), False),
    (bound(14, b"", later(1, b"", framed(0x0200, answer()))), True),
    (bound(14, b"", framed(0x0200, answer())), True),
]

send("eth0", *(segment(payload, 80, back) for payload, back in http))
send("eth0", *(segment(payload, 389, back) for payload, back in ldap))
