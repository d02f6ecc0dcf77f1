#!/bin/bash
# arp.sh -- makes arp.pcap: the kernel, arping, and by hand what they never send.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need arping ping

pair 10.0.0.4/24 10.0.0.80/24

capture arp.pcap a eth0 arp or rarp
in_space a ping -qc 1 10.0.0.80 >/dev/null
in_space a ping -qc 1 -W 2 10.0.0.99 >/dev/null || true
in_space a arping -qc 2 -I eth0 10.0.0.80
# Is the address free? Once yes, once no.
in_space a arping -qDc 1 -w 1 -I eth0 10.0.0.5
in_space a arping -qDc 1 -w 1 -I eth0 10.0.0.80 || true
in_space a arping -qUc 1 -I eth0 10.0.0.4
in_space a arping -qAc 1 -I eth0 10.0.0.4
# The kernel's own announcement of an address that comes.
in_space b sysctl -qw net.ipv4.conf.eth0.arp_notify=1
in_space b ip link set eth0 down
in_space b ip link set eth0 up
in_space a python3 "$make_dir/arp_odd.py"
capture_end
