#!/bin/bash
# tcp_options.sh -- makes tcp_options.pcap: options, flags and windows of TCP.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/router.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/web.sh"
need curl nginx nft

routed
# A second address on each side, for the other paths of MPTCP.
address a eth0 10.0.0.5/24
address b eth0 198.51.100.82/24
in_space a ip mptcp limits set subflows 2 add_addr_accepted 2
in_space b ip mptcp limits set subflows 2 add_addr_accepted 2
in_space a ip mptcp endpoint add 10.0.0.5 dev eth0 subflow
in_space b ip mptcp endpoint add 198.51.100.82 dev eth0 signal
for space in a b; do
	in_space "$space" sysctl -qw net.ipv4.tcp_fastopen=3 net.ipv4.tcp_ecn=0
done
web_files
web b nginx-http.conf 80
start b python3 "$make_dir/tcp_talk.py" serve
wait_port b t 7004

get() {
	in_space a curl -sS -H Expect: --max-time 10 "$@" >/dev/null
}

# rules SPACE: nftables rules for that space, from the standard input, instead of those before.
rules() {
	in_space "$1" nft flush ruleset
	in_space "$1" nft -f -
}

capture tcp_options.pcap a eth0 tcp
get http://198.51.100.81/short.txt
# The router loses every fifth full segment from the server.
rules r <<-END
	table ip lossy {
		chain forward {
			type filter hook forward priority 0;
			tcp sport 80 ip length > 1000 numgen inc mod 5 == 1 drop
		}
	}
END
get http://198.51.100.81/text.txt
rules r </dev/null
get --tcp-fastopen http://198.51.100.81/short.txt
get --tcp-fastopen http://198.51.100.81/short.txt
get http://198.51.100.81:81/ || echo "nobody listens there, as meant"
# Congestion, signalled to everybody who understands it.
rules a <<-END
	table ip congested {
		chain out {
			type filter hook postrouting priority 0;
			tcp dport 80 ip ecn != not-ect ip length > 1000 ip ecn set ce
		}
	}
END
in_space a sysctl -qw net.ipv4.tcp_ecn=1
in_space b sysctl -qw net.ipv4.tcp_ecn=1
cat "$work"/www/text.txt{,,} >"$work/large.txt"
get -T "$work/large.txt" http://198.51.100.81/api/
rules a </dev/null
in_space a sysctl -qw net.ipv4.tcp_ecn=0
in_space a python3 "$make_dir/tcp_talk.py" talk
in_space a python3 "$make_dir/tcp_odd.py"
capture_end
