#!/bin/bash
# x509.sh -- makes x509.pcap: certificates of many kinds, between s_client and s_server of OpenSSL.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/ca.sh"
need openssl

pair 10.0.0.4/24 10.0.0.128/24
certificates
log=$work/openssl.log

# self NAME CONFIG-LINES NEWKEY...: a certificate that signs itself, subject and extensions by config.
self() {
	local name=$1 config=$2
	shift 2
	echo "$config" >"$work/$name.cnf"
	openssl req -x509 -nodes -config "$work/$name.cnf" -keyout "$work/$name.key" \
		-out "$work/$name.pem" "$@" 2>>"$log"
}

common='prompt = no
distinguished_name = name
x509_extensions = ext'
# Times of two kinds, strings of three, names within names, and where to ask for more.
self many "[req]
$common
string_mask = pkix
utf8 = yes
[name]
C = AT
ST = Wien
O = \"Example, Inc. + Sons\"
OU = Küche
serialNumber = 42
DC = example
emailAddress = alice@example.com
CN = many.example.com
[ext]
basicConstraints = CA:TRUE,pathlen:1
keyUsage = critical,digitalSignature,keyCertSign,cRLSign
authorityKeyIdentifier = issuer:always
subjectAltName = DNS:many.example.com,email:alice@example.com,dirName:other,RID:1.2.3.4,IP:192.0.2.1
crlDistributionPoints = URI:http://crl.example.com/many.crl
authorityInfoAccess = OCSP;URI:http://ocsp.example.com/,caIssuers;URI:http://ca.example.com/ca.der
[other]
C = DE
O = Other" -newkey ec -pkeyopt ec_paramgen_curve:P-256 -sha1 -days 12000
# An address of five bytes, and nothing else that is usual.
self odd "[req]
$common
[name]
CN = odd.example.com
[ext]
subjectAltName = DER:30:07:87:05:01:02:03:04:05
extendedKeyUsage = 1.3.6.1.5.5.7.3.1,1.2.3.4.5" -newkey ed25519
# What Wireshark names by the modules that define it; where a company is registered; RSA-PSS.
self modules "[req]
$common
utf8 = yes
[name]
jurisdictionL = Wien
jurisdictionST = Wien
jurisdictionC = AT
UID = alice
organizationIdentifier = VATAT-U12345678
CN = modules.example.com
[ext]
nameConstraints = permitted;DNS:example.com,excluded;dirName:other,excluded;IP:192.0.2.0/255.255.255.0
certificatePolicies = 2.23.140.1.2.2,@policy
subjectAltName = otherName:msUPN;UTF8:alice@example.com,otherName:1.3.6.1.5.2.2;NULL,DNS:modules.example.com
tlsfeature = status_request
noCheck = yes
1.3.6.1.4.1.11129.2.4.2 = ASN1:FORMAT:HEX,OCTETSTRING:0000
1.3.6.1.4.1.311.21.7 = DER:30:08:06:06:2b:06:01:04:01:05
1.3.6.1.4.1.311.20.2 = ASN1:BMPSTRING:WebServer
1.3.6.1.4.1.311.21.1 = ASN1:INTEGER:0
1.2.840.113549.1.9.15 = DER:30:10:30:0e:06:08:2a:86:48:86:f7:0d:03:02:02:02:00:80
1.3.6.1.5.5.7.1.3 = DER:30:0a:30:08:06:06:04:00:8e:46:01:01
[policy]
policyIdentifier = 1.2.3.4
CPS = http://cps.example.com/
userNotice = @notice
[notice]
explicitText = UTF8:A notice
[other]
C = DE" -newkey rsa:1024 -sigopt rsa_padding_mode:pss -sha256
# Version 1, and a serial number that begins with a zero byte.
openssl req -new -nodes -subj /CN=old.example.com -newkey rsa:1024 -keyout "$work/old.key" \
	-out "$work/old.csr" 2>>"$log"
openssl x509 -req -in "$work/old.csr" -key "$work/old.key" -set_serial 0xf00d -days 30 \
	-out "$work/old.pem" 2>>"$log"

# serve PORT NAME OPTIONS: once for each kind.
serve() {
	local port=$1 name=$2
	shift 2
	start b openssl s_server -accept "10.0.0.128:$port" -cert "$work/$name.pem" \
		-key "$work/$name.key" -tls1_2 -quiet -no_ticket "$@"
	wait_port b t "$port"
}
low=ALL:!aNULL:@SECLEVEL=0
serve 443 ec -cert_chain "$work/ca.pem" -CAfile "$work/ca.pem" -Verify 1
serve 8443 many -cipher "$low"
serve 8444 odd
serve 8447 modules -cipher "$low"
serve 8445 old -cipher "$low"
# Two certificates that no segment holds together.
cat "$work/rsa.pem" "$work/ca.pem" >"$work/two.pem"
serve 8446 rsa -cert_chain "$work/two.pem"

# client PORT OPTIONS
client() {
	local port=$1
	shift
	in_space a timeout 10 openssl s_client -connect "10.0.0.128:$port" -tls1_2 "$@" \
		</dev/null >>"$work/client.log" 2>&1 || true
}

capture x509.pcap a eth0 tcp
client 443 -cert "$work/client.pem" -key "$work/client.key"
client 8443 -cipher "$low"
client 8444 -sigalgs ed25519:RSA+SHA256
client 8445 -cipher "$low"
client 8446
client 8447 -cipher "$low"
capture_end
