/* tls_alert.c -- alerts of TLS and DTLS, for ECS (RFC 8446, 6; IANA's registry of TLS alerts). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_alert.h"

#include "outcome.h"

enum { FIRST = 20, WARNING = 1, FATAL = 2 };

static const char *const descriptions[] = {
	[10] = "unexpected_message",
	[20] = "bad_record_mac",
	[21] = "decryption_failed",
	[22] = "record_overflow",
	[30] = "decompression_failure",
	[40] = "handshake_failure",
	[41] = "no_certificate",
	[42] = "bad_certificate",
	[43] = "unsupported_certificate",
	[44] = "certificate_revoked",
	[45] = "certificate_expired",
	[46] = "certificate_unknown",
	[47] = "illegal_parameter",
	[48] = "unknown_ca",
	[49] = "access_denied",
	[50] = "decode_error",
	[51] = "decrypt_error",
	[60] = "export_restriction",
	[70] = "protocol_version",
	[71] = "insufficient_security",
	[80] = "internal_error",
	[86] = "inappropriate_fallback",
	[90] = "user_canceled",
	[100] = "no_renegotiation",
	[109] = "missing_extension",
	[110] = "unsupported_extension",
	[111] = "certificate_unobtainable",
	[112] = "unrecognized_name",
	[113] = "bad_certificate_status_response",
	[114] = "bad_certificate_hash_value",
	[115] = "unknown_psk_identity",
	[116] = "certificate_required",
	[120] = "no_application_protocol",
};

void tls_action(struct packet *pkt, uint8_t content_type)
{
	static const char *const names[] = { "change-cipher-spec", "alert", "handshake",
		"application-data", "heartbeat" };

	if (content_type >= FIRST)
		ecs_text(pkt, ECS_EVENT_ACTION, NAME_OF(names, content_type - (unsigned)FIRST));
}

bool tls_alert_known(struct bytes b)
{
	uint8_t level = bytes_u8(&b), description = bytes_u8(&b);

	if (level != WARNING && level != FATAL)
		return false;
	return !bytes_ok(&b) || description == 0 || NAME_OF(descriptions, description);
}

void tls_alert(struct packet *pkt, struct bytes b, unsigned level_row, unsigned description_row)
{
	if (bytes_claimed(&b) != 2) /* encrypted */
		return;
	uint8_t level = get_u8(pkt, &b, level_row), description = get_u8(pkt, &b, description_row);
	if (bytes_ok(&b) && level == FATAL && description)
		outcome_failure(pkt, description, NAME_OF(descriptions, description));
}
