#!/bin/bash
# ports.sh -- makes ports.pcap: DNS on a port that nobody knows, over TCP and UDP.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need dig dnsmasq

pair 10.0.0.4/24 10.0.0.53/24
address b eth0 2001:db8::53/64
cp "$make_dir/dnsmasq.conf" "$work/dnsmasq.conf"
text=$(seq -s ' ' 1 70)
echo "txt-record=big.espcap.test,\"$text\",\"$text\",\"$text\"" >>"$work/dnsmasq.conf"
start b dnsmasq -C "$work/dnsmasq.conf" -p 41953
wait_port b t 41953

capture ports.pcap a eth0 port 41953
for way in +tcp +notcp; do
	for name in www.espcap.test nothing.espcap.test; do
		in_space a dig +tries=1 +timeout=2 "$way" -p 41953 @10.0.0.53 "$name" A >/dev/null
	done
	in_space a dig +tries=1 +timeout=2 "$way" -p 41953 @10.0.0.53 -x 10.0.0.80 >/dev/null
done
# Cut by UDP, asked for again over TCP.
in_space a dig +tries=1 +timeout=2 +bufsize=512 -p 41953 @10.0.0.53 big.espcap.test TXT >/dev/null
in_space a dig +tries=1 +timeout=2 +tcp +keepopen -p 41953 @10.0.0.53 espcap.test MX \
	mail.espcap.test A >/dev/null
capture_end
