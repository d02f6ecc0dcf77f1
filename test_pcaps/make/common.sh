#!/bin/bash
# common.sh -- namespaces, cables between them and tcpdump on a cable; the other scripts source it.
# SPDX-License-Identifier: Apache-2.0

set -euo pipefail
export LC_ALL=C.UTF-8 TZ=UTC

make_dir=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
out_dir=$(dirname -- "$make_dir")
# Debian's programs and its Python; nothing that a user has installed beside them.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
pids=()
spaces=()
capture_name=
capture_pid=

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

[ "$(id -u)" -eq 0 ] || die "network namespaces need root; start it with sudo"
work=$(mktemp -d /tmp/espcap-pcaps.XXXXXX)

cleanup() {
	local pid space
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	for space in "${spaces[@]}"; do
		ip netns del "$space"
	done
	rm -rf "$work"
}
trap cleanup EXIT

need() {
	local program
	for program; do
		command -v "$program" >/dev/null || die "$program is missing; see README.md"
	done
}
need ip tcpdump tshark mergecap ethtool ss

# The names the scripts use (a, b, r) become names that no other run has.
space_of() { echo "espcap-$1-$$"; }

in_space() {
	local space=$1
	shift
	ip netns exec "$(space_of "$space")" "$@"
}

# Silences what a kernel sends on its own: DAD, router solicitations, automatic addresses from RAs.
add_space() {
	local space
	for space; do
		ip netns add "$(space_of "$space")"
		spaces+=("$(space_of "$space")")
		in_space "$space" sysctl -qw net.ipv6.conf.default.accept_dad=0 \
			net.ipv6.conf.default.accept_ra=0 \
			net.ipv6.conf.default.router_solicitations=0 \
			net.ipv4.ping_group_range='0 2147483647'
		ip -n "$(space_of "$space")" link set lo up
	done
}

# no_offload SPACE IF: what tcpdump sees is then what a wire would carry.
no_offload() {
	in_space "$1" ethtool -K "$2" tx off rx off tso off gso off gro off >"$work/ethtool.log"
}

# cable SPACE IF MAC SPACE IF MAC
cable() {
	ip link add "$2" address "$3" netns "$(space_of "$1")" type veth \
		peer name "$5" address "$6" netns "$(space_of "$4")"
	no_offload "$1" "$2"
	no_offload "$4" "$5"
	ip -n "$(space_of "$1")" link set "$2" up
	ip -n "$(space_of "$4")" link set "$5" up
}

# address SPACE IF ADDR/LEN...
address() {
	local space=$1 interface=$2 addr
	shift 2
	for addr; do
		ip -n "$(space_of "$space")" addr add "$addr" dev "$interface"
	done
}

route() {
	local space=$1
	shift
	ip -n "$(space_of "$space")" route add "$@"
}

readonly mac_a=02:00:00:00:00:0a
readonly mac_b=02:00:00:00:00:0b

# pair ADDR_A ADDR_B: spaces a and b, eth0 to eth0, each with its address.
pair() {
	add_space a b
	cable a eth0 "$mac_a" b eth0 "$mac_b"
	address a eth0 "$1"
	address b eth0 "$2"
}

# start SPACE COMMAND...: in the background until the script ends.
start() {
	local space=$1
	shift
	# Not in_space: the background process must be the program itself, to be ended by its pid.
	ip netns exec "$(space_of "$space")" "$@" >>"$work/daemons.log" 2>&1 &
	pids+=($!)
}

# wait_port SPACE t|u PORT
wait_port() {
	local try
	for try in {1..100}; do
		[ -n "$(in_space "$1" ss "-Hln$2" "sport = :$3")" ] && return
		sleep 0.1
	done
	cat "$work/daemons.log" >&2
	die "nothing listens on port $3 after $try tries"
}

# capture FILE SPACE IF [tcpdump options and filter]
capture() {
	local file=$1 space=$2 interface=$3 try
	shift 3
	capture_name=$file
	# What an earlier tcpdump of this run has said must not pass for this one's word.
	rm -f "$work/tcpdump.log"
	ip netns exec "$(space_of "$space")" tcpdump -i "$interface" -n -U --immediate-mode \
		-B 4096 -Z root -w "$work/capture" "$@" 2>"$work/tcpdump.log" &
	capture_pid=$!
	for try in {1..100}; do
		grep -qs '^tcpdump: listening' "$work/tcpdump.log" && return
		sleep 0.1
	done
	cat "$work/tcpdump.log" >&2
	die "tcpdump did not start for $file after $try tries"
}

# capture_stop: leaves the capture in $work/capture.
capture_stop() {
	sleep 0.5
	kill -TERM "$capture_pid"
	wait "$capture_pid" || die "tcpdump failed on $capture_name"
	grep -q '^0 packets dropped by kernel' "$work/tcpdump.log" ||
		die "the kernel dropped packets of $capture_name; start again"
}

# Only a whole capture replaces the one that is there.
capture_end() {
	capture_stop
	publish "$work/capture" "$capture_name"
}

# capture_join NAME PART...: captures that were stopped and put aside become one.
capture_join() {
	local name=$1
	shift
	mergecap -a -F pcap -w "$work/joined" "$@"
	publish "$work/joined" "$name"
}

# publish FILE NAME: moves it beside the other captures and says what is in it.
publish() {
	install -m 0644 "$1" "$out_dir/$2"
	rm -f "$1"
	[ -z "${SUDO_UID-}" ] || chown "$SUDO_UID" "$out_dir/$2"
	echo "$2: $(tshark -n -r "$out_dir/$2" -T fields -e frame.number 2>/dev/null | wc -l)" \
		"packets, $(stat -c %s "$out_dir/$2") bytes"
}

# python_with PACKAGE==VERSION...: prints a Python that has these from PyPI, for this run.
python_with() {
	python3 -m venv "$work/venv"
	"$work/venv/bin/pip" -q install "$@"
	echo "$work/venv/bin/python3"
}
