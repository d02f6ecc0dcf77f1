#!/bin/bash
# branches.sh -- makes branches.pcap and domain.pcap, built by branches.py and domain.py, three
# captures of fields at their bounds by bounds.py, and snapped.pcap from tcp_options.pcap.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

for name in branches domain; do
	python3 "$make_dir/$name.py" "$work/$name"
	publish "$work/$name" "$name.pcap"
done

python3 "$make_dir/bounds.py" 1 "$work/bounds"
python3 "$make_dir/bounds.py" 107 "$work/bounds_fr"
python3 "$make_dir/bounds.py" 239 "$work/bounds_nflog"
for name in bounds bounds_fr bounds_nflog; do
	publish "$work/$name" "$name.pcap"
done

# The usual 64 bytes end amidst the options of TCP.
editcap -F pcap -s 64 -r "$out_dir/tcp_options.pcap" "$work/snapped" 1-45
publish "$work/snapped" snapped.pcap
