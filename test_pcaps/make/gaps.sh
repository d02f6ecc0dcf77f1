#!/bin/bash
# gaps.sh -- makes arp_probe.pcap, of a DHCP client that asks whether the address it was given is
# free, and sll_odd.pcap and null_type.pcap, built by gaps.py.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need busybox dnsmasq

python3 "$make_dir/gaps.py" "$work/sll_odd" "$work/null_type"
for name in sll_odd null_type; do
	publish "$work/$name" "$name.pcap"
done

pair 10.0.0.4/24 10.0.0.53/24
start b dnsmasq --keep-in-foreground --user=root --port=0 --pid-file= --bind-interfaces \
	--interface=eth0 --dhcp-range=10.0.0.100,10.0.0.110,3600 --leasefile-ro --no-ping
wait_port b u 67

capture arp_probe.pcap a eth0 arp or udp port 67
in_space a busybox udhcpc -a500 -nqf -i eth0 -s /bin/true 2>>"$work/daemons.log"
capture_end
