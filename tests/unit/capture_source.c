/* capture_source.c -- tests of frames from capture files: forms of pcap, filters, broken ends. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "capture_blocks.h"
#include "memfile.h"
#include "source.h"

enum { FILE_MAX = 8192, UDP_LEN = 50, ETHERNET = 1, USER0 = 147 };

static volatile bool stop;
static struct source_conf conf;
static struct err_detail why;
static struct memfile memfile;

static struct {
	uint8_t bytes[FILE_MAX];
	size_t n;
	bool big;
} file;

static int begin(void **state)
{
	(void)state;
	stop = false;
	conf = (struct source_conf){ .snaplen = 262144, .stop = &stop };
	memset(&file, 0, sizeof(file));
	memfile_open(&memfile);
	return 0;
}

static int end(void **state)
{
	(void)state;
	memfile_close(&memfile);
	return 0;
}

static void number(uint64_t value, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		file.bytes[file.n++] = (uint8_t)(value >> 8 * (file.big ? size - 1 - i : i));
}

static void pcap_header(bool big, bool nano, uint32_t snaplen, uint32_t linktype)
{
	file.n = 0;
	file.big = big;
	number(nano ? 0xa1b23c4d : 0xa1b2c3d4, 4);
	number(2, 2);
	number(4, 2);
	number(0, 8);
	number(snaplen, 4);
	number(linktype, 4);
}

/* Ethernet, IPv4, UDP from port 1000 to `port`; enough for a filter. */
static void pcap_packet(uint32_t seconds, uint32_t fraction, uint16_t port, uint32_t cap_len)
{
	uint8_t p[UDP_LEN] = { [12] = 8,
		[14] = 0x45,
		[17] = 36,
		[22] = 64,
		[23] = 17,
		[26] = 10,
		[30] = 10,
		[34] = 1000 >> 8,
		[35] = 1000 & 255 };

	p[36] = (uint8_t)(port >> 8);
	p[37] = (uint8_t)port;
	number(seconds, 4);
	number(fraction, 4);
	number(cap_len, 4);
	number(UDP_LEN, 4);
	memcpy(file.bytes + file.n, p, cap_len);
	file.n += cap_len;
}

static void write_bytes(const void *bytes, size_t n)
{
	memfile_write(&memfile, bytes, n);
}

static struct source *open_source(void)
{
	struct source *s;

	int err = source_open_file(memfile.path, &conf, &s, &why);
	if (err)
		fail_msg("%d: %s", err, why.text);
	return s;
}

/* Reads to the end; how many frames came, and how it ended. */
static unsigned count_frames(int *end_code)
{
	struct source *s = open_source();
	struct frame f;
	unsigned n = 0;

	while ((*end_code = source_next(s, &f, &why)) == 0)
		assert_int_equal(f.number, ++n + source_filtered(s));
	source_close(s);
	return n;
}

static void assert_time_and_size(int64_t ns, uint32_t cap_len)
{
	struct source *s = open_source();
	struct frame f;

	assert_int_equal(source_next(s, &f, &why), 0);
	assert_true(f.time_ns == ns);
	assert_int_equal(f.cap_len, cap_len);
	assert_int_equal(f.len, UDP_LEN);
	assert_int_equal(f.number, 1);
	assert_int_equal(f.linktype, ETHERNET);
	assert_int_equal(f.interface_id, -1);
	assert_int_equal(f.data[23], 17);
	assert_int_equal(source_next(s, &f, &why), ERR_END);
	source_close(s);
}

static void every_form_of_pcap_is_read(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++)
		for (int nano = 0; nano < 2; nano++) {
			pcap_header(big, nano, 65535, ETHERNET);
			pcap_packet(1767323045, nano ? 123456789 : 123456, 53, UDP_LEN);
			write_bytes(file.bytes, file.n);
			assert_time_and_size(
				nano ? INT64_C(1767323045123456789) : INT64_C(1767323045123456000),
				UDP_LEN);
		}
}

static void seconds_have_no_sign(void **state)
{
	(void)state;
	pcap_header(false, false, 65535, ETHERNET);
	pcap_packet(4294967295u, 0, 53, UDP_LEN);
	write_bytes(file.bytes, file.n);
	assert_time_and_size(INT64_C(4294967295000000000), UDP_LEN);
}

