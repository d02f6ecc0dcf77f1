#!/bin/bash
# bgp.sh -- makes bgp.pcap: two BIRDs; by hand what they do not say.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need bird birdc

pair 10.0.0.4/24 10.0.0.80/24
address a eth0 2001:db8::4/64
address b eth0 2001:db8::80/64

# router SPACE ID AS PEER PEER_AS PREFIX...
router() {
	local space=$1 id=$2 as=$3 peer=$4 peer_as=$5 prefix
	shift 5
	{
		echo "router id $id; protocol device { scan time 1; }"
		echo "protocol static four { ipv4;"
		for prefix; do echo "route $prefix blackhole;"; done
		echo "} protocol static six { ipv6; route 2001:db8:${id##*.}::/48 blackhole; }"
		echo "protocol static later { disabled; ipv4; route 203.0.113.128/25 blackhole; }"
		echo "protocol bgp peer { local $id as $as; neighbor $peer as $peer_as;"
		echo "connect delay time 1; hold time 9; keepalive time 1; direct;"
		echo "ipv4 { import all; export filter { bgp_community.add((64500,7));"
		echo "bgp_med = 20; accept; }; next hop self; add paths on; };"
		echo "ipv6 { import all; export all; next hop self; }; }"
	} >"$work/$space.conf"
	start "$space" bird -f -c "$work/$space.conf" -s "$work/$space.ctl" -P "$work/$space.pid"
}

capture bgp.pcap a eth0 tcp port 179
router a 10.0.0.4 64500 10.0.0.80 65551 192.0.2.0/24 198.51.100.0/25
router b 10.0.0.80 65551 10.0.0.4 64500 203.0.113.0/26 0.0.0.0/0 198.51.100.129/32
for try in {1..150}; do
	in_space a birdc -s "$work/a.ctl" show protocols 2>/dev/null | grep -q Established && break
	[ "$try" -lt 150 ] || die "the BIRDs did not meet"
	sleep 0.1
done
sleep 3
in_space a birdc -s "$work/a.ctl" enable later >/dev/null
sleep 1
in_space a birdc -s "$work/a.ctl" disable later >/dev/null
in_space b birdc -s "$work/b.ctl" reload peer >/dev/null
sleep 1
in_space a birdc -s "$work/a.ctl" disable peer >/dev/null
sleep 1
in_space a python3 "$make_dir/bgp_odd.py"
capture_end
