/* dns.h -- a DNS message while it is being decoded, as its files share it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_DNS_H
#define ESPCAP_DNS_H

#include "dns_fields.h"
#include "dns_name.h"
#include "json.h"

enum {
	DNS_LIST_MAX = PKT_REPEATS_MAX + 1, /* of a record's parts: one more than fit is noted */
	DNS_QUESTIONS_MAX = PKT_REPEATS_MAX,
	DNS_RECORDS_MAX = 1024, /* of a message; more than a packet has room for values */
	DNS_SAID_MAX = 1024,    /* bytes of one record's data as text, for ECS */
	DNS_ANSWERS_MAX = 16384 /* bytes of all answers as JSON, for ECS */
};

enum dns_kind { DNS_KIND_DNS, DNS_KIND_MDNS, DNS_KIND_LLMNR };

enum dns_type {
	DNS_TYPE_A = 1,
	DNS_TYPE_NS,
	DNS_TYPE_CNAME = 5,
	DNS_TYPE_SOA,
	DNS_TYPE_PTR = 12,
	DNS_TYPE_HINFO,
	DNS_TYPE_MX = 15,
	DNS_TYPE_TXT,
	DNS_TYPE_SIG = 24,
	DNS_TYPE_AAAA = 28,
	DNS_TYPE_NXT = 30,
	DNS_TYPE_SRV = 33,
	DNS_TYPE_NAPTR = 35,
	DNS_TYPE_OPT = 41,
	DNS_TYPE_DS = 43,
	DNS_TYPE_SSHFP,
	DNS_TYPE_RRSIG = 46,
	DNS_TYPE_NSEC,
	DNS_TYPE_DNSKEY,
	DNS_TYPE_NSEC3 = 50,
	DNS_TYPE_TLSA = 52,
	DNS_TYPE_CDS = 59,
	DNS_TYPE_CDNSKEY,
	DNS_TYPE_CSYNC = 62,
	DNS_TYPE_SVCB = 64,
	DNS_TYPE_HTTPS,
	DNS_TYPE_TKEY = 249,
	DNS_TYPE_CAA = 257,
	DNS_TYPE_DLV = 32769
};

struct dns_record {
	struct dns_name owner;
	uint16_t type, class;
	uint32_t ttl;
	struct bytes data; /* exactly the record's own */
};

struct dns {
	struct packet *pkt;
	struct dns_message message;
	enum dns_kind kind;
	uint16_t flags;
	bool ecs;    /* the message feeds ECS: the first of its layer does */
	bool answer; /* the record being read goes to dns.answers */
	bool dnssec; /* an OPT record says DO */
	bool listed; /* dns.answers has a record */
	bool answers_full;
	unsigned rcode_high;
	unsigned related; /* names and addresses given to ECS */
	struct json answers;
	unsigned said_len;
	char said[DNS_SAID_MAX];
	char memory[DNS_ANSWERS_MAX];
};

#endif
