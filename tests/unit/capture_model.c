/* capture_model.c -- random values put into a packet, against a plain model of the document.
 *
 * The model is a tree of cJSON that is built from the list of what was put, with the C library's
 * words for addresses and times, one rule after the other, and none of the code under test. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "capture_doc.h"
#include "json_judge.h"
#include "rnd.h"

enum { PUTS_MAX = 400, ARENA = 4096, TEXT_MAX_HERE = 48, ROUNDS = 400, SECRETS = 12 };

struct put {
	unsigned row;
	union {
		uint64_t u;
		int64_t i;
		const uint8_t *p;
	};
	size_t n;
};

struct model {
	struct rnd rnd;
	struct put puts[PUTS_MAX];
	size_t count;
	uint8_t arena[ARENA];
	bool hidden[ARENA];
	bool show_secrets;
	cJSON *root, *layers;
};

static const struct proto_field *field_of(unsigned row)
{
	return decoder_field_row(doc_decoder(), row);
}

/* --- values as JSON --- */

static cJSON *json_of_text(struct model *m, const struct put *put, bool ascii)
{
	char out[TEXT_MAX_HERE * 3 + 64];
	size_t n = 0, len;

	for (size_t i = 0; i < put->n; i += len) {
		const uint8_t *s = put->p + i;
		size_t left = put->n - i, run = 0;
		len = 1;
		if (m->hidden[s - m->arena] && !m->show_secrets) {
			if (i == 0 || !m->hidden[s - m->arena - 1])
				n += (size_t)snprintf(out + n, sizeof(out) - n, "***");
			continue;
		}
		/* a secret cuts a sequence in two */
		while (run < left && (m->show_secrets || !m->hidden[s + run - m->arena]))
			run++;
		if (ascii ? s[0] > 0x7f : judge_utf8(s, run, &len) < 0) {
			len = 1;
			n += (size_t)snprintf(out + n, sizeof(out) - n, "\xef\xbf\xbd");
			continue;
		}
		memcpy(out + n, s, len);
		n += len;
	}
	out[n] = '\0';
	return cJSON_CreateString(out);
}

static cJSON *json_of_bytes(struct model *m, const struct put *put)
{
	char out[2 * TEXT_MAX_HERE + 1] = "";

	for (size_t i = 0; i < put->n; i++) {
		if (m->hidden[put->p + i - m->arena] && !m->show_secrets)
			return NULL;
		(void)snprintf(out + 2 * i, 3, "%02x", put->p[i]);
	}
	return cJSON_CreateString(out);
}

static cJSON *json_of_mac(const uint8_t *p, bool upper)
{
	char out[32];
	size_t n = 0;

	for (unsigned i = 0; i < 6; i++)
		n += (size_t)(upper ? snprintf(out + n, 4, i ? "-%02X" : "%02X", p[i])
				    : snprintf(out + n, 4, i ? ":%02x" : "%02x", p[i]));
	return cJSON_CreateString(out);
}

static cJSON *json_of_time(int64_t ns)
{
	time_t seconds = ns / 1000000000 - (ns % 1000000000 < 0);
	char out[64];
	struct tm tm;

	assert_non_null(gmtime_r(&seconds, &tm));
	size_t n = strftime(out, sizeof(out), "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(
		out + n, sizeof(out) - n, ".%09lldZ", (long long)(ns - seconds * 1000000000));
	return cJSON_CreateString(out);
}

static double double_of(uint64_t u)
{
	double f;

	memcpy(&f, &u, sizeof(f));
	return f;
}

static uint64_t u_of_double(double f)
{
	uint64_t u;

	memcpy(&u, &f, sizeof(u));
	return u;
}

