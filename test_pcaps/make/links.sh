#!/bin/bash
# links.sh -- makes the captures of link types that no interface at hand has.
# SPDX-License-Identifier: Apache-2.0
# usage: links.sh [NAME...]; without any: all

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

[ $# -gt 0 ] || set -- radiotap wlan ppi chdlc ppp ppp_hdlc fr bad/link_lies arcnet arcnet_bsd ipoib ipnet \
	pktap juniper mstp atm clip thin carriers named
for name; do
	case $name in
	radiotap | wlan | ppi) python3 "$make_dir/wlan.py" "$name" "$work/built" ;;
	chdlc | ppp | ppp_hdlc | fr) python3 "$make_dir/serial.py" "$name" "$work/built" ;;
	arcnet | arcnet_bsd | ipoib | ipnet | pktap | juniper | mstp | atm | clip | thin | carriers)
		python3 "$make_dir/thin.py" "$name" "$work/built" ;;
	named) python3 "$make_dir/named.py" "$work/built" ;;
	bad/link_lies) python3 "$make_dir/link_lies.py" "$work/built" ;;
	*) die "nobody makes $name.pcap" ;;
	esac
	publish "$work/built" "$name.pcap"
done
