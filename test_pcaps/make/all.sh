#!/bin/bash
# all.sh -- makes all captures anew, each script after the other, then checks them.
# SPDX-License-Identifier: Apache-2.0

set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

# bad.sh takes packets from http.sh, formats.sh from arp.sh, raw.sh and sll.sh.
for name in http http_ipv6 http_proxy tls dns mdns llmnr arp icmp icmpv6 ipv6_ext ip_frag \
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp dhcpv6 bgp wg \
	ike eapol lacp ntp snmp x509 ocsp dtls quic gquic ssh modbus sip links rdp s7comm ptp iec104 dnp3 \
	ldap kerberos gssapi stun mqtt coap radius rtp bacnet smb mail ftp tftp syslog ssdp redis http2 \
	websocket text_broken pgsql mysql enip opcua nflog rare branches sll loopback raw offload fcs \
	formats gaps ports bad; do
	echo "--- $name.sh"
	"./$name.sh"
done
./check.sh --write
