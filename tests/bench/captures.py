# captures.py -- large captures made out of the small ones of test_pcaps.
# SPDX-License-Identifier: Apache-2.0
import os

import measure

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

KINDS = {
    "HTTP": ["test_http"],
    "DNS": ["dns"],
    "TLS": ["tls"],
    "mixed": ["test_http", "tls", "dns", "http_ipv6", "tcp_options", "mdns", "llmnr", "dnssec",
              "icmp", "icmpv6", "arp", "udp", "vlan"],
}


def make(folder, kind, packets):
    """The path of a capture, made when it is not there, and in the page cache."""
    path = os.path.join(folder, f"{kind}-{packets}.pcap")
    inputs = [os.path.join(ROOT, "test_pcaps", name + ".pcap") for name in KINDS[kind]]
    if not os.path.exists(path):
        measure.run([os.environ["MULTIPLY"], packets, path] + inputs)
    with open(path, "rb") as f:    # the disk is not what is measured
        while f.read(1 << 20):
            pass
    return path
