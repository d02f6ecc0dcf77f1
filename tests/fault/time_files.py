# time_files.py -- capture files of numbered packets, with times of any kind.
# SPDX-License-Identifier: Apache-2.0
import calendar
import struct
import time

S = 10**9
DAY = 86400 * S
NEW_YEAR = 1_767_225_600 * S    # 2026-01-01
LAST = 2**63 - 1                # 2262-04-11T23:47:16.854775807Z


def parse(iso):
    """A time of a document in nanoseconds."""
    seconds = calendar.timegm(time.strptime(iso[:19], "%Y-%m-%dT%H:%M:%S"))
    return seconds * S + int(iso[20:29])


def day_index(iso):
    return "espcap-packets-" + iso[:10].replace("-", ".")


def frame(number):
    """An Ethernet frame with UDP whose source address is its number."""
    payload = struct.pack(">I", number) * 3
    return (bytes.fromhex("0200000000020200000000010800") +
            struct.pack(">BBHHHBBHII", 0x45, 0, 28 + len(payload), 0, 0, 64, 17, 0,
                        0x0A000000 + number, 0xC0000201) +
            struct.pack(">HHHH", 40000, 9, 8 + len(payload), 0) + payload)


def write_pcap(path, numbers):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1))
        for number in numbers:
            data = frame(number)
            file.write(struct.pack("<IIII", 1, number, len(data), len(data)) + data)


def block(kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def write_pcapng(path, times):
    """Packets with times in nanoseconds, also before 1970 and after 2262: each in seconds of an
    offset (if_tsoffset) and nanoseconds of 64 bits behind them."""
    with open(path, "wb") as file:
        file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        offsets = {}
        for number, at in enumerate(times, 1):
            offset = at // S - at // S % 10**8      # one interface for each
            if offset not in offsets:
                offsets[offset] = len(offsets)
                file.write(block(1, struct.pack("<HHI", 1, 0, 0) + option(9, b"\x09") +
                                 option(14, struct.pack("<q", offset)) + option(0, b"")))
            ticks, data = at - offset * S, frame(number)
            file.write(block(6, struct.pack("<IIIII", offsets[offset], ticks >> 32,
                                            ticks & 0xFFFFFFFF, len(data), len(data)) + data))


def strange_times(rng, days=1000):
    """Edges, midnights, and so many days, out of order."""
    last = LAST
    edges = [-1, 0, 1, -S, -S // 2, -DAY, -400 * 365 * DAY, last, last - 1, last + 1, last + S, 2 * last,
             5000 * 365 * DAY]
    midnights = [NEW_YEAR + d * DAY + ns for d in range(-3, 4) for ns in (-1, 0, 1)]
    others = [rng.randrange(20000) * DAY + rng.randrange(DAY) for _ in range(days)]
    times = edges * 4 + midnights * 3 + others
    rng.shuffle(times)
    return times


def own_times(document):
    """@timestamp, and the packet's own time: the same, unless another one is kept beside it."""
    kept = [a for a in document["espcap"].get("anomaly", []) if "seconds" in a]
    stamp = parse(document["@timestamp"])
    return stamp, kept[0]["seconds"] * S + kept[0]["nanoseconds"] if kept else stamp
