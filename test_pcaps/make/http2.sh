#!/bin/bash
# http2.sh -- makes http2.pcap: curl against nginx over HTTP/2 without TLS.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/web.sh"
need curl nginx

pair 10.0.0.4/24 10.0.0.80/24
address a eth0 2001:db8::4/64
web_files
web b nginx-http2.conf 80

get() {
	in_space a curl -sS --http2-prior-knowledge --max-time 10 "$@" >/dev/null || true
}

capture http2.pcap a eth0 tcp port 80 or tcp port 8099
get http://10.0.0.80/ http://10.0.0.80/short.txt
get -I http://10.0.0.80/short.txt -H 'Cookie: session=s3cr3t-canary'
get -d name=alice http://10.0.0.80/none
get http://10.0.0.80:8099/missing
in_space a python3 "$make_dir/text_odd.py" http2
capture_end
