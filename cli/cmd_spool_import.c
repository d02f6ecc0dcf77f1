/* cmd_spool_import.c -- espcap spool import: an export becomes a spool that can be shipped. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chain.h"
#include "command.h"
#include "export.h"
#include "log.h"
#include "looks.h"
#include "stats.h"

enum { GROUP_FRAMES = 32, GROUP_BYTES = 1 << 20, VALUE_MAX = FRAME_HEADER + FRAME_RAW_MAX };

/* Frames that follow each other in one run are committed together. */
struct group {
	struct chain_frame frames[GROUP_FRAMES];
	struct buf payloads; /* of all of them; never grows, since frames point into it */
	size_t count;
	uint64_t run, first, next;
};

struct job {
	const char *from, *dir;
	struct spool spool; /* under another name until it is whole */
	struct frame_coder *coder;
	struct buf value, text;
	struct meter meter;
	struct export_counts counts;
	uint64_t done;
	bool made; /* the spool under its other name: goes when the import fails */
};

static int commit(struct chain *c, struct group *g, struct err_detail *why)
{
	int err = g->count ? chain_import(c, g->frames, g->count, g->run, g->first, why) : 0;

	g->count = 0;
	buf_reset(&g->payloads);
	return err;
}

static int add(struct job *job, struct chain *c, struct group *g, const struct frame_header *h,
	struct err_detail *why)
{
	bool fits = g->count && g->run == h->run && g->next == h->first_seq &&
		    g->count < GROUP_FRAMES && g->payloads.len + h->stored_len <= GROUP_BYTES;
	int err = fits ? 0 : commit(c, g, why);

	if (err)
		return err;
	if (!g->count) {
		g->run = h->run;
		g->first = h->first_seq;
	}
	g->frames[g->count++] =
		(struct chain_frame){ .header = *h, .payload = g->payloads.data + g->payloads.len };
	err = buf_add(&g->payloads, job->value.data + FRAME_HEADER, h->stored_len);
	g->next = h->first_seq + h->count;
	job->done += h->count;
	meter_show(&job->meter, job->done);
	return err;
}

static int read_frames(struct job *job, FILE *file, const char *path, struct chain *c,
	uint64_t want, struct err_detail *why)
{
	struct group g = { .count = 0 };
	struct frame_header h;
	uint64_t before = job->done;

	buf_init(&g.payloads, GROUP_BYTES + FRAME_RAW_MAX);
	int err = buf_reserve(&g.payloads, g.payloads.max);
	while (!err && !(err = export_next(file, job->coder, &job->value, &job->text, &h)))
		err = add(job, c, &g, &h, why);
	if (err == ERR_END)
		err = job->done - before == want ? commit(c, &g, why) : ERR_INPUT;
	if (err == ERR_INPUT)
		(void)err_set(why, err, "%s is damaged or cut; copy it again", path);
	buf_done(&g.payloads);
	return err;
}

static int import_chain(
	struct job *job, const char *name, size_t map_size, uint64_t want, struct err_detail *why)
{
	struct chain_conf conf = { .name = name, .map_size = map_size };
	char path[PATHS_MAX];
	struct chain *c;

	if (!want)
		return 0;
	int err = paths_join(path, job->from, name);
	FILE *file = err ? NULL : fopen(path, "re");
	if (!file)
		return err_set(why, ERR_INPUT, "cannot read %s: %s", path, strerror(errno));
	err = chain_open(&job->spool, &conf, &c, why);
	if (!err) {
		err = read_frames(job, file, path, c, want, why);
		chain_close(c);
	}
	(void)fclose(file);
	return err;
}

static int copy_pattern(const struct job *job, struct err_detail *why)
{
	char from[PATHS_MAX], to[PATHS_MAX], text[65536];

	if (paths_join(from, job->from, "pattern") || paths_join(to, job->spool.dir, "pattern"))
		return err_set(why, ERR_TOO_BIG, "the path of the spool is too long");
	FILE *file = fopen(from, "re");
	if (!file)
		return errno == ENOENT ? 0
				       : err_set(why, ERR_INPUT, "cannot read %s: %s", from,
						 strerror(errno));
	size_t n = fread(text, 1, sizeof(text), file);
	(void)fclose(file);
	return paths_replace(to, text, n)
		       ? err_set(why, ERR_SPOOL_IO, "cannot write %s: %s", to, strerror(errno))
		       : 0;
}

static int import_all(struct job *job, struct err_detail *why)
{
	int err = frame_coder_new(&job->coder);

	if (err)
		return err_set(why, err, "out of memory");
	meter_begin(&job->meter, "imported", job->counts.rec + job->counts.loss, false);
	buf_init(&job->value, VALUE_MAX);
	buf_init(&job->text, FRAME_RAW_MAX);
	err = import_chain(job, "rec", CHAIN_MAP_DEFAULT, job->counts.rec, why);
	if (!err)
		err = import_chain(job, "loss", CHAIN_MAP_SMALL, job->counts.loss, why);
	if (!err)
		err = copy_pattern(job, why);
	meter_end(&job->meter);
	buf_done(&job->value);
	buf_done(&job->text);
	frame_coder_free(job->coder);
	if (!err && (rename(job->spool.dir, job->dir) != 0 || paths_sync_parent(job->dir)))
		err = err_set(why, ERR_SPOOL_IO, "cannot rename %s to %s: %s", job->spool.dir,
			job->dir, strerror(errno));
	return err;
}

/* Made under another name: an import that is interrupted is no spool. */
static int make(struct job *job, struct err_detail *why)
{
	char part[PATHS_MAX];

	int n = snprintf(part, sizeof(part), "%.*s.part",
		(int)(strlen(job->dir) - (job->dir[strlen(job->dir) - 1] == '/')), job->dir);
	if (n < 0 || (size_t)n >= sizeof(part))
		return err_set(why, ERR_TOO_BIG, "the path of the spool is too long");
	if (access(job->dir, F_OK) == 0)
		return err_set(why, ERR_INPUT, "%s is there already; name a new folder", job->dir);
	if (access(part, F_OK) == 0)
		return err_set(why, ERR_INPUT,
			"%s is there already, from an import that was interrupted; remove it",
			part);
	job->made = true;
	(void)snprintf(job->spool.dir, sizeof(job->spool.dir), "%s", part);
	return spool_open(&job->spool, part, true, why);
}

static int run_import(int argc, char **argv)
{
	struct job job = { .done = 0 };
	struct err_detail why = { "" };
	char rec[STATS_TEXT], loss[STATS_TEXT];

	int err = command_words(&command_spool_import, 2, argc, argv);
	if (err)
		return err;
	if (!argv[2][0])
		return command_wrong_usage(&command_spool_import);
	job.from = argv[1];
	job.dir = argv[2];
	err = export_get_counts(job.from, &job.counts, &why);
	if (!err)
		err = make(&job, &why);
	if (!err)
		err = import_all(&job, &why);
	if (err) {
		log_error("%s", *why.text ? why.text : err_text(err));
		if (job.made && spool_remove(&job.spool, &why)) {
			/* a folder that is named when it is in the way */
		}
		return 1;
	}
	(void)printf("%s records and %s loss documents in the spool %s\n",
		stats_count(job.counts.rec, rec), stats_count(job.counts.loss, loss), job.dir);
	return 0;
}

const struct command command_spool_import = { "spool import", "EXPORT NEWDIR",
	"make a spool of an export",
	"Makes a spool in a new folder of what spool export wrote, with the same _ids; then\n"
	"espcap-ship --spool NEWDIR ships it.\n",
	run_import };
