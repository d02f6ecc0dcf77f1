/* replay.c -- every packet of captures through decoders and documents, each way of asking.
 *
 *   replay [--stride N] documents|cuts FILE_OR_FOLDER ...
 *
 *   documents    every packet as it is, in all settings
 *   cuts         every packet cut at every length up to 256 bytes
 *
 * The packet that cost most work is named, and the one that did so for its length.
 *
 * Packets stand in memory that ends with them, documents in memory of exactly DOCUMENT_ROOM bytes.
 * With a stride of N, a packet meets one of N settings (or cuts) of each schema, by turns. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "captures.h"
#include "setting.h"

enum { CUT_MAX = 256, FAILURES_SHOWN = 20, SELDOM = 8 };

struct worst {
	char file[256];
	uint64_t number, work, per_byte;
	uint32_t bytes;
};

struct replay {
	unsigned stride;
	struct worst most, for_length;
	void (*look)(struct replay *r, const char *file, const struct frame *f);
	uint64_t files, unreadable, packets, documents, failures;
	struct setting settings[SETTINGS];
};

static void fail(
	struct replay *r, const char *file, const struct frame *f, const char *how, const char *why)
{
	if (r->failures++ < FAILURES_SHOWN)
		(void)fprintf(stderr,
			"%s packet %" PRIu64 " (%u of %u bytes, link type %u, %s): %s\n", file,
			f->number, f->cap_len, f->len, f->linktype, how, why);
}

static void keep_worst(struct replay *r, const char *file, const struct frame *f, uint64_t work)
{
	enum { SMALL = 64 }; /* what each packet costs is no matter of its length */
	uint64_t per_byte = work / (f->cap_len < SMALL ? SMALL : f->cap_len);
	struct worst w = {
		.number = f->number, .work = work, .per_byte = per_byte, .bytes = f->cap_len
	};

	(void)snprintf(w.file, sizeof(w.file), "%s", file);
	if (work > r->most.work)
		r->most = w;
	if (per_byte > r->for_length.per_byte)
		r->for_length = w;
}

static void print_worst(const char *what, const struct worst *w)
{
	(void)printf("%s: %s packet %" PRIu64 ", %u bytes: %" PRIu64 " blocks of code\n", what,
		w->file, w->number, w->bytes, w->work);
}

static void one_document(struct replay *r, struct setting *s, const char *file,
	const struct frame *f, const char *how)
{
	const char *why;
	char name[128];

	(void)setting_write(s, f, &why);
	keep_worst(r, file, f, s->work);
	r->documents++;
	if (!why)
		return;
	(void)snprintf(name, sizeof(name), "%s, %s", setting_name(s), how);
	fail(r, file, f, name, why);
}

/* A decoder keeps nothing from one packet to the next: a new one gives the same document. */
static void with_new_decoder(struct replay *r, const char *file, const struct frame *f)
{
	struct setting *s = &r->settings[0], fresh;
	const char *why;

	if (r->packets % SELDOM)
		return;
	setting_init(&fresh, 0);
	size_t n = setting_write(s, f, &why), m = setting_write(&fresh, f, &why);
	if (m != n || memcmp(fresh.out, s->out, n) != 0)
		fail(r, file, f, "new decoder", "another document than of one that was used");
	setting_done(&fresh);
}

static void article(struct replay *r, const char *file, const struct frame *f)
{
	struct exact room = { 0 };
	char *out = (char *)exact_take(&room, DOCUMENT_ARTICLE_MAX);
	const struct packet *pkt = decode_packet(r->settings[0].decoder, f);
	size_t n = document_article(pkt, out);

	if (n > DOCUMENT_ARTICLE_MAX || (n > 0) != document_is_tcp(pkt))
		fail(r, file, f, "article", "lines of the wrong length");
	exact_done(&room);
}

static void every_setting(struct replay *r, const char *file, const struct frame *f)
{
	for (unsigned i = 0; i < SETTINGS; i++)
		if (i % r->stride == r->packets % r->stride)
			one_document(r, &r->settings[i], file, f, "as it is");
	with_new_decoder(r, file, f);
	article(r, file, f);
}

/* By turns for good and by a snaplen, where the length on the wire stays. */
static void every_cut(struct replay *r, const char *file, const struct frame *f)
{
	struct exact memory = { 0 };
	uint32_t longest = f->cap_len < CUT_MAX ? f->cap_len : CUT_MAX;

	for (uint32_t n = (uint32_t)(r->packets % r->stride); n <= longest; n += r->stride) {
		struct frame cut = *f;
		uint64_t turn = n + r->packets;
		struct setting *s = &r->settings[turn / 2 % SETTINGS_PER_SCHEMA];
		cut.data = exact_copy(&memory, f->data, n);
		cut.cap_len = n;
		if (turn % 2)
			cut.len = n;
		one_document(r, s, file, &cut, turn % 2 ? "shortened" : "snapped");
	}
	exact_done(&memory);
}

static void one_packet(void *arg, const char *file, const struct frame *f)
{
	struct replay *r = arg;

	r->packets++;
	r->look(r, file, f);
}

static void one_file(void *arg, const char *file)
{
	struct replay *r = arg;

	r->files++;
	if (!captures_packets(file, one_packet, r))
		r->unreadable++;
}

static int usage(void)
{
	(void)fprintf(stderr, "Usage: replay [--stride N] documents|cuts PATH ...\n");
	return 2;
}

static int report(const struct replay *r)
{
	(void)printf("%" PRIu64 " files (%" PRIu64 " unreadable), %" PRIu64 " packets, %" PRIu64
		     " documents, %" PRIu64 " failures\n",
		r->files, r->unreadable, r->packets, r->documents, r->failures);
	if (r->most.work) {
		print_worst("most work", &r->most);
		print_worst("most work for its length", &r->for_length);
	}
	if (r->documents == 0)
		(void)fprintf(stderr, "no packet was found there\n");
	return r->failures || r->documents == 0;
}

int main(int argc, char **argv)
{
	static struct replay r = { .stride = 1 };

	if (argc > 2 && strcmp(argv[1], "--stride") == 0) {
		r.stride = (unsigned)strtoul(argv[2], NULL, 10);
		argv += 2;
		argc -= 2;
	}
	if (argc > 2 && strcmp(argv[1], "documents") == 0)
		r.look = every_setting;
	else if (argc > 2 && strcmp(argv[1], "cuts") == 0)
		r.look = every_cut;
	if (!r.look || r.stride == 0)
		return usage();
	for (unsigned i = 0; i < SETTINGS; i++)
		setting_init(&r.settings[i], i);
	for (int i = 2; i < argc; i++)
		captures_each(argv[i], one_file, &r);
	int code = report(&r);
	for (unsigned i = 0; i < SETTINGS; i++)
		setting_done(&r.settings[i]);
	return code;
}
