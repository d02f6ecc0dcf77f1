#!/bin/bash
# ssdp.sh -- makes ssdp.pcap: searches, announcements and answers of SSDP, by hand.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

pair 10.0.0.4/24 10.0.0.60/24
address a eth0 2001:db8::4/64
capture ssdp.pcap a eth0 udp port 1900
in_space a python3 "$make_dir/text_odd.py" ssdp
capture_end
