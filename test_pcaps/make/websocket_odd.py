#!/usr/bin/python3
# websocket_odd.py -- WebSocket that libraries do not send: frames behind the upgrade, several in a segment,
# halves, kinds that are reserved, lengths that lie, and what only looks like it.
# SPDX-License-Identifier: Apache-2.0

from packet import ACK, ETH_IP, MAC_A, MAC_B, PSH, TCP, ethernet, ip4, send, tcp

A, B = "10.0.0.4", "10.0.0.80"
KEY = b"\x11\x22\x33\x44"
GOES_ON, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
REQUEST = (
    b"GET /chat HTTP/1.1\r\nHost: www.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
ANSWER = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)


HTTP2 = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
SETTINGS, HEADERS = b"\0\0\6\4\0\0\0\0\0\0\3\0\0\0\x64", b"\0\0\1\1\4\0\0\0\1\x88"


def frame(kind: int, data: bytes = b"", key: bytes = b"", fin: bool = True, length: int | None = None) -> bytes:
    size = len(data) if length is None else length
    head = bytes([fin << 7 | kind])
    mask = 0x80 if key else 0
    if size < 126:
        head += bytes([mask | size])
    elif size < 65536:
        head += bytes([mask | 126]) + size.to_bytes(2, "big")
    else:
        head += bytes([mask | 127]) + size.to_bytes(8, "big")
    return head + key + (bytes(c ^ key[i % 4] for i, c in enumerate(data)) if key else data)


def talk(port: int, client: int, *parts: tuple[bool, bytes]) -> list[bytes]:
    """parts: does it come back from the server, and what"""
    sent, out = [1000, 1000], []
    for back, payload in parts:
        ends, macs, ports = ((B, A), (MAC_A, MAC_B), (port, client)) if back else ((A, B), (MAC_B, MAC_A), (client, port))
        data = tcp(*ends, ports, PSH | ACK, payload, seq=sent[back], ack=sent[not back])
        sent[back] += len(payload)
        out.append(ethernet(ETH_IP, ip4(*ends, TCP, data), *macs))
    return out


send(
    "eth0",
    *talk(
        80,
        42001,
        (False, REQUEST),
        (True, ANSWER + frame(TEXT, b"welcome")),
        (True, frame(TEXT, b"one") + frame(TEXT, b"two") + frame(PING)),
        (False, frame(PONG, b"", KEY)),
        (False, frame(TEXT, b"the first ", KEY, fin=False)),
        (False, frame(PING, b"between", KEY)),
        (False, frame(GOES_ON, b"and the last", KEY)),
        (True, frame(TEXT, b"y" * 1000, length=70000)),
        (True, b"y" * 200),
        (True, frame(BINARY, b"\0" * 20, length=40)),
        (True, frame(3, b"reserved")),
        (True, frame(TEXT, "\u20ac".encode() * 4 + b"\xe2\x82", length=100)),
        (False, frame(CLOSE, b"\3\xf2", KEY)),
        (True, frame(CLOSE)),
    ),
    *talk(9002, 42002, (False, REQUEST), (True, ANSWER), (True, frame(TEXT, b'{"price":1}')), (False, frame(CLOSE, b"\3\xe8done", KEY))),
    *talk(9003, 42003, (False, frame(TEXT, b"seen from the middle", KEY)), (True, frame(0x40 | TEXT, bytes(range(200))))),
    *talk(80, 42004, (True, b"\x81\3\xff\xfe\xfd"), (True, b"\x82\5"), (True, b"\x89\0\0"), (True, b"\x81")),
    *talk(
        80,
        42006,
        (False, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"),
        (True, HTTP2 + SETTINGS + HEADERS),
    ),
    *talk(9004, 42005, (False, b"\x81\0\0\x44" + b"A" * 68), (True, b"\x81\x7e\0\5hello")),
)
