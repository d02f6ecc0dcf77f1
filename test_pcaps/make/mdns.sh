#!/bin/bash
# mdns.sh -- makes mdns.pcap: two avahi daemons, dig and hand-made questions.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need avahi-daemon dig

pair 10.0.0.4/24 10.0.0.80/24
address a eth0 2001:db8::4/64
address b eth0 2001:db8::80/64
route a 224.0.0.0/4 dev eth0
route b 224.0.0.0/4 dev eth0

# avahi SPACE HOST: a daemon with folders of its own over those of the machine.
avahi() {
	local run="$work/avahi-$1"
	mkdir -p "$run/etc/services" "$run/run/avahi-daemon"
	sed "s/^\[server\]/&\nhost-name=$2/" "$make_dir/avahi.conf" >"$run/avahi.conf"
	[ "$1" = b ] && cp "$make_dir/avahi.service" "$run/etc/services/"
	# shellcheck disable=SC2016 # the inner shell expands it
	start "$1" bash -c 'mount --bind "$1/etc" /etc/avahi && mount --bind "$1/run" /run &&
		exec avahi-daemon -f "$1/avahi.conf" --no-drop-root --no-chroot --no-rlimits' \
		- "$run"
	wait_port "$1" u 5353
}

capture mdns.pcap a eth0 udp port 5353
avahi b office
sleep 3
# The second takes the name of the first, so it must look for another.
avahi a office
sleep 3
in_space a dig +tries=1 +timeout=2 -p 5353 @10.0.0.80 office.local A >"$work/dig.log" ||
	die "nobody answered: $(cat "$work/dig.log")"
in_space a python3 "$make_dir/mdns_ask.py"
# A daemon that ends says goodbye.
kill "${pids[0]}"
sleep 1
capture_end
