#!/bin/bash
# dtls.sh -- makes dtls.pcap: s_client and s_server of OpenSSL over UDP; by hand the rest.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/ca.sh"
need openssl

pair 10.0.0.4/24 10.0.0.128/24
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
serve 4433 -dtls -mtu 1400 -listen -alpn coap -CAfile "$work/ca.pem" -verify 1
serve 5684 -dtls1 -cipher "$low"
serve 5349 -dtls1_2 -no_ticket
serve 20002 -dtls -listen -cert_chain "$work/ca.pem" -mtu 256

# client PORT OPTIONS: says a word and hangs up.
client() {
	local port=$1
	shift
	(printf 'hello\n' && sleep 0.5 && printf 'Q\n') |
		in_space a timeout 10 openssl s_client -connect "10.0.0.128:$port" "$@" \
			>>"$work/client.log" 2>&1 || true
}

capture dtls.pcap a eth0 udp
client 4433 -dtls1_2 -mtu 1400 -servername www.example.com -alpn coap,stun.turn -cert "$work/client.pem" \
	-key "$work/client.key"
client 5684 -dtls1 -cipher "$low" -noservername
client 5349 -dtls1_2 -sess_out "$work/session"
client 5349 -dtls1_2 -sess_in "$work/session"
client 20002 -dtls1_2 -mtu 256
in_space a python3 "$make_dir/dtls_odd.py"
capture_end
