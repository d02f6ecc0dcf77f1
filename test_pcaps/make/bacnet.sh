#!/bin/bash
# bacnet.sh -- makes bacnet.pcap: BACnet/IP and BACnet over LLC, by hand.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

pair 10.0.0.4/24 10.0.0.80/24
capture bacnet.pcap a eth0 'udp or llc'
in_space a python3 "$make_dir/bacnet.py"
capture_end
