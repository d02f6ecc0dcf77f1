#!/bin/bash
# http_ipv6.sh -- makes http_ipv6.pcap: curl against nginx over IPv6.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/web.sh"
need curl nginx

pair 2001:db8:4::4/64 2001:db8:4::80/64
web_files
web b nginx-http.conf 80

get() {
	in_space a curl -gsS --max-time 10 --resolve 'www.example.com:80:[2001:db8:4::80]' \
		"$@" >/dev/null
}

capture http_ipv6.pcap a eth0 ip6 and tcp port 80
get 'http://[2001:db8:4::80]/' 'http://[2001:db8:4::80]/text.txt'
get http://www.example.com/ --next -d user=alice 'http://www.example.com/api/form?key=k1'
# The address that the link gave itself, with the zone in the URL.
get "http://[fe80::ff:fe00:b%25eth0]/short.txt"
capture_end