static cJSON *json_of(struct model *m, const struct put *put)
{
	char out[64];

	switch (field_of(put->row)->type) {
	case FIELD_TRUE:
		return cJSON_CreateBool(true);
	case FIELD_BOOL:
		return cJSON_CreateBool(put->u != 0);
	case FIELD_I8:
	case FIELD_I16:
	case FIELD_I32:
	case FIELD_I64:
		return cJSON_CreateNumber((double)put->i);
	case FIELD_256THS:
		return cJSON_CreateNumber((double)put->u / 256);
	case FIELD_F64:
		return cJSON_CreateNumber(double_of(put->u));
	case FIELD_STR:
		return json_of_text(m, put, false);
	case FIELD_ASCII:
		return json_of_text(m, put, true);
	case FIELD_BYTES:
		return json_of_bytes(m, put);
	case FIELD_IPV4:
		return cJSON_CreateString(inet_ntop(AF_INET, put->p, out, sizeof(out)));
	case FIELD_IPV6:
		return cJSON_CreateString(inet_ntop(AF_INET6, put->p, out, sizeof(out)));
	case FIELD_MAC:
		return json_of_mac(put->p, false);
	case FIELD_TIME:
		return json_of_time(put->i);
	default:
		return cJSON_CreateNumber((double)put->u);
	}
}

/* --- the tree --- */

static cJSON *inside(cJSON *object, const char *path, const char **leaf)
{
	char part[64];
	const char *dot;

	for (; (dot = strchr(path, '.')); path = dot + 1) {
		(void)snprintf(part, sizeof(part), "%.*s", (int)(dot - path), path);
		cJSON *next = cJSON_GetObjectItemCaseSensitive(object, part);
		object = next ? next : cJSON_AddObjectToObject(object, part);
	}
	*leaf = path;
	return object;
}

static size_t length_of(const struct put *put)
{
	switch (field_of(put->row)->type) {
	case FIELD_IPV4:
		return 4;
	case FIELD_IPV6:
		return 16;
	case FIELD_MAC:
		return 6;
	default:
		return put->n;
	}
}

/* Has an earlier put given the same to this path? Text is held against its bytes. */
static bool is_double(const struct model *m, const struct put *put)
{
	const char *path = field_of(put->row)->ecs;

	for (const struct put *one = m->puts; one < put; one++) {
		const struct proto_field *field = field_of(one->row);
		if (!field->ecs || strcmp(field->ecs, path) != 0 ||
			field->type != field_of(put->row)->type)
			continue;
		if (field->type < FIELD_STR ? one->u == put->u
					    : length_of(one) == length_of(put) &&
						      memcmp(one->p, put->p, length_of(put)) == 0)
			return true;
	}
	return false;
}

/* A path of many values is always an array, and has each once. */
static void add_to_array(cJSON *object, const char *leaf, cJSON *value)
{
	cJSON *array = cJSON_GetObjectItemCaseSensitive(object, leaf);

	assert_true(
		cJSON_AddItemToArray(array ? array : cJSON_AddArrayToObject(object, leaf), value));
}

static void add_to_ecs(struct model *m, const struct put *put)
{
	const struct proto_field *field = field_of(put->row);
	const struct ecs_row *row;
	const char *leaf;
	char number[32];

	if (!field->ecs)
		return;
	row = &ecs_rows[ecs_find(field->ecs)];
	cJSON *object = inside(m->root, field->ecs, &leaf);
	bool many = row->flags == ECS_FLAG_MANY;
	if (many ? is_double(m, put) : cJSON_HasObjectItem(object, leaf))
		return; /* the first one stays */
	cJSON *value = json_of(m, put);
	if (field->type == FIELD_MAC) {
		cJSON_Delete(value);
		value = json_of_mac(put->p, true);
	} else if (row->type == ECS_TYPE_KEYWORD && cJSON_IsNumber(value)) {
		(void)snprintf(number, sizeof(number), "%.0f", value->valuedouble);
		cJSON_Delete(value);
		value = cJSON_CreateString(number);
	}
	if (many)
		add_to_array(object, leaf, value);
	else
		assert_true(cJSON_AddItemToObject(object, leaf, value));
}

