#!/bin/bash
# sctp.sh -- makes sctp.pcap: SCTP by hand, as not every kernel has it.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

pair 10.0.0.4/24 10.0.0.80/24
for space in a b; do
	in_space "$space" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
capture sctp.pcap a eth0 ip proto 132 or ip6 or udp
in_space a python3 "$make_dir/sctp.py"
capture_end
