/* kerberos_walk.c -- what messages and tickets of Kerberos hold, by tables of their members.
 * RFC 4120:  [APPLICATION n] SEQUENCE of members [0], [1], ...; see the shapes below.
 * PA-DATA SEQUENCE { [1] type, [2] OCTET STRING }, which holds by type:  1 message 14 | 2, 138
 *   EncryptedData | 11, 19 SEQUENCE OF { [0] cipher, [1] salt } | 129 { [0] name, [1] realm } |
 *   136 in requests { [0] { [0] { armor [0] type, [1] message 14 }, ..., [2] EncryptedData } } |
 *   137 message 30 | 161 ciphers */
/* SPDX-License-Identifier: Apache-2.0 */
#include "kerberos.h"

enum { DEPTH_MAX = 16, GENERAL_STRING = 0x1b };
enum {
	PA_TGS_REQ = 1,
	PA_ENC_TIMESTAMP,
	PA_ETYPE_INFO = 11,
	PA_ETYPE_INFO2 = 19,
	PA_FOR_USER = 129,
	PA_FX_FAST = 136,
	PA_FX_ERROR,
	PA_CHALLENGE,
	PA_SPAKE = 151,
	PA_KEY_LIST = 161,
};

/* What a member holds; `what` is a row or a shape. */
enum kind {
	K_END,
	K_INT,
	K_STR,
	K_TIME,
	K_OPTIONS,
	K_NAMES,     /* SEQUENCE OF text */
	K_INTS,      /* SEQUENCE OF INTEGER */
	K_SHAPE,     /* SEQUENCE */
	K_LIST,      /* SEQUENCE OF SEQUENCE */
	K_TICKET,    /* a message of its own */
	K_TICKETS,   /* SEQUENCE OF them */
	K_HINTS,     /* SEQUENCE OF PA-DATA */
	K_ADDRESSES, /* SEQUENCE OF HostAddress */
	K_ERROR_DATA,
};

struct member {
	uint8_t tag, kind, what;
};

enum shape {
	S_REQUEST,
	S_BODY,
	S_REPLY,
	S_AP_REQ,
	S_AP_REP,
	S_PRIV,
	S_CRED,
	S_ERROR,
	S_TICKET,
	S_CNAME,
	S_SNAME,
	S_NAME,
	S_ENCRYPTED,
	S_ETYPE_INFO,
	S_ETYPE_INFO2,
	S_FOR_USER,
	S_FAST,
	S_ARMOR,
	S_FAST_REPLY,
	S_SAFE,
	S_SPAKE,
	SHAPES,
};

