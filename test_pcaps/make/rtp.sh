#!/bin/bash
# rtp.sh -- makes rtp.pcap: packets of RTP and RTCP, by hand.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

pair 10.0.0.4/24 10.0.0.80/24
address a eth0 2001:db8::4/64
capture rtp.pcap a eth0 udp
in_space a python3 "$make_dir/rtp.py"
capture_end
