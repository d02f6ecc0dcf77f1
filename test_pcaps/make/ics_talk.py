# ics_talk.py -- frames of one conversation, with sequence numbers that go on.
# SPDX-License-Identifier: Apache-2.0

from packet import ACK, ETH_IP, ETH_IP6, PSH, TCP, UDP, ethernet, ip4, ip6, tcp, udp

CLIENT, SERVER, CLIENT_6, SERVER_6 = "10.0.0.4", "10.0.0.80", "2001:db8::4", "2001:db8::80"


class Talk:
    """What a client and a server say to each other over TCP, frame by frame."""

    def __init__(self, port: int, client_port: int, ipv6: bool = False):
        self.ends = (CLIENT_6, SERVER_6) if ipv6 else (CLIENT, SERVER)
        self.ports = (client_port, port)
        self.next = [1000, 5000]

    def _say(self, side: int, data: bytes) -> bytes:
        src, dst = self.ends[side], self.ends[1 - side]
        ports = self.ports if side == 0 else self.ports[::-1]
        segment = tcp(src, dst, ports, PSH | ACK, data, seq=self.next[side],
                      ack=self.next[1 - side])
        self.next[side] += len(data)
        if ":" in src:
            return ethernet(ETH_IP6, ip6(src, dst, TCP, segment))
        return ethernet(ETH_IP, ip4(src, dst, TCP, segment))

    def ask(self, data: bytes) -> bytes:
        return self._say(0, data)

    def answer(self, data: bytes) -> bytes:
        return self._say(1, data)


def datagram(ports: tuple[int, int], data: bytes, back: bool = False, ipv6: bool = False) -> bytes:
    src, dst = (CLIENT_6, SERVER_6) if ipv6 else (CLIENT, SERVER)
    if back:
        src, dst, ports = dst, src, ports[::-1]
    if ipv6:
        return ethernet(ETH_IP6, ip6(src, dst, UDP, udp(src, dst, ports, data)))
    return ethernet(ETH_IP, ip4(src, dst, UDP, udp(src, dst, ports, data)))
