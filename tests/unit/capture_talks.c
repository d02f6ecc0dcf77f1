/* capture_talks.c -- tests of whole packets: what servers repeat of secrets, and who is named. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "capture_doc.h"

enum {
	LINKTYPE_RAW = 101,
	IP_HEAD = 20,
	TCP_HEAD = 40,
	UDP_HEAD = 28,
	SCTP_HEAD = 32,
	CLIENT = 31000
};
enum { TCP = 6, UDP = 17, AH = 51, PIM = 103, IPCOMP = 108, SCTP = 132 };

static uint8_t bytes_of_frame[65536];
static cJSON *root;

static int begin(void **state)
{
	(void)state;
	doc_begin_as(SCHEMA_FULL);
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

static void put16(size_t at, size_t value)
{
	bytes_of_frame[at] = (uint8_t)(value >> 8);
	bytes_of_frame[at + 1] = (uint8_t)value;
}

/* A message behind an IPv4 header and, unless it is compressed, a TCP, UDP or SCTP header without sums. */
static struct packet *decoded(uint8_t proto, uint16_t from, uint16_t to, const void *data, size_t n)
{
	static const uint8_t addresses[] = { 10, 0, 0, 4, 10, 0, 0, 5 };
	static const uint8_t heads[256] = {
		[TCP] = TCP_HEAD, [UDP] = UDP_HEAD, [SCTP] = SCTP_HEAD
	};
	size_t head = heads[proto] ? heads[proto] : IP_HEAD;
	static struct frame frame;

	assert_true(head + n < sizeof(bytes_of_frame));
	memset(bytes_of_frame, 0, head);
	bytes_of_frame[0] = 0x45;
	put16(2, head + n);
	bytes_of_frame[9] = proto;
	memcpy(bytes_of_frame + 12, addresses, sizeof(addresses));
	put16(20, from);
	put16(22, to);
	if (proto == TCP)
		put16(32, 0x5018);
	else if (proto == UDP)
		put16(24, 8 + n);
	memcpy(bytes_of_frame + head, data, n);
	frame = (struct frame){ .data = bytes_of_frame,
		.cap_len = (uint32_t)(head + n),
		.len = (uint32_t)(head + n),
		.linktype = LINKTYPE_RAW,
		.interface_id = -1 };
	return decode_packet(doc_decoder(), &frame);
}

static void send(uint8_t proto, uint16_t from, uint16_t to, const void *data, size_t n)
{
	cJSON_Delete(root);
	root = doc_write(decoded(proto, from, to, data, n));
}

static const char *at(const char *path)
{
	const cJSON *item = doc_at(root, path);

	return item && cJSON_IsString(item) ? item->valuestring : "";
}

#define FROM_SERVER(port, text) send(TCP, port, CLIENT, text, sizeof(text) - 1)
#define TO_SERVER(port, text)   send(TCP, CLIENT, port, text, sizeof(text) - 1)

/* As Redis 5 answers HELLO 3 AUTH, with which newer clients begin. */
static void what_redis_repeats_of_an_unknown_command_is_hidden(void **state)
{
	(void)state;
	FROM_SERVER(6379, "-ERR unknown command `HELLO`, with args beginning with: "
			  "`3`, `AUTH`, `alice`, `hunter2`, \r\n");
	assert_string_equal(
		at("error.message"), "unknown command `HELLO`, with args beginning with: ***");
	assert_null(strstr(doc_text(), "hunter2"));
	FROM_SERVER(6379, "-ERR value is not an integer\r\n");
	assert_string_equal(at("error.message"), "value is not an integer");
}

static void the_password_of_a_sentinels_master_is_hidden(void **state)
{
	(void)state;
	TO_SERVER(6379, "*5\r\n$8\r\nSENTINEL\r\n$3\r\nSET\r\n$1\r\nm\r\n$9\r\nauth-pass\r\n"
			"$7\r\nhunter2\r\n");
	assert_string_equal(at("event.action"), "sentinel");
	assert_null(strstr(doc_text(), "hunter2"));
}

