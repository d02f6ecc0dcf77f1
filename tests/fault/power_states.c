/* power_states.c -- tries what a power cut at each step of a log may leave on the disk.
 *
 * At each step: nothing of what is not durable, all of it, and parts of it by chance. States that
 * are the same, and of which the same is known, count once. They are numbered in the order in which
 * they come up, which depends on log and seed alone. A child looks at them, so that a crash or a
 * loop is a finding like others. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ack.h"
#include "power_check.h"
#include "power_letters.h"
#include "record_id.h"
#include "request.h"

enum {
	LIMIT_S = 60, /* of one state: far more than it needs */
	SECOND_LIMIT_S = 300,
	FINDINGS_MAX = 8, /* then it is known to be broken */
	AT_ONCE = 256,
	WRITER_EVERY = 16,
	EXIT_RED = 1,
	EXIT_USAGE = 2,
};

/* Shared with the children. */
struct shared {
	uint64_t number; /* of the state that is being looked at */
	uint64_t second; /* and of the cut during its recovery */
	uint64_t findings, seconds, second_states;
};

struct run {
	struct power_disk disk;
	struct power_known known;
	struct shared *shared;
	const char *log, *spool, *out, *work, *shim, *export, *whole;
	char scratch[64];
	uint64_t seed, budget, only, every, second_every, number;
	uint64_t ahead; /* states with an ack of a later moment */
	size_t map_size;
	uint64_t *hashes; /* of states that were met: an open table */
	size_t nhashes, room;
	struct draw {
		size_t moment;
		uint64_t number, seed;
		enum power_choice choice;
		size_t ack_of; /* 0, or the moment that `ack` is of */
	} draws[AT_ONCE];      /* not yet looked at */
	size_t ndraws;
};

/* --- which states --- */

static bool is_new(struct run *r, uint64_t hash)
{
	if (2 * r->nhashes >= r->room) {
		uint64_t *old = r->hashes;
		size_t n = r->room;
		r->room = n ? 2 * n : 4096;
		r->hashes = calloc(r->room, sizeof(*r->hashes));
		r->nhashes = 0;
		for (size_t i = 0; i < n; i++)
			if (old[i])
				(void)is_new(r, old[i]);
		free(old);
	}
	size_t i = hash % r->room;
	for (hash += !hash; r->hashes[i]; i = (i + 1) % r->room)
		if (r->hashes[i] == hash)
			return false;
	r->hashes[i] = hash;
	r->nhashes++;
	return true;
}

/* What must hold of a state depends on the moment only by this. */
static uint64_t phase(const struct run *r, size_t at)
{
	return 4 * power_known_learnt(&r->known, at) + 2U * (at >= r->known.made) +
	       (at > r->known.removing);
}

/* `at` has reached the moment of the cut. */
static void draw(
	struct run *r, const struct power_disk *at, enum power_choice choice, uint64_t seed)
{
	uint64_t hash = power_disk_cut(at, choice, seed, NULL) ^
			phase(r, at->reached) * UINT64_C(0x9e3779b97f4a7c15);

	if (is_new(r, hash))
		r->draws[r->ndraws++] = (struct draw){ at->reached, r->number++, seed, choice, 0 };
}

static uint64_t seed_of(const struct run *r, size_t moment, uint64_t i)
{
	uint64_t state = r->seed * UINT64_C(1000003) + moment;
	uint64_t first = power_random(&state);

	state = first + i;
	return power_random(&state) | 1;
}

/* --- looking at one --- */

static bool has_enough(const struct run *r)
{
	return r->shared->findings >= FINDINGS_MAX;
}

__attribute__((format(printf, 3, 4))) static void tell(
	struct run *r, const struct draw *d, const char *format, ...)
{
	const struct power_op *op = d->moment < r->disk.nops ? &r->disk.ops[d->moment] : NULL;
	static const char *const names[] = { "", "root", "create", "mkdir", "write", "size", "grow",
		"rename", "link", "unlink", "sync", "mark" };
	va_list args;

