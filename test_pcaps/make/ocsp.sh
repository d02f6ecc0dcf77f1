#!/bin/bash
# ocsp.sh -- makes ocsp.pcap: answers about certificates, over HTTP and stapled to a handshake, by OpenSSL.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/ca.sh"
need openssl

pair 10.0.0.4/24 10.0.0.128/24
certificates
log=$work/openssl.log

# Whom the authority lets answer; its certificate need not be asked about.
openssl req -new -nodes -subj "/C=AT/O=Example/CN=OCSP responder" -newkey rsa:1024 \
	-keyout "$work/responder.key" -out "$work/responder.csr" 2>>"$log"
printf '%s\n' 'keyUsage = critical,digitalSignature' 'extendedKeyUsage = OCSPSigning' 'noCheck = ignored' \
	>"$work/responder.ext"
openssl x509 -req -in "$work/responder.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -set_serial 7 \
	-days 30 -extfile "$work/responder.ext" -out "$work/responder.pem" 2>>"$log"

# One certificate is good, one was revoked, of others nothing is known.
serial() { openssl x509 -noout -serial -in "$work/$1.pem" | cut -d= -f2; }
printf 'V\t401231235959Z\t\t%s\tunknown\t/CN=rsa\n' "$(serial rsa)" >"$work/index"
printf 'R\t401231235959Z\t260101000000Z,keyCompromise\t%s\tunknown\t/CN=ec\n' "$(serial ec)" >>"$work/index"

# responder PORT OPTION...
responder() {
	local port=$1
	shift
	start b openssl ocsp -index "$work/index" -CA "$work/ca.pem" -rsigner "$work/responder.pem" \
		-rkey "$work/responder.key" -port "$port" -ndays 7 "$@"
	wait_port b t "$port"
}
responder 80
responder 8080 -resp_no_certs -resp_key_id

# ask PORT OPTION...
ask() {
	local port=$1
	shift
	in_space a timeout 10 openssl ocsp -issuer "$work/ca.pem" -url "http://10.0.0.128:$port/" \
		-CAfile "$work/ca.pem" -VAfile "$work/responder.pem" "$@" >>"$work/client.log" 2>&1 || true
}

capture ocsp.pcap a eth0 tcp
ask 80 -cert "$work/rsa.pem" -respout "$work/staple.der"
ask 80 -cert "$work/rsa.pem" -cert "$work/ec.pem" -serial 99 -no_nonce
ask 8080 -sha256 -cert "$work/ec.pem"
ask 80 -cert "$work/rsa.pem" -signer "$work/client.pem" -signkey "$work/client.key"
start b openssl s_server -accept 10.0.0.128:443 -cert "$work/rsa.pem" -key "$work/rsa.key" -tls1_2 -quiet \
	-no_ticket -status_file "$work/staple.der"
wait_port b t 443
in_space a timeout 10 openssl s_client -connect 10.0.0.128:443 -tls1_2 -status \
	</dev/null >>"$work/client.log" 2>&1 || true
capture_end
