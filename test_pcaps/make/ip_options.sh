#!/bin/bash
# ip_options.sh -- makes ip_options.pcap: IPv4 options by ping, by sockets, and by hand.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/router.sh"
need ping

routed
in_space r sysctl -qw net.ipv4.conf.all.accept_source_route=1 \
	net.ipv4.conf.eth0.accept_source_route=1
in_space b sysctl -qw net.ipv4.conf.all.accept_source_route=1 \
	net.ipv4.conf.eth0.accept_source_route=1
route a 224.0.0.0/4 dev eth0

# Only what has options, whether it is in the header itself or in one that an error quotes.
capture ip_options.pcap a eth0 'ip[0] > 0x45 or icmp[0] == 12'
quietly ping -c 1 -R 198.51.100.81
quietly ping -c 1 -T tsonly 198.51.100.81
quietly ping -c 1 -T tsandaddr 198.51.100.81
quietly ping -c 1 -T tsprespec 10.0.0.1 198.51.100.81
in_space a python3 "$make_dir/ip_options.py" kernel
in_space a python3 "$make_dir/ip_options.py" hand
capture_end
