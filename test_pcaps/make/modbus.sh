#!/bin/bash
# modbus.sh -- makes modbus.pcap: a master and a device of Modbus/TCP, then packets by hand.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

pair 10.0.0.4/24 10.0.0.80/24
start b python3 "$make_dir/modbus.py" serve
wait_port b t 502
capture "$work/real.pcap" a eth0 tcp port 502
in_space a python3 "$make_dir/modbus.py" ask 10.0.0.80
capture_stop
mv "$work/capture" "$work/real.pcap"
for space in a b; do
	in_space "$space" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
# The device of the other side has no part in this: it would reset what it never heard of.
capture "$work/odd.pcap" a eth0 ether src "$mac_a"
in_space a python3 "$make_dir/modbus_odd.py"
capture_stop
mv "$work/capture" "$work/odd.pcap"
capture_join modbus.pcap "$work/real.pcap" "$work/odd.pcap"
