#!/bin/bash
# stun.sh -- makes stun.pcap: coturn and its clients over UDP and TCP, and messages by hand.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need turnserver turnutils_stunclient turnutils_uclient

readonly server=10.0.0.80

pair 10.0.0.4/24 "$server/24"
address a eth0 2001:db8::4/64
start b turnserver -n -L "$server" -p 3478 --lt-cred-mech -u alice:s3cr3t-canary -r example.org \
	--no-tls --no-dtls --no-cli --allow-loopback-peers --log-file stdout --pidfile "$work/pid" \
	--db "$work/turndb" --min-port 49160 --max-port 49170 --no-multicast-peers
wait_port b u 3478
# A peer that sends back what it gets.
start b turnutils_peer -L "$server" -p 3480
wait_port b u 3480

# Without the resets of a kernel that knows nothing of what stun_odd.py sends.
capture stun.pcap a eth0 'udp or (tcp and tcp[13] & 4 = 0)'
in_space a turnutils_stunclient "$server" >/dev/null
# Echo by channel, echo by indications, over TCP; a user that nobody knows.
for how in "" -s -t; do
	# shellcheck disable=SC2086
	in_space a turnutils_uclient $how -c -y -m 1 -n 2 -l 64 -u alice -w s3cr3t-canary \
		-e "$server" -r 3480 "$server" >>"$work/daemons.log" 2>&1 || die "no relay with '$how'"
done
in_space a python3 "$make_dir/stun_odd.py"
capture_end
