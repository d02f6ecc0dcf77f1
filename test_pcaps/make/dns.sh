#!/bin/bash
# dns.sh -- makes dns.pcap, dnssec.pcap and dns_update.pcap: dig and nsupdate, dnsmasq and named.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need dig nsupdate dnsmasq named

pair 10.0.0.4/24 10.0.0.53/24
address a eth0 2001:db8::4/64
address b eth0 10.0.0.54/24 2001:db8::53/64 2001:db8::54/64

# A text that no datagram of 512 bytes holds.
cp "$make_dir/dnsmasq.conf" "$work/dnsmasq.conf"
text=$(seq -s ' ' 1 70)
echo "txt-record=big.espcap.test,\"$text\",\"$text\",\"$text\"" >>"$work/dnsmasq.conf"
start b dnsmasq -C "$work/dnsmasq.conf"
wait_port b u 53

mkdir "$work/secondary"
cp "$make_dir"/*.zone "$work"
cp "$work/dyn.zone" "$work/signed.zone"
cp "$work/dyn.zone" "$work/hashed.zone"
cp "$work/dyn.zone" "$work/dyn.zone.secret"

# named SPACE CONF: its configuration names files relative to the folder it runs in.
serve() {
	cp "$make_dir/$2" "$work/$2"
	# shellcheck disable=SC2016 # the inner shell expands it
	start "$1" bash -c 'cd "$1" && exec named -g -n 1 -c "$1/$2"' - "$work" "$2"
}

ask() {
	in_space a dig +tries=1 +timeout=2 "$@" >>"$work/dig.log" 2>&1 ||
		die "dig $* failed: $(tail -n 5 "$work/dig.log")"
}
masq() { ask @10.0.0.53 "$@"; }
auth() { ask @10.0.0.54 "$@"; }

serve b named-primary.conf
for try in {1..100}; do
	in_space b dig +short +dnssec +tries=1 +timeout=1 @10.0.0.54 hashed.test NSEC3PARAM |
		grep -q NSEC3PARAM && break
	sleep 0.2
done
[ "$try" -lt 100 ] || die "named did not sign: $(tail -n 20 "$work/daemons.log")"

capture dns.pcap a eth0 port 53
for name in www alias mail nothing; do
	masq "$name.espcap.test" A
done
masq www.espcap.test AAAA
masq +noedns +nocookie www.espcap.test ANY
for type in MX TXT CAA NAPTR SSHFP SOA; do
	masq espcap.test "$type"
done
masq _sip._udp.espcap.test SRV
masq _http._tcp.espcap.test PTR
masq unknown.espcap.test TYPE65280
masq -x 10.0.0.80
masq -x 2001:db8::80
masq www.example.com
ask @2001:db8::53 www.espcap.test AAAA
masq +noedns +ignore big.espcap.test TXT
masq +noedns big.espcap.test TXT
masq +tcp +keepopen www.espcap.test mail.espcap.test big.espcap.test TXT
masq version.bind CH TXT

for type in SOA NS MX TXT CAA NAPTR HTTPS; do
	auth types.test "$type"
done
for type in RP LOC AFSDB SSHFP EUI48 EUI64 APL WKS X25 ISDN RT PX KX NID L32 L64 LP URI CERT DHCID \
	IPSECKEY HIP; do
	auth +noall +noedns host.types.test "$type"
done
auth www.types.test
auth web.types.test AAAA
auth a.old.types.test
auth deep.child.types.test
auth hinfo.types.test HINFO
auth _443._tcp.web.types.test TLSA
auth _dns.web.types.test SVCB
auth alias.types.test HTTPS
auth _sip._tcp.types.test SRV
auth openpgp.types.test OPENPGPKEY
auth smime._smimecert.types.test SMIMEA
auth unknown.types.test TYPE65280
auth empty.types.test TYPE65290
auth . NS
auth . SOA
auth nothing.example A

auth 'sp\032ace\.dot\000\255.odd.types.test' TXT
auth '\001\127\009.odd.types.test' TXT
auth +noidnin 'käse.odd.types.test' TXT
auth cname.odd.types.test
long=$(printf 'x%.0s' {1..63})
auth "$long.$long.$long.${long:0:46}.odd.types.test" TXT
auth +header-only
auth +opcode=STATUS types.test
auth +opcode=NOTIFY types.test SOA
auth +cookie=0011223344556677 +nsid +expire types.test SOA
auth +subnet=198.51.100.0/24 web.types.test
auth +subnet=2001:db8:7::/48 web.types.test
auth +subnet=0 web.types.test
auth +padding=128 +adflag +cdflag +zflag web.types.test
auth +ednsopt=65001:c0ffee web.types.test
auth +edns=1 +noednsneg web.types.test
auth +tcp +keepalive web.types.test
auth secret.test
ask @2001:db8::54 ns.types.test AAAA
in_space a python3 "$make_dir/dns_odd.py" 10.0.0.54
capture_end

capture dnssec.pcap a eth0 port 53
for type in SOA DNSKEY NSEC; do
	auth +dnssec signed.test "$type"
done
auth +dnssec ns.signed.test A
auth +dnssec nothing.signed.test A
auth +dnssec ns.signed.test AAAA
auth +dnssec hashed.test NSEC3PARAM
auth +dnssec nothing.hashed.test A
auth +dnssec child.types.test DS
auth +tcp +dnssec signed.test DNSKEY
auth +dnssec +bufsize=512 +ignore signed.test ANY
capture_end

update() {
	in_space a nsupdate "$@" >>"$work/nsupdate.log" 2>&1
}

capture dns_update.pcap a eth0 port 53
serve a named-secondary.conf
sleep 2
update <<-END
	server 10.0.0.54
	zone dyn.test
	prereq nxdomain new.dyn.test
	prereq yxrrset old.dyn.test A
	update add new.dyn.test 300 A 10.0.0.9
	update add new.dyn.test 300 TXT "first" "second"
	update delete old.dyn.test A
	send
END
sleep 1
update -y hmac-sha256:update-key:ZXNwY2FwIHRlc3RzLCBub3QgYSBzZWNyZXQgYXQgYWxs <<-END
	server 10.0.0.54
	zone dyn.test
	update delete new.dyn.test TXT "first" "second"
	update delete ns2.dyn.test
	update add 9.dyn.test 300 AAAA 2001:db8::9
	send
END
update <<-END && die "the prerequisite should have failed"
	server 10.0.0.54
	zone dyn.test
	prereq nxdomain new.dyn.test
	update add new.dyn.test 300 A 10.0.0.10
	send
END
update <<-END && die "this zone should not take updates"
	server 10.0.0.54
	zone types.test
	update add new.types.test 300 A 10.0.0.10
	send
END
update -v <<-END
	server 10.0.0.54
	zone dyn.test
	update add tcp.dyn.test 300 A 10.0.0.11
	send
END
sleep 1
auth dyn.test AXFR
auth dyn.test IXFR=2
auth types.test AXFR
auth -y hmac-sha256:update-key:ZXNwY2FwIHRlc3RzLCBub3QgYSBzZWNyZXQgYXQgYWxs dyn.test SOA
auth -y hmac-sha256:update-key:d3Jvbmc= dyn.test SOA
ask -b 10.0.0.4 @10.0.0.54 +expire dyn.test SOA
capture_end
