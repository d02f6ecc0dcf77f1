/* radius_refusal.c -- attributes of RADIUS, and what they say of why a request was refused. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "radius.h"

#include "outcome.h"

enum { REPLY_MESSAGE = 18, ERROR_CAUSE = 101 };

bool radius_next(struct bytes *b, uint8_t *type, struct bytes *value)
{
	*type = bytes_u8(b);
	uint8_t length = bytes_u8(b);

	if (!bytes_ok(b) || length < 2 || length - 2u > bytes_left(b))
		return false;
	*value = bytes_sub(b, length - 2u);
	return true;
}

/* RFC 5176, 3.5. */
static const char *cause_name(uint32_t cause)
{
	static const char *const of_request[] = { [1] = "Unsupported Attribute",
		"Missing Attribute",
		"NAS Identification Mismatch",
		"Invalid Request",
		"Unsupported Service",
		"Unsupported Extension" };
	static const char *const of_server[] = { [1] = "Administratively Prohibited",
		"Request Not Routable (Proxy)",
		"Session Context Not Found",
		"Session Context Not Removable",
		NULL,
		"Resources Unavailable" };

	return cause >= 500   ? NAME_OF(of_server, cause - 500)
	       : cause >= 400 ? NAME_OF(of_request, cause - 400)
			      : NULL;
}

void radius_refusal(struct packet *pkt, uint8_t code, const char *action, struct bytes b)
{
	struct bytes words = bytes_of(b.p, 0), value;
	uint32_t cause = 0;
	uint8_t type;

	while (radius_next(&b, &type, &value)) {
		if (type == REPLY_MESSAGE)
			words = value;
		else if (type == ERROR_CAUSE)
			cause = bytes_be32(&value);
	}
	if (cause)
		outcome_failure_said(pkt, cause, words, cause_name(cause));
	else
		outcome_failure_said(pkt, code, words, action);
}
