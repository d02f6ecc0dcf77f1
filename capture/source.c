/* source.c -- where frames come from: a capture file, standard input, or an interface.
 *
 * pcap files and interfaces are libpcap's, which reads a file through a FILE of ours, so that
 * packed files and pipes need nothing special; pcapng files are pcapng.c's. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "source.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#include "frame_time.h"
#include "pcapng.h"
#include "source_names.h"
#include "stream.h"

enum { WAIT_MS = 100, PROGRAMS_MAX = 16, SNAPLEN_MAX = 262144, FILE_BUFFER = 256 * 1024 };
enum { LIMIT = 16, LIMIT_LEN = 4 };

struct program {
	int linktype;
	struct bpf_program code;
};

struct source {
	struct source_conf conf;
	struct stream *stream;
	pcap_t *pcap;
	struct pcapng *pcapng;
	bool live;
	bool limited;  /* the file's header names a limit of its packets */
	size_t header; /* bytes of the file's header that libpcap has */
	uint8_t fcs_len;
	int linktype;
	char *nic; /* owned */
	uint64_t number, filtered;
	struct program programs[PROGRAMS_MAX];
	unsigned nprograms;
};

/* --- the filter, compiled once for each link type --- */

static int compile(struct source *s, int linktype, struct err_detail *why)
{
	struct program *p = &s->programs[s->nprograms];
	pcap_t *dead = pcap_open_dead(linktype, SNAPLEN_MAX);

	if (!dead)
		return err_set(why, ERR_NOMEM, "out of memory for the filter");
	if (pcap_compile(dead, &p->code, s->conf.filter, 1, PCAP_NETMASK_UNKNOWN) != 0) {
		int err = err_set(why, ERR_USAGE, "the filter \"%s\" does not fit: %s",
			s->conf.filter, pcap_geterr(dead));
		pcap_close(dead);
		return err;
	}
	pcap_close(dead);
	p->linktype = linktype;
	s->nprograms++;
	return 0;
}

static int passes(struct source *s, const struct frame *f, bool *pass, struct err_detail *why)
{
	struct pcap_pkthdr h = { .caplen = f->cap_len, .len = f->len };
	int linktype = source_dlt(f->linktype);
	unsigned i = 0;

	while (i < s->nprograms && s->programs[i].linktype != linktype)
		i++;
	if (i == PROGRAMS_MAX)
		return err_set(why, ERR_UNSUPPORTED,
			"more than %d link types in one file with a filter", PROGRAMS_MAX);
	if (i == s->nprograms) {
		int err = compile(s, linktype, why);
		if (err)
			return err;
	}
	*pass = pcap_offline_filter(&s->programs[i].code, &h, f->data) != 0;
	return 0;
}

/* --- files --- */

/* 16-19: the limit of the file's packets, in the byte order of 0-3. libpcap cuts what is longer, though
 * the file has it. */
static bool is_limited(const uint8_t *first, size_t n)
{
	uint32_t limit = 0;

	if (n < LIMIT + LIMIT_LEN)
		return false;
	for (unsigned i = 0; i < LIMIT_LEN; i++)
		limit = limit << 8 | first[LIMIT + (first[0] == 0xa1 ? i : LIMIT_LEN - 1 - i)];
	return limit < SNAPLEN_MAX;
}

/* 0 is no limit. */
static void lift_limit(struct source *s, char *out, size_t n)
{
	for (size_t i = 0; i < n && s->header < LIMIT + LIMIT_LEN; i++, s->header++)
		if (s->header >= LIMIT)
			out[i] = 0;
}

static ssize_t cookie_read(void *cookie, char *out, size_t n)
{
	struct source *s = cookie;
	ssize_t got = stream_read_some(s->stream, out, n);

	if (got < 0)
		errno = EIO;
	else
		lift_limit(s, out, (size_t)got);
	return got;
}

static uint32_t linktype_of(const pcap_t *pcap)
{
	int dlt = pcap_datalink((pcap_t *)(uintptr_t)pcap);

	return dlt == DLT_RAW ? 101 : (uint32_t)dlt;
}

/* The upper bits of a file's link type: whether there is a length, and how many times 16 bits. */
static uint8_t fcs_len_of(pcap_t *pcap)
{
	unsigned bits = (unsigned)pcap_datalink_ext(pcap);

	return bits & 0x04000000 ? (uint8_t)(2 * (bits >> 28)) : 0;
}

