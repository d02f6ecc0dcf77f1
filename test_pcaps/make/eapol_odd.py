#!/usr/bin/python3
# eapol_odd.py -- other kinds of EAPOL and EAP than the programs send; LACP with the argument lacp.
# SPDX-License-Identifier: Apache-2.0

import struct
import sys

from packet import MAC_A, MAC_B, ethernet, mac, send

EAPOL, PREAUTH, SLOW = 0x888E, 0x88C7, 0x8809
PAE, SLOW_GROUP = "01:80:c2:00:00:03", "01:80:c2:00:00:02"
REQUEST, RESPONSE, SUCCESS, FAILURE, INITIATE = range(1, 6)


def eap(code: int, ident: int, data: bytes = b"") -> bytes:
    return struct.pack("!BBH", code, ident, 4 + len(data)) + data


def eapol(kind: int, body: bytes = b"", version: int = 2, ethertype: int = EAPOL) -> bytes:
    head = struct.pack("!BBH", version, kind, len(body))
    return ethernet(ethertype, head + body, PAE).ljust(60, b"\0")


def attribute(kind: int, value: bytes) -> bytes:
    return bytes([kind, (len(value) + 2 + 3) // 4]) + value + bytes(-(len(value) + 2) % 4)


NAME = b"1295023820000001@mnc023.mcc295.3gppnetwork.org"
SIM = b"\x0a\0\0" + attribute(7, bytes(18)) + attribute(14, struct.pack("!H", len(NAME)) + NAME)
BODY = b"\3\3" + bytes(range(32)) + bytes.fromhex("000008c02f009c002f00350100")
HELLO = b"\x16\3\1" + struct.pack("!HBBH", len(BODY) + 4, 1, 0, len(BODY)) + BODY
KEY = b"\2" + struct.pack("!HHQ", 0x008A, 16, 1) + bytes(range(32)) + bytes(48) + b"\0\0"

eapols = [
    eapol(1, version=1),
    eapol(2, version=3),
    eapol(0, eap(REQUEST, 1, b"\1who are you?\0networkid=example")),
    eapol(0, eap(RESPONSE, 1, b"\1alice@example.net")),
    eapol(0, eap(REQUEST, 2, b"\2a notification")),
    eapol(0, eap(RESPONSE, 2, b"\3\x0d\x19")),
    eapol(0, eap(RESPONSE, 3, b"\x12" + SIM)),
    eapol(0, eap(RESPONSE, 3, b"\x17" + SIM)),
    eapol(0, eap(REQUEST, 4, b"\x0d\x20")),
    eapol(0, eap(RESPONSE, 4, b"\x0d\x80" + struct.pack("!I", len(HELLO)) + HELLO)),
    eapol(0, eap(RESPONSE, 5, b"\xfe\0\x7e\xd9\0\0\0\1what it says")),
    eapol(0, eap(SUCCESS, 5)),
    eapol(0, eap(FAILURE, 6)),
    eapol(0, eap(INITIATE, 7, b"\1\0\0\0")),
    eapol(3, KEY),
    eapol(4, b"an alert"),
    eapol(1, ethertype=PREAUTH),
]


def end(kind: int, system: str, key: int, port: int, state: int) -> bytes:
    return (struct.pack("!BBH", kind, 20, 32768) + mac(system)
            + struct.pack("!HHHB", key, 255, port, state) + bytes(3))


def slow(subtype: int, body: bytes) -> bytes:
    return ethernet(SLOW, bytes([subtype]) + body, SLOW_GROUP).ljust(124, b"\0")


COLLECTOR = struct.pack("!BBH", 3, 16, 50) + bytes(12)
NOBODY = "00:00:00:00:00:00"
lacps = [
    slow(1, b"\1" + end(1, MAC_A, 17, 1, 0x45) + end(2, NOBODY, 0, 0, 0) + COLLECTOR + bytes(52)),
    slow(1, b"\1" + end(1, MAC_A, 17, 2, 0x3D) + end(2, MAC_B, 33, 7, 0x3D) + COLLECTOR + bytes(52)),
    slow(1, b"\2" + end(1, MAC_A, 17, 2, 0xFF) + end(2, MAC_B, 33, 7, 0) + COLLECTOR
         + b"\4\x06\0\0\0\1" + bytes(46)),
    slow(2, b"\1" + struct.pack("!BBH", 1, 16, 1) + mac(MAC_A) + struct.pack("!IH", 7, 0) + bytes(92)),
    slow(3, b"\0\x08\0\1\x10\0\0\1\5\5\xee\0\0\0\0\0\0" + bytes(2)),
    slow(9, b"of no protocol"),
]
send("eth0", *(lacps if sys.argv[1:] == ["lacp"] else eapols))
