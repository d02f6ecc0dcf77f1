#!/usr/bin/python3
# coap_odd.py -- messages of CoAP that libcoap does not send: every option, odd and cut ones.
# SPDX-License-Identifier: Apache-2.0

import itertools
import struct

from packet import ETH_IP, ETH_IP6, UDP, ethernet, ip4, ip6, send, udp

A, B, A6, B6 = "10.0.0.4", "10.0.0.80", "2001:db8::4", "2001:db8::80"
CON, NON, ACKNOWLEDGEMENT, RESET = range(4)
ids = itertools.count(1000)
ports = itertools.count(41000)


def nibble(value: int) -> tuple[int, bytes]:
    if value < 13:
        return value, b""
    return (13, bytes((value - 13,))) if value < 269 else (14, struct.pack("!H", value - 269))


def options(*pairs: tuple[int, bytes]) -> bytes:
    out, before = b"", 0
    for number, value in pairs:
        (delta, more), (length, longer) = nibble(number - before), nibble(len(value))
        out += bytes((delta << 4 | length,)) + more + longer + value
        before = number
    return out


def message(kind: int, code: int, *pairs: tuple[int, bytes], body: bytes = b"", token: bytes = b"t") -> bytes:
    head = struct.pack("!BBH", 1 << 6 | kind << 4 | len(token), code, next(ids)) + token
    return head + options(*pairs) + (b"\xff" + body if body else b"")


def there(data: bytes) -> bytes:
    return ethernet(ETH_IP, ip4(A, B, UDP, udp(A, B, (next(ports), 5683), data)))


def back(data: bytes) -> bytes:
    return ethernet(ETH_IP, ip4(B, A, UDP, udp(B, A, (5683, next(ports)), data)))


def six(data: bytes) -> bytes:
    return ethernet(ETH_IP6, ip6(A6, B6, UDP, udp(A6, B6, (next(ports), 5683), data)))


asked = ((3, b"things.example.org"), (7, b"\x16\x33"), (11, b"room 1"), (11, b"lamp"), (15, b"x=1"),
         (15, b"token=s3cr3t-canary"), (15, b"y"))
frames = [
    there(message(CON, 1, *asked)), six(message(CON, 1, (6, b""), (11, b"watched"), (17, b"\x3c"), token=b"12345678")),
    back(message(ACKNOWLEDGEMENT, 0x45, (4, b"etag"), (6, b"\1\2"), (12, b"\x32"), (14, b"\0\1\0\0"), body=b'{"a":1}')),
    back(message(NON, 0x45, (12, b""), body=b"text", token=b"")), back(message(NON, 0x45, body=b"\1\2", token=b"")),
    back(message(NON, 0x45, (12, b"\x3c"), body=b"\xa1\x61\x61\x01")), back(message(NON, 0x45, (12, b"\x29"), body=b"<a/>")),
    back(message(NON, 0x45, (12, b"\x28"), body=b"</a>")), back(message(NON, 0x45, (12, b"\x61"))), back(message(NON, 0x45, (12, b"\xff\xfe"), body=b"?")),
    back(message(ACKNOWLEDGEMENT, 0, token=b"")), back(message(RESET, 0, token=b"")), there(message(CON, 5)),
    back(message(ACKNOWLEDGEMENT, 0xA0)), back(message(ACKNOWLEDGEMENT, 0x80)), there(message(CON, 0x1F)),
    there(message(CON, 3, (1, b"i"), (3, b"h"), (5, b""), (8, b"loc"), (20, b"q"), (28, b"\x10"), (35, b"coap://p" + b"x" * 300),
                  (39, b"coap"), (60, b"\1" * 4))),
    there(message(CON, 3, (11, b"parts"), (27, b"\x0a"), body=b"x" * 64)),
    there(message(CON, 3, (11, b"parts"), (27, b"\x3a"), body=b"x" * 64)),
    there(message(CON, 1, (11, b""), (11, b"a/b"), (15, b"&"))), there(message(CON, 1, (7, b""))),
    there(message(CON, 1, (11, "caf\u00e9".encode()), (11, b"\xe4"))), there(message(CON, 1, token=b"123456789")),
    there(message(CON, 1)[:1] + b"\1\0\7t\xff"),
]
send("eth0", *frames)
