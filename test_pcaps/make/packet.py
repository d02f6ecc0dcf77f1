# packet.py -- frames from parts, with right lengths and checksums unless a script asks for others.
# SPDX-License-Identifier: Apache-2.0

import ipaddress
import socket
import struct
import time

MAC_A = "02:00:00:00:00:0a"
MAC_B = "02:00:00:00:00:0b"
BROADCAST = "ff:ff:ff:ff:ff:ff"
ETH_IP, ETH_ARP, ETH_RARP, ETH_IP6 = 0x0800, 0x0806, 0x8035, 0x86DD
ICMP, TCP, UDP, IP6_FRAGMENT, AH, ICMP6, IP6_NONE, IP6_OPTIONS = 1, 6, 17, 44, 51, 58, 59, 60
UDPLITE = 136
FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = 1, 2, 4, 8, 16, 32, 64, 128
MORE = 0x2000


def mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def addr(text: str) -> bytes:
    return ipaddress.ip_address(text).packed


def checksum(data: bytes) -> int:
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pad(data: bytes, size: int, fill: bytes = b"\0") -> bytes:
    return data + fill * (-len(data) % size)


def ethernet(kind: int, payload: bytes, dst: str = MAC_B, src: str = MAC_A) -> bytes:
    return mac(dst) + mac(src) + struct.pack("!H", kind) + payload


def ip4(src: str, dst: str, proto: int, payload: bytes, **field: int | bytes) -> bytes:
    """fields: tos, ident, frag (flags and offset in words), ttl, options, length, words, version"""
    options = pad(field.get("options", b""), 4)
    first = field.get("version", 4) << 4 | field.get("words", 5 + len(options) // 4)
    length = field.get("length", 20 + len(options) + len(payload))
    head = struct.pack(
        "!BBHHHBBH",
        first,
        field.get("tos", 0),
        length,
        field.get("ident", 1),
        field.get("frag", 0),
        field.get("ttl", 64),
        proto,
        0,
    )
    head += addr(src) + addr(dst) + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def ip6(src: str, dst: str, following: int, payload: bytes, **field: int) -> bytes:
    """fields: tclass, flow, hlim, length"""
    first = 6 << 28 | field.get("tclass", 0) << 20 | field.get("flow", 0)
    length = field.get("length", len(payload))
    return (
        struct.pack("!IHBB", first, length, following, field.get("hlim", 64))
        + addr(src)
        + addr(dst)
        + payload
    )


def _summed(
    src: str, dst: str, proto: int, data: bytes, at: int, covered: int | None = None
) -> bytes:
    """data with the checksum over it and the pseudo header put at offset at."""
    pseudo = addr(src) + addr(dst) + struct.pack("!II", len(data), proto)
    part = data if covered is None else data[:covered]
    value = checksum(pseudo + part) or (0xFFFF if proto in (UDP, UDPLITE) else 0)
    return data[:at] + struct.pack("!H", value) + data[at + 2 :]


def udp(src: str, dst: str, ports: tuple[int, int], payload: bytes, **field: int) -> bytes:
    """fields: length; sum (0 for none)"""
    length = field.get("length", 8 + len(payload))
    data = struct.pack("!HHHH", *ports, length, 0) + payload
    return data if field.get("sum") == 0 else _summed(src, dst, UDP, data, 6)


def udplite(src: str, dst: str, ports: tuple[int, int], payload: bytes, coverage: int) -> bytes:
    data = struct.pack("!HHHH", *ports, coverage, 0) + payload
    return _summed(src, dst, UDPLITE, data, 6, coverage or None)


def tcp(
    src: str,
    dst: str,
    ports: tuple[int, int],
    flags: int,
    payload: bytes = b"",
    **field: int | bytes,
) -> bytes:
    """fields: seq, ack, options, words, window, urgent"""
    options = pad(field.get("options", b""), 4)
    first = field.get("words", 5 + len(options) // 4) << 12 | flags
    data = (
        struct.pack(
            "!HHIIHHHH",
            *ports,
            field.get("seq", 1000),
            field.get("ack", 0),
            first,
            field.get("window", 64240),
            0,
            field.get("urgent", 0),
        )
        + options
        + payload
    )
    return _summed(src, dst, TCP, data, 16)


def icmp(kind: int, code: int, rest: bytes = bytes(4), payload: bytes = b"") -> bytes:
    data = struct.pack("!BBH", kind, code, 0) + rest + payload
    return data[:2] + struct.pack("!H", checksum(data)) + data[4:]


def icmp6(src: str, dst: str, kind: int, code: int, rest: bytes = bytes(4)) -> bytes:
    return _summed(src, dst, ICMP6, struct.pack("!BBH", kind, code, 0) + rest, 2)


def send(interface: str, *frames: bytes, gap: float = 0.02) -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        sock.bind((interface, 0))
        for frame in frames:
            sock.send(frame)
            time.sleep(gap)
