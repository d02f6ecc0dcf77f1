#!/usr/bin/python3
# pcapng.py -- pcap files as interfaces of one pcapng file, with what programs seldom write.
# SPDX-License-Identifier: Apache-2.0
"""usage: pcapng.py OUTPUT NAME=RESOLUTION=LIMIT=INPUT...
RESOLUTION is if_tsresol: 6, 9 (powers of ten), 2^20 (powers of two). INPUT: little-endian pcap."""

import struct
import sys
from collections.abc import Iterator

NANO, MICRO = 0xA1B23C4D, 0xA1B2C3D4
BLOCK = {
    "section": 0x0A0D0D0A,
    "interface": 1,
    "names": 4,
    "statistics": 5,
    "packet": 6,
    "future": 0x0ABC0DEF,
}
# Seconds that the third interface's clock is told to be behind: if_tsoffset makes up for it.
OFFSET = 3600
Packet = tuple[int, int, int, bytes]


def option(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data + bytes(-len(data) % 4)


def block(kind: str, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    length = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", BLOCK[kind]) + length + body + length


def read(path: str, limit: int) -> tuple[int, list[Packet]]:
    """The link type, and of each packet its time in ns, length, and captured bytes."""
    packets: list[Packet] = []
    with open(path, "rb") as file:
        magic, *_, link = struct.unpack("<IHHiIII", file.read(24))
        unit = {NANO: 1, MICRO: 1000}[magic]
        while len(packets) < limit and (head := file.read(16)):
            seconds, part, length, original = struct.unpack("<4I", head)
            packets.append(
                (seconds * 10**9 + part * unit, len(packets), original, file.read(length))
            )
    return link, packets


class Interface:
    def __init__(self, number: int, text: str) -> None:
        self.name, resolution, limit, path = text.split("=")
        self.number = number
        self.binary = resolution.startswith("2^")
        self.exponent = int(resolution.removeprefix("2^"))
        self.offset = OFFSET if number == 2 else 0
        self.link, self.packets = read(path, int(limit))

    def ticks(self, nanoseconds: int) -> int:
        base = 2 if self.binary else 10
        return (nanoseconds - self.offset * 10**9) * base**self.exponent // 10**9

    def description(self) -> bytes:
        body = struct.pack("<HHI", self.link, 0, 262144)
        body += option(2, self.name.encode()) + option(
            3, f"port {self.number} of the tests".encode()
        )
        body += option(9, bytes([self.exponent | (0x80 if self.binary else 0)]))
        if self.offset:
            body += option(14, struct.pack("<q", self.offset))
        return block("interface", body + option(0, b""))

    def packet(self, packet: Packet) -> bytes:
        time, index, original, data = packet
        ticks = self.ticks(time)
        body = struct.pack("<5I", self.number, ticks >> 32, ticks & 0xFFFFFFFF, len(data), original)
        body += data + bytes(-len(data) % 4)
        if index == 0:
            body += option(1, f"the first packet on {self.name}".encode())
            body += option(1, "a second comment: grüß Gott".encode())
        if index == 1:
            # Inbound, unicast; then an option that nobody knows.
            body += option(2, struct.pack("<I", 1 | 1 << 2)) + option(0x7001, b"?")
        return block("packet", body + (option(0, b"") if index < 2 else b""))

    def statistics(self) -> bytes:
        ticks = self.ticks(self.packets[-1][0])
        body = struct.pack("<3I", self.number, ticks >> 32, ticks & 0xFFFFFFFF)
        body += option(4, struct.pack("<Q", len(self.packets))) + option(5, struct.pack("<Q", 0))
        return block("statistics", body + option(0, b""))


def blocks(interfaces: list[Interface]) -> Iterator[bytes]:
    section = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
    section += option(1, b"made by pcapng.py from captures of the espcap tests")
    section += option(2, b"none") + option(3, b"Linux") + option(4, b"pcapng.py") + option(0, b"")
    yield block("section", section)
    yield from (interface.description() for interface in interfaces)
    name = bytes((10, 0, 0, 4)) + b"a.espcap.test\0"
    yield block("names", struct.pack("<HH", 1, len(name)) + name + bytes(-len(name) % 4) + bytes(4))
    yield block("future", b"a type that nobody has yet")
    everything = [
        (packet[0], interface, packet) for interface in interfaces for packet in interface.packets
    ]
    for _, interface, packet in sorted(everything, key=lambda entry: entry[0]):
        yield interface.packet(packet)
    yield from (interface.statistics() for interface in interfaces)


def main() -> None:
    interfaces = [Interface(number, text) for number, text in enumerate(sys.argv[2:])]
    with open(sys.argv[1], "wb") as file:
        file.writelines(blocks(interfaces))


if __name__ == "__main__":
    main()
