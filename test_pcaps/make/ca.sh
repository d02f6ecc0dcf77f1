#!/bin/bash
# ca.sh -- a certificate authority that lives as long as one run; sourced after common.sh.
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # work comes from common.sh

# issue NAME SUBJECT EXTENSIONS NEWKEY...: NAME.key and NAME.pem, signed by the authority.
issue() {
	local name=$1 subject=$2 extensions=$3
	shift 3
	openssl req -new -nodes -subj "$subject" -keyout "$work/$name.key" -out "$work/$name.csr" \
		-newkey "$@" 2>>"$work/openssl.log"
	openssl x509 -req -in "$work/$name.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -days 90 \
		-extfile <(echo "$extensions") -out "$work/$name.pem" 2>>"$work/openssl.log"
}

# certificates: an authority, a server with an EC key, one with an RSA key, and a client.
certificates() {
	local names='DNS:www.example.com,DNS:*.example.org,IP:10.0.0.128,IP:2001:db8::80'
	local web="subjectAltName=$names,URI:https://www.example.com/
keyUsage=critical,digitalSignature,keyEncipherment
extendedKeyUsage=serverAuth,clientAuth
basicConstraints=critical,CA:FALSE"
	local ec=(ec -pkeyopt ec_paramgen_curve:P-256)

	openssl req -x509 -nodes -days 365 -subj '/C=AT/O=espcap tests/CN=espcap test CA' \
		-newkey "${ec[@]}" -keyout "$work/ca.key" -out "$work/ca.pem" 2>>"$work/openssl.log"
	issue ec '/C=AT/O=espcap tests/CN=www.example.com' "$web" "${ec[@]}"
	issue rsa '/C=AT/ST=Wien/O=espcap tests/OU=Küche/CN=rsa.example.com' "$web" rsa:2048
	issue client '/O=espcap tests/CN=alice/emailAddress=alice@example.com' \
		extendedKeyUsage=clientAuth "${ec[@]}"
	cat "$work/ec.pem" "$work/ca.pem" >"$work/ec-chain.pem"
}
