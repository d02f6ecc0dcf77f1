#!/bin/bash
# ssh.sh -- makes ssh.pcap: OpenSSH and dropbear talk; by hand what they do not say.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need sshd ssh ssh-keygen ssh-keyscan dbclient

pair 10.0.0.4/24 10.0.0.22/24
# Frames as large as the messages: tshark guesses at the rest of one that is in two.
ip -n "$(space_of a)" link set eth0 mtu 9000
ip -n "$(space_of b)" link set eth0 mtu 9000
address b eth0 10.0.0.23/24
for kind in rsa ecdsa ed25519; do
	ssh-keygen -q -t "$kind" -N '' -f "$work/host_$kind"
done
# Nobody logs in: what is looked at ends where encryption begins.
cat >"$work/sshd_config" <<-END
	HostKey $work/host_rsa
	HostKey $work/host_ecdsa
	HostKey $work/host_ed25519
	ListenAddress 10.0.0.22:22
	ListenAddress 10.0.0.22:2222
	PidFile none
	UsePAM no
	PasswordAuthentication no
	HostKeyAlgorithms +ssh-rsa
	KexAlgorithms +diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1
END
# sshd wants its folder of separation; the package's service would make it.
mkdir -p /run/sshd
start b /usr/sbin/sshd -D -e -f "$work/sshd_config"
start b python3 "$make_dir/ssh_odd.py" serve
# Two of port 22: the one that is by hand has its own address.
until [ "$(in_space b ss -Hlnt 'sport = :22' | wc -l)" -ge 2 ]; do
	sleep 0.1
done

# client PORT OPTIONS: every client is refused, when all of the exchange is done.
client() {
	local port=$1
	shift
	in_space a timeout 10 ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=no \
		-o UserKnownHostsFile=/dev/null -p "$port" "$@" alice@10.0.0.22 true \
		>>"$work/client.log" 2>&1 || true
}

capture ssh.pcap a eth0 tcp
client 22
client 22 -o KexAlgorithms=curve25519-sha256 -o HostKeyAlgorithms=ecdsa-sha2-nistp256 \
	-o Ciphers=aes128-ctr -o MACs=hmac-sha2-512
client 22 -o KexAlgorithms=diffie-hellman-group14-sha1 -o HostKeyAlgorithms=ssh-rsa \
	-o Ciphers=aes128-ctr -o MACs=hmac-sha2-256 -o Compression=yes
client 22 -o KexAlgorithms=diffie-hellman-group-exchange-sha256 \
	-o HostKeyAlgorithms=rsa-sha2-512 -o MACs=hmac-sha1 -o Ciphers=aes256-ctr
client 22 -o KexAlgorithms=ecdh-sha2-nistp384 -o HostKeyAlgorithms=ssh-ed25519
in_space a timeout 10 dbclient -y -y -p 22 alice@10.0.0.22 true >>"$work/client.log" 2>&1 || true
in_space a ssh-keyscan -t rsa 10.0.0.22 >>"$work/client.log" 2>&1
in_space a python3 "$make_dir/ssh_odd.py" talk
capture_end
