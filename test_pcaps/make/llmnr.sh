#!/bin/bash
# llmnr.sh -- makes llmnr.pcap: a resolver and a responder of our own, for want of a program.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

pair 10.0.0.4/24 10.0.0.80/24
address a eth0 2001:db8::4/64
address b eth0 2001:db8::80/64
start b python3 "$make_dir/llmnr.py" answer
wait_port b t 5355

capture llmnr.pcap a eth0 port 5355
in_space a python3 "$make_dir/llmnr.py" ask
capture_end
