#!/usr/bin/python3
# routing.py -- messages of OSPF, PIM, VRRP and HSRP, each kind once or more.
# SPDX-License-Identifier: Apache-2.0

import struct
import sys

from packet import (ETH_IP, ETH_IP6, ICMP, UDP, addr, checksum, ethernet, icmp, ip4, ip6, send,
                    udp)

R1, R2, R1_6 = "10.0.0.4", "10.0.0.80", "fe80::4"
OSPF, PIM, VRRP = 89, 103, 112
Body = bytes


def over4(proto: int, dst: str, data: bytes, **field: int) -> bytes:
    group = "01:00:5e:" + ":".join(f"{byte:02x}" for byte in addr(dst)[1:])
    return ethernet(ETH_IP, ip4(R1, dst, proto, data, ttl=field.get("ttl", 1)), group)


def over6(proto: int, dst: str, data: bytes, **field: int) -> bytes:
    group = "33:33:" + ":".join(f"{byte:02x}" for byte in addr(dst)[-4:])
    return ethernet(ETH_IP6, ip6(R1_6, dst, proto, data, hlim=field.get("hlim", 1)), group)


def summed(data: bytes, at: int, pseudo: bytes = b"", covered: int | None = None) -> bytes:
    value = checksum(pseudo + data[:covered])
    return data[:at] + struct.pack("!H", value) + data[at + 2 :]


def pseudo(dst: str, proto: int, data: bytes, src: str = R1_6) -> bytes:
    return addr(src) + addr(dst) + struct.pack("!II", len(data), proto)


# --- OSPF ---


def ospf2(kind: int, body: Body, area: str = "0.0.0.0", auth: int = 0, tail: Body = b"") -> bytes:
    key = b"s3cr3t\0\0" if auth == 1 else struct.pack("!HBBI", 0, 1, 16, 77) if auth else bytes(8)
    head = struct.pack("!BBH", 2, kind, 24 + len(body)) + addr("192.0.2.1") + addr(area)
    head += struct.pack("!HH", 0, auth)
    if auth != 2:
        head = summed(head + body, 12)[:16]
    return over4(OSPF, "224.0.0.5", head + key + body + tail)


def ospf3(kind: int, body: Body, area: str = "0.0.0.1") -> bytes:
    head = struct.pack("!BBH", 3, kind, 16 + len(body)) + addr("192.0.2.1") + addr(area)
    data = head + bytes(2) + b"\0\0" + body
    return over6(OSPF, "ff02::5", summed(data, 12, pseudo("ff02::5", OSPF, data)))


def ospf_hello(*neighbors: str) -> bytes:
    return (addr("255.255.255.0") + struct.pack("!HBBI", 10, 2, 1, 40) + addr(R1) + addr(R2)
            + b"".join(map(addr, neighbors)))


def ospf_hello6(*neighbors: str) -> bytes:
    return (struct.pack("!IIHH", 5, 1 << 24 | 0x13, 10, 40) + addr("192.0.2.1") + addr("0.0.0.0")
            + b"".join(map(addr, neighbors)))


def ospf() -> list[bytes]:
    router = struct.pack("!HBB", 1, 2, 1) + addr("192.0.2.1") * 2 + struct.pack("!IHH", 0x80000001,
                                                                                 0, 24)
    router += struct.pack("!HH", 0, 0)
    request = struct.pack("!I", 1) + addr("192.0.2.2") * 2
    return [
        ospf2(1, ospf_hello()),
        ospf2(1, ospf_hello("192.0.2.2", "192.0.2.3")),
        ospf2(1, ospf_hello("192.0.2.2"), "0.0.0.7", 1),
        ospf2(1, ospf_hello("192.0.2.2"), auth=2, tail=bytes(range(16))),
        ospf2(2, struct.pack("!HBBI", 1500, 2, 7, 4711) + router[:20]),
        ospf2(3, request),
        ospf2(4, struct.pack("!I", 1) + router),
        ospf2(5, router[:20]),
        ospf3(1, ospf_hello6()),
        ospf3(1, ospf_hello6("192.0.2.2", "192.0.2.3")),
        ospf3(2, struct.pack("!IHBBI", 0x13, 1500, 0, 7, 4711)),
        ospf3(3, struct.pack("!HH", 0, 0x2001) + bytes(4) + addr("192.0.2.2")),
    ]


# --- PIM ---


def unicast(text: str) -> bytes:
    packed = addr(text)
    return struct.pack("!BB", 1 if len(packed) == 4 else 2, 0) + packed


def group(text: str, bits: int = 0, flags: int = 0) -> bytes:
    packed = addr(text)
    head = struct.pack("!BBBB", 1 if len(packed) == 4 else 2, 0, flags, bits or len(packed) * 8)
    return head + packed


def pim(kind: int, body: Body, dst: str = "224.0.0.13", covered: int | None = None) -> bytes:
    data = struct.pack("!BBH", 2 << 4 | kind, 0, 0) + body
    if ":" in dst:
        return over6(PIM, dst, summed(data, 2, pseudo(dst, PIM, data)))
    return over4(PIM, dst, summed(data, 2, b"", covered))


