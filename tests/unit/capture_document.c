/* capture_document.c -- tests of documents as a whole: schemas, chosen fields, labels, limits. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture_doc.h"

static cJSON *root;

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

/* A UDP datagram with a few fields of each level. */
static struct packet *some_packet(void)
{
	static const uint8_t src[4] = { 10, 0, 0, 4 }, dst[4] = { 184, 51, 102, 81 };
	struct packet *pkt = doc_packet();

	put_addr(pkt, doc_row("ip.src"), src);
	put_addr(pkt, doc_row("ip.dst"), dst);
	put_u64(pkt, doc_row("udp.srcport"), 59803);
	put_u64(pkt, doc_row("udp.checksum"), 4711);
	put_u64(pkt, doc_row("udp.checksum.status"), 2);
	return pkt;
}

static void constants_stand_in_every_document(void **state)
{
	static const char *const labels[] = { "rack=7", "odd=a\"b=c", "empty=" };
	static const char *const tags[] = { "lab", "t\xff\n" };
	const struct document_conf conf = { .name = "edge \"7\"",
		.site = "Hall\t3",
		.labels = labels,
		.nlabels = 3,
		.tags = tags,
		.ntags = 2 };

	(void)state;
	doc_begin(&conf);
	write_doc(some_packet());
	assert_string_equal(doc_at(root, "host.name")->valuestring, "edge \"7\"");
	assert_string_equal(doc_at(root, "observer.name")->valuestring, "edge \"7\"");
	assert_string_equal(doc_at(root, "observer.geo.name")->valuestring, "Hall\t3");
	assert_string_equal(doc_at(root, "observer.version")->valuestring, ESPCAP_VERSION);
	assert_string_equal(doc_at(root, "ecs.version")->valuestring, "9.1.0");
	assert_string_equal(doc_at(root, "event.dataset")->valuestring, "espcap.packet");
	assert_int_equal(doc_at(root, "espcap.schema")->valueint, DOCUMENT_SCHEMA);
	assert_string_equal(doc_at(root, "labels.rack")->valuestring, "7");
	assert_string_equal(doc_at(root, "labels.odd")->valuestring, "a\"b=c");
	assert_string_equal(doc_at(root, "labels.empty")->valuestring, "");
	assert_int_equal(cJSON_GetArraySize(doc_at(root, "tags")), 2);
	assert_string_equal(
		cJSON_GetArrayItem(doc_at(root, "tags"), 1)->valuestring, "t\xef\xbf\xbd\n");
	assert_string_equal(cJSON_GetObjectItemCaseSensitive(root, "@timestamp")->valuestring,
		"2026-01-02T03:04:05.123456789Z");
}

static void an_application_layer_makes_the_event_a_protocol(void **state)
{
	(void)state;
	doc_begin_as(SCHEMA_FULL);
	struct packet *pkt = some_packet();
	write_doc(pkt);
	assert_string_equal(doc_at(root, "event.type")->child->valuestring, "info");
	pkt = some_packet();
	pkt->application = true;
	write_doc(pkt);
	assert_string_equal(doc_at(root, "event.type")->child->valuestring, "protocol");
	pkt = some_packet();
	pkt->application = true;
	ecs_text(pkt, ECS_EVENT_OUTCOME, "success"); /* beside the constant members */
	write_doc(pkt);
	assert_string_equal(doc_at(root, "event.type")->child->valuestring, "protocol");
	assert_string_equal(doc_at(root, "event.outcome")->valuestring, "success");
}

static void the_interface_stands_inside_the_observer(void **state)
{
	(void)state;
	doc_begin_as(SCHEMA_ECS);
	struct packet *pkt = some_packet();
	put_u64(pkt, doc_row("frame.interface_id"), 3);
	put_str(pkt, doc_row("frame.interface_name"), "eth\"0\x01", 6);
	write_doc(pkt);
	assert_string_equal(doc_at(root, "observer.ingress.interface.id")->valuestring, "3");
	assert_string_equal(
		doc_at(root, "observer.ingress.interface.name")->valuestring, "eth\"0\x01");
	assert_string_equal(doc_at(root, "observer.type")->valuestring, "sensor");
}

/* --- times --- */

static struct packet *packet_of(struct frame *f)
{
	static const uint8_t nothing[1];

	f->data = nothing;
	f->len = 60;
	f->linktype = 60000;
	f->interface_id = -1;
	return decode_packet(doc_decoder(), f);
}

