#!/bin/bash
# vlan.sh -- makes vlan.pcap and qinq.pcap: ping, curl and nginx, seen on a trunk.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/web.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/wire.sh"
need ping curl nginx

# What goes over the trunk; a bridge with spanning tree in front of a says where it stands.
traffic() {
	in_space a ip link add br0 type bridge stp_state 1 forward_delay 200 hello_time 100
	in_space a ip link set eth0 master br0
	in_space a ip link set br0 up
	address a br0 10.0.0.4/24 2001:db8::4/64
	address b eth0 10.0.0.80/24 2001:db8::80/64
	web_files
	web b nginx-http.conf 80
	sleep 5
	in_space a ping -qc 1 -W 1 10.0.0.80 >/dev/null
	in_space a ping -qc 1 -W 1 2001:db8::80 >/dev/null
	in_space a curl -sS --max-time 5 http://10.0.0.80/short.txt >/dev/null
	in_space a bash -c 'echo espcap >/dev/udp/10.0.0.80/9'
}

# Reports of multicast groups (hop-by-hop options) come when they like; nothing here is about them.
quiet=86dd.00=-

one() {
	wire tap "$quiet" 0806=8100:7:0:10 0800=8100:0:0:100 86dd=8100:5:1:4094 length=8100:0:0:0
	capture vlan.pcap r mirror
	traffic
	capture_end
}

two() {
	wire tap "$quiet" 0806=88a8:0:0:1000,8100:0:0:10 length=88a8:7:0:1000,8100:7:0:0 \
		0800.01=88a8:3:1:1000,8100:1:0:10 0800.06=8100:0:0:200,8100:0:0:20 \
		86dd=9100:0:0:300,8100:0:0:30 0800.11=8100:0:0:1,8100:0:0:2,8100:0:0:3
	capture qinq.pcap r mirror
	traffic
	capture_end
}

case ${1-} in
	one) one ;;
	two) two ;;
	# Each in a run of its own, because both use the same spaces.
	*) "$0" one && "$0" two ;;
esac
