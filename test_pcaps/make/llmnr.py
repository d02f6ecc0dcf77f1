#!/usr/bin/python3
# llmnr.py -- one LLMNR host that asks and one that answers, both in this process.
# SPDX-License-Identifier: Apache-2.0
"""usage: llmnr.py ask | llmnr.py answer"""

import select
import socket
import struct
import sys
import time

from dnsmsg import A, AAAA, ANY, PTR, message, multicast_socket, name, question, record

PORT = 5355
GROUPS = {socket.AF_INET: "224.0.0.252", socket.AF_INET6: "ff02::1:3"}
HOST = "fileserver"
RECORDS = {
    A: record(HOST, A, socket.inet_aton("10.0.0.80"), 30),
    AAAA: record(HOST, AAAA, socket.inet_pton(socket.AF_INET6, "2001:db8::80"), 30),
    PTR: record("80.0.0.10.in-addr.arpa", PTR, name(HOST), 30),
}
CONFLICT, TRUNCATED, TENTATIVE = 0x0400, 0x0200, 0x0100


def ask(family: int, data: bytes) -> None:
    with multicast_socket(family, "eth0", 0) as sock:
        sock.settimeout(0.3)
        sock.sendto(data, (GROUPS[family], PORT))
        try:
            sock.recv(2048)
        except TimeoutError:
            pass  # a name that nobody has stays without an answer


def ask_all() -> None:
    for family in GROUPS:
        ask(family, message(0x5001, 0, [question(HOST, A)]))
        ask(family, message(0x5002, 0, [question(HOST, AAAA)]))
        ask(family, message(0x5003, 0, [question("wpad", A)]))
    ask(socket.AF_INET, message(0x5004, 0, [question("80.0.0.10.in-addr.arpa", PTR)]))
    ask(socket.AF_INET, message(0x5005, 0, [question(HOST.upper(), ANY)]))
    ask(socket.AF_INET, message(0x5006, CONFLICT, [question(HOST, ANY)]))
    data = message(0x5007, 0, [question(HOST, ANY)])
    with socket.create_connection(("10.0.0.80", PORT), timeout=2) as sock:
        sock.sendall(struct.pack("!H", len(data)) + data)
        sock.recv(2048)


def reply(data: bytes) -> bytes | None:
    ident, flags = struct.unpack("!HH", data[:4])
    asked = data[12:]
    kind = struct.unpack("!H", asked[-4:-2])[0]
    if not asked.lower().startswith((name(HOST), name("80.0.0.10.in-addr.arpa"))):
        return None
    if kind == ANY and not flags & CONFLICT:
        return message(ident, 0x8000 | TENTATIVE, [asked], [RECORDS[A], RECORDS[AAAA]])
    if kind == ANY:
        return message(ident, 0x8000 | CONFLICT | TRUNCATED, [asked])
    return message(ident, 0x8000, [asked], [RECORDS[kind]])


def answer_udp(sock: socket.socket) -> None:
    data, peer = sock.recvfrom(2048)
    if answer := reply(data):
        sock.sendto(answer, peer)


def answer_tcp(listener: socket.socket) -> None:
    sock = listener.accept()[0]
    with sock:
        answer = reply(sock.recv(2048)[2:]) or b""
        sock.sendall(struct.pack("!H", len(answer)) + answer)


def answer_all() -> None:
    four = multicast_socket(socket.AF_INET, "eth0", PORT)
    six = multicast_socket(socket.AF_INET6, "eth0", PORT)
    index = socket.if_nametoindex("eth0")
    group = socket.inet_aton(GROUPS[socket.AF_INET])
    join = struct.pack("4s4si", group, bytes(4), index)
    four.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, join)
    join = struct.pack("16si", socket.inet_pton(socket.AF_INET6, GROUPS[socket.AF_INET6]), index)
    six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, join)
    listener = socket.create_server(("", PORT))
    while True:
        for ready in select.select([four, six, listener], [], [])[0]:
            (answer_tcp if ready is listener else answer_udp)(ready)


if sys.argv[1] == "ask":
    ask_all()
    time.sleep(0.2)
else:
    answer_all()
