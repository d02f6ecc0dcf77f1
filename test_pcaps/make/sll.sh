#!/bin/bash
# sll.sh -- makes sll.pcap and sll2.pcap: ping, dig and curl, seen on all interfaces at once.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/web.sh"
need ping arping dig curl nginx dnsmasq

pair 10.0.0.4/24 10.0.0.53/24
address a eth0 2001:db8::4/64
address b eth0 2001:db8::53/64
route b 224.0.0.0/4 dev eth0
# Interfaces without link-layer addresses: what goes out of the one comes in at the other.
start a python3 "$make_dir/wire.py" tun
sleep 0.5
in_space a ip link set port-b up
in_space a ip link set port-a up
address a port-a 192.0.2.4/24
web_files
web a nginx-http.conf 80
start b dnsmasq -C "$make_dir/dnsmasq.conf"
wait_port b u 53

traffic() {
	in_space a ip neigh flush dev eth0
	in_space a ping -qc 1 10.0.0.53 >/dev/null
	in_space a ping -qc 1 2001:db8::53 >/dev/null
	in_space a ping -qc 1 127.0.0.1 >/dev/null
	in_space a ping -qc 1 ::1 >/dev/null
	in_space a dig +tries=1 +timeout=2 @10.0.0.53 www.espcap.test A >/dev/null
	in_space a dig +tries=1 +timeout=2 @2001:db8::53 www.espcap.test AAAA >/dev/null
	in_space a curl -sS --max-time 5 http://127.0.0.1/short.txt >/dev/null
	in_space b curl -sS --max-time 5 'http://[2001:db8::4]/short.txt' >/dev/null
	in_space a ping -qc 1 -W 1 192.0.2.9 >/dev/null || true
	# To all and to a group, so that frames of each kind of destination come in.
	in_space b arping -qc 1 -I eth0 10.0.0.4
	in_space b ping -qc 1 -W 1 224.0.0.1 >/dev/null || true
}

for type in sll:LINUX_SLL sll2:LINUX_SLL2; do
	capture "${type%:*}.pcap" a any -y "${type#*:}" not ip6 proto 0
	traffic
	capture_end
done
