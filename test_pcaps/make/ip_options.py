#!/usr/bin/python3
# ip_options.py -- IPv4 options: by the kernel where it takes them, the others by hand.
# SPDX-License-Identifier: Apache-2.0
"""usage: ip_options.py kernel | ip_options.py hand"""

import socket
import struct
import sys
import time

from packet import ETH_IP, UDP, addr, ethernet, ip4, send, udp

A, R, B = "10.0.0.4", "10.0.0.1", "198.51.100.81"
NOP, END = b"\x01", b"\0"


def option(kind: int, data: bytes) -> bytes:
    return struct.pack("!BB", kind, 2 + len(data)) + data


def route(kind: int, *hops: str, pointer: int = 4) -> bytes:
    return option(kind, bytes([pointer]) + b"".join(map(addr, hops)))


def kernel() -> None:
    settings = [
        # Loose and strict source route: the kernel takes the first hop out and puts the end in.
        NOP + route(0x83, R, B),
        NOP + route(0x89, R, B),
        option(0x94, b"\0\0"),
        route(7, "0.0.0.0", "0.0.0.0", "0.0.0.0") + END,
        option(0x44, b"\x05\0" + bytes(8)),
        option(0x44, b"\x05\x01" + bytes(16)),
    ]
    for value in settings:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, value)
            sock.sendto(b"espcap", (B, 9))
            time.sleep(0.05)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, addr("239.1.2.3") + addr(A))
        time.sleep(0.2)


def hand() -> None:
    datagram = udp(A, B, (40000, 9), b"espcap")
    security = option(0x82, struct.pack("!HHH", 0xF135, 0, 0) + b"\0\0\0")
    cipso = option(0x86, struct.pack("!I", 3) + option(1, b"\0\x01\xf0"))
    options = [
        security,
        option(0x85, b"\xab\x02"),
        option(0x88, struct.pack("!H", 7)),
        cipso,
        option(0x19, bytes(6)),
        option(0x52, struct.pack("!HHH", 1, 2, 3) + addr(A)),
        option(0x5E, b"unknown"),
        # A route that is at its end, a full record, a timestamp that overflowed.
        route(0x83, R, B, pointer=12),
        route(7, R, B, pointer=12),
        option(0x44, b"\x0d\x31" + addr(R) + struct.pack("!I", 36000000)),
        NOP * 3 + END + b"\xff\xff\xff\xff",
        END * 40,
        option(0x94, b"\0\x01") + NOP + route(7, "0.0.0.0") + option(0x94, b"\0\0"),
    ]
    send("eth0", *(ethernet(ETH_IP, ip4(A, B, UDP, datagram, options=value)) for value in options))


kernel() if sys.argv[1] == "kernel" else hand()
