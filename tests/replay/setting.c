/* setting.c -- decoders and documents for every way of asking. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "setting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "work.h"

void setting_init(struct setting *s, unsigned i)
{
	static const char *const labels[] = { "site=north", "\"=\xff" }, *const tags[] = { "t" };
	struct err_detail why;

	*s = (struct setting){ .schema = (enum schema)(i >> 3),
		.payload = i & 1,
		.verify = i >> 1 & 1,
		.show = i >> 2 & 1 };
	struct decode_conf decode = {
		.payload = s->payload, .verify_checksums = s->verify, .show_secrets = s->show
	};
	struct document_conf document = { .schema = s->schema,
		.show_secrets = s->show,
		.name = "sensor",
		.labels = labels,
		.tags = tags };
	if (s->verify) {
		document.site = "north";
		document.nlabels = 2;
		document.ntags = 1;
	}
	if (decoder_new(&decode, &s->decoder, &why) ||
		document_new(&document, s->decoder, &s->document, &why)) {
		(void)fprintf(stderr, "%s\n", why.text);
		abort();
	}
	s->check = check_new(s->decoder);
	s->out = (char *)exact_take(&s->room, DOCUMENT_ROOM);
}

void setting_done(struct setting *s)
{
	check_free(s->check);
	document_free(s->document);
	decoder_free(s->decoder);
	exact_done(&s->room);
}

size_t setting_write(struct setting *s, const struct frame *f, const char **why)
{
	uint64_t before = work_count();
	struct packet *pkt = decode_packet(s->decoder, f);
	s->work = work_count() - before;
	size_t n = document_write(s->document, pkt, s->out);
	bool may_be_none = s->schema == SCHEMA_LITE && !document_is_tcp(pkt);

	if (n)
		*why = check_document(s->check, s->out, n);
	else
		*why = may_be_none ? NULL : "no document";
	if (s->work > work_max(f->cap_len))
		*why = "costs more work than its length allows";
	return n;
}

const char *setting_name(const struct setting *s)
{
	static const char *const schemas[] = { "full", "slim", "ecs", "lite" };
	static char text[64];

	(void)snprintf(text, sizeof(text), "%s%s%s%s", schemas[s->schema],
		s->payload ? " payload" : "", s->verify ? " verify" : "",
		s->show ? " show-secrets" : "");
	return text;
}