	r->shared->findings++;
	(void)printf("FAILED: state %" PRIu64, r->shared->number);
	if (r->shared->second)
		(void)printf(", its recovery cut in state %" PRIu64, d->number);
	(void)printf(", cut at step %zu (%s %s): ", d->moment, op ? names[op->kind] : "end",
		op && op->name ? op->name : "");
	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
	(void)printf("\n");
	(void)fflush(stdout);
}

static void make_state(const struct run *r, const struct draw *d, const char *root)
{
	struct power_image image;

	(void)power_disk_cut(&r->disk, d->choice, d->seed, &image);
	if (mkdir(root, 0755) != 0) {
		perror(root);
		_exit(EXIT_USAGE);
	}
	power_image_write(&image, root);
	power_image_free(&image);
}

/* `ack` as it was when everything up to a later moment was on the disk. */
static void put_later_ack(const struct run *r, size_t moment, const char *root)
{
	char path[PATHS_MAX];
	int node = -1;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s/ack", root, r->spool);
	f = fopen(path, "re+");
	for (size_t i = 0; f && i < moment; i++) {
		const struct power_op *op = &r->disk.ops[i];
		if (op->kind == POWER_CREATE && strcmp(op->name, "ack") == 0)
			node = op->child;
		if (op->kind == POWER_WRITE && op->node == node &&
			(fseek(f, (long)op->at, SEEK_SET) != 0 ||
				fwrite(op->data, op->len, 1, f) != 1))
			_exit(EXIT_USAGE);
	}
	if (f)
		(void)fclose(f);
}

/* Of the records that a server may have: by the ack, or because a ship may have sent them since. */
static void export_settled(const struct run *r, const struct draw *d, const char *root, FILE *out)
{
	struct power_letters l = { .known = &r->known, .moment = d->moment };
	struct slots slots;
	struct spool spool;
	char dir[PATHS_MAX], id[RECORD_ID_LEN + 1] = "";

	if (paths_join(dir, root, r->spool) || spool_open(&spool, dir, false, NULL) ||
		ack_open(&slots, dir, spool.epoch, false, NULL))
		return;
	ack_read(&slots, &l.ack, NULL);
	slots_close(&slots);
	for (size_t i = 0; i < r->known.chain[POWER_REC].count; i++) {
		const struct power_record *k = &r->known.chain[POWER_REC].records[i];
		bool settled = ack_covers(&l.ack.chain[ACK_REC], k->seq, k->seq);
		record_id_write(k->run, k->seq, id);
		if (settled && power_letters_stored(&l, k))
			(void)fprintf(out, "%s\n", id);
		else if (settled && !request_is_there(&spool) && power_letters_waits(&l, k))
			(void)fprintf(out, "%s maybe\n", id);
	}
}

/* For the programs themselves: the state, and the ids that a server has. */
static void export_state(const struct run *r, const struct draw *d)
{
	char root[PATHS_MAX], list[PATHS_MAX];

	(void)snprintf(root, sizeof(root), "%s/%" PRIu64, r->export, d->number);
	(void)snprintf(list, sizeof(list), "%s/%" PRIu64 ".settled", r->export, d->number);
	make_state(r, d, root);
	FILE *out = fopen(list, "we");
	if (!out)
		_exit(EXIT_USAGE);
	export_settled(r, d, root, out);
	(void)fclose(out);
}

static void second_cuts(struct run *r, const struct draw *d, const char *root);

static void look_at(struct run *r, const struct draw *d, const char *root)
{
	char why[POWER_WHY] = "";
	struct power_case c = { .known = &r->known,
		.moment = d->moment,
		.root = root,
		.out = r->out,
		.map_size = r->map_size,
		.by_writer = d->number % WRITER_EVERY == 7,
		.ack_ahead = d->ack_of != 0 };

	(void)alarm(LIMIT_S);
	make_state(r, d, root);
	if (d->ack_of)
		put_later_ack(r, d->ack_of, root);
	if (!power_check(&c, why))
		tell(r, d, "%s", why);
	power_remove_tree(root);
	/* a second look would not know what is damaged */
	if (r->second_every && !d->ack_of && d->number % r->second_every == 0 &&
		d->moment < r->known.damaged) {
		(void)alarm(SECOND_LIMIT_S);
		second_cuts(r, d, root);
	}
}

