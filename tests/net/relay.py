# relay.py -- what stands between sensor and server and does what no packet filter can.
# SPDX-License-Identifier: Apache-2.0
"""
A Relay hands bytes on between whoever connects and a server, and may misbehave by what it is told:

    relay.cut_up = 5000         reset both ways after so many bytes of what the next connections send
    relay.cut_answer = True     let the request through, then reset at the answer's first byte
    relay.delay_s = 0.4         each way
    relay.stall = True          read nothing and write nothing more, and keep the connections
    relay.portal = PORTAL_PAGE  answer every request with this, and close

It takes notes: `requests` has [time, bytes of the body] of each request head that it sees.

A Proxy is one of http: absolute URLs and CONNECT, with a password if it has one.
"""
import base64
import re
import socket
import struct
import threading
import time

HTML = b"<html><body>Welcome to the hotel. Please log in.</body></html>"


def page(status, extra=b""):
    return (b"HTTP/1.1 " + status + b"\r\nContent-Type: text/html\r\n" + extra + b"Content-Length: " +
            str(len(HTML)).encode() + b"\r\nConnection: close\r\n\r\n" + HTML)


PORTAL_PAGE = page(b"200 OK")
PORTAL_REDIRECT = page(b"302 Found", b"Location: http://10.9.0.1:1/login\r\n")
PORTAL_511 = page(b"511 Network Authentication Required")
HEAD = re.compile(rb"^(?:POST|GET|PUT|HEAD) .*?\r\n\r\n", re.S)
LENGTH = re.compile(rb"content-length: *(\d+)", re.I)


class Reset(Exception):
    """Both sides are to see a reset."""


def reset(*sockets):
    """Another thread may be reading: it lets go of the socket first, or there would be no reset."""
    for s in sockets:
        s.shutdown(socket.SHUT_RD)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()


class Listener:
    """Accepts on an address and serves each connection in a thread of its own."""

    def __init__(self, address, port=0):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.socket = socket.create_server((address, port), family=family, backlog=64)
        self.address, self.port = address, self.socket.getsockname()[1]
        self.accepted = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                s, _ = self.socket.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self.guarded, args=(s,), daemon=True).start()

    def guarded(self, s):
        try:
            self.serve(s)
        except Reset:
            pass
        except OSError:
            s.close()

    def serve(self, s):
        raise NotImplementedError

    def close(self):
        """Refuses from now on; connections stay."""
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class Relay(Listener):
    def __init__(self, address, to, port=0):
        self.to = to    # (address, port)
        self.cut_up, self.cut_answer, self.delay_s, self.stall, self.portal = None, False, 0, False, None
        self.requests, self.cuts, self.up_bytes = [], 0, 0
        self.pairs = []
        super().__init__(address, port)

    def note(self, data):
        head = HEAD.match(data)
        if head and b"/_bulk" in head[0]:
            self.requests.append([time.monotonic(), int(LENGTH.search(head[0])[1])])

    def serve(self, s):
        portal = self.portal
        if portal:
            data = b""
            while not HEAD.match(data):
                data += s.recv(65536) or exit_thread()
            self.note(data)
            s.sendall(portal)
            s.close()
            return
        server = socket.create_connection(self.to)
        self.pairs.append((s, server))
        back = threading.Thread(target=self.down, args=(server, s), daemon=True)
        back.start()
        self.pump(s, server, True)

    def down(self, server, s):
        try:
            self.pump(server, s, False)
        except (Reset, OSError):
            pass

    def pump(self, source, to, up):
        seen = 0
        while data := source.recv(65536):
            while self.stall:
                time.sleep(0.01)
            if up:
                self.note(data)
                self.up_bytes += len(data)
            if self.portal:     # it has come up meanwhile
                reset(source, to)
                raise Reset
            seen += len(data)
            cut = seen >= self.cut_up if up and self.cut_up else not up and self.cut_answer
            if cut:
                self.cuts += 1
                reset(source, to)
                raise Reset
            if self.delay_s:
                time.sleep(self.delay_s)
            to.sendall(data)
        to.shutdown(socket.SHUT_WR)

    def drop_all(self):
        """Resets every connection."""
        for pair in self.pairs:
            try:
                reset(*pair)
            except OSError:
                pass
        self.pairs = []


def exit_thread():
    raise OSError("closed")


class Proxy(Listener):
    """Keeps what it was asked, and whether it was given a password."""

    def __init__(self, address, password=None):
        self.want = base64.b64encode(password.encode()) if password else None
        self.seen, self.refused = [], 0
        super().__init__(address)

    def serve(self, s):
        data = b""
        while b"\r\n\r\n" not in data:
            data += s.recv(65536) or exit_thread()
        head, rest = data.split(b"\r\n\r\n", 1)
        line = head.split(b"\r\n")[0].decode()
        if self.want and b"Proxy-Authorization: Basic " + self.want not in head:
            self.refused += 1
            s.sendall(page(b"407 Proxy Authentication Required",
                           b'Proxy-Authenticate: Basic realm="gate"\r\n'))
            s.close()
            return
        self.seen.append(line)
        method, url, _ = line.split(" ")
        host = url if method == "CONNECT" else url.split("/")[2]
        server = socket.create_connection(host.rsplit(":", 1))
        if method == "CONNECT":
            s.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            server.sendall(data.replace(b"http://" + host.encode(), b"", 1))
            rest = b""
        if rest:
            server.sendall(rest)
        threading.Thread(target=copy, args=(server, s), daemon=True).start()
        # more requests of the connection have absolute URLs, too
        copy(s, server, lambda d: d.replace(b" http://" + host.encode(), b" ", 1)
             if method != "CONNECT" and HEAD.match(d) else d)


def copy(source, to, change=lambda data: data):
    try:
        while data := source.recv(65536):
            to.sendall(change(data))
        to.shutdown(socket.SHUT_WR)
    except OSError:
        pass
