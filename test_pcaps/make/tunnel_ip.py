#!/usr/bin/python3
# tunnel_ip.py -- GRE, ERSPAN, L2TP, and the headers of IPsec.
# SPDX-License-Identifier: Apache-2.0
"""usage: tunnel_ip.py gre|erspan|l2tp|ipsec"""

import struct
import sys

from packet import (
    AH,
    ETH_ARP,
    ETH_IP,
    ETH_IP6,
    ICMP6,
    IP6_NONE,
    IP6_OPTIONS,
    UDP,
    addr,
    ethernet,
    icmp6,
    ip6,
    mac,
    send,
    udp,
)
from tunnel_parts import (
    A,
    A6,
    B,
    B6,
    ECHO,
    IN_A,
    IN_B,
    IN_MAC_A,
    NAME,
    PING,
    PING6,
    TAG,
    inner,
    label,
    over_ip,
    over_udp,
    word,
)

GRE, ESP, L2TP, BRIDGED, PPP, WCCP, VLAN, MPLS = 47, 50, 115, 0x6558, 0x880B, 0x883E, 0x8100, 0x8847
ARP = struct.pack("!HHBBH", 1, ETH_IP, 6, 4, 1) + mac(IN_MAC_A) + addr(IN_A) + bytes(6) + addr(IN_B)
PPP_PING = b"\xff\x03\0\x21" + PING


def gre_header(flags: int, kind: int, rest: bytes) -> bytes:
    return struct.pack("!HH", flags, kind) + rest


def gre() -> list[bytes]:
    summed = b"\xab\xcd\0\0"
    route = struct.pack("!HBB", ETH_IP, 0, 4)
    routes = route + addr(A) + route + addr(B) + bytes(4)
    call = struct.pack("!HH", len(PPP_PING), 9)
    headers = [
        (0, ETH_IP, PING),
        (0, ETH_IP6, PING6),
        (0x2000, ETH_IP, word(77) + PING),
        (0x1000, ETH_IP, word(5) + NAME),
        (0x8000, ETH_IP, summed + PING),
        (0xB000, ETH_IP, summed + word(7) + word(8) + PING),
        (0x4000, ETH_IP, bytes(4) + routes + PING),
        (0xF000, ETH_IP, summed + word(7) + word(8) + routes + PING),
        (0x2000, BRIDGED, word(0x123456) + inner()),
        (0, BRIDGED, inner(VLAN, TAG + PING)),
        (0, ETH_ARP, ARP),
        (0, MPLS, label(100) + PING),
        (0, VLAN, TAG + PING),  # a tag is nothing that GRE carries
        (0, WCCP, PING),
        (0, WCCP, b"\1\2\3\4" + PING),
        (0x3001, PPP, call + word(3) + PPP_PING),
        (0x3081, PPP, call + word(3) + word(2) + PPP_PING),
        (0x2081, PPP, struct.pack("!HH", 0, 9) + word(2)),
        (0x3081, PPP, call + word(4) + word(2) + b"\x21" + PING),
        (0, 0x88B5, b"of no protocol"),
        (0, 0, b""),  # keeps the tunnel alive
        (0x0FF8, ETH_IP, PING),
        (0x0002, ETH_IP, PING),
    ]
    within = over_ip(GRE, gre_header(0x2000, ETH_IP6, word(8) + PING6))[14:]
    frames = [over_ip(GRE, gre_header(*header)) for header in headers]
    return frames + [
        over_ip(GRE, gre_header(0, ETH_IP, within)),
        ethernet(ETH_IP6, ip6(A6, B6, GRE, gre_header(0, ETH_IP, PING))),
        over_udp(4754, gre_header(0, ETH_IP, PING)),
        ethernet(VLAN, TAG + over_ip(GRE, gre_header(0, BRIDGED, inner(VLAN, TAG + PING)))[14:]),
        over_ip(4, PING),
        over_ip(41, PING6),
        # The version of PPTP without PPP, and PPP in another version.
        over_ip(GRE, gre_header(0x3001, ETH_IP, word(77) + word(3) + PING)),
        over_ip(GRE, gre_header(0x3080, PPP, word(77) + word(3) + PPP_PING)),
    ]


def erspan() -> list[bytes]:
    def one(kind: int, header: bytes, frame: bytes) -> bytes:
        return over_ip(GRE, gre_header(0x1000, kind, word(1) + header + frame))

    def second(first: int, session: int, index: int) -> bytes:
        return struct.pack("!HHI", first, session, index)

    def third(first: int, session: int, group: int, last: int) -> bytes:
        return struct.pack("!HHIHH", first, session, 123456789, group, last)

    platform = bytes(range(8))
    return [
        over_ip(GRE, gre_header(0, 0x88BE, inner())),
        over_ip(GRE, gre_header(0x2000, 0x88BE, word(9) + inner())),
        one(0x88BE, second(0x1005, 0x2801, 7), inner()),
        one(0x88BE, second(0x1FFF, 0xFFFF, 0xFFFFFFFF), inner(VLAN, TAG + PING)),
        one(0x88BE, second(0x1005, 0x0C01, 7), inner()[:60]),
        one(0x22EB, third(0x2005, 0x2801, 0x42, 0), inner()),
        one(0x22EB, third(0x2FFF, 0xFFFF, 0xFFFF, 0x03FE), inner()),
        one(0x22EB, third(0x2005, 0x2801, 0x42, 0x8001) + platform, inner()),
        one(0x22EB, third(0x2005, 0x2801, 0x42, 0x0018), inner()),
        one(0x22EB, third(0x2005, 0x2801, 0x42, 0x0800), PING),  # an IP packet, no frame
        one(0x22EB, second(0x1005, 0x2801, 7), inner()),
        one(0x88BE, second(0x3005, 0x2801, 7), inner()),
    ]


