/* proto.h -- what the file of a decoder says of itself: its fields, how it is chosen, its functions. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_PROTO_H
#define ESPCAP_PROTO_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"

/* The JSON type of a field and how its value is printed; each has its line in protocols' notation:
 * what `tshark -T fields` prints for it. */
enum field_type {
	FIELD_U8,
	FIELD_U16,
	FIELD_U24,
	FIELD_U32,
	FIELD_U64,
	FIELD_I8,
	FIELD_I16,
	FIELD_I32,
	FIELD_I64,
	FIELD_256THS, /* f64: whole 256ths, printed as a decimal number */
	FIELD_F64,    /* f32 and f64: never infinite, never no number */
	FIELD_BOOL,
	FIELD_STR,   /* UTF-8 text; ends at the first NUL; each bad byte becomes U+FFFD */
	FIELD_ASCII, /* the same, and each byte above 0x7f becomes U+FFFD */
	FIELD_BYTES, /* lower-case hexadecimal */
	FIELD_IPV4,
	FIELD_IPV6,
	FIELD_MAC,  /* 00:00:5e:00:53:23 */
	FIELD_TIME, /* abs: nanoseconds since 1970, printed as ISO with nine decimals */
	FIELD_TRUE, /* none: a label; printed as true */
	FIELD_JSON, /* text that is valid JSON already; for ECS only */
	FIELD_TYPES
};

/* CORE and DETAIL are read from the packet, DERIVED is computed from other fields. */
enum field_level { CORE, DETAIL, DERIVED };

enum field_class { PLAIN, ADDRESS, MAC, NAME, USER, CONTENT, SECRET };

struct proto_field {
	const char *name; /* Wireshark's display-filter name; the key in `layers` */
	enum field_type type;
	const char *description;
	const char *ecs;   /* path that gets the same value, or NULL; must stand in ecs.def */
	const char *since; /* first version that has it */
	enum field_level level;
	enum field_class class;
};

/* How a decoder can be chosen. */
enum bind_table {
	BIND_NONE, /* ends a list of binds */
	BY_LINKTYPE,
	BY_ETHERTYPE,
	BY_IP_PROTO,
	BY_TCP_PORT,
	BY_UDP_PORT,
	BY_SCTP_PORT,
	BY_LENGTH, /* 0: what follows a length where a type would stand (802.3) */
	BY_LLC_SAP,
	BY_CISCO_PID,
	BY_NULL_FAMILY,
	BY_PPP, /* protocol numbers of PPP */
	BY_GRE, /* protocol types that only GRE has; 65536: ERSPAN without a header */
	BY_EAPOL,
	BY_MEDIA,   /* enum media_type: what a body says that it is */
	BY_COTP,    /* types of units of the transport protocol of OSI; for data there are probes */
	BY_NETBIOS, /* what a NetBIOS message holds, by the first byte of its four of magic */
	BY_GSS,     /* tokens of GSS-API and of its mechanisms: enum gss of gss.h */
	BY_PIPE,    /* 0: what is written to and read from a named pipe */
	BY_CONTENT, /* what a message carries: enum decode_content */
	BY_MAIL,    /* 0: a letter; 1: one whose name does not go to frame.protocols */
	BY_HTTP,    /* a version that is no text */
	BY_SERVICE_TAG, /* ethertypes that are read in another way right behind a service tag */
	BY_IGMP,        /* types that are other protocols' */
	BY_CAPWAP,      /* what kind of frames a radio's packets hold */
	BY_ARCNET,
	BY_OSI, /* 0: its protocols by their first byte */
	BY_SCTP_PPI,
	BY_TCP_NAMED, /* ports asked last: who is known by the name of a port alone */
	BY_UDP_NAMED,
	BIND_TABLES
};

/* Media types that a decoder takes from the body of another protocol. */
enum media_type { MEDIA_SDP = 1, MEDIA_TYPES };
/* A certificate is of the end that has it; those behind the first one only vouch for it. */
enum decode_content {
	CONTENT_SERVER_CERTIFICATE,
	CONTENT_CLIENT_CERTIFICATE,
	CONTENT_OTHER_CERTIFICATE,
	CONTENT_NAME,         /* of an authority, in DER */
	CONTENT_OCSP,         /* a request or a response, in DER */
	CONTENT_TLS_MESSAGES, /* without records: QUIC */
	CONTENTS
};

struct proto_bind {
	enum bind_table table;
	uint32_t value;
	const char *token; /* in frame.protocols instead of the proto's name; "" for none */
};

/* Where a decoder is asked whether it knows the content: for payloads that begin with one of the
 * bytes first..last. */
struct proto_probe {
	enum bind_table table; /* a table of ports, BY_COTP; BIND_NONE ends the list */
	uint8_t first, last;
};

struct packet;

enum decode_result {
	DECODE_OK,
	DECODE_TRUNCATED, /* the layer ends before its fields do; what was read stays */
	DECODE_REJECT,    /* not this protocol after all; only before anything was put */
};

struct proto {
	const char *name;                 /* token in frame.protocols */
	const struct proto_bind *binds;   /* ends with { 0 }; NULL: none */
	const struct proto_field *fields; /* ends with { 0 } */
	enum decode_result (*decode)(struct packet *pkt, struct bytes b);
	/* By content, where no type field and no port names a decoder: at least 4 distinguishing
	 * bytes, and text is refused. Cheap; it is never given an empty payload. NULL: never. */
	bool (*probe)(const struct packet *pkt, struct bytes b);
	const struct proto_probe *probes; /* what probe is asked for; ends with { 0 } */
	const char *application;          /* network.protocol; NULL below the application layer */
};

#endif
