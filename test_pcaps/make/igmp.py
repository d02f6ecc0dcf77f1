#!/usr/bin/python3
# igmp.py -- joins and leaves groups by sockets; by hand what no kernel at hand sends.
# SPDX-License-Identifier: Apache-2.0

import socket
import struct
import sys
import time

from packet import ETH_IP, MAC_B, UDP, addr, checksum, ethernet, ip4, send, udp

ADD_SOURCE, DROP_SOURCE, BLOCK = 39, 40, 38
LOCAL = "10.0.0.4"
IGMP, ROUTER_ALERT = 2, b"\x94\x04\0\0"


def membership(group: str) -> bytes:
    return addr(group) + addr(LOCAL)


def of_source(group: str, source: str) -> bytes:
    """As Linux orders them: group, interface, source."""
    return membership(group) + addr(source)


def joined(group: str, *changes: tuple[int, bytes]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for option, value in changes:
            sock.setsockopt(socket.IPPROTO_IP, option, value)
            time.sleep(0.7)
        time.sleep(1)


def plain() -> None:
    for group in ("239.1.2.3", "232.1.1.1"):
        joined(group, (socket.IP_ADD_MEMBERSHIP, membership(group)))
    time.sleep(2)


def sources() -> None:
    group = "239.4.5.6"
    joined(group, *((ADD_SOURCE, of_source(group, f"198.51.100.{i}")) for i in (1, 2, 3)),
           (DROP_SOURCE, of_source(group, "198.51.100.2")))
    joined(group, (socket.IP_ADD_MEMBERSHIP, membership(group)),
           (BLOCK, of_source(group, "192.0.2.1")))
    plain()


def message(kind: int, code: int, rest: bytes, dst: str = "224.0.0.1") -> bytes:
    head = struct.pack("!BBH", kind, code, 0) + rest
    head = head[:2] + struct.pack("!H", checksum(head)) + head[4:]
    packet = ip4("10.0.0.80", dst, IGMP, head, ttl=1, options=ROUTER_ALERT)
    return ethernet(ETH_IP, packet, "01:00:5e:00:00:01", MAC_B)


def record(kind: int, group: str, auxiliary: bytes, *froms: str) -> bytes:
    words = len(auxiliary) // 4
    return (struct.pack("!BBH", kind, words, len(froms)) + addr(group)
            + b"".join(map(addr, froms)) + auxiliary)


def pim_1() -> list[tuple[int, bytes]]:
    """PIM of version 1, each kind once."""
    group, mask, router, source = (addr(text) for text in ("239.7.7.7", "255.255.255.255", "10.0.0.80", "192.0.2.1"))
    joins = router + struct.pack("!HHBBBB", 0, 210, 0, 4, 32, 1) + group + mask
    joins += struct.pack("!HHBB", 1, 1, 4, 32) + source + b"\4\x20" + router
    inner = ip4("192.0.2.1", "239.7.7.7", UDP, udp("192.0.2.1", "239.7.7.7", (5000, 5001), b"hello"))
    return [
        (0, struct.pack("!HH", 0x2000, 105)),
        (1, inner),
        (2, group + source),
        (3, joins),
        (4, group + mask + router + struct.pack("!HH", 0, 270)),
        (5, group + mask + source + struct.pack("!II", 1 << 31 | 1, 2)),
        (6, joins),
        (7, joins),
    ]


def odd() -> None:
    group = addr("239.7.7.7")
    # From the port itself: the bridge would keep reports from a host.
    send(
        "eth0",
        message(0x11, 0, bytes(4)),  # version 1 asks
        message(0x11, 100, group, "239.7.7.7"),
        message(0x11, 0x80 | 3 << 4 | 5, group + struct.pack("!BBH", 0x0A, 125, 2)
                + addr("192.0.2.1") + addr("192.0.2.2")),
        message(0x22, 0, struct.pack("!HH", 0, 3)
                + record(1, "239.7.7.7", b"", "192.0.2.1")
                + record(4, "239.7.7.8", b"auxiliary!..")
                + record(6, "239.7.7.9", b"", "192.0.2.3", "192.0.2.4"), "224.0.0.22"),
        message(0x1F, 32, group + addr("192.0.2.1") + addr("192.0.2.9") + addr("10.0.0.80")
                + b"\x20\x00\x12\x34"),
        message(0x99, 1, b"a type of nobody"),
        *(message(0x14, code, b"\x10\0\0\0" + body) for code, body in pim_1()),
        message(0x14, 0, b"\x20\0\0\0\0\0\0\x69"),
        message(0x13, 1, bytes(8)),
    )


{"plain": plain, "sources": sources, "odd": odd}[sys.argv[1]]()
