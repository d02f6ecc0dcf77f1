#!/bin/bash
# opcua.sh -- makes opcua.pcap: a client and a server of asyncua, then packets by hand.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

python=$(python_with asyncua==2.1.0)
pair 10.0.0.4/24 10.0.0.80/24
start b "$python" "$make_dir/opcua.py" serve 10.0.0.80
for try in {1..30}; do
	[ -n "$(in_space b ss -Hlnt "sport = :4840")" ] && break
	sleep 1
done
capture "$work/real.pcap" a eth0 tcp port 4840
in_space a timeout 60 "$python" "$make_dir/opcua.py" ask 10.0.0.80 >>"$work/client.log" 2>&1 || true
capture_stop
mv "$work/capture" "$work/real.pcap"
for space in a b; do
	in_space "$space" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
capture "$work/odd.pcap" a eth0 ether src "$mac_a"
in_space a python3 "$make_dir/opcua_odd.py"
capture_stop
mv "$work/capture" "$work/odd.pcap"
capture_join opcua.pcap "$work/real.pcap" "$work/odd.pcap"
