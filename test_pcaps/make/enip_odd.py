#!/usr/bin/python3
# enip_odd.py -- EtherNet/IP and CIP as the programs at hand do not send them.
# SPDX-License-Identifier: Apache-2.0

import struct

from ics_talk import Talk, datagram
from packet import send

PORT, IO = 44818, 2222
port = iter(range(51000, 52000))


def encap(command: int, data: bytes = b"", **field: int | bytes) -> bytes:
    """fields: length, session, status, context, options"""
    return struct.pack("<HHII8sI", command, field.get("length", len(data)),
                       field.get("session", 0x11223344), field.get("status", 0),
                       field.get("context", b"espcap01"), field.get("options", 0)) + data


def items(*pairs: tuple[int, bytes]) -> bytes:
    return struct.pack("<H", len(pairs)) + b"".join(
        struct.pack("<HH", kind, len(data)) + data for kind, data in pairs)


def unconnected(message: bytes, timeout: int = 5) -> bytes:
    return encap(0x6F, struct.pack("<IH", 0, timeout) + items((0, b""), (0xB2, message)))


def connected(message: bytes, sequence: int = 9, connection: int = 0x00C0FFEE) -> bytes:
    return encap(0x70, struct.pack("<IH", 0, 0) + items(
        (0xA1, struct.pack("<I", connection)), (0xB1, struct.pack("<H", sequence) + message)))


