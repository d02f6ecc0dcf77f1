#!/bin/bash
# tunnels.sh -- makes the captures of tunnels: vxlan.pcap, and those that tunnel_*.py build.
# SPDX-License-Identifier: Apache-2.0
# usage: tunnels.sh [NAME...]; without any: all

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

pair 10.0.0.4/24 10.0.0.80/24

# What the sender sends alone: the other side answers what it does not know by ICMP errors.
built() {
	local script=$1 name=$2
	capture "$name.pcap" a eth0 ether src "$mac_a" and not arp and not ip6 proto 0 and not icmp6
	in_space a python3 "$make_dir/$script" "$name"
	capture_end
}

# vxlan_end SPACE PEER ADDR: an interface over the cable, with a VLAN of its own on top.
vxlan_end() {
	local space=$1 peer=$2 addr=$3
	ip -n "$(space_of "$space")" link add vx0 type vxlan id 42 remote "$peer" dstport 4789 \
		dev eth0
	ip -n "$(space_of "$space")" link set vx0 up
	address "$space" vx0 "$addr"
}

vxlan() {
	vxlan_end a 10.0.0.80 192.0.2.1/24
	vxlan_end b 10.0.0.4 192.0.2.2/24
	capture vxlan.pcap a eth0 udp or vlan
	in_space a ping -n -q -c 2 -i 0.2 192.0.2.2 >/dev/null
	in_space a python3 "$make_dir/tunnel_udp.py" vxlan
	capture_end
}

[ $# -gt 0 ] || set -- mpls pppoe gre erspan nsh vxlan geneve gtp teredo l2tp ipsec
for name; do
	case $name in
	mpls | pppoe | nsh) built tunnel_link.py "$name" ;;
	gre | erspan | l2tp | ipsec) built tunnel_ip.py "$name" ;;
	geneve | gtp | teredo) built tunnel_udp.py "$name" ;;
	vxlan) vxlan ;;
	*) die "nobody makes $name.pcap" ;;
	esac
done
