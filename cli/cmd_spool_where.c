/* cmd_spool_where.c -- espcap spool where: what has become of one record. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ack.h"
#include "clock.h"
#include "command.h"
#include "log.h"
#include "reader.h"
#include "record_id.h"
#include "spool.h"

struct question {
	uint64_t seq, run;
	bool by_id; /* the run is known */
};

static bool parse(const char *text, struct question *q)
{
	char *end;

	*q = (struct question){ 0 };
	if (strlen(text) == RECORD_ID_LEN && record_id_parse(text, &q->run, &q->seq) == 0) {
		q->by_id = true;
		return q->seq > 0;
	}
	errno = 0;
	q->seq = strtoull(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && q->seq > 0;
}

static void read_slots(const struct spool *spool, struct ack *ack, struct first *first)
{
	struct slots slots;

	if (ack_open(&slots, spool->dir, spool->epoch, false, NULL))
		slots.fd = -1;
	ack_read(&slots, ack, NULL);
	slots_close(&slots);
	if (first_open(&slots, spool->dir, spool->epoch, false, NULL))
		slots.fd = -1;
	first_read(&slots, first);
	slots_close(&slots);
}

/* Where a line of a frame begins; lines are counted by the frame's own check. */
static const char *line_of(const struct reader_frame *f, uint64_t seq, size_t *len)
{
	const char *line = f->text, *end = f->text + f->header.raw_len;

	for (uint64_t s = f->header.first_seq; s < seq; s++)
		line = (const char *)memchr(line, '\n', (size_t)(end - line)) + 1;
	*len = (size_t)((const char *)memchr(line, '\n', (size_t)(end - line)) - line);
	return line;
}

/* Is there a dead letter of the record? Prints it. */
static bool is_dead(const struct spool *spool, const char id[RECORD_ID_LEN])
{
	struct reader *reader;
	struct reader_frame f;
	uint64_t from = 1;
	bool found = false;
	char start[RECORD_ID_LEN + 16];

	(void)snprintf(start, sizeof(start), "{\"_id\":\"%.*s\"", RECORD_ID_LEN, id);
	if (reader_new(spool, "dead", &reader))
		return false;
	while (!found && reader_next(reader, from, &f) == 0) {
		uint64_t end = f.header.first_seq + f.header.count;
		for (uint64_t seq = f.header.first_seq; seq < end && !found; seq++) {
			size_t len;
			const char *line = line_of(&f, seq, &len);
			found = len > strlen(start) && memcmp(line, start, strlen(start)) == 0;
			if (found)
				(void)printf("dead letter: %.*s\n", (int)len, line);
		}
		from = end;
	}
	reader_free(reader);
	return found;
}

/* Prints what the spool still holds of the record. 1 when that is another run's. */
static int print_record(const struct question *q, const struct reader_frame *f)
{
	char time[CLOCK_ISO_LEN + 1], id[RECORD_ID_LEN];
	size_t len;

	if (q->by_id && f->header.run != q->run) {
		log_error("sequence %llu of this spool belongs to another run, so that id is not "
			  "of this spool",
			(unsigned long long)q->seq);
		return 1;
	}
	record_id_write(f->header.run, q->seq, id);
	clock_iso(f->header.min_time_ns, time);
	const char *line = line_of(f, q->seq, &len);
	(void)printf("sequence %llu, _id %.*s, in a frame from %s\n%.*s\n",
		(unsigned long long)q->seq, RECORD_ID_LEN, id, time, (int)len, line);
	return 0;
}

static const char *state_of(const struct ack *ack, const struct first *first, uint64_t seq)
{
	if (ack_covers(&ack->chain[ACK_REC], seq, seq))
		return "settled: indexed, already there, a dead letter, or named in a loss "
		       "document";
	if (seq < first->first_seq)
		return "given up when the spool was full; a loss document counts it";
	return "backlog: it waits to be shipped";
}

static int where(const struct spool *spool, const struct question *q)
{
	struct ack ack;
	struct first first;
	struct reader *reader;
	struct reader_frame f;
	uint64_t begin, last;
	struct frame_totals totals;
	char id[RECORD_ID_LEN];

	read_slots(spool, &ack, &first);
	int err = reader_new(spool, "rec", &reader);
	if (!err)
		err = reader_extent(reader, &begin, &last, &totals);
	if (err || q->seq > last) {
		log_error("there is no record %llu in %s yet", (unsigned long long)q->seq,
			spool->dir);
		reader_free(err == ERR_NOMEM ? NULL : reader);
		return 1;
	}
	(void)printf("%s\n", state_of(&ack, &first, q->seq));
	int code = 0;
	bool here = reader_next(reader, q->seq, &f) == 0 && f.header.first_seq <= q->seq;
	if (here)
		code = print_record(q, &f);
	else
		(void)printf("the spool holds it no longer\n");
	if (here || q->by_id) {
		record_id_write(here ? f.header.run : q->run, q->seq, id);
		(void)is_dead(spool, id);
	}
	reader_free(reader);
	return code;
}

static int run_where(int argc, char **argv)
{
	struct spool spool;
	struct question q;
	struct err_detail why = { "" };

	if (argc != 3 || argv[1][0] == '-')
		return command_wrong_usage(&command_spool_where);
	if (!parse(argv[2], &q)) {
		log_error(
			"\"%s\" is neither an _id of 26 characters nor a sequence number", argv[2]);
		return EXIT_USAGE;
	}
	if (spool_open(&spool, argv[1], false, &why)) {
		log_error("%s", why.text);
		return 1;
	}
	return where(&spool, &q);
}

const struct command command_spool_where = { "spool where", "DIR ID|SEQUENCE",
	"say what has become of one record",
	"Says whether it is settled, waits, was given up or is a dead letter, and prints what the\n"
	"spool still holds of it.\n",
	run_where };