static int refuse(
	const struct source *s, const char *path, const char *text, struct err_detail *why)
{
	const char *error = stream_error(s->stream);

	if (error)
		return err_set(why, ERR_INPUT, "%s cannot be read: %s", path, error);
	if (strstr(text, "truncated"))
		return err_set(why, ERR_INPUT,
			"%s ends within its file header: it holds no packets", path);
	if (strstr(text, "unknown file format"))
		return err_set(why, ERR_INPUT,
			"%s is no capture file: it takes pcap or pcapng, plain or packed by gzip "
			"or zstd",
			path);
	return err_set(why, ERR_INPUT, "%s is no capture file: %s", path, text);
}

static int open_pcap(struct source *s, const char *path, struct err_detail *why)
{
	cookie_io_functions_t functions = { .read = cookie_read };
	char text[PCAP_ERRBUF_SIZE] = "";
	/* a plain file needs no stream between it and libpcap, unless its header is to be changed */
	FILE *file = s->limited ? NULL : stream_plain_file(s->stream);

	if (!file)
		file = fopencookie(s, "r", functions);
	if (!file)
		return err_set(why, ERR_NOMEM, "out of memory while opening %s", path);
	(void)setvbuf(file, NULL, _IOFBF, FILE_BUFFER);
	s->pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, text);
	if (!s->pcap) {
		(void)fclose(file);
		return refuse(s, path, text, why);
	}
	s->linktype = (int)linktype_of(s->pcap);
	s->fcs_len = fcs_len_of(s->pcap);
	return 0;
}

static int check_filter(struct source *s, struct err_detail *why)
{
	if (!s->conf.filter || s->linktype < 0)
		return 0;
	return compile(s, source_dlt((uint32_t)s->linktype), why);
}

int source_open_file(const char *path, const struct source_conf *conf, struct source **out,
	struct err_detail *why)
{
	struct source *s = calloc(1, sizeof(*s));
	const char *shown = strcmp(path, "-") == 0 ? "standard input" : path;
	const uint8_t *first;

	if (!s)
		return err_set(why, ERR_NOMEM, "out of memory while opening %s", path);
	s->conf = *conf;
	s->linktype = -1;
	int err = stream_open(path, conf->stop, conf->idle, conf->idle_arg, &s->stream, why);
	if (err)
		goto out;
	size_t n = stream_peek(s->stream, &first);
	if (n == 0 && !stream_error(s->stream)) {
		err = stream_interrupted(s->stream) ? ERR_STOPPED
						    : err_set(why, ERR_INPUT, "%s is empty", shown);
	} else if (pcapng_is(first, n)) {
		s->pcapng = pcapng_new(s->stream);
		err = s->pcapng ? 0 : err_set(why, ERR_NOMEM, "out of memory for %s", shown);
	} else {
		s->limited = is_limited(first, n);
		err = open_pcap(s, shown, why);
	}
	if (!err)
		err = check_filter(s, why);
out:
	if (err)
		source_close(s);
	else
		*out = s;
	return err;
}

/* --- interfaces --- */

static int activate(struct source *s, struct err_detail *why)
{
	char text[PCAP_ERRBUF_SIZE] = "";

	s->pcap = pcap_create(s->nic, text);
	if (!s->pcap)
		return err_set(why, ERR_INPUT, "cannot capture on %s: %s", s->nic, text);
	(void)pcap_set_snaplen(s->pcap, s->conf.snaplen);
	(void)pcap_set_promisc(s->pcap, 1);
	(void)pcap_set_timeout(s->pcap, WAIT_MS);
	(void)pcap_set_tstamp_precision(s->pcap, PCAP_TSTAMP_PRECISION_NANO);
	int code = pcap_activate(s->pcap);
	if (code < 0)
		return source_explain(s->nic, code, s->pcap, why);
	s->linktype = (int)linktype_of(s->pcap);
	if (pcap_setnonblock(s->pcap, 1, text) != 0)
		return err_set(why, ERR_INPUT, "cannot capture on %s: %s", s->nic, text);
	return 0;
}

static int set_live_filter(struct source *s, struct err_detail *why)
{
	struct bpf_program code;

	if (!s->conf.filter)
		return 0;
	bool good = pcap_compile(s->pcap, &code, s->conf.filter, 1, PCAP_NETMASK_UNKNOWN) == 0;
	if (good) {
		good = pcap_setfilter(s->pcap, &code) == 0;
		pcap_freecode(&code);
	}
	return good ? 0
		    : err_set(why, ERR_USAGE, "the filter \"%s\" does not fit: %s", s->conf.filter,
			      pcap_geterr(s->pcap));
}

