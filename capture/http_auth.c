/* http_auth.c -- what the headers of authentication hold beside text.
 * RFC 7617:  Basic base64 of user ":" password
 * RFC 4559, MS-NTHT:  NTLM, Negotiate or Kerberos, base64 of a token; asked for with a name alone */
/* SPDX-License-Identifier: Apache-2.0 */
#include "http_auth.h"

#include "base64.h"
#include "gss.h"

/* What base64 stands for, in scratch; empty when there is nothing, or no room. */
static struct bytes unpack(struct http *h, struct bytes text)
{
	uint8_t *out = (uint8_t *)pkt_scratch(h->pkt, bytes_left(&text) / 4 * 3);

	return out ? bytes_of(out, base64_decode(out, text)) : bytes_of(text.p, 0);
}

/* The user's name, in memory of its own because the pair is secret. A name without a password is
 * left out: there it is often the key itself. */
static void put_user(struct http *h, struct bytes pair)
{
	struct bytes user = http_until(&pair, ':');
	size_t n = bytes_left(&user);

	if (n == 0 || bytes_left(&pair) == 0)
		return;
	char *copy = pkt_scratch(h->pkt, n);
	if (!copy)
		return;
	memcpy(copy, user.p, n);
	ecs_str(h->pkt, ECS_USER_NAME, copy, n);
	ecs_str(h->pkt, ECS_RELATED_USER, copy, n);
}

void http_auth_basic(struct http *h, struct bytes value)
{
	if (!bytes_starts(&value, "Basic ", 6))
		return;
	bytes_skip(&value, 6);
	http_skip_blanks(&value);
	struct bytes pair = unpack(h, value);
	put_str(h->pkt, HTTP_AUTHBASIC, pair.p, bytes_left(&pair));
	put_user(h, pair);
}

void http_auth_token(struct http *h, struct bytes value)
{
	static const char *const schemes[] = { "NTLM ", "Negotiate ", "Kerberos " };
	enum { SCHEMES = sizeof(schemes) / sizeof(schemes[0]) };
	unsigned i = 0;

	while (i < SCHEMES && !bytes_starts(&value, schemes[i], strlen(schemes[i])))
		i++;
	if (i == SCHEMES)
		return;
	bytes_skip(&value, strlen(schemes[i]));
	struct bytes token = unpack(h, value);
	if (bytes_left(&token) == 0)
		return;
	bool raw = i < 2 && bytes_starts(&token, "NTLMSSP", 7);
	(void)decode_by(h->pkt, BY_GSS, raw ? GSS_NTLMSSP : GSS_TOKEN, token);
}
