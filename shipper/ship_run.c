/* ship_run.c -- starting the shipper and ending it: what it opens, signals, the exit code. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ship.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ballast.h"
#include "carry.h"
#include "clock.h"
#include "denied.h"
#include "limits.h"
#include "ship_internal.h"
#include "sink_file.h"

static void on_signal(uv_signal_t *signal, int number)
{
	struct ship *s = signal->data;

	(void)number;
	if (s->stopping) /* the second one ends at once; all that is committed stays */
		_Exit(1);
	s->stopping = true;
	if (s->conf.linger_ms > LINGER_COMPANY_MS)
		s->flush_to = order_chain_end(s);
	s->progress_ms = ship_now_ms();
	ship_wake(s);
}

static int open_queue(
	struct ship *s, unsigned i, const char *name, enum ack_chain_id id, struct ack *all)
{
	struct queue *q = &s->queues[i];
	struct ack_chain *ack = &all->chain[id];

	q->name = name;
	q->id = id;
	int err = reader_new(&s->spool, name, &q->reader);
	if (err)
		return err;
	history_recover(s, q, ack);
	for (unsigned r = 0; r < ack->nranges; r++)
		ack_count_range(&s->at_start[i], &ack->ranges[r]);
	s->at_start[i].indexed += ack->counts.indexed;
	s->at_start[i].already_there += ack->counts.already_there;
	s->at_start[i].dead += ack->counts.dead;
	s->at_start[i].lost += ack->counts.lost;
	s->at_start[i].failure_store += ack->counts.failure_store;
	return window_init(&q->window, ack);
}

/* Names the newest segment that we may not read. */
static int deny_segments(struct ship *s, struct err_detail *why)
{
	char folder[PATHS_MAX], path[PATHS_MAX];
	const uint64_t *seqs;

	for (size_t i = reader_segments(s->queues[QUEUE_REC].reader, &seqs); i-- > 0;)
		if (!paths_segment(folder, s->spool.dir, "rec", seqs[i]) &&
			!paths_join(path, folder, "data.mdb") && access(path, R_OK) != 0)
			return denied_set(why, "read", path);
	return err_set(why, ERR_PERMISSION, "cannot read the spool %s", s->spool.dir);
}

static bool is_blank(const struct ack *ack)
{
	bool blank = true;

	for (unsigned i = 0; i < ACK_CHAINS; i++)
		blank = blank && !ack->chain[i].frontier && !ack->chain[i].nranges;
	return blank;
}

static int open_folder(struct ship *s, struct err_detail *why)
{
	int err = carry_choose_spool(s, why);
	mode_t mask = umask(*s->own_dir ? 0077 : 0027);

	if (!err)
		err = spool_open(&s->spool, s->conf.spool, s->conf.nin_files > 0, why);
	(void)umask(mask);
	return err;
}

static int open_spool(struct ship *s, struct err_detail *why)
{
	struct ack ack;
	uint64_t first, last = 0;
	struct frame_totals totals;

	int err = open_folder(s, why);
	if (!err)
		err = spool_lock_ship(&s->spool, 0, &s->lock, why); /* (I6) */
	if (!err)
		ballast_tend(s->spool.dir);
	if (!err)
		err = ack_open(&s->ack_slots, s->spool.dir, s->spool.epoch, true, why);
	if (!err)
		err = first_open(&s->first_slots, s->spool.dir, s->spool.epoch, true, why);
	if (err)
		return err;
	if (s->spool.recovered)
		log_warn("%s/SPOOL is damaged; shipping goes on, as the segments say which spool "
			 "it is",
			s->spool.dir);
	ack_read(&s->ack_slots, &ack, NULL);
	bool lost = is_blank(&ack);
	err = open_queue(s, QUEUE_REC, "rec", ACK_REC, &ack);
	if (!err)
		err = open_queue(s, QUEUE_LOSS, "loss", ACK_LOSS, &ack);
	if (!err)
		err = open_queue(s, QUEUE_PARKED, "parked", ACK_PARKED, &ack);
	if (err)
		return err_set(why, err, "out of memory for the spool");
	s->letters = ack.chain[ACK_DEAD];
	if (lost)
		history_recover_letters(s);
	order_begin(s); /* before letters are heeded: their records may be the head's */
	err = letters_recover(s);
	if (err && err != ERR_PERMISSION)
		return err_set(why, err, "cannot read the dead letters of %s: %s", s->spool.dir,
			err_text(err));
	if (!err)
		err = reader_extent(s->queues[QUEUE_REC].reader, &first, &last, &totals);
	if (err == ERR_PERMISSION)
		return deny_segments(s, why);
	if (err == ERR_SPOOL_IO || err == ERR_AGAIN || err == ERR_NOMEM)
		return err_set(
			why, err, "cannot read the spool %s: %s", s->spool.dir, err_text(err));
	if (err || last < ack_highest(&ack.chain[ACK_REC])) /* nothing that was sent before */
		last = ack_highest(&ack.chain[ACK_REC]);
	err = index_patterns_load(
		&s->patterns, &s->spool, s->index, s->conf.es.data_stream, last + 1, why);
	if (!err && s->patterns.damaged)
		log_warn("%s/pattern is damaged; records that were sent before under another "
			 "--index may be stored a second time",
			s->spool.dir);
	return err;
}

