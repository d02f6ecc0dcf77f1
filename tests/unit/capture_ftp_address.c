/* capture_ftp_address.c -- tests of addresses and ports in FTP's commands and answers. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "ftp_address.h"

#include <string.h>

#include "guard.h"
#include "test.h"

static struct bytes text_of(const char *text)
{
	return bytes_of((const uint8_t *)text, strlen(text));
}

static void assert_six(const char *text, uint32_t ip, uint16_t port)
{
	struct ftp_address a;

	assert_true(ftp_six_numbers(text_of(text), &a));
	assert_true(a.has_ip);
	uint32_t found = 0;
	for (unsigned i = 0; i < sizeof(a.ip); i++)
		found = found << 8 | a.ip[i];
	assert_int_equal(found, ip);
	assert_int_equal(a.port, port);
}

static void six_numbers_are_found_wherever_they_stand(void **state)
{
	(void)state;
	assert_six("10,0,0,4,19,137", 0x0a000004, 5001);
	assert_six("227 Entering Passive Mode (192,168,1,254,255,255).", 0xc0a801fe, 65535);
	assert_six("at 12 10, 0, 0, 4, 0, 21 o'clock", 0x0a000004, 21); /* blanks before a number */
	assert_six("1,2,3 10,0,0,4,1,0", 0x0a000004, 256);
	assert_six("10,0,0,4,275,300", 0x0a000004, 19 << 8 | 44); /* upper bits are lost */
}

static void fewer_numbers_are_none(void **state)
{
	static const char *const bad[] = { "", "10,0,0,4,19", "10,0,0,4,19,", "10.0.0.4,19,137",
		"10,0,0,,4,19,137", "10;0;0;4;19;137", "no numbers", "1234567890,0,0,4,19,137" };
	struct ftp_address a;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(ftp_six_numbers(text_of(bad[i]), &a));
}

static void eprt_names_a_family_an_address_and_a_port(void **state)
{
	static const uint8_t ip[4] = { 132, 235, 1, 2 };
	struct ftp_address a;

	(void)state;
	assert_true(ftp_eprt(text_of("|1|132.235.1.2|6275|"), &a));
	assert_true(a.has_ip);
	assert_memory_equal(a.ip, ip, sizeof(ip));
	assert_int_equal(a.port, 6275);
	assert_true(ftp_eprt(text_of("!2!1080::8:800:200C:417A!5282!"), &a));
	assert_false(a.has_ip);
	assert_int_equal(a.port, 5282);
}

static void odd_eprt_is_refused(void **state)
{
	static const char *const bad[] = { "", "|", "|1|132.235.1.2|6275", "|1|132.235.1.2|6275||",
		"|3|132.235.1.2|6275|", "|0|132.235.1.2|6275|", "|0|1080::8|21|",
		"|1|132.235.1|6275|", "|1|1080::8|6275|", "|2|132.235.1.2|6275|",
		"|1|132.235.1.2|65536|", "|1|132.235.1.2||", "a1a132.235.1.2a6275a",
		" 1 132.235.1.2 6275 ",
		"|2|1080::8:800:200C:417A:and:far:too:long:for:any:address:of:this:family|21|" };
	struct ftp_address a;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(ftp_eprt(text_of(bad[i]), &a));
}

static void epsv_tells_a_port_alone(void **state)
{
	static const char *const bad[] = { "", "6446", "(|||)", "(|||6446|", "(||| 6446|)",
		"|||6446|", "(|||x6446|)" };
	uint16_t port = 0;

	(void)state;
	assert_true(ftp_epsv(text_of("229 Entering Extended Passive Mode (|||6446|)"), &port));
	assert_int_equal(port, 6446);
	assert_true(ftp_epsv(text_of("(!!!21!)"), &port));
	assert_int_equal(port, 21);
	assert_true(ftp_epsv(text_of("(|||70000|)"), &port));
	assert_int_equal(port, UINT16_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(ftp_epsv(text_of(bad[i]), &port));
}

static void a_cut_text_is_not_read_beyond_its_end(void **state)
{
	static const char *const texts[] = { "(192,168,1,254,255,255)", "|1|132.235.1.2|6275|",
		"|2|1080::8:800:200C:417A|5282|", "(|||6446|)" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (size_t n = 0; n <= strlen(texts[i]); n++) {
			struct guard g;
			struct ftp_address a;
			uint16_t port;
			struct bytes b = bytes_of(guard_copy(&g, texts[i], n), n);
			(void)ftp_six_numbers(b, &a);
			(void)ftp_eprt(b, &a);
			(void)ftp_epsv(b, &port);
			guard_free(&g);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(six_numbers_are_found_wherever_they_stand),
		cmocka_unit_test(fewer_numbers_are_none),
		cmocka_unit_test(eprt_names_a_family_an_address_and_a_port),
		cmocka_unit_test(odd_eprt_is_refused),
		cmocka_unit_test(epsv_tells_a_port_alone),
		cmocka_unit_test(a_cut_text_is_not_read_beyond_its_end),
	};

	return TEST_RUN(tests);
}
