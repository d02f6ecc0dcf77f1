#!/bin/bash
# nflog.sh -- makes nflog.pcap: what rules of nftables log, as tcpdump reads it from the kernel.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need nft

pair 10.0.0.4/24 10.0.0.80/24
address a eth0 2001:db8::4/64
address b eth0 2001:db8::80/64
in_space a nft -f - <<'EOF'
table inet notes {
	chain entering { type filter hook input priority 0; icmp type echo-reply log group 5;
		icmpv6 type echo-reply log prefix "in6: " group 5; }
	chain leaving { type filter hook output priority 0;
		ip protocol icmp log prefix "out: " group 5;
		udp dport 40001 log prefix "a longer prefix, of a datagram" group 5; }
	chain behind { type filter hook postrouting priority 0; icmpv6 type echo-request log group 5; }
}
EOF
capture nflog.pcap a nflog:5
in_space a ping -n -q -c 2 -i 0.2 10.0.0.80 >/dev/null
in_space a ping -n -q -c 2 -i 0.2 2001:db8::80 >/dev/null
in_space a bash -c 'head -c 100 /dev/zero >/dev/udp/10.0.0.80/40001'
sleep 2 # the kernel hands over what it has logged once a second
capture_end