static unsigned form_of(const struct ship_conf *c)
{
	if (!c->out_file)
		return BATCH_BULK;
	return (c->out_bulk ? BATCH_BODIES : BATCH_NDJSON) |
	       (c->out_gzip ? BATCH_GZIP | BATCH_SIZED : 0);
}

static int open_maker(struct ship *s, struct err_detail *why)
{
	struct batch_maker_conf conf = {
		.form = form_of(&s->conf),
		.records_max = s->conf.chunk < BATCH_RECORDS_MAX ? s->conf.chunk
								 : BATCH_RECORDS_MAX,
		.text_max = s->conf.batch_bytes,
		.gap = gap_settle,
		.gap_arg = s,
		.fate = park_fate,
		.patterns = &s->patterns,
		.letters_settled = &s->letters.frontier,
	};

	int err = batch_maker_new(&conf, &s->maker);
	for (unsigned i = 0; i < BATCHES && !err; i++) {
		s->batches[i].seqs = malloc(BATCH_RECORDS_MAX * sizeof(uint64_t));
		s->batches[i].id_seqs = malloc(BATCH_RECORDS_MAX * sizeof(uint64_t));
		err = s->batches[i].seqs && s->batches[i].id_seqs ? 0 : ERR_NOMEM;
	}
	return err ? err_set(why, err, "out of memory for batches") : 0;
}

/* What is committed already keeps its index, so that it is stored once. */
static size_t first_pattern(const struct ship *s)
{
	const struct index_patterns *p = &s->patterns;
	size_t first = index_patterns_at(p, s->queues[QUEUE_REC].window.state.frontier + 1);

	if (first + 1 < p->count)
		log_info("what was committed before keeps its index: records up to %llu go to %s, "
			 "not to %s",
			(unsigned long long)p->items[first + 1].from - 1, p->items[first].text,
			p->items[first + 1].text);
	return first;
}

/* Standard output, or what is there and neither a file nor a folder. */
static bool is_stream(const char *path)
{
	struct stat st;

	return strcmp(path, "-") == 0 ||
	       (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode));
}

static int open_file(struct ship *s, struct err_detail *why)
{
	const struct sink_file_conf conf = { .path = s->conf.out_file,
		.form = form_of(&s->conf),
		.gzip = s->conf.out_gzip,
		.rotate_bytes = s->conf.out_rotate_bytes,
		.rotate_ms = s->conf.out_rotate_ms };

	if (!is_stream(conf.path))
		return sink_file_open(s, &s->spool, &conf, &s->sink, why);
	if (conf.rotate_bytes || conf.rotate_ms)
		return err_set(why, ERR_USAGE, "%s is no file that could be rotated",
			strcmp(conf.path, "-") == 0 ? "standard output" : conf.path);
	return sink_stream_open(s, &s->loop, conf.path, conf.form, &s->sink, why);
}

static int open_sink(struct ship *s, struct err_detail *why)
{
	if (s->conf.out_file)
		return open_file(s, why);
	s->conf.es.patterns = &s->patterns;
	s->conf.es.first_pattern = first_pattern(s);
	return sink_es_open(s, &s->loop, &s->conf.es, &s->sink, why);
}

/* What was begun of it is closed by finish(). */
static int init_loop(struct ship *s, struct err_detail *why)
{
	(void)uv_timer_init(&s->loop, &s->timer);
	(void)uv_fs_event_init(&s->loop, &s->watch);
	s->timer.data = s->watch.data = s->on_int.data = s->on_term.data = s;
	int code = uv_signal_init(&s->loop, &s->on_int);
	if (!code)
		code = uv_signal_init(&s->loop, &s->on_term);
	return code ? err_set(why, ERR_SYS, "cannot watch for signals: %s", uv_strerror(code)) : 0;
}

