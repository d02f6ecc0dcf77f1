#!/bin/bash
# iec104.sh -- makes iec104.pcap: both stations of c104, then packets by hand.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

python=$(python_with c104==2.2.1)
pair 10.0.0.4/24 10.0.0.80/24
start b "$python" "$make_dir/iec104.py" serve
wait_port b t 2404
capture "$work/real.pcap" a eth0 tcp port 2404
in_space a "$python" "$make_dir/iec104.py" ask 10.0.0.80
capture_stop
mv "$work/capture" "$work/real.pcap"
for space in a b; do
	in_space "$space" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
capture "$work/odd.pcap" a eth0 ether src "$mac_a"
in_space a python3 "$make_dir/iec104_odd.py"
capture_stop
mv "$work/capture" "$work/odd.pcap"
capture_join iec104.pcap "$work/real.pcap" "$work/odd.pcap"