static void a_short_capture_keeps_both_lengths(void **state)
{
	(void)state;
	pcap_header(false, false, 40, ETHERNET);
	pcap_packet(1, 0, 53, 40);
	write_bytes(file.bytes, file.n);
	assert_time_and_size(1000000000, 40);
}

static void packets_are_cut_to_the_snaplen_asked_for(void **state)
{
	(void)state;
	conf.snaplen = 45;
	pcap_header(false, false, 65535, ETHERNET);
	pcap_packet(1, 0, 53, UDP_LEN);
	write_bytes(file.bytes, file.n);
	assert_time_and_size(1000000000, 45);
}

static void a_packet_beyond_the_limit_in_the_header_is_whole(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		pcap_header(big, false, 45, ETHERNET);
		pcap_packet(1, 0, 53, UDP_LEN);
		write_bytes(file.bytes, file.n);
		assert_time_and_size(INT64_C(1000000000), UDP_LEN);
	}
}

static void a_packed_file_is_read_like_a_plain_one(void **state)
{
	(void)state;
	pcap_header(false, false, 65535, ETHERNET);
	pcap_packet(1, 0, 53, UDP_LEN);
	gzFile out = gzdopen(dup(memfile.fd), "wb");
	assert_int_equal(gzwrite(out, file.bytes, (unsigned)file.n), file.n);
	assert_int_equal(gzclose(out), Z_OK);
	assert_time_and_size(1000000000, UDP_LEN);
}

static void a_filter_lets_some_packets_pass_and_counts_the_others(void **state)
{
	struct frame f;

	(void)state;
	pcap_header(false, false, 65535, ETHERNET);
	for (uint16_t port = 50; port < 60; port++)
		pcap_packet(port, 0, port, UDP_LEN);
	write_bytes(file.bytes, file.n);
	conf.filter = "udp dst portrange 53-54 or udp dst port 59";
	struct source *s = open_source();
	assert_int_equal(source_next(s, &f, &why), 0);
	assert_int_equal(f.number, 4); /* its number in the file */
	assert_int_equal(source_next(s, &f, &why), 0);
	assert_int_equal(f.number, 5);
	assert_int_equal(source_next(s, &f, &why), 0);
	assert_int_equal(f.number, 10);
	assert_int_equal(source_next(s, &f, &why), ERR_END);
	assert_int_equal(source_filtered(s), 7);
	source_close(s);
}

static void a_filter_that_does_not_fit_is_refused_at_once(void **state)
{
	static const char *const bad[] = { "no such words", "ether proto", "wlan type mgt" };
	struct source *s;

	(void)state;
	pcap_header(false, false, 65535, ETHERNET);
	write_bytes(file.bytes, file.n);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		conf.filter = bad[i];
		assert_int_equal(source_open_file(memfile.path, &conf, &s, &why), ERR_USAGE);
		assert_non_null(strstr(why.text, bad[i]));
	}
}

static void a_filter_is_made_for_each_link_type_of_a_pcapng_file(void **state)
{
	struct frame f;
	char ethernet[UDP_LEN + 1];

	(void)state;
	memset(ethernet, 1, sizeof(ethernet)); /* blocks_packet() ends at a NUL */
	ethernet[12] = 8;
	ethernet[UDP_LEN] = '\0';
	blocks_reset();
	blocks_section(false);
	blocks_interface(ETHERNET, "eth0");
	blocks_interface(USER0, "user");
	blocks_packet(0, 1000000, ethernet);
	blocks_packet(1, 2000000, "of no known type");
	write_bytes(blocks_file.bytes, blocks_file.n);
	conf.filter = "greater 20";
	struct source *s = open_source();
	assert_int_equal(source_linktype(s), -1); /* not known before the first interface is read */
	assert_int_equal(source_next(s, &f, &why), 0);
	assert_int_equal(f.linktype, ETHERNET);
	assert_string_equal(f.interface, "eth0");
	assert_int_equal(source_linktype(s), ETHERNET);
	assert_int_equal(source_next(s, &f, &why), ERR_END);
	assert_int_equal(source_filtered(s), 1);
	source_close(s);
}