static void an_unsynced_clock_is_told_with_boot_time(void **state)
{
	static const enum schema schemas[] = { SCHEMA_FULL, SCHEMA_SLIM, SCHEMA_ECS };
	struct frame f = { .time_ns = 5000000001,
		.unsynced = true,
		.boot_ns = INT64_MAX,
		.boot_id = "0b6b4b47-0d4a-4c6e-8d1b-2f8d2f3e4a5b" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		doc_begin_as(schemas[i]);
		write_doc(packet_of(&f));
		assert_string_equal(
			doc_at(root, "@timestamp")->valuestring, "1970-01-01T00:00:05.000000001Z");
		assert_string_equal(doc_at(root, "espcap.clock")->valuestring, "unsynced");
		assert_non_null(strstr(doc_text(), "\"boot_ns\":9223372036854775807"));
		assert_string_equal(doc_at(root, "host.boot.id")->valuestring, f.boot_id);
		assert_string_equal(doc_at(root, "host.name")->valuestring, "edge-7");
		assert_string_equal(doc_at(root, "observer.name")->valuestring, "edge-7");
		assert_string_equal(doc_at(root, "event.dataset")->valuestring, "espcap.packet");
	}
	f.boot_id = "";
	doc_begin_as(SCHEMA_FULL);
	write_doc(packet_of(&f));
	assert_null(doc_at(root, "host.boot"));
	assert_non_null(doc_at(root, "espcap.boot_ns"));
	f.unsynced = false;
	write_doc(packet_of(&f));
	assert_null(doc_at(root, "espcap.clock"));
	assert_null(doc_at(root, "espcap.boot_ns"));
}

/* Half a second before 1970, and the second after the last one of 2262 that an index can hold. */
static void a_time_that_no_index_can_hold_is_kept_beside_the_clamped_one(void **state)
{
	static const struct {
		int64_t clamped_ns, s;
		uint32_t rest;
		const char *timestamp, *kept;
	} rows[] = { { 0, -1, 500001000, "1970-01-01T00:00:00.000000000Z",
			     "\"seconds\":-1,\"nanoseconds\":500001000}" },
		{ INT64_MAX, 9223372037, 0, "2262-04-11T23:47:16.854775807Z",
			"\"seconds\":9223372037,\"nanoseconds\":0}" },
		{ 0, INT64_MIN, 999999999, "1970-01-01T00:00:00.000000000Z",
			"\"seconds\":-9223372036854775808,\"nanoseconds\":999999999}" } };

	(void)state;
	doc_begin_as(SCHEMA_FULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct frame f = { .time_ns = rows[i].clamped_ns,
			.time_s = rows[i].s,
			.time_rest_ns = rows[i].rest,
			.time_clamped = true };
		write_doc(packet_of(&f));
		assert_string_equal(doc_at(root, "@timestamp")->valuestring, rows[i].timestamp);
		assert_true(doc_has_anomaly(root, "time out of range"));
		assert_non_null(strstr(doc_text(), rows[i].kept));
	}
}

static void full_has_every_field_and_slim_none_that_is_derived_or_false(void **state)
{
	(void)state;
	for (int slim = 0; slim < 2; slim++) {
		doc_begin_as(slim ? SCHEMA_SLIM : SCHEMA_FULL);
		unsigned row = doc_row("dns.flags.response"); /* core */
		struct packet *pkt = some_packet();
		put_bool(pkt, row, false);
		put_bits(pkt, doc_row("ip.flags.rb"), 2, 2, 3); /* derived */
		write_doc(pkt);
		assert_non_null(doc_layer(root, "udp.srcport"));
		assert_non_null(doc_layer(root, "udp.checksum"));
		assert_int_equal(doc_layer(root, "udp.checksum.status") != NULL, !slim);
		assert_int_equal(doc_layer(root, "ip.flags.df") != NULL, !slim);
		assert_int_equal(doc_layer(root, "dns.flags.response") != NULL, !slim);
		pkt = some_packet();
		put_bool(pkt, row, true);
		write_doc(pkt);
		assert_true(cJSON_IsTrue(doc_layer(root, "dns.flags.response")));
		pkt = some_packet();
		put_bool(pkt, row, false);
		put_bool(pkt, row, true);
		write_doc(pkt);
		/* arrays are whole, so that positions hold */
		assert_int_equal(cJSON_GetArraySize(doc_layer(root, "dns.flags.response")), 2);
		assert_true(cJSON_IsFalse(doc_layer(root, "dns.flags.response")->child));
	}
}

