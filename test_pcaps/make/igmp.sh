#!/bin/bash
# igmp.sh -- makes igmp.pcap: a host joins and leaves groups, a bridge of the kernel asks for them.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

add_space a b
cable a eth0 "$mac_a" b eth0 "$mac_b"
address a eth0 10.0.0.4/24
route a 224.0.0.0/4 dev eth0
for space in a b; do
	in_space "$space" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
# Times in hundredths of a second: queries every two seconds, answers within one.
in_space b ip link add br0 type bridge mcast_query_interval 200 \
	mcast_query_response_interval 100 mcast_startup_query_interval 200 \
	mcast_last_member_interval 50 mcast_query_use_ifaddr 1 mcast_igmp_version 3
address b br0 10.0.0.80/24
in_space b ip link set eth0 master br0

capture igmp.pcap a eth0 igmp
in_space b ip link set br0 up
in_space b ip link set br0 type bridge mcast_querier 1
in_space a python3 "$make_dir/igmp.py" sources
in_space b ip link set br0 type bridge mcast_igmp_version 2
for version in 1 2; do
	in_space a sysctl -qw "net.ipv4.conf.eth0.force_igmp_version=$version"
	in_space a python3 "$make_dir/igmp.py" plain
done
in_space b python3 "$make_dir/igmp.py" odd
capture_end
