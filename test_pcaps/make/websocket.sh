#!/bin/bash
# websocket.sh -- makes websocket.pcap: WebSocket by python3-websockets; by hand what it does not send.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
python3 -c 'import websockets' 2>"$work/python.log" || die "python3-websockets is missing; see README.md"

pair 10.0.0.4/24 10.0.0.80/24
address a eth0 2001:db8::4/64
address b eth0 2001:db8::80/64
for port in 80 9001; do
	start b python3 "$make_dir/websocket.py" serve 10.0.0.80 "$port"
	wait_port b t "$port"
done
start b python3 "$make_dir/websocket.py" serve 2001:db8::80 8080
wait_port b t 8080

capture websocket.pcap a eth0 tcp
in_space a python3 "$make_dir/websocket.py" talk ws://10.0.0.80/chat
in_space a python3 "$make_dir/websocket.py" talk ws://10.0.0.80:9001/chat
in_space a python3 "$make_dir/websocket.py" talk "ws://[2001:db8::80]:8080/chat" compressed
in_space a python3 "$make_dir/websocket_odd.py"
capture_end
