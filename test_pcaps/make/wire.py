#!/usr/bin/python3
# wire.py -- a wire between two devices of its own making, and a monitor port that shows tags.
# SPDX-License-Identifier: Apache-2.0
"""usage: wire.py tun | wire.py tap KIND=TAG[,TAG...]...

Makes port-a and port-b, which the caller moves where they are needed, and passes on what comes.
With tap it also makes mirror, a port on which each frame appears as on a trunk. KIND is an
Ethernet type, or one with the IP protocol behind it (0800, 0800.06), or "length" for LLC; a TAG is
TPID:PRIORITY:DEI:VID; "-" in place of tags leaves such frames out. (Not every kernel has 802.1Q.)
"""

import fcntl
import os
import selectors
import struct
import sys

TUNSETIFF, IFF_TUN, IFF_TAP, IFF_NO_PI = 0x400454CA, 1, 2, 0x1000


def device(name: str, kind: int) -> int:
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), kind | IFF_NO_PI))
    return fd


def tag(text: str) -> bytes:
    tpid, priority, dei, vid = text.split(":")
    return struct.pack("!HH", int(tpid, 16), int(priority) << 13 | int(dei) << 12 | int(vid))


def kinds(frame: bytes) -> list[str]:
    ethertype = struct.unpack("!H", frame[12:14])[0]
    if ethertype < 1536:
        return ["length"]
    protocol = frame[23] if ethertype == 0x0800 else frame[20]
    return [f"{ethertype:04x}.{protocol:02x}", f"{ethertype:04x}"]


def tagged(frame: bytes, stacks: dict[str, bytes | None]) -> bytes | None:
    for kind in kinds(frame):
        if kind in stacks:
            tags = stacks[kind]
            return tags and frame[:12] + tags + frame[12:]
    return frame


def main() -> None:
    kind = {"tun": IFF_TUN, "tap": IFF_TAP}[sys.argv[1]]
    stacks = {}
    for argument in sys.argv[2:]:
        name, tags = argument.split("=")
        stacks[name] = None if tags == "-" else b"".join(map(tag, tags.split(",")))
    mirror = device("mirror", kind) if kind == IFF_TAP else None
    ends = [device("port-a", kind), device("port-b", kind)]
    select = selectors.DefaultSelector()
    for here, there in (ends, ends[::-1]):
        select.register(here, selectors.EVENT_READ, there)
    while True:
        for key, _ in select.select():
            try:
                data = os.read(key.fd, 65536)
                os.write(key.data, data)
                if mirror is not None and (shown := tagged(data, stacks)):
                    os.write(mirror, shown)
            except OSError:
                pass  # a port that is not up yet


main()
