#!/bin/bash
# http_proxy.sh -- makes http_proxy.pcap: curl through tinyproxy, with CONNECT and with a password.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/web.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/ca.sh"
need curl nginx tinyproxy openssl

pair 10.0.0.4/24 10.0.0.128/24
web_files
certificates
web b nginx-tls.conf 443

# proxy PORT [line of configuration]
proxy() {
	printf '%s\n' "Port $1" 'Listen 10.0.0.128' 'MaxClients 8' "${2-}" >"$work/proxy-$1.conf"
	# "ip netns exec" gives each program its own mounts, so only this one sees these names.
	# shellcheck disable=SC2016 # the inner shell expands it
	start b bash -c 'mount --bind "$1" /etc/hosts && exec tinyproxy -d -c "$2"' - \
		"$work/hosts" "$work/proxy-$1.conf"
	wait_port b t "$1"
}

echo '127.0.0.1 www.example.com files.example.org' >"$work/hosts"
proxy 3128
proxy 8080 'BasicAuth alice wonderland'
get() {
	in_space a curl -sS --cacert "$work/ca.pem" --max-time 10 "$@" >/dev/null
}

capture http_proxy.pcap a eth0 tcp port 3128 or tcp port 8080
plain=(-x http://10.0.0.128:3128)
locked=(-x http://10.0.0.128:8080)
get "${plain[@]}" http://www.example.com/ 'http://files.example.org/api/text?token=s3cr3t'
get "${plain[@]}" -d user=alice 'http://www.example.com:80/api/form'
get "${plain[@]}" http://www.example.com:9/
get "${plain[@]}" -p http://www.example.com/short.txt
get "${locked[@]}" http://www.example.com/
get "${locked[@]}" -U alice:wonderland http://www.example.com/short.txt
get "${locked[@]}" -U alice:wonderland https://www.example.com/
get "${locked[@]}" -U alice:wrong https://www.example.com/ || echo "the proxy refused, as meant"
capture_end
