#!/usr/bin/python3
# offload.py -- one long stream over TCP, and the size that the kernel may give its segments.
# SPDX-License-Identifier: Apache-2.0
"""usage: offload.py allow IF BYTES | offload.py serve | offload.py fetch ADDRESS"""

import socket
import struct
import sys

PORT, AMOUNT = 45000, 3_000_000
RTM_NEWLINK, NLM_REQUEST_ACK = 16, 5
# iproute2 of Debian 12 has no words for these two, which ip(8) calls gso_ipv4_max_size and gro_...
IFLA_GSO_IPV4_MAX_SIZE, IFLA_GRO_IPV4_MAX_SIZE = 63, 64


def allow(interface: str, size: int) -> None:
    attributes = b"".join(
        struct.pack("=HHI", 8, kind, size)
        for kind in (IFLA_GSO_IPV4_MAX_SIZE, IFLA_GRO_IPV4_MAX_SIZE)
    )
    body = struct.pack("=BxHiII", 0, 0, socket.if_nametoindex(interface), 0, 0) + attributes
    head = struct.pack("=IHHII", 16 + len(body), RTM_NEWLINK, NLM_REQUEST_ACK, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as sock:
        sock.send(head + body)
        error = struct.unpack("=i", sock.recv(4096)[16:20])[0]
    if error:
        raise OSError(-error, "the kernel does not take the size", interface)


def serve() -> None:
    with socket.create_server(("::", PORT), family=socket.AF_INET6, dualstack_ipv6=True) as sock:
        while True:
            with sock.accept()[0] as peer:
                peer.sendall(bytes(AMOUNT))


def fetch(address: str) -> None:
    with socket.create_connection((address, PORT), timeout=5) as sock:
        while sock.recv(1 << 20):
            pass


if sys.argv[1] == "allow":
    allow(sys.argv[2], int(sys.argv[3]))
elif sys.argv[1] == "serve":
    serve()
else:
    fetch(sys.argv[2])
