#!/usr/bin/python3
# http_odd.py -- requests that curl would never send, each on a connection of its own.
# SPDX-License-Identifier: Apache-2.0
"""usage: http_odd.py ADDRESS PORT"""

import socket
import sys
import time

HOST = b"Host: www.example.com\r\n"
END = b"Connection: close\r\n\r\n"

# Each entry is one connection: the parts are sent as segments of their own.
CONNECTIONS = {
    "pipelined": [
        b"GET /short.txt HTTP/1.1\r\n" + HOST + b"\r\n"
        b"HEAD /text.txt?password=tiger HTTP/1.1\r\n" + HOST + END
    ],
    "folded": [
        b"GET / HTTP/1.1\r\n" + HOST + b"X-Folded: first part\r\n second part\r\n\tthird\r\n" + END
    ],
    "no colon": [b"GET / HTTP/1.1\r\n" + HOST + b"NoColonInThisLine\r\n" + END],
    "cut in a header": [b"GET /short.txt HTTP/1.1\r\nHost: www.exam", b"ple.com\r\n" + END],
    "body apart": [
        b"POST /api/form HTTP/1.1\r\n"
        + HOST
        + b"Content-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: 27\r\n" + END,
        b"user=alice&password=tiger+1",
    ],
    "only LF": [b"GET / HTTP/1.1\nHost: www.example.com\nConnection: close\n\n"],
    "bytes above 0x7f": [
        b"GET /caf\xc3\xa9 HTTP/1.1\r\n"
        + HOST
        + b"X-Latin: caf\xe9\r\nX-Utf8: caf\xc3\xa9\r\n"
        + END
    ],
    "twice": [
        b"GET / HTTP/1.1\r\n"
        + HOST
        + b"X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-For: 198.51.100.9\r\n"
        b"Cookie: a=1\r\nCookie: b=2; c=\r\nX-Empty:\r\nX-Spaces:    many   \r\n" + END
    ],
    "version 0.9": [b"GET /short.txt\r\n"],
    "no HTTP at all": [b"NOT A REQUEST LINE\r\n\r\n"],
}


def talk(address: str, port: int, parts: list[bytes]) -> None:
    with socket.create_connection((address, port), timeout=5) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in parts:
            sock.sendall(part)
            time.sleep(0.1)
        while sock.recv(4096):
            pass


for connection in CONNECTIONS.values():
    talk(sys.argv[1], int(sys.argv[2]), connection)
