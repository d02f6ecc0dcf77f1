#!/bin/bash
# redis.sh -- makes resp.pcap: redis-cli against redis-server.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need redis-cli redis-server

pair 10.0.0.4/24 10.0.0.63/24
address a eth0 2001:db8::4/64
start b redis-server --port 6379 --bind 0.0.0.0 --protected-mode no --save '' --dir "$work"
wait_port b t 6379

ask() {
	in_space a redis-cli -h 10.0.0.63 "$@" >/dev/null 2>&1 || true
}

capture resp.pcap a eth0 tcp port 6379
ask PING
ask SET greeting hello
ask GET nothing
ask INCR counter
ask LPUSH list a b
ask LRANGE list 0 -1
ask EVAL 'return {1,{2,3}}' 0
ask NOSUCH command
ask ACL SETUSER alice on '>s3cr3t-canary' '~*' '+@all'
ask --user alice --pass s3cr3t-canary GET greeting
ask HELLO 2 AUTH alice s3cr3t-canary
ask CONFIG SET requirepass s3cr3t-canary
ask AUTH s3cr3t-wrong
ask GET greeting
ask -a s3cr3t-canary GET greeting
in_space a python3 "$make_dir/text_odd.py" resp
capture_end
