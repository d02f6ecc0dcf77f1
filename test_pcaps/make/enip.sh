#!/bin/bash
# enip.sh -- makes enip.pcap: cpppo's controller and client of EtherNet/IP, pycomm3, then packets by
# hand.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

python=$(python_with cpppo==5.2.5 pycomm3==1.2.16)
pair 10.0.0.4/24 10.0.0.80/24
start b "$python" -m cpppo.server.enip -a 0.0.0.0:44818 'SCADA=INT[100]' 'LEVEL=REAL[10]' \
	'NAME=SSTRING[4]' 'FLAG=BOOL'
wait_port b t 44818
capture "$work/real.pcap" a eth0 port 44818
client() {
	in_space a timeout 20 "$python" -m cpppo.server.enip.client -a 10.0.0.80 "$@" \
		>>"$work/client.log" 2>&1 || true
}
client --list-identity 'SCADA[1]=99' 'SCADA[0-3]' 'LEVEL[2]=(REAL)1.5' '@1/1/7'
client --multiple 500 'SCADA[1]' 'LEVEL[0-1]' 'NAME[0]=(SSTRING)"espcap"' 'NAME[0]' 'NONE[1]' 'FLAG'
client --udp --list-identity
in_space a timeout 20 "$python" "$make_dir/enip.py" 10.0.0.80 >>"$work/client.log" 2>&1 || true
capture_stop
mv "$work/capture" "$work/real.pcap"
for space in a b; do
	in_space "$space" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
capture "$work/odd.pcap" a eth0 ether src "$mac_a"
in_space a python3 "$make_dir/enip_odd.py"
capture_stop
mv "$work/capture" "$work/odd.pcap"
capture_join enip.pcap "$work/real.pcap" "$work/odd.pcap"
