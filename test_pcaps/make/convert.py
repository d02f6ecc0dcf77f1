#!/usr/bin/python3
# convert.py -- the same packets in a pcap file of a kind that Linux does not write.
# SPDX-License-Identifier: Apache-2.0
"""usage: convert.py KIND INPUT OUTPUT; KIND is one of the names in KINDS below.
INPUT: classic pcap, little-endian, microseconds; of loopback (Ethernet) or of raw IP."""

import itertools
import struct
import sys
from collections.abc import Callable, Iterator

AF_INET, FAMILIES_OF_IP6 = 2, (24, 28, 30)
NULL, ETHERNET, RAW, LOOP, IPV4, IPV6 = 0, 1, 101, 108, 228, 229
Packet = tuple[int, int, bytes]
next_family = itertools.cycle(FAMILIES_OF_IP6)


def read(path: str) -> Iterator[Packet]:
    with open(path, "rb") as file:
        magic = struct.unpack("<IHHiIII", file.read(24))[0]
        if magic != 0xA1B2C3D4:
            raise SystemExit(f"{path}: not a little-endian pcap file with microseconds")
        while head := file.read(16):
            seconds, micros, length, _ = struct.unpack("<4I", head)
            yield seconds, micros, file.read(length)


def write(path: str, link: int, packets: Iterator[Packet], order: str) -> None:
    with open(path, "wb") as file:
        file.write(struct.pack(order + "IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link))
        for seconds, micros, data in packets:
            file.write(struct.pack(order + "4I", seconds, micros, len(data), len(data)) + data)


def with_family(order: str) -> Callable[[bytes], bytes]:
    """In place of the Ethernet header the address family; of IPv6 each system has its own."""

    def change(data: bytes) -> bytes:
        family = AF_INET if data[14] >> 4 == 4 else next(next_family)
        return struct.pack(order + "I", family) + data[14:]

    return change


def same(data: bytes) -> bytes:
    return data


def only(version: int) -> Callable[[bytes], bytes | None]:
    return lambda data: data if data[0] >> 4 == version else None


# Kind: link type, byte order of the file, what becomes of a packet (None: it is left out).
KINDS: dict[str, tuple[int, str, Callable[[bytes], bytes | None]]] = {
    "null": (NULL, "<", with_family("<")),
    "null-big-endian": (NULL, ">", with_family(">")),
    "null-foreign": (NULL, "<", with_family(">")),
    "loop": (LOOP, "<", with_family(">")),
    "raw-ipv4": (IPV4, "<", only(4)),
    "raw-ipv6": (IPV6, "<", only(6)),
    "big-endian": (ETHERNET, ">", same),
}


def main() -> None:
    kind, source, target = sys.argv[1:]
    link, order, change = KINDS[kind]
    packets = (
        (seconds, micros, new)
        for seconds, micros, data in read(source)
        if (new := change(data)) is not None
    )
    write(target, link, packets, order)


main()
