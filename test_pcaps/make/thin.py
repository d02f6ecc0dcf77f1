#!/usr/bin/python3
# thin.py -- thin layers in front of known ones, and protocols that carry packets of others.
# SPDX-License-Identifier: Apache-2.0
"""usage: thin.py arcnet|arcnet_bsd|ipoib|ipnet|pktap|juniper|mstp|atm|clip|thin|carriers OUTPUT"""

import struct
import sys

import linkfile
from packet import MAC_A, MAC_B, TCP, ethernet, ip4, mac
from tunnel_parts import A, B, IN_MAC_A, IN_MAC_B, NAME, PING, PING6, TAG, inner, over_ip, over_udp

ETHERNET, ARCNET_BSD, ARCNET, MSTP, JUNIPER, IPNET, IPOIB, PKTAP = 1, 7, 129, 165, 178, 226, 242, 258
ATM, CLIP = 100, 106
IP, IP6, VLAN, ARP, MACSEC, CMD, AVSP = 0x0800, 0x86DD, 0x8100, 0x0806, 0x88E5, 0x8909, 0xD28B
ETAG, CB, HSR, TRILL, ETHERIP, GRE = 0x893F, 0xF1C1, 0x892F, 0x22F3, 97, 47
ARP_ONE = struct.pack("!HHBBH", 7, IP, 1, 4, 1) + b"\5" + b"\x0a\0\0\5" + b"\0" + b"\x0a\0\0\x0b"
ARP_SIX = struct.pack("!HHBBH", 32, IP, 20, 4, 1) + bytes(20) + b"\x0a\0\0\5" + bytes(20) + b"\x0a\0\0\x0b"


def arcnet(offset: bytes) -> list[bytes]:
    split = b"\0\0\7"
    kinds = [
        b"\xf0" + PING, b"\xf1" + ARP_ONE, b"\xd4" + split + NAME, b"\xd5" + split + ARP_ONE,
        b"\xd6" + split + ARP_ONE, b"\xc4" + split + PING6, b"\xcd\x82\x82\3" + b"\1\x20\xff\xff\0\xff\x10\x08",
        b"\xfa" + split + b"\xff\xff\0\x1e" + bytes(26), b"\x80of nothing known",
        b"\x11" + split + b"of nothing known",
    ]
    if not offset:
        kinds.append(b"\xd4\xff\0\0\xd4" + split + NAME)
    return [b"\5\x0b" + offset + kind for kind in kinds]


def ipoib() -> list[bytes]:
    head = bytes(20) + b"\0\0\5\x50\xfe\x80" + bytes(14)
    return [head + struct.pack("!HH", kind, 0) + body for kind, body in (
        (IP, PING), (IP6, PING6), (ARP, ARP_SIX), (0x8035, ARP_SIX), (0x8847, b"\0\0\x91\x40" + PING),
        (0x1234, b"of nothing known"))]


def ipnet() -> list[bytes]:
    return [struct.pack("!BBHIIIII", 1, family, hook, length, 2, 0, 0xFFFFFFFF, 0) + body
            for family, hook, length, body in (
                (2, 0, len(PING), PING), (26, 1, len(PING6), PING6), (2, 2, len(NAME), b"head" + NAME),
                (9, 0, 4, b"none"))]


def pktap(kind: int, link: int, body: bytes, size: int = 108) -> bytes:
    head = struct.pack("<III24sIIIII20sIHHI20s", size, kind, link, b"en0", 2, 2, 14, 0, 512, b"curl", 0, 6, 0,
                       0xFFFFFFFF, b"alice")
    return head + bytes(max(0, size - 108)) + body


def all_pktap() -> list[bytes]:
    return [pktap(1, 1, inner()), pktap(1, 12, PING), pktap(1, 0, b"\2\0\0\0" + NAME), pktap(1, 1, inner(), 112),
            pktap(0, 1, b""), pktap(1, 9999, b"of no link")]


