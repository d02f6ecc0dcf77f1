#!/usr/bin/python3
# domain.py -- what members of a Windows domain say: LDAP, DNS and SMB with tokens inside, new passwords.
# SPDX-License-Identifier: Apache-2.0
"""usage: domain.py FILE"""

import struct
import sys

import linkfile
from ber import ENUMERATED, app, ctx, ctx_plain, element, integer, octets, oid, sequence
from ics_talk import Talk, datagram

SPNEGO, NTLMSSP, KERBEROS = "1.3.6.1.5.5.2", "1.3.6.1.4.1.311.2.2.10", "1.2.840.113554.1.2.2"
MS_KERBEROS = "1.2.840.48018.1.2.2"
REALM, AES = "EXAMPLE.ORG", 18
UNICODE = 0xE2088235


def message(ident: int, *parts: bytes) -> bytes:
    return sequence(integer(ident), *parts)


def text(words: str) -> bytes:
    return words.encode("utf-16-le")


# --- tokens ---

def ntlm_negotiate() -> bytes:
    return b"NTLMSSP\0" + struct.pack("<II", 1, UNICODE) + bytes(16) + bytes.fromhex("0a00614a0000000f")


def ntlm_challenge() -> bytes:
    name = text("EXAMPLE")
    head = struct.pack("<IHHII", 2, len(name), len(name), 56, UNICODE)
    return (b"NTLMSSP\0" + head + bytes.fromhex("0123456789abcdef") + bytes(8) + struct.pack("<HHI", 4, 4, 70) +
            bytes.fromhex("0a00614a0000000f") + name + bytes(4))


def ntlm_answer() -> bytes:
    parts = [bytes(24), b"\x5a" * 24, text("EXAMPLE"), text("alice"), text("WS1"), b""]
    at, head, body = 72, b"", b""
    for part in parts:
        head += struct.pack("<HHI", len(part), len(part), at + len(body))
        body += part
    return b"NTLMSSP\0" + struct.pack("<I", 3) + head + struct.pack("<I", UNICODE) + bytes(8) + body


def first_token(mechanism: str, token: bytes) -> bytes:
    return app(0, oid(SPNEGO), ctx(0, sequence(ctx(0, sequence(oid(mechanism))), ctx(2, octets(token)))))


def next_token(state: int, mechanism: str | None, token: bytes) -> bytes:
    name = ctx(1, oid(mechanism)) if mechanism else b""
    return ctx(1, sequence(ctx(0, integer(state, ENUMERATED)), name, ctx(2, octets(token))))


def encrypted(size: int, kvno: bool = False) -> bytes:
    number = ctx(1, integer(1)) if kvno else b""
    return sequence(ctx(0, integer(AES)), number, ctx(2, octets(bytes(range(size)))))


def general(words: str) -> bytes:
    return element(0x1B, words)


def principal(*words: str) -> bytes:
    return sequence(ctx(0, integer(2)), ctx(1, sequence(*map(general, words))))


def krb(number: int, *parts: bytes) -> bytes:
    return app(number, sequence(ctx(0, integer(5)), ctx(1, integer(number)), *parts))


def ticket(*service: str) -> bytes:
    return app(1, sequence(ctx(0, integer(5)), ctx(1, general(REALM)), ctx(2, principal(*service)),
                           ctx(3, encrypted(60, True))))


def ap_req(*service: str) -> bytes:
    return krb(14, ctx(2, element(3, b"\0\x20\0\0\0")), ctx(3, ticket(*service)), ctx(4, encrypted(40)))


AP_REP, PRIV = krb(15, ctx(2, encrypted(50))), krb(21, ctx(3, encrypted(70)))


def gss_kerberos(kind: int, content: bytes) -> bytes:
    return app(0, oid(KERBEROS), struct.pack("!H", kind), content)


# --- LDAP ---

def bind(how: bytes, who: str = "") -> bytes:
    return app(0, integer(3), octets(who), how)


def sasl(mechanism: str, token: bytes) -> bytes:
    return ctx(3, octets(mechanism), octets(token))


def bind_answer(code: int, name: bytes | str = "", *more: bytes) -> bytes:
    return app(1, integer(code, ENUMERATED), octets(name), octets(""), *more)


