/* multiply.c -- makes one large capture out of small ones, in which no two copies are alike.
 *
 * usage: multiply PACKETS OUT.pcap IN...
 *
 * COPIES conversations run at a time, each a copy of one of the inputs at a place of its own, so
 * that neighbours in the output are different packets of different hosts, as on a network. What
 * varies from copy to copy stands in vary.c. Everything is derived from the number of the copy
 * by a hash: the same inputs always give the same output. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vary.h"

enum { COPIES = 16, INPUTS_MAX = 32, RECORDS_MAX = 100000, LENGTH_MAX = 262144 };
enum { GAP_MAX_NS = 50000000, BETWEEN_NS = 3000000 };

static const uint64_t start_ns = 1767312000000000000; /* 2026-01-02T00:00:00Z */

struct record {
	uint64_t gap_ns; /* since the record before */
	uint32_t captured, length;
	uint8_t *data;
};

struct input {
	struct record *records;
	size_t count;
};

/* One running copy. */
struct copy {
	const struct input *input;
	uint64_t number; /* rises: the seed of all that varies */
	size_t next;
	uint64_t time_ns; /* of its next record */
};

struct maker {
	struct input inputs[INPUTS_MAX];
	size_t ninputs;
	struct copy copies[COPIES];
	uint64_t begun;
	FILE *out;
};

static void die(const char *what, const char *on, const char *why)
{
	fprintf(stderr, "multiply: cannot %s %s: %s\n", what, on, why);
	exit(1);
}

static void *need(void *memory)
{
	if (!memory)
		die("go on", "", "out of memory");
	return memory;
}

/* --- reading --- */

static void keep(struct input *in, const struct pcap_pkthdr *h, const uint8_t *data, uint64_t gap)
{
	struct record *r = &in->records[in->count++];

	r->gap_ns = gap < GAP_MAX_NS ? gap : GAP_MAX_NS;
	r->captured = h->caplen;
	r->length = h->len;
	r->data = need(malloc(h->caplen + 1));
	memcpy(r->data, data, h->caplen);
}

static void read_input(struct input *in, const char *path)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	struct pcap_pkthdr *h;
	const uint8_t *data;
	uint64_t before = 0;
	pcap_t *p = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, why);

	if (!p)
		die("read", path, why);
	if (pcap_datalink(p) != DLT_EN10MB)
		die("use", path, "its link type is not Ethernet");
	in->records = need(calloc(RECORDS_MAX, sizeof(*in->records)));
	while (in->count < RECORDS_MAX && pcap_next_ex(p, &h, &data) == 1) {
		uint64_t now = (uint64_t)h->ts.tv_sec * 1000000000u + (uint64_t)h->ts.tv_usec;
		if (h->caplen <= LENGTH_MAX)
			keep(in, h, data, before && now > before ? now - before : 0);
		before = now;
	}
	pcap_close(p);
	if (in->count == 0)
		die("use", path, "it holds no packets");
}

/* --- writing --- */

static void put32(struct maker *m, uint32_t v)
{
	if (fwrite(&v, sizeof(v), 1, m->out) != 1)
		die("write", "the capture", "the disk may be full");
}

/* Classic pcap in the byte order of this machine, microseconds, Ethernet. */
static void put_file_header(struct maker *m)
{
	const uint32_t words[] = { 0xa1b2c3d4, 2 | 4u << 16, 0, 0, LENGTH_MAX, DLT_EN10MB };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		put32(m, words[i]);
}

static void put_record(struct maker *m, const struct record *r, uint64_t copy, uint64_t time_ns)
{
	static uint8_t changed[LENGTH_MAX];

	memcpy(changed, r->data, r->captured);
	vary(changed, r->captured, copy, time_ns);
	put32(m, (uint32_t)(time_ns / 1000000000));
	put32(m, (uint32_t)(time_ns % 1000000000 / 1000));
	put32(m, r->captured);
	put32(m, r->length);
	if (fwrite(changed, 1, r->captured, m->out) != r->captured)
		die("write", "the capture", "the disk may be full");
}

/* --- the copies --- */

/* Natural gaps, each stretched or shortened by up to a half. */
static uint64_t gap(const struct copy *c)
{
	uint64_t gap_ns = c->input->records[c->next].gap_ns;

	return gap_ns / 2 + vary_hash(c->number, c->next) % (gap_ns + 1000);
}

static void begin_copy(struct maker *m, struct copy *c, uint64_t time_ns)
{
	c->input = &m->inputs[m->begun % m->ninputs];
	c->number = ++m->begun;
	c->next = 0;
	c->time_ns = time_ns + vary_hash(c->number, UINT64_MAX) % BETWEEN_NS;
}

static struct copy *earliest(struct maker *m)
{
	struct copy *first = &m->copies[0];

	for (size_t i = 1; i < COPIES; i++)
		if (m->copies[i].time_ns < first->time_ns)
			first = &m->copies[i];
	return first;
}

/* The first copies begin in the middle, each at another place. */
static void begin_all(struct maker *m)
{
	for (size_t i = 0; i < COPIES; i++) {
		begin_copy(m, &m->copies[i], start_ns);
		m->copies[i].next = i * m->copies[i].input->count / COPIES;
	}
}

static void make(struct maker *m, uint64_t packets)
{
	put_file_header(m);
	begin_all(m);
	for (uint64_t i = 0; i < packets; i++) {
		struct copy *c = earliest(m);
		put_record(m, &c->input->records[c->next], c->number, c->time_ns);
		if (++c->next == c->input->count)
			begin_copy(m, c, c->time_ns);
		else
			c->time_ns += gap(c);
	}
}

int main(int argc, char **argv)
{
	static struct maker m;
	char *end = NULL;
	uint64_t packets = argc > 1 ? strtoull(argv[1], &end, 10) : 0;

	if (argc < 4 || argc > 3 + INPUTS_MAX || packets == 0 || *end) {
		fputs("usage: multiply PACKETS OUT.pcap IN...\n", stderr);
		return 2;
	}
	for (int i = 3; i < argc; i++)
		read_input(&m.inputs[m.ninputs++], argv[i]);
	m.out = fopen(argv[2], "wbe");
	if (!m.out)
		die("write", argv[2], "it cannot be opened");
	make(&m, packets);
	if (fclose(m.out) != 0)
		die("write", argv[2], "the disk may be full");
	return 0;
}