def macsec(flags: int, body: bytes, short: int = 0, named: bool = False) -> bytes:
    return struct.pack("!BBI", flags, short, 77) + (b"\2\0\0\0\0\x0a\0\1" if named else b"") + body + b"I" * 16


def thin() -> list[bytes]:
    ip = struct.pack("!H", IP)
    stamp = b"\x5c\xee\xed\x57\x38\x4f\x59\xc8"
    return [ethernet(MACSEC, body) for body in (
        macsec(0x40, ip + PING), macsec(0x20, ip + NAME, 0, True), macsec(0x00, ip + PING, len(PING) + 2) + bytes(9),
        macsec(0x20, struct.pack("!H", VLAN) + TAG + NAME, 0, True), macsec(0x2C, b"encrypted bytes", 0, True),
        macsec(0x4C, b"encrypted bytes"), macsec(0x08, b"for the key agent"), macsec(0x04, b"a cipher of its own"),
        macsec(0xC0, ip + PING), macsec(0, b""), macsec(0, struct.pack("!H", 0x1234) + b"unknown"),
        macsec(0, struct.pack("!H", 5) + b"length"), macsec(0, ip + PING, 20),
    )] + [ethernet(CMD, b"\1\1\0\1" + struct.pack("!HH", group, kind) + body) for group, kind, body in (
        (7, IP, PING), (8, IP6, PING6), (9, VLAN, TAG + NAME), (10, 0x1234, b"unknown"), (11, 7, b"\x42\x42\3length"),
    )] + [ethernet(AVSP, struct.pack("!HH", kind, version) + body) for kind, version, body in (
        (1, 0x10, stamp + ip + PING), (1, 0x110, stamp + ip + NAME), (1, 0x20, stamp[2:] + ip + PING),
        (1, 0x120, stamp[2:] + ip + PING), (1, 0x11, stamp + ip + PING), (1, 0x99, stamp + ip + PING),
        (3, 0x20, stamp + ip + PING), (3, 0x120, stamp + ip + PING), (7, 1, stamp + ip + PING), (8, 1, stamp[4:] + ip + PING),
        (9, 0x11, stamp + stamp + ip + PING), (0xCAFE, 1, b"\0\0\0\1\0\4" + b"data"), (0x77, 1, stamp + ip + PING),
        (1, 0x10, stamp + struct.pack("!H", 0x1234) + b"unknown"), (4, 1, stamp + ip + PING),
    )] + [
        ethernet(ETAG, b"\0\1\0\2\0\0" + ip + PING), ethernet(CB, b"\0\0\0\7" + ip + NAME),
        ethernet(HSR, b"\0\x35\0\7" + ip + PING), ethernet(HSR, b"\x10\x35\0\7" + struct.pack("!H", IP6) + PING6),
        ethernet(TRILL, b"\0\5\0\1\0\2" + inner()), ethernet(TRILL, b"\0\x45\0\1\0\2more" + inner(VLAN, TAG + NAME)),
        over_ip(ETHERIP, b"\x30\0" + inner()), over_ip(GRE, struct.pack("!HH", 0, CMD) + ip + b"\1\1\0\1\0\7" + PING),
        over_ip(GRE, b"\0\0\x20\0\2\xb4\0\0\0\1\0\5r"), over_ip(GRE, b"\0\0\x65\x59\x18\x41\3\xcc" + PING),
        over_ip(GRE, b"\0\0\x82\x10\x08\2\0\0" + mac(IN_MAC_B) + mac(IN_MAC_A) * 2 + b"\0\0\xaa\xaa\3\0\0\0\x08\0" + PING),
        isl(inner()), isl(inner(VLAN, TAG + NAME), 12),
    ]


def isl(body: bytes, first: int = 1) -> bytes:
    rest = b"\xaa\xaa\3\0\0\x0c\0\3\0\0\0\0"
    return bytes([first, 0, 0x0C, 0, 0, 0]) + mac(MAC_A) + struct.pack("!H", len(rest) + len(body) + 4) + rest + body + b"CRCX"


# --- what carries packets of others, or of OSI ---


