#!/usr/bin/python3
# opcua_odd.py -- messages of OPC UA that asyncua does not send: chunks, errors, secured channels.
# SPDX-License-Identifier: Apache-2.0

import struct

from ics_talk import Talk
from packet import send

talk = Talk(4840, 54840)
ask, answer = talk.ask, talk.answer
NONE = b"http://opcfoundation.org/UA/SecurityPolicy#None"
SECURE = b"http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256"
TIME = 133444736001234567    # 2023-11-15T10:00:00.123456700Z


def text(data: bytes | None) -> bytes:
    return struct.pack("<i", -1) if data is None else struct.pack("<i", len(data)) + data


def message(kind: bytes, body: bytes, chunk: bytes = b"F", length: int | None = None) -> bytes:
    return kind + chunk + struct.pack("<I", len(body) + 8 if length is None else length) + body


def hello(url: bytes | None) -> bytes:
    return message(b"HEL", struct.pack("<IIIII", 0, 65536, 65536, 0, 5000) + text(url))


def node(identifier: int) -> bytes:
    if identifier < 256:
        return struct.pack("<BB", 0, identifier)
    return struct.pack("<BBH", 1, 0, identifier)


def request_head(handle: int = 7, token: bytes = b"\0\0") -> bytes:
    return token + struct.pack("<qII", TIME, handle, 0) + text(None) + struct.pack("<I", 1000) + b"\0\0\0"


def response_head(result: int = 0, handle: int = 7, diagnostics: bytes = b"\0",
                  table: bytes = struct.pack("<i", -1)) -> bytes:
    return struct.pack("<qII", TIME, handle, result) + diagnostics + table + b"\0\0\0"


def service(identifier: int, body: bytes, kind: bytes = b"MSG", **field: int) -> bytes:
    head = struct.pack("<IIII", 11, 3, field.get("sequence", 51), field.get("request", 8))
    return message(kind, head + node(identifier) + body)


def channel(policy: bytes | None, body: bytes, certificate: bytes | None = None) -> bytes:
    return message(b"OPN", struct.pack("<I", 11) + text(policy) + text(certificate) + text(None) + body)


opening = struct.pack("<II", 1, 1) + node(446) + request_head() + struct.pack("<III", 0, 0, 1) + text(None) + struct.pack("<I", 3600000)
opened = (struct.pack("<II", 1, 1) + node(449) + response_head() + struct.pack("<III", 0, 11, 3)
          + struct.pack("<qI", TIME, 3600000) + text(None))
application = (text(b"urn:espcap:client") + text(b"urn:product") + b"\x02" + text(b"name") + struct.pack("<I", 1)
               + text(None) + text(None) + struct.pack("<i", -1))
session = (request_head() + application + text(None) + text(b"opc.tcp://plc.example:4840") + text(b"Line 4")
           + text(bytes(32)) + text(None) + struct.pack("<dI", 60000.0, 0))


def several(*parts: bytes) -> bytes:
    return struct.pack("<i", len(parts)) + b"".join(parts)


bad, good, none = struct.pack("<I", 0x80340000), bytes(4), several()
value = b"\x03\x0b" + struct.pack("<d", 21.5) + bad
history = b"\1\0" + struct.pack("<H", 658) + b"\1" + text(several(value, value))
within = b"\x01\x58" + several(b"\x13" + bad, b"\x17\x02" + bad)      # a value of values
# Services whose results have a status each.
results = [
    (491, several(good + node(5), bad + node(0)) + none), (536, several(bad + text(None) + none) + none),
    (667, several(good + text(None) + history) + none), (703, several(bad + several(bad, good) + none) + none),
    (715, several(good + several(good) + none + several(b"\x0b" + bytes(8), b"\x13" + bad), bad + none + none + none) + none),
    (766, several(good + struct.pack("<dI", 100.0, 1) + b"\0\0\0") + none), (844, several(bad + none) + none), (634, several(within) + none),
]
asked = [(479, struct.pack("<I", 99)), (615, node(84) + struct.pack("<qI", TIME, 0) + none), (12208, bytes(8)), (12211, bytes(4))]
frames = [
    ask(hello(b"opc.tcp://plc.example:4840/a/b?c=d")), ask(hello(None)), ask(hello(b"")),
    answer(message(b"ACK", struct.pack("<IIIII", 0, 65536, 8192, 1 << 24, 4000))),
    answer(message(b"ERR", struct.pack("<I", 0x80830000) + text(b"The URL is not known"))),
    answer(message(b"ERR", struct.pack("<I", 0x807D0000) + text(None))),
    ask(message(b"RHE", text(b"urn:server") + text(b"opc.tcp://client.example:4841"))),
    ask(channel(NONE, opening)), answer(channel(NONE, opened)),
    ask(channel(SECURE, bytes(range(200)), b"\x30\x82" + bytes(60))),
    ask(service(461, session)),
    ask(service(467, request_head() + text(None) + text(None) + struct.pack("<ii", -1, -1)
                + b"\x01\x00\x41\x01\x01" + struct.pack("<I", 13) + text(b"anonymous") + text(None) + text(None))),
    ask(service(631, request_head() + struct.pack("<dIi", 0.0, 2, 1) + node(2258)
                + struct.pack("<I", 13) + text(None) + b"\0\0" + text(None))),
    answer(service(634, response_head() + struct.pack("<i", 1) + b"\x01\x0b" + struct.pack("<d", 21.5)
                   + struct.pack("<i", -1))),
    answer(service(397, response_head(0x80340000))),
    answer(service(397, response_head(0x800B0000, table=struct.pack("<i", 2) + text(b"one") + text(b"two")))),
    answer(service(397, response_head(0, diagnostics=b"\x0f" + struct.pack("<IIII", 1, 2, 3, 4)))),
    ask(service(428, request_head() + text(b"opc.tcp://plc.example:4840") + struct.pack("<ii", -1, -1))),
    ask(service(473, request_head() + b"\x01")),
    ask(service(452, request_head(), kind=b"CLO")),
    *(answer(service(number, response_head() + body)) for number, body in results),
    *(ask(service(number, request_head() + body)) for number, body in asked), answer(service(12209, response_head())),
    ask(service(99, b"")), ask(service(9999, request_head())),
    ask(message(b"MSG", struct.pack("<IIII", 11, 3, 60, 9) + node(631) + request_head()[:10], b"C")),
    ask(message(b"MSG", struct.pack("<IIII", 11, 3, 61, 9) + bytes(40), b"C")),
    ask(message(b"MSG", struct.pack("<IIII", 11, 3, 62, 9) + struct.pack("<I", 0x80000000) + text(b"given up"), b"A")),
    ask(hello(b"opc.tcp://a:1") + service(473, request_head() + b"\x00")),
    Talk(4840, 54841).ask(b"GET / HTTP/1.0\r\n\r\n"),
    Talk(14840, 54842).ask(hello(b"opc.tcp://plc.example:14840")),
    Talk(4840, 54843, ipv6=True).ask(hello(b"opc.tcp://[2001:db8::80]:4840")),
]
send("eth0", *frames, gap=0.002)
