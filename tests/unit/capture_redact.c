/* capture_redact.c -- tests of secrets: masked in every field that shows them, unless asked for. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "capture_doc.h"

static cJSON *root;
static const char message[] = "GET /?key=hunter2&x=1";
enum { KEY = 10, KEY_LEN = 7 };

static int begin(void **state)
{
	(void)state;
	doc_begin_as(SCHEMA_FULL);
	return 0;
}

static int begin_showing(void **state)
{
	const struct document_conf conf = { .name = "edge-7", .show_secrets = true };

	(void)state;
	doc_begin(&conf);
	return 0;
}

static int end(void **state)
{
	(void)state;
	cJSON_Delete(root);
	root = NULL;
	doc_end();
	return 0;
}

static void write_doc(struct packet *pkt)
{
	cJSON_Delete(root);
	root = doc_write(pkt);
}

static void assert_layer(const char *name, const char *value)
{
	const cJSON *item = doc_layer(root, name);

	if (!value) {
		assert_null(item);
		return;
	}
	assert_true(cJSON_IsString(item));
	assert_string_equal(item->valuestring, value);
}

static void a_field_of_class_secret_shows_nothing(void **state)
{
	struct packet *pkt = doc_packet();

	(void)state;
	put_str(pkt, doc_row("http.cookie"), "id=hunter2", 10);
	put_str(pkt, doc_row("http.cookie_pair"), "a=hunter2", 9);
	put_str(pkt, doc_row("http.cookie_pair"), "b=hunter2", 9);
	write_doc(pkt);
	assert_layer("http.cookie", "***");
	assert_int_equal(cJSON_GetArraySize(doc_layer(root, "http.cookie_pair")), 2);
	assert_null(strstr(doc_text(), "hunter2"));
}

static void every_field_of_class_secret_is_hidden(void **state)
{
	unsigned seen = 0;

	(void)state;
	for (unsigned row = 0; row < decoder_field_count(doc_decoder()); row++) {
		const struct proto_field *field = decoder_field_row(doc_decoder(), row);
		struct packet *pkt = doc_packet();
		if (field->class != SECRET)
			continue;
		if (field->type == FIELD_BYTES)
			put_bytes(pkt, row, "hunter2", 7);
		else
			put_str(pkt, row, "hunter2", 7);
		write_doc(pkt);
		assert_null(strstr(doc_text(), "hunter2"));
		assert_null(strstr(doc_text(), "68756e74657232"));
		seen++;
	}
	assert_true(seen >= 6);
}

/* One memory, shown by several fields: the mark covers its bytes, not the field. */
static void marked_bytes_are_masked_wherever_they_show(void **state)
{
	struct packet *pkt = doc_packet();

	(void)state;
	pkt_secret(pkt, message + KEY, KEY_LEN);
	put_str(pkt, doc_row("http.request.uri"), message + 4, strlen(message + 4));
	put_str(pkt, doc_row("http.host"), message, 4);
	put_str(pkt, doc_row("http.server"), message + KEY, KEY_LEN);
	put_str(pkt, doc_row("http.referer"), message + KEY + 2, 2);
	put_str(pkt, doc_row("http.user_agent"), message + KEY + KEY_LEN - 1, 5);
	ecs_str(pkt, ECS_URL_QUERY, message + 6, strlen(message + 6));
	write_doc(pkt);
	assert_layer("http.request.uri", "/?key=***&x=1");
	assert_layer("http.host", "GET ");
	assert_layer("http.server", "***");
	assert_layer("http.referer", "***");
	assert_layer("http.user_agent", "***&x=1");
	assert_string_equal(doc_at(root, "url.query")->valuestring, "key=***&x=1");
}

static void a_value_marked_by_its_class_is_masked_in_other_fields_too(void **state)
{
	static const char line[] = "Cookie: id=hunter2\r\n";
	struct packet *pkt = doc_packet();

	(void)state;
	put_str(pkt, doc_row("http.request.line"), line, sizeof(line) - 1); /* put before */
	put_str(pkt, doc_row("http.cookie"), line + 8, 10);
	write_doc(pkt);
	assert_layer("http.request.line", "Cookie: ***\r\n");
	assert_layer("http.cookie", "***");
}

static void bytes_that_hold_a_secret_are_left_out(void **state)
{
	struct packet *pkt = doc_packet();

	(void)state;
	pkt_secret(pkt, message + KEY, KEY_LEN);
	put_bytes(pkt, doc_row("data.data"), message, sizeof(message) - 1);
	put_bytes(pkt, doc_row("tcp.payload"), message, KEY);
	put_bytes(pkt, doc_row("udp.payload"), message + KEY + KEY_LEN, 3);
	write_doc(pkt);
	assert_layer("data.data", NULL);
	assert_layer("tcp.payload", "474554202f3f6b65793d");
	assert_layer("udp.payload", "26783d");
}

