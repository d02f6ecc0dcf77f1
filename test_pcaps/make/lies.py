# lies.py -- packets whose length fields, pointers and counts do not tell the truth.
# SPDX-License-Identifier: Apache-2.0
"""bad.py writes them to bad/lies.pcap in this order."""

import itertools
import struct
from functools import reduce

from packet import (
    ACK,
    BROADCAST,
    ETH_ARP,
    ETH_IP,
    ETH_IP6,
    ICMP,
    ICMP6,
    IP6_FRAGMENT,
    IP6_OPTIONS,
    PSH,
)
from packet import SYN, TCP, UDP, addr, ethernet, icmp, icmp6, ip4, ip6, mac, tcp, udp

A, B, A6, B6 = "10.0.0.4", "10.0.0.80", "2001:db8::4", "2001:db8::80"
PORTS = (40000, 9)
# A flow of its own for each message: a decoder is not to take one for the repetition of another.
source_port = itertools.count(41000)
ETH_VLAN, ETH_MPLS, ETH_QINQ = 0x8100, 0x8847, 0x88A8
DATAGRAM = udp(A, B, PORTS, b"payload")
DATAGRAM_V4 = ip4(A, B, UDP, DATAGRAM)
EXTENSION = bytes.fromhex("2000 bb35 0008 0101 00018140".replace(" ", ""))
MDNS_HEAD = struct.pack("!6H", 0, 0x8400, 0, 1, 0, 0)
MDNS_ADDRESS = struct.pack("!HHIH", 1, 0x8001, 120, 4) + addr(A)
SEGMENT = tcp(A, B, (40000, 80), ACK, b"payload")


def v4(proto: int, data: bytes, **field: int | bytes) -> bytes:
    return ethernet(ETH_IP, ip4(A, B, proto, data, **field))


def v6(following: int, data: bytes, **field: int) -> bytes:
    return ethernet(ETH_IP6, ip6(A6, B6, following, data, **field))


def dns(data: bytes) -> bytes:
    return v4(UDP, udp(A, B, (next(source_port), 53), data))


def stream(port: int, data: bytes) -> bytes:
    return v4(TCP, tcp(A, B, (next(source_port), port), ACK | PSH, data))


def http(data: bytes) -> bytes:
    return stream(80, data)


def tls(data: bytes) -> bytes:
    return stream(443, data)


def nd_option(data: bytes) -> bytes:
    return v6(ICMP6, icmp6(A6, B6, 135, 0, bytes(4) + addr(B6) + data), hlim=255)


LINK = {
    "a frame of 13 bytes": ethernet(ETH_IP, b"")[:13],
    "Ethernet without anything behind": ethernet(ETH_IP, b""),
    "802.3 length beyond the frame": ethernet(1400, b"\x42\x42\x03" + bytes(20)),
    "type 1501..1535, which is neither": ethernet(1510, bytes(20)),
    "VLAN tag cut": ethernet(ETH_VLAN, b"\x00\x64"),
    "VLAN tag, then nothing": ethernet(ETH_VLAN, b"\x00\x64\x08\x00"),
    "20 VLAN tags": ethernet(
        ETH_VLAN, b"\x00\x01\x81\x00" * 19 + b"\x00\x01\x08\x00" + ip4(A, B, UDP, DATAGRAM)
    ),
    "802.1ad tag cut": ethernet(ETH_QINQ, b"\x00"),
    "MPLS without a bottom": ethernet(ETH_MPLS, b"\x00\x01\x00\x40" * 20),
    "ARP cut": ethernet(ETH_ARP, struct.pack("!HHBBH", 1, ETH_IP, 6, 4, 1) + bytes(7), BROADCAST),
    "ARP with addresses of 255 bytes": ethernet(
        ETH_ARP, struct.pack("!HHBBH", 1, ETH_IP, 255, 255, 1) + bytes(20), BROADCAST
    ),
    "ARP with addresses of 0 bytes": ethernet(
        ETH_ARP, struct.pack("!HHBBH", 1, ETH_IP, 0, 0, 1), BROADCAST
    ),
}

