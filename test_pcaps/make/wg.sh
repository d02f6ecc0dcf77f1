#!/bin/bash
# wg.sh -- makes wg.pcap: two wireguard-go; by hand cookies and what only looks like it.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need wireguard-go wg

pair 10.0.0.4/24 10.0.0.80/24
for space in a b; do
	in_space "$space" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
	(umask 077 && wg genkey >"$work/$space.key")
	wg pubkey <"$work/$space.key" >"$work/$space.pub"
done

# tunnel SPACE PORT ADDRESS PEER PEER_ADDRESS ENDPOINT
tunnel() {
	local space=$1 port=$2 own=$3 peer=$4 remote=$5 endpoint=$6 try
	mkdir -p "$work/$space.run"
	start "$space" unshare -m sh -c "mount --bind '$work/$space.run' /var/run &&
		exec wireguard-go -f wg0"
	for try in {1..100}; do
		[ ! -S "$work/$space.run/wireguard/wg0.sock" ] || break
		[ "$try" -lt 100 ] || die "wireguard-go did not start in $space"
		sleep 0.1
	done
	in_space "$space" unshare -m sh -c "mount --bind '$work/$space.run' /var/run &&
		wg set wg0 listen-port $port private-key '$work/$space.key' peer $(cat "$work/$peer.pub") \
		allowed-ips $remote/32 endpoint $endpoint persistent-keepalive 1"
	address "$space" wg0 "$own/24"
	ip -n "$(space_of "$space")" link set wg0 up
}

capture wg.pcap a eth0 udp
tunnel b 40820 192.0.2.2 a 192.0.2.1 10.0.0.4:51820
tunnel a 51820 192.0.2.1 b 192.0.2.2 10.0.0.80:40820
in_space a ping -n -q -c 3 -i 0.3 192.0.2.2 >/dev/null
sleep 2
in_space a python3 "$make_dir/wg_odd.py"
capture_end
