#!/bin/bash
# tls.sh -- makes tls.pcap and tls_odd.pcap: clients, real and hand-made, against nginx.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/web.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/ca.sh"
need curl nginx openssl

pair 10.0.0.4/24 10.0.0.128/24
address a eth0 2001:db8::4/64
address b eth0 2001:db8::80/64
web_files
certificates
web b nginx-tls.conf 443

# head CURL-OPTIONS URL
head() {
	in_space a curl -gsSI --cacert "$work/ca.pem" --max-time 10 \
		--connect-to www.example.com::10.0.0.128: "$@" >/dev/null
}

# client PORT OPTIONS: a request over s_client; it ends when the server hangs up.
client() {
	local port=$1
	shift
	printf 'HEAD / HTTP/1.0\r\n\r\n' |
		in_space a timeout 10 openssl s_client -connect "10.0.0.128:$port" -ign_eof "$@" \
			>>"$work/client.log" 2>&1
}

refused() {
	if "$@"; then
		die "this should have been refused: $*"
	fi
}

capture tls.pcap a eth0 tcp and not port 80
head https://www.example.com/
head --http1.1 https://www.example.com/
head --no-alpn https://10.0.0.128/
head --tls-max 1.2 'https://[2001:db8::80]/'
head --tls-max 1.2 --cert "$work/client.pem" --key "$work/client.key" https://www.example.com:8443/
head --tls-max 1.2 --cacert "$work/client.pem" https://www.example.com/ ||
	echo "curl knew no such authority, as meant"
head https://www.example.com:4433/

low=ALL:@SECLEVEL=0
client 443 -tls1 -cipher "$low" -servername old.example.org
client 443 -tls1_2 -cipher AES128-GCM-SHA256 -noservername
client 443 -tls1_2 -cipher ECDHE-RSA-AES256-GCM-SHA384 -servername rsa.example.org -status \
	-maxfraglen 512
# By ticket, by session id, by pre-shared key, and with early data.
client 443 -tls1_2 -sess_out "$work/ticket"
client 443 -tls1_2 -sess_in "$work/ticket"
client 8443 -tls1_2 -no_ticket -sess_out "$work/id"
client 8443 -tls1_2 -no_ticket -sess_in "$work/id"
client 10443 -tls1_3 -servername www.example.com -sess_out "$work/psk"
printf 'GET /short.txt HTTP/1.0\r\n\r\n' >"$work/early"
client 10443 -tls1_3 -servername www.example.com -sess_in "$work/psk" -early_data "$work/early"
# Versions and ciphers that the server does not take.
refused client 10443 -tls1_2
refused client 443 -tls1_2 -cipher ECDHE-PSK-AES128-CBC-SHA256:@SECLEVEL=0 -psk 00
capture_end

capture tls_odd.pcap a eth0 tcp port 443
in_space a python3 "$make_dir/tls_hello.py" 10.0.0.128 443 www.example.com
capture_end
