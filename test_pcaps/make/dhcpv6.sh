#!/bin/bash
# dhcpv6.sh -- makes dhcpv6.pcap: dnsmasq and dhclient; by hand what they do not send.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need dnsmasq dhclient

pair 2001:db8::4/64 2001:db8::80/64
start b dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 --interface=eth0 \
	--user=root --dhcp-leasefile="$work/leases" --dhcp-authoritative \
	--dhcp-range=2001:db8::100,2001:db8::1ff,64,600 --domain=example.net --dhcp-fqdn \
	"--dhcp-option=option6:dns-server,[2001:db8::53],[2001:db8::54]" \
	--dhcp-option=option6:domain-search,example.net
wait_port b u 547
cat >"$work/dhclient.conf" <<'EOF'
send fqdn.fqdn "laptop.example.net";
send fqdn.encoded on;
send fqdn.server-update on;
send dhcp6.vendor-class 00:00:7f:ed:00:05:6c:69:6e:75:78;
also request dhcp6.name-servers, dhcp6.fqdn;
EOF

# client OPTION...: one run of dhclient, which changes nothing of the interface.
client() {
	in_space a timeout 30 dhclient -6 -1 -v -cf "$work/dhclient.conf" -lf "$work/client.leases" \
		-pf "$work/dhclient.pid" -sf /bin/true "$@" eth0 >>"$work/daemons.log" 2>&1 ||
		{ cat "$work/daemons.log" >&2; die "dhclient $* failed"; }
	[ ! -s "$work/dhclient.pid" ] || kill "$(cat "$work/dhclient.pid")" 2>/dev/null || true
	rm -f "$work/dhclient.pid"
}

capture dhcpv6.pcap a eth0 udp port 546 or udp port 547 or tcp port 547
client -D LLT
client -r -D LLT
client -D LL
client -S
in_space a python3 "$make_dir/dhcpv6_odd.py"
capture_end
