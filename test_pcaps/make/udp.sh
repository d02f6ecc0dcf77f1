#!/bin/bash
# udp.sh -- makes udp.pcap: datagrams with content that no decoder claims.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

pair 10.0.0.4/24 10.0.0.80/24
address a eth0 2001:db8::4/64
address b eth0 2001:db8::80/64

capture udp.pcap a eth0 udp or ip proto 136 or ip6 proto 136
in_space a python3 "$make_dir/udp.py"
capture_end
