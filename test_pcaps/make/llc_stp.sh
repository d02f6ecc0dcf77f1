#!/bin/bash
# llc_stp.sh -- makes llc_stp.pcap: two bridges of the kernel that agree on a root.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

add_space a b
cable a eth0 "$mac_a" b eth0 "$mac_b"
for space in a b; do
	in_space "$space" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
	in_space "$space" ip link add br0 type bridge stp_state 1 forward_delay 200 hello_time 100
done
in_space b ip link set br0 type bridge priority 4096

capture llc_stp.pcap a eth0
for space in a b; do
	in_space "$space" ip link set eth0 master br0
	in_space "$space" ip link set br0 up
done
sleep 5
# A port more on the bridge that is not the root: it tells the root of the change.
in_space a ip link add port0 type veth peer name port1
in_space a ip link set port0 master br0 up
in_space a ip link set port1 up
sleep 6
in_space b ip link set eth0 nomaster
in_space a python3 "$make_dir/llc_odd.py"
capture_end
