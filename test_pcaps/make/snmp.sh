#!/bin/bash
# snmp.sh -- makes snmp.pcap: the programs of Net-SNMP with their agent and their trap daemon.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need snmpd snmptrapd snmpget snmptrap

pair 10.0.0.4/24 10.0.0.80/24
address a eth0 2001:db8::4/64
address b eth0 2001:db8::80/64
export SNMP_PERSISTENT_DIR=$work/state SNMPCONFPATH=$work/conf MIBS=
mkdir "$work/state" "$work/conf"
secret=s3cr3t-canary
cat >"$work/conf/agent.conf" <<END
agentAddress udp:161,udp6:161,tcp:161
rwcommunity $secret
rwcommunity6 $secret
sysDescr A host of espcap's captures
sysContact alice@example.net
sysObjectID 1.3.6.1.4.1.8072.3.2.10
createUser alice SHA $secret-1 AES $secret-2
createUser bob MD5 $secret-3
createUser carol
rwuser alice priv
rwuser bob auth
rwuser carol noauth
override 1.3.6.1.4.1.8072.99.1.0 counter 4294967295
override 1.3.6.1.4.1.8072.99.2.0 counter64 18446744073709551615
override 1.3.6.1.4.1.8072.99.3.0 integer -129
override 1.3.6.1.4.1.8072.99.4.0 uinteger 3000000000
override 1.3.6.1.4.1.8072.99.5.0 opaque 00
override -rw 1.3.6.1.4.1.8072.99.6.0 octet_str "text"
override 1.3.6.1.4.1.8072.99.7.0 ipaddress 192.0.2.7
END
cat >"$work/conf/trap.conf" <<END
authCommunity log $secret
disableAuthorization yes
END
start b snmpd -f -Lo -C -c "$work/conf/agent.conf" -p "$work/agent.pid"
start b snmptrapd -f -Lo -C -c "$work/conf/trap.conf" -p "$work/trap.pid" udp:162
wait_port b u 161
wait_port b u 162
mib=1.3.6.1.2.1
own=1.3.6.1.4.1.8072.99
agent=10.0.0.80

ask() {
	local program=$1
	shift
	in_space a "$program" -t 1 -r 0 -On "$@" >>"$work/client.log" 2>&1 || true
}

capture snmp.pcap a eth0 port 161 or port 162 or port 1161 or port 1162
ask snmpget -v 1 -c "$secret" "$agent" $mib.1.1.0 $mib.1.2.0 $mib.1.3.0
ask snmpget -v 1 -c "$secret" "$agent" $mib.1.99.0
ask snmpgetnext -v 1 -c "$secret" "$agent" $mib.1
ask snmpget -v 1 -c wrong "$agent" $mib.1.1.0
ask snmpget -v 2c -c "$secret" "$agent" $own.1.0 $own.2.0 $own.3.0 $own.4.0 $own.5.0 $own.6.0 \
	$own.7.0 $mib.1.99.0
ask snmpset -v 2c -c "$secret" "$agent" $mib.1.5.0 s renamed.example.net $own.6.0 x 00ff80
ask snmpset -v 2c -c "$secret" "$agent" $mib.1.1.0 i 5
ask snmpbulkget -v 2c -Cn1 -Cr6 -c "$secret" "$agent" $mib.1.3 $mib.4.20
ask snmpbulkwalk -v 2c -c "$secret" "$agent" $mib.5
ask snmpget -v 2c -c "$secret" "udp6:[2001:db8::80]" $mib.1.5.0
ask snmpget -v 2c -c "$secret" tcp:10.0.0.80 $mib.1.5.0
ask snmpget -v 3 -u carol -l noAuthNoPriv "$agent" $mib.1.5.0
ask snmpget -v 3 -u bob -l authNoPriv -a MD5 -A "$secret-3" -n ctx "$agent" $mib.1.5.0
ask snmpget -v 3 -u bob -l authNoPriv -a MD5 -A "$secret-4" "$agent" $mib.1.5.0
ask snmpget -v 3 -u alice -l authPriv -a SHA -A "$secret-1" -x AES -X "$secret-2" "$agent" $mib.1.5.0
ask snmpget -v 3 -u nobody -l noAuthNoPriv "$agent" $mib.1.5.0
ask snmptrap -v 1 -c "$secret" "$agent" 1.3.6.1.4.1.8072.3.2.10 192.0.2.9 6 17 12345 $own.6.0 s down
ask snmptrap -v 1 -c "$secret" "$agent" 1.3.6.1.4.1.8072.3.2.10 192.0.2.9 3 0 99
ask snmptrap -v 2c -c "$secret" "$agent" 777 1.3.6.1.6.3.1.1.5.4 $own.3.0 i 3 $own.7.0 a 192.0.2.1
ask snmpinform -v 2c -c "$secret" "$agent" 778 1.3.6.1.6.3.1.1.5.3 $own.8.0 o 1.3.6.1.2.1
in_space a python3 "$make_dir/snmp_odd.py"
capture_end
