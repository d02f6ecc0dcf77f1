#!/bin/bash
# fcs.sh -- makes fcs.pcap and fcs.pcapng: frames with their check sequence.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

python3 "$make_dir/fcs.py" "$work/fcs.pcap" "$work/fcs.pcapng"
for kind in pcap pcapng; do
	publish "$work/fcs.$kind" "fcs.$kind"
done
