/* dns_rdata.h -- the data of DNS records. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_DNS_RDATA_H
#define ESPCAP_DNS_RDATA_H

#include "dns.h"

/* Puts the data of a record and says it to ECS. Nothing is read past record->data; data that ends
 * too early gives what it has, with an anomaly. Types without fields give nothing. */
void dns_rdata_put(struct dns *d, const struct dns_record *record);

/* Its parts: each reads the data of some types and returns whether that was complete. */
bool dns_security_put(
	struct dns *d, uint16_t type, struct bytes b); /* DNSSEC and what it secures */
bool dns_svcb_put(struct dns *d, struct bytes b);
bool dns_edns_put(struct dns *d, const struct dns_record *record);

#endif
