#!/bin/bash
# radius.sh -- makes radius.pcap: FreeRADIUS and radclient, and messages by hand.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need freeradius radclient

readonly server=10.0.0.80 shared=s3cr3t-canary-shared

# ask PORT KIND ATTRIBUTES: what the server refuses makes radclient fail, too.
ask() {
	in_space a radclient -x -r 1 -t 3 "$server:$1" "$2" "$shared" <<<"$3" >>"$work/daemons.log" 2>&1 || true
}

pair 10.0.0.4/24 "$server/24"
address a eth0 2001:db8::4/64
cp -r /etc/freeradius/3.0 "$work/raddb"
cat >"$work/raddb/clients.conf" <<END
client lab {
	ipaddr = 10.0.0.0/24
	secret = $shared
}
END
printf '%s\n' 'alice Cleartext-Password := "s3cr3t-canary"' '	Framed-IP-Address = 10.0.0.99,' \
	'	Reply-Message = "Hello, alice",' '	Class = 0x0102' >"$work/raddb/mods-config/files/authorize"
sed -i 's/^\(\t*\)\(user\|group\) = freerad/\1\2 = root/' "$work/raddb/radiusd.conf"
rm -f "$work/raddb/sites-enabled/inner-tunnel"
start b freeradius -f -d "$work/raddb" -l stdout
wait_port b u 1812

capture radius.pcap a eth0 udp
who='User-Name = "alice", NAS-IP-Address = 10.0.0.4, NAS-Port = 3, NAS-Identifier = "switch 7",
NAS-Port-Type = Ethernet, NAS-Port-Id = "ge-0/0/3", Service-Type = Framed-User,
Called-Station-Id = "00-11-22-33-44-55", Calling-Station-Id = "00-AA-BB-CC-DD-EE"'
session=$who', Acct-Session-Id = "5f3a", Acct-Session-Time = 60, Acct-Input-Octets = 1000,
Acct-Output-Octets = 2000, Class = 0x0102, NAS-IPv6-Address = 2001:db8::4'
ask 1812 auth "$who, User-Password = \"s3cr3t-canary\", Cisco-AVPair = \"shell:priv-lvl=1\""
ask 1812 auth "$who, CHAP-Password = \"s3cr3t-canary\""
ask 1812 auth "$who, User-Password = \"wrong\""
ask 1813 acct "$session, Acct-Status-Type = Start"
ask 1813 acct "$session, Acct-Status-Type = Stop"
ask 1812 status 'Message-Authenticator = 0x00'
in_space a python3 "$make_dir/radius_odd.py"
capture_end
