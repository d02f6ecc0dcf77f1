#!/bin/bash
# coap.sh -- makes coap.pcap: libcoap's server and client, and messages by hand.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need coap-server-openssl coap-client-openssl

readonly server=10.0.0.80
ask() {
	in_space a coap-client-openssl -B 5 "$@" >>"$work/daemons.log" 2>&1
}

pair 10.0.0.4/24 "$server/24"
address a eth0 2001:db8::4/64
start b coap-server-openssl -A "$server" -d 10
wait_port b u 5683
head -c 700 /dev/zero | tr '\0' x >"$work/large"

capture coap.pcap a eth0 udp
ask -m get "coap://$server/.well-known/core"
ask -m get "coap://$server/time?ticks"
ask -m put -e hello -t text/plain "coap://$server/new/thing"
ask -m get "coap://$server/new/thing"
ask -N -m get "coap://$server/"
ask -m put -f "$work/large" "coap://$server/large"
ask -m get -b 128 "coap://$server/large"
ask -m delete "coap://$server/new/thing"
ask -m get "coap://$server/nowhere"
ask -m get -s 2 "coap://$server/time" || true
in_space a python3 "$make_dir/coap_odd.py"
capture_end
