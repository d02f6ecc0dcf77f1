#!/usr/bin/env bash
# update-golden.sh -- writes tests/golden and deploy/schema anew, and shows what changed.
# SPDX-License-Identifier: Apache-2.0
# Usage: update-golden.sh [CAPTURE...]   e.g. dns.pcap bad/lies.pcap; without any: all
# Builds the preset dev first, unless ESPCAP_BIN_DIR names the programs.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export PYTHONDONTWRITEBYTECODE=1

if [[ -z ${ESPCAP_BIN_DIR:-} ]]; then
	(cd "$root" && cmake --preset dev >/dev/null &&
		cmake --build --preset dev --parallel 2 --target espcap espcap-capture >/dev/null)
	export ESPCAP_BIN_DIR=$root/build/dev/bin
fi
exec python3 "$root/tests/golden/update.py" "$@"
