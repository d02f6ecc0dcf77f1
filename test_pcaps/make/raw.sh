#!/bin/bash
# raw.sh -- makes raw.pcap, raw_ipv4.pcap and raw_ipv6.pcap: ping, dig and curl over tun devices.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/web.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/wire.sh"
need ping dig curl nginx dnsmasq

wire tun
address a tun0 10.0.0.4/24 2001:db8::4/64
address b tun0 10.0.0.53/24 2001:db8::53/64
web_files
web b nginx-http.conf 80
start b dnsmasq -C "$make_dir/dnsmasq.conf"
wait_port b u 53

capture raw.pcap a tun0 not ip6 proto 0 and not ip6 multicast
for server in 10.0.0.53 2001:db8::53; do
	in_space a ping -qc 1 "$server" >/dev/null
	in_space a dig +tries=1 +timeout=2 @"$server" alias.espcap.test A >/dev/null
done
in_space a curl -sS --max-time 5 http://10.0.0.53/short.txt >/dev/null
in_space a curl -gsS --max-time 5 'http://[2001:db8::53]/short.txt' >/dev/null
capture_end

for version in 4 6; do
	python3 "$make_dir/convert.py" "raw-ipv$version" "$out_dir/raw.pcap" "$work/raw"
	publish "$work/raw" "raw_ipv$version.pcap"
done