/* --- children --- */

static bool is_wanted(const struct run *r, const struct draw *d)
{
	return r->only == UINT64_MAX || d->number == r->only;
}

static _Noreturn void child(struct run *r, size_t from)
{
	char root[PATHS_MAX];

	(void)snprintf(root, sizeof(root), "%s/state", r->scratch);
	power_remove_tree(root); /* of a child that crashed */
	for (size_t i = from; i < r->ndraws; i++) {
		const struct draw *d = &r->draws[i];
		r->shared->number = d->number;
		if (!is_wanted(r, d) || has_enough(r))
			continue;
		power_disk_reach(&r->disk, d->moment);
		look_at(r, d, root);
		if (r->export && (r->only != UINT64_MAX || d->number % r->every == 0))
			export_state(r, d);
	}
	(void)fflush(stdout);
	_exit(0);
}

static bool any_wanted(const struct run *r)
{
	for (size_t i = 0; i < r->ndraws; i++)
		if (is_wanted(r, &r->draws[i]))
			return true;
	return false;
}

/* Looks at all states drawn, in a child, or in several when one dies. A child goes on to the moment
 * of each state by itself. */
static void look(struct run *r)
{
	size_t from = 0;
	int status;

	while (from < r->ndraws && any_wanted(r) && !has_enough(r)) {
		(void)fflush(stdout);
		r->shared->second = 0;
		pid_t pid = fork();
		if (pid == 0)
			child(r, from);
		if (pid < 0 || waitpid(pid, &status, 0) != pid) {
			perror("power");
			exit(EXIT_USAGE);
		}
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			break;
		while (r->draws[from].number != r->shared->number)
			from++;
		r->shared->second = 0;
		if (WIFEXITED(status))
			tell(r, &r->draws[from], "exit %d", WEXITSTATUS(status));
		else
			tell(r, &r->draws[from], "%s",
				WTERMSIG(status) == SIGALRM ? "it does not come to an end"
							    : strsignal(WTERMSIG(status)));
		from++;
	}
	r->ndraws = 0;
}

/* --- a second cut, while what the first one left is being put right --- */

static void run_recovery(const struct run *r, const char *root, const char *log)
{
	char spool[PATHS_MAX], map[32];
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		(void)snprintf(spool, sizeof(spool), "%s/%s", root, r->spool);
		(void)snprintf(map, sizeof(map), "%zu", r->map_size);
		(void)setenv("LD_PRELOAD", r->shim, 1);
		(void)setenv("ESPCAP_POWER_ROOT", root, 1);
		(void)setenv("ESPCAP_POWER_LOG", log, 1);
		(void)execl(r->work, r->work, "recover", spool, map, (char *)NULL);
		_exit(EXIT_USAGE);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
		(void)printf("FAILED: a recovery ended with %d\n", status);
		(void)fflush(stdout);
		_exit(EXIT_USAGE);
	}
}

static void cut_recovery(struct run *second)
{
	char root[PATHS_MAX];
	struct power_disk *d = &second->disk;

	(void)snprintf(root, sizeof(root), "%s/second", second->scratch);
	for (size_t i = 0; i <= d->nops && !has_enough(second); i++) {
		power_disk_reach(d, i);
		draw(second, d, POWER_NONE, 1);
		draw(second, d, POWER_ALL, 1);
		draw(second, d, POWER_CHANCE, seed_of(second, i, 1));
		for (size_t s = 0; s < second->ndraws; s++) {
			second->shared->second = second->draws[s].number + 1;
			look_at(second, &second->draws[s], root);
		}
		second->ndraws = 0;
	}
	second->shared->second_states += second->number;
	second->shared->seconds++;
	second->shared->second = 0;
}

