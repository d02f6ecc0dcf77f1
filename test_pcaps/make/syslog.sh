#!/bin/bash
# syslog.sh -- makes syslog.pcap: logger in its formats.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need logger

pair 10.0.0.4/24 10.0.0.14/24
address a eth0 2001:db8::4/64

log() {
	in_space a logger -d -n 10.0.0.14 -P 514 "$@"
}

capture syslog.pcap a eth0 udp port 514
log --rfc3164 -t su -p auth.crit "'su root' failed for alice"
log --rfc3164 -i -t cron -p cron.info a job
log --rfc5424 -t app --msgid ID47 -p local7.debug a text
log --rfc5424 --id=230 -t app --sd-id zoo@123 --sd-param 'tiger="hungry"' -p mail.err structured
log --rfc5424=notq,notime,nohost -t app -p user.notice without time and host
in_space a python3 "$make_dir/text_odd.py" syslog
capture_end
