#!/bin/bash
# lacp.sh -- makes lacp.pcap: link aggregation and its neighbours, built by hand.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

pair 10.0.0.4/24 10.0.0.80/24
capture lacp.pcap a eth0 ether proto 0x8809
in_space a python3 "$make_dir/eapol_odd.py" lacp
capture_end
