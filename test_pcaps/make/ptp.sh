#!/bin/bash
# ptp.sh -- makes ptp.pcap: clocks of linuxptp over Ethernet, IPv4 and IPv6, then packets by hand.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need ptp4l pmc

pair 10.0.0.4/24 10.0.0.80/24
address a eth0 2001:db8::4/64
address b eth0 2001:db8::80/64

# clocks TRANSPORT DELAY SECONDS: one leads, one follows, over TRANSPORT (-2, -4, -6).
clocks() {
	ip netns exec "$(space_of a)" timeout "$3" ptp4l -i eth0 "$1" "$2" -S --priority1 10 \
		--uds_address "$work/a$1$2" >>"$work/ptp.log" 2>&1 &
	ip netns exec "$(space_of b)" timeout "$3" ptp4l -i eth0 "$1" "$2" -S -s \
		--uds_address "$work/b$1$2" >>"$work/ptp.log" 2>&1 &
	sleep "$(($3 - 2))"
	in_space b pmc "$1" -i eth0 -b 1 'GET CURRENT_DATA_SET' >>"$work/ptp.log" 2>&1 || true
	wait %?ptp4l 2>/dev/null || true
	sleep 2
}
capture "$work/real.pcap" a eth0 ether proto 0x88f7 or udp portrange 319-320
clocks -2 -E 9
clocks -2 -P 9
clocks -4 -E 9
clocks -6 -E 8
capture_stop
mv "$work/capture" "$work/real.pcap"
for space in a b; do
	in_space "$space" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
capture "$work/odd.pcap" a eth0 ether src "$mac_a"
in_space a python3 "$make_dir/ptp_odd.py"
capture_stop
mv "$work/capture" "$work/odd.pcap"
capture_join ptp.pcap "$work/real.pcap" "$work/odd.pcap"
