# linkfile.py -- a capture of any link type from frames built by hand.
# SPDX-License-Identifier: Apache-2.0

import struct

START, STEP = 1_767_323_045, 20_000    # 2026-01-02, and 20 ms between packets


def write(path: str, link: int, frames: list[bytes]) -> None:
    """Classic pcap, little-endian, microseconds."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link))
        for number, data in enumerate(frames):
            seconds, micros = divmod(number * STEP, 1_000_000)
            file.write(struct.pack("<4I", START + seconds, micros, len(data), len(data)) + data)
