#!/usr/bin/python3
# bacnet.py -- services of BACnet, messages between routers, all functions of the link, odd ones.
# SPDX-License-Identifier: Apache-2.0

import struct

from packet import ETH_IP, MAC_A, MAC_B, UDP, addr, ethernet, ip4, mac, send, udp

A, B = "10.0.0.4", "10.0.0.80"
ANALOG_INPUT, ANALOG_VALUE, BINARY_INPUT, DEVICE, FILE = 0, 2, 3, 8, 10
PRESENT, NAME, OBJECTS, STATUS = 85, 77, 76, 111
TREND_LOG, LOG_BUFFER, RECIPIENTS, REFERENCES, SUBSCRIPTIONS = 20, 131, 102, 54, 152
SECRET = b"\0s3cr3t-canary"
NULL, BOOLEAN, UNSIGNED, SIGNED, REAL, DOUBLE, TEXT, BITS, ENUMERATED, DATE, TIME, OBJECT = (
    0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12)


def tag(number: int, value: bytes, context: int) -> bytes:
    if len(value) < 5:
        return bytes((number << 4 | context | len(value),)) + value
    size = bytes((len(value),)) if len(value) < 254 else b"\xfe" + struct.pack("!H", len(value))
    return bytes((number << 4 | context | 5,)) + size + value


def ctx(number: int, value: bytes) -> bytes:
    return tag(number, value, 8)


def app(number: int, value: bytes) -> bytes:
    return tag(number, value, 0)


def within(number: int, *parts: bytes) -> bytes:
    return bytes((number << 4 | 14,)) + b"".join(parts) + bytes((number << 4 | 15,))


def thing(kind: int, number: int) -> bytes:
    return struct.pack("!I", kind << 22 | number)


def real(value: float) -> bytes:
    return app(REAL, struct.pack("!f", value))


def network(data: bytes, control: int = 0, places: bytes = b"") -> bytes:
    return bytes((1, control)) + places + data


def ask(service: int, *parts: bytes) -> bytes:
    return network(bytes((0, 5, 1, service)) + b"".join(parts), 4)


def answer(service: int, *parts: bytes) -> bytes:
    return network(bytes((0x30, 1, service)) + b"".join(parts))


def tell(service: int, *parts: bytes) -> bytes:
    return network(bytes((0x10, service)) + b"".join(parts))


def link(data: bytes, function: int = 10, extra: bytes = b"", length: int | None = None) -> bytes:
    size = 4 + len(extra) + len(data) if length is None else length
    return struct.pack("!BBH", 0x81, function, size) + extra + data


def there(data: bytes, port: int = 47808) -> bytes:
    return ethernet(ETH_IP, ip4(A, B, UDP, udp(A, B, (47808 if port == 47808 else 40000, port), data)))


def back(data: bytes) -> bytes:
    return ethernet(ETH_IP, ip4(B, A, UDP, udp(B, A, (47808, 47808), data)), MAC_A, MAC_B)


def llc(data: bytes) -> bytes:
    return mac(MAC_B) + mac(MAC_A) + struct.pack("!H", 3 + len(data)) + b"\x82\x82\3" + data