def llc(body: bytes, sap: int = 0xFE) -> bytes:
    return mac(MAC_B) + mac(MAC_A) + struct.pack("!H", len(body) + 3) + bytes([sap, sap, 3]) + body


def isis(kind: int, size: int, body: bytes) -> bytes:
    return bytes([0x83, size, 1, 0, kind, 1, 0, 0]) + body


def osi() -> list[bytes]:
    system, rest = b"\x19\x21\x68\0\0\1", bytes(8)
    hello = isis(15, 27, b"\3" + system + b"\0\x1e\0\x1b\x40" + system + b"\1")
    line = isis(17, 20, b"\3" + system + b"\0\x1e\0\x14\1")
    state = isis(18, 27, b"\0\x1b\4\xb0" + system + b"\0\0\0\0\0\7\0\0\3")
    numbers = isis(24, 33, b"\0\x21" + system + b"\0" + rest + b"\xff" * 8)
    some = isis(26, 17, b"\0\x11" + system + b"\0")
    end = bytes([0x82, 11, 1, 0, 4, 1, 0x2C, 0, 0, 1, 0x49])
    data = b"\x81\x0d\1\x40\x1c\0\x11\0\0\1\x49\1\x49data"
    return [llc(part) for part in (hello, line, state, numbers, some, end, data, b"\x85of nothing known", b"\xcc" + PING,
                                   b"\x8e" + PING6)] + [
        llc(b"\0inactive", 0x14), over_ip(80, end), over_ip(GRE, b"\0\0\0\xfe" + line),
        ethernet(0x8864, struct.pack("!BBHHH", 0x11, 0, 1, 2 + len(line), 0x23) + line)]


def over_tcp(source: int, port: int, payload: bytes) -> bytes:
    head = struct.pack("!HHIIBBHHH", source, port, 1, 1, 0x50, 0x18, 1000, 0, 0)
    return ethernet(IP, ip4(A, B, TCP, head + payload))


def flow(version: int, kind: int, body: bytes = b"") -> bytes:
    return struct.pack("!BBHI", version, kind, 8 + len(body), 7) + body


def openflow() -> list[bytes]:
    packet, none = inner(), b"\xff" * 4
    match = struct.pack("!HHIIxxxx", 1, 12, 0x80000004, 3)
    messages = [
        flow(1, 0), flow(1, 0) + flow(1, 5), flow(1, 10, none + struct.pack("!HHBx", len(packet), 3, 0) + packet),
        flow(1, 13, none + struct.pack("!HH", 3, 8) + struct.pack("!HHHH", 0, 8, 4, 0) + packet), flow(4, 0, bytes([0, 1, 0, 8, 0, 0, 0, 0x12])),
        flow(4, 10, none + struct.pack("!HBBQ", len(packet), 0, 1, 9) + match + b"\0\0" + packet),
        flow(4, 13, none + struct.pack("!IHxxxxxx", 3, 16) + struct.pack("!HHIHxxxxxx", 0, 16, 4, 0) + packet), flow(5, 0), flow(6, 3),
        flow(1, 3) + flow(1, 2)[:5],
        # 1.4 is as 1.3; the middle of a message.
        flow(5, 10, none + struct.pack("!HBBQ", len(packet), 0, 1, 9) + match + b"\0\0" + packet),
        flow(5, 13, none + struct.pack("!IHxxxxxx", 3, 16) + struct.pack("!HHIHxxxxxx", 0, 16, 4, 0) + packet), b"\0\0\0\1" + none * 4,
    ]
    return [over_tcp(50000 + i, 6653 if i % 2 else 6633, message) for i, message in enumerate(messages)]


def xdr(*words: int) -> bytes:
    return struct.pack(f"!{len(words)}I", *words)


