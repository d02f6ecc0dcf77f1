#!/bin/bash
# rare.sh -- makes tags.pcap, dccp.pcap and capwap.pcap: built by rare.py.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

pair 10.0.0.4/24 10.0.0.80/24
for space in a b; do
	in_space "$space" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
for name in tags dccp capwap; do
	capture "$name.pcap" a eth0 ether src "$mac_a" and not arp
	in_space a python3 "$make_dir/rare.py" "$name"
	capture_end
done