int source_open_live(const char *nic, const struct source_conf *conf, struct source **out,
	struct err_detail *why)
{
	struct source *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(why, ERR_NOMEM, "out of memory while opening %s", nic);
	s->conf = *conf;
	s->live = true;
	s->nic = strdup(nic);
	int err = s->nic ? activate(s, why) : err_set(why, ERR_NOMEM, "out of memory");
	if (!err)
		err = set_live_filter(s, why);
	if (err)
		source_close(s);
	else
		*out = s;
	return err;
}

void source_close(struct source *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < s->nprograms; i++)
		pcap_freecode(&s->programs[i].code);
	pcapng_free(s->pcapng);
	if (s->pcap)
		pcap_close(s->pcap);
	stream_close(s->stream);
	free(s->nic);
	free(s);
}

/* --- frames --- */

static int file_ended(struct source *s, struct err_detail *why)
{
	const char *error = stream_error(s->stream);

	if (stream_interrupted(s->stream))
		return ERR_STOPPED;
	if (error)
		return err_set(why, ERR_INPUT, "cannot be read further: %s", error);
	if (strstr(pcap_geterr(s->pcap), "truncated"))
		return err_set(why, ERR_TRUNCATED,
			"ends in the middle of a packet; all before it was read");
	return err_set(why, ERR_INPUT, "is damaged: %s", pcap_geterr(s->pcap));
}

static int wait_for_frame(struct source *s)
{
	int fd = pcap_get_selectable_fd(s->pcap);
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	if ((s->conf.idle && !s->conf.idle(s->conf.idle_arg)) || *s->conf.stop)
		return ERR_STOPPED;
	(void)poll(&ready, 1, WAIT_MS);
	return *s->conf.stop ? ERR_STOPPED : ERR_AGAIN;
}

static int next_pcap(struct source *s, struct frame *f, struct err_detail *why)
{
	struct pcap_pkthdr *h;
	const u_char *data;
	int code = pcap_next_ex(s->pcap, &h, &data);

	if (code == 1) {
		uint32_t cap_len = h->caplen, len = h->len < cap_len ? cap_len : h->len;
		*f = (struct frame){ .data = data,
			.cap_len = cap_len,
			.len = len,
			.linktype = (uint32_t)s->linktype,
			.fcs_len = s->fcs_len,
			.interface_id = -1,
			.interface = s->nic };
		/* nanoseconds, as asked for; a pcap file counts seconds in 32 bits without sign */
		frame_set_time(f, s->live ? h->ts.tv_sec : (uint32_t)h->ts.tv_sec, h->ts.tv_usec);
		return 0;
	}
	if (s->live && code == 0)
		return wait_for_frame(s);
	if (code == PCAP_ERROR_BREAK)
		return stream_interrupted(s->stream) ? ERR_STOPPED : ERR_END;
	if (s->live)
		return err_set(why, ERR_INPUT, "%s: %s", s->nic, pcap_geterr(s->pcap));
	return file_ended(s, why);
}

static int next_any(struct source *s, struct frame *f, struct err_detail *why)
{
	int err = s->pcapng ? pcapng_next(s->pcapng, f, why) : next_pcap(s, f, why);

	if (err)
		return err;
	f->number = ++s->number;
	if (f->cap_len > (uint32_t)s->conf.snaplen)
		f->cap_len = (uint32_t)s->conf.snaplen;
	return 0;
}

int source_next(struct source *s, struct frame *f, struct err_detail *why)
{
	for (;;) {
		bool pass = true;
		if (*s->conf.stop)
			return ERR_STOPPED;
		int err = next_any(s, f, why);
		if (!err && s->conf.filter && !s->live)
			err = passes(s, f, &pass, why);
		if (err || pass)
			return err;
		s->filtered++;
	}
}

uint64_t source_identity(const struct source *s)
{
	return s->stream ? stream_identity(s->stream) : 0;
}

uint64_t source_filtered(const struct source *s)
{
	return s->filtered;
}

void source_progress(const struct source *s, uint64_t *done, uint64_t *size)
{
	*done = s->stream ? stream_position(s->stream) : 0;
	*size = s->stream ? stream_size(s->stream) : 0;
}

bool source_count(struct source *s, struct source_counts *counts)
{
	struct pcap_stat stat;

	if (!s->live || pcap_stats(s->pcap, &stat) != 0)
		return false;
	*counts = (struct source_counts){ stat.ps_recv, (uint64_t)stat.ps_drop + stat.ps_ifdrop };
	return true;
}

int source_linktype(const struct source *s)
{
	return s->pcapng ? pcapng_linktype(s->pcapng) : s->linktype;
}
