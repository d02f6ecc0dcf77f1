/* dns_name.h -- domain names of a message, with compression. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_DNS_NAME_H
#define ESPCAP_DNS_NAME_H

#include "decode.h"

/* RFC 1035, 3.1 and 4.1.4: labels of a length and that many bytes, then 0 or a pointer, two bytes
 * that begin with 11 and hold an offset into the message.
 *
 * A pointer must point to before everything the name has used so far, so no name can loop; it
 * follows at most DNS_JUMPS_MAX of them and ends at DNS_NAME_MAX bytes. Labels and pointers behind
 * a first pointer cost nothing to send, so all names of a layer share a number of steps that grows
 * with its length; a name that is nothing but a pointer to where a lately read one began is that
 * name. A name that breaks a rule is `bad`: its text is what came before, with an anomaly. */
enum { DNS_NAME_MAX = 255, DNS_JUMPS_MAX = 128, DNS_KNOWN_MAX = 8 };

struct dns_name {
	const char *text;  /* in scratch, or static; NULL: nothing to show */
	uint16_t len;      /* of the text */
	uint16_t wire_len; /* labels and the dots between them, before escapes */
	bool bad, root;    /* the root's text is <Root> */
	bool clean;        /* JSON takes the text as it is */
};

/* What the names of one message share. */
struct dns_message {
	struct bytes whole; /* offsets count from its first byte */
	unsigned steps;     /* what is left of them */
	bool full;          /* scratch is: names have no text from here on */
	unsigned nknown;    /* names lately read, as a ring */
	struct {
		size_t offset;
		struct dns_name name;
	} known[DNS_KNOWN_MAX];
};

/* For a layer of n bytes; dns_name_begin() begins each message in it. */
void dns_name_init(struct dns_message *m, size_t n);
void dns_name_begin(struct dns_message *m, struct bytes whole);

/* Reads the name at b, which is a view inside of the message, and moves b behind it; b is not ok
 * when it ends before the name does. */
void dns_name_get(
	struct packet *pkt, struct dns_message *m, struct bytes *b, struct dns_name *name);

/* Puts its text, if it has one. */
void dns_name_put(struct packet *pkt, unsigned field, const struct dns_name *name);

/* Reads a name and puts it; for names that stand alone. */
void dns_name_read(struct packet *pkt, struct dns_message *m, struct bytes *b, unsigned field,
	struct dns_name *name);

#endif
