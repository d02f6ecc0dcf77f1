#!/bin/bash
# routing.sh -- makes ospf.pcap, pim.pcap, vrrp.pcap and hsrp.pcap: what routers say to each other.
# SPDX-License-Identifier: Apache-2.0
# Debian's routing daemons keep to the port they own; so each message is built by hand.

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

pair 10.0.0.4/24 10.0.0.80/24
for space in a b; do
	in_space "$space" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
for name in ospf pim vrrp hsrp; do
	capture "$name.pcap" a eth0
	in_space a python3 "$make_dir/routing.py" "$name"
	capture_end
done
