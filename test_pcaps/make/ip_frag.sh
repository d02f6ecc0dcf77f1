#!/bin/bash
# ip_frag.sh -- makes ip_frag.pcap: large datagrams of ping, dig and Python, and fragments by hand.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need ping dig dnsmasq

pair 10.0.0.4/24 10.0.0.53/24
address b eth0 2001:db8::53/64
cp "$make_dir/dnsmasq.conf" "$work/dnsmasq.conf"
text=$(seq -s ' ' 1 85)
printf 'txt-record=huge.espcap.test,"%s"\n' "$text"\ {a..l} >>"$work/dnsmasq.conf"
start b dnsmasq -C "$work/dnsmasq.conf"
wait_port b u 53

capture ip_frag.pcap a eth0 ip and not tcp port 53
in_space a ping -qc 1 -s 4000 10.0.0.53 >/dev/null
in_space a dig +tries=1 +timeout=2 +notcp +bufsize=4096 @10.0.0.53 huge.espcap.test TXT \
	>"$work/dig.log"
in_space a python3 -c 'import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(bytes(range(250)) * 14, ("10.0.0.53", 9))'
in_space a python3 "$make_dir/ip_frag.py"
capture_end