static void ecs_has_no_layers(void **state)
{
	(void)state;
	doc_begin_as(SCHEMA_ECS);
	write_doc(some_packet());
	assert_null(cJSON_GetObjectItemCaseSensitive(root, "layers"));
	assert_string_equal(doc_at(root, "source.ip")->valuestring, "10.0.0.4");
	assert_int_equal(doc_at(root, "source.port")->valueint, 59803);
}

static bool prints(const char *globs, enum schema schema, const char *name)
{
	const struct document_conf conf = { .name = "x", .schema = schema, .fields = globs };

	doc_begin(&conf);
	write_doc(some_packet());
	return doc_layer(root, name) != NULL;
}

static void fields_are_added_and_taken_away_by_name(void **state)
{
	(void)state;
	assert_false(prints("-ip.src", SCHEMA_FULL, "ip.src"));
	assert_true(prints("-ip.src", SCHEMA_FULL, "ip.dst"));
	assert_false(prints("-*", SCHEMA_FULL, "udp.srcport"));
	assert_true(prints("-*,+udp.*", SCHEMA_FULL, "udp.srcport"));
	assert_false(prints("-*,+udp.*", SCHEMA_FULL, "ip.src"));
	assert_false(prints("+udp.*,-*", SCHEMA_FULL, "udp.srcport")); /* the last one decides */
	assert_true(prints("+udp.checksum.status", SCHEMA_SLIM, "udp.checksum.status"));
	assert_false(prints("-udp.*", SCHEMA_SLIM, "udp.srcport"));
	/* what is not printed still feeds ECS */
	assert_false(prints("-ip.*", SCHEMA_FULL, "ip.src"));
	assert_string_equal(doc_at(root, "source.ip")->valuestring, "10.0.0.4");
}

static int refuses(const struct document_conf *conf)
{
	struct document *document;
	struct err_detail why = { "" };
	int err = document_new(conf, doc_decoder(), &document, &why);

	if (!err)
		document_free(document);
	assert_int_equal(why.text[0] != '\0', err != 0);
	return err;
}

static void bad_fields_and_labels_are_refused_with_a_sentence(void **state)
{
	static const char *const globs[] = { "ip.src", "+", "-", "+a,,", ",", "+a,b", "*" };
	static const char *const labels[] = { "", "x", "=y" };

	(void)state;
	doc_begin_as(SCHEMA_FULL);
	for (size_t i = 0; i < sizeof(globs) / sizeof(globs[0]); i++) {
		const struct document_conf conf = { .name = "x", .fields = globs[i] };
		if (refuses(&conf) != ERR_USAGE)
			fail_msg("\"%s\" was taken", globs[i]);
	}
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		const struct document_conf conf = {
			.name = "x", .labels = &labels[i], .nlabels = 1
		};
		assert_int_equal(refuses(&conf), ERR_USAGE);
	}
}

/* --- limits --- */

/* Text that grows sixfold in every text field there is, until no document can hold it. */
static void a_document_that_is_too_long_ends_at_a_whole_field_and_says_so(void **state)
{
	static char text[PKT_TEXT_MAX];

	(void)state;
	doc_begin_as(SCHEMA_FULL);
	struct packet *pkt = some_packet();
	memset(text, 1, sizeof(text));
	unsigned put = 0;
	for (unsigned row = 0; row < decoder_field_count(doc_decoder()); row++) {
		const struct proto_field *field = decoder_field_row(doc_decoder(), row);
		if (field->type != FIELD_STR || field->class == SECRET || field->ecs)
			continue;
		put_str(pkt, row, text, sizeof(text));
		put_str(pkt, row, text, sizeof(text));
		put++;
	}
	assert_true(put * 12 * sizeof(text) > 2 * DOCUMENT_MAX);
	write_doc(pkt);
	assert_true(strlen(doc_text()) > DOCUMENT_MAX / 2);
	assert_true(doc_has_anomaly(root, "document cut"));
	assert_string_equal(doc_layer(root, "ip.src")->valuestring, "10.0.0.4");
	for (const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, "layers")->child; item;
		item = item->next) {
		const cJSON *value = cJSON_IsArray(item) ? item->child : item;
		if (cJSON_IsString(value) && value->valuestring[0] == 1)
			assert_int_equal(strlen(value->valuestring), PKT_TEXT_MAX);
	}
}