NETWORK = {
    "IP total length beyond the frame": v4(UDP, DATAGRAM, length=1000),
    "IP total length inside the UDP header": v4(UDP, DATAGRAM, length=24),
    "IP total length below the header": v4(UDP, DATAGRAM, length=12),
    "IP total length 0": v4(UDP, DATAGRAM, length=0),
    "IP header of 16 bytes": v4(UDP, DATAGRAM, words=4),
    "IP header of 0 bytes": v4(UDP, DATAGRAM, words=0),
    "IP header of 60 bytes in a shorter packet": v4(UDP, DATAGRAM, words=15),
    "IP version 5": v4(UDP, DATAGRAM, version=5),
    "IP version 6 under the type of version 4": ethernet(
        ETH_IP, ip6(A6, B6, UDP, udp(A6, B6, PORTS, b"x"))
    ),
    "IP option of length 0": v4(UDP, DATAGRAM, options=b"\x07\x00\x04\x00"),
    "IP option of length 1": v4(UDP, DATAGRAM, options=b"\x44\x01\x05\x00"),
    "IP option beyond the header": v4(UDP, DATAGRAM, options=b"\x07\x27\x04\x00"),
    "IP in IP, 20 deep": ethernet(
        ETH_IP, reduce(lambda inner, _: ip4(A, B, 4, inner), range(19), ip4(A, B, UDP, DATAGRAM))
    ),
    "IPv6 payload length beyond the frame": v6(UDP, DATAGRAM, length=1000),
    "IPv6 payload length below UDP": v6(UDP, DATAGRAM, length=4),
    "IPv6 payload length 0": v6(UDP, DATAGRAM, length=0),
    "IPv6 header cut": ethernet(ETH_IP6, ip6(A6, B6, UDP, b"")[:30]),
    "IPv6 options beyond the packet": v6(IP6_OPTIONS, bytes((UDP, 200)) + bytes(14)),
    "IPv6 option beyond its header": v6(IP6_OPTIONS, bytes((UDP, 0, 5, 200)) + bytes(4) + DATAGRAM),
    "60 IPv6 extension headers": v6(
        IP6_OPTIONS,
        (bytes((IP6_OPTIONS, 0, 1, 4)) + bytes(4)) * 59
        + bytes((UDP, 0, 1, 4))
        + bytes(4)
        + DATAGRAM,
    ),
    "IPv6 fragment header cut": v6(IP6_FRAGMENT, b"\x11\x00\x00"),
    "IPv6 routing header with more segments left than it has": v6(
        43, bytes((UDP, 2, 0, 200)) + bytes(20) + DATAGRAM
    ),
    "ICMP of 3 bytes": v4(ICMP, b"\x08\x00\x00"),
    "ICMP error that quotes 5 bytes": v4(ICMP, icmp(3, 3, bytes(4), b"\x45\x00\x00\x00\x00")),
    "ICMP error whose quoted packet lies": v4(
        ICMP, icmp(3, 3, bytes(4), ip4(A, B, UDP, DATAGRAM, words=15))
    ),
    "ICMP error in an ICMP error, 8 deep": v4(
        ICMP,
        reduce(lambda inner, _: icmp(3, 1, bytes(4), ip4(A, B, ICMP, inner)), range(7), icmp(8, 0)),
    ),
    "neighbour solicitation with an option of length 0": nd_option(bytes(8)),
    "neighbour solicitation with an option beyond its end": nd_option(
        b"\x01\xff" + mac("02:00:00:00:00:0a")
    ),
    "multicast report that claims 65535 records": v6(
        ICMP6, icmp6(A6, B6, 143, 0, b"\0\0\xff\xff" + bytes(20)), hlim=1
    ),
}

TRANSPORT = {
    "UDP length 3": v4(UDP, udp(A, B, PORTS, b"payload", length=3)),
    "UDP length 0": v4(UDP, udp(A, B, PORTS, b"payload", length=0)),
    "UDP length 60000": v4(UDP, udp(A, B, PORTS, b"payload", length=60000)),
    "UDP header cut": v4(UDP, DATAGRAM[:5]),
    "TCP data offset 2": v4(TCP, tcp(A, B, PORTS, ACK, b"payload", words=2)),
    "TCP data offset 15 beyond the segment": v4(TCP, tcp(A, B, PORTS, ACK, b"payload", words=15)),
    "TCP data offset 0": v4(TCP, tcp(A, B, PORTS, ACK, b"payload", words=0)),
    "TCP header cut": v4(TCP, SEGMENT[:11]),
    "TCP option of length 0": v4(TCP, tcp(A, B, PORTS, SYN, options=b"\x02\x00\x05\xb4")),
    "TCP option of length 1": v4(TCP, tcp(A, B, PORTS, SYN, options=b"\x08\x01\x00\x00")),
    "TCP option beyond the header": v4(TCP, tcp(A, B, PORTS, SYN, options=b"\x01\x01\x05\xff")),
    "bad checksums everywhere": v4(UDP, DATAGRAM[:6] + b"\xde\xad" + DATAGRAM[8:])[:24]
    + b"\xbe\xef"
    + v4(UDP, DATAGRAM[:6] + b"\xde\xad" + DATAGRAM[8:])[26:],
}

QUERY = struct.pack("!6H", 1, 0x0100, 1, 0, 0, 0)
ANSWER = struct.pack("!6H", 1, 0x8180, 1, 1, 0, 0)
EXAMPLE = b"\x07example\x04test\x00\x00\x01\x00\x01"

