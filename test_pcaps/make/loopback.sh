#!/bin/bash
# loopback.sh -- makes null*.pcap and loop.pcap: loopback as BSD writes it.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname -- "${BASH_SOURCE[0]}")/web.sh"
need ping curl nginx

add_space a
web_files
web a nginx-http.conf 80

# Linux shows loopback as Ethernet; convert.py puts the family in front, as BSD does.
capture loopback a lo
in_space a ping -qc 2 -i 0.2 127.0.0.1 >/dev/null
in_space a ping -qc 5 -i 0.1 ::1 >/dev/null
in_space a curl -sS --max-time 5 http://127.0.0.1/short.txt >/dev/null
in_space a curl -gsS --max-time 5 'http://[::1]/short.txt' >/dev/null
capture_stop

while read -r kind name; do
	python3 "$make_dir/convert.py" "$kind" "$work/capture" "$work/converted"
	publish "$work/converted" "$name.pcap"
done <<-END
	null null
	null-big-endian null_be
	null-foreign null_foreign
	loop loop
END
