#!/bin/bash
# formats.sh -- makes nano.pcap, big_endian.pcap and three pcapng files.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/router.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/web.sh"
need ping curl nginx dumpcap editcap

routed
web_files
web b nginx-http.conf 80

traffic() {
	in_space a ping -qc 2 -i 0.2 198.51.100.81 >/dev/null
	in_space a curl -sS --max-time 5 http://198.51.100.81/short.txt >/dev/null
}

# The same packets before the router and behind it, to the nanosecond.
start r tcpdump -i eth1 -n -U --immediate-mode --time-stamp-precision=nano -Z root \
	-w "$work/behind" ip
behind=${pids[-1]}
capture nano.pcap r eth0 --time-stamp-precision=nano ip
traffic
sleep 0.5
kill "$behind"
wait "$behind"
capture_stop
mv "$work/capture" "$work/before"
editcap -F pcap "$work/before" "$work/micro"
python3 "$make_dir/convert.py" big-endian "$work/micro" "$work/big"
publish "$work/big" big_endian.pcap
python3 "$make_dir/pcapng.py" "$work/interfaces" "lan0=6=99=$work/before" "wan0=9=99=$work/behind" \
	"tap0=2^20=4=$work/before"
publish "$work/interfaces" interfaces.pcapng
publish "$work/before" nano.pcap

ip netns exec "$(space_of r)" dumpcap -q -f icmp -i eth0 -i eth1 -w "$work/dumpcap" \
	--capture-comment 'two interfaces, seen by dumpcap' 2>"$work/dumpcap.log" &
pids+=($!)
sleep 2
traffic
sleep 1
kill "${pids[-1]}"
wait "${pids[-1]}" || true
editcap -a '1:before the router' -a '2:and behind it' "$work/dumpcap" "$work/commented"
publish "$work/commented" dumpcap.pcapng

python3 "$make_dir/pcapng.py" "$work/mixed" "eth0=6=4=$out_dir/arp.pcap" \
	"tun0=6=6=$out_dir/raw.pcap" "any=9=6=$out_dir/sll2.pcap"
publish "$work/mixed" mixed.pcapng
