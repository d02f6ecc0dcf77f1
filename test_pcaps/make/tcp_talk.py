#!/usr/bin/python3
# tcp_talk.py -- both ends of TCP connections that use what curl and nginx do not.
# SPDX-License-Identifier: Apache-2.0
"""usage: tcp_talk.py serve (in space b) | tcp_talk.py talk (in space a)"""

import selectors
import socket
import struct
import sys
import time

from packet import addr

SERVER, CLIENT = "198.51.100.81", "10.0.0.4"
ECHO, SIGNED, MULTIPATH, SLOW = 7001, 7002, 7003, 7004
IPPROTO_MPTCP = 262
SERVER_RESETS = b"please reset"
NO_LINGER = struct.pack("ii", 1, 0)


def sign(sock: socket.socket, peer: str) -> None:
    """The MD5 signatures of RFC 2385, as routers use them between them."""
    key = b"espcap"
    where = struct.pack("=H2x4s120x", socket.AF_INET, addr(peer))
    sock.setsockopt(
        socket.IPPROTO_TCP, 14, where + struct.pack("=BBHiI80s", 0, 0, len(key), 0, 0, key)
    )


def listener(port: int, proto: int = 0) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, proto)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if port == SIGNED:
        sign(sock, CLIENT)
    if port == SLOW:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    sock.bind(("0.0.0.0", port))
    sock.listen()
    return sock


def answer(sock: socket.socket, port: int) -> None:
    with sock:
        if port == SLOW:
            time.sleep(1.2)
        while data := sock.recv(4096):
            if data == SERVER_RESETS:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
                return
            if port != SLOW:
                sock.sendall(data.upper())


def serve() -> None:
    select = selectors.DefaultSelector()
    for port in (ECHO, SIGNED, MULTIPATH, SLOW):
        proto = IPPROTO_MPTCP if port == MULTIPATH else 0
        select.register(listener(port, proto), selectors.EVENT_READ, port)
    while True:
        for key, _ in select.select():
            try:
                answer(key.fileobj.accept()[0], key.data)
            except ConnectionResetError:
                pass  # some of these clients mean to


def connect(port: int, proto: int = 0) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, proto)
    sock.settimeout(5)
    if port == SIGNED:
        sign(sock, SERVER)
    sock.connect((SERVER, port))
    return sock


def ask(sock: socket.socket, text: bytes = b"hello") -> None:
    sock.sendall(text)
    sock.recv(4096)


def talk() -> None:
    with connect(SIGNED) as sock:
        ask(sock)
    with connect(MULTIPATH, IPPROTO_MPTCP) as sock:
        for _ in range(4):
            ask(sock)
            time.sleep(0.2)
    with connect(MULTIPATH, IPPROTO_MPTCP) as sock:
        ask(sock)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    with connect(ECHO) as sock:
        ask(sock)
        sock.send(b"!", socket.MSG_OOB)
        time.sleep(0.1)
    with connect(ECHO) as sock:
        ask(sock)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    with connect(ECHO) as sock:
        try:
            ask(sock, SERVER_RESETS)
        except ConnectionResetError:
            pass
    with connect(ECHO) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
        ask(sock)
        time.sleep(1.3)
    # More than the other end takes, so that its window closes and opens again.
    with connect(SLOW) as sock:
        sock.sendall(b"x" * 6000)
        sock.shutdown(socket.SHUT_WR)
        sock.recv(1)


if sys.argv[1] == "serve":
    serve()
else:
    talk()