APPLICATION = {
    "DNS header cut": dns(QUERY[:7]),
    "DNS name that points to itself": dns(QUERY + b"\xc0\x0c\x00\x01\x00\x01"),
    "DNS names that point to each other": dns(QUERY + b"\xc0\x0e\xc0\x0c\x00\x01\x00\x01"),
    "DNS name that points beyond the message": dns(QUERY + b"\xc3\xff\x00\x01\x00\x01"),
    "DNS label beyond the message": dns(QUERY + b"\x3fshort"),
    "DNS label of a type that nobody has": dns(QUERY + b"\x80abc\x00\x00\x01\x00\x01"),
    "DNS name of 300 bytes": dns(QUERY + (b"\x3b" + b"x" * 59) * 5 + b"\x00\x00\x01\x00\x01"),
    "DNS that claims 65535 questions": dns(struct.pack("!6H", 1, 0x0100, 65535, 0, 0, 0) + EXAMPLE),
    "DNS that claims 65535 answers": dns(
        struct.pack("!6H", 1, 0x8180, 1, 65535, 65535, 65535) + EXAMPLE
    ),
    "DNS record data beyond the message": dns(
        ANSWER + EXAMPLE + struct.pack("!HHHIH", 0xC00C, 1, 1, 60, 500) + bytes(4)
    ),
    "DNS address of 3 bytes": dns(
        ANSWER + EXAMPLE + struct.pack("!HHHIH", 0xC00C, 1, 1, 60, 3) + bytes(3)
    ),
    "DNS text beyond its record": dns(
        ANSWER + EXAMPLE + struct.pack("!HHHIH", 0xC00C, 16, 1, 60, 4) + b"\xffabc"
    ),
    "DNS over TCP that claims 65535 bytes": stream(53, b"\xff\xff" + QUERY + EXAMPLE),
    "DNS over TCP of length 0": stream(53, b"\x00\x00" + QUERY),
    "not DNS at all on port 53": dns(b"GET / HTTP/1.0\r\n\r\n"),
    "HTTP without an end": http(
        b"GET /endless HTTP/1.1\r\nHost: www.example.com\r\nX-Cut: and then no"
    ),
    "HTTP start line without an end": http(b"GET /" + b"a" * 1200),
    "HTTP with 210 headers": http(
        b"GET / HTTP/1.1\r\n" + b"".join(b"X%d: 1\r\n" % i for i in range(210)) + b"\r\n"
    ),
    "HTTP with a length that is none": http(b"HTTP/1.1 200 OK\r\nContent-Length: -7\r\n\r\nbody"),
    "HTTP with a length beyond 64 bits": http(
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n"
    ),
    "HTTP status that is no number": http(b"HTTP/1.1 2x0 What\r\n\r\n"),
    "HTTP with NUL bytes": http(b"GET /\0\0 HTTP/1.1\r\nHost: a\0b\r\n\0: \0\r\n\r\n"),
    "HTTP that repeats the start line": http(b"GET / HTTP/1.1\r\n" * 40),
    "TLS record of 65535 bytes": tls(b"\x16\x03\x01\xff\xff\x01\x00\x00\x10" + bytes(40)),
    "TLS hello longer than its record": tls(
        b"\x16\x03\x01\x00\x2c\x01\xff\xff\xff\x03\x03" + bytes(38)
    ),
    "TLS session id beyond the hello": tls(
        b"\x16\x03\x01\x00\x2b\x01\x00\x00\x27\x03\x03" + bytes(32) + b"\xff" + bytes(4)
    ),
    "TLS odd length of ciphers": tls(
        b"\x16\x03\x01\x00\x32\x01\x00\x00\x2e\x03\x03"
        + bytes(33)
        + b"\x00\x03\x13\x01\x13\x01\x00\x00\x04\x00\x00\x00\x00"
    ),
    "TLS extension beyond the hello": tls(
        b"\x16\x03\x01\x00\x31\x01\x00\x00\x2d\x03\x03"
        + bytes(33)
        + b"\x00\x02\x13\x01\x01\x00\x00\x04\x00\x00\xff\xff"
    ),
    "TLS record of length 0, forty times": tls(b"\x17\x03\x03\x00\x00" * 40),
}

# What other people's generators and odd networks send; lies, if at all, of one field.
STRANGE = {
    "authentication header of 0 words": v6(51, struct.pack("!BBHII", UDP, 0, 0, 9, 0) + DATAGRAM),
    "authentication header of 0 words, IPv4": v4(51, bytes((UDP, 0)) + bytes(6) + DATAGRAM),
    "frame too long for a length": ethernet(0x8870, b"\xaa\xaa\x03\0\0\0\x08\0" + DATAGRAM_V4),
    "two service tags, then 802.1ah": ethernet(
        ETH_QINQ,
        struct.pack("!HHHHI", 5, ETH_QINQ, 6, 0x88E7, 7) + ethernet(ETH_IP, DATAGRAM_V4),
    ),
    "SCTP data shorter than its fields, then more": v4(
        132, struct.pack("!HHII", 9, 9, 7, 0) + b"\x40\0\0\x08" + bytes(4) + b"\x0b\0\0\x04"
    ),
    "source quench with an extension": v4(
        ICMP, icmp(4, 0, payload=DATAGRAM_V4.ljust(128, b"\0") + EXTENSION)
    ),
    "the rest of something on the port of RDP": stream(3389, b"\x05\x64\x05\xc0\x01\0\0\x04"),
    "mDNS response on a port of its own": v4(
        UDP, udp(A, B, (41999, 41998), MDNS_HEAD + b"\x01a\x05local\0" + MDNS_ADDRESS)
    ),
}

PACKETS = LINK | NETWORK | TRANSPORT | APPLICATION | STRANGE
