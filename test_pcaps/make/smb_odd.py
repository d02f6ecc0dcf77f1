# smb_odd.py -- messages of SMB, NetBIOS and DCE/RPC that Samba's programs do not send, by hand.
# SPDX-License-Identifier: Apache-2.0
# usage: smb_odd.py smb2|smb1|dcerpc|nbns|nbdgm

import itertools
import struct
import sys

from packet import ACK, BROADCAST, ETH_IP, PSH, TCP, UDP, ethernet, ip4, send, tcp, udp

A, B, ALL = "10.0.0.4", "10.0.0.80", "10.0.0.255"
FID = bytes.fromhex("112233445566778899aabbccddeeff00")
TIME = struct.pack("<Q", 133_500_000_000_000_001)
ports = itertools.count(50000)


def segment(data: bytes, port: int = 445, back: bool = False) -> bytes:
    """Each in a connection of its own: what one packet shows is what counts here."""
    ends = (next(ports), port)
    src, dst = (B, A) if back else (A, B)
    ends = ends[::-1] if back else ends
    return ethernet(ETH_IP, ip4(src, dst, TCP, tcp(src, dst, ends, PSH | ACK, data, ack=1)))


def datagram(port: int, data: bytes, dst: str = ALL) -> bytes:
    mac = {"dst": BROADCAST} if dst == ALL else {}
    return ethernet(ETH_IP, ip4(A, dst, UDP, udp(A, dst, (port, port), data)), **mac)


def nbss(data: bytes, kind: int = 0) -> bytes:
    return struct.pack("!I", kind << 24 | len(data)) + data


def wide(text: str) -> bytes:
    return text.encode("utf-16-le")


# --- SMB 2 ---


def head2(cmd: int, body: bytes, flags: int = 0, chain: int = 0, status: int = 0) -> bytes:
    ids = struct.pack("<II", 0xFEFF, 7) if not flags & 2 else struct.pack("<Q", 1 << 63 | 5)
    head = struct.pack("<4sHHIHHIIQ", b"\xfeSMB", 64, 1, status, cmd, 31, flags, chain, 1 << 63)
    return head + ids + struct.pack("<Q", 0x00040000000000F1) + bytes(range(16)) + body


def smb2(cmd: int, body: bytes, **field: int) -> bytes:
    return segment(nbss(head2(cmd, body, **field)), back=bool(field.get("flags", 0) & 1))


