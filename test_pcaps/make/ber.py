# ber.py -- elements of BER (X.690) for the scripts that build messages.
# SPDX-License-Identifier: Apache-2.0

INTEGER, OCTETS, NULL, OID, ENUMERATED, SEQUENCE, SET = 2, 4, 5, 6, 10, 0x30, 0x31


def length(n: int) -> bytes:
    if n < 128:
        return bytes([n])
    digits = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(digits)]) + digits


def element(tag: int, *contents: bytes | str) -> bytes:
    parts = [part.encode() if isinstance(part, str) else part for part in contents]
    value = b"".join(parts)
    return bytes([tag]) + length(len(value)) + value


def integer(value: int, tag: int = INTEGER) -> bytes:
    size = 1
    while not -(1 << (8 * size - 1)) <= value < 1 << (8 * size - 1):
        size += 1
    return element(tag, value.to_bytes(size, "big", signed=True))


def octets(value: bytes | str) -> bytes:
    return element(OCTETS, value)


def sequence(*parts: bytes) -> bytes:
    return element(SEQUENCE, *parts)


def app(number: int, *parts: bytes | str) -> bytes:
    """[APPLICATION number], constructed"""
    return element(0x60 | number, *parts)


def ctx(number: int, *parts: bytes | str) -> bytes:
    """[number], constructed"""
    return element(0xA0 | number, *parts)


def ctx_plain(number: int, *parts: bytes | str) -> bytes:
    """[number], primitive"""
    return element(0x80 | number, *parts)


def oid(text: str) -> bytes:
    first, second, *rest = (int(arc) for arc in text.split("."))
    out = b""
    for arc in (40 * first + second, *rest):
        digits = [arc & 127]
        while arc := arc >> 7:
            digits.insert(0, 128 | arc & 127)
        out += bytes(digits)
    return element(OID, out)
