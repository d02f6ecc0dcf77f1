# dnsmsg.py -- DNS messages from parts, for the scripts that speak mDNS and LLMNR by hand.
# SPDX-License-Identifier: Apache-2.0
"""Names are never compressed here; the real programs in the same captures do that."""

import socket
import struct

A, PTR, TXT, AAAA, ANY = 1, 12, 16, 28, 255
IN, FLUSH_OR_UNICAST = 1, 0x8000


def name(text: str) -> bytes:
    parts = [part.encode() for part in text.split(".") if part]
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def question(text: str, kind: int, dns_class: int = IN) -> bytes:
    return name(text) + struct.pack("!HH", kind, dns_class)


def record(text: str, kind: int, data: bytes, ttl: int = 120, dns_class: int = IN) -> bytes:
    return question(text, kind, dns_class) + struct.pack("!IH", ttl, len(data)) + data


def message(ident: int, flags: int, *sections: list[bytes]) -> bytes:
    """sections: up to four lists: questions, answers, authority, additional."""
    lists = [*sections, [], [], [], []][:4]
    header = struct.pack("!6H", ident, flags, *map(len, lists))
    return header + b"".join(b"".join(part) for part in lists)


def multicast_socket(family: int, interface: str, port: int) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    index = socket.if_nametoindex(interface)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
        sock.bind(("::", port))
    else:
        choice = struct.pack("4s4si", bytes(4), bytes(4), index)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, choice)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
        sock.bind(("", port))
    return sock
