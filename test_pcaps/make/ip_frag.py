#!/usr/bin/python3
# ip_frag.py -- fragments of IPv4 that no kernel makes.
# SPDX-License-Identifier: Apache-2.0

from packet import ETH_IP, MORE, SYN, TCP, UDP, ethernet, ip4, send, tcp, udp

A, B = "10.0.0.4", "10.0.0.53"
DONT, RESERVED = 0x4000, 0x8000


def out(proto: int, payload: bytes, frag: int, ident: int) -> bytes:
    return ethernet(ETH_IP, ip4(A, B, proto, payload, frag=frag, ident=ident))


whole = udp(A, B, (40000, 9), bytes(range(48)))
syn = tcp(A, B, (40001, 80), SYN, options=b"\x02\x04\x05\xb4")
send(
    "eth0",
    # The last before the first.
    out(UDP, whole[32:], 4, 1),
    out(UDP, whole[:32], MORE, 1),
    # A first fragment of 8 bytes, which cuts a TCP header; and one that overlaps another.
    out(TCP, syn[:8], MORE, 2),
    out(TCP, syn[8:], 1, 2),
    out(UDP, whole[:32], MORE, 3),
    out(UDP, whole[24:], 3, 3),
    # Flags that contradict each other, and the bit that nobody may set.
    out(UDP, whole[:32], MORE | DONT, 4),
    out(UDP, whole, RESERVED, 5),
    # The end of a datagram that would be longer than any may be.
    out(UDP, bytes(64), 0x1FFF, 6),
)
