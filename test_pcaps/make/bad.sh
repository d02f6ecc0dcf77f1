#!/bin/bash
# bad.sh -- makes bad/*.pcap: what espcap must survive and must say something sensible about.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/web.sh"
need curl nginx

pair 10.0.0.4/24 10.0.0.80/24
web_files
web b nginx-http.conf 80

mkdir -p "$out_dir/bad"
capture bad/snapped.pcap a eth0 -s 40 tcp port 80
in_space a curl -sS --max-time 5 http://10.0.0.80/short.txt >/dev/null
capture_end

mkdir "$work/bad"
python3 "$make_dir/bad.py" "$out_dir/test_http.pcap" "$work/bad"
for file in "$work"/bad/*.pcap; do
	publish "$file" "bad/${file##*/}"
done