static void bytes_that_hold_a_secret_leave_an_array(void **state)
{
	struct packet *pkt = doc_packet();

	(void)state;
	pkt_secret(pkt, message + KEY, KEY_LEN);
	put_bytes(pkt, doc_row("data.data"), message, sizeof(message) - 1);
	put_bytes(pkt, doc_row("data.data"), message, 3);
	write_doc(pkt);
	const cJSON *array = doc_layer(root, "data.data");
	assert_int_equal(cJSON_GetArraySize(array), 1);
	assert_string_equal(array->child->valuestring, "474554");
}

static void a_copy_in_scratch_takes_its_marks_along(void **state)
{
	struct packet *pkt = doc_packet();

	(void)state;
	pkt_secret(pkt, message + KEY, KEY_LEN);
	(void)pkt_copy(pkt, "http://h", 8);
	char *copy = pkt_copy(pkt, message + 4, strlen(message + 4));
	assert_non_null(copy);
	put_str(pkt, doc_row("http.request.full_uri"), copy - 8, 8 + strlen(message + 4));
	write_doc(pkt);
	assert_layer("http.request.full_uri", "http://h/?key=***&x=1");
}

static void marks_that_begin_together_are_one(void **state)
{
	struct packet *pkt = doc_packet();

	(void)state;
	pkt_secret(pkt, message + KEY, 3);
	pkt_secret(pkt, message + KEY, KEY_LEN);
	pkt_secret(pkt, message + KEY, 1);
	put_str(pkt, doc_row("http.host"), message, sizeof(message) - 1);
	write_doc(pkt);
	assert_layer("http.host", "GET /?key=***&x=1");
}

static void overlapping_marks_hide_all_that_they_cover(void **state)
{
	struct packet *pkt = doc_packet();

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		pkt_secret(pkt, message + KEY + i, 3);
	put_str(pkt, doc_row("http.host"), message, sizeof(message) - 1);
	write_doc(pkt);
	const char *shown = doc_layer(root, "http.host")->valuestring;
	assert_memory_equal(shown, "GET /?key=***", 13);
	assert_string_equal(shown + strspn(shown + 10, "*") + 10, "&x=1");
}

/* More marks than there is room for: rather too much hidden than too little. */
enum { MARKS = PKT_SECRETS_MAX + 20, APART = 12 };

/* So many secrets in one text, marked in an order: i * step, modulo their number. */
static void mark_in_order(unsigned step)
{
	static char text[MARKS * APART];
	struct packet *pkt = doc_packet();

	memset(text, 'x', sizeof(text));
	for (unsigned i = 0; i < MARKS; i++) {
		char *secret = text + (size_t)APART * (i * step % MARKS);
		memcpy(secret, "hunter2", 7);
		pkt_secret(pkt, secret, 7);
	}
	put_str(pkt, doc_row("http.host"), text, sizeof(text));
	write_doc(pkt);
	assert_null(strstr(doc_text(), "hunter2"));
}

static void more_marks_than_fit_hide_too_much_and_never_too_little(void **state)
{
	(void)state;
	mark_in_order(1);
	assert_memory_equal(doc_layer(root, "http.host")->valuestring, "***xxxxx***", 11);
	mark_in_order(MARKS - 1); /* backwards */
	mark_in_order(5);
}

static void a_mark_of_nothing_hides_nothing(void **state)
{
	struct packet *pkt = doc_packet();

	(void)state;
	pkt_secret(pkt, message, 0);
	put_str(pkt, doc_row("http.host"), message, sizeof(message) - 1);
	write_doc(pkt);
	assert_layer("http.host", message);
}

static void marks_end_with_their_packet(void **state)
{
	struct packet *pkt = doc_packet();

	(void)state;
	pkt_secret(pkt, message, sizeof(message) - 1);
	pkt = doc_packet();
	put_str(pkt, doc_row("http.host"), message, sizeof(message) - 1);
	write_doc(pkt);
	assert_layer("http.host", message);
}

static void who_asks_for_secrets_sees_them(void **state)
{
	struct packet *pkt = doc_packet();

	(void)state;
	pkt_secret(pkt, message + KEY, KEY_LEN);
	put_str(pkt, doc_row("http.host"), message, sizeof(message) - 1);
	put_str(pkt, doc_row("http.cookie"), message, sizeof(message) - 1);
	put_bytes(pkt, doc_row("data.data"), message + KEY, 3);
	write_doc(pkt);
	assert_layer("http.host", message);
	assert_layer("http.cookie", message);
	assert_layer("data.data", "68756e");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_field_of_class_secret_shows_nothing),
		TEST(every_field_of_class_secret_is_hidden),
		TEST(marked_bytes_are_masked_wherever_they_show),
		TEST(a_value_marked_by_its_class_is_masked_in_other_fields_too),
		TEST(bytes_that_hold_a_secret_are_left_out),
		TEST(bytes_that_hold_a_secret_leave_an_array),
		TEST(a_copy_in_scratch_takes_its_marks_along),
		TEST(marks_that_begin_together_are_one),
		TEST(overlapping_marks_hide_all_that_they_cover),
		TEST(more_marks_than_fit_hide_too_much_and_never_too_little),
		TEST(a_mark_of_nothing_hides_nothing),
		TEST(marks_end_with_their_packet),
		cmocka_unit_test_setup_teardown(who_asks_for_secrets_sees_them, begin_showing, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