def sflow() -> list[bytes]:
    def record(link: int, packet: bytes, length: int) -> bytes:
        body = xdr(link, length, 4, len(packet)) + packet + bytes(-len(packet) % 4)
        return xdr(1, len(body)) + body

    def sample(kind: int, *records: bytes) -> bytes:
        head = xdr(1, 3, 400, 800, 0, 3, 4) if kind == 1 else xdr(1, 0, 3, 400, 800, 0, 0, 3, 0, 4)
        body = head + xdr(len(records)) + b"".join(records)
        return xdr(kind, len(body)) + body

    head, packet = xdr(5, 1, 0x0A000004, 0, 7, 1000), inner()
    counters = xdr(2, 12, 1, 3, 0)
    return [over_udp(6343, message) for message in (
        head + xdr(1) + sample(1, record(1, packet, len(packet) + 4)),
        head + xdr(2) + counters + sample(3, record(1, packet[:50], 1000), record(11, PING, len(PING) + 4)),
        xdr(5, 2) + bytes(15) + b"\1" + xdr(0, 7, 1000, 1) + sample(1, record(12, PING6, len(PING6) + 4)),
        head + xdr(1) + sample(1, record(99, b"none", 8)), xdr(5, 1, 0x0A000004, 0, 8, 1000, 0), b"no sFlow at all")]


def nhrp(kind: int, body: bytes = b"") -> bytes:
    flags = bytes(6) if kind in (7, 8) else b"\0\0" + bytes(4)
    head = struct.pack("!HH5xBHHHBBBBBB", 1, IP, 255, 40 + len(body), 0, 0, 1, kind, 4, 0, 4, 4)
    return head + flags + b"\x0a\0\0\4" + b"\xc0\0\2\1" + b"\xc0\0\2\2" + body


def carriers() -> list[bytes]:
    beacon = b"\x80\0\0\0" + b"\xff" * 6 + mac(IN_MAC_A) * 2 + b"\x10\0" + bytes(8) + b"\x64\0\1\0" + b"\0\7example"
    return osi() + openflow() + sflow() + [
        over_ip(GRE, b"\0\0\x20\1" + nhrp(1)), over_ip(GRE, b"\0\0\x20\1" + nhrp(8, PING)), over_ip(54, nhrp(8, NAME)),
        over_udp(12222, struct.pack("!BBHBB", 8, 0x1E, len(beacon), 0xEA, 0x49) + beacon),
        over_udp(12223, mac(MAC_B) + b"\4\0\0\4\0\0" + b"\1\0\0\0" + b"body"),
        over_udp(50000, b"\4\0\0\4\0\0" + b"\2\0\0\0" + b"body", 12223),
    ]


def juniper() -> list[bytes]:
    more = b"\3\1\1\6\1\x0e\1\2\x8c\0\4\4\x4c\1\0\0"
    return [b"MGC\x80" + struct.pack("!H", len(more)) + more + inner(), b"MGC\1" + inner(VLAN, TAG + NAME)]


def atm() -> list[bytes]:
    return [b"\xaa\xaa\3\0\0\0\x08\0" + PING, b"\xfe\xfe\3\xcc" + NAME, b"\x30\x30\x30\x30of nothing known"]


def mstp(kind: int, body: bytes = b"") -> bytes:
    tail = body + b"\0\0" if body else b""
    return struct.pack("!BBBHB", kind, 1, 2, len(body), 0) + tail


def all_mstp() -> list[bytes]:
    who_is = b"\1\x20\xff\xff\0\xff\x10\x08"
    return [b"\x55\xff" + mstp(0), b"\x55\xff" + mstp(1), b"\x55\xff" + mstp(6, who_is), b"\x55\xff" + mstp(5, who_is)]


kind, path = sys.argv[1:]
built = {"arcnet": (ARCNET, lambda: arcnet(b"\0\xff")), "arcnet_bsd": (ARCNET_BSD, lambda: arcnet(b"")),
         "ipoib": (IPOIB, ipoib), "ipnet": (IPNET, ipnet), "pktap": (PKTAP, all_pktap), "thin": (ETHERNET, thin),
         "juniper": (JUNIPER, juniper), "mstp": (MSTP, all_mstp), "atm": (ATM, atm),
         "clip": (CLIP, lambda: [PING, NAME]), "carriers": (ETHERNET, carriers)}
link, make = built[kind]
linkfile.write(path, link, make())
