/* event.c -- what loss and clock documents have in common. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "event.h"

#include <string.h>

#include "clock.h"

enum { SENSOR_MAX = 255 };

int64_t event_now(int64_t wall_ns)
{
	return wall_ns > 0 ? wall_ns : 1;
}

void event_time(struct json *j, const char *key, int64_t ns)
{
	char iso[CLOCK_ISO_LEN + 1];

	if (!ns)
		return;
	clock_iso(event_now(ns), iso);
	json_strn(j, key, iso, CLOCK_ISO_LEN);
}

void event_begin(struct json *j, const struct event_head *head, const char *dataset, char *out)
{
	json_init(j, out, EVENT_DOCUMENT_MAX);
	json_open(j, NULL);
	event_time(j, "@timestamp", event_now(head->now_ns));
	json_open(j, "ecs");
	json_str(j, "version", "9.1.0");
	json_close(j);
	json_open(j, "event");
	json_str(j, "kind", "metric");
	json_str(j, "module", "espcap");
	json_str(j, "dataset", dataset);
}

static void name_host(struct json *j, const struct event_head *head)
{
	json_open(j, "host");
	json_strn(j, "name", head->sensor, strnlen(head->sensor, SENSOR_MAX));
	if (head->boot_ns && head->boot_id && *head->boot_id) {
		json_open(j, "boot");
		json_str(j, "id", head->boot_id);
		json_close(j);
	}
	json_close(j);
}

void event_middle(
	struct json *j, const struct event_head *head, const char *message, const char *clock)
{
	json_close(j);
	name_host(j, head);
	json_open(j, "observer");
	json_strn(j, "name", head->sensor, strnlen(head->sensor, SENSOR_MAX));
	json_str(j, "type", "sensor");
	json_str(j, "product", "espcap");
	json_str(j, "version", ESPCAP_VERSION);
	json_close(j);
	json_str(j, "message", message);
	json_open(j, "espcap");
	json_u64(j, "schema", 1);
	if (!head->boot_ns)
		return;
	json_str(j, "clock", clock ? clock : "unsynced");
	json_i64(j, "boot_ns", head->boot_ns);
}

size_t event_end(struct json *j)
{
	json_close(j);
	json_close(j);
	return json_len(j);
}
