#!/bin/bash
# web.sh -- the nginx that several captures talk to; sourced after common.sh.
# SPDX-License-Identifier: Apache-2.0

# shellcheck disable=SC2154 # work and make_dir come from common.sh

# web_files: the folder that nginx serves.
web_files() {
	mkdir -p "$work/www/dav" "$work/tmp"
	printf '<!doctype html>\n<title>espcap</title>\n<p>A page of the espcap tests.\n' \
		>"$work/www/index.html"
	seq -f 'line %g of a text that is long enough for several segments' 120 \
		>"$work/www/text.txt"
	seq -f 'line %g' 12 >"$work/www/short.txt"
	printf 'alice:{PLAIN}wonderland\n' >"$work/htpasswd"
	touch -d 2026-01-02T03:04:05Z "$work"/www/*.*
}

# web SPACE CONF PORT
web() {
	# nginx looks for the files that its configuration names beside the configuration.
	cp "$make_dir/$2" "$work/nginx.conf"
	start "$1" nginx -p "$work" -c "$work/nginx.conf" -e error.log
	wait_port "$1" t "$3"
}
