#!/usr/bin/env bash
# clang.sh -- builds espcap-capture with the other compiler; its documents must be the same.
# SPDX-License-Identifier: Apache-2.0
#
# usage: clang.sh BUILD-FOLDER
#
# Compilers differ in what they make of code that only seems to be right: clang once laid a name and
# a text with the same letters to one address, by which a decoder had told them apart.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$1

command -v clang-14 >/dev/null || {
	echo "clang.sh: there is no clang-14" >&2
	exit 77
}
cmake -S "$root" -B "$build" -G Ninja -DCMAKE_C_COMPILER=clang-14 -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$build" --target espcap-capture -- -j2 >/dev/null
ESPCAP_BIN_DIR=$build/bin python3 "$root/tests/golden/test_documents.py"
