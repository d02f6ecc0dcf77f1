#!/bin/bash
# http.sh -- makes test_http.pcap: curl against nginx over HTTP/1.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/web.sh"
need curl nginx

pair 10.0.0.4/24 184.51.102.81/32
route a 184.51.102.81/32 dev eth0
route b 10.0.0.0/24 dev eth0
in_space a sysctl -qw net.ipv4.ip_local_port_range='59804 60999'
web_files
web b nginx-http.conf 80

site=http://www.example.com

get() {
	in_space a curl -sS --resolve www.example.com:80:184.51.102.81 --max-time 10 "$@" >/dev/null
}

capture test_http.pcap a eth0 tcp port 80
# The article's first packet has this source port.
get --local-port 59803 "$site/" "$site/text.txt"
get -I -A 'Mozilla/5.0 (X11; Linux x86_64) espcap-test/1.0' "$site/text.txt" \
	--next -L "$site/old?token=s3cr3t&lang=en" \
	--next -e "$site/" "$site/missing.png?id=7" \
	--next "$site/api/items?password=tiger&q=a%20b" "$site/short.txt?page=2&sort=name"
get -d name=alice -d password=wonderland -d comment='a b&c' "$site/api/form" \
	--next -H 'Content-Type: application/json' --data-binary '{"user":"alice"}' \
	"$site/api/json" \
	--next -F file=@"$work/www/short.txt" -F note=hello "$site/api/upload"
get "$site/chunked/short.txt" "$site/chunked/text.txt" --next --compressed "$site/zip/text.txt"
get "$site/private/short.txt" \
	--next -u alice:wonderland "$site/private/short.txt" \
	--next -H 'Authorization: Bearer eyJhbGciOiJub25lIn0.e30.' "$site/api/me"
get -c "$work/jar" -b "$work/jar" -L "$site/login" \
	--next -b 'session=8c1d0f; theme=dark' "$site/" \
	--next -H 'X-Forwarded-For: 203.0.113.7, 198.51.100.9' "$site/" \
	--next -H 'Accept-Language: de-AT,de;q=0.8' -H 'Cache-Control: no-cache' "$site/"
get -r 100-299 "$site/text.txt" \
	--next -r 0-9,50-59 "$site/text.txt" \
	--next -r 900000- "$site/text.txt" \
	--next -z 'Fri, 02 Jan 2026 03:04:05 GMT' "$site/text.txt"
get -H 'Expect: 100-continue' -T "$work/www/short.txt" "$site/dav/new.txt" \
	--next -X OPTIONS "$site/dav/" \
	--next -X DELETE "$site/dav/new.txt"
get -H 'Expect: 100-continue' -T "$work/www/text.txt" "$site/dav/big.txt"
get "$site/nothing" "$site/busy" "$site/upstream" --next -X BREW "$site/pot" \
	--next -0 "$site/short.txt"
get -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' \
	-H 'Sec-WebSocket-Key: ZXNwY2FwIHRlc3Qga2V5IQ==' -H 'Sec-WebSocket-Protocol: chat' "$site/"
in_space a python3 "$make_dir/http_odd.py" 184.51.102.81 80
capture_end