value = ctx(0, thing(ANALOG_VALUE, 5)) + ctx(1, bytes((PRESENT,)))
name = ctx(0, thing(ANALOG_VALUE, 5)) + ctx(1, bytes((NAME,)))
who_is = tell(8)
i_am = tell(0, app(OBJECT, thing(DEVICE, 1)), app(UNSIGNED, b"\5\xc4"), app(ENUMERATED, b"\3"), app(UNSIGNED, b"\x0f"))
place = addr("10.1.2.3") + b"\xba\xc0"
asked = [
    who_is, i_am, tell(8, ctx(0, b"\1"), ctx(1, b"\x64")), tell(7, ctx(3, b"\0boiler")),
    tell(7, ctx(0, b"\1"), ctx(1, b"\2"), ctx(2, thing(ANALOG_INPUT, 3))),
    tell(1, app(OBJECT, thing(DEVICE, 1)), app(OBJECT, thing(ANALOG_INPUT, 3)), app(TEXT, "\0caf\u00e9".encode())),
    tell(2, ctx(0, b"\1"), ctx(1, thing(DEVICE, 1)), ctx(2, thing(ANALOG_INPUT, 3)), ctx(3, b"\0"),
         within(4, ctx(0, bytes((PRESENT,))), within(2, real(9.5)), ctx(0, bytes((STATUS,))),
                within(2, app(BITS, b"\4\0")))),
    tell(6, app(DATE, b"\x7e\1\2\5"), app(TIME, b"\3\4\5\6")), tell(50),
    ask(12, value), ask(12, ctx(0, thing(DEVICE, 1)), ctx(1, b"\2\0"), ctx(2, b"\1")), ask(15, value, within(3, real(1.25)), ctx(4, b"\x08")),
    ask(14, ctx(0, thing(ANALOG_VALUE, 5)), within(1, ctx(0, bytes((PRESENT,))), ctx(0, bytes((NAME,)))),
        ctx(0, thing(ANALOG_VALUE, 6)), within(1, ctx(0, b"\x08"))),
    ask(5, ctx(0, b"\1"), ctx(1, thing(BINARY_INPUT, 3)), ctx(2, b"\1"), ctx(3, b"\x3c")), ask(8, value),
    ask(17, ctx(0, b"\5"), ctx(1, b"\1"), ctx(2, SECRET)), ask(20, ctx(0, b"\1"), ctx(1, SECRET)),
    ask(6, app(OBJECT, thing(FILE, 1)), within(0, app(SIGNED, b"\0"), app(UNSIGNED, b"\x32"))), ask(99),
    network(bytes((0x0C, 5, 1, 0, 4, 14)) + value, 4), network(bytes((0x40, 1, 2, 3))),
]
answered = [
    answer(12, value, within(3, real(21.5))), answer(12, value, within(3, b"\x11")), answer(12, value, within(3, b"\x10")),
    answer(12, value, within(3, app(UNSIGNED, b"\7\0"))), answer(12, value, within(3, app(ENUMERATED, b"\1"))),
    answer(12, value, within(3, app(NULL, b""))), answer(12, value, within(3, app(DOUBLE, struct.pack("!d", 2.5)))),
    answer(12, name, within(3, app(TEXT, b"\0AV 5"))), answer(12, name, within(3, app(TEXT, b"\0" + b"x" * 300))),
    answer(12, ctx(0, thing(DEVICE, 1)), ctx(1, bytes((OBJECTS,))),
           within(3, app(OBJECT, thing(DEVICE, 1)), app(OBJECT, thing(ANALOG_VALUE, 5)))),
    answer(14, ctx(0, thing(ANALOG_VALUE, 5)),
           within(1, ctx(2, bytes((PRESENT,))), within(4, real(3.5)), ctx(2, bytes((NAME,))),
                  within(4, app(TEXT, b"\0n")), ctx(2, b"\x08"), within(5, app(ENUMERATED, b"\2"), app(ENUMERATED, b"\x20")))),
    network(bytes((0x20, 1, 15))), network(bytes((0x50, 1, 12)) + app(ENUMERATED, b"\1") + app(ENUMERATED, b"\x1f")),
    network(bytes((0x50, 1, 10)) + within(0, app(ENUMERATED, b"\1"), app(ENUMERATED, b"\x1f")) + ctx(1, b"\0")),
    network(bytes((0x60, 1, 9))), network(bytes((0x70, 1, 4))), network(bytes((0x3C, 1, 0, 4, 14)) + value),
]
# Services and values whose tags hold objects, properties and values of others.
log = ctx(0, thing(TREND_LOG, 1)) + ctx(1, bytes((LOG_BUFFER,)))
stamp = within(3, ctx(1, b"\x09"))
reference = ctx(0, thing(ANALOG_VALUE, 5)) + ctx(1, bytes((PRESENT,))) + ctx(3, thing(DEVICE, 4))
about = ctx(1, thing(DEVICE, 4)), ctx(2, thing(TREND_LOG, 1)), stamp
first = app(OBJECT, thing(ANALOG_VALUE, 7))
new = ctx(0, bytes((NAME,))) + within(2, app(TEXT, b"\0new")), ctx(0, bytes((PRESENT,))) + within(2, real(3.5))
full = within(12, within(10, within(0, reference), ctx(1, b"\1"), ctx(2, b"\x14")))
failed = within(0, app(ENUMERATED, b"\2"), app(ENUMERATED, b"\x28"))
recipient = app(BITS, b"\1\xfe"), app(TIME, bytes(4)), ctx(0, thing(DEVICE, 12)), app(UNSIGNED, b"\1")
asked += [
    ask(0, ctx(0, b"\1"), *about[1:2], ctx(2, b"\2"), stamp, ctx(4, b"\0alice")), ask(2, ctx(0, b"\1"), *about, full),
    tell(3, ctx(0, b"\1"), *about, full), tell(4, ctx(0, b"\3\xe7"), ctx(1, b"\x08")),
    tell(5, ctx(0, thing(DEVICE, 4)), ctx(2, b"\0"), ctx(3, b"\0a text")),
    ask(4, ctx(0, b"\0"), within(1, within(0, ctx(0, thing(DEVICE, 5))), ctx(1, b"\3"))),
    ask(8, ctx(0, thing(15, 1)), ctx(1, bytes((RECIPIENTS,))), within(3, *recipient)),
    ask(10, within(0, ctx(1, thing(ANALOG_VALUE, 7))), within(1, *new)), ask(11, first),
    ask(16, ctx(0, thing(ANALOG_VALUE, 5)), within(1, *new)), ask(26, log, within(6, app(UNSIGNED, b"\1"), app(SIGNED, b"\xfd"))),
    ask(18, ctx(0, b"\3\xe7"), ctx(1, b"\x08")), ask(27, ctx(0, b"\1"), ctx(1, b"\0bob"), ctx(2, b"\1"), ctx(3, thing(21, 3))),
    ask(28, ctx(0, b"\1"), ctx(1, thing(ANALOG_INPUT, 3)), ctx(2, b"\1"), within(4, ctx(0, bytes((PRESENT,))))),
    ask(29, ctx(0, thing(ANALOG_INPUT, 3))),
]
answered += [
    answer(26, log, ctx(3, b"\5\xc0"), ctx(4, b"\1"), within(5, within(0, app(DATE, bytes(4)), app(TIME, bytes(4))),
           within(1, within(8, app(ENUMERATED, b"\2"), app(ENUMERATED, b"\x20"))))),
    answer(29, within(0, ctx(0, thing(ANALOG_INPUT, 3)), ctx(1, b"\2"), ctx(2, b"\5\0")), ctx(1, b"\0")),
    answer(12, ctx(0, thing(17, 1)), ctx(1, bytes((REFERENCES,))), within(3, reference)),
    answer(12, ctx(0, thing(DEVICE, 1)), ctx(1, bytes((SUBSCRIPTIONS,))),
           within(3, within(0, within(0, ctx(0, thing(DEVICE, 4))), ctx(1, b"\3")),
                  within(1, ctx(0, thing(ANALOG_INPUT, 3)), ctx(1, bytes((PRESENT,)))), ctx(2, b"\1"), ctx(3, b"\x63"))),
    network(bytes((0x50, 1, 16)) + failed + within(1, value)), network(bytes((0x50, 1, 18)) + failed + ctx(1, b"\3\xe7") + ctx(2, b"\1")),
]
frames = [there(link(data)) for data in asked] + [back(link(data)) for data in answered]
frames += [
    there(link(network(b"\0", 0x80))), there(link(network(b"\1\0\5\0\6", 0x80))), there(link(network(b"\4\0\7", 0x80))),
    there(link(network(who_is[2:], 0x20, b"\xff\xff\0\xff"))), there(link(network(who_is[2:], 0x28, b"\xff\xff\0\0\5\1\7\xff"))),
    there(link(network(who_is[2:], 0x08, b"\0\5\6abcdef"))), there(link(who_is, 11)), there(link(who_is, 4, place)), there(link(who_is, 9)),
    there(link(b"\0\0", 0)), there(link(place + b"\xff\xff\xff\xff", 1)), there(link(b"", 2)), there(link(place + bytes(4), 3)),
    there(link(b"\0\x3c", 5)), there(link(b"", 6)), there(link(place + bytes(4), 7)), there(link(place, 8)), llc(who_is), llc(i_am),
    there(link(network(b"\6\1\0\5\1\2ab", 0x80))), there(link(network(b"\7\0", 0x80))), there(link(network(b"\x08\0\5\x10", 0x80))),
    there(link(network(b"\x13\0\5\1", 0x80))), there(link(network(b"\x85\3\xe7abc", 0x80))),
    # On another port; lengths that lie; no BACnet.
    there(link(i_am), 50000), there(link(who_is, length=2)), there(b"hello world"),
]
send("eth0", *frames)