def joins(group_and_sources: list[tuple[str, list[str], list[str]]], upstream: str) -> bytes:
    data = unicast(upstream) + struct.pack("!BBH", 0, len(group_and_sources), 210)
    for name, join, prune in group_and_sources:
        data += group(name) + struct.pack("!HH", len(join), len(prune))
        data += b"".join(group(source, flags=4) for source in join + prune)
    return data


def pims() -> list[bytes]:
    inner = ip4("192.0.2.9", "239.1.2.3", ICMP, icmp(8, 0, struct.pack("!HH", 7, 1), b"to all"))
    options = struct.pack("!HHHHHIHHI", 1, 2, 105, 19, 4, 1, 20, 4, 0x12345678)
    return [
        pim(0, options),
        pim(0, options, "ff02::d"),
        pim(1, bytes(4) + inner, R2, 8),
        pim(2, group("239.1.2.3") + unicast("192.0.2.9")),
        pim(3, joins([("239.1.2.3", ["192.0.2.9"], []),
                      ("239.1.2.4", ["192.0.2.9", "192.0.2.10"], ["192.0.2.11"])], R2)),
        pim(3, joins([("ff0e::1234", ["2001:db8::9"], [])], "fe80::80"), "ff02::d"),
        pim(4, struct.pack("!HBB", 4711, 30, 64) + unicast(R1) + group("224.0.0.0", 4)
            + struct.pack("!BBH", 2, 2, 0) + unicast(R1) + struct.pack("!HBB", 150, 1, 0)
            + unicast(R2) + struct.pack("!HBB", 140, 2, 0)),
        pim(5, group("239.1.2.3") + unicast("192.0.2.9") + struct.pack("!II", 110, 20)),
        pim(6, joins([("239.1.2.3", ["192.0.2.9"], [])], R2)),
        pim(7, joins([("239.1.2.3", ["192.0.2.9"], [])], R1)),
        pim(8, struct.pack("!BBH", 2, 192, 150) + unicast(R1) + group("224.0.0.0", 4)
            + group("239.0.0.0", 8)),
        pim(9, group("239.1.2.3") + unicast("192.0.2.9") + unicast(R1)
            + struct.pack("!IIBBBB", 110, 20, 32, 16, 0, 60)),
    ]


# --- VRRP and HSRP ---


def vrrp2(prio: int, *addresses: str) -> bytes:
    data = struct.pack("!BBBBBBH", 0x21, 7, prio, len(addresses), 1, 1, 0)
    data += b"".join(map(addr, addresses)) + b"s3cr3t\0\0"
    return over4(VRRP, "224.0.0.18", summed(data, 6), ttl=255)


def vrrp3(prio: int, *addresses: str) -> bytes:
    data = struct.pack("!BBBBHH", 0x31, 8, prio, len(addresses), 100, 0)
    data += b"".join(map(addr, addresses))
    if ":" in addresses[0]:
        data = summed(data, 6, pseudo("ff02::12", VRRP, data))
        return over6(VRRP, "ff02::12", data, hlim=255)
    return over4(VRRP, "224.0.0.18", summed(data, 6, pseudo("224.0.0.18", VRRP, data, R1)), ttl=255)


def vrrp() -> list[bytes]:
    return [
        vrrp2(255, "10.0.0.1"),
        vrrp2(100, "10.0.0.1", "10.0.0.2"),
        vrrp2(0, "10.0.0.1"),
        vrrp3(200, "10.0.0.1", "10.0.0.3"),
        vrrp3(200, "fe80::1", "2001:db8::1"),
    ]


def hsrp1(opcode: int, state: int) -> bytes:
    dst = "224.0.0.2"
    data = struct.pack("!BBBBBBBB", 0, opcode, state, 3, 10, 120, 1, 0) + b"cisco\0\0\0"
    return over4(UDP, dst, udp(R1, dst, (1985, 1985), data + addr("10.0.0.1")))


def hsrp() -> list[bytes]:
    state2 = struct.pack("!BBBBBBH", 1, 40, 2, 0, 6, 4, 7) + bytes.fromhex("02000000000a")
    state2 += struct.pack("!III", 100, 3000, 10000) + addr("10.0.0.1") + bytes(12)
    advertise = struct.pack("!BBHHBBHHI", 0, 3, 1, 10, 1, 0, 1, 0, 0)
    return [
        *(hsrp1(0, state) for state in (0, 1, 2, 4, 8, 16)),
        hsrp1(1, 4),
        hsrp1(2, 16),
        over4(UDP, "224.0.0.2", udp(R1, "224.0.0.2", (1985, 1985), advertise)),
        over4(UDP, "224.0.0.102", udp(R1, "224.0.0.102", (1985, 1985), state2)),
        over6(UDP, "ff02::66", udp(R1_6, "ff02::66", (2029, 2029), state2)),
    ]


send("eth0", *{"ospf": ospf, "pim": pims, "vrrp": vrrp, "hsrp": hsrp}[sys.argv[1]]())
