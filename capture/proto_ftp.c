/* proto_ftp.c -- File Transfer Protocol, the control connection.
 * RFC 959:  commands  RETR path      answers  150 text  or, of several lines,  150-text
 * RFC 2428: EPRT, EPSV; RFC 4217: AUTH TLS, then TLS.
 *
 * Only the first line of a segment is read, as tshark does. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <strings.h>

#include "ftp_address.h"
#include "talk_secret.h"

enum { TELNET = 0x80, FAILURES = 400, CODE = 4, PASSIVE = 227, EXTENDED_PASSIVE = 229 };

enum {
	REQUEST,
	RESPONSE,
	REQUEST_COMMAND,
	REQUEST_ARG,
	RESPONSE_CODE,
	RESPONSE_ARG,
	PASSIVE_IP,
	PASSIVE_PORT,
	ACTIVE_CIP,
	ACTIVE_PORT,
	EPRT_IP,
	EPRT_PORT,
	EPSV_PORT,
};
static const struct proto_field fields[] = {
	[REQUEST] = { "ftp.request", FIELD_BOOL, "From the client", NULL, "0.1", DERIVED, PLAIN },
	[RESPONSE] = { "ftp.response", FIELD_BOOL, "From the server", NULL, "0.1", DERIVED, PLAIN },
	[REQUEST_COMMAND] = { "ftp.request.command", FIELD_ASCII, "Command", NULL, "0.1", CORE,
		PLAIN },
	[REQUEST_ARG] = { "ftp.request.arg", FIELD_ASCII, "What follows the command", NULL, "0.1",
		CORE, CONTENT },
	[RESPONSE_CODE] = { "ftp.response.code", FIELD_U32,
		"Code of the answer: up to 399 are good ones", NULL, "0.1", CORE, PLAIN },
	[RESPONSE_ARG] = { "ftp.response.arg", FIELD_ASCII, "Text of the answer", NULL, "0.1", CORE,
		CONTENT },
	[PASSIVE_IP] = { "ftp.passive.ip", FIELD_IPV4, "Where the server awaits data", NULL, "0.1",
		CORE, ADDRESS },
	[PASSIVE_PORT] = { "ftp.passive.port", FIELD_U16, "On which port", NULL, "0.1", CORE,
		PLAIN },
	[ACTIVE_CIP] = { "ftp.active.cip", FIELD_IPV4, "Where the client awaits data (PORT)", NULL,
		"0.1", CORE, ADDRESS },
	[ACTIVE_PORT] = { "ftp.active.port", FIELD_U16, "On which port", NULL, "0.1", CORE, PLAIN },
	[EPRT_IP] = { "ftp.eprt.ip", FIELD_IPV4, "Where the client awaits data (EPRT)", NULL, "0.1",
		CORE, ADDRESS },
	[EPRT_PORT] = { "ftp.eprt.port", FIELD_U16, "On which port", NULL, "0.1", CORE, PLAIN },
	[EPSV_PORT] = { "ftp.epsv.port", FIELD_U16, "Port on which the server awaits data (EPSV)",
		NULL, "0.1", CORE, PLAIN },
	{ 0 },
};
static const struct proto_bind binds[] = { { BY_TCP_PORT, 21, NULL }, { 0 } };

static const char *const file_commands[] = { "RETR", "STOR", "STOU", "APPE", "DELE", "RNFR", "RNTO",
	"SIZE", "MDTM", "MFMT", "MLST", NULL };

static const char *const long_commands[] = { "XSHA1", "XSHA256", "XSHA512", "UTF-8", "UTF8", NULL };

/* ABOR has an interrupt of Telnet's in front of it. */
static bool is_command(struct bytes word)
{
	while (bytes_peek(&word, 0) >= TELNET)
		bytes_skip(&word, 1);
	return talk_is_verb(word) || talk_is_one_of(word, long_commands);
}