static void add_to_layers(struct model *m, const struct put *put)
{
	const struct proto_field *field = field_of(put->row);
	cJSON *value = json_of(m, put);
	cJSON *before = cJSON_GetObjectItemCaseSensitive(m->layers, field->name);

	if (field->class == SECRET && !m->show_secrets) {
		bool text = field->type == FIELD_STR || field->type == FIELD_ASCII;
		cJSON_Delete(value);
		value = text ? cJSON_CreateString("***") : NULL; /* a number is left out */
	}
	if (!value)
		return;
	if (!before) {
		assert_true(cJSON_AddItemToObject(m->layers, field->name, value));
		return;
	}
	if (!cJSON_IsArray(before)) {
		cJSON *array = cJSON_CreateArray();
		assert_true(cJSON_AddItemToArray(array, cJSON_Duplicate(before, true)));
		assert_true(cJSON_ReplaceItemInObjectCaseSensitive(m->layers, field->name, array));
		before = array;
	}
	assert_true(cJSON_AddItemToArray(before, value));
}

static const char constants[] =
	"{\"@timestamp\":\"2026-01-02T03:04:05.123456789Z\",\"ecs\":{\"version\":\"9.1.0\"},"
	"\"event\":{\"kind\":\"event\",\"category\":[\"network\"],\"type\":[\"info\"],"
	"\"module\":\"espcap\",\"dataset\":\"espcap.packet\"},\"host\":{\"name\":\"edge-7\"},"
	"\"observer\":{\"name\":\"edge-7\",\"type\":\"sensor\",\"product\":\"espcap\","
	"\"version\":\"" ESPCAP_VERSION "\"},\"network\":{\"bytes\":60,\"packets\":1},"
	"\"espcap\":{\"schema\":1},"
	"\"layers\":{\"frame.number\":7,\"frame.len\":60,\"frame.cap_len\":0}}";

static void build(struct model *m)
{
	m->root = cJSON_Parse(constants);
	assert_non_null(m->root);
	m->layers = cJSON_GetObjectItemCaseSensitive(m->root, "layers");
	for (size_t i = 0; i < m->count; i++) {
		add_to_layers(m, &m->puts[i]);
		add_to_ecs(m, &m->puts[i]);
	}
}

/* --- what is put --- */

/* Text that tempts: quotes, controls, sequences of every length, and bytes that are no UTF-8. No
 * NUL and no asterisk, which stand for something. */
static void fill_arena(struct model *m)
{
	static const char *const pieces[] = { "abc", "\"", "\\", "/", "\n", "\x01", "\x1f", "\x7f",
		"\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xff", "\xc0\xaf", "\xed\xa0\x80",
		"\xf4\x90\x80\x80", "\x80", "\xe2\x82", "</script>", "{}", "\xef\xbf\xbf" };
	size_t n = 0;

	while (n < ARENA - 16) {
		const char *piece = pieces[rnd_below(&m->rnd, sizeof(pieces) / sizeof(pieces[0]))];
		size_t len = strlen(piece);
		memcpy(m->arena + n, piece, len);
		n += len;
	}
	memset(m->arena + n, 'z', ARENA - n);
}

static void mark_secrets(struct model *m, struct packet *pkt)
{
	memset(m->hidden, 0, sizeof(m->hidden));
	for (uint64_t i = rnd_below(&m->rnd, SECRETS); i > 0; i--) {
		size_t at = rnd_below(&m->rnd, ARENA - 40), n = 1 + rnd_below(&m->rnd, 40);
		pkt_secret(pkt, m->arena + at, n);
		memset(m->hidden + at, true, n);
	}
}

static void draw(struct model *m, struct put *put)
{
	static const unsigned bits[FIELD_TYPES] = { [FIELD_U8] = 8,
		[FIELD_U16] = 16,
		[FIELD_U24] = 24,
		[FIELD_U32] = 32,
		[FIELD_U64] = 53,
		[FIELD_256THS] = 16,
		[FIELD_BOOL] = 1,
		[FIELD_TRUE] = 1 };
	enum field_type type = field_of(put->row)->type;

	if (type == FIELD_F64)
		put->u = u_of_double((double)(rnd_next(&m->rnd) >> 40) / 1024);
	else if (bits[type])
		put->u = rnd_next(&m->rnd) >> (64 - bits[type]);
	else if (type >= FIELD_I8 && type <= FIELD_I64)
		put->i = (int64_t)(rnd_next(&m->rnd) >> 40) - (1 << 23);
	else if (type == FIELD_TIME)
		put->i = (int64_t)rnd_next(&m->rnd) / 2;
	else
		put->p = m->arena + rnd_below(&m->rnd, ARENA - TEXT_MAX_HERE);
	put->n = 1 + rnd_below(&m->rnd, TEXT_MAX_HERE);
}