def request(service: int, path: bytes, data: bytes = b"") -> bytes:
    return bytes((service, len(path) // 2)) + path + data


def reply(service: int, status: int = 0, extra: bytes = b"", data: bytes = b"") -> bytes:
    return bytes((service | 0x80, 0, status, len(extra) // 2)) + extra + data


def logical(cls: int, instance: int | None = None, attribute: int | None = None) -> bytes:
    path = b"\x20" + bytes((cls,)) if cls < 256 else b"\x21\0" + struct.pack("<H", cls)
    if instance is not None:
        path += b"\x24" + bytes((instance,)) if instance < 256 else b"\x25\0" + struct.pack("<H", instance)
    if attribute is not None:
        path += b"\x30" + bytes((attribute,)) if attribute < 256 else b"\x31\0" + struct.pack("<H", attribute)
    return path


def several(*messages: bytes) -> bytes:
    offset, offsets = 2 + 2 * len(messages), b""
    for message in messages:
        offsets += struct.pack("<H", offset)
        offset += len(message)
    return struct.pack("<H", len(messages)) + offsets + b"".join(messages)


# Each in a conversation of its own: Wireshark takes what an answer leaves out from its question.
def ask(data: bytes) -> bytes:
    return Talk(PORT, next(port)).ask(data)


def answer(data: bytes) -> bytes:
    return Talk(PORT, next(port)).answer(data)


identity = (struct.pack("<H", 1) + struct.pack("!hHI8s", 2, PORT, 0x0A000050, bytes(8))
            + struct.pack("<HHHBBHI", 0x1234, 12, 55, 2, 1, 0x60, 0xDEADBEEF) + b"\x0bespcap PLC1" + b"\x03")
manager, router = logical(6, 1), logical(2, 1)
key = b"\x34\x04\x01\x00\x0c\x00\x37\x00\x02\x01"
forward_open = (b"\x0a\x0e" + struct.pack("<IIHHI", 0, 0x00C0FFEE, 7, 0x9999, 0x42)
                + b"\x01\0\0\0" + struct.pack("<IHIH", 2000000, 0x43F4, 2000000, 0x43F4) + b"\xa3"
                + b"\x03\x01\x00" + router)
forward_close = b"\x0a\x0e" + struct.pack("<HHI", 7, 0x9999, 0x42) + b"\x03\0\x01\x00" + router
get = request(0x0E, logical(1, 1, 7))
symbol = b"\x91\x05LEVEL\x00"
frames = [
    ask(encap(0)), ask(encap(1)), ask(encap(4)), ask(encap(0x63)), ask(encap(0x64)),
    ask(encap(0x65, b"\x01\0\0\0", session=0)), ask(encap(0x66)), ask(encap(0x72)), ask(encap(0x73)),
    answer(encap(4, items((0x100, struct.pack("<HH", 1, 0x120) + b"Communications\0\0")))),
    answer(encap(0x63, items((0x0C, identity)))),
    answer(encap(0x65, b"\x01\0\0\0", status=0x69)),
    answer(encap(0x65, b"\x01\0\0\0")), answer(encap(0x64, items())),
    datagram((51900, PORT), encap(0x63)),
    datagram((51901, PORT), encap(0x63, items((0x0C, identity))), back=True),
    datagram((51902, PORT), encap(0x63), ipv6=True),
    ask(unconnected(get)), ask(unconnected(request(0x01, logical(1, 1)))),
    ask(unconnected(request(0x0E, logical(0x6B, 0x1234, 0x100)))),
    ask(unconnected(request(0x10, logical(4, 150, 3), b"\x01\x02"))),
    ask(unconnected(request(0x0E, logical(1, 1) + b"\x28\x05"))),
    ask(unconnected(request(0x0E, logical(1, 1) + b"\x29\x00\x05\x01"))),
    ask(unconnected(request(0x0E, b"\x26\x00\x01\x00\x00\x00"))),
    ask(unconnected(request(0x03, logical(1, 1), struct.pack("<HHH", 2, 1, 7)))),
    ask(unconnected(request(0x4C, symbol, b"\x01\x00"))),
    ask(unconnected(request(0x4C, symbol + b"\x28\x02", b"\x01\x00"))),
    ask(unconnected(request(0x4D, b"\x91\x04NAME" + b"\x91\x03ABC\x00", b"\xc3\x00\x01\x00\x07\x00"))),
    ask(unconnected(request(0x54, manager, forward_open))),
    ask(unconnected(request(0x4E, manager, forward_close))),
    ask(unconnected(request(0x52, manager, b"\x0a\x0e" + struct.pack("<H", len(get)) + get + b"\x01\x00\x01\x00"))),
    ask(unconnected(request(0x0E, manager + b"\x30\x01"))),
    ask(unconnected(request(0x0A, router, several(get, request(0x01, logical(1, 1)))))),
    ask(unconnected(request(0x0A, router, several(get, request(0x0A, router, several(get, get)))))),
    ask(unconnected(request(0x0E, key + logical(1, 1, 1)))),
    ask(unconnected(request(0x0E, b"\x01\x00" + logical(1, 1, 1)))),
    ask(unconnected(request(0x32, logical(0xF6, 1)))),
    answer(unconnected(reply(0x0E, 0, b"", b"espcap"))),
    answer(unconnected(reply(0x01))), answer(unconnected(reply(0x4C, 5, b"\x00\x00"))),
    answer(unconnected(reply(0x54, 1, b"\x00\x01", bytes(8)))),
    answer(unconnected(reply(0x4D))), answer(unconnected(reply(0x0E, 0x14))),
    answer(unconnected(reply(0x0A, 0x1E, b"", several(reply(0x0E, 0, b"", b"A"), reply(0x0E, 8))))),
    ask(connected(get)), answer(connected(reply(0x0E, 0, b"", b"\x01"))),
    ask(connected(request(0x4C, symbol, b"\x01\x00"))),
    ask(encap(0x6F, struct.pack("<IH", 0, 5) + items(
        (0, b""), (0xB2, get), (0x8000, struct.pack("!hHI8s", 2, IO, 0, bytes(8)))))),
    ask(unconnected(get) + connected(get) + encap(0x66)),
    ask(encap(0x6F, struct.pack("<IH", 0, 5) + items((0, b""), (0x85, b"\x01\x02")))),
    datagram((IO, IO), items((0x8002, struct.pack("<II", 0x00C0FFEE, 77)), (0xB1, b"\x01\x00\x02\x03"))),
    datagram((IO, IO), items((0x8002, struct.pack("<II", 5, 78)), (0xB1, b""))),
    Talk(PORT, 51903).ask(b"GET / HTTP/1.0\r\n\r\n"),
    Talk(PORT, 51904).ask(encap(0x1234)),
    Talk(PORT, 51905, ipv6=True).ask(unconnected(get)),
    datagram((51906, PORT), unconnected(get)),
]
send("eth0", *frames, gap=0.002)
