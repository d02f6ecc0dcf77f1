/* dead.c -- dead letters: records that Elasticsearch will never take, kept whole. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "dead.h"

#include <string.h>

#include "clock.h"
#include "json.h"
#include "record_id.h"

enum { TYPE_MAX = 256, INDEX_MAX = 255, OTHER_MAX = 1024 };

int dead_letter_write(const struct dead_letter *letter, struct buf *out)
{
	size_t reason = strnlen(letter->reason, DEAD_REASON_MAX);
	size_t type = strnlen(letter->type, TYPE_MAX), index = strnlen(letter->index, INDEX_MAX);
	size_t room = json_text_max(reason + type + index) + letter->len + OTHER_MAX + JSON_SLACK;
	char id[RECORD_ID_LEN], iso[CLOCK_ISO_LEN + 1];
	struct json j;

	int err = buf_reserve(out, room);
	if (err)
		return err;
	record_id_write(letter->run, letter->seq, id);
	clock_iso(letter->time_ns, iso);
	json_init(&j, out->data + out->len, room);
	json_open(&j, NULL);
	json_strn(&j, "_id", id, RECORD_ID_LEN);
	json_strn(&j, "_index", letter->index, index);
	json_i64(&j, "status", letter->status);
	json_strn(&j, "type", letter->type, type);
	json_strn(&j, "reason", letter->reason, reason);
	json_strn(&j, "time", iso, CLOCK_ISO_LEN);
	json_u64(&j, "attempts", letter->attempts);
	json_u64(&j, "sequence", letter->seq);
	json_strn(&j, "run", id, RECORD_ID_PART);
	json_raw(&j, "record", letter->record, letter->len);
	json_close(&j);
	*j.p++ = '\n';
	out->len += json_len(&j);
	return 0;
}
