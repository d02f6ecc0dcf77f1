# tunnel_parts.py -- what the tunnels of tunnel_*.py carry, and headers that several of them carry.
# SPDX-License-Identifier: Apache-2.0

import struct

from packet import (
    ETH_IP,
    ICMP,
    ICMP6,
    UDP,
    ethernet,
    icmp,
    icmp6,
    ip4,
    ip6,
    udp,
)

A, B, A6, B6 = "10.0.0.4", "10.0.0.80", "2001:db8::4", "2001:db8::80"
IN_A, IN_B, IN_A6, IN_B6 = "192.0.2.1", "192.0.2.2", "2001:db8:1::1", "2001:db8:1::2"
# Of the block for documentation (RFC 7042): its first bytes are assigned, which tshark looks for.
IN_MAC_A, IN_MAC_B = "00:00:5e:00:53:0a", "00:00:5e:00:53:0b"
ECHO = b"\0\1\0\1in the tunnel"
PING = ip4(IN_A, IN_B, ICMP, icmp(8, 0, ECHO[:4], ECHO[4:]))
PING6 = ip6(IN_A6, IN_B6, ICMP6, icmp6(IN_A6, IN_B6, 128, 0, ECHO))
NAME = ip4(IN_A, IN_B, UDP, udp(IN_A, IN_B, (40000, 40001), b"datagram"))
NAME6 = ip6(IN_A6, IN_B6, UDP, udp(IN_A6, IN_B6, (40000, 40001), b"datagram"))
TAG = struct.pack("!HH", 7, ETH_IP)


def inner(kind: int = ETH_IP, payload: bytes = PING) -> bytes:
    return ethernet(kind, payload, IN_MAC_B, IN_MAC_A)


def word(value: int) -> bytes:
    return struct.pack("!I", value)


def label(number: int, bottom: bool = True, exp: int = 0, ttl: int = 64) -> bytes:
    return word(number << 12 | exp << 9 | bottom << 8 | ttl)


def service(following: int, rest: bytes, length: int = 2, kind: int = 2, ttl: int = 63) -> bytes:
    """A network service header: path 5, index 254."""
    return struct.pack("!HBBI", ttl << 6 | length, kind, following, 5 << 8 | 254) + rest


def over_ip(proto: int, payload: bytes) -> bytes:
    return ethernet(ETH_IP, ip4(A, B, proto, payload))


def over_udp(port: int, payload: bytes, source: int = 50000) -> bytes:
    return over_ip(UDP, udp(A, B, (source, port), payload))
