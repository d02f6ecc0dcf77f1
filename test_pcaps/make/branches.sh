#!/bin/bash
# branches.sh -- makes branches.pcap and domain.pcap, built by branches.py and domain.py.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

for name in branches domain; do
	python3 "$make_dir/$name.py" "$work/$name"
	publish "$work/$name" "$name.pcap"
done
