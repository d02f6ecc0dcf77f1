#!/bin/bash
# dnp3.sh -- makes dnp3.pcap: DNP3 by hand, as neither Debian nor PyPI has a program that speaks it.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

pair 10.0.0.4/24 10.0.0.80/24
for space in a b; do
	in_space "$space" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
capture dnp3.pcap a eth0 ether src "$mac_a"
in_space a python3 "$make_dir/dnp3.py"
capture_end
