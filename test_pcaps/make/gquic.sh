#!/bin/bash
# gquic.sh -- makes gquic.pcap: QUIC of Google by hand, for no program that speaks it is left.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

pair 10.0.0.4/24 10.0.0.128/24
capture gquic.pcap a eth0 udp
in_space a python3 "$make_dir/gquic_odd.py"
capture_end