static void a_file_that_is_cut_anywhere_gives_what_is_whole_and_says_so(void **state)
{
	int code;

	(void)state;
	pcap_header(false, false, 65535, ETHERNET);
	size_t header = file.n;
	for (uint16_t i = 0; i < 3; i++)
		pcap_packet(i, 0, 53, UDP_LEN);
	for (size_t n = header; n <= file.n; n++) {
		write_bytes(file.bytes, n);
		size_t whole = (n - header) / (16 + UDP_LEN), rest = (n - header) % (16 + UDP_LEN);
		assert_int_equal(count_frames(&code), whole);
		assert_int_equal(code, rest ? ERR_TRUNCATED : ERR_END);
		if (rest)
			assert_true(strlen(why.text) > 5);
	}
}

static void a_packet_longer_than_any_is_damage(void **state)
{
	int code;

	(void)state;
	pcap_header(false, false, 65535, ETHERNET);
	pcap_packet(1, 0, 53, UDP_LEN);
	size_t at = file.n + 8;
	pcap_packet(2, 0, 53, UDP_LEN);
	file.bytes[at + 3] = 0x7f;
	write_bytes(file.bytes, file.n);
	assert_int_equal(count_frames(&code), 1);
	assert_int_equal(code, ERR_INPUT);
	assert_true(strlen(why.text) > 5);
}

static void what_is_no_capture_file_is_said_to_be_none(void **state)
{
	static const char *const texts[] = { "", "x", "a text of some length that is no capture",
		"\xd4\xc3\xb2\xa1\x02" };
	struct source *s;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		write_bytes(texts[i], strlen(texts[i]));
		assert_int_equal(source_open_file(memfile.path, &conf, &s, &why), ERR_INPUT);
		assert_non_null(strstr(why.text, memfile.path));
	}
}

static void a_stop_ends_the_source(void **state)
{
	struct frame f;

	(void)state;
	pcap_header(false, false, 65535, ETHERNET);
	pcap_packet(1, 0, 53, UDP_LEN);
	pcap_packet(2, 0, 53, UDP_LEN);
	write_bytes(file.bytes, file.n);
	struct source *s = open_source();
	assert_int_equal(source_next(s, &f, &why), 0);
	stop = true;
	assert_int_equal(source_next(s, &f, &why), ERR_STOPPED);
	source_close(s);
}

static void progress_and_identity_are_those_of_the_file(void **state)
{
	uint64_t done, size;
	struct frame f;

	(void)state;
	pcap_header(false, false, 65535, ETHERNET);
	pcap_packet(1, 0, 53, UDP_LEN);
	write_bytes(file.bytes, file.n);
	struct source *s = open_source();
	uint64_t identity = source_identity(s);
	source_progress(s, &done, &size);
	assert_int_equal(size, file.n);
	assert_int_equal(source_next(s, &f, &why), 0);
	assert_int_equal(source_next(s, &f, &why), ERR_END);
	source_progress(s, &done, &size);
	assert_int_equal(done, file.n);
	source_close(s);
	assert_int_not_equal(identity, 0);
	pcap_packet(2, 0, 53, UDP_LEN);
	write_bytes(file.bytes, file.n);
	s = open_source();
	assert_true(source_identity(s) == identity);
	source_close(s);
}

static void link_types_have_names(void **state)
{
	(void)state;
	assert_string_equal(source_linktype_name(1), "EN10MB");
	assert_string_equal(source_linktype_name(101), "RAW");
	assert_string_equal(source_linktype_name(60000), "unknown");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_form_of_pcap_is_read),
		TEST(seconds_have_no_sign),
		TEST(a_short_capture_keeps_both_lengths),
		TEST(packets_are_cut_to_the_snaplen_asked_for),
		TEST(a_packet_beyond_the_limit_in_the_header_is_whole),
		TEST(a_packed_file_is_read_like_a_plain_one),
		TEST(a_filter_lets_some_packets_pass_and_counts_the_others),
		TEST(a_filter_that_does_not_fit_is_refused_at_once),
		TEST(a_filter_is_made_for_each_link_type_of_a_pcapng_file),
		TEST(a_file_that_is_cut_anywhere_gives_what_is_whole_and_says_so),
		TEST(a_packet_longer_than_any_is_damage),
		TEST(what_is_no_capture_file_is_said_to_be_none),
		TEST(a_stop_ends_the_source),
		TEST(progress_and_identity_are_those_of_the_file),
		TEST(link_types_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