def ldap() -> list[bytes]:
    first, second, third = Talk(389, 40001), Talk(389, 40002), Talk(3268, 40003)
    goes_on = 14
    return [
        first.ask(message(1, bind(sasl("GSS-SPNEGO", first_token(NTLMSSP, ntlm_negotiate()))))),
        first.answer(message(1, bind_answer(goes_on, "", ctx_plain(7, next_token(1, NTLMSSP, ntlm_challenge()))))),
        first.answer(message(1, bind_answer(goes_on, "", ctx_plain(7, first_token(NTLMSSP, b""))))),
        first.ask(message(2, bind(sasl("GSS-SPNEGO", next_token(1, None, ntlm_answer()))))),
        first.answer(message(2, bind_answer(0))),
        # the middle of an entry, a text that another protocol speaks, TLS
        first.answer(b"rviceClass1\x84\0\0\0\x10\x04\x0eCN=Schema,DC=ex"),
        first.ask(b"GET / HTTP/1.1\r\nHost: ldap\r\n\r\n"),
        first.ask(bytes.fromhex("150303000202 28")),
        # Microsoft's own way: which packages, negotiate, answer; the challenge stands in the name
        second.ask(message(1, bind(ctx_plain(9, "")))),
        second.answer(message(1, bind_answer(0, "NTLM"))),
        second.ask(message(2, bind(ctx_plain(10, ntlm_negotiate()), "NTLM"))),
        second.answer(message(2, bind_answer(0, ntlm_challenge()))),
        second.ask(message(3, bind(ctx_plain(11, ntlm_answer())))),
        third.ask(message(1, bind(sasl("GSS-SPNEGO", first_token(MS_KERBEROS, gss_kerberos(
            0x0100, ap_req("ldap", "dc1.example.org"))))))),
        third.answer(message(1, bind_answer(0, "", ctx_plain(7, next_token(0, MS_KERBEROS, gss_kerberos(
            0x0200, AP_REP)))))),
        third.ask(message(2, bind(sasl("GSSAPI", gss_kerberos(0x0100, ap_req("ldap", "dc1")))))),
        third.ask(message(3, bind(sasl("GSSAPI", gss_kerberos(0x0100, ap_req("ldap", "dc1"))))))[:-90],
    ]


# --- new passwords, RFC 3244, and the middle of a Kerberos message ---

def change(version: int, use: bytes, content: bytes) -> bytes:
    return struct.pack("!HHH", 6 + len(use) + len(content), version, len(use)) + use + content


def armored() -> bytes:
    armor = sequence(ctx(0, integer(1)), ctx(1, octets(ap_req("krbtgt", REALM))))
    fast = sequence(ctx(0, armor), ctx(1, sequence(ctx(0, integer(16)), ctx(1, octets(bytes(12))))),
                    ctx(2, encrypted(80)))
    hint = sequence(ctx(1, integer(136)), ctx(2, octets(ctx(0, fast))))
    body = sequence(ctx(0, element(3, b"\0\0\0\0\x10")), ctx(1, principal("alice")), ctx(2, general(REALM)),
                    ctx(3, principal("kadmin", "changepw")), ctx(5, element(0x18, "19700101000000Z")),
                    ctx(7, integer(7)), ctx(8, sequence(integer(AES))))
    request = app(10, sequence(ctx(1, integer(5)), ctx(2, integer(10)), ctx(3, sequence(hint)), ctx(4, body)))
    return datagram((40009, 88), request)


def passwords() -> list[bytes]:
    talk, other = Talk(464, 40004), Talk(88, 40005)
    ask, answer = change(0xFF80, ap_req("kadmin", "changepw"), PRIV), change(1, AP_REP, PRIV)
    return [
        talk.ask(struct.pack("!I", len(ask)) + ask),
        talk.answer(struct.pack("!I", len(answer)) + answer),
        datagram((40006, 464), ask),
        other.answer(bytes.fromhex("406a7f3b635148fdfb00c63a9aae36a9a93e99ec4e88")),
        other.ask(b"GET /kdc HTTP/1.1\r\n\r\n"),
    ]


# --- DNS: keys agreed on by GSS-API, RFC 3645 ---

def name(words: str) -> bytes:
    return b"".join(bytes([len(word)]) + word.encode() for word in words.split(".") if word) + b"\0"


def tkey(token: bytes, answer: bool, mode: int = 3) -> bytes:
    owner = name("123.sig-dc1.example.org")
    data = name("gss-tsig") + struct.pack("!IIHHH", 1_767_323_045, 1_767_409_445, mode, 0, len(token)) + token + bytes(2)
    record = owner + struct.pack("!HHIH", 249, 255, 0, len(data)) + data
    question = owner + struct.pack("!HH", 249, 255)
    counts = (1, 1, 0, 0) if answer else (1, 0, 0, 1)
    return struct.pack("!HH4H", 0x1234, 0x8080 if answer else 0, *counts) + question + record


