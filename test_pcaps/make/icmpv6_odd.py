#!/usr/bin/python3
# icmpv6_odd.py -- ICMPv6 messages and their causes that no program at hand sends.
# SPDX-License-Identifier: Apache-2.0
"""usage: icmpv6_odd.py cause | groups (in space a), or answer | query (in space r)"""

import socket
import struct
import sys
import time

from packet import (
    ETH_IP6,
    ICMP6,
    IP6_FRAGMENT,
    IP6_NONE,
    IP6_OPTIONS,
    MAC_A,
    MAC_B,
    UDP,
    addr,
    ethernet,
)
from packet import icmp6, ip6, mac, send, udp

A, R, B = "2001:db8:4::4", "fe80::ff:fe00:b", "2001:db8:8::80"
ALL = "ff02::1"
ROUTER_ALERT = bytes.fromhex("3a00050200000100")


def multicast(dst: str, message: bytes, *, alert: bool = False) -> bytes:
    low = addr(dst)[12:].hex(":")
    packet = (
        ip6(R, dst, 0, ROUTER_ALERT + message, hlim=1)
        if alert
        else ip6(R, dst, ICMP6, message, hlim=255)
    )
    return ethernet(ETH_IP6, packet, "33:33:" + low, MAC_B)


def to_a(kind: int, code: int, rest: bytes, src: str = B) -> bytes:
    return ethernet(
        ETH_IP6, ip6(src, A, ICMP6, icmp6(src, A, kind, code, rest), hlim=255), MAC_A, MAC_B
    )


def out(following: int, payload: bytes, **field: int) -> bytes:
    return ethernet(ETH_IP6, ip6(A, B, following, payload, **field))


def cause() -> None:
    datagram = udp(A, B, (40000, 9), b"x" * 32)
    unknown_option = bytes((UDP, 0, 0x9E, 4)) + bytes(4)
    first = struct.pack("!BBHI", UDP, 0, 1, 77)
    send(
        "eth0",
        out(253, b"what is this"),
        out(IP6_OPTIONS, unknown_option + datagram),
        # A first fragment whose length is no multiple of 8, and one that stays alone.
        out(IP6_FRAGMENT, first + datagram[:21]),
        out(IP6_FRAGMENT, first + datagram[:24]),
        out(UDP, datagram, hlim=1),
        out(
            ICMP6,
            icmp6(
                A,
                B,
                160,
                0,
                struct.pack("!HBB", 8, 1, 1) + bytes.fromhex("20000000 000c0301") + b"eth0\0\0\0\0",
            ),
        ),
        out(IP6_NONE, b""),
    )
    time.sleep(1.5)


def answer() -> None:
    quoted = ip6(A, B, UDP, udp(A, B, (40000, 9), b"x" * 32))
    option = struct.pack("!BB", 2, 1) + mac(MAC_B)
    pref64 = struct.pack("!BBH", 38, 2, 600 & ~7) + addr("64:ff9b::")[:12]
    portal = struct.pack("!BB", 37, 4) + b"https://example.com/portal".ljust(30, b"\0")
    advert = struct.pack("!BBHII", 64, 0xC0, 1800, 0, 0) + pref64 + portal
    send(
        "eth0",
        multicast(ALL, icmp6(R, ALL, 134, 0, advert)),
        # Advertisements: solicited or not, of a router or not.
        to_a(136, 0, struct.pack("!I", 0xE << 28) + addr(B) + option),
        to_a(136, 0, struct.pack("!I", 0x2 << 28) + addr(B)),
        to_a(1, 5, bytes(4) + quoted),
        to_a(1, 2, bytes(4) + quoted),
        to_a(2, 0, struct.pack("!I", 1280) + quoted),
        to_a(139, 0, struct.pack("!HH", 2, 0) + bytes(8) + addr(A)),
        to_a(
            140,
            0,
            struct.pack("!HH", 2, 0) + bytes(8) + struct.pack("!I", 60) + b"\x01a\x04test\0\0",
        ),
        to_a(141, 0, bytes(4) + option),
        to_a(144, 0, struct.pack("!HH", 5, 0)),
        to_a(200, 1, b"\0\0\0\0private"),
    )


def query() -> None:
    group = "ff15::1234"
    send(
        "eth0",
        multicast(
            ALL,
            icmp6(
                R,
                ALL,
                130,
                0,
                struct.pack("!HH", 500, 0) + bytes(16) + struct.pack("!BBH", 2, 20, 0),
            ),
            alert=True,
        ),
        multicast(
            group,
            icmp6(
                R,
                group,
                130,
                0,
                struct.pack("!HH", 500, 0)
                + addr(group)
                + struct.pack("!BBH", 2, 20, 1)
                + addr("2001:db8::1"),
            ),
            alert=True,
        ),
        multicast(ALL, icmp6(R, ALL, 130, 0, struct.pack("!HH", 500, 0) + bytes(16)), alert=True),
        gap=0.7,
    )


def groups() -> None:
    """Joins and leaves groups, one of them for one source only; the kernel reports it."""
    index = socket.if_nametoindex("eth0")
    request = struct.pack("16si", addr("ff15::1234"), index)
    group, source = (
        struct.pack("=HHI16sI100x", socket.AF_INET6, 0, 0, addr(text), 0)
        for text in ("ff35::8000:1", "2001:db8:8::80")
    )
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, request)
        sock.setsockopt(socket.IPPROTO_IPV6, 46, struct.pack("=I4x", index) + group + source)
        time.sleep(1.5)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_LEAVE_GROUP, request)
        time.sleep(0.5)


{"cause": cause, "answer": answer, "query": query, "groups": groups}[sys.argv[1]]()