static void every_anomaly_is_named_up_to_its_maximum(void **state)
{
	static const char *const reasons[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j" };

	(void)state;
	doc_begin_as(SCHEMA_ECS);
	struct packet *pkt = some_packet();
	for (unsigned i = 0; i < 10; i++) {
		pkt_anomaly(pkt, reasons[i]);
		pkt_anomaly(pkt, reasons[i]); /* once is enough */
	}
	write_doc(pkt);
	const cJSON *anomalies = doc_at(root, "espcap.anomaly");
	assert_int_equal(cJSON_GetArraySize(anomalies), PKT_ANOMALIES_MAX);
	for (int i = 0; i < PKT_ANOMALIES_MAX; i++) {
		const cJSON *one = cJSON_GetArrayItem(anomalies, i);
		assert_string_equal(
			cJSON_GetObjectItemCaseSensitive(one, "reason")->valuestring, reasons[i]);
		assert_string_equal(
			cJSON_GetObjectItemCaseSensitive(one, "layer")->valuestring, "frame");
		assert_true(cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(one, "offset")));
	}
}

static void anomalies_are_told_when_scratch_is_full(void **state)
{
	(void)state;
	doc_begin_as(SCHEMA_ECS);
	struct packet *pkt = some_packet();
	assert_non_null(pkt_scratch(pkt, PKT_SCRATCH));
	assert_null(pkt_scratch(pkt, 1));
	write_doc(pkt);
	assert_true(doc_has_anomaly(root, "too many values"));
}

/* --- people --- */

static void only_tcp_packets_are_lite_documents_and_articles(void **state)
{
	static const uint8_t src[16] = { 0xfe, 0x80, [15] = 1 }, dst[16] = { 0xfe, 0x80, [15] = 2 };
	const struct document_conf conf = { .name = "x", .schema = SCHEMA_LITE };
	char out[DOCUMENT_ROOM];
	struct document *lite;

	(void)state;
	doc_begin_as(SCHEMA_FULL);
	assert_int_equal(document_new(&conf, doc_decoder(), &lite, NULL), 0);
	struct packet *pkt = doc_packet();
	assert_int_equal(document_write(lite, pkt, out), 0);
	pkt_flow(pkt, src, dst, 16, 6);
	assert_false(document_is_tcp(pkt)); /* no ports yet */
	pkt_ports(pkt, 59803, 80, false);
	assert_true(document_is_tcp(pkt));
	size_t n = document_write(lite, pkt, out);
	out[n] = '\0';
	assert_string_equal(out, "{\"srcip\":\"fe80::1\",\"srcport\":\"59803\","
				 "\"dstip\":\"fe80::2\",\"dstport\":\"80\"}");
	n = document_article(pkt, out);
	out[n] = '\0';
	assert_string_equal(out, "Packet 7\nSource IP        - fe80::1\nSource port      - 59803\n"
				 "Destination IP   - fe80::2\nDestination port - 80\n");
	pkt->flow.later_fragment = true;
	assert_int_equal(document_write(lite, pkt, out), 0);
	assert_int_equal(document_article(pkt, out), 0);
	pkt->flow.later_fragment = false;
	pkt->flow.proto = 17;
	assert_int_equal(document_write(lite, pkt, out), 0);
	assert_int_equal(document_article(pkt, out), 0);
	document_free(lite);
}

#define TEST(test) cmocka_unit_test_teardown(test, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(constants_stand_in_every_document),
		TEST(an_application_layer_makes_the_event_a_protocol),
		TEST(the_interface_stands_inside_the_observer),
		TEST(an_unsynced_clock_is_told_with_boot_time),
		TEST(a_time_that_no_index_can_hold_is_kept_beside_the_clamped_one),
		TEST(full_has_every_field_and_slim_none_that_is_derived_or_false),
		TEST(ecs_has_no_layers),
		TEST(fields_are_added_and_taken_away_by_name),
		TEST(bad_fields_and_labels_are_refused_with_a_sentence),
		TEST(a_document_that_is_too_long_ends_at_a_whole_field_and_says_so),
		TEST(every_anomaly_is_named_up_to_its_maximum),
		TEST(anomalies_are_told_when_scratch_is_full),
		TEST(only_tcp_packets_are_lite_documents_and_articles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