def dns() -> list[bytes]:
    talk = Talk(53, 40007)
    first = first_token(MS_KERBEROS, gss_kerberos(0x0100, ap_req("DNS", "dc1.example.org")))
    second = next_token(0, MS_KERBEROS, gss_kerberos(0x0200, AP_REP))
    parts = [tkey(first, False), tkey(second, True), tkey(b"\1\2\3\4", False, 2)]
    return [talk.ask(struct.pack("!H", len(part)) + part) for part in parts]


# --- calls that Kerberos guards, with and without SPNEGO ---

def call(kind: int, body: bytes, verifier: bytes, security: int = 16, level: int = 6) -> bytes:
    length = 16 + len(body) + 8 + len(verifier)
    head = struct.pack("<BBBB4sHHI", 5, 0, kind, 3, b"\x10\0\0\0", length, len(verifier), 1)
    return head + body + struct.pack("<BBBBI", security, level, 0, 0, 1) + verifier


def calls() -> list[bytes]:
    talk, other = Talk(135, 40010), Talk(135, 40011)
    syntax = bytes(range(16)) + struct.pack("<I", 0)
    transfer = bytes.fromhex("045d888aeb1cc9119fe808002b104860") + struct.pack("<I", 2)
    bind = struct.pack("<HHIBxxxHBx", 4280, 4280, 0, 1, 0, 1) + syntax + transfer
    answer = struct.pack("<HHIH6sBxxxHH", 4280, 4280, 9, 4, b"135\0\0\0", 1, 0, 0) + transfer
    ask, reply = struct.pack("<IHH", 144, 0, 3) + bytes(144), struct.pack("<IHBx", 144, 0, 0) + bytes(144)
    sealed, summed = (bytes.fromhex(head) + bytes(64) for head in ("050406ff0010001c00000000", "040404ffffffffff"))
    check = struct.pack("<I", 1) + bytes(12)
    return [
        talk.ask(call(11, bind, ap_req("host", "dc1.example.org"))),
        talk.answer(call(12, answer, AP_REP)),
        talk.ask(call(16, b"", AP_REP)),
        talk.ask(call(0, ask, sealed)),
        talk.answer(call(2, reply, sealed)),
        talk.ask(call(0, ask, summed, level=5)),
        other.ask(call(11, bind, first_token(MS_KERBEROS, gss_kerberos(0x0100, ap_req("host", "dc1"))), 9)),
        other.answer(call(12, answer, next_token(1, MS_KERBEROS, AP_REP), 9)),
        other.ask(call(14, bind, next_token(1, None, AP_REP), 9)),
        other.answer(call(15, answer, ctx(1, sequence(ctx(0, integer(0, ENUMERATED)), ctx(2, octets(AP_REP)),
                                                     ctx(3, octets(summed)))), 9)),
        other.ask(call(0, ask, check, 9, 5)),
    ]


# --- SMB 2: a session set up by Kerberos, whole, answered, and with a token that goes on elsewhere ---

def smb2(command: int, flags: int, body: bytes) -> bytes:
    head = struct.pack("<4sHHIHHIIQIIQ16s", b"\xfeSMB", 64, 1, 0, command, 1, flags, 0, 1, 0, 0, 0xC1F458E5, bytes(16))
    return struct.pack("!I", len(head) + len(body)) + head + body


def smb() -> list[bytes]:
    talk = Talk(445, 40008)
    token = first_token(MS_KERBEROS, gss_kerberos(0x0100, ap_req("cifs", "dc1.example.org")))
    ask = struct.pack("<HBBIIHHQ", 25, 0, 1, 1, 0, 88, len(token), 0) + token
    reply = next_token(0, MS_KERBEROS, gss_kerberos(0x0200, AP_REP))
    answer = struct.pack("<HHHH", 9, 0, 72, len(reply)) + reply
    return [talk.ask(smb2(1, 0, ask)), talk.answer(smb2(1, 1, answer)), talk.ask(smb2(1, 0, ask)[:-100])]


linkfile.write(sys.argv[1], 1, [*ldap(), *passwords(), armored(), *dns(), *calls(), *smb()])
