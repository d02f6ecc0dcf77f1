#!/bin/bash
# icmp.sh -- makes icmp.pcap: ping and the kernels of a host, a router and a second host.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/router.sh"
need ping nft

routed
in_space r ip link set eth1 mtu 1400
in_space b ip link set eth0 mtu 1400
# What the router cannot, must not or will not deliver.
route r prohibit 192.0.2.0/26
route r unreachable 192.0.2.64/26
in_space r ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0 nud permanent
route r 203.0.113.128/25 via 10.0.0.9
in_space r nft -f - <<-END
	table ip filter {
		chain forward {
			type filter hook forward priority 0;
			udp dport 7009 reject with icmp type net-prohibited
			udp dport 7010 reject with icmp type host-prohibited
			udp dport 7002 reject with icmp type prot-unreachable
			tcp dport 7013 reject with icmp type admin-prohibited
		}
	}
END
in_space b sysctl -qw net.ipv4.ipfrag_time=1 net.ipv4.icmp_echo_enable_probe=1

capture icmp.pcap a eth0 icmp
quietly ping -c 2 -i 0.2 198.51.100.81
quietly ping -c 1 -s 0 198.51.100.81
quietly ping -c 1 -p deadbeef -Q 0xb8 198.51.100.81
quietly ping -c 1 -R 198.51.100.81
quietly ping -c 1 -T tsonly 198.51.100.81
quietly ping -c 1 -T tsandaddr 198.51.100.81
quietly ping -c 1 -T tsprespec 10.0.0.1 198.51.100.81
quietly ping -c 1 -s 2000 198.51.100.81
datagram 198.51.100.81 9
quietly ping -c 1 -W 1 203.0.113.1
quietly ping -c 1 -W 1 192.0.2.1
quietly ping -c 1 -W 1 192.0.2.65
for port in 7009 7010 7002; do
	datagram 198.51.100.81 "$port"
done
quietly curl --max-time 1 http://198.51.100.81:7013/
quietly ping -c 1 -t 1 198.51.100.81
quietly ping -c 1 -W 1 -M 'do' -s 1400 198.51.100.81
quietly ping -c 1 -W 1 203.0.113.200
quietly python3 "$make_dir/icmp_odd.py" cause
in_space r python3 "$make_dir/icmp_odd.py" answer
quietly ping -c 1 -W 4 198.51.100.99
capture_end
