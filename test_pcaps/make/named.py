#!/usr/bin/python3
# named.py -- a packet for each layer that is known by its name alone, as capture/named_*.def have it.
# SPDX-License-Identifier: Apache-2.0
"""usage: named.py OUTPUT
Of layers with a rule, and of those whose messages of zeros tshark calls malformed, what fits is below."""

import os
import re
import struct
import sys
from collections.abc import Iterator

import linkfile
from packet import ETH_IP, MAC_A, MAC_B, TCP, UDP, ethernet, ip4, mac, udp
from tunnel_parts import A, B, NAME, PING, over_ip

CAPTURE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../capture")
ETHERNET, SCTP, SESSION = 1, 132, 0x8864
ZEROS, CLIENT = bytes(48), 40000
# To these tshark calls zeros malformed, and it names them all the same.
NOT_ZEROS = set("""
    A21 C1222 C15HBEAT CL3 COLLECTD DOIP DTP EIGRP ELASTICSEARCH FINGER GDT GREBONDING H225 H248 HCRT HIQNET IAPP ICP
    KAFKA KPASSWD M2PA M2TP M2UA M3UA MINT MSDP NDPS NHRP OPENVPN PFCP Q931 R3 RIP RIPNG SLSK SSP SUA SYNERGY TIPC UAUDP
    UDLD UMA V5UA VRT WHO WINSREPL WOW WSMP WTP Z3950 IUA DUA ASAP
""".split())


def segment(source: int, port: int, payload: bytes) -> bytes:
    head = struct.pack("!HHIIBBHHH", source, port, 1, 1, 0x50, 0x18, 1000, 0, 0)
    return ethernet(ETH_IP, ip4(A, B, TCP, head + payload))


def datagram(source: int, port: int, payload: bytes) -> bytes:
    return ethernet(ETH_IP, ip4(A, B, UDP, udp(A, B, (source, port), payload)))


def message(source: int, port: int, kind: int, payload: bytes) -> bytes:
    chunk = struct.pack("!BBHIHHI", 0, 3, 16 + len(payload), 5, 1, 2, kind) + payload
    return over_ip(SCTP, struct.pack("!HHII", source, port, 7, 0) + chunk + bytes(-len(chunk) % 4))


def length(payload: bytes) -> bytes:
    return mac(MAC_B) + mac(MAC_A) + struct.pack("!H", len(payload)) + payload


def frame(table: str, number: int, payload: bytes, source: int) -> bytes | None:
    match table:
        case "BY_UDP_NAMED":
            return datagram(source, number, payload)
        case "BY_TCP_NAMED":
            return segment(source, number, payload)
        case "BY_SCTP_PORT":
            return message(source, number, 0, payload)
        case "BY_SCTP_PPI":
            return message(source, 50005, number, payload)
        case "BY_ETHERTYPE":
            return ethernet(number, payload)
        case "BY_IP_PROTO":
            return over_ip(number, payload)
        case "BY_LLC_SAP":
            return length(bytes([number, number, 3]) + payload)
        case "BY_CISCO_PID":
            return length(b"\xaa\xaa\3\0\0\x0c" + struct.pack("!H", number) + payload)
        case "BY_PPP":
            head = struct.pack("!BBHHH", 0x11, 0, 1, 2 + len(payload), number)
            return ethernet(SESSION, head + payload)
        case "BY_GRE":
            return over_ip(47, struct.pack("!HH", 0, number) + payload)
    return None


def rx(kind: int) -> bytes:
    return struct.pack("!5IBBBBHH", 0x5F5E0FF, 8, 1, 1, 1, kind, 1, 0, 0, 0, 1) + struct.pack("!II", 131, 0) + bytes(8)


def ipx(socket: int) -> bytes:
    end = struct.pack("!I6sH", 0, mac(MAC_A), socket)
    return struct.pack("!HHBB", 0xFFFF, 30, 0, 1) + end + end


def pgm(kind: int, body: bytes) -> bytes:
    return struct.pack("!HHBBH6sH", 1000, 2000, kind, 0, 0, b"source", len(body)) + struct.pack("!II", 1, 1) + body


