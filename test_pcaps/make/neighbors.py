#!/usr/bin/python3
# neighbors.py -- rapid and multiple spanning trees, CDP and LLDP: no program at hand speaks them.
# SPDX-License-Identifier: Apache-2.0

import struct
import sys

from packet import MAC_A, addr, ethernet, mac, send

ETH_LLDP = 0x88CC
STP_GROUP, PVST_GROUP, CDP_GROUP = "01:80:c2:00:00:00", "01:00:0c:cc:cc:cd", "01:00:0c:cc:cc:cc"
STP_LLC = b"\x42\x42\x03"


def llc(dst: str, head: bytes, data: bytes) -> bytes:
    data = head + data
    return (mac(dst) + mac(MAC_A) + struct.pack("!H", len(data)) + data).ljust(60, b"\0")


def snap(kind: int) -> bytes:
    return b"\xaa\xaa\x03\x00\x00\x0c" + struct.pack("!H", kind)


# --- spanning tree ---


def bridge(priority: int, last: int) -> bytes:
    return struct.pack("!H", priority) + mac(f"02:00:00:00:00:{last:02x}")


def bpdu(version: int, kind: int, flags: int, tail: bytes = b"") -> bytes:
    times = struct.pack("!HHHH", 0x0180, 20 << 8, 2 << 8, 15 << 8 | 1)
    return (struct.pack("!HBBB", 0, version, kind, flags) + bridge(0x7001, 1)
            + struct.pack("!I", 20000) + bridge(0x8001, 10) + struct.pack("!H", 0x8002)
            + times + tail)


def stp() -> list[bytes]:
    region = b"\0" + b"region one".ljust(32, b"\0") + struct.pack("!H", 3) + bytes(range(16))
    tree = b"\x7c" + bridge(0x8002, 1) + struct.pack("!IBBB", 200, 0x80, 0x80, 20)
    multiple = region + struct.pack("!I", 0) + bridge(0x8000, 10) + b"\x14" + tree
    return [
        llc(STP_GROUP, STP_LLC, bpdu(0, 0, 0x81)),
        llc(STP_GROUP, STP_LLC, struct.pack("!HBB", 0, 0, 0x80)),
        llc(STP_GROUP, STP_LLC, bpdu(2, 2, 0x3C, b"\0")),
        llc(STP_GROUP, STP_LLC, bpdu(2, 2, 0x7E, b"\0")),
        llc(STP_GROUP, STP_LLC, bpdu(3, 2, 0x7C, b"\0" + struct.pack("!H", len(multiple))
                                     + multiple)),
        llc(PVST_GROUP, snap(0x010B), bpdu(0, 0, 0, struct.pack("!BHHH", 0, 0, 2, 100))),
        llc(STP_GROUP, STP_LLC, bpdu(2, 77, 0)),
    ]


# --- CDP ---


def item(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, 4 + len(value)) + value


def cdp_message(version: int, *items: bytes) -> bytes:
    return llc(CDP_GROUP, snap(0x2000), struct.pack("!BBH", version, 180, 0) + b"".join(items))


def cdp() -> list[bytes]:
    address = struct.pack("!IBBBH", 1, 1, 1, 0xCC, 4) + addr("10.0.0.4")
    return [
        cdp_message(1, item(1, b"access1"), item(3, b"Ethernet0")),
        cdp_message(
            2,
            item(1, b"core1.example.net"),
            item(2, address),
            item(3, b"GigabitEthernet0/1"),
            item(4, struct.pack("!I", 0x29)),
            item(5, b"Some Software, Version 12.2(55)\nCopyright of nobody\nCompiled once"),
            item(6, b"switch of example"),
            item(9, b"domain"),
            item(10, struct.pack("!H", 99)),
            item(11, b"\x01"),
            item(0x7777, b"unknown"),
        ),
    ]


# --- LLDP ---


def tlv(kind: int, value: bytes) -> bytes:
    return struct.pack("!H", kind << 9 | len(value)) + value


def of_organisation(oui: str, kind: int, value: bytes) -> bytes:
    return tlv(127, bytes.fromhex(oui) + bytes([kind]) + value)


def management(family: int, address: bytes) -> bytes:
    return tlv(8, struct.pack("!BB", len(address) + 1, family) + address
               + struct.pack("!BIB", 2, 7, 0))


def lldp_message(*items: bytes) -> bytes:
    return ethernet(ETH_LLDP, b"".join(items), "01:80:c2:00:00:0e").ljust(60, b"\0")


def lldp() -> list[bytes]:
    by_mac, end = tlv(1, b"\x04" + mac(MAC_A)), tlv(0, b"")
    life = tlv(3, struct.pack("!H", 120))
    return [
        lldp_message(by_mac, tlv(2, b"\x03" + mac(MAC_A)), life, end),
        lldp_message(
            by_mac,
            tlv(2, b"\x05eth0"),
            life,
            tlv(4, b"the port to b"),
            tlv(5, b"a.example.net"),
            tlv(6, b"a namespace of Linux"),
            tlv(7, struct.pack("!HH", 0x14, 0x10)),
            management(1, addr("10.0.0.4")),
            management(2, addr("2001:db8::4")),
            of_organisation("0080c2", 1, struct.pack("!H", 99)),
            of_organisation("0080c2", 3, struct.pack("!HB", 99, 4) + b"blue"),
            of_organisation("00120f", 1, struct.pack("!BHH", 3, 0x6C01, 30)),
            of_organisation("00120f", 4, struct.pack("!H", 1518)),
            end,
        ),
        lldp_message(tlv(1, b"\x05\x01" + addr("10.0.0.4")), tlv(2, b"\x07" + b"1/0/1"), life, end),
        lldp_message(tlv(1, b"\x07switch"), tlv(2, b"\x01alias of it"), life, end),
        lldp_message(tlv(1, b"\x06eth0"), tlv(2, b"\x02\0\0\0\x07"), tlv(3, b"\0\0"), end),
    ]


send("eth0", *{"stp": stp, "cdp": cdp, "lldp": lldp}[sys.argv[1]]())
