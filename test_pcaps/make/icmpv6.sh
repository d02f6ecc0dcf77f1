#!/bin/bash
# icmpv6.sh -- makes icmpv6.pcap: ping, radvd and the kernels of a host, a router and a second host.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/router.sh"
need ping nft radvd

routed
in_space r ip link set eth1 mtu 1300
in_space b ip link set eth0 mtu 1300
# What the router cannot, must not or will not deliver.
route r prohibit 2001:db8:a::/64
route r unreachable 2001:db8:b::/64
in_space r ip neigh add fe80::9 lladdr 02:00:00:00:00:09 dev eth0 nud permanent
route r 2001:db8:9::/64 via fe80::9 dev eth0
in_space r nft -f - <<-END
	table ip6 filter {
		chain forward {
			type filter hook forward priority 0;
			udp dport 7005 reject with icmpv6 type policy-fail
			udp dport 7006 reject with icmpv6 type reject-route
		}
	}
END
in_space b sysctl -qw net.ipv6.ip6frag_time=1 net.ipv4.icmp_echo_enable_probe=1

# The extension headers in front of some messages hide them from the filter's word icmp6.
capture icmpv6.pcap r eth0 icmp6 or ip6 proto 0
# A host that comes up: is my address free, who is the router, what is the prefix here?
in_space a sysctl -qw net.ipv6.conf.eth0.accept_dad=1 net.ipv6.conf.eth0.dad_transmits=1 \
	net.ipv6.conf.eth0.accept_ra=1 net.ipv6.conf.eth0.router_solicitations=1 \
	net.ipv6.conf.eth0.router_solicitation_delay=0
in_space a ip link set eth0 down
start r radvd -n -m stderr -l none -C "$make_dir/radvd.conf" -p "$work/radvd.pid"
in_space a ip link set eth0 up
sleep 4
kill "${pids[0]}"
# What the host has learned is not to decide what comes now.
in_space a sysctl -qw net.ipv6.conf.eth0.accept_ra=0 net.ipv6.conf.eth0.accept_dad=0
in_space a ip -6 addr flush dev eth0 scope global
in_space a ip -6 route flush default
address a eth0 2001:db8:4::4/64
route a default via 2001:db8:4::1

# First of all: what the router has sent before would count against its redirects.
quietly ping -c 1 -W 1 2001:db8:9::9
quietly ping -c 2 -i 0.2 2001:db8:8::80
quietly ping -c 1 -s 0 -Q 0xb8 -F 0x12345 2001:db8:8::80
quietly ping -c 1 -W 1 -M 'do' -s 1400 2001:db8:8::80
datagram 2001:db8:8::80 9
quietly ping -c 1 -W 1 2001:db8:ffff::1
quietly ping -c 1 -W 1 2001:db8:a::1
quietly ping -c 1 -W 1 2001:db8:b::1
datagram 2001:db8:8::80 7005
datagram 2001:db8:8::80 7006
quietly ping -c 1 -t 1 2001:db8:8::80
quietly ping -c 1 -W 1 -N name fe80::ff:fe00:b%eth0
quietly ping -c 1 -W 1 -I eth0 ff02::1
quietly python3 "$make_dir/icmpv6_odd.py" cause
in_space r python3 "$make_dir/icmpv6_odd.py" answer

# Groups, in the reports of both versions and as answers to queries.
in_space a sysctl -qw net.ipv6.conf.eth0.force_mld_version=2
in_space a python3 "$make_dir/icmpv6_odd.py" groups
in_space a sysctl -qw net.ipv6.conf.eth0.force_mld_version=0
in_space r python3 "$make_dir/icmpv6_odd.py" query
in_space a sysctl -qw net.ipv6.conf.eth0.force_mld_version=1
in_space a python3 "$make_dir/icmpv6_odd.py" groups
quietly ping -c 1 -W 4 2001:db8:8::99
capture_end
