# spool_files.py -- a spool's files as bytes, read and changed by other code than espcap's.
# SPDX-License-Identifier: Apache-2.0
import glob
import os
import struct

HEADER = 168    # of a frame: common/spool/frame.h
COUNT_AT, STORED_AT, PAYLOAD_CRC_AT, HEADER_CRC_AT = 32, 40, 44, HEADER - 4


def crc32c(data):
    value = 0xffffffff
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82f63b78 if value & 1 else 0)
    return value ^ 0xffffffff


def frames(spool):
    """(file, offset, header) of the frames in the segments of a spool that nobody writes."""
    for path in sorted(glob.glob(os.path.join(spool, "rec", "*", "data.mdb"))):
        with open(path, "rb") as file:
            data = file.read()
        at = data.find(b"ESPF")
        while at >= 0:
            header = data[at:at + HEADER]
            if len(header) == HEADER and crc32c(header[:HEADER_CRC_AT]) == struct.unpack_from(
                    "<I", header, HEADER_CRC_AT)[0]:
                yield path, at, header
            at = data.find(b"ESPF", at + 1)


def make_newer(spool):
    """Gives the newest frame another dictionary's id under right checksums: that of a version to
    come. How many records it has."""
    path, at, header = max(frames(spool), key=lambda frame: frame[2][8:16])
    size, = struct.unpack_from("<I", header, STORED_AT)
    with open(path, "r+b") as file:
        data = bytearray(file.read())
        # LMDB leaves older copies of a page behind: all of them
        while at >= 0:
            payload = data[at + HEADER:at + HEADER + size]
            assert payload[:5] == bytes.fromhex("28b52ffd") + payload[4:5]
            payload[5] ^= 0x40
            data[at + HEADER:at + HEADER + size] = payload
            struct.pack_into("<I", data, at + PAYLOAD_CRC_AT, crc32c(payload))
            struct.pack_into("<I", data, at + HEADER_CRC_AT,
                             crc32c(data[at:at + HEADER_CRC_AT]))
            at = data.find(header)
        file.seek(0)
        file.write(data)
    return struct.unpack_from("<I", header, COUNT_AT)[0]


def damage_middle(spool):
    """Flips a byte in every copy of a frame that is neither the first nor the last: what it held."""
    found = sorted(frames(spool), key=lambda frame: frame[2][8:16][::-1])
    middle = found[len(found) // 2][2]
    assert found[0][2] != middle != found[-1][2]
    for path, at, header in found:
        if header == middle:
            with open(path, "r+b") as file:
                file.seek(at + HEADER + 20)
                byte = file.read(1)[0]
                file.seek(at + HEADER + 20)
                file.write(bytes([byte ^ 1]))
    return struct.unpack_from("<I", middle, COUNT_AT)[0]


def write_identity(spool, old, new):
    """Changes SPOOL under a right checksum."""
    path = os.path.join(spool, "SPOOL")
    with open(path, "rb") as file:
        text, check = file.read().split(b"check ")
    assert crc32c(text) == int(check, 16) and old in text, (text, check)
    text = text.replace(old, new)
    with open(path, "wb") as file:
        file.write(text + b"check %08x\n" % crc32c(text))
