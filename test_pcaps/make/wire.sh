#!/bin/bash
# wire.sh -- spaces a and b on a wire of wire.py, whose process and monitor port are in space r.
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # mac_a, mac_b and make_dir come from common.sh

# wire tun|tap ARGUMENTS...: see wire.py. In a and b the ends are called eth0 (tap) or tun0 (tun).
wire() {
	local kind=$1 name=eth0 end try
	[ "$kind" = tap ] || name=tun0
	add_space a b r
	in_space r sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	start r python3 "$make_dir/wire.py" "$@"
	for try in {1..50}; do
		[ -e "/proc/${pids[-1]}/root" ] && in_space r test -e /sys/class/net/port-b && break
		sleep 0.1
	done
	[ "$try" -lt 50 ] || die "wire.py made no devices: $(cat "$work/daemons.log")"
	for end in a b; do
		ip -n "$(space_of r)" link set "port-$end" netns "$(space_of "$end")" name "$name"
		in_space "$end" sysctl -qw "net.ipv6.conf.$name.disable_ipv6=0"
	done
	if [ "$kind" = tap ]; then
		in_space a ip link set eth0 address "$mac_a"
		in_space b ip link set eth0 address "$mac_b"
		in_space r ip link set mirror up
	fi
	in_space a ip link set "$name" up
	in_space b ip link set "$name" up
}
