#!/bin/bash
# neighbors.sh -- makes stp.pcap, cdp.pcap, lldp.pcap and llc_sll.pcap: what switches tell neighbours.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

pair 10.0.0.4/24 10.0.0.80/24
for space in a b; do
	in_space "$space" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
for name in stp cdp lldp; do
	capture "$name.pcap" a eth0
	in_space a python3 "$make_dir/neighbors.py" "$name"
	capture_end
done
capture llc_sll.pcap b any -y LINUX_SLL
in_space a python3 "$make_dir/neighbors.py" stp
capture_end
