#!/usr/bin/python3
# ipv6_ext.py -- IPv6 extension headers: the kernel's own where it has them, the others by hand.
# SPDX-License-Identifier: Apache-2.0
"""usage: ipv6_ext.py kernel | hand | jumbo"""

import socket
import struct
import sys

from packet import (
    AH,
    ETH_IP6,
    ICMP6,
    IP6_FRAGMENT,
    IP6_NONE,
    IP6_OPTIONS,
    UDP,
    addr,
    ethernet,
    icmp6,
)
from packet import ip6, pad, send, udp

A, B = "2001:db8:4::4", "2001:db8:4::80"
HOP_BY_HOP, ROUTING, MOBILITY, HIP, SHIM6 = 0, 43, 135, 139, 140
PORTS = (40000, 9)
DATAGRAM = udp(A, B, PORTS, b"espcap")
# The checksum is over the addresses at the two ends of the way, whatever the header says now.
HOME, LAST = "2001:db8:4::6", "2001:db8:4::7"
TO_HOME, TO_LAST, FROM_HOME = (
    udp(*ends, PORTS, b"espcap") for ends in ((A, HOME), (A, LAST), (HOME, B))
)


def options(following: int, *parts: bytes) -> bytes:
    """An options header: next header, length, the options, padding."""
    data = b"".join(parts)
    missing = -(2 + len(data)) % 8
    if missing:
        data += b"\0" if missing == 1 else struct.pack("!BB", 1, missing - 2) + bytes(missing - 2)
    return struct.pack("!BB", following, (2 + len(data)) // 8 - 1) + data


def option(kind: int, data: bytes) -> bytes:
    return struct.pack("!BB", kind, len(data)) + data


def routing(following: int, kind: int, left: int, data: bytes) -> bytes:
    return struct.pack("!BBBB", following, (4 + len(data)) // 8 - 1, kind, left) + data


def fragment(following: int, offset: int, more: bool, ident: int) -> bytes:
    return struct.pack("!BBHI", following, 0, offset << 3 | more, ident)


def out(following: int, payload: bytes, **field: int) -> bytes:
    return ethernet(ETH_IP6, ip6(A, B, following, payload, **field))


def kernel() -> None:
    settings = [
        (socket.IPV6_HOPOPTS, options(0, option(5, b"\0\0"))),
        (socket.IPV6_DSTOPTS, options(0, option(0x1E, b"espc"))),
    ]
    for name, value in settings:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.setsockopt(socket.IPPROTO_IPV6, name, value)
            sock.sendto(b"espcap", (B, 9))
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        for name, value in settings:
            sock.setsockopt(socket.IPPROTO_IPV6, name, value)
        sock.sendto(b"x" * 2000, (B, 9))


def hand() -> None:
    home = routing(UDP, 2, 1, bytes(4) + addr(HOME))
    old = routing(UDP, 0, 1, bytes(4) + addr(HOME) + addr(LAST))
    segments = struct.pack("!BBH", 1, 0, 7) + addr(B) + addr(HOME)
    rpl = routing(UDP, 3, 1, bytes.fromhex("cc400000") + addr(HOME)[12:] + bytes(4))
    icv = bytes(range(12))
    echo = icmp6(A, B, 128, 0, struct.pack("!HH", 7, 1) + b"espcap")
    authentication = struct.pack("!BBHII", UDP, 4, 0, 0x1234, 1) + icv
    chain = options(IP6_OPTIONS, option(5, b"\0\0")) + options(ROUTING, option(4, b"\2"))
    chain += routing(IP6_FRAGMENT, 4, 1, segments) + fragment(AH, 0, False, 9)
    chain += struct.pack("!BBHII", IP6_OPTIONS, 4, 0, 0x1234, 2) + icv + options(UDP) + DATAGRAM
    send(
        "eth0",
        out(ROUTING, home + TO_HOME),
        out(ROUTING, old + TO_LAST),
        out(ROUTING, routing(UDP, 4, 1, segments) + DATAGRAM),
        out(ROUTING, rpl + TO_HOME),
        out(ROUTING, routing(IP6_NONE, 253, 0, bytes(4))),
        # The home address of a mobile host; quick start; tunnel limit; an option nobody knows.
        out(
            IP6_OPTIONS,
            options(UDP, b"\x01\x02\0\0", option(0xC9, addr(HOME))) + FROM_HOME,
        ),
        out(HOP_BY_HOP, options(UDP, option(0x26, bytes(6))) + DATAGRAM),
        out(HOP_BY_HOP, options(ICMP6, b"\0", option(0x3E, b"unknown"), b"\0\0") + echo),
        # One fragment that is the whole; then three that come in the wrong order.
        out(IP6_FRAGMENT, fragment(UDP, 0, False, 5) + DATAGRAM),
        *(
            out(
                IP6_FRAGMENT,
                fragment(UDP, at, at < 4, 6)
                + pad(udp(A, B, PORTS, bytes(30)), 8)[at * 8 : at * 8 + 16],
            )
            for at in (4, 0, 2)
        ),
        out(AH, authentication + DATAGRAM),
        out(MOBILITY, struct.pack("!BBBBHH", IP6_NONE, 0, 0, 0, 0, 0)),
        out(HIP, struct.pack("!BBBBHH", IP6_NONE, 4, 1, 0x11, 0, 0) + bytes(32)),
        out(SHIM6, struct.pack("!BBH", UDP, 0, 0x8000) + bytes(4) + DATAGRAM),
        out(HOP_BY_HOP, chain),
        out(IP6_NONE, b"bytes after the end"),
    )


def jumbo() -> None:
    """A jumbogram; only the loopback interface takes frames of this size."""
    size = option(0xC2, struct.pack("!I", 66000))
    data = options(UDP, size) + udp(A, B, PORTS, bytes(66000 - 8 - 8), length=0)
    send("lo", out(HOP_BY_HOP, data, length=0))


{"kernel": kernel, "hand": hand, "jumbo": jumbo}[sys.argv[1]]()