static void what_mysql_repeats_of_a_statement_keeps_its_password(void **state)
{
	(void)state;
	FROM_SERVER(3306, "\x4f\0\0\1\xff\x28\x04#42000You have an error near "
			  "'IDENTIFIED BY 'hunter2'' at line 1");
	assert_string_equal(
		at("error.message"), "You have an error near 'IDENTIFIED BY '***'' at line 1");
	assert_null(strstr(doc_text(), "hunter2"));
	FROM_SERVER(3306, "\x30\0\0\1\xff\x28\x04#42000You have an error near ''hunter2'' at 1");
	assert_string_equal(at("error.message"), "You have an error near ''***'' at 1");
	assert_null(strstr(doc_text(), "hunter2"));
	FROM_SERVER(3306, "\x2d\0\0\1\xff\x28\x04#42000You have an error near 'FORM t' at 1");
	assert_string_equal(at("error.message"), "You have an error near 'FORM t' at 1");
}

/* ALTER USER alice SET PASSWORD 'hunter2', which is not PostgreSQL's way. */
static void what_postgresql_repeats_of_a_statement_keeps_its_password(void **state)
{
	(void)state;
	FROM_SERVER(5432, "E\0\0\0\x40SERROR\0C42601\0"
			  "Msyntax error at or near \"'hunter2'\"\0\0");
	assert_string_equal(at("error.code"), "42601");
	assert_string_equal(at("error.message"), "syntax error at or near \"'***'\"");
	assert_null(strstr(doc_text(), "hunter2"));
}

/* A word of AUTH in base64, which alone in its segment could be a command. */
static void a_hidden_word_is_no_action(void **state)
{
	(void)state;
	TO_SERVER(21, "aHVudGVyMgAx\r\n");
	assert_string_equal(at("event.action"), "");
	assert_null(strstr(doc_text(), "ahvudgvy"));
	TO_SERVER(21, "RETR a.txt\r\n");
	assert_string_equal(at("event.action"), "retr");
}

/* Each line announces a literal up to a long last line: without a bound 2,000 users of megabytes. */
static void literals_in_the_words_of_a_server_name_no_user(void **state)
{
	enum { LINES = 2000, LINE = 16, TAIL = 31000 };
	static char text[LINES * LINE + TAIL + 1];

	(void)state;
	for (unsigned i = 0; i < LINES; i++)
		assert_int_equal(snprintf(text + (size_t)i * LINE, LINE + 1, "a LOGIN {%04u}\r\n",
					 (LINES - 1 - i) * LINE % 10000),
			LINE);
	memset(text + (size_t)LINES * LINE, 'z', TAIL);
	send(TCP, 143, CLIENT, text, sizeof(text) - 1);
	assert_null(doc_at(root, "user.name")); /* a server asks nobody in */
	assert_true(strlen(doc_text()) < sizeof(text));
}

static void a_password_in_imaps_literals_is_hidden(void **state)
{
	(void)state;
	TO_SERVER(143,
		"a LOGIN {5+}\r\nalice {7+}\r\nhunter2\r\nb LOGIN {3+}\r\nbob {7+}\r\nhunter2\r\n");
	assert_string_equal(at("user.name"), "alice");
	assert_null(strstr(doc_text(), "hunter2"));
	FROM_SERVER(143,
		"a LOGIN {5+}\r\nalice {7+}\r\nhunter2\r\nb LOGIN {3+}\r\nbob {7+}\r\nhunter2\r\n");
	assert_null(strstr(doc_text(), "hunter2"));
}

/* TLS amidst a record, to a client whose port is that of VNC. */
static void a_clients_port_names_nobody_where_the_server_has_a_decoder(void **state)
{
	uint8_t middle[64];

	(void)state;
	for (unsigned i = 0; i < sizeof(middle); i++)
		middle[i] = (uint8_t)(120 + i);
	send(TCP, 443, 5900, middle, sizeof(middle));
	assert_string_equal(doc_layer(root, "frame.protocols")->valuestring, "raw:ip:tcp:data");
	assert_string_equal(at("network.protocol"), "");
	send(TCP, 5900, CLIENT, middle, sizeof(middle));
	assert_string_equal(doc_layer(root, "frame.protocols")->valuestring, "raw:ip:tcp:vnc");
	assert_string_equal(at("network.protocol"), ""); /* NAT gives such ports to clients */
	send(UDP, 520, CLIENT, middle, sizeof(middle));
	assert_string_equal(at("network.protocol"), "rip");
	send(UDP, CLIENT, 88, "\4\2krb4", 6);
	assert_string_equal(
		doc_layer(root, "frame.protocols")->valuestring, "raw:ip:udp:kerberos:krb4");
}

