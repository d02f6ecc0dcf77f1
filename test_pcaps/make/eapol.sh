#!/bin/bash
# eapol.sh -- makes eapol.pcap: hostapd and wpa_supplicant on a wire; by hand other kinds of EAP.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need hostapd wpa_supplicant openssl

pair 10.0.0.4/24 10.0.0.80/24
for space in a b; do
	in_space "$space" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
	-subj /CN=radius.example.net -keyout "$work/key.pem" -out "$work/cert.pem" 2>"$work/openssl.log"
cat >"$work/users" <<'EOF'
"alice"	MD5	"s3cr3t-canary"
"bob"	PEAP
"carol"	TLS
"bob"	MSCHAPV2	"s3cr3t-canary"	[2]
EOF
cat >"$work/hostapd.conf" <<EOF
interface=eth0
driver=wired
ieee8021x=1
eap_server=1
eap_user_file=$work/users
ca_cert=$work/cert.pem
server_cert=$work/cert.pem
private_key=$work/key.pem
use_pae_group_addr=1
EOF

# supplicant NAME METHOD [LINE]: until the port is open or the server has refused.
supplicant() {
	local name=$1 method=$2 line=${3-} try pid
	cat >"$work/wpa.conf" <<-EOF
		ap_scan=0
		network={
			key_mgmt=IEEE8021X
			eap=$method
			identity="$name"
			password="s3cr3t-canary"
			$line
		}
	EOF
	: >"$work/wpa.log"
	ip netns exec "$(space_of a)" wpa_supplicant -i eth0 -D wired -c "$work/wpa.conf" \
		>"$work/wpa.log" 2>&1 &
	pid=$!
	for try in {1..150}; do
		grep -qE 'EVENT-(CONNECTED|EAP-FAILURE)' "$work/wpa.log" && break
		[ "$try" -lt 150 ] || { cat "$work/wpa.log" >&2; die "nobody answered $name"; }
		sleep 0.1
	done
	kill "$pid"
	wait "$pid" || true
	sleep 0.3
}

capture eapol.pcap a eth0 ether proto 0x888e
start b hostapd "$work/hostapd.conf"
sleep 1
supplicant alice MD5
supplicant bob PEAP 'phase2="auth=MSCHAPV2"'
supplicant mallory MD5
in_space a python3 "$make_dir/eapol_odd.py"
capture_end
