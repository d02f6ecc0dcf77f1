/* ip_proto.c -- names of IP protocol numbers (IANA, Assigned Internet Protocol Numbers). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ip_proto.h"

#include <stddef.h>

static const char *const names[256] = {
	[0] = "hopopt",
	[1] = "icmp",
	[2] = "igmp",
	[4] = "ipv4",
	[6] = "tcp",
	[8] = "egp",
	[9] = "igp",
	[17] = "udp",
	[27] = "rdp",
	[33] = "dccp",
	[41] = "ipv6",
	[46] = "rsvp",
	[47] = "gre",
	[50] = "esp",
	[51] = "ah",
	[58] = "ipv6-icmp",
	[59] = "ipv6-nonxt",
	[88] = "eigrp",
	[89] = "ospfigp",
	[94] = "ipip",
	[103] = "pim",
	[108] = "ipcomp",
	[112] = "vrrp",
	[115] = "l2tp",
	[124] = "isis",
	[132] = "sctp",
	[133] = "fc",
	[135] = "mobility",
	[136] = "udplite",
	[137] = "mpls-in-ip",
	[139] = "hip",
	[140] = "shim6",
};

const char *ip_proto_name(uint8_t proto)
{
	return names[proto];
}