static void lwapp_leaves_what_has_no_header_of_its_own(void **state)
{
	(void)state;
	send(UDP, CLIENT, 12222, "\4\0\0\x08\0\0\1\0\0\0body", 14);
	assert_string_equal(at("network.protocol"), "lwapp");
	send(UDP, CLIENT, 12222, "\4\0\0\x09\0\0\1\0\0\0body", 14);
	assert_string_equal(doc_layer(root, "frame.protocols")->valuestring, "raw:ip:udp:data");
	send(UDP, CLIENT, 12222, "<34>hello, world", 16);
	assert_string_equal(doc_layer(root, "frame.protocols")->valuestring, "raw:ip:udp:data");
	send(UDP, CLIENT, 12223, "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
	assert_string_equal(doc_layer(root, "frame.protocols")->valuestring, "raw:ip:udp:data");
	send(UDP, CLIENT, 12223, "\2\0\0\0\0\1\x84\0\0\x08\0\0\1\0\0\0body", 20);
	assert_string_equal(doc_layer(root, "frame.protocols")->valuestring, "raw:ip:udp:data");
}

/* From a style sheet, and from a head. */
static void a_piece_of_a_body_is_no_header(void **state)
{
	(void)state;
	FROM_SERVER(80, "on:color 0.3s;transition:color 0.3s}html{background:#002b36");
	assert_string_equal(
		doc_layer(root, "frame.protocols")->valuestring, "raw:ip:tcp:http:data");
	assert_null(doc_layer(root, "http.unknown_header"));
	FROM_SERVER(80, "X-Long: goes on in the next segment");
	assert_non_null(doc_layer(root, "http.unknown_header"));
}

static void behind_an_error_of_modbus_without_its_code_another_message_is_read(void **state)
{
	(void)state;
	FROM_SERVER(502, "\1\1\0\0\0\2\1\x81"
			 "\1\2\0\0\0\5\1\3\2\x12\x34");
	assert_int_equal(doc_layer(root, "mbtcp.trans_id")->valueint, 258);
	assert_int_equal(doc_layer(root, "modbus.regval_uint16")->valueint, 0x1234);
	assert_true(doc_has_anomaly(root, "error without a code"));
	FROM_SERVER(502, "\1\1\0\0\0\2\1\x81");
	assert_int_equal(doc_layer(root, "mbtcp.trans_id")->valueint, 257);
}

/* What asked for a ticket of version 4. */
static void a_ticket_alone_is_kerberos_on_its_port(void **state)
{
	static const char ticket[] = "\x61\x0e\x30\x0c\xa0\3\2\1\5\xa1\5\x1b\3"
				     "UMR";

	(void)state;
	send(UDP, CLIENT, 4444, ticket, sizeof(ticket) - 1);
	assert_string_equal(at("network.protocol"), "kerberos");
	assert_string_equal(doc_layer(root, "kerberos.realm")->valuestring, "UMR");
	send(UDP, CLIENT, 4444,
		"\x6a"
		"hello, world",
		13);
	assert_string_equal(doc_layer(root, "frame.protocols")->valuestring, "raw:ip:udp:data");
}

static void who_leaves_the_bytes_to_others_names_no_client(void **state)
{
	static const uint8_t noise[32] = { 0xf1, 0x02, 0x93, 0xff, 0x80 };

	(void)state;
	send(TCP, CLIENT, 110, noise, sizeof(noise));
	assert_string_equal(doc_layer(root, "frame.protocols")->valuestring, "raw:ip:tcp:data");
	assert_string_equal(at("client.ip"), "");
}

/* Two chunks of SCTP: one of M3UA by its protocol number, one of HTTP by its port. */
static void of_two_protocols_side_by_side_the_first_speaks(void **state)
{
#define HTTP_CHUNK "\0\3\0\x22\0\0\0\2\0\0\0\1\0\0\0\0GET / HTTP/1.1\r\n\r\n\0\0"
#define M3UA_CHUNK "\0\3\0\x18\0\0\0\1\0\0\0\0\0\0\0\3\1\0\3\3\0\0\0\x08"
	static const char m3ua_first[] = M3UA_CHUNK HTTP_CHUNK;
	static const char http_first[] = HTTP_CHUNK M3UA_CHUNK HTTP_CHUNK;

	(void)state;
	send(SCTP, CLIENT, 80, m3ua_first, sizeof(m3ua_first) - 1);
	assert_string_equal(at("network.protocol"), "m3ua");
	assert_string_equal(at("event.action"), "");
	send(SCTP, CLIENT, 80, http_first, sizeof(http_first) - 1);
	assert_string_equal(at("network.protocol"), "http");
	assert_string_equal(at("event.action"), "get");
}

static void a_port_that_clients_are_given_does_not_tell_the_protocol(void **state)
{
	static const uint8_t noise[64] = { 0x91, 0x02, 0x77 };

	(void)state;
	send(UDP, 51000, 47000, noise, sizeof(noise));
	assert_string_equal(doc_layer(root, "frame.protocols")->valuestring, "raw:ip:udp:hcrt");
	assert_string_equal(at("network.protocol"), "");
}

/* FTP in a block of DEFLATE that is stored as it is: 34 bytes, of which TCP's header are 20. */
static void what_compression_hides_is_hidden_with_it(void **state)
{
	static const char message[] = "\x06\0\0\x02\x01\x22\0\xdd\xff"
				      "\x79\x18\0\x15\0\0\0\1\0\0\0\1\x50\x18\0\0\0\0\0\0"
				      "PASS hunter2\r\n";
	enum { PASSWORD_AT = 9 + 20 + 5 };

	(void)state;
	struct packet *pkt = decoded(IPCOMP, 0, 0, message, sizeof(message) - 1);
	cJSON_Delete(root);
	root = doc_write(pkt);
	assert_string_equal(at("network.protocol"), "ftp");
	assert_string_equal(doc_layer(root, "ftp.request.arg")->valuestring, "***");
	assert_true(pkt_is_secret(pkt, bytes_of_frame + IP_HEAD + PASSWORD_AT, 7));
	assert_string_equal(at("network.transport"), "tcp");
	assert_string_equal(at("network.iana_number"), "6");
}

static void what_does_not_unpack_takes_no_memory(void **state)
{
	(void)state;
	struct packet *pkt = decoded(IPCOMP, 0, 0, "\x06\0\0\x02\xff\xff\xff\xff", 8);
	assert_int_equal(pkt->scratch_len, 0);
	pkt = decoded(IPCOMP, 0, 0,
		"\xfd\0\0\x02\x01\4\0\xfb\xff"
		"abcd",
		13);
	assert_int_equal(pkt->scratch_len, 4);
	cJSON_Delete(root);
	root = doc_write(pkt);
	assert_string_equal(at("network.iana_number"), "253");
}

static void behind_an_authentication_header_the_transport_is_that_of_the_flow(void **state)
{
	static const char udp[] = "\x11\1\0\0\0\0\0\1\0\0\0\1"
				  "\x30\x39\x02\x02\0\x0e\0\0<34>hi";

	(void)state;
	send(UDP, 12345, 514, "<34>hi", 6);
	char *plain = strdup(at("network.community_id"));
	assert_string_not_equal(plain, "");
	send(AH, 0, 0, udp, sizeof(udp) - 1);
	assert_string_equal(at("network.protocol"), "syslog");
	assert_string_equal(at("network.transport"), "udp");
	assert_string_equal(at("network.iana_number"), "17");
	assert_string_equal(at("network.community_id"), plain);
	free(plain);
	send(AH, 0, 0, udp, 8);
	assert_string_equal(at("network.transport"), "ah");
}

/* TLS to a controller of OpenFlow; and HTTP, to a client that was given an old port of it. */
static void openflow_leaves_other_protocols_to_their_decoders(void **state)
{
	(void)state;
	TO_SERVER(6653, "\x16\x03\x01\0\x05\x01\0\0\x01\0");
	assert_string_equal(at("network.protocol"), "tls");
	send(TCP, 6633, 8080, "GET / HTTP/1.1\r\n\r\n", 18);
	assert_string_equal(at("network.protocol"), "http");
	TO_SERVER(6653, "\4\0\0\x08\0\0\0\1");
	assert_string_equal(at("network.protocol"), "openflow");
	TO_SERVER(6653, "\0\0\0\1 in the middle");
	assert_string_equal(at("network.protocol"), "openflow");
}

/* A sample of sFlow, from whose ports nothing follows for the server in it. */
static void a_quoted_packet_has_a_flow_of_its_own(void **state)
{
	static const char sample[] = "\0\0\0\5\0\0\0\1\x0a\0\0\4\0\0\0\0\0\0\0\7\0\0\0\x08\0\0\0\1"
				     "\0\0\0\1\0\0\0\x70"
				     "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
				     "\0\0\0\1\0\0\0\1\0\0\0\x48"
				     "\0\0\0\x0b\0\0\0\x35\0\0\0\0\0\0\0\x35"
				     "\x45\0\0\x35\0\0\0\0\x40\x06\0\0\xc0\0\2\1\xc0\0\2\2"
				     "\x15\x38\x79\x18\0\0\0\1\0\0\0\1\x50\x18\0\0\0\0\0\0"
				     "E\0\0\0\x0cSERROR\0\0\0\0\0";

	(void)state;
	send(UDP, CLIENT, 6343, sample, sizeof(sample) - 1);
	assert_string_equal(doc_layer(root, "pgsql.type")->valuestring, "Error");
	assert_string_equal(at("network.protocol"), "sflow");
	assert_string_equal(at("destination.ip"), "10.0.0.5");
	assert_int_equal(doc_at(root, "destination.port")->valueint, 6343);
}

/* A router sends a message of syslog to the one that gives it out; then, that there is such a source. */
static void a_register_of_pim_is_a_tunnel_unless_it_is_null(void **state)
{
#define INNER                                                                                      \
	"\x45\0\0\x22\0\0\0\0\x40\x11\0\0\xc0\0\2\x09\xef\1\2\3"                                   \
	"\x30\x39\x02\x02\0\x0e\0\0<34>hi"

	(void)state;
	send(PIM, 0, 0, "\x21\0\0\0\0\0\0\0" INNER, 42);
	assert_string_equal(at("network.protocol"), "syslog");
	assert_string_equal(at("event.action"), "");
	assert_string_equal(at("source.ip"), "192.0.2.9");
	assert_string_equal(at("destination.ip"), "239.1.2.3");
	assert_non_null(strstr(
		doc_text(), "\"tunnel\":[{\"type\":\"pim\",\"source\":{\"ip\":\"10.0.0.4\"}"));
	send(PIM, 0, 0, "\x21\0\0\0\x40\0\0\0" INNER, 42);
	assert_string_equal(at("network.protocol"), "pim");
	assert_string_equal(at("event.action"), "null-register");
	assert_string_equal(at("source.ip"), "10.0.0.4");
	assert_null(strstr(doc_text(), "\"tunnel\""));
}

static void radius_speaks_for_the_eap_in_it(void **state)
{
	static const char reject[] = "\3\5\0\x26"
				     "0123456789abcdef"
				     "\x12\x0c"
				     "no account"
				     "\x4f\6\4\1\0\4";

	(void)state;
	send(UDP, 1812, CLIENT, reject, sizeof(reject) - 1);
	assert_int_equal(doc_layer(root, "eap.code")->valueint, 4);
	assert_string_equal(at("network.protocol"), "radius");
	assert_string_equal(at("event.action"), "access-reject");
	assert_string_equal(at("event.outcome"), "failure");
	assert_string_equal(at("error.code"), "3");
	assert_string_equal(at("error.message"), "no account");
}

/* What a server says of a command that it does not know, and what is shown of it. */
static void assert_said(uint16_t port, const char *text, const char *message)
{
	send(TCP, port, CLIENT, text, strlen(text));
	assert_string_equal(at("error.message"), message);
	assert_true(strstr(message, "hunter2") || !strstr(doc_text(), "hunter2"));
}

static void a_command_that_a_server_repeats_is_hidden_unless_it_is_one(void **state)
{
	(void)state;
	assert_said(
		21, "500 'hunter2': command not understood.\r\n", "'***': command not understood.");
	assert_said(21, "500 hunter2 not understood\r\n", "*** not understood");
	assert_said(21, "500 MLSD not understood\r\n", "MLSD not understood");
	assert_said(21, "500 Command not understood\r\n", "Command not understood");
	assert_said(21, "530 Login incorrect for hunter2.\r\n", "Login incorrect for hunter2.");
	assert_said(110, "-ERR Unknown command: \"hunter2\".\r\n", "Unknown command: \"***\".");
	assert_said(110, "-ERR Unknown command: hunter2\r\n", "Unknown command: ***");
	assert_said(110, "-ERR Unknown command in this state\r\n", "Unknown command in this state");
	assert_said(25, "500 5.5.1 Command unrecognized: \"aHVudGVyMgA\"\r\n",
		"5.5.1 Command unrecognized: \"***\"");
	assert_said(25, "500 5.5.1 Command unrecognized: \"XCLI a hunter2\"\r\n",
		"5.5.1 Command unrecognized: \"***\"");
	assert_said(25,
		"550 5.1.1 <alice.hunter2@a.example>: Recipient address rejected: "
		"User unknown in local recipient table\r\n",
		"5.1.1 <alice.hunter2@a.example>: Recipient address rejected: "
		"User unknown in local recipient table");
	assert_said(143, "a BAD Error in IMAP command HUNTER2: Unknown command (0.1 secs).\r\n",
		"Error in IMAP command ***: Unknown command (0.1 secs).");
	assert_said(143, "a BAD Error in IMAP command COMPRESS: Unknown command.\r\n",
		"Error in IMAP command COMPRESS: Unknown command.");
	assert_said(6379, "-ERR unknown command 'hunter2', with args beginning with: \r\n",
		"unknown command '***', with args beginning with:");
	assert_said(6379, "-ERR unknown command `CLIENT`\r\n", "unknown command `CLIENT`");
}

static void a_word_alone_that_is_no_command_is_hidden(void **state)
{
	static const char *const words[] = { "hunter2\r\n", "hunterzwo\r\n",
		"*1\r\n$7\r\nhunter2\r\n", "*1\r\n$9\r\nhunterzwo\r\n" };
	static const uint16_t ports[] = { 21, 110, 25, 143, 6379 };

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		for (unsigned j = 0; j < (ports[i] == 6379 ? 4 : 2); j++) {
			send(TCP, CLIENT, ports[i], words[j], strlen(words[j]));
			assert_null(strstr(doc_text(), "hunter"));
			assert_null(strstr(doc_text(), "68756e746572"));
			assert_string_equal(at("event.action"), "");
		}
	TO_SERVER(21, "\xff\xf4\xff\xf2"
		      "ABOR\r\n");
	assert_non_null(strstr(doc_text(), "ABOR"));
	TO_SERVER(6379, "*1\r\n$8\r\nFLUSHALL\r\n");
	assert_string_equal(at("event.action"), "flushall");
}

/* The user's literal begins a segment, since the server was waited for. */
static void a_literal_of_imap_is_hidden_although_it_looks_like_a_command(void **state)
{
	(void)state;
	TO_SERVER(143, "alice {12+}\r\nhunter2 noop\r\nb select INBOX\r\n");
	assert_null(strstr(doc_text(), "hunter2"));
	TO_SERVER(143, "b fetch 1 body[]\r\n");
	assert_string_equal(at("event.action"), "fetch");
}

static void a_password_in_eap_is_hidden(void **state)
{
	static const char request[] = "\1\1\0\x24"
				      "0123456789abcdef"
				      "\x4f\x09\2\1\0\x0c\6hu"
				      "\x4f\x07nter2";

	(void)state;
	struct packet *pkt = decoded(UDP, CLIENT, 1812, request, sizeof(request) - 1);
	assert_true(pkt_is_secret(pkt, bytes_of_frame + UDP_HEAD + 27, 2));
	assert_true(pkt_is_secret(pkt, bytes_of_frame + UDP_HEAD + 31, 5));
	cJSON_Delete(root);
	root = doc_write(pkt);
	assert_int_equal(doc_layer(root, "eap.type")->valueint, 6);
	assert_false(pkt_is_secret(pkt, bytes_of_frame + UDP_HEAD, 20));
}

/* They stand in no field, but in what --payload shows. */
static void assert_hidden(uint16_t port, const char *text, size_t secret_at)
{
	struct packet *pkt = decoded(TCP, CLIENT, port, text, strlen(text));

	assert_true(pkt_is_secret(pkt, bytes_of_frame + TCP_HEAD + secret_at, 1));
	assert_false(pkt_is_secret(pkt, bytes_of_frame + TCP_HEAD, 1) && secret_at);
}

static void secrets_that_no_field_shows_are_marked(void **state)
{
	(void)state;
	assert_hidden(25, "aHVudGVyMgAx\r\n", 0);
	assert_hidden(25, "AUTH LOGIN\r\nYWxpY2UA\r\naHVudGVyMgAx\r\n", 12);
	assert_hidden(80, "Authorization:Basic aHVudGVyMgAx", 14);
	assert_hidden(80, "X-Api-Key:hunter2", 10);
	assert_hidden(80, "GET / HTTP/1.1\r\nAuthorization:\r\n Bearer hunter2\r\n\r\n", 40);
	assert_hidden(6379, "CONFIG SET requirepass hunter2\r\n", 23);
	assert_hidden(6379, "HELLO 3 AUTH alice hunter2\r\n", 19);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_redis_repeats_of_an_unknown_command_is_hidden),
		TEST(the_password_of_a_sentinels_master_is_hidden),
		TEST(what_mysql_repeats_of_a_statement_keeps_its_password),
		TEST(what_postgresql_repeats_of_a_statement_keeps_its_password),
		TEST(a_hidden_word_is_no_action),
		TEST(literals_in_the_words_of_a_server_name_no_user),
		TEST(a_password_in_imaps_literals_is_hidden),
		TEST(a_clients_port_names_nobody_where_the_server_has_a_decoder),
		TEST(lwapp_leaves_what_has_no_header_of_its_own),
		TEST(a_piece_of_a_body_is_no_header),
		TEST(behind_an_error_of_modbus_without_its_code_another_message_is_read),
		TEST(a_ticket_alone_is_kerberos_on_its_port),
		TEST(who_leaves_the_bytes_to_others_names_no_client),
		TEST(of_two_protocols_side_by_side_the_first_speaks),
		TEST(a_port_that_clients_are_given_does_not_tell_the_protocol),
		TEST(what_compression_hides_is_hidden_with_it),
		TEST(what_does_not_unpack_takes_no_memory),
		TEST(behind_an_authentication_header_the_transport_is_that_of_the_flow),
		TEST(a_quoted_packet_has_a_flow_of_its_own),
		TEST(a_register_of_pim_is_a_tunnel_unless_it_is_null),
		TEST(radius_speaks_for_the_eap_in_it),
		TEST(a_command_that_a_server_repeats_is_hidden_unless_it_is_one),
		TEST(a_word_alone_that_is_no_command_is_hidden),
		TEST(a_literal_of_imap_is_hidden_although_it_looks_like_a_command),
		TEST(a_password_in_eap_is_hidden),
		TEST(secrets_that_no_field_shows_are_marked),
		TEST(openflow_leaves_other_protocols_to_their_decoders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
