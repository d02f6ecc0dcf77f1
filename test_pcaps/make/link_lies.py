#!/usr/bin/python3
# link_lies.py -- broken packets of DHCPv6, BGP, IKE, EAP, LACP, CAPWAP and DCCP, each with one lie.
# SPDX-License-Identifier: Apache-2.0
"""usage: link_lies.py OUTPUT"""

import struct
import sys

import linkfile
from packet import ACK, ETH_IP, PSH, TCP, UDP, ethernet, ip4, ip6, tcp, udp

ETHERNET, ETH_IP6, EAPOL, SLOW, DCCP, IPCOMP = 1, 0x86DD, 0x888E, 0x8809, 33, 108
A, B, A6, B6 = "10.0.0.4", "10.0.0.80", "fe80::4", "fe80::80"


def dhcpv6(data: bytes) -> bytes:
    return ethernet(ETH_IP6, ip6(A6, B6, UDP, udp(A6, B6, (546, 547), data)))


def option(code: int, value: bytes = b"", length: int | None = None) -> bytes:
    return struct.pack("!HH", code, len(value) if length is None else length) + value


def deep(levels: int) -> bytes:
    data = b"\1\0\0\7"
    for _ in range(levels):
        data = b"\x0c\0" + bytes(32) + option(9, data)
    return data


def nested(levels: int) -> bytes:
    data = b""
    for _ in range(levels):
        data = option(45, data)
    return b"\1\0\0\7" + data


def bgp(body: bytes, kind: int = 2, length: int | None = None) -> bytes:
    size = 19 + len(body) if length is None else length
    data = b"\xff" * 16 + struct.pack("!HB", size, kind) + body
    return ethernet(ETH_IP, ip4(A, B, TCP, tcp(A, B, (50000, 179), PSH | ACK, data)))


def datagram(port: int, data: bytes) -> bytes:
    return ethernet(ETH_IP, ip4(A, B, UDP, udp(A, B, (port, port), data)))


def ike(first: int, body: bytes, length: int | None = None, version: int = 0x20) -> bytes:
    size = 28 + len(body) if length is None else length
    head = bytes(range(16)) + struct.pack("!BBBBII", first, version, 34, 8, 0, size)
    return datagram(500, head + body)


def over_ip(proto: int, data: bytes) -> bytes:
    return ethernet(ETH_IP, ip4(A, B, proto, data))


lies = [
    dhcpv6(b"\1\0\0"),
    dhcpv6(b"\1\0\0\7" + option(6, b"\0\x17", 9)),
    dhcpv6(b"\1\0\0\7" + option(3, b"short") + option(5, b"short") + option(26, b"short")),
    dhcpv6(b"\1\0\0\7" + option(39, b"\0\x09cut") + option(39) + option(1, b"\0")),
    dhcpv6(b"\1\0\0\7" + option(23, bytes(17)) + option(8, b"\0\1\2") + option(6, b"\0\x17\0")),
    dhcpv6(deep(12)),
    dhcpv6(nested(20)),
    bgp(b"", 4, 18),
    bgp(b"", 4, 5000),
    bgp(b"\0\x09\x18\x0a\0"),
    bgp(b"\0\0\0\x20\x40\1\1\0"),
    bgp(b"\0\0\0\4\x40\1\x09\0"),
    bgp(b"\0\0\0\0\x21\x0a\0\0\0\1"),
    bgp(b"\4\xfb", 1),
    ike(33, b"\0\0\0\3"),
    ike(33, b"\x29\0\0\x40" + bytes(8)),
    ike(33, b"\0\0\0\x0c\0\0\0\x08\1\1\0\x09"),
    ike(43, b"", 20),
    ike(43, b"\0\0\0\x08vend", 4000),
    ethernet(EAPOL, b"\2\0\0\x40" + b"\2\1\0\x09\1alic"),
    ethernet(EAPOL, b"\2\0\0\x09" + b"\2\1\1\0\1alic"),
    ethernet(EAPOL, b"\2\0"),
    ethernet(SLOW, b"\1\1\1\1\0\0"),
    ethernet(SLOW, b"\1\1\1\x30" + bytes(20)),
    ethernet(SLOW, b"\1\1\1\x06" + bytes(20)),
    datagram(5247, b"\0\0\2\0\0\0\0\0"),
    datagram(5247, b"\0\xf8\2\0\0\0\0\0" + bytes(8)),
    datagram(5246, b"\0\x10\2\0\0\0\0\0\0\0"),
    over_ip(DCCP, struct.pack("!HHBBHB", 1, 2, 2, 0, 0, 1) + bytes(15)),
    over_ip(DCCP, struct.pack("!HHBBHB", 1, 2, 99, 0, 0, 1) + bytes(15)),
    over_ip(DCCP, struct.pack("!HHBB", 1, 2, 4, 0)),
    over_ip(IPCOMP, b"\6\0"),
]
linkfile.write(sys.argv[1], ETHERNET, lies)