static const struct member shapes[SHAPES][14] = {
	[S_REQUEST] = { { 1, K_INT, KRB_PVNO }, { 2, K_INT, KRB_MSG_TYPE }, { 3, K_HINTS, 0 },
		{ 4, K_SHAPE, S_BODY } },
	[S_BODY] = { { 0, K_OPTIONS, 0 }, { 1, K_SHAPE, S_CNAME }, { 2, K_STR, KRB_REALM },
		{ 3, K_SHAPE, S_SNAME }, { 4, K_TIME, KRB_FROM }, { 5, K_TIME, KRB_TILL },
		{ 6, K_TIME, KRB_RTIME }, { 7, K_INT, KRB_NONCE }, { 8, K_INTS, KRB_ENCTYPE },
		{ 9, K_ADDRESSES, 0 }, { 10, K_SHAPE, S_ENCRYPTED }, { 11, K_TICKETS, 0 } },
	[S_REPLY] = { { 0, K_INT, KRB_PVNO }, { 1, K_INT, KRB_MSG_TYPE }, { 2, K_HINTS, 0 },
		{ 3, K_STR, KRB_CREALM }, { 4, K_SHAPE, S_CNAME }, { 5, K_TICKET, 0 },
		{ 6, K_SHAPE, S_ENCRYPTED } },
	[S_AP_REQ] = { { 0, K_INT, KRB_PVNO }, { 1, K_INT, KRB_MSG_TYPE }, { 3, K_TICKET, 0 },
		{ 4, K_SHAPE, S_ENCRYPTED } },
	[S_AP_REP] = { { 0, K_INT, KRB_PVNO }, { 1, K_INT, KRB_MSG_TYPE },
		{ 2, K_SHAPE, S_ENCRYPTED } },
	[S_PRIV] = { { 0, K_INT, KRB_PVNO }, { 1, K_INT, KRB_MSG_TYPE },
		{ 3, K_SHAPE, S_ENCRYPTED } },
	[S_CRED] = { { 0, K_INT, KRB_PVNO }, { 1, K_INT, KRB_MSG_TYPE }, { 2, K_TICKETS, 0 },
		{ 3, K_SHAPE, S_ENCRYPTED } },
	[S_ERROR] = { { 0, K_INT, KRB_PVNO }, { 1, K_INT, KRB_MSG_TYPE }, { 2, K_TIME, KRB_CTIME },
		{ 3, K_INT, KRB_CUSEC }, { 4, K_TIME, KRB_STIME }, { 5, K_INT, KRB_SUSEC },
		{ 6, K_INT, KRB_ERROR_CODE }, { 7, K_STR, KRB_CREALM }, { 8, K_SHAPE, S_CNAME },
		{ 9, K_STR, KRB_REALM }, { 10, K_SHAPE, S_SNAME }, { 11, K_STR, KRB_E_TEXT },
		{ 12, K_ERROR_DATA, 0 } },
	[S_TICKET] = { { 0, K_INT, KRB_TKT_VNO }, { 1, K_STR, KRB_REALM }, { 2, K_SHAPE, S_SNAME },
		{ 3, K_SHAPE, S_ENCRYPTED } },
	[S_CNAME] = { { 0, K_INT, KRB_NAME_TYPE }, { 1, K_NAMES, KRB_CNAME } },
	[S_SNAME] = { { 0, K_INT, KRB_NAME_TYPE }, { 1, K_NAMES, KRB_SNAME } },
	[S_NAME] = { { 0, K_INT, KRB_NAME_TYPE } },
	[S_ENCRYPTED] = { { 0, K_INT, KRB_ETYPE }, { 1, K_INT, KRB_KVNO } },
	[S_ETYPE_INFO] = { { 0, K_INT, KRB_ETYPE } },
	[S_ETYPE_INFO2] = { { 0, K_INT, KRB_ETYPE }, { 1, K_STR, KRB_SALT } },
	[S_FOR_USER] = { { 0, K_SHAPE, S_NAME }, { 1, K_STR, KRB_REALM } },
	[S_FAST] = { { 0, K_SHAPE, S_ARMOR }, { 2, K_SHAPE, S_ENCRYPTED } },
	[S_ARMOR] = { { 1, K_TICKET, 0 } },
	[S_FAST_REPLY] = { { 0, K_SHAPE, S_ENCRYPTED } },
	[S_SAFE] = { { 0, K_INT, KRB_PVNO }, { 1, K_INT, KRB_MSG_TYPE } },
	[S_SPAKE] = { { 1, K_SHAPE, S_ENCRYPTED } },
};

static bool walk_shape(struct kerberos_walk *w, enum shape shape, struct bytes b);

/* --- members --- */

static bool put_options(struct packet *pkt, struct bytes value)
{
	struct bytes bits = ber_need(&value, BER_BIT_STRING);
	uint8_t unused = bytes_u8(&bits);

	if (!bytes_ok(&bits) || bits.cut || unused > 7)
		return false;
	put_bytes(pkt, KRB_KDC_OPTIONS, bits.p, bytes_left(&bits));
	uint32_t flags = bytes_be32(&bits);
	if (!bytes_ok(&bits))
		return true;
	put_bool(pkt, KRB_FORWARDABLE, flags >> 30 & 1);
	put_bool(pkt, KRB_RENEWABLE, flags >> 23 & 1);
	put_bool(pkt, KRB_CANONICALIZE, flags >> 16 & 1);
	return true;
}

/* Parts of a name joined as people write them, for ECS. */
static void name_whole(struct packet *pkt, unsigned field, struct bytes list)
{
	char *text = pkt_scratch(pkt, 0);
	size_t len = 0;

	while (text && bytes_left(&list) && len < PKT_TEXT_MAX) {
		struct bytes part = ber_need(&list, GENERAL_STRING);
		if (len && pkt_copy(pkt, "/", 1))
			len++;
		if (!pkt_copy(pkt, part.p, bytes_left(&part)))
			return;
		len += bytes_left(&part);
	}
	if (!text || !len)
		return;
	ecs_str(pkt, field == KRB_CNAME ? ECS_USER_NAME : ECS_SERVICE_NAME, text, len);
	if (field == KRB_CNAME)
		ecs_str(pkt, ECS_RELATED_USER, text, len);
}

