#!/usr/bin/python3
# udp.py -- UDP and UDP-Lite datagrams whose content nobody claims.
# SPDX-License-Identifier: Apache-2.0

import socket

from packet import ETH_IP, ETH_IP6, UDP, UDPLITE, ethernet, ip4, ip6, send, udp, udplite

A, B, A6, B6 = "10.0.0.4", "10.0.0.80", "2001:db8::4", "2001:db8::80"
PORT = 45678
SO_NO_CHECK, UDPLITE_SEND_CSCOV = 11, 10


def sent(family: int, payload: bytes, *option: int, proto: int = 0) -> None:
    with socket.socket(family, socket.SOCK_DGRAM, proto) as sock:
        if option:
            sock.setsockopt(*option)
        sock.bind(("", 45679))
        sock.sendto(payload, (B if family == socket.AF_INET else B6, PORT))


for address in (socket.AF_INET, socket.AF_INET6):
    sent(address, b"\x01\x02\xfe\xff no protocol at all")
    sent(address, b"")
    sent(address, b"x")
    sent(address, bytes(range(256)) * 5)
    # Without a checksum; over IPv6 the kernel does not listen to this.
    sent(address, b"unsummed", socket.SOL_SOCKET, SO_NO_CHECK, 1)
ports = (45679, PORT)
send(
    "eth0",
    # Over IPv6 only tunnels may leave the checksum out.
    ethernet(ETH_IP6, ip6(A6, B6, UDP, udp(A6, B6, ports, b"unsummed", sum=0))),
    # More bytes in the IP packet than in the datagram, and padding behind the IP packet.
    ethernet(ETH_IP, ip4(A, B, UDP, udp(A, B, ports, b"short", length=13) + b"surplus")),
    ethernet(ETH_IP, ip4(A, B, UDP, udp(A, B, ports, b"tiny"))) + bytes(14),
    ethernet(ETH_IP, ip4(A, B, UDP, udp(A, B, (0, 0), b"port zero"))),
    ethernet(ETH_IP, ip4(A, B, UDP, udp(A, B, (65535, 65535), b"last port"))),
    ethernet(ETH_IP, ip4(A, B, UDPLITE, udplite(A, B, ports, b"covered in whole", 0))),
    ethernet(ETH_IP, ip4(A, B, UDPLITE, udplite(A, B, ports, b"covered in part", 8))),
    ethernet(ETH_IP6, ip6(A6, B6, UDPLITE, udplite(A6, B6, ports, b"covered to 12", 12))),
)
