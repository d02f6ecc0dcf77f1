/* capture_doc.c -- values put by a test, printed as a document, and read back by cJSON. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture_doc.h"
#include "json_judge.h"

enum { UNKNOWN_LINKTYPE = 60000, CANARY = 64 };

static struct decoder *decoder;
static struct document *document;
static char *memory;

struct decoder *doc_decoder(void)
{
	return decoder;
}

void doc_end(void)
{
	document_free(document);
	decoder_free(decoder);
	free(memory);
	document = NULL;
	decoder = NULL;
	memory = NULL;
}

void doc_begin(const struct document_conf *conf)
{
	const struct decode_conf decode = { .show_secrets = conf->show_secrets };
	struct err_detail why;

	doc_end();
	assert_int_equal(decoder_new(&decode, &decoder, &why), 0);
	assert_int_equal(document_new(conf, decoder, &document, &why), 0);
	memory = malloc(DOCUMENT_ROOM + CANARY);
	assert_non_null(memory);
}

void doc_begin_as(enum schema schema)
{
	const struct document_conf conf = { .schema = schema, .name = "edge-7" };

	doc_begin(&conf);
}

struct packet *doc_packet(void)
{
	static const uint8_t nothing[1];
	static struct frame frame;

	frame = (struct frame){ .data = nothing,
		.len = 60,
		.time_ns = 1767323045123456789,
		.number = 7,
		.linktype = UNKNOWN_LINKTYPE,
		.interface_id = -1 };
	struct packet *pkt = decode_packet(decoder, &frame);
	assert_int_equal(pkt->base, 0);
	return pkt;
}

unsigned doc_row(const char *name)
{
	for (size_t i = 0; i < decoder_field_count(decoder); i++)
		if (strcmp(decoder_field_row(decoder, i)->name, name) == 0)
			return (unsigned)i;
	fail_msg("no field is named %s", name);
	return 0;
}

static void assert_keys_differ(const cJSON *item)
{
	for (const cJSON *a = item->child; a; a = a->next) {
		assert_keys_differ(a);
		if (!cJSON_IsObject(item))
			continue;
		/* cJSON gives the first of equal names */
		if (cJSON_GetObjectItemCaseSensitive(item, a->string) != a)
			fail_msg("the key %s stands twice", a->string);
	}
}

cJSON *doc_write(struct packet *pkt)
{
	memset(memory + DOCUMENT_ROOM, 0x5a, CANARY);
	size_t n = document_write(document, pkt, memory);

	assert_in_range(n, 1, DOCUMENT_MAX);
	for (unsigned i = 0; i < CANARY; i++)
		assert_int_equal(memory[DOCUMENT_ROOM + i], 0x5a);
	memory[n] = '\0';
	if (!judge_json(memory, n))
		fail_msg("no JSON: %.3000s", memory);
	cJSON *root = cJSON_ParseWithLength(memory, n);
	assert_non_null(root);
	assert_keys_differ(root);
	assert_memory_equal(memory, "{\"@timestamp\":\"", 15);
	return root;
}

const char *doc_text(void)
{
	return memory;
}

const cJSON *doc_layer(const cJSON *root, const char *name)
{
	const cJSON *layers = cJSON_GetObjectItemCaseSensitive(root, "layers");

	return cJSON_GetObjectItemCaseSensitive(layers, name);
}

const cJSON *doc_at(const cJSON *root, const char *path)
{
	char part[64];

	while (root && *path) {
		size_t n = strcspn(path, ".");
		(void)snprintf(part, sizeof(part), "%.*s", (int)n, path);
		root = cJSON_GetObjectItemCaseSensitive(root, part);
		path += n + (path[n] == '.');
	}
	return root;
}

bool doc_has_anomaly(const cJSON *root, const char *reason)
{
	const cJSON *anomaly;

	cJSON_ArrayForEach(anomaly, doc_at(root, "espcap.anomaly"))
	{
		const cJSON *text = cJSON_GetObjectItemCaseSensitive(anomaly, "reason");
		if (cJSON_IsString(text) && strcmp(text->valuestring, reason) == 0)
			return true;
	}
	return false;
}
