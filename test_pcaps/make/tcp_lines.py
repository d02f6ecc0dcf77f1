# tcp_lines.py -- sends segments as they are given and reads what comes back.
# SPDX-License-Identifier: Apache-2.0

import contextlib
import socket


def talk(address: str, port: int, parts: list[bytes], greeted: bool = True) -> None:
    """Each part is a segment of its own, sent when the server has answered or stays silent."""
    with socket.create_connection((address, port), timeout=5) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(0.3)
        with contextlib.suppress(TimeoutError, ConnectionError):
            if greeted:
                sock.recv(65536)
        for part in parts:
            with contextlib.suppress(TimeoutError, ConnectionError):
                sock.sendall(part)
                sock.recv(65536)


def talk_all(address: str, port: int, connections: list[list[bytes]], greeted: bool = True) -> None:
    for parts in connections:
        talk(address, port, parts, greeted)