def l2tp() -> list[bytes]:
    def pair(kind: int, value: bytes, flags: int = 0x8000, vendor: int = 0) -> bytes:
        return struct.pack("!HHH", flags | len(value) + 6, vendor, kind) + value

    def control(tunnel: int, numbers: tuple[int, int], pairs: bytes) -> bytes:
        head = struct.pack("!6H", 0xC802, 12 + len(pairs), tunnel, 0, *numbers)
        return over_udp(1701, head + pairs, 1701)

    def data(flags: int, *words: int, payload: bytes = PPP_PING, rest: bytes = b"") -> bytes:
        head = struct.pack(f"!{len(words) + 1}H", flags | 2, *words)
        return over_udp(1701, head + rest + payload, 1701)

    def third(pairs: bytes) -> bytes:
        return struct.pack("!HHIHH", 0xC803, 12 + len(pairs), 77, 1, 2) + pairs

    size = len(PPP_PING)
    start = pair(0, b"\0\1") + pair(2, b"\1\0") + pair(7, b"lac.example") + pair(9, b"\0\5")
    return [
        control(0, (0, 0), start + pair(8, b"vendor")),
        control(5, (0, 1), pair(0, b"\0\2") + pair(7, b"lns") + pair(9, bytes(8), 0xC000)),
        control(6, (1, 1), b""),
        control(6, (1, 1), pair(0, b"\0\x0a") + pair(1, b"text", vendor=9)),
        data(0, 6, 9),
        data(0x4000, size + 8, 6, 9),
        data(0x0800, 6, 9, 3, 4),
        data(0x0200, 6, 9, 0),
        data(0x4A00, size + 18, 6, 9, 3, 4, 4, rest=b"pad!"),
        data(0x0100, 6, 9),
        data(0, 6, 9, payload=b"\0\x21" + PING),
        data(0, 6, 9, payload=b"\x57" + PING6),
        data(0, 6, 9, payload=b"\xc0\x21\1\1\0\4"),
        data(0x0200, 6, 9, 400),  # an offset past the end
        over_udp(1701, third(pair(0, b"\0\1") + pair(7, b"lcc")), 1701),
        over_udp(1701, struct.pack("!HHI", 3, 0, 9) + inner(), 1701),
        over_ip(L2TP, word(9) + inner()),
        over_ip(L2TP, word(0) + third(pair(0, b"\0\1"))),
        over_udp(1701, b"of others", 1701),
    ]


def ipsec() -> list[bytes]:
    def ah(following: int, payload: bytes, check: int = 12) -> bytes:
        head = struct.pack("!BBHII", following, check // 4 + 1, 0, 0x100, 7)
        return head + bytes(range(check)) + payload

    def esp(spi: int = 0x1234, size: int = 40) -> bytes:
        return struct.pack("!II", spi, 9) + bytes(range(size))

    def over_ip6(proto: int, payload: bytes) -> bytes:
        return ethernet(ETH_IP6, ip6(A6, B6, proto, payload))

    def natted(payload: bytes) -> bytes:
        return over_udp(4500, payload, 4500)

    echo = PING[20:]
    echo6 = icmp6(A6, B6, 128, 0, ECHO)
    padding = b"\1\4\0\0\0\0"
    headers = [
        ah(1, echo),
        ah(4, PING),
        ah(41, PING6),
        ah(ESP, esp()),
        ah(UDP, udp(A, B, (40000, 40001), b"datagram")),
        ah(99, b"of no protocol"),
        ah(1, echo, 0),
        ah(1, echo, 32),
        ah(AH, ah(1, echo)),
        ah(IP6_NONE, b""),
    ]
    headers6 = [
        ah(ICMP6, echo6),
        ah(41, PING6),
        ah(4, PING),
        ah(IP6_OPTIONS, bytes((ICMP6, 0)) + padding + echo6, 16),
        ah(UDP, udp(A6, B6, (40000, 40001), b"datagram")),
        ah(99, b"of no protocol"),
        ah(AH, ah(ICMP6, echo6)),
    ]
    frames = [over_ip(AH, header) for header in headers]
    frames += [over_ip6(AH, header) for header in headers6]
    return frames + [
        over_ip6(IP6_OPTIONS, bytes((AH, 0)) + padding + ah(ICMP6, echo6)),
        over_ip(ESP, esp()),
        over_ip(ESP, esp(0xFFFFFFFF, 0)),
        over_ip6(ESP, esp()),
        natted(esp()),
        natted(b"\xff"),
        natted(bytes(4)),
    ]


send("eth0", *{"gre": gre, "erspan": erspan, "l2tp": l2tp, "ipsec": ipsec}[sys.argv[1]]())
