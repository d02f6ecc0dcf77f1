#!/bin/bash
# ipv6_ext.sh -- makes ipv6_ext.pcap: extension headers of IPv6, by the kernel and by hand.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/router.sh"
need ping

pair 2001:db8:4::4/64 2001:db8:4::80/64
# Loopback addresses behind b, reached through segments.
address b lo 2001:db8:5::1/128 2001:db8:6::1/128
in_space b sysctl -qw net.ipv6.conf.all.seg6_enabled=1 net.ipv6.conf.eth0.seg6_enabled=1 \
	net.ipv6.conf.all.forwarding=1
in_space a ip -6 route add 2001:db8:5::1/128 encap seg6 mode inline \
	segs 2001:db8:4::80 dev eth0
in_space a ip -6 route add 2001:db8:6::1/128 encap seg6 mode encap \
	segs 2001:db8:4::80,2001:db8:5::1 dev eth0

capture ipv6_ext.pcap a eth0 'ip6 and ip6[6] != 58 and not dst ff02::16'
quietly ping -c 1 -s 2000 2001:db8:4::80
quietly ping -c 1 -W 1 2001:db8:5::1
quietly ping -c 1 -W 1 2001:db8:6::1
in_space a python3 "$make_dir/ipv6_ext.py" kernel
in_space a python3 "$make_dir/ipv6_ext.py" hand
capture_stop
mv "$work/capture" "$work/part1"

in_space a ip link set lo mtu 70000
# Its headers are enough.
capture ipv6_ext.pcap a lo -s 200 'ip6 proto 0 and not dst ff02::16'
in_space a python3 "$make_dir/ipv6_ext.py" jumbo
capture_stop
capture_join ipv6_ext.pcap "$work/part1" "$work/capture"
