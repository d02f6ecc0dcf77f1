#!/bin/bash
# tftp.sh -- makes tftp.pcap: curl and tftp against tftpd-hpa.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need curl in.tftpd

pair 10.0.0.4/24 10.0.0.69/24
address a eth0 2001:db8::4/64
mkdir -p "$work/tftp"
seq -f 'line %g' 150 >"$work/tftp/boot.cfg"
chmod -R a+rwX "$work"
start b in.tftpd --listen --foreground --create --user nobody --secure "$work/tftp"
wait_port b u 69

ask() {
	in_space a curl -sS --max-time 10 "$@" >/dev/null || true
}

# The answers come from ports of their own: which, only the packets before tell.
capture tftp.pcap a eth0 udp port 69
ask tftp://10.0.0.69/boot.cfg
ask tftp://10.0.0.69/boot.cfg --tftp-no-options
ask 'tftp://10.0.0.69/boot.cfg;mode=netascii' --tftp-blksize 1024
ask tftp://10.0.0.69/missing.bin
ask -T "$work/tftp/boot.cfg" tftp://10.0.0.69/new.cfg
in_space a python3 "$make_dir/text_odd.py" tftp
capture_end
