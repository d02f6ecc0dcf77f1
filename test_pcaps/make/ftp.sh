#!/bin/bash
# ftp.sh -- makes ftp.pcap: curl against vsftpd, the control connections.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need curl vsftpd

pair 10.0.0.4/24 10.0.0.21/24
address a eth0 2001:db8::4/64
address b eth0 2001:db8::21/64
mkdir -p "$work/ftp/pub" "$work/ftp/in" "$work/empty"
seq -f 'line %g' 20 >"$work/ftp/pub/a file.txt"
chown ftp "$work/ftp/in"
chmod -R a+rX "$work"
sed "s:@work@:$work:g" "$make_dir/vsftpd.conf" >"$work/vsftpd.conf"
start b vsftpd "$work/vsftpd.conf"
wait_port b t 21

ask() {
	in_space a curl -sS --max-time 10 "$@" >/dev/null || true
}

capture ftp.pcap a eth0 tcp port 21
site=ftp://10.0.0.21
ask "$site/pub/" -u anonymous:s3cr3t-canary
ask "$site/pub/a%20file.txt" --disable-epsv
ask "$site/pub/a%20file.txt" -P - --disable-eprt -I
ask 'ftp://[2001:db8::21]/pub/a%20file.txt' -P - -r 10-20
ask -T "$work/vsftpd.conf" "$site/in/new.txt" -Q '-RNFR in/new.txt' -Q '-RNTO in/other.txt' \
	-Q '-DELE in/other.txt' -Q '-MKD in/folder' -Q 'SITE HELP' -Q '*STAT'
ask "$site/nothing.txt" --ftp-method nocwd
ask "$site/" -u alice:s3cr3t-canary --ftp-account s3cr3t-canary
ask "$site/" --ftp-ssl-control
in_space a python3 "$make_dir/text_odd.py" ftp
capture_end
