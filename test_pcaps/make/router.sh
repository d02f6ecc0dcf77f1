#!/bin/bash
# router.sh -- three spaces, a - r - b, with r as a router; sourced after common.sh.
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # mac_a and mac_b come from common.sh

# routed: 10.0.0.4 and 2001:db8:4::4, behind the router 198.51.100.81 and 2001:db8:8::80.
# The router's MAC on a's side is mac_b, so that hand-made frames need to know only one.
routed() {
	add_space a r b
	cable a eth0 "$mac_a" r eth0 "$mac_b"
	cable r eth1 02:00:00:00:01:01 b eth0 02:00:00:00:01:0b
	address a eth0 10.0.0.4/24 2001:db8:4::4/64
	address r eth0 10.0.0.1/24 2001:db8:4::1/64
	address r eth1 198.51.100.1/24 2001:db8:8::1/64
	address b eth0 198.51.100.81/24 2001:db8:8::80/64
	route a default via 10.0.0.1
	route a default via 2001:db8:4::1
	route b default via 198.51.100.1
	route b default via 2001:db8:8::1
	in_space r sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
		net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
	in_space b sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
}

# quietly COMMAND...: in space a; it is meant to fail, what counts are its packets.
quietly() {
	in_space a "$@" >/dev/null 2>&1 || true
}

# datagram ADDRESS PORT: a UDP datagram from space a.
datagram() {
	# shellcheck disable=SC2016 # the inner shell expands it
	quietly bash -c 'echo espcap >"/dev/udp/$1/$2"' - "$1" "$2"
	sleep 0.1
}
