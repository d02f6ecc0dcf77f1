#!/bin/bash
# quic.sh -- makes quic.pcap: client and server of ngtcp2, and datagrams made by hand.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/ca.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/web.sh"
need openssl gtlsserver gtlsclient
/usr/bin/python3 -c 'import cryptography' || die "python3-cryptography is missing; see README.md"

pair 10.0.0.4/24 10.0.0.128/24
certificates
web_files

# serve ADDRESS OPTIONS: all on the port that tells what they speak.
serve() {
	local address=$1
	shift
	start b gtlsserver -q -d "$work/www" "$@" "$address" 443 "$work/ec.key" "$work/ec.pem"
	until [ -n "$(in_space b ss -Hlnu "src $address and sport = :443")" ]; do
		sleep 0.1
	done
}
address b eth0 10.0.0.129/24
serve 10.0.0.128
serve 10.0.0.129 --validate-addr

# client ADDRESS OPTIONS: one request, of a small file.
client() {
	local address=$1
	shift
	in_space a timeout 10 gtlsclient -q --no-pmtud --exit-on-all-streams-close "$@" \
		"$address" 443 https://www.example.com/short.txt >>"$work/client.log" 2>&1 || true
}

# What a server seals is left out: its keys come from an earlier packet, and so does the length of
# the connection id in it, so that one packet alone shows nothing to check.
sealed='src port 443 and ((udp[8] & 0xb0) = 0x80 and udp[9:4] != 0 or (udp[8] & 0x80) = 0)'
capture quic.pcap a eth0 "udp and not ($sealed)"
client 10.0.0.128 --session-file "$work/session" --tp-file "$work/tp"
client 10.0.0.128 --session-file "$work/session" --tp-file "$work/tp"
client 10.0.0.129
# A version that nobody has, and one of the drafts.
client 10.0.0.128 --version=0x1a2a3a4a --preferred-versions=v1
client 10.0.0.128 --version=0xff00001d
in_space a /usr/bin/python3 "$make_dir/quic_odd.py"
capture_end
