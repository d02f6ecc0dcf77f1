#!/bin/bash
# dhcp.sh -- makes dhcp.pcap: dnsmasq and clients of our own; by hand what dnsmasq does not send.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need dnsmasq

pair 10.0.0.4/24 10.0.0.80/24
for space in a b; do
	in_space "$space" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
start b dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 --interface=eth0 \
	--user=root --dhcp-leasefile="$work/leases" --dhcp-authoritative --no-ping \
	--dhcp-range=10.0.0.100,10.0.0.150,600 --domain=example.net --dhcp-fqdn \
	--dhcp-host=02:00:00:00:01:00,10.0.0.100,printer --bootp-dynamic \
	--dhcp-option=option:router,10.0.0.1 --dhcp-option=option:dns-server,10.0.0.53,10.0.0.54 \
	--dhcp-boot=boot.img,boot.example.net,10.0.0.80
wait_port b u 67
capture dhcp.pcap a eth0 port 67 or port 68
in_space a python3 "$make_dir/dhcp.py"
capture_end
