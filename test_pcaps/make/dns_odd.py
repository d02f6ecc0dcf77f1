#!/usr/bin/python3
# dns_odd.py -- DNS messages that dig does not send, and TCP segments that cut or join them.
# SPDX-License-Identifier: Apache-2.0
"""usage: dns_odd.py ADDRESS"""

import socket
import struct
import sys
import time

SERVER = (sys.argv[1], 53)
TYPE = {"A": 1, "NS": 2, "SOA": 6, "TXT": 16}


def name(text: str) -> bytes:
    return b"".join(bytes([len(part)]) + part.encode() for part in text.split(".") if part) + b"\0"


def question(text: str, kind: str, dns_class: int = 1) -> bytes:
    return name(text) + struct.pack("!HH", TYPE[kind], dns_class)


def message(ident: int, flags: int, *questions: bytes, extra: bytes = b"") -> bytes:
    return struct.pack("!6H", ident, flags, len(questions), 0, 0, 0) + b"".join(questions) + extra


def framed(data: bytes) -> bytes:
    return struct.pack("!H", len(data)) + data


def over_tcp(answers: int, *parts: bytes) -> None:
    with socket.create_connection(SERVER, timeout=3) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in parts:
            sock.sendall(part)
            time.sleep(0.1)
        stream = sock.makefile("rb")
        for _ in range(answers):
            stream.read(struct.unpack("!H", stream.read(2))[0])


def over_udp(data: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.5)
        sock.sendto(data, SERVER)
        try:
            sock.recv(4096)
        except TimeoutError:
            pass  # the server need not answer such a message


web = message(0x1001, 0x0100, question("web.types.test", "A"))
mail = message(0x1002, 0x0000, question("mail.types.test", "A"))
over_tcp(2, framed(web) + framed(mail))
over_tcp(1, framed(web)[:2], framed(web)[2:])
over_tcp(2, framed(web)[:20], framed(web)[20:] + framed(mail)[:9], framed(mail)[9:])
over_udp(message(0x2001, 0, question("web.types.test", "A"), question("mail.types.test", "A")))
over_udp(message(0x2002, 0x0800, question("web.types.test", "A")))
over_udp(message(0x2003, 0x7800, question("web.types.test", "A")))
over_udp(message(0x2004, 0x0070, question("web.types.test", "A")))
over_udp(message(0x2005, 0, question("web.types.test", "A", 4)))
over_udp(message(0x2006, 0, question("WEB.Types.TEST", "A")))
over_udp(message(0x2007, 0x0000))
