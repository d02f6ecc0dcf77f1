#!/bin/bash
# text_broken.sh -- makes bad/text.pcap: what text_odd.py has that Wireshark calls malformed.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

pair 10.0.0.4/24 10.0.0.80/24
capture bad/text.pcap a eth0 ip host 10.0.0.50 or ip6 host 2001:db8::50
in_space a python3 "$make_dir/text_odd.py" broken
capture_end
