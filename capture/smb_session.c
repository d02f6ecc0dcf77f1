/* smb_session.c -- beginnings in SMB 1: dialects, sessions, trees (MS-CIFS and MS-SMB, 2.2.4).
 * Passwords are secret, in clear or not. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gss.h"
#include "smb.h"

enum { DIALECT = 2, PATH = 4, DIALECTS_MAX = 256, GUID = 16 };
enum { NT_WORDS = 17, SETUP_EXTENDED = 12, SETUP_NT = 13, SETUP_OLD = 10, ANSWER_EXTENDED = 4 };
static const uint32_t extended_security = 0x80000000;

static bool negotiate_request(struct smb *m)
{
	struct bytes b = m->data;
	bool unicode = m->unicode;

	m->unicode = false; /* dialects never are */
	for (unsigned i = 0; i < DIALECTS_MAX && bytes_left(&b); i++) {
		if (bytes_u8(&b) != DIALECT)
			break;
		smb_put_text(m, &b, SMB_DIALECT_NAME);
	}
	m->unicode = unicode;
	return true;
}

static void put_blob(struct smb *m, struct bytes blob)
{
	if (bytes_left(&blob))
		gss_token(m->pkt, GSS_TOKEN, blob);
}

/* 0-1 dialect | 2 mode | 3-18 limits and a key | 19-22 capabilities | 23-33 time | 34 key length */
static bool negotiate_response(struct smb *m)
{
	if (m->nwords != NT_WORDS)
		return true;
	bytes_skip(&m->words, 19);
	if (!(bytes_le32(&m->words) & extended_security))
		return true;
	bytes_skip(&m->data, GUID);
	if (bytes_ok(&m->data))
		put_blob(m, m->data);
	return bytes_ok(&m->data);
}

static void put_systems(struct smb *m, struct bytes *b)
{
	smb_put_text(m, b, SMB_NATIVE_OS);
	smb_put_text(m, b, SMB_NATIVE_LANMAN);
}

static bool setup_extended(struct smb *m, uint16_t length)
{
	struct bytes b = m->data, blob = bytes_upto(&b, length);

	put_blob(m, blob);
	put_systems(m, &b);
	return true;
}

/* In clear, or an answer to a challenge. */
static void take_password(struct smb *m, struct bytes *b, uint16_t length)
{
	struct bytes password = bytes_sub(b, length);

	if (!bytes_ok(&password))
		return;
	pkt_secret(m->pkt, password.p, length);
	gss_token(m->pkt, GSS_NTLMSSP_UNNAMED, password);
}

/* Behind the chain: 0-1 buffer | 2-3 requests | 4-5 circuit | 6-9 key | 10-11 length of a token or
 * a password | 12-13 length of a second one, if there are 13 words | ... */
static bool setup_request(struct smb *m)
{
	bytes_skip(&m->words, 10);
	uint16_t first = bytes_le16(&m->words), second = bytes_le16(&m->words);
	struct bytes b = m->data;

	if (m->nwords == SETUP_EXTENDED)
		return setup_extended(m, first);
	if (m->nwords != SETUP_NT && m->nwords != SETUP_OLD)
		return true;
	take_password(m, &b, first);
	if (m->nwords == SETUP_NT)
		take_password(m, &b, second);
	if (!bytes_ok(&b))
		return false;
	struct bytes account = smb_put_read(m, &b, SMB_ACCOUNT);
	if (bytes_left(&account))
		ecs_str(m->pkt, ECS_RELATED_USER, account.p, bytes_left(&account));
	smb_skip_text(m, &b);
	put_systems(m, &b);
	return true;
}

static bool setup_response(struct smb *m)
{
	bytes_skip(&m->words, 2);
	uint16_t length = bytes_le16(&m->words);

	if (m->nwords == 0)
		return true;
	return setup_extended(m, m->nwords == ANSWER_EXTENDED ? length : 0);
}

/* The old form: each text behind a byte that says what it is. */
static bool tree_connect(struct smb *m)
{
	struct bytes b = m->data;

	if (m->response || bytes_u8(&b) != PATH)
		return true;
	smb_put_text(m, &b, SMB_PATH);
	return true;
}

/* Behind the chain: 0-1 flags | 2-3 length of a password */
static bool tree_connect_andx(struct smb *m)
{
	struct bytes b = m->data;

	if (m->response)
		return true;
	bytes_skip(&m->words, 2);
	take_password(m, &b, bytes_le16(&m->words));
	if (bytes_ok(&b))
		smb_put_text(m, &b, SMB_PATH);
	return bytes_ok(&b);
}

bool smb_session(struct smb *m)
{
	switch (m->cmd) {
	case SMB_NEGOTIATE:
		return m->response ? negotiate_response(m) : negotiate_request(m);
	case SMB_SESSION_SETUP:
		return m->response ? setup_response(m) : setup_request(m);
	case SMB_TREE_CONNECT:
		return tree_connect(m);
	default:
		return tree_connect_andx(m);
	}
}
