#!/bin/bash
# all.sh -- makes all captures anew, each script after the other, then checks them.
# SPDX-License-Identifier: Apache-2.0

set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

# bad.sh takes packets from http.sh, formats.sh from arp.sh, raw.sh and sll.sh.
for name in http http_ipv6 http_proxy tls dns mdns llmnr arp icmp icmpv6 ipv6_ext ip_frag \
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp dhcpv6 bgp wg ike eapol lacp ntp \
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp ntp snmp \
for name in http http_ipv6 http_proxy tls x509 dns mdns llmnr arp icmp icmpv6 ipv6_ext ip_frag \
for name in http http_ipv6 http_proxy tls x509 dtls dns mdns llmnr arp icmp icmpv6 ipv6_ext ip_frag \
for name in http http_ipv6 http_proxy tls x509 dtls quic dns mdns llmnr arp icmp icmpv6 ipv6_ext ip_frag \
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp ntp ssh \
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp ntp modbus \
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp ntp sip \
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp dhcpv6 bgp wg ike eapol lacp links ntp \
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp ntp rdp s7comm modbus \
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp ntp ptp rdp s7comm modbus \
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp ntp iec104 ptp rdp s7comm modbus \
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp ntp dnp3 iec104 ptp rdp s7comm modbus \
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp ntp snmp ldap \
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp ntp snmp ldap kerberos \
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp ntp sip stun \
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp ntp sip mqtt stun \
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp ntp sip coap mqtt stun \
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp ntp sip radius rtp coap mqtt stun \
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp ntp sip bacnet radius rtp coap mqtt stun \
	sll loopback raw offload formats bad; do
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp ntp \
	smb sll loopback raw offload formats bad; do
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp ntp \
	mail ftp tftp syslog ssdp redis http2 text_broken \
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp ntp snmp ldap kerberos pgsql \
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp ntp snmp ldap kerberos mysql pgsql \
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp ntp enip dnp3 iec104 ptp rdp s7comm modbus \
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp ntp opcua enip dnp3 iec104 ptp rdp s7comm modbus \
	ip_options igmp tcp_options udp sctp routing vlan tunnels llc_stp neighbors dhcp dhcpv6 bgp wg ike eapol lacp links nflog rare ntp \
	sll loopback raw offload formats bad; do
	echo "--- $name.sh"
	"./$name.sh"
done
./check.sh --write
