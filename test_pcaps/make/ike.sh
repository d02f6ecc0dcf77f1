#!/bin/bash
# ike.sh -- makes ike.pcap: strongSwan with itself, both versions; by hand what it does not send.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need charon-systemd swanctl openssl

pair 10.0.0.4/24 10.0.0.80/24
for space in a b; do
	in_space "$space" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done

# Of each end a certificate, and who vouches for them: small ones, to fit a datagram.
certify() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "$1" -keyout "$2" -out "$3" "${@:4}" \
		2>>"$work/openssl.log"
}
certify "/C=DE/O=Example/CN=Example CA" "$work/ca.key" "$work/ca.pem"
for space in a b; do
	mkdir -p "$work/$space/swanctl/"{x509,x509ca,private}
	certify "/C=DE/O=Example/CN=$space.example.net" "$work/$space/swanctl/private/own.pem" "$work/$space/swanctl/x509/own.pem" \
		-CA "$work/ca.pem" -CAkey "$work/ca.key" -addext "subjectAltName=DNS:$space.example.net"
	cp "$work/ca.pem" "$work/$space/swanctl/x509ca/"
done
openssl x509 -in "$work/a/swanctl/x509/own.pem" -outform DER -out "$work/own.der"

# daemon SPACE OWN PEER: its own /run, since the programs have fixed names there.
daemon() {
	local space=$1 own=$2 peer=$3 name version aggressive auth
	mkdir -p "$work/$space/run"
	cat >"$work/$space/strongswan.conf" <<-EOF
		charon-systemd {
			i_dont_care_about_security_and_use_aggressive_mode_psk = yes
			journal { default = -1 }
			plugins {
				vici { socket = unix://$work/$space/run/vici }
				kernel-libipsec { load = no }
				dhcp { load = no }
			}
			retransmit_tries = 1
			send_vendor_id = yes
		}
	EOF
	{
		echo "connections {"
		for name in main:1:no:psk aggressive:1:yes:psk two:2:no:psk signed:1:yes:pubkey; do
			IFS=: read -r name version aggressive auth <<<"$name"
			echo "$name { version = $version; aggressive = $aggressive"
			echo "local_addrs = $own; remote_addrs = $peer"
			echo "proposals = aes128-sha256-modp2048,aes256gcm16-prfsha384-ecp256"
			if [ "$auth" = psk ]; then
				echo "local { auth = psk; id = @$space.example.net }"
			else
				echo "fragmentation = no; send_cert = always; local { auth = pubkey; certs = own.pem }"
			fi
			echo "remote { auth = $auth }"
			echo "children { net { mode = tunnel; esp_proposals = aes128-sha256 } } }"
		done
		echo "} secrets { ike { secret = s3cr3t-canary } }"
	} | sed "s/; /\n/g" >"$work/$space/swanctl/swanctl.conf"
	start "$space" env STRONGSWAN_CONF="$work/$space/strongswan.conf" charon-systemd
	wait_port "$space" u 4500
	control "$space" --load-all
}

control() {
	local space=$1
	shift
	in_space "$space" env SWANCTL_DIR="$work/$space/swanctl" \
		STRONGSWAN_CONF="$work/$space/strongswan.conf" timeout 20 swanctl "$@" \
		--uri "unix://$work/$space/run/vici" >>"$work/control.log" 2>&1 || true
}

capture ike.pcap a eth0 udp port 500 or udp port 4500
daemon a 10.0.0.4 10.0.0.80
daemon b 10.0.0.80 10.0.0.4
for name in main aggressive two signed; do
	control a --initiate --ike "$name"
	control a --terminate --ike "$name"
done
in_space a python3 "$make_dir/ike_odd.py" "$work/own.der"
capture_end
