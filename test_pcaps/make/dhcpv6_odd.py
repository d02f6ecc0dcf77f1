#!/usr/bin/python3
# dhcpv6_odd.py -- relays, prefixes, other names of clients, and lease queries.
# SPDX-License-Identifier: Apache-2.0

import struct

from packet import ACK, MAC_A, PSH, TCP, UDP, addr, ethernet, ip6, mac, send, tcp, udp

ETH_IP6 = 0x86DD
LINK, PEER, SERVERS = "fe80::ff:fe00:a", "fe80::ff:fe00:b", "ff02::1:2"
SOLICIT, ADVERTISE, REQUEST, CONFIRM, RENEW, REBIND, REPLY, RELEASE = range(1, 9)
DECLINE, RECONFIGURE, INFORMATION, FORWARD, BACK, QUERY, QUERY_REPLY = range(9, 16)


def option(code: int, value: bytes = b"") -> bytes:
    return struct.pack("!HH", code, len(value)) + value


def message(kind: int, *options: bytes) -> bytes:
    return struct.pack("!I", kind << 24 | 0xABC123) + b"".join(options)


def relayed(kind: int, hops: int, inner: bytes, *options: bytes) -> bytes:
    head = bytes([kind, hops]) + addr("2001:db8:1::1") + addr(PEER)
    return head + b"".join(options) + option(9, inner)


def address(text: str, *options: bytes) -> bytes:
    return option(5, addr(text) + struct.pack("!II", 600, 0xFFFFFFFF) + b"".join(options))


def prefix(text: str, length: int, *options: bytes) -> bytes:
    return option(26, struct.pack("!IIB", 600, 900, length) + addr(text) + b"".join(options))


def addresses(code: int, *options: bytes) -> bytes:
    times = b"" if code == 4 else struct.pack("!II", 300, 480)
    return option(code, struct.pack("!I", 0x0DECADE0) + times + b"".join(options))


def status(code: int, text: bytes = b"") -> bytes:
    return option(13, struct.pack("!H", code) + text)


def fqdn(flags: int, name: bytes) -> bytes:
    return option(39, bytes([flags]) + name)


def labels(*parts: bytes) -> bytes:
    return b"".join(bytes([len(part)]) + part for part in parts)


ME = option(1, struct.pack("!HH", 3, 1) + mac(MAC_A))
UUID = option(1, struct.pack("!H", 4) + bytes(range(16)))
MAKER = option(2, struct.pack("!HI", 2, 32473) + b"\x0c\xc0\x84")
LONG = option(1, struct.pack("!HHI", 1, 6, 700000000) + mac(MAC_A))
INFINIBAND = option(1, struct.pack("!HH", 3, 32) + bytes(range(20)))
SOLICITED = message(SOLICIT, ME, option(8, b"\0\x64"), option(6, struct.pack("!HHH", 23, 24, 39)),
                    addresses(25, prefix("::", 56)), option(14))

to_server = [
    SOLICITED,
    message(SOLICIT, UUID, addresses(4, address("2001:db8::9")), fqdn(1, labels(b"host") + b"\0")),
    message(REQUEST, LONG, MAKER, fqdn(4, labels(b"two", b"example", b"net") + b"\0"),
            option(16, struct.pack("!IH", 32473, 5) + b"kinds")),
    message(CONFIRM, INFINIBAND, addresses(3, address("2001:db8::7"))),
    message(RENEW, ME, addresses(25, prefix("2001:db8:2::", 56))),
    message(REBIND, ME, fqdn(0, labels(b"partial"))),
    message(DECLINE, ME, addresses(3, address("2001:db8::7"), address("2001:db8::8"))),
    relayed(FORWARD, 0, SOLICITED, option(18, b"ge-0/0/1.7"), option(37, struct.pack("!I", 9) + b"r")),
    relayed(FORWARD, 1, relayed(FORWARD, 0, SOLICITED, option(18, b"eth7"))),
    message(QUERY, ME, option(44, b"\1" + addr("::") + address("2001:db8::7"))),
    message(99, ME),
    message(INFORMATION, ME, option(8, b"\xff\xff")),
    message(SOLICIT, fqdn(0, labels(b"a" * 63, b"\xc3\xa9", b"b\0c", b"d.e") + b"\0"), b"\0"),
    message(SOLICIT, fqdn(0, labels(b"one") + b"\0" + labels(b"more") + b"\0")),
]
to_client = [
    message(ADVERTISE, MAKER, ME, addresses(25, prefix("2001:db8:2::", 56, status(0)))),
    message(REPLY, MAKER, ME, addresses(3, status(2, b"no address is free"))),
    message(REPLY, MAKER, ME, status(0, b"all is well"), addresses(3, address("2001:db8::7"))),
    message(RECONFIGURE, MAKER, ME, option(19, b"\5")),
    relayed(BACK, 0, message(REPLY, ME, status(5)), option(18, b"ge-0/0/1.7")),
    message(QUERY_REPLY, MAKER, option(45, ME + address("2001:db8::7") + option(46, b"\0\0\0\7"))),
]


def bulk(kind: int, *options: bytes) -> bytes:
    data = struct.pack("!BBH", kind, 0, 7) + b"".join(options)
    return struct.pack("!H", len(data)) + data


def over_tcp(ports: tuple[int, int], data: bytes) -> bytes:
    src, dst = "2001:db8::4", "2001:db8::80"
    return ethernet(ETH_IP6, ip6(src, dst, TCP, tcp(src, dst, ports, PSH | ACK, data)))


def over_udp(dst: str, ports: tuple[int, int], data: bytes) -> bytes:
    return ethernet(ETH_IP6, ip6(LINK, dst, UDP, udp(LINK, dst, ports, data)))


send("eth0", *[over_udp(SERVERS, (546, 547), data) for data in to_server],
     *[over_udp(PEER, (547, 546), data) for data in to_client],
     over_tcp((50000, 547), bulk(QUERY, option(44, b"\2" + addr("::")), ME)),
     over_tcp((547, 50000), bulk(QUERY_REPLY, MAKER) + bulk(17, option(45, ME))))
