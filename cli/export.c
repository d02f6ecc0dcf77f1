/* export.c -- an export: records of a spool in files that every machine can read. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crc32c.h"

enum { TEXT_BYTES = 256 };
static const char head[] = "espcap export ";

/* --- EXPORT --- */

int export_put_counts(const char *dir, const struct export_counts *c)
{
	char path[PATHS_MAX], text[TEXT_BYTES];

	int n = snprintf(text, sizeof(text), "%s%d\nrec %llu\nloss %llu\n", head, EXPORT_VERSION,
		(unsigned long long)c->rec, (unsigned long long)c->loss);
	n += snprintf(text + n, sizeof(text) - (size_t)n, "check %08x\n", crc32c(text, (size_t)n));
	int err = paths_join(path, dir, "EXPORT");
	return err ? err : paths_replace(path, text, (size_t)n);
}

static bool number(const char *text, const char *key, uint64_t *n)
{
	const char *at = strstr(text, key);
	char *end;

	*n = at ? strtoull(at + strlen(key), &end, 10) : 0;
	return at && end != at + strlen(key) && *end == '\n';
}

static bool parse(const char *text, struct export_counts *c)
{
	const char *check = strstr(text, "check ");
	char want[16];

	if (!check || !number(text, "\nrec ", &c->rec) || !number(text, "\nloss ", &c->loss))
		return false;
	(void)snprintf(want, sizeof(want), "%08x\n", crc32c(text, (size_t)(check - text)));
	return strcmp(check + 6, want) == 0;
}

int export_get_counts(const char *dir, struct export_counts *c, struct err_detail *why)
{
	char path[PATHS_MAX], text[TEXT_BYTES];

	if (paths_join(path, dir, "EXPORT"))
		return err_set(why, ERR_TOO_BIG, "the path of the export is too long");
	FILE *file = fopen(path, "re");
	if (!file)
		return err_set(why, ERR_INPUT, "%s is no export of espcap spool export: %s", dir,
			strerror(errno));
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	(void)fclose(file);
	if (strncmp(text, head, strlen(head)) == 0 &&
		strtoul(text + strlen(head), NULL, 10) > EXPORT_VERSION)
		return err_set(why, ERR_SPOOL_FORMAT,
			"%s was made by a newer espcap; import it with that version", dir);
	return parse(text, c) ? 0 : err_set(why, ERR_INPUT, "%s is damaged; copy it again", path);
}

/* --- writing --- */

void export_remove(const char *dir)
{
	static const char *const files[] = { "EXPORT.new", "EXPORT", "rec", "loss", "pattern.new",
		"pattern" };
	char path[PATHS_MAX];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (!paths_join(path, dir, files[i]))
			(void)unlink(path);
	(void)rmdir(dir);
}

int export_open(struct export_file *x, const char *dir, const char *name)
{
	char path[PATHS_MAX];

	*x = (struct export_file){ .file = NULL };
	buf_init(&x->text, FRAME_RAW_MAX);
	buf_init(&x->packed, FRAME_RAW_MAX + FRAME_RAW_MAX / 64);
	int err = paths_join(path, dir, name);
	if (!err)
		err = frame_coder_new(&x->coder);
	if (err)
		return err;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	x->file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (fd >= 0 && !x->file)
		(void)close(fd);
	return x->file ? 0 : ERR_SYS;
}

static int write_frame(struct export_file *x)
{
	uint8_t packed[FRAME_HEADER];

	if (!x->h.count)
		return 0;
	buf_reset(&x->packed);
	int err = frame_compress(x->coder, x->text.data, x->text.len, &x->packed, &x->h);
	if (err)
		return err;
	frame_pack(&x->h, packed);
	if (fwrite(packed, 1, sizeof(packed), x->file) != sizeof(packed) ||
		fwrite(x->packed.data, 1, x->packed.len, x->file) != x->packed.len)
		return ERR_SYS;
	x->records += x->h.count;
	x->bytes += sizeof(packed) + x->packed.len;
	x->h.count = 0;
	buf_reset(&x->text);
	return 0;
}

static bool continues(const struct export_file *x, const struct export_record *r)
{
	const struct frame_header *h = &x->h;

	return h->count && h->run == r->run && h->kind == r->kind && h->flags == r->flags &&
	       h->first_seq + h->count == r->seq && h->count < FRAME_COUNT_MAX &&
	       x->text.len < FRAME_RAW_CLOSE;
}

int export_add(struct export_file *x, const struct export_record *r)
{
	struct frame_header *h = &x->h;
	int err = continues(x, r) ? 0 : write_frame(x);

	if (err)
		return err;
	if (!h->count)
		*h = (struct frame_header){ .kind = r->kind,
			.flags = r->flags,
			.first_seq = r->seq,
			.run = r->run,
			.min_time_ns = r->time_ns,
			.max_time_ns = r->time_ns };
	h->count++;
	h->min_time_ns = r->time_ns < h->min_time_ns ? r->time_ns : h->min_time_ns;
	h->max_time_ns = r->time_ns > h->max_time_ns ? r->time_ns : h->max_time_ns;
	err = buf_add(&x->text, r->text, r->len);
	return err ? err : buf_adds(&x->text, "\n");
}

int export_close(struct export_file *x)
{
	int err = x->file ? write_frame(x) : 0;

	if (x->file) {
		if (!err && (fflush(x->file) != 0 || fsync(fileno(x->file)) != 0))
			err = ERR_SYS;
		int saved = errno;
		(void)fclose(x->file);
		errno = saved;
	}
	x->file = NULL;
	frame_coder_free(x->coder);
	x->coder = NULL;
	buf_done(&x->text);
	buf_done(&x->packed);
	return err;
}

/* --- reading --- */

static int cut(FILE *file)
{
	return ferror(file) ? ERR_SYS : ERR_INPUT;
}

int export_next(FILE *file, struct frame_coder *coder, struct buf *value, struct buf *text,
	struct frame_header *h)
{
	const uint8_t *payload;

	buf_reset(value);
	int err = buf_reserve(value, FRAME_HEADER);
	if (err)
		return err;
	size_t n = fread(value->data, 1, FRAME_HEADER, file);
	if (n == 0 && feof(file))
		return ERR_END;
	if (n != FRAME_HEADER)
		return cut(file);
	value->len = n;
	err = frame_unpack_header(value->data, n, h);
	if (!err)
		err = buf_reserve(value, h->stored_len);
	if (!err && fread(value->data + n, 1, h->stored_len, file) != h->stored_len)
		return cut(file);
	if (!err)
		err = frame_unpack(value->data, n + h->stored_len, h, &payload);
	if (!err)
		err = frame_expand(coder, h, payload, text);
	value->len = err ? 0 : n + h->stored_len;
	return err == ERR_FRAME_DAMAGED ? ERR_INPUT : err;
}
