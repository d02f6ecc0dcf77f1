#!/usr/bin/env bash
# make.sh -- trains a dictionary for small frames on the documents of our own captures.
# SPDX-License-Identifier: Apache-2.0
#
# usage: common/spool/dict/make.sh ID [CAPTURE...] > ID.zdict
#
# One document is one sample; every capture of test_pcaps in every schema, unless captures are named
# (tests/bench/dictionary.py does, to measure on documents that were not trained on). The same
# captures, programs and zstd give the same bytes (made with zstd 1.5.4). Run by hand only: a
# dictionary that was released stays as it is for ever, a new one gets the next id (frame_dict.h).
# Ids below 32768 are zstd's own.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
capture=${ESPCAP_BIN_DIR:-$root/build/dev/bin}/espcap-capture
size=32768
# Longer pieces (k) carry whole documents, which other hosts' documents share most with.
cover=k=512,d=8

[[ ${1:-} =~ ^[0-9]+$ ]] || {
	echo "usage: make.sh ID [CAPTURE...] > ID.zdict" >&2
	exit 2
}
id=$1
shift
[[ $# -gt 0 ]] || set -- "$root"/test_pcaps/*.pcap "$root"/test_pcaps/*.pcapng

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

number=0
for schema in full slim ecs lite; do
	for file in "$@"; do
		# zstd sorts its samples' names, hence the fixed width
		mkdir -p "$work/samples/$(printf %04d "$number")"
		"$capture" --config '' --log-level error --file "$file" --stdout --schema "$schema" \
			--name sensor |
			split -l 1 -a 4 -d - "$work/samples/$(printf %04d "$number")/" || true
		number=$((number + 1))
	done
done
zstd -q --train-cover="$cover" --maxdict="$size" --dictID="$id" -3 -r "$work/samples" -o "$work/dict" >&2
cat "$work/dict"
