#!/usr/bin/python3
# ssh_odd.py -- beginnings of SSH that real programs do not send, both ends of them.
# SPDX-License-Identifier: Apache-2.0
"""usage: ssh_odd.py serve (in space b) | ssh_odd.py talk (in space a)"""

import os
import socket
import struct
import sys
import time

OPENSSH, ODD, PORT, OTHER = "10.0.0.22", "10.0.0.23", 22, 2222
KEXINIT, ECDH_INIT, DISCONNECT, IGNORE, DEBUG = 20, 30, 1, 2, 4
KEX = "curve25519-sha256,kex-strict-c-v00@openssh.com"
CIPHERS = "aes128-ctr,chacha20-poly1305@openssh.com"
MACS, NONE = "hmac-sha2-256", "none,zlib@openssh.com"


def text(value: str | bytes) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return struct.pack("!I", len(data)) + data


def packet(code: int, body: bytes) -> bytes:
    """A binary packet (RFC 4253, section 6) without encryption."""
    payload = bytes([code]) + body
    padding = 8 - (5 + len(payload)) % 8
    padding += 8 if padding < 4 else 0
    return struct.pack("!IB", 1 + len(payload) + padding, padding) + payload + os.urandom(padding)


def kexinit(*lists: str, follows: int = 0) -> bytes:
    names = lists or (KEX, "ssh-ed25519", CIPHERS, CIPHERS, MACS, MACS, NONE, NONE, "", "")
    body = os.urandom(16) + b"".join(text(name) for name in names)
    return packet(KEXINIT, body + bytes([follows]) + bytes(4))


def serve() -> None:
    with socket.create_server((ODD, PORT)) as listener:
        while True:
            sock, _ = listener.accept()
            with sock:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.sendall(b"Words to people come first.\r\n")
                time.sleep(0.1)
                sock.sendall(b"SSH-2.0-odd_1.0 by hand\r\n" + kexinit())
                while sock.recv(4096):
                    pass


def talk(server: str, *parts: bytes, port: int = PORT) -> None:
    with socket.create_connection((server, port), timeout=5) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in parts:
            sock.sendall(part)
            time.sleep(0.1)
        sock.recv(16384)


def main() -> None:
    banner = b"SSH-2.0-odd client\n"
    # Banner and algorithms in one segment, and a guess that follows them.
    talk(ODD, banner + kexinit(follows=1) + packet(ECDH_INIT, text(os.urandom(32))))
    # Lists of which some are empty, a name that is no text, and words before encryption.
    bad = kexinit("", "ssh-rsa", "aes128-cbc", "aes128-cbc", "", "", "none", "none", "de", "en")
    talk(ODD, banner, bad + packet(IGNORE, text("x")) + packet(DEBUG, b"\1" + text("y") + text("")))
    talk(ODD, banner, packet(DISCONNECT, struct.pack("!I", 2) + text("no more") + text("")))
    # On a port where nobody expects it the version tells.
    talk(OPENSSH, b"SSH-2.0-elsewhere\r\n", port=OTHER)
    # A version of old.
    talk(OPENSSH, b"SSH-1.99-old\r\n", kexinit())


if sys.argv[1] == "serve":
    serve()
else:
    main()