static void second_cuts(struct run *r, const struct draw *d, const char *root)
{
	struct run second = { .shared = r->shared,
		.spool = r->spool,
		.map_size = r->map_size,
		.seed = r->seed,
		.only = UINT64_MAX };
	char log[PATHS_MAX];
	struct power_image start;

	memcpy(second.scratch, r->scratch, sizeof(second.scratch));
	(void)snprintf(log, sizeof(log), "%s/second.log", r->scratch);
	(void)unlink(log);
	make_state(r, d, root);
	power_image_load(&start, root);
	run_recovery(r, root, log);
	power_disk_open(&second.disk, log, &start);
	power_known_learn(&second.known, &second.disk, r->spool, r->scratch);
	cut_recovery(&second);
	power_known_free(&second.known);
	power_disk_close(&second.disk);
	power_image_free(&start);
	free(second.hashes);
	power_remove_tree(root);
}

/* --- the whole log --- */

static size_t changes(const struct power_disk *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->nops; i++)
		n += power_op_changes(&d->ops[i]);
	return n;
}

/* States are drawn on a disk that is ahead, and looked at when there are enough. */
static void cut_everywhere(struct run *r)
{
	struct power_disk ahead;
	size_t n = changes(&r->disk) + 1;
	uint64_t more = r->budget > 3 * n ? r->budget / n - 2 : 1;

	if (more > AT_ONCE / 2)
		more = AT_ONCE / 2;
	power_disk_open(&ahead, r->log, &r->disk.start);
	for (size_t i = 0; i <= ahead.nops && !has_enough(r); i++) {
		if (r->ndraws + more + 2 > AT_ONCE) {
			look(r);
			power_disk_reach(&r->disk, i);
		}
		power_disk_reach(&ahead, i);
		/* where states are large, not at each step: which ones, the seed says */
		if (r->budget < 2 * n && seed_of(r, i, UINT64_MAX) % (2 * n) > r->budget)
			continue;
		draw(r, &ahead, POWER_NONE, 1);
		draw(r, &ahead, POWER_ALL, 1);
		for (uint64_t k = 1; k <= more; k++)
			draw(r, &ahead, POWER_CHANCE, seed_of(r, i, k));
	}
	look(r);
	power_disk_close(&ahead);
}

/* F35: commits are undone, and an ack that covers them is not. */
static void cut_commits_behind_ack(struct run *r)
{
	const struct power_slots *acks = &r->known.slots[POWER_ACK];

	if (!acks->count || r->known.removing != POWER_NEVER || has_enough(r))
		return;
	power_disk_close(&r->disk);
	power_disk_open(&r->disk, r->log, NULL);
	for (size_t i = 0; i < r->known.nlearnt; i++) {
		size_t moment = r->known.learnt[i];
		uint64_t state = r->seed + i;
		const struct power_gen *g = &acks->gens[power_random(&state) % acks->count];
		if (moment < acks->gens[0].durable || g->written < moment)
			continue;
		r->draws[r->ndraws++] =
			(struct draw){ moment, r->number++, 1, POWER_ALL, g->written + 1 };
		r->ahead++;
		if (r->ndraws == AT_ONCE)
			look(r);
	}
	look(r);
}

static bool log_is_whole(struct run *r)
{
	struct power_image image;

	power_disk_reach(&r->disk, r->disk.nops);
	(void)power_disk_cut(&r->disk, POWER_ALL, 1, &image);
	bool same = power_image_same(&image, r->whole);
	power_image_free(&image);
	if (!same)
		(void)printf("FAILED: the log does not give the folder that the workload left\n");
	return same;
}

