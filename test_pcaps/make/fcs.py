#!/usr/bin/python3
# fcs.py -- frames with their check sequence, in files that say so: pcap by its link type, pcapng by
# interfaces without one, with one, and with its length in bits.
# SPDX-License-Identifier: Apache-2.0
"""usage: fcs.py PCAP PCAPNG"""

import pathlib
import struct
import sys
import zlib

from packet import ETH_ARP, ETH_IP, MAC_A, UDP, addr, ethernet, ip4, mac, udp
from pcapng import block, option

A, B = "10.0.0.4", "10.0.0.80"
TIME, LEAST = 1767225600, 60
FCS_IN_WORDS = 0x04000000 | 2 << 28
Record = tuple[bytes, int]


def checked(frame: bytes) -> bytes:
    frame += bytes(max(0, LEAST - len(frame)))
    return frame + struct.pack("<I", zlib.crc32(frame))


def datagram(payload: bytes) -> bytes:
    return ethernet(ETH_IP, ip4(A, B, UDP, udp(A, B, (40000, 9999), payload)))


arp = struct.pack("!HHBBH", 1, ETH_IP, 6, 4, 1) + mac(MAC_A) + addr(A) + bytes(6) + addr(B)
whole = [checked(datagram(b"hi")), checked(datagram(b"h" * 100)), checked(datagram(b"x" * 80) + b"tail"),
         checked(ethernet(ETH_ARP, arp)), datagram(b"y" * 60) + b"\x12\x34\x56\x78"]
records: list[Record] = [(frame, len(frame)) for frame in whole]
records += [(whole[1][:-keep], len(whole[1])) for keep in (2, 4, 7)]


def pcap() -> bytes:
    out = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1 | FCS_IN_WORDS)
    for number, (data, length) in enumerate(records):
        out += struct.pack("<4I", TIME + number, 0, len(data), length) + data
    return out


def interface(name: str, length: int | None) -> bytes:
    fcs = b"" if length is None else option(13, bytes([length]))
    return block("interface", struct.pack("<HHI", 1, 0, 262144) + option(2, name.encode()) + fcs + option(0, b""))


def pcapng() -> bytes:
    out = block("section", struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    out += interface("none", None) + interface("zero", 0) + interface("bytes", 4) + interface("bits", 32)
    for number in range(4):
        for data, length in records[:3]:
            ticks = (TIME + number) * 10**6
            head = struct.pack("<5I", number, ticks >> 32, ticks & 0xFFFFFFFF, len(data), length)
            out += block("packet", head + data)
    return out


if __name__ == "__main__":
    pathlib.Path(sys.argv[1]).write_bytes(pcap())
    pathlib.Path(sys.argv[2]).write_bytes(pcapng())