static bool put_names(struct packet *pkt, unsigned field, struct bytes value)
{
	struct bytes list = ber_need(&value, BER_SEQUENCE), all = list;

	while (bytes_left(&list))
		ber_get_str(pkt, &list, GENERAL_STRING, field);
	if (!bytes_ok(&list))
		return false;
	name_whole(pkt, field, all);
	return true;
}

static bool put_ints(struct packet *pkt, unsigned field, struct bytes value)
{
	struct bytes list = ber_need(&value, BER_SEQUENCE);

	while (bytes_left(&list))
		(void)ber_get_int(pkt, &list, BER_INTEGER, field);
	return bytes_ok(&list);
}

static bool walk_list(struct kerberos_walk *w, enum shape shape, struct bytes list)
{
	while (bytes_left(&list))
		if (!walk_shape(w, shape, ber_need(&list, BER_SEQUENCE)))
			return false;
	return bytes_ok(&list);
}

static bool walk_tickets(struct kerberos_walk *w, struct bytes value)
{
	struct bytes list = ber_need(&value, BER_SEQUENCE);
	struct ber e;

	while (ber_next(&list, &e)) {
		struct bytes one = bytes_of(e.from, (size_t)(e.value.end - e.from));
		one.cut = e.value.cut;
		if (!kerberos_walk(w, one))
			return false;
	}
	return bytes_ok(&list);
}

/* --- PA-DATA --- */

static bool walk_fast(struct kerberos_walk *w, struct bytes value)
{
	struct bytes choice = ber_need(&value, BER_CTX(0));

	return walk_shape(w, w->request ? S_FAST : S_FAST_REPLY, ber_need(&choice, BER_SEQUENCE));
}

/* Of SPAKE only the client's answer, [2], has anything of ours. */
static bool walk_spake(struct kerberos_walk *w, struct bytes value)
{
	struct bytes answer = ber_value(&value, BER_CTX(2));

	return !bytes_ok(&answer) || walk_shape(w, S_SPAKE, ber_need(&answer, BER_SEQUENCE));
}

static bool walk_hint(struct kerberos_walk *w, int64_t type, struct bytes value)
{
	if (bytes_left(&value) == 0)
		return true;
	switch (type) {
	case PA_TGS_REQ:
	case PA_FX_ERROR:
		return kerberos_walk(w, value);
	case PA_ENC_TIMESTAMP:
	case PA_CHALLENGE:
		return walk_shape(w, S_ENCRYPTED, ber_need(&value, BER_SEQUENCE));
	case PA_ETYPE_INFO:
		return walk_list(w, S_ETYPE_INFO, ber_need(&value, BER_SEQUENCE));
	case PA_ETYPE_INFO2:
		return walk_list(w, S_ETYPE_INFO2, ber_need(&value, BER_SEQUENCE));
	case PA_FOR_USER:
		return walk_shape(w, S_FOR_USER, ber_need(&value, BER_SEQUENCE));
	case PA_FX_FAST:
		if (!w->request)
			return walk_fast(w, value);
		w->fast = value;
		return true;
	case PA_SPAKE:
		return walk_spake(w, value);
	case PA_KEY_LIST:
		return put_ints(w->pkt, KRB_ENCTYPE, value);
	default:
		return true;
	}
}

static bool walk_hints(struct kerberos_walk *w, struct bytes value)
{
	struct bytes list = ber_need(&value, BER_SEQUENCE);

	while (bytes_left(&list)) {
		struct bytes hint = ber_need(&list, BER_SEQUENCE);
		struct bytes kind = ber_need(&hint, BER_CTX(1)),
			     type = ber_need(&kind, BER_INTEGER);
		struct bytes held = ber_need(&hint, BER_CTX(2));
		int64_t number = 0;
		if (!ber_put_int(w->pkt, KRB_PADATA_TYPE, type) || !bytes_ok(&hint))
			return false;
		(void)ber_int(type, &number);
		if (!walk_hint(w, number, ber_need(&held, BER_OCTET_STRING)))
			return false;
	}
	if (bytes_left(&w->fast)) {
		struct bytes fast = w->fast;
		w->fast = bytes_of(NULL, 0);
		return walk_fast(w, fast);
	}
	return bytes_ok(&list);
}