static void options(struct run *r, int argc, char **argv)
{
	static const struct option names[] = { { "log", 1, NULL, 'l' }, { "spool", 1, NULL, 'd' },
		{ "map", 1, NULL, 'm' }, { "seed", 1, NULL, 's' }, { "states", 1, NULL, 'n' },
		{ "state", 1, NULL, 'o' }, { "export", 1, NULL, 'x' }, { "every", 1, NULL, 'e' },
		{ "second", 1, NULL, '2' }, { "work", 1, NULL, 'w' }, { "shim", 1, NULL, 'p' },
		{ "whole", 1, NULL, 'f' }, { "out", 1, NULL, 'u' }, { NULL, 0, NULL, 0 } };

	*r = (struct run){ .spool = "spool", .seed = 1, .only = UINT64_MAX, .every = UINT64_MAX };
	for (int o; (o = getopt_long(argc, argv, "", names, NULL)) != -1;) {
		uint64_t n = o == '?' ? 0 : strtoull(optarg, NULL, 10);
		const char **text = o == 'l'   ? &r->log
				    : o == 'd' ? &r->spool
				    : o == 'x' ? &r->export
				    : o == 'w' ? &r->work
				    : o == 'p' ? &r->shim
				    : o == 'f' ? &r->whole
				    : o == 'u' ? &r->out
					       : NULL;
		uint64_t *number = o == 's'   ? &r->seed
				   : o == 'n' ? &r->budget
				   : o == 'o' ? &r->only
				   : o == 'e' ? &r->every
				   : o == '2' ? &r->second_every
					      : NULL;
		if (text)
			*text = optarg;
		else if (number)
			*number = n;
		else if (o == 'm')
			r->map_size = n;
		else
			exit(EXIT_USAGE);
	}
	if (!r->log || !r->map_size) {
		(void)fprintf(stderr, "usage: power_states --log FILE --map BYTES [--spool NAME] "
				      "[--seed N] [--states N] [--state N]\n"
				      "\t[--export DIR --every N] [--second N --work PROGRAM "
				      "--shim LIBRARY] [--whole DIR] [--out NAME]\n");
		exit(EXIT_USAGE);
	}
}

int main(int argc, char **argv)
{
	static struct run r;

	options(&r, argc, argv);
	(void)snprintf(r.scratch, sizeof(r.scratch), "/dev/shm/espcap-power-XXXXXX");
	r.shared = mmap(
		NULL, sizeof(*r.shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r.shared == MAP_FAILED || !mkdtemp(r.scratch)) {
		perror("power");
		return EXIT_USAGE;
	}
	power_disk_open(&r.disk, r.log, NULL);
	power_known_learn(&r.known, &r.disk, r.spool, r.scratch);
	/* memory stays with a child: giving it back for each state costs more than looking */
	(void)mallopt(M_MMAP_THRESHOLD, 1 << 30);
	(void)mallopt(M_TRIM_THRESHOLD, 1 << 30);
	cut_everywhere(&r);
	bool whole = !r.whole || has_enough(&r) || log_is_whole(&r);
	cut_commits_behind_ack(&r);
	uint64_t findings = r.shared->findings + !whole;
	(void)printf("%" PRIu64 " states of %zu steps, %" PRIu64
		     " of them with commits undone behind "
		     "their ack; %" PRIu64 " recoveries cut in %" PRIu64 " states; %zu records, "
		     "%zu letters, %zu loss documents, %zu parked; %" PRIu64
		     " records given up; seed %" PRIu64 ": %" PRIu64 " findings%s\n",
		r.number, r.disk.nops, r.ahead, r.shared->seconds, r.shared->second_states,
		r.known.chain[POWER_REC].count, r.known.chain[POWER_DEAD].count,
		r.known.chain[POWER_LOSS].count, r.known.chain[POWER_PARKED].count,
		r.known.given_up, r.seed, findings,
		has_enough(&r) ? ", and no further states" : "");
	power_remove_tree(r.scratch);
	power_known_free(&r.known);
	power_disk_close(&r.disk);
	free(r.hashes);
	return findings ? EXIT_RED : 0;
}
