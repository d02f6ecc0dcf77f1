# made.py -- builds the small captures of the self-tests, byte by byte.
# SPDX-License-Identifier: Apache-2.0
import socket
import struct

ETHERNET = 1
PPP = 9
MACS = bytes.fromhex("020000000002020000000001")


def checksum(data):
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ethernet(payload, kind=0x0800):
    return MACS + struct.pack("!H", kind) + payload


def ip(payload, protocol, source="10.0.0.1", target="10.0.0.2", fragment=0):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 7, fragment, 64, protocol, 0,
                       socket.inet_aton(source), socket.inet_aton(target))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def ipv6(payload, header, source="2001:db8::1", target="2001:db8::2"):
    return (struct.pack("!IHBB", 6 << 28, len(payload), header, 64)
            + socket.inet_pton(socket.AF_INET6, source)
            + socket.inet_pton(socket.AF_INET6, target) + payload)


def tcp(payload=b"", source=40000, target=80, flags=0x18):
    return struct.pack("!HHIIBBHHH", source, target, 1000, 2000, 0x50, flags, 512, 0, 0) + payload


def udp(payload=b"", source=40001, target=53):
    return struct.pack("!HHHH", source, target, 8 + len(payload), 0) + payload


def icmp_error(quoted):
    body = struct.pack("!BBHI", 3, 3, 0, 0) + quoted
    return body[:2] + struct.pack("!H", checksum(body)) + body[4:]


def icmpv6_error(quoted):
    return struct.pack("!BBHI", 1, 4, 0, 0) + quoted


def gre(payload, kind=0x0800):
    return struct.pack("!HH", 0, kind) + payload


def vxlan(frame, vni=5):
    return struct.pack("!II", 0x08000000, vni << 8) + frame


def dns_name(name):
    return b"".join(bytes([len(label)]) + label for label in name.split(b".") if label) + b"\0"


def dns_query(name, number=0x1234):
    return struct.pack("!6H", number, 0x0100, 1, 0, 0, 0) + dns_name(name) + b"\0\x01\0\x01"


def pcap(frames, link=ETHERNET):
    """A little-endian capture. A frame is bytes, or (bytes, original length)."""
    out = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, link)
    for number, frame in enumerate(frames):
        data, length = frame if isinstance(frame, tuple) else (frame, len(frame))
        out += struct.pack("<IIII", 1700000000 + number, 123456, len(data), length) + data
    return out


def write(path, frames, link=ETHERNET):
    with open(path, "wb") as file:
        file.write(pcap(frames, link))
    return path
