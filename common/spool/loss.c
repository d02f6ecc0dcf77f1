/* loss.c -- loss documents: what is missing, how much, why and when. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "loss.h"

#include "clock.h"
#include "json.h"

enum { SENSOR_MAX = 255 };

static const struct {
	const char *name, *text;
} reasons[LOSS_REASONS] = {
#define X(id, name, text) [LOSS_##id] = { name, text },
#include "loss.def"
#undef X
};

const char *loss_name(enum loss_reason reason)
{
	return reasons[reason].name;
}

void loss_add(struct loss *a, const struct loss *b)
{
	a->reason = b->reason;
	a->count += b->count;
	a->bytes += b->bytes;
	if (b->first_seq && (!a->first_seq || b->first_seq < a->first_seq))
		a->first_seq = b->first_seq;
	if (b->last_seq > a->last_seq)
		a->last_seq = b->last_seq;
	if (b->start_ns && (!a->start_ns || b->start_ns < a->start_ns))
		a->start_ns = b->start_ns;
	if (b->end_ns > a->end_ns)
		a->end_ns = b->end_ns;
}

static void time_member(struct json *j, const char *key, int64_t ns)
{
	char iso[CLOCK_ISO_LEN + 1];

	if (!ns)
		return;
	clock_iso(ns, iso);
	json_strn(j, key, iso, CLOCK_ISO_LEN);
}

static void event_object(struct json *j, const struct loss *loss)
{
	json_open(j, "event");
	json_str(j, "kind", "metric");
	json_str(j, "module", "espcap");
	json_str(j, "dataset", "espcap.loss");
	json_str(j, "reason", reasons[loss->reason].name);
	time_member(j, "start", loss->start_ns);
	time_member(j, "end", loss->end_ns);
	json_close(j);
}

static void loss_object(struct json *j, const struct loss *loss)
{
	json_open(j, "espcap");
	json_u64(j, "schema", 1);
	json_open(j, "loss");
	json_str(j, "reason", reasons[loss->reason].name);
	json_u64(j, "count", loss->count);
	if (loss->bytes)
		json_u64(j, "bytes", loss->bytes);
	if (loss->first_seq) {
		json_u64(j, "first_sequence", loss->first_seq);
		json_u64(j, "last_sequence", loss->last_seq);
	}
	json_close(j);
	json_close(j);
}

static void named(struct json *j, const char *object, const char *sensor)
{
	size_t n = strnlen(sensor, SENSOR_MAX);

	json_open(j, object);
	json_strn(j, "name", sensor, n);
	if (object[0] == 'o') {
		json_str(j, "type", "sensor");
		json_str(j, "product", "espcap");
		json_str(j, "version", ESPCAP_VERSION);
	}
	json_close(j);
}

size_t loss_document(
	const struct loss *loss, const char *sensor, int64_t now_ns, char out[LOSS_DOCUMENT_MAX])
{
	struct json j;

	json_init(&j, out, LOSS_DOCUMENT_MAX);
	json_open(&j, NULL);
	time_member(&j, "@timestamp", now_ns > 0 ? now_ns : 1);
	json_open(&j, "ecs");
	json_str(&j, "version", "9.1.0");
	json_close(&j);
	event_object(&j, loss);
	named(&j, "host", sensor);
	named(&j, "observer", sensor);
	json_str(&j, "message", reasons[loss->reason].text);
	loss_object(&j, loss);
	json_close(&j);
	return json_len(&j);
}