static bool walk_error_data(struct kerberos_walk *w, struct bytes value)
{
	struct bytes data = ber_need(&value, BER_OCTET_STRING);

	if (w->error == KRB_ERR_PREAUTH_REQUIRED || w->error == KRB_ERR_PREAUTH_FAILED ||
		w->error == KRB_ERR_ETYPE_NOSUPP || w->error == KRB_ERR_WRONG_REALM ||
		w->error == KRB_ERR_MORE_PREAUTH)
		return walk_hints(w, data);
	return bytes_ok(&data);
}

/* --- shapes --- */

static bool put_number(struct kerberos_walk *w, unsigned field, struct bytes value)
{
	int64_t number = ber_get_int(w->pkt, &value, BER_INTEGER, field);

	if (field == KRB_ERROR_CODE)
		w->error = number;
	return bytes_ok(&value);
}

static bool put_string(struct kerberos_walk *w, unsigned field, struct bytes value)
{
	struct bytes ahead = value;

	if (field == KRB_E_TEXT)
		w->error_text = ber_need(&ahead, GENERAL_STRING);
	ber_get_str(w->pkt, &value, GENERAL_STRING, field);
	return bytes_ok(&value);
}

static bool walk_member(struct kerberos_walk *w, const struct member *m, struct bytes value)
{
	switch (m->kind) {
	case K_INT:
		return put_number(w, m->what, value);
	case K_STR:
		return put_string(w, m->what, value);
	case K_TIME:
		kerberos_put_time(w->pkt, m->what, value);
		return true;
	case K_OPTIONS:
		return put_options(w->pkt, value);
	case K_NAMES:
		return put_names(w->pkt, m->what, value);
	case K_INTS:
		return put_ints(w->pkt, m->what, value);
	case K_SHAPE:
		return walk_shape(w, m->what, ber_need(&value, BER_SEQUENCE));
	case K_LIST:
		return walk_list(w, m->what, ber_need(&value, BER_SEQUENCE));
	case K_TICKET:
		if (bytes_peek(&value, 0) == BER_OCTET_STRING) /* the armor of FAST, RFC 6113 */
			value = ber_value(&value, BER_OCTET_STRING);
		return kerberos_walk(w, value);
	case K_TICKETS:
		return walk_tickets(w, value);
	case K_HINTS:
		return walk_hints(w, value);
	case K_ADDRESSES:
		return kerberos_put_addresses(w->pkt, ber_need(&value, BER_SEQUENCE));
	default:
		return walk_error_data(w, value);
	}
}

static const struct member *find_member(enum shape shape, uint8_t tag)
{
	for (const struct member *m = shapes[shape]; m->kind != K_END; m++)
		if (BER_CTX(m->tag) == tag)
			return m;
	return NULL;
}

static bool walk_shape(struct kerberos_walk *w, enum shape shape, struct bytes b)
{
	struct ber e;

	if (!bytes_ok(&b))
		return false;
	if (w->depth == DEPTH_MAX) {
		pkt_anomaly(w->pkt, "too deep");
		return true;
	}
	w->depth++;
	while (ber_next(&b, &e)) {
		const struct member *m = find_member(shape, e.tag);
		if (m && !walk_member(w, m, e.value))
			return false;
	}
	w->depth--;
	return bytes_ok(&b) && !b.cut;
}

static int shape_of(unsigned type)
{
	static const int8_t by_type[32] = { [1] = S_TICKET + 1,
		[KRB_AS_REQ] = S_REQUEST + 1,
		[KRB_AS_REP] = S_REPLY + 1,
		[KRB_TGS_REQ] = S_REQUEST + 1,
		[KRB_TGS_REP] = S_REPLY + 1,
		[KRB_AP_REQ] = S_AP_REQ + 1,
		[KRB_AP_REP] = S_AP_REP + 1,
		[KRB_SAFE] = S_SAFE + 1,
		[KRB_PRIV] = S_PRIV + 1,
		[KRB_CRED] = S_CRED + 1,
		[KRB_ERROR] = S_ERROR + 1 };

	return by_type[type & 31] - 1;
}

bool kerberos_knows(unsigned type)
{
	return shape_of(type) >= 0;
}

bool kerberos_walk(struct kerberos_walk *w, struct bytes b)
{
	struct ber e;

	if (!ber_next(&b, &e) || e.tag != BER_APP(e.tag & 31) || shape_of(e.tag) < 0)
		return false;
	return walk_shape(w, (enum shape)shape_of(e.tag), ber_need(&e.value, BER_SEQUENCE));
}