static void put_one(struct model *m, struct packet *pkt, struct put *put)
{
	const struct proto_field *field = field_of(put->row);

	switch (field->type) {
	case FIELD_STR:
	case FIELD_ASCII:
		put_str(pkt, put->row, put->p, put->n);
		if (field->class == SECRET) /* its bytes are secret wherever they show */
			memset(m->hidden + (put->p - m->arena), true, put->n);
		break;
	case FIELD_BYTES:
		put_bytes(pkt, put->row, put->p, put->n);
		break;
	case FIELD_IPV4:
	case FIELD_IPV6:
	case FIELD_MAC:
		put_addr(pkt, put->row, put->p);
		break;
	case FIELD_BOOL:
		put_bool(pkt, put->row, put->u != 0);
		break;
	case FIELD_TIME:
		put_i64(pkt, put->row, put->i);
		break;
	default:
		put_u64(pkt, put->row, put->u);
	}
}

/* A few rows come often, so that there are arrays. Bytes that a secret touches are left out of
 * arrays too, which capture_redact.c looks at. */
static unsigned draw_row(struct model *m, unsigned rows)
{
	unsigned first = doc_row("frame.cap_len") + 1; /* frame.* is put by its decoder */

	for (;;) {
		unsigned row = (unsigned)rnd_below(
			&m->rnd, rnd_below(&m->rnd, 3) ? rows : first + (rows - first) / 20);
		enum field_type type = field_of(row)->type;
		if (row >= first && type != FIELD_BYTES &&
			strncmp(field_of(row)->name, "frame.", 6) != 0)
			return row;
	}
}

static void assert_same(const cJSON *got, const cJSON *expected)
{
	if (cJSON_Compare(got, expected, true))
		return;
	char *a = cJSON_PrintUnformatted(got), *b = cJSON_PrintUnformatted(expected);
	(void)fprintf(stderr, "document %s\nmodel    %s\n", a, b); /* print_error() has no room */
	free(a);
	free(b);
	fail_msg("the document is not what the model says");
}

/* "***" stands for one secret or for several that touch. */
static void collapse(cJSON *item)
{
	char *stars;

	for (cJSON *child = item->child; child; child = child->next)
		collapse(child);
	if (cJSON_IsString(item))
		while ((stars = strstr(item->valuestring, "******")))
			memmove(stars, stars + 3, strlen(stars + 3) + 1);
}

static void run(struct model *m, size_t puts)
{
	struct packet *pkt = doc_packet();
	unsigned rows = (unsigned)decoder_field_count(doc_decoder());

	fill_arena(m);
	mark_secrets(m, pkt);
	for (m->count = 0; m->count < puts; m->count++) {
		struct put *put = &m->puts[m->count];
		put->row = draw_row(m, rows);
		draw(m, put);
		put_one(m, pkt, put);
	}
	if (pkt->nsecrets == PKT_SECRETS_MAX)
		return; /* then more is hidden than was marked */
	build(m);
	cJSON *got = doc_write(pkt);
	collapse(got);
	assert_same(got, m->root);
	cJSON_Delete(got);
	cJSON_Delete(m->root);
}

static void a_document_is_what_a_plain_model_says(void **state)
{
	static struct model m;

	(void)state;
	m.rnd = rnd_start();
	for (unsigned show = 0; show < 2; show++) {
		const struct document_conf conf = { .name = "edge-7", .show_secrets = show };
		doc_begin(&conf);
		m.show_secrets = show;
		for (unsigned i = 0; i < ROUNDS; i++)
			run(&m, rnd_below(&m.rnd, PUTS_MAX));
		doc_end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_is_what_a_plain_model_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
