#!/bin/bash
# check.sh -- what tshark says about each capture: readable, nothing malformed, as README.md has it.
# SPDX-License-Identifier: Apache-2.0
# usage: check.sh [--write | CAPTURE...]. Needs no root. With --write it corrects the numbers in
# README.md, with names it prints the protocols in these captures too.

set -euo pipefail
export LC_ALL=C.UTF-8 TZ=UTC
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
failed=0
write=

if [ "${1-}" = --write ]; then
	write=yes
	shift
fi

fault() {
	echo "$*" >&2
	failed=1
}

# ask FILE ARGUMENTS...: files in bad/ may be beyond tshark, which is a finding there, no failure.
ask() {
	local file=$1
	shift
	tshark -n -r "$file" "$@" 2>/dev/null || [[ $file == bad/* ]] ||
		fault "$file: tshark cannot read it to its end"
}

check() {
	local file=$1 packets malformed size
	packets=$(ask "$file" -T fields -e frame.number | wc -l)
	malformed=$(ask "$file" -Y _ws.malformed -T fields -e frame.number | wc -l)
	size=$(stat -c %s "$file")
	echo "$file: $packets packets, $size bytes, $malformed malformed"
	[[ $file == bad/* || $malformed -eq 0 ]] || fault "$file: it is not meant to be malformed"
	[ -z "$write" ] || sed -i "s:^| \`$file\` | [0-9]* |:| \`$file\` | $packets |:" README.md
	grep -q "^| \`$file\` | $packets |" README.md ||
		fault "$file: README.md does not list it with $packets packets"
}

if [ $# -eq 0 ]; then
	set -- *.pcap *.pcapng bad/*.pcap
else
	for file; do
		ask "$file" -q -z io,phs
	done
fi
for file; do
	check "$file"
done
exit "$failed"
