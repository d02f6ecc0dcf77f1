#!/bin/bash
# rdp.sh -- makes rdp.pcap: xfreerdp and xrdp begin sessions, then packets by hand.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need xrdp xfreerdp Xvfb openssl

pair 10.0.0.4/24 10.0.0.80/24
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=espcap.example \
	-keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
# xrdp.ini as Debian has it, but for where it logs and for its certificate.
sed -e "s:^certificate=.*:certificate=$work/cert.pem:" -e "s:^key_file=.*:key_file=$work/key.pem:" \
	-e "s:^LogFile=.*:LogFile=$work/xrdp.log:" -e 's:^#*EnableSyslog=.*:EnableSyslog=false:' \
	/etc/xrdp/xrdp.ini >"$work/xrdp.ini"
start b xrdp --nodaemon --config "$work/xrdp.ini"
wait_port b t 3389
start a Xvfb :79 -screen 0 1024x768x16 -nolisten tcp
for try in {1..100}; do
	[ -S /tmp/.X11-unix/X79 ] && break
	sleep 0.1
done

# session OPTION...: it is over when the server has no session to give, or after some seconds.
session() {
	in_space a env DISPLAY=:79 HOME="$work" timeout 8 xfreerdp /v:10.0.0.80 /u:alice /p:s3cr3t-canary \
		/d:EXAMPLE /cert:ignore /client-hostname:workstation-7 /w:800 /h:600 /log-level:OFF \
		"$@" >>"$work/client.log" 2>&1 || true
}
capture "$work/real.pcap" a eth0 tcp port 3389
session /sec:rdp
session /sec:tls
session /sec:nla
capture_stop
# Of what is encrypted one hello is enough.
tshark -n -r "$work/capture" -w "$work/real.pcap" -F pcap -Y 'cotp || frame contains 16:03:01' \
	2>"$work/tshark.log"
for space in a b; do
	in_space "$space" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
capture "$work/odd.pcap" a eth0 ether src "$mac_a"
in_space a python3 "$make_dir/rdp_odd.py"
capture_stop
mv "$work/capture" "$work/odd.pcap"
capture_join rdp.pcap "$work/real.pcap" "$work/odd.pcap"
