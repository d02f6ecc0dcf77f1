/* dns_svcb.c -- service bindings.
 * RFC 9460:  SVCB, HTTPS priority, target; then key, length, value each */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dns_ecs.h"
#include "dns_rdata.h"

static void put_alpn(struct packet *pkt, struct bytes b)
{
	for (unsigned i = 0; i < DNS_LIST_MAX && bytes_left(&b); i++) {
		struct bytes id = bytes_upto(&b, bytes_u8(&b));
		put_str(pkt, DNS_SVCB_ALPN, id.p, bytes_left(&id));
	}
}

static void put_hints(struct dns *d, bool v4, struct bytes b)
{
	size_t size = v4 ? 4 : 16;

	for (unsigned i = 0; i < DNS_LIST_MAX && bytes_left(&b) >= size; i++)
		(void)get_addr(d->pkt, &b, v4 ? DNS_SVCB_IPV4 : DNS_SVCB_IPV6, size);
}

static void put_param(struct dns *d, uint16_t key, struct bytes value)
{
	enum { ALPN = 1, IPV4HINT = 4, IPV6HINT = 6 };

	if (key == ALPN)
		put_alpn(d->pkt, value);
	else if (key == IPV4HINT || key == IPV6HINT)
		put_hints(d, key == IPV4HINT, value);
}

bool dns_svcb_put(struct dns *d, struct bytes b)
{
	struct dns_name target;
	uint16_t priority = get_be16(d->pkt, &b, DNS_SVCB_PRIORITY);

	if (!bytes_ok(&b))
		return false;
	dns_name_read(d->pkt, &d->message, &b, DNS_SVCB_TARGET, &target);
	dns_ecs_say_u64(d, priority);
	dns_ecs_say_name(d, &target);
	dns_ecs_host(d, &target);
	for (unsigned i = 0; i < DNS_LIST_MAX && bytes_left(&b); i++) {
		uint16_t key = get_be16(d->pkt, &b, DNS_SVCB_KEY), len = bytes_be16(&b);
		put_param(d, key, bytes_sub(&b, len));
	}
	return bytes_ok(&b);
}
