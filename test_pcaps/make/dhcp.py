#!/usr/bin/python3
# dhcp.py -- clients that ask a server on the link, and messages that it does not send.
# SPDX-License-Identifier: Apache-2.0

import struct

from packet import BROADCAST, ETH_IP, MAC_A, MAC_B, UDP, addr, ethernet, ip4, mac, send, udp

CLIENT, GIVEN, SERVER, ANY = "02:00:00:00:01:00", "10.0.0.100", "10.0.0.80", "0.0.0.0"
DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE, INFORM = range(1, 9)
COOKIE, END = bytes([99, 130, 83, 99]), b"\xff"
UUID = bytes(range(0x10, 0x20))


def option(code: int, value: bytes) -> bytes:
    return bytes([code, len(value)]) + value


def kind(number: int) -> bytes:
    return option(53, bytes([number]))


def message(options: bytes, **field) -> bytes:
    """fields: op, secs, flags, client, your, server, relay, name, file, hops, hardware"""
    hardware = field.get("hardware", mac(CLIENT))
    data = struct.pack("!BBBB", field.get("op", 1), 1, len(hardware), field.get("hops", 0))
    data += struct.pack("!IHH", 0xE5CAB001, field.get("secs", 0), field.get("flags", 0))
    for name in ("client", "your", "server", "relay"):
        data += addr(field.get(name, ANY))
    data += hardware.ljust(16, b"\0") + field.get("name", b"").ljust(64, b"\0")
    data += field.get("file", b"").ljust(128, b"\0")
    return (data + options).ljust(300, b"\0")


def sent(data: bytes, src: str = ANY, dst: str = "255.255.255.255", to: str = BROADCAST) -> bytes:
    return ethernet(ETH_IP, ip4(src, dst, UDP, udp(src, dst, (68, 67), data)), to, CLIENT)


def back(data: bytes, ports: tuple[int, int] = (67, 68)) -> bytes:
    dst = "255.255.255.255"
    packet = ip4(SERVER, dst, UDP, udp(SERVER, dst, ports, data))
    return ethernet(ETH_IP, packet, BROADCAST, MAC_A)


wanted = option(55, bytes([1, 3, 6, 12, 15, 28, 51, 54, 58, 59, 66, 67]))
myself = option(61, b"\x01" + mac(CLIENT)) + option(12, b"printer") + option(60, b"espcap test")
by_text = option(81, b"\x01\0\0printer.example.net")
by_labels = option(81, b"\x05\0\0\x07printer\x07example\x03net\0")
chosen = option(50, addr(GIVEN)) + option(54, addr(SERVER))
send(
    "eth0",
    # Answered by the server: discover, request, renewal, rebinding, inform, and what it refuses.
    sent(message(COOKIE + kind(DISCOVER) + myself + wanted + END)),
    sent(message(COOKIE + kind(REQUEST) + myself + chosen + wanted + by_text + END, secs=3)),
    sent(message(COOKIE + kind(REQUEST) + myself + by_labels + END, client=GIVEN), GIVEN, SERVER,
         MAC_B),
    sent(message(COOKIE + kind(INFORM) + wanted + END, client=GIVEN), GIVEN),
    sent(message(COOKIE + kind(REQUEST) + option(50, addr("192.0.2.7")) + END, flags=0x8000)),
    sent(message(COOKIE + kind(DISCOVER) + option(97, b"\0" + UUID) + option(61, b"\0" + UUID)
                 + option(93, b"\0\0") + END, flags=0x8000, secs=0x0400)),
    sent(message(COOKIE + kind(DISCOVER) + option(61, b"\0a name of its own") + END)),
    sent(message(COOKIE + kind(DECLINE) + chosen + option(56, b"in use") + END)),
    sent(message(COOKIE + kind(RELEASE) + option(54, addr(SERVER)) + END, client=GIVEN), GIVEN,
         SERVER, MAC_B),
    sent(message(b"", hardware=mac("02:00:00:00:02:00"))),
    gap=0.4,
)
relay = option(82, option(1, b"eth7/3") + option(2, mac(MAC_B)) + option(5, addr("10.0.7.0")))
lease = option(51, struct.pack("!I", 600)) + option(58, struct.pack("!I", 300))
send(
    "eth0",
    back(message(COOKIE + kind(DISCOVER) + relay + END, relay="10.0.7.1", hops=1), (67, 67)),
    # The server name and the file hold options too; padding between options.
    back(message(COOKIE + kind(OFFER) + option(52, b"\x03") + b"\0\0" + lease + END, op=2,
                 your=GIVEN, name=option(66, b"boot.example.net") + END,
                 file=option(3, addr("10.0.0.1")) + option(6, addr("10.0.0.53")) + END)),
    back(message(COOKIE + kind(ACK) + option(59, struct.pack("!I", 525)) + option(28, addr(
        "10.0.0.255")) + option(15, b"example.net\0") + END, op=2, your=GIVEN, file=b"boot.img")),
    back(message(COOKIE + kind(DISCOVER) + END, hardware=bytes(range(8)))),
    back(message(COOKIE + kind(ACK), op=2)),
)
