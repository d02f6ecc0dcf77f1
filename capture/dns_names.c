/* dns_names.c -- what the numbers of DNS are called. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dns_names.h"

#include "json.h"

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

static const char *const low_types[] = {
	[1] = "A",
	[2] = "NS",
	[3] = "MD",
	[4] = "MF",
	[5] = "CNAME",
	[6] = "SOA",
	[7] = "MB",
	[8] = "MG",
	[9] = "MR",
	[10] = "NULL",
	[11] = "WKS",
	[12] = "PTR",
	[13] = "HINFO",
	[14] = "MINFO",
	[15] = "MX",
	[16] = "TXT",
	[17] = "RP",
	[18] = "AFSDB",
	[19] = "X25",
	[20] = "ISDN",
	[21] = "RT",
	[22] = "NSAP",
	[23] = "NSAP-PTR",
	[24] = "SIG",
	[25] = "KEY",
	[26] = "PX",
	[27] = "GPOS",
	[28] = "AAAA",
	[29] = "LOC",
	[30] = "NXT",
	[31] = "EID",
	[32] = "NIMLOC",
	[33] = "SRV",
	[34] = "ATMA",
	[35] = "NAPTR",
	[36] = "KX",
	[37] = "CERT",
	[38] = "A6",
	[39] = "DNAME",
	[40] = "SINK",
	[41] = "OPT",
	[42] = "APL",
	[43] = "DS",
	[44] = "SSHFP",
	[45] = "IPSECKEY",
	[46] = "RRSIG",
	[47] = "NSEC",
	[48] = "DNSKEY",
	[49] = "DHCID",
	[50] = "NSEC3",
	[51] = "NSEC3PARAM",
	[52] = "TLSA",
	[53] = "SMIMEA",
	[55] = "HIP",
	[56] = "NINFO",
	[57] = "RKEY",
	[58] = "TALINK",
	[59] = "CDS",
	[60] = "CDNSKEY",
	[61] = "OPENPGPKEY",
	[62] = "CSYNC",
	[63] = "ZONEMD",
	[64] = "SVCB",
	[65] = "HTTPS",
	[66] = "DSYNC",
	[99] = "SPF",
	[100] = "UINFO",
	[101] = "UID",
	[102] = "GID",
	[103] = "UNSPEC",
	[104] = "NID",
	[105] = "L32",
	[106] = "L64",
	[107] = "LP",
	[108] = "EUI48",
	[109] = "EUI64",
};

enum { QUERY_TYPES = 249 };
static const char *const query_types[] = { "TKEY", "TSIG", "IXFR", "AXFR", "MAILB", "MAILA", "ANY",
	"URI", "CAA", "AVC", "DOA", "AMTRELAY", "RESINFO", "WALLET" };

static const char *const opcodes[16] = { "QUERY", "IQUERY", "STATUS", "OPCODE3", "NOTIFY", "UPDATE",
	"DSO", "OPCODE7", "OPCODE8", "OPCODE9", "OPCODE10", "OPCODE11", "OPCODE12", "OPCODE13",
	"OPCODE14", "OPCODE15" };

static const char *const rcodes[] = {
	[0] = "NOERROR",
	[1] = "FORMERR",
	[2] = "SERVFAIL",
	[3] = "NXDOMAIN",
	[4] = "NOTIMP",
	[5] = "REFUSED",
	[6] = "YXDOMAIN",
	[7] = "YXRRSET",
	[8] = "NXRRSET",
	[9] = "NOTAUTH",
	[10] = "NOTZONE",
	[11] = "DSOTYPENI",
	[16] = "BADVERS",
	[17] = "BADKEY",
	[18] = "BADTIME",
	[19] = "BADMODE",
	[20] = "BADNAME",
	[21] = "BADALG",
	[22] = "BADTRUNC",
	[23] = "BADCOOKIE",
};

static const char *numbered(struct packet *pkt, const char *word, unsigned number)
{
	char text[JSON_U64_MAX + JSON_SLACK], *p = text;

	while (*word)
		*p++ = *word++;
	p = json_emit_u64(p, number);
	*p++ = '\0';
	return pkt_copy(pkt, text, (size_t)(p - text));
}

const char *dns_names_type(struct packet *pkt, uint16_t type)
{
	enum { TA = 32768, DLV };
	const char *name = NULL;

	if (type < LENGTH(low_types))
		name = low_types[type];
	else if (type >= QUERY_TYPES && type < QUERY_TYPES + LENGTH(query_types))
		name = query_types[type - QUERY_TYPES];
	else if (type == TA || type == DLV)
		name = type == TA ? "TA" : "DLV";
	return name ? name : numbered(pkt, "TYPE", type);
}

const char *dns_names_class(struct packet *pkt, uint16_t class)
{
	switch (class) {
	case 1:
		return "IN";
	case 3:
		return "CH";
	case 4:
		return "HS";
	case 254:
		return "NONE";
	case 255:
		return "ANY";
	default:
		return numbered(pkt, "CLASS", class);
	}
}

const char *dns_names_opcode(unsigned opcode)
{
	return opcodes[opcode & 15];
}

const char *dns_names_rcode(struct packet *pkt, unsigned rcode)
{
	if (rcode < LENGTH(rcodes) && rcodes[rcode])
		return rcodes[rcode];
	return numbered(pkt, "RCODE", rcode);
}