def ruled() -> list[bytes]:
    call = struct.pack("!HHIHHHHIIHH64s64s", 156, 1, 0x1A2B3C4D, 1, 0, 0x100, 0, 1, 1, 0, 1, b"alice", b"example")
    datagrams = [
        (7001, rx(1)), (7000, rx(5)), (7021, rx(13)), (7001, rx(77)), (7001, b"short"), (7002, bytes(40)),
        (6696, b"\x2a\2\0\4\1\2\0\0"), (6696, b"\x2b\2\0\4\1\2\0\0"), (2055, b"\0\5\0\1" + bytes(68)),
        (4739, b"\0\x0a\0\x10" + bytes(12)), (2055, b"\0\2\0\0" + bytes(20)), (646, b"\0\1\0\6\x0a\0\0\4\0\0"),
        (4342, b"\x30\0\0\0" + bytes(12)), (716, bytes.fromhex("00000010000000010000000000000001")),
        (177, b"\0\1\0\2\0\1\0"), (4713, bytes.fromhex("aa410012012c6553f11200000000000592a5")),
        (750, b"\4\x09alice\0\0\0\0\0\0\0\0"), (88, b"\4\x09alice\0\0\0\0\0\0\0\0"), (698, b"\0\4\0\1"),
        (3503, b"\0\1\0\0" + bytes(28)), (654, b"\2\0\0\0" + bytes(16)),
    ]
    segments = [
        (646, b"\0\1\0\6\x0a\0\0\4\0\0"), (1433, b"\6\1\0\x08\0\0\1\0"), (1433, b"\x12\0\0\x0c\0\0\1\0rest"),
        (1521, b"\0\x0b\0\0\x0c\0\0\0\1\0\2"), (1521, b"\0\x0a\0\0\6\0\0\0\0\0"), (1521, b"\0\x0c\0\0\3\0\0\0data"), (1521, b"not TNS at all"),
        (1723, call), (3868, bytes.fromhex("010000248000010100000000000000010000000a000001084000000d") + b"alice\0\0\0"), (5672, b"\x08\0\0\0\0\0\0\xce"),
    ]
    return [datagram(CLIENT + 600 + i, port, data) for i, (port, data) in enumerate(datagrams)] + [
        segment(CLIENT + 700 + i, port, data) for i, (port, data) in enumerate(segments)] + [
        over_ip(113, pgm(4, b"data")), over_ip(113, pgm(0, bytes(12))), over_ip(113, b"short"),
        ethernet(0x9000, b"\0\0\1\0\7\0test"), ethernet(0x9000, b"\0\0\2\0" + mac(MAC_B) + b"\1\0\7\0test"),
        length(b"\xe0\xe0\3" + ipx(0x456)), length(ipx(0x456)), ethernet(0x8137, ipx(0x456)),
        length(b"\xaa\xaa\3\0\0\x81\1\xa2" + bytes(20)), length(b"\xaa\xaa\3\0\xe0\x52\x20\0\1\xb4\0\0"),
        length(b"\xaa\xaa\3\0\0\x0c\1\x11\x21\0\0\0"),
    ]


def rows(file: str) -> Iterator[tuple[str, ...]]:
    with open(os.path.join(CAPTURE, file), encoding="ascii") as lines:
        for line in lines:
            if found := re.match(r"(B|NAME|RULE)\((\w+), (\w+|\"[^\"]+\")(?:, (\w+))?", line):
                yield found.groups()


def named() -> list[bytes]:
    plain = {row[1] for row in rows("named_layers.def") if row[0] == "NAME"}
    made = []
    for file in ("named_ports.def", "named_types.def"):
        for source, (_, table, number, name) in enumerate(rows(file), CLIENT):
            if name in plain and name not in NOT_ZEROS:
                one = frame(table, int(number, 0), ZEROS, source)
                made += [one] if one else []
    return made


linkfile.write(sys.argv[1], ETHERNET, named() + ruled())
