#!/bin/bash
# kerberos.sh -- makes kerberos.pcap: MIT's programs with their KDC; by hand what they do not send.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need krb5kdc kdb5_util kadmin.local kinit kvno

pair 10.0.0.4/24 10.0.0.80/24
address a eth0 2001:db8::4/64
address b eth0 2001:db8::80/64
secret=s3cr3t-canary
cat >"$work/krb5.conf" <<END
[libdefaults]
 default_realm = EXAMPLE.NET
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 noaddresses = false
 ignore_acceptor_hostname = true
 default_ccache_name = FILE:$work/ccache
 spake_preauth_groups = edwards25519
[realms]
 EXAMPLE.NET = {
  kdc = 10.0.0.80
 }
 V6.EXAMPLE.NET = {
  kdc = [2001:db8::80]:88
 }
END
cat >"$work/kdc.conf" <<END
[kdcdefaults]
 kdc_listen = 88
 kdc_tcp_listen = 88
[realms]
 EXAMPLE.NET = {
  database_name = $work/principal
  key_stash_file = $work/stash
  acl_file = $work/acl
  max_renewable_life = 7d
  supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal
 }
END
export KRB5_CONFIG=$work/krb5.conf KRB5_KDC_PROFILE=$work/kdc.conf
kdb5_util create -s -r EXAMPLE.NET -P "$secret-master" >>"$work/kdc.log" 2>&1
for principal in "-pw $secret alice" "-pw $secret +requires_preauth bob" "-pw $secret -policy none -allow_tix carol" \
	"-pw $secret -pwexpire yesterday dave" "-randkey host/server.example.net" "-randkey -allow_svr HTTP/closed.example.net"; do
	kadmin.local -q "addprinc $principal" >>"$work/kdc.log" 2>&1
done
start b krb5kdc -n
wait_port b u 88

# login PRINCIPAL PASSWORD [OPTION OF kinit]...
login() {
	local principal=$1 password=$2
	shift 2
	in_space a kinit "$@" "$principal" <<<"$password" >>"$work/client.log" 2>&1 || true
}

ticket() {
	in_space a kvno "$@" >>"$work/client.log" 2>&1 || true
}

capture kerberos.pcap a eth0 port 88 or port 1088
login alice "$secret" -f -r 2d
ticket host/server.example.net
ticket HTTP/closed.example.net
ticket nowhere/at.example.net
in_space a kinit -R >>"$work/client.log" 2>&1 || true
login bob "$secret" -C -a -s 1h -l 3h
login bob "wrong-$secret"
login nobody "$secret"
login carol "$secret"
login dave "$secret"
login alice@V6.EXAMPLE.NET "$secret"
in_space a kinit -n @EXAMPLE.NET >>"$work/client.log" 2>&1 || true
sed -i 's/^ rdns = false/&\n udp_preference_limit = 1/' "$work/krb5.conf"
login bob "$secret"
ticket host/server.example.net
in_space a python3 "$make_dir/kerberos_odd.py"
capture_end
