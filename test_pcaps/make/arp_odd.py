#!/usr/bin/python3
# arp_odd.py -- ARP and RARP messages that no program at hand sends.
# SPDX-License-Identifier: Apache-2.0

import struct

from packet import BROADCAST, ETH_ARP, ETH_IP, ETH_RARP, MAC_A, MAC_B, addr, ethernet, mac, send

ETHERNET, EXPERIMENTAL, CHAOS, INFINIBAND, EUI64 = 1, 2, 5, 32, 27
A, B, NOBODY = addr("10.0.0.4"), addr("10.0.0.80"), bytes(4)
ma, mb, unknown = mac(MAC_A), mac(MAC_B), bytes(6)


def arp(
    op: int,
    sender: tuple[bytes, bytes],
    target: tuple[bytes, bytes],
    hw: int = ETHERNET,
    proto: int = ETH_IP,
) -> bytes:
    head = struct.pack("!HHBBH", hw, proto, len(sender[0]), len(sender[1]), op)
    return head + b"".join(sender) + b"".join(target)


def padded(frame: bytes, filler: bytes = b"\0") -> bytes:
    return frame + filler * (60 - len(frame))


send(
    "eth0",
    # As a network card sends them: padded to 60 bytes, once with what lay in its memory.
    padded(ethernet(ETH_ARP, arp(1, (ma, A), (unknown, B)), BROADCAST)),
    padded(ethernet(ETH_ARP, arp(2, (mb, B), (ma, A)), MAC_A, MAC_B), b"\xa5"),
    ethernet(ETH_RARP, arp(3, (ma, NOBODY), (ma, NOBODY)), BROADCAST),
    ethernet(ETH_RARP, arp(4, (mb, B), (ma, A)), MAC_A, MAC_B),
    ethernet(ETH_ARP, arp(8, (ma, A), (mb, NOBODY))),
    ethernet(ETH_ARP, arp(9, (mb, B), (ma, A)), MAC_A, MAC_B),
    ethernet(ETH_ARP, arp(1, (bytes(range(20)), A), (bytes(20), B), INFINIBAND), BROADCAST),
    ethernet(ETH_ARP, arp(1, (bytes(range(8)), A), (bytes(8), B), EUI64), BROADCAST),
    ethernet(ETH_ARP, arp(1, (ma, b"\x12\x34"), (unknown, b"\x56\x78"), CHAOS, 0x0804), BROADCAST),
    ethernet(ETH_ARP, arp(24, (ma, A), (unknown, B), EXPERIMENTAL), BROADCAST),
)
