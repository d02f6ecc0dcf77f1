# pcaps.py -- what a capture file holds, read by other code than espcap's.
# SPDX-License-Identifier: Apache-2.0
import collections
import datetime
import ipaddress
import random
import struct

Packet = collections.namedtuple("Packet", "number time_ns data length")
Flow = collections.namedtuple("Flow", "source sport destination dport payload")
# magic in little-endian -> (byte order of the file, nanoseconds in a unit of its fractions)
MAGICS = {0xa1b2c3d4: ("<", 1000), 0xd4c3b2a1: (">", 1000),
          0xa1b23c4d: ("<", 1), 0x4d3cb2a1: (">", 1)}
NG_PACKETS = (2, 3, 6)  # packet, simple packet, enhanced packet


def packets(path):
    """The packets of a classic pcap file; the numbers start with 1."""
    with open(path, "rb") as file:
        data = file.read()
    order, unit = MAGICS[struct.unpack_from("<I", data)[0]]
    found, at = [], 24
    while at + 16 <= len(data):
        seconds, fraction, kept, length = struct.unpack_from(order + "IIII", data, at)
        found.append(Packet(len(found) + 1, seconds * 10**9 + fraction * unit,
                            data[at + 16:at + 16 + kept], length))
        at += 16 + kept
    return found


def count(path):
    """The number of packets of a pcap or pcapng file."""
    with open(path, "rb") as file:
        data = file.read()
    if data[:4] != b"\x0a\x0d\x0d\x0a":
        return len(packets(path))
    order = "<" if data[8:12] == b"\x4d\x3c\x2b\x1a" else ">"
    found = at = 0
    while at + 12 <= len(data):
        kind, length = struct.unpack_from(order + "II", data, at)
        found += kind in NG_PACKETS
        at += length
    return found


def tcp(data):
    """The flow of an Ethernet frame with TCP over IPv4, else None."""
    if data[12:14] != b"\x08\x00" or data[23] != 6:
        return None
    start = 14 + (data[14] & 15) * 4
    sport, dport = struct.unpack_from("!HH", data, start)
    end = 14 + struct.unpack_from("!H", data, 16)[0]
    return Flow(str(ipaddress.IPv4Address(data[26:30])), sport,
                str(ipaddress.IPv4Address(data[30:34])), dport,
                data[start + (data[start + 12] >> 4) * 4:end])


def payload_of(data):
    """(17 or 6, source port, destination port, payload) of an Ethernet frame with UDP or TCP over
    IPv4 without options, else None."""
    if len(data) < 54 or data[12:15] != b"\x08\x00\x45" or data[23] not in (6, 17):
        return None
    start = 34 + ((data[46] >> 4) * 4 if data[23] == 6 else 8)
    end = 14 + struct.unpack_from("!H", data, 16)[0]
    return (data[23], *struct.unpack_from("!HH", data, 34), data[start:end])


def frame(proto, sport, dport, payload):
    """An Ethernet frame with this payload in UDP (17) or TCP (6) over IPv4."""
    if proto == 6:
        head = struct.pack("!HHIIBBHHH", sport, dport, 1, 1, 0x50, 0x18, 1000, 0, 0)
    else:
        head = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0)
    ip = struct.pack("!BBHHHBBHII", 0x45, 0, 20 + len(head) + len(payload), 0, 0, 64, proto, 0,
                     0x0a000001, 0x0a000002)
    return bytes.fromhex("0200000000020200000000010800") + ip + head + payload


def write(path, frames):
    """A capture of Ethernet frames, all of one second."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        for data in frames:
            file.write(struct.pack("<IIII", 1_700_000_000, 0, len(data), len(data)) + data)


def stamp(time_ns):
    """A time as documents have it: UTC, nine decimals."""
    moment = datetime.datetime.fromtimestamp(time_ns // 10**9, datetime.timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time_ns % 10**9:09d}Z"


def day(time_ns):
    return stamp(time_ns)[:10].replace("-", ".")


def numbered(path, total, first=1, start=1_700_000_000, payload=12):
    """Writes a capture of Ethernet frames with UDP whose source address is their number; the
    payload is random, so that it does not compress."""
    chance = random.Random(total)
    frames = [struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1)]
    for number in range(first, first + total):
        ip = struct.pack("!BBHHHBBHII", 0x45, 0, 28 + payload, 0, 0, 64, 17, 0, 0x0a000000 + number,
                         0xc0000201)
        frame = (bytes.fromhex("0200000000020200000000010800") + ip +
                 struct.pack("!HHHH", 40000, 9, 8 + payload, 0) + chance.randbytes(payload))
        frames.append(struct.pack("<IIII", start + number // 1000, number % 1000 * 1000,
                                  len(frame), len(frame)) + frame)
    with open(path, "wb") as file:
        file.write(b"".join(frames))


def number_of(address):
    """The number of a packet of numbered()."""
    return int(ipaddress.IPv4Address(address)) - 0x0a000000
