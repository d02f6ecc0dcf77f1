/* request.c -- what `espcap dead` asks of whoever holds ship.lock. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crc32c.h"
#include "record_id.h"

enum { TEXT_MAX = 65536 };
static const char head[] = "espcap request 1\n";

bool request_means(const struct request *r, const struct dead_line *d)
{
	bool named = r->nids == 0;

	for (size_t i = 0; i < r->nids && !named; i++)
		named = r->ids[i].run == d->run && r->ids[i].seq == d->seq;
	return named && d->time_ns < r->before_ns &&
	       (!r->type[0] || (strlen(r->type) == d->type.len &&
				       memcmp(r->type, d->type.p, d->type.len) == 0));
}

static int path_of(const struct spool *spool, char path[PATHS_MAX])
{
	return paths_join(path, spool->dir, "request");
}

bool request_is_there(const struct spool *spool)
{
	char path[PATHS_MAX];

	return !path_of(spool, path) && access(path, F_OK) == 0;
}

/* --- writing --- */

static int write_text(const struct request *r, struct buf *out)
{
	(void)buf_printf(out, "%saction %s\nuntil %llu\nloss %llu\nbefore %lld\ntype %s\n", head,
		r->action == REQUEST_PURGE ? "purge" : "retry", (unsigned long long)r->until,
		(unsigned long long)r->loss_after, (long long)r->before_ns, r->type);
	for (size_t i = 0; i < r->nids; i++) {
		char id[RECORD_ID_LEN];
		record_id_write(r->ids[i].run, r->ids[i].seq, id);
		(void)buf_printf(out, "id %.*s\n", RECORD_ID_LEN, id);
	}
	if (!out->failed)
		(void)buf_printf(out, "check %08x\n", crc32c(out->data, out->len));
	return out->failed ? ERR_NOMEM : 0;
}

static int write_new(const char *path, const struct buf *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0660);

	if (fd < 0)
		return ERR_SPOOL_IO;
	bool good = write(fd, text->data, text->len) == (ssize_t)text->len && fsync(fd) == 0;
	int saved = errno;
	good = close(fd) == 0 && good;
	errno = saved;
	return good ? 0 : ERR_SPOOL_IO;
}

/* A link is made only where there is none: two who ask at once do not lose one of the requests. */
static int put(const struct spool *spool, const struct buf *text)
{
	char path[PATHS_MAX], beside[PATHS_MAX + 16];

	if (path_of(spool, path))
		return ERR_TOO_BIG;
	(void)snprintf(beside, sizeof(beside), "%s.%ld", path, (long)getpid());
	int err = write_new(beside, text);
	if (!err && link(beside, path) != 0)
		err = errno == EEXIST ? ERR_AGAIN : ERR_SPOOL_IO;
	int saved = errno;
	(void)unlink(beside);
	errno = saved;
	return err ? err : paths_sync(spool->dir);
}

int request_put(const struct spool *spool, const struct request *r, struct err_detail *why)
{
	struct buf text;

	buf_init(&text, TEXT_MAX);
	int err = write_text(r, &text);
	if (!err)
		err = put(spool, &text);
	buf_done(&text);
	if (err == ERR_AGAIN)
		return err_set(
			why, err, "%s has a request already, which is not done yet", spool->dir);
	return err ? err_set(why, err == ERR_SPOOL_IO && errno == EACCES ? ERR_PERMISSION : err,
			     "cannot write %s/request: %s", spool->dir,
			     err == ERR_SPOOL_IO ? strerror(errno) : err_text(err))
		   : 0;
}

/* --- reading --- */

static bool number(const char *text, const char *key, long long *value)
{
	const char *at = strstr(text, key);

	*value = at ? strtoll(at + strlen(key), NULL, 10) : -1;
	return at && *value >= 0;
}

static bool parse_ids(const char *text, struct request *r)
{
	for (const char *at = text; (at = strstr(at, "\nid ")); at++) {
		struct request_id *id = &r->ids[r->nids];
		if (r->nids == REQUEST_IDS_MAX || record_id_parse(at + 4, &id->run, &id->seq) != 0)
			return false;
		r->nids++;
	}
	return true;
}

static bool parse(const char *text, struct request *r)
{
	const char *check = strstr(text, "\ncheck "), *type = strstr(text, "\ntype ");
	long long until, loss_after, before;
	char want[16];

	*r = (struct request){ 0 };
	if (strncmp(text, head, strlen(head)) != 0 || !check || !type ||
		!number(text, "\nuntil ", &until) || !number(text, "\nloss ", &loss_after) ||
		!number(text, "\nbefore ", &before))
		return false;
	check++;
	(void)snprintf(want, sizeof(want), "%08x\n", crc32c(text, (size_t)(check - text)));
	size_t len = strcspn(type + 6, "\n");
	if (strcmp(check + 6, want) != 0 || len > DEAD_TYPE_MAX)
		return false;
	r->action = strstr(text, "\naction purge\n") ? REQUEST_PURGE : REQUEST_RETRY;
	r->until = (uint64_t)until;
	r->loss_after = (uint64_t)loss_after;
	r->before_ns = before;
	memcpy(r->type, type + 6, len);
	return parse_ids(text, r);
}

int request_read(const struct spool *spool, struct request *r)
{
	char path[PATHS_MAX];
	char *text = malloc(TEXT_MAX);
	int fd = -1;

	if (!text || path_of(spool, path)) {
		free(text);
		return ERR_NOMEM;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	int err = fd >= 0 ? 0 : errno == ENOENT ? ERR_END : ERR_SPOOL_IO;
	ssize_t n = fd >= 0 ? read(fd, text, TEXT_MAX - 1) : 0;
	if (n < 0)
		err = ERR_SPOOL_IO;
	if (!err) {
		text[n] = '\0';
		err = parse(text, r) ? 0 : ERR_INPUT;
	}
	if (fd >= 0)
		(void)close(fd);
	free(text);
	return err;
}

int request_remove(const struct spool *spool)
{
	char path[PATHS_MAX];

	if (path_of(spool, path))
		return ERR_TOO_BIG;
	if (unlink(path) != 0 && errno != ENOENT)
		return ERR_SPOOL_IO;
	return paths_sync(spool->dir);
}

int request_reject(const struct spool *spool)
{
	char path[PATHS_MAX], to[PATHS_MAX];

	if (path_of(spool, path))
		return ERR_TOO_BIG;
	int err = spool_quarantine(spool, "request", to);
	if (err)
		return err;
	return rename(path, to) == 0 ? paths_sync(spool->dir) : ERR_SPOOL_IO;
}