/* Does the word begin the text? tshark takes "P" for PORT. */
static bool begins(struct bytes word, const char *text)
{
	return bytes_left(&word) && bytes_left(&word) <= strlen(text) &&
	       memcmp(word.p, text, bytes_left(&word)) == 0;
}

static void put_file(struct packet *pkt, struct bytes path)
{
	const uint8_t *name = path.end;

	if (bytes_left(&path) == 0)
		return;
	ecs_str(pkt, ECS_FILE_PATH, path.p, bytes_left(&path));
	while (name > path.p && name[-1] != '/')
		name--;
	if (name < path.end)
		ecs_str(pkt, ECS_FILE_NAME, name, (size_t)(path.end - name));
}

/* A copy that lives as long as the packet. */
static const uint8_t *keep(struct packet *pkt, const uint8_t ip[4])
{
	return (const uint8_t *)pkt_copy(pkt, ip, 4);
}

static void put_active(struct packet *pkt, struct bytes command, struct bytes arg)
{
	struct ftp_address address;

	if (begins(command, "PORT") && ftp_six_numbers(arg, &address)) {
		put_addr(pkt, ACTIVE_CIP, keep(pkt, address.ip));
		put_u64(pkt, ACTIVE_PORT, address.port);
	} else if (!begins(command, "PORT") && begins(command, "EPRT")) {
		if (!ftp_eprt(arg, &address)) {
			pkt_anomaly(pkt, "odd address");
			return;
		}
		if (address.has_ip)
			put_addr(pkt, EPRT_IP, keep(pkt, address.ip));
		put_u64(pkt, EPRT_PORT, address.port);
	}
}

static void put_request(struct packet *pkt, struct bytes text)
{
	struct bytes command = line_until(&text, ' ');

	while (bytes_peek(&text, 0) == ' ')
		bytes_skip(&text, 1);
	talk_put(pkt, REQUEST_COMMAND, command);
	talk_put(pkt, REQUEST_ARG, text);
	talk_action(pkt, command);
	if (line_is(command, "USER"))
		talk_user(pkt, text);
	else if (talk_is_one_of(command, file_commands))
		put_file(pkt, text);
	put_active(pkt, command, text);
}

static void put_passive(struct packet *pkt, int code, struct bytes arg)
{
	struct ftp_address address;
	uint16_t port;

	if (code == PASSIVE && ftp_six_numbers(arg, &address)) {
		put_addr(pkt, PASSIVE_IP, keep(pkt, address.ip));
		put_u64(pkt, PASSIVE_PORT, address.port);
	} else if (code == EXTENDED_PASSIVE) {
		if (ftp_epsv(arg, &port))
			put_u64(pkt, EPSV_PORT, port);
		else
			pkt_anomaly(pkt, "no port");
	}
}

static void put_response(struct packet *pkt, struct bytes text)
{
	int code = talk_code(text);

	if (code >= 0) {
		put_u64(pkt, RESPONSE_CODE, (unsigned)code);
		(void)bytes_upto(&text, CODE);
		if (code >= FAILURES)
			talk_secret_echo(pkt, text, is_command);
		talk_outcome(pkt, code, text);
	}
	talk_put(pkt, RESPONSE_ARG, text);
	put_passive(pkt, code, text);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	bool asks = talk_asks(pkt, b);
	struct bytes rest = b;
	struct talk_line line;

	if (talk_is_tls(b) || talk_is_binary(b) || !talk_line(&rest, &line))
		return DECODE_REJECT;
	talk_secret_foreign(pkt, b);
	talk_secret_lines(pkt, b);
	put_bool(pkt, REQUEST, asks);
	put_bool(pkt, RESPONSE, !asks);
	if (asks)
		talk_secret_lone(pkt, line.text, is_command);
	if (asks)
		put_request(pkt, line.text);
	else
		put_response(pkt, line.text);
	return b.cut ? DECODE_TRUNCATED : DECODE_OK;
}

const struct proto proto_ftp = {
	.name = "ftp", .binds = binds, .fields = fields, .decode = decode, .application = "ftp"
};
