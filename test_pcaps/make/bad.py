#!/usr/bin/python3
# bad.py -- files that are damaged, cut, empty or not captures, and one whose packets lie.
# SPDX-License-Identifier: Apache-2.0
"""usage: bad.py GOOD FOLDER; GOOD is a little-endian classic pcap file."""

import random
import struct
import sys
from pathlib import Path

from lies import PACKETS

FIRST_SECOND = 1767323045  # 2026-01-02T03:04:05Z
USER0, ETHERNET = 147, 1


def header(link: int = ETHERNET) -> bytes:
    return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link)


def record(
    index: int, data: bytes, captured: int | None = None, length: int | None = None
) -> bytes:
    captured = len(data) if captured is None else captured
    length = len(data) if length is None else length
    return struct.pack("<4I", FIRST_SECOND + index, 1000 * index, captured, length) + data


def first_packets(good: bytes, count: int) -> list[bytes]:
    packets, at = [], 24
    for _ in range(count):
        size = struct.unpack("<I", good[at + 8 : at + 12])[0]
        packets.append(good[at + 16 : at + 16 + size])
        at += 16 + size
    return packets


def main() -> None:
    good, folder = Path(sys.argv[1]).read_bytes(), Path(sys.argv[2])
    packets = first_packets(good, 6)
    whole = header() + b"".join(record(index, data) for index, data in enumerate(packets))
    files = {
        "truncated_packet": whole[: -len(packets[-1]) // 2],
        "truncated_record_header": whole[: -len(packets[-1]) - 7],
        "truncated_header": good[:17],
        "empty": b"",
        "garbage": random.Random(20260102).randbytes(1000),
        "unknown_linktype": header(USER0)
        + record(0, b"what a user of link type 147 means")
        + record(1, b""),
        "caplen_gt_len": header()
        + b"".join(
            record(index, data, length=len(data) - 10 * index) for index, data in enumerate(packets)
        ),
        "huge_caplen": header()
        + record(0, packets[0])
        + record(1, packets[1], captured=0x7FFFFFFF),
        "zero_packets": header(),
        "lies": header()
        + b"".join(record(index, data) for index, data in enumerate(PACKETS.values())),
    }
    for name, content in files.items():
        (folder / f"{name}.pcap").write_bytes(content)


main()