static int start(struct ship *s, struct err_detail *why)
{
	uint64_t seed = 0;

	if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		seed = (uint64_t)clock_wall_ns();
	backoff_init(&s->backoff, s->conf.backoff_max_ms, seed);
	pace_init(&s->pace, s->conf.batch_bytes, s->conf.connections, (unsigned)s->conf.es.nnodes);
	if (s->conf.out_file || s->conf.start_large) /* a file has no link to find out about */
		pace_start_large(&s->pace);
	s->ids_wanted = IDS_FIRST;
	ceiling_init(&s->ceiling);
	s->brake.off = s->conf.brake_off;
	int err = init_loop(s, why);
	if (!err)
		err = index_pattern_expand(
			s->conf.index, s->conf.sensor, s->index, s->patterns.wide, why);
	if (!err)
		err = open_spool(s, why);
	if (!err && s->conf.nin_files)
		err = carry_open(s, why);
	if (!err)
		err = gate_begin(s, why);
	if (!err)
		err = open_maker(s, why);
	if (!err)
		err = open_sink(s, why);
	if (err)
		return err;
	limits_ship_write(&s->spool,
		&(struct limits_ship){ .dead_max = s->conf.dead_max ? s->conf.dead_max
								    : limits_dead_max(&s->spool),
			.dead_drop = s->conf.dead_drop });
	s->progress_ms = s->start_ms = ship_now_ms();
	for (unsigned i = 0; i < LANES && s->conf.linger_ms > LINGER_COMPANY_MS; i++)
		s->lanes[i].leaves_ms = s->start_ms; /* what is there has waited */
	(void)uv_signal_start(&s->on_int, on_signal, SIGINT);
	(void)uv_signal_start(&s->on_term, on_signal, SIGTERM);
	ship_wake(s);
	return 0;
}

static void close_handle(uv_handle_t *handle, void *arg)
{
	(void)arg;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static void finish(struct ship *s)
{
	s->ended = true;
	gate_tend(s, ship_now_ms());
	gate_end(s);
	if (s->sink)
		s->sink->close(s->sink);
	uv_walk(&s->loop, close_handle, NULL);
	(void)uv_run(&s->loop, UV_RUN_DEFAULT);
	(void)uv_loop_close(&s->loop);
	for (unsigned i = 0; i < QUEUES; i++) {
		reader_free(s->queues[i].reader);
		window_done(&s->queues[i].window);
	}
	for (unsigned i = 0; i < BATCHES; i++) {
		buf_done(&s->batches[i].body);
		free(s->batches[i].seqs);
		free(s->batches[i].id_seqs);
	}
	batch_maker_free(s->maker);
	free(s->told);
	chain_close(s->dead);
	chain_close(s->loss);
	chain_close(s->parked);
	letters_done(s);
	carry_close(s);
	slots_close(&s->ack_slots);
	slots_close(&s->first_slots);
	lock_drop(&s->lock);
}

/* What the run has come to, and the exit code for it. */
static int conclude(struct ship *s)
{
	if (s->gone) {
		log_error("the spool %s was deleted or moved while it was in use; ending",
			s->spool.dir);
		return 1;
	}
	int unsaved = progress_save(s);
	progress_trim(s);
	progress_report(s, true);
	uint64_t backlog = progress_backlog(s);

	if (unsaved)
		log_warn(
			"the acknowledgements could not be saved; some records will be sent again, "
			"under the same ids");
	if (s->failed)
		return 1;
	if (!s->conf.once)
		return 0;
	if (!s->drained && !s->stopping)
		log_error("gave up after %lld s without progress; %llu records stay in %s for the "
			  "next start",
			(long long)(s->conf.give_up_ms / 1000), (unsigned long long)backlog,
			s->spool.dir);
	int passed_over = carry_conclude(s);
	if (s->conf.report_fd < 0) /* espcap says it itself */
		progress_summary(s);
	if (s->stopping) /* a service that is told to stop has done its work */
		return s->conf.once ? 130 : 0;
	return s->drained && !s->dead_new && !s->lost_new && !passed_over && !carry_holds_letters(s)
		       ? 0
		       : 1;
}

int ship_run(const struct ship_conf *conf, struct err_detail *why)
{
	struct ship *s = calloc(1, sizeof(*s));
	int code = s ? uv_loop_init(&s->loop) : UV_ENOMEM;

	if (code) {
		log_error("cannot make an event loop: %s", uv_strerror(code));
		free(s);
		return 1;
	}
	s->conf = *conf;
	s->lock.fd = s->ack_slots.fd = s->first_slots.fd = s->gate.budget.slots.fd = -1;
	int err = start(s, why);
	if (err) {
		code = err == ERR_USAGE ? 2 : err == ERR_CONFIG ? 78 : 1;
		log_error("%s", why->text);
	} else {
		(void)uv_run(&s->loop, UV_RUN_DEFAULT);
		code = conclude(s);
	}
	bool spent = err ? s->own_is_new && s->lock.fd >= 0
			 : s->drained && *s->own_dir && !carry_holds_letters(s);
	finish(s);
	if (spent)
		carry_remove_spool(s);
	free(s);
	return code;
}
