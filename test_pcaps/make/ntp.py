#!/usr/bin/python3
# ntp.py -- all modes of NTP, versions 2 to 4, extensions and digests, times of both eras.
# SPDX-License-Identifier: Apache-2.0

import struct

from packet import ETH_IP, ETH_IP6, MAC_A, MAC_B, UDP, addr, ethernet, ip4, ip6, send, udp

A, B, A6, B6 = "10.0.0.4", "10.0.0.80", "2001:db8::4", "2001:db8::80"
SECONDS = 3979238400  # 2026-02-05, since 1900
CLIENT, SERVER, BROADCAST, CONTROL, PRIVATE = 3, 4, 5, 6, 7


def stamp(seconds: int, fraction: int = 0x12345678) -> bytes:
    return struct.pack("!II", seconds, fraction)


NEVER = stamp(0, 0)


def message(mode: int, times: list[bytes], tail: bytes = b"", **field) -> bytes:
    """fields: leap, version, stratum, reference"""
    first = field.get("leap", 0) << 6 | field.get("version", 4) << 3 | mode
    head = struct.pack("!BBbb", first, field.get("stratum", 0), 6, -20)
    head += struct.pack("!II", 0x0123, 0x4567) + field.get("reference", bytes(4))
    return head + b"".join(times) + tail


def there(data: bytes) -> bytes:
    return ethernet(ETH_IP, ip4(A, B, UDP, udp(A, B, (123, 123), data)))


def back(data: bytes) -> bytes:
    return ethernet(ETH_IP, ip4(B, A, UDP, udp(B, A, (123, 123), data)), MAC_A, MAC_B)


def extension(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, 4 + len(value)) + value


asked = [NEVER, NEVER, NEVER, stamp(SECONDS)]
answered = [stamp(SECONDS - 600), stamp(SECONDS), stamp(SECONDS, 0x80000000),
            stamp(SECONDS, 0xFFFFFFFF)]
digest = struct.pack("!I", 7) + bytes(range(16))
send(
    "eth0",
    there(message(CLIENT, asked, leap=3)),
    back(message(SERVER, answered, stratum=2, reference=addr("192.0.2.1"))),
    there(message(CLIENT, asked, version=2)),
    there(message(CLIENT, asked, digest, version=3)),
    back(message(SERVER, answered, digest + b"\0\0\0\0", stratum=1, reference=b"GPS\0", leap=1)),
    back(message(SERVER, answered, struct.pack("!I", 0), stratum=0, reference=b"RATE", leap=3)),
    there(message(CLIENT, asked, extension(0x0104, bytes(32)) + extension(0x0204, bytes(28)))),
    there(message(CLIENT, asked, extension(0x2005, bytes(24)) + digest)),
    back(message(BROADCAST, answered, stratum=1, reference=b"DCF\0")),
    there(message(1, answered, stratum=2)),
    back(message(2, answered, stratum=2)),
    # The era that begins in 2036.
    there(message(CLIENT, [NEVER, stamp(1), stamp(0, 1), stamp(0x7FFFFFFF)])),
    there(struct.pack("!BBHHHHH", 2 << 3 | CONTROL, 1, 68, 0, 0, 0, 0)),
    back(struct.pack("!BBHHHHH", 2 << 3 | CONTROL, 0x81, 68, 0x0618, 0, 0, 4) + b"ab\r\n"),
    there(struct.pack("!BBBBHH", 2 << 3 | PRIVATE, 0, 3, 42, 0, 0) + bytes(40)),
    ethernet(ETH_IP6, ip6(A6, B6, UDP, udp(A6, B6, (45679, 123), message(CLIENT, asked)))),
)
