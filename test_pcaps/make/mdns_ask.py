#!/usr/bin/python3
# mdns_ask.py -- questions to the mDNS group, as a browser on the network asks them.
# SPDX-License-Identifier: Apache-2.0

import socket
import time

from dnsmsg import A, AAAA, ANY, FLUSH_OR_UNICAST, IN, PTR, TXT, message, multicast_socket, name
from dnsmsg import question, record

PORT = 5353
IPP = "_ipp._tcp.local"
unicast = IN | FLUSH_OR_UNICAST

four = multicast_socket(socket.AF_INET, "eth0", PORT)
six = multicast_socket(socket.AF_INET6, "eth0", PORT)


def ask(data: bytes) -> None:
    four.sendto(data, ("224.0.0.251", PORT))
    time.sleep(0.4)


ask(message(0, 0, [question("_services._dns-sd._udp.local", PTR)]))
ask(message(0, 0, [question(IPP, PTR), question("_http._tcp.local", PTR)]))
ask(message(0, 0, [question("office.local", A, unicast), question("office.local", AAAA, unicast)]))
# With the answer it knows already; then cut, to be continued in a second message.
known = record(IPP, PTR, name("Drucker im Büro (office)." + IPP), 4500)
ask(message(0, 0, [question(IPP, PTR)], [known]))
ask(message(0, 0x0200, [question(IPP, PTR)], [known]))
ask(message(0, 0, [question("office.local", ANY)]))
ask(message(0, 0, [question("80.0.0.10.in-addr.arpa", PTR)]))
ask(message(0, 0x8400, [], [record("odd.local", TXT, b"\0", 10, unicast)]))
# From a port of its own, as a resolver that knows nothing of mDNS.
with multicast_socket(socket.AF_INET, "eth0", 0) as legacy:
    legacy.sendto(message(0x1234, 0x0100, [question("office.local", A)]), ("224.0.0.251", PORT))
    time.sleep(0.4)
six.sendto(message(0, 0, [question("office.local", AAAA)]), ("ff02::fb", PORT))
time.sleep(0.4)
