#!/bin/bash
# sip.sh -- makes sip.pcap: calls and registrations of sipp, and messages by hand.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need sipp

readonly uas=10.0.0.80 uac=10.0.0.4

# call PORT TRANSPORT t|u SERVER-OPTIONS CLIENT-OPTIONS: one call, and the server is ended.
call() {
	local port=$1 way=$2 kind=$3 server=$4 client=$5 pid
	# shellcheck disable=SC2086 # options, several in one
	(cd "$work" && exec ip netns exec "$(space_of b)" sipp $server -t "$way" -i "$uas" -p "$port" -m 1 \
		-nostdin >>"$work/daemons.log" 2>&1) &
	pid=$!
	wait_port b "$kind" "$port"
	# shellcheck disable=SC2086
	(cd "$work" && in_space a sipp $client -t "$way" -i "$uac" -p 5066 -m 1 -nostdin \
		"$uas:$port" >>"$work/daemons.log" 2>&1) || die "no call on port $port"
	kill "$pid" 2>/dev/null || true
	wait "$pid" || true
}

pair 10.0.0.4/24 10.0.0.80/24
address a eth0 2001:db8::4/64
# Without the resets of a kernel that knows nothing of what sip_odd.py sends.
capture sip.pcap a eth0 'udp or (tcp and tcp[13] & 4 = 0)'
call 5060 u1 u "-sn uas" "-sn uac -d 100 -s bob"
call 5060 t1 t "-sn uas" "-sn uac -d 100 -s bob"
call 5060 u1 u "-sf $make_dir/sip-register-uas.xml" "-sf $make_dir/sip-register-uac.xml"
call 15060 u1 u "-sn uas" "-sn uac -d 100 -s carol"
in_space a python3 "$make_dir/sip_odd.py"
capture_end
