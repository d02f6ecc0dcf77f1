#!/usr/bin/python3
# wg_odd.py -- cookies, messages on other ports, and what only looks like WireGuard.
# SPDX-License-Identifier: Apache-2.0

import struct

from packet import ETH_IP, UDP, ethernet, ip4, send, udp

A, B = "10.0.0.4", "10.0.0.80"


def datagram(data: bytes, ports: tuple[int, int] = (51820, 40821)) -> bytes:
    return ethernet(ETH_IP, ip4(A, B, UDP, udp(A, B, ports, data)))


def message(kind: int, length: int, *sessions: int, reserved: int = 0) -> bytes:
    head = struct.pack(f"<I{len(sessions)}I", reserved << 8 | kind, *sessions)
    return head + bytes(i * 7 & 255 for i in range(length - len(head)))


COUNTED = message(4, 8, 9) + struct.pack("<Q", 2**63 + 5) + bytes(16)
send("eth0",
     datagram(message(3, 64, 0x11223344)),
     datagram(message(3, 64, 0x11223344), (40000, 40001)),
     datagram(message(1, 148, 1), (40002, 40003)),
     datagram(message(2, 92, 2, 1), (40004, 40005)),
     datagram(COUNTED),
     datagram(message(1, 147, 1), (40006, 40007)),
     datagram(message(5, 64, 1), (51820, 40008)),
     datagram(message(4, 64, 1, reserved=1), (51820, 40009)),
     datagram(b"\4\0\0\0", (51820, 40010)),
     datagram(b"text on the port", (51820, 40011)))
