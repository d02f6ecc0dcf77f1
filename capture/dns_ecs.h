/* dns_ecs.h -- what a DNS message gives to ECS. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_DNS_ECS_H
#define ESPCAP_DNS_ECS_H

#include "dns.h"

/* In the order of a message; each does nothing for a message that does not feed ECS. */
void dns_ecs_header(struct dns *d);
void dns_ecs_question(struct dns *d, const struct dns_name *name, uint16_t type, uint16_t class);
void dns_ecs_record(struct dns *d, const struct dns_record *record);
void dns_ecs_end(struct dns *d);

/* For readers of record data: what they read joins dns.answers.data, piece by piece with a space in
 * between; addresses and names of hosts join the lists of the document too. */
void dns_ecs_say(struct dns *d, const void *text, size_t n);
void dns_ecs_say_u64(struct dns *d, uint64_t value);
void dns_ecs_say_name(struct dns *d, const struct dns_name *name);
void dns_ecs_host(struct dns *d, const struct dns_name *name);
void dns_ecs_addr(struct dns *d, enum field_type type, const uint8_t *p);

#endif