def context2(tag: bytes, data: bytes, more: bool = True) -> bytes:
    size = -(-(24 + len(data)) // 8) * 8
    head = struct.pack("<IHHHHI", size if more else 0, 16, 4, 0, 24, len(data))
    return (head + tag + bytes(4) + data).ljust(size, b"\0")


def create2(name: str, contexts: bytes) -> bytes:
    text = wide(name).ljust(-(-len(wide(name)) // 8) * 8, b"\0")
    body = struct.pack("<HBBIQQIIIII", 57, 0, 9, 2, 0, 0, 0x12019F, 0x20, 7, 2, 0x40)
    body += struct.pack("<HHII", 120, len(wide(name)), 120 + len(text), len(contexts))
    return body + text + contexts


def set_info(kind: int, level: int, data: bytes) -> bytes:
    return struct.pack("<HBBIHHI", 33, kind, level, len(data), 96, 0, 0) + FID + data


def ioctl2(function: int, data: bytes) -> bytes:
    body = struct.pack("<HHI", 57, 0, function) + FID
    return body + struct.pack("<IIIIIIII", 120, len(data), 0, 0, 0, 1024, 1, 0) + data


def negotiate2() -> bytes:
    """3.1.1: contexts for integrity, encryption, compression, a name, signing."""
    contexts = b""
    for kind, data in (
        (1, struct.pack("<HHH", 1, 4, 1) + b"salt"),
        (2, struct.pack("<HHHHH", 4, 4, 3, 2, 1)),
        (3, struct.pack("<HHIH", 1, 0, 0, 1)),
        (5, wide("files")),
        (8, struct.pack("<HHH", 2, 1, 2)),
    ):
        contexts = contexts.ljust(-(-len(contexts) // 8) * 8, b"\0")
        contexts += struct.pack("<HHI", kind, len(data), 0) + data
    dialects = struct.pack("<5H", 0x0202, 0x0210, 0x0300, 0x0302, 0x0311)
    body = struct.pack("<HHHHI", 36, 5, 3, 0, 0x7F) + FID + struct.pack("<IHH", 112, 5, 0)
    return (body + dialects).ljust(48, b"\0") + contexts


def messages2() -> list[bytes]:
    chain = head2(5, create2("tea.txt", b""), chain=184).ljust(184, b"\0")
    chain += head2(8, struct.pack("<HBBIQ", 49, 80, 0, 512, 1 << 40) + FID + bytes(17),
                   flags=4, chain=120).ljust(120, b"\0")
    chain += head2(6, struct.pack("<HHI", 24, 1, 0) + FID, flags=4)
    contexts = context2(b"DHnQ", bytes(16)) + context2(b"DHnC", FID) + context2(b"AlSi", struct.pack("<Q", 65536))
    contexts += context2(b"MxAc", b"") + context2(b"DH2C", FID + bytes(20), more=False)
    changes = struct.pack("<III", 24, 1, 10) + wide("a.txt") + bytes(2)
    changes += struct.pack("<III", 0, 3, 10) + wide("b.txt")
    rename = struct.pack("<BxxxxxxxQI", 1, 0, 22) + wide("Mad\\hatter") + wide("2")
    rpc = call(0, struct.pack("<IHH", 0, 0, 15))
    encrypted = b"\xfdSMB" + bytes(32) + struct.pack("<IHHQ", 80, 0, 1, 0xF1) + bytes(80)
    compressed = b"\xfcSMB" + struct.pack("<IHHI", 80, 1, 0, 0) + bytes(20)
    echo = struct.pack("<HH", 4, 0)
    return [
        smb2(0, negotiate2()),
        segment(nbss(chain)),
        segment(nbss(head2(13, echo)) + nbss(head2(12, echo, flags=2)) + nbss(b"", 0x85)),
        smb2(5, create2("Mad\\hatter.txt", contexts)),
        smb2(7, struct.pack("<HHI", 24, 0, 0) + FID),
        smb2(10, struct.pack("<HHI", 48, 1, 0) + FID + struct.pack("<QQII", 0, 10, 3, 0)),
        smb2(15, struct.pack("<HHI", 32, 1, 4096) + FID + struct.pack("<II", 0x17, 0)),
        smb2(15, struct.pack("<HHI", 9, 72, len(changes)) + changes, flags=3),
        smb2(16, struct.pack("<HBBIHHIII", 41, 4, 1, 1024, 0, 0, 0, 0, 0) + FID),
        smb2(17, set_info(1, 4, TIME * 2 + bytes(8) + TIME + struct.pack("<II", 0x20, 0))),
        smb2(17, set_info(1, 10, rename)),
        smb2(17, set_info(1, 20, struct.pack("<Q", 5))),
        smb2(17, set_info(1, 13, b"\1")),
        smb2(17, struct.pack("<H", 2), flags=1),
        smb2(18, struct.pack("<HBBI", 24, 1, 0, 0) + FID),
        smb2(18, struct.pack("<HHI", 44, 1, 0) + FID + bytes(20), flags=1),
        smb2(11, ioctl2(0x0011C017, rpc)),
        smb2(9, struct.pack("<HHIQ", 49, 112, len(rpc), 0) + FID + bytes(16) + rpc),
        smb2(6, struct.pack("<H", 9) + bytes(7), flags=1, status=0xC0000128),
        smb2(8, struct.pack("<H", 9) + bytes(7), flags=3, status=0x103),
        smb2(2, struct.pack("<HH", 4, 0)),
        segment(nbss(encrypted)),
        segment(nbss(compressed)),
        segment(nbss(head2(13, echo)), port=4455),
        segment(b"goes on with what began before"),
    ]


# --- SMB 1 ---


def head1(cmd: int, body: bytes, flags: int = 0x18, flags2: int = 0xC843, status: int = 0) -> bytes:
    head = struct.pack("<4sBIBHH8xH", b"\xffSMB", cmd, status, flags, flags2, 0, 0)
    return head + struct.pack("<HHHH", 2048, 65279, 100, 64) + body


def block(words: bytes, data: bytes) -> bytes:
    return struct.pack("<B", len(words) // 2) + words + struct.pack("<H", len(data)) + data


def smb1(cmd: int, words: bytes, data: bytes, port: int = 445, **field: int) -> bytes:
    back = bool(field.get("flags", 0) & 0x80)
    return segment(nbss(head1(cmd, block(words, data), **field)), port, back)


def transaction2(function: int, parameters: bytes, cmd: int = 0x32, name: bytes = b"\0") -> bytes:
    at = 32 + 1 + 30 + 2 + len(name)
    pad = -at % 4
    words = struct.pack("<HHHHBBHIHHHHHBBH", len(parameters), 0, 10, 1024, 0, 0, 0, 0, 0,
                        len(parameters), at + pad, 0, 0, 1, 0, function)
    return smb1(cmd, words, name + bytes(pad) + parameters)


def messages1() -> list[bytes]:
    old = {"flags2": 0x4001}
    chain = struct.pack("<BBHHHHIHHII", 0x75, 0, 0x72, 4356, 10, 1, 0, 24, 0, 0, 0x50)
    data = b"s3cr3t-canary".ljust(24, b"!") + b"alice\0ESPCAP\0Unix\0Samba\0"
    first = block(chain, data)
    second = block(struct.pack("<BBHHH", 0xFF, 0, 0, 0, 1), b"\0\\\\FILES\\PUBLIC\0?????\0")
    chain = chain[:2] + struct.pack("<H", 32 + len(first)) + chain[4:]
    both = head1(0x73, block(chain, data) + second, **old)
    plain = struct.pack("<BBHHHHIHI", 0xFF, 0, 0, 4356, 10, 1, 0, 14, 0)
    dialects = b"".join(b"\2" + name + b"\0" for name in (
        b"PC NETWORK PROGRAM 1.0", b"LANMAN1.0", b"Windows for Workgroups 3.1a", b"LM1.2X002",
        b"LANMAN2.1", b"NT LM 0.12"))
    names = b"\4tea.txt\0", b"\4tea.txt\0\4coffee.txt\0"
    opened = struct.pack("<BBHHHHHIHIII", 0xFF, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0)
    create = struct.pack("<BBHBHIIIQIIIIIB", 0xFF, 0, 0, 0, 14, 22, 0, 0x12019F, 0, 0x80, 7, 1,
                         0x40, 2, 3)
    wname = wide("\\tea.txt\0")
    return [
        smb1(0x72, b"", dialects, **old),
        smb1(0x72, struct.pack("<H", 5), b"", flags=0x98, **old),
        segment(nbss(both)),
        smb1(0x73, plain, b"s3cr3t-canary\0alice\0ESPCAP\0DOS\0LAN Manager\0", port=139, **old),
        smb1(0x73, b"", b"", flags=0x98, flags2=1, status=0x00050002),
        smb1(0x70, b"", b"\4\\\\FILES\\PUBLIC\0\4s3cr3t-canary\0\4A:\0", **old),
        smb1(0x75, struct.pack("<BBHHH", 0xFF, 0, 0, 8, 14),
             b"s3cr3t-canary\0\\\\FILES\\PUBLIC\0A:\0", **old),
        *(smb1(cmd, words, names[0], **old) for cmd, words in (
            (0x02, bytes(4)), (0x03, bytes(6)), (0x06, bytes(2)), (0x08, b""),
            (0x09, bytes(16)), (0x0F, bytes(6)), (0x01, b""), (0x10, b""))),
        smb1(0x07, bytes(2), names[1], **old),
        smb1(0x2D, opened, b"tea.txt\0", **old),
        smb1(0xA2, create, b"\0" + wname),
        transaction2(5, struct.pack("<HI", 0x107, 0) + wname),
        transaction2(6, struct.pack("<HI", 0x104, 0) + wname),
        transaction2(2, struct.pack("<HHHIH", 1, 10, 0x104, 0, 6) + wname),
        transaction2(0x10, struct.pack("<H", 3) + wide("\\FILES\\public\0")),
        smb1(0x2B, struct.pack("<H", 1), b"echo"),
        smb1(0x00, b"", b"", flags=0x98, status=0xC0000022),
        segment(nbss(b"\x20" + label("FILES", 0x20) + b"\0\x20" + label("LAPTOP", 0) + b"\0",
                     0x81), 139),
        segment(nbss(b"", 0x82), 139, back=True),
        segment(nbss(b"\x82", 0x83), 139, back=True),
        segment(nbss(bytes((10, 0, 0, 81, 0, 139)), 0x84), 139, back=True),
        segment(nbss(b"", 0x85), 139),
        segment(nbss(b"no SMB at all"), 139),
        segment(b"\0\0"),
    ]


# --- DCE/RPC ---

NDR = bytes.fromhex("045d888aeb1cc9119fe808002b104860") + struct.pack("<I", 2)
SRVSVC = bytes.fromhex("c84f324b7016d30112785a47bf6ee188")


def call(kind: int, body: bytes, flags: int = 3, auth: bytes = b"", big: bool = False) -> bytes:
    order = ">" if big else "<"
    head = struct.pack("BBBBBBBB", 5, 0, kind, flags, 0 if big else 16, 0, 0, 0)
    size = 16 + len(body) + len(auth)
    return head + struct.pack(order + "HHI", size, max(len(auth) - 8, 0), 77) + body + auth


def messages_rpc() -> list[bytes]:
    limits = struct.pack("<HHI", 4280, 4280, 0)
    contexts = struct.pack("<HBB", 0, 2, 0) + SRVSVC + struct.pack("<HH", 3, 1) + NDR + NDR
    contexts += struct.pack("<HBB", 1, 1, 0) + FID + struct.pack("<HH", 1, 0) + NDR
    big = struct.pack(">HHIBxxxHBB", 4280, 4280, 0, 1, 0, 1, 0) + SRVSVC
    big += struct.pack(">I", 1 << 16 | 3) + NDR
    answer = limits + struct.pack("<H", 4) + b"135\0" + bytes(2) + struct.pack("<Bxxx", 2)
    answer += struct.pack("<HH", 0, 0) + NDR + struct.pack("<HH", 2, 1) + bytes(20)
    token = b"NTLMSSP\0" + struct.pack("<II", 1, 0x60088207) + bytes(16)
    security = struct.pack("<BBBBI", 10, 6, 0, 0, 1) + token
    requests = call(0, struct.pack("<IHH", 4, 0, 15) + b"stub")
    requests += call(0, struct.pack("<IHH", 4, 1, 16) + FID + b"stub", flags=0x83)
    gram = struct.pack("BBBBBBBB", 4, 0, 0x08, 0, 16, 0, 0, 0) + bytes(16) + FID + FID
    gram += struct.pack("<IIIHHHHHBB", 0, 3, 1, 9, 0xFFFF, 0xFFFF, 4, 0, 0, 0) + b"stub"
    ports_of_rpc = (udp(A, B, (50000, 4135), gram), A, B)
    return [
        segment(call(11, limits + struct.pack("<Bxxx", 2) + contexts), 135),
        segment(call(11, limits + struct.pack("<Bxxx", 0), auth=security), 135),
        segment(call(11, big, big=True), 49152),
        segment(call(12, answer), 135, back=True),
        segment(call(13, struct.pack("<HBBBx", 4, 1, 5, 0)), 135, back=True),
        segment(call(14, limits + struct.pack("<Bxxx", 1) + contexts[:64]), 135),
        segment(requests, 49152),
        segment(call(2, struct.pack("<IHBx", 4, 0, 0) + b"stub"), 49152, back=True),
        segment(call(3, struct.pack("<IHBxII", 0, 0, 0, 0x1C010002, 0)), 49152, back=True),
        segment(call(19, b""), 49152),
        ethernet(ETH_IP, ip4(A, B, UDP, ports_of_rpc[0])),
    ]


# --- NetBIOS ---


def label(name: str, kind: int) -> bytes:
    raw = name.encode().ljust(15, b" ") + bytes((kind,))
    return bytes(65 + half for byte in raw for half in (byte >> 4, byte & 15))


def nb_name(name: str, kind: int, scope: str = "") -> bytes:
    parts = [label(name, kind), *(part.encode() for part in scope.split(".") if part)]
    return b"".join(bytes((len(part),)) + part for part in parts) + b"\0"


def nbns(flags: int, counts: tuple[int, ...], body: bytes, dst: str = ALL) -> bytes:
    return datagram(137, struct.pack("!HH4H", 0x1234, flags, *counts) + body, dst)


def record(name: bytes, data: bytes, kind: int = 32) -> bytes:
    return name + struct.pack("!HHIH", kind, 1, 300000, len(data)) + data


def messages_nbns() -> list[bytes]:
    files, ask = nb_name("FILES", 0x20), struct.pack("!HH", 32, 1)
    entry, again = struct.pack("!H", 0x6000) + bytes((10, 0, 0, 80)), b"\xc0\x0c"
    group = struct.pack("!H", 0xE000) + bytes((10, 0, 0, 4))
    odd = b"\5HELLO\0", b"\4abcd\0", b"\4EFEB\0", b"\4Aa..\0"
    return [
        nbns(0x0110, (1, 0, 0, 0), nb_name("FILES", 0x20, "espcap.example") + ask),
        nbns(0x8580, (0, 1, 0, 0), record(files, entry + group), B),
        nbns(0x8583, (0, 1, 0, 0), record(files, b"", 10), B),
        nbns(0x2910, (1, 0, 0, 1), files + ask + record(again, entry)),
        nbns(0x3000, (1, 0, 0, 1), files + ask + record(again, entry)),
        nbns(0xB000 | 0x0400, (0, 1, 0, 0), record(files, entry), B),
        nbns(0x4000, (1, 0, 0, 1), files + ask + record(again, group)),
        nbns(0xBC00, (0, 1, 0, 0), record(files, struct.pack("!H", 0x2910)), B),
        nbns(0xAD86, (0, 1, 0, 0), record(files, entry), B),
        nbns(0x0000, (1, 0, 0, 0), nb_name("\1\2__MSBROWSE__\2", 1) + ask),
        *(nbns(0x0110, (1, 0, 0, 0), name + ask) for name in odd),
        nbns(0x8500, (0, 1, 1, 0), record(files, entry) + record(files, b"\0\0\0\0", 2)),
    ]


def nbdgm(kind: int, rest: bytes) -> bytes:
    return datagram(138, struct.pack("!BBH", kind, 2, 7) + bytes((10, 0, 0, 4, 0, 138)) + rest)


def mailslot(name: bytes, data: bytes, wide_names: bool = False) -> bytes:
    name = wide(name.decode() + "\0") if wide_names else name + b"\0"
    lead = b"\0" if wide_names else b""
    at = 32 + 1 + 34 + 2 + len(lead + name)
    words = struct.pack("<HHHHBBHIHHHHHBBHHH", 0, len(data), 0, 0, 0, 0, 2, 1000, 0, 0, 0,
                        len(data), at, 3, 0, 1, 1, 2)
    body = block(words, lead + name + data)
    names = nb_name("LAPTOP", 0) + nb_name("ESPCAP", 0x1D)
    smb = head1(0x25, body, 0, 0x8000 if wide_names else 0)
    return struct.pack("!HH", len(names) + len(smb), 0) + names + smb


def messages_nbdgm() -> list[bytes]:
    announce = b"\x01\0" + struct.pack("<I", 60000) + b"LAPTOP".ljust(16, b"\0") + b"\4\x09"
    announce += struct.pack("<IBBH", 0x11003, 15, 1, 0xAA55) + b"a laptop\0"
    query = b"\x07\0LAPTOP\0\\MAILSLOT\\NET\\GETDC\0\0" + wide("LAPTOP\0")
    query += struct.pack("<IHH", 1, 0xFFFF, 0xFFFF)
    names = nb_name("LAPTOP", 0) + nb_name("ESPCAP", 0x1D)
    return [
        nbdgm(17, mailslot(b"\\MAILSLOT\\BROWSE", announce)),
        nbdgm(16, mailslot(b"\\MAILSLOT\\LANMAN", announce)),
        nbdgm(18, mailslot(b"\\MAILSLOT\\NET\\NETLOGON", query)),
        nbdgm(17, mailslot(b"\\MAILSLOT\\OTHER", b"not known")),
        nbdgm(17, struct.pack("!HH", len(names) + 9, 0) + names + b"no SMB\0\0\0"),
        nbdgm(19, b"\x82"),
        nbdgm(20, nb_name("FILES", 0x20)),
        nbdgm(21, nb_name("FILES", 0x20)),
    ]


made = {"smb2": messages2, "smb1": messages1, "dcerpc": messages_rpc, "nbns": messages_nbns,
        "nbdgm": messages_nbdgm}
send("eth0", *made[sys.argv[1]]())
