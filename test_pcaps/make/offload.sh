#!/bin/bash
# offload.sh -- makes offload.pcap: TCP as tcpdump sees it when the card is to cut and to sum.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

pair 10.0.0.4/24 10.0.0.80/24
address a eth0 2001:db8::4/64
address b eth0 2001:db8::80/64
for space in a b; do
	in_space "$space" ethtool -K eth0 tx on rx on tso on gso on gro on >"$work/ethtool.log"
	# More than the length field of IP can hold: it is then 0, or a jumbogram.
	in_space "$space" ip link set eth0 gso_max_size 180000 gro_max_size 180000
	in_space "$space" python3 "$make_dir/offload.py" allow eth0 180000
	in_space "$space" sysctl -qw net.ipv4.tcp_rmem='4096 4000000 6000000' \
		net.ipv4.tcp_wmem='4096 4000000 6000000'
done
start b python3 "$make_dir/offload.py" serve
wait_port b t 45000

# On the sending side, before anything is cut or summed; the headers are enough. The second half
# of the filter: a jumbogram has options before TCP.
capture offload.pcap b eth0 -s 128 'tcp port 45000 or (ip6 proto 0 and ip6[40] == 6)'
in_space a python3 "$make_dir/offload.py" fetch 10.0.0.80
in_space a python3 "$make_dir/offload.py" fetch 2001:db8::80
capture_end
