/* dns_domain.h -- where a name's public suffix and registered domain begin. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_DNS_DOMAIN_H
#define ESPCAP_DNS_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

/* Offsets into the name; n where there is none. */
struct dns_domain {
	size_t suffix;     /* public suffix: co.uk */
	size_t registered; /* that and one label: example.co.uk */
};

/* Splits a name of n bytes, which must be in lower case and end with a NUL, by the public suffix
 * list (publicsuffix.org) that libpsl was built with. A name under no rule has its last label as
 * suffix; a single label that no rule names has none. */
struct dns_domain dns_domain_split(const char *name, size_t n);

#endif
