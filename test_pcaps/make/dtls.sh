#!/bin/bash
# dtls.sh -- makes dtls.pcap: s_client and s_server of OpenSSL over UDP; by hand the rest.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/ca.sh"
need openssl

pair 10.0.0.4/24 10.0.0.128/24
# Frames as large as the messages: tshark guesses at the rest of one that is in two.
ip -n "$(space_of a)" link set eth0 mtu 9000
ip -n "$(space_of b)" link set eth0 mtu 9000
certificates

# serve PORT OPTIONS
serve() {
	local port=$1
	shift
	start b openssl s_server -accept "10.0.0.128:$port" -cert "$work/ec.pem" \
		-key "$work/ec.key" -quiet -naccept 2 "$@"
	wait_port b u "$port"
}
low=ALL:@SECLEVEL=0
serve 4433 -dtls -mtu 8000 -listen -alpn coap
serve 5684 -dtls1 -mtu 8000 -cipher "$low"
serve 5349 -dtls1_2 -mtu 8000 -no_ticket

# client PORT OPTIONS: says a word and hangs up.
client() {
	local port=$1
	shift
	(printf 'hello\n' && sleep 0.5 && printf 'Q\n') |
		in_space a timeout 10 openssl s_client -connect "10.0.0.128:$port" "$@" \
			>>"$work/client.log" 2>&1 || true
}

capture dtls.pcap a eth0 udp
client 4433 -dtls1_2 -servername www.example.com -alpn coap,stun.turn
client 5684 -dtls1 -cipher "$low" -noservername
client 5349 -dtls1_2 -sess_out "$work/session"
client 5349 -dtls1_2 -sess_in "$work/session"
in_space a python3 "$make_dir/dtls_odd.py"
capture_end
