#!/bin/bash
# s7comm.sh -- makes s7comm.pcap: a station and a controller of python-snap7, then packets by hand.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

python=$(python_with python-snap7==3.3.0)
pair 10.0.0.4/24 10.0.0.80/24
start b "$python" "$make_dir/s7comm.py" serve
wait_port b t 102
capture "$work/real.pcap" a eth0 tcp port 102
in_space a "$python" "$make_dir/s7comm.py" ask 10.0.0.80
capture_stop
mv "$work/capture" "$work/real.pcap"
for space in a b; do
	in_space "$space" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
capture "$work/odd.pcap" a eth0 ether src "$mac_a"
in_space a python3 "$make_dir/s7comm_odd.py"
capture_stop
mv "$work/capture" "$work/odd.pcap"
capture_join s7comm.pcap "$work/real.pcap" "$work/odd.pcap"
