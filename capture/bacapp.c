/* bacapp.c -- the tags of BACnet services: objects, properties, values.
 * ASHRAE 135, 20.2:  number (4 bits), of the context, length (3) or 6 opens, 7 closes |
 *   number 15: one byte more | length 5: u8; 254: u16; 255: u32 | value
 *
 * What a number means depends on the service and on the tags that are open around it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "bacnet.h"
#include "outcome.h"

enum { TAGS_MAX = 65536, DEPTH_MAX = 8, PRESENT_VALUE = 85, OBJECT_NAME = 77 };
enum { BOOLEAN = 1, UNSIGNED = 2, REAL = 4, CHARACTERS = 7, ENUMERATED = 9, OBJECT = 12 };

struct tag {
	uint32_t number;
	bool context, opens, closes;
	uint8_t bits;
	struct bytes value;
};

/* What a tag means: what stands in it, or, of one that opens and of a service, which roles the tags
 * within have. */
enum role {
	NOTHING,
	AN_OBJECT,
	A_PROPERTY,
	A_NAME,
	A_PASSWORD,
	A_VENDOR,
	VALUES,
	ERRORS,
	PROPERTIES,
	RESULTS,
	CHANGED,
	REFERENCE,
	REFERENCE_IN,
	EVENT_VALUES,
	EVENTS,
	RECORDS,
	DATUM,
	COV,
	PROCESS,
	DATES,
	ONE_PROPERTY,
	LIST_ASKED,
	LIST_TOLD,
	CHANGES,
	SUBSCRIBE,
	EVENT,
	ENROLLMENTS,
	EVENTS_TOLD,
	WRITE_MANY,
	RANGE,
	CREATE,
	SAFETY,
	FIRST_OBJECT,
	TRANSFER,
	WHO_HAS,
	CONTROL,
	RESTART,
	I_AM,
	FAILURE,
	FAILURE_IN,
	FAILURE_WRITE,
	FAILURE_TRANSFER,
	ROLES
};

struct walk {
	struct packet *pkt;
	enum role service;
	enum role open[DEPTH_MAX];
	unsigned depth, applications, errors;
	uint32_t property;
};

/* --- tags --- */

static bool read_tag(struct bytes *b, struct tag *t)
{
	uint8_t first = bytes_u8(b);

	*t = (struct tag){ .number = first >> 4, .context = first & 8, .bits = first & 7 };
	if (t->number == 15)
		t->number = bytes_u8(b);
	t->opens = t->context && t->bits == 6;
	t->closes = t->context && t->bits == 7;
	uint32_t length = t->bits;
	if (length == 5)
		length = bytes_u8(b);
	if (t->bits == 5 && length == 254)
		length = bytes_be16(b);
	else if (t->bits == 5 && length == 255)
		length = bytes_be32(b);
	if (t->opens || t->closes || (!t->context && t->number == BOOLEAN))
		length = 0;
	t->value = bytes_sub(b, length);
	return bytes_ok(b) && bytes_ok(&t->value);
}

static uint64_t number_of(struct bytes b)
{
	uint64_t value = 0;

	while (bytes_left(&b))
		value = value << 8 | bytes_u8(&b);
	return value;
}

static void put_object(struct packet *pkt, struct bytes b)
{
	uint32_t object = bytes_be32(&b);

	if (!bytes_ok(&b))
		return;
	put_u64(pkt, BACAPP_OBJECT_TYPE, object >> 22);
	put_u64(pkt, BACAPP_INSTANCE, object & 0x3fffff);
}

/* Behind a byte that names the character set; only UTF-8 is shown. */
static void put_name(struct packet *pkt, struct bytes b)
{
	if (bytes_u8(&b) == 0 && bytes_ok(&b))
		put_str(pkt, BACAPP_OBJECT_NAME, b.p, bytes_left(&b));
}

/* --- what tags mean --- */

enum { TAG_NUMBERS = 13 };

/* By service or open tag, and number of the tag. */
static const uint8_t roles[ROLES][TAG_NUMBERS] = {
	[PROPERTIES] = { A_PROPERTY },
	[RESULTS] = { [2] = A_PROPERTY, [4] = VALUES, [5] = ERRORS },
	[CHANGED] = { A_PROPERTY, [2] = VALUES },
	[REFERENCE] = { AN_OBJECT, A_PROPERTY, [3] = AN_OBJECT },
	[REFERENCE_IN] = { REFERENCE },
	[EVENT_VALUES] = { [10] = REFERENCE_IN },
	[EVENTS] = { AN_OBJECT },
	[RECORDS] = { [1] = DATUM },
	[DATUM] = { [8] = ERRORS },
	[COV] = { PROCESS, REFERENCE },
	[PROCESS] = { FIRST_OBJECT },
	[DATES] = { [1] = AN_OBJECT },
	[ONE_PROPERTY] = { AN_OBJECT, A_PROPERTY, [3] = VALUES },
	[LIST_ASKED] = { AN_OBJECT, PROPERTIES },
	[LIST_TOLD] = { AN_OBJECT, RESULTS },
	[CHANGES] = { [1] = AN_OBJECT, [2] = AN_OBJECT, [4] = CHANGED },
	[SUBSCRIBE] = { [1] = AN_OBJECT, [4] = PROPERTIES },
	[EVENT] = { [1] = AN_OBJECT, [2] = AN_OBJECT, [12] = EVENT_VALUES },
	[ENROLLMENTS] = { [1] = PROCESS },
	[EVENTS_TOLD] = { EVENTS },
	[WRITE_MANY] = { AN_OBJECT, CHANGED },
	[RANGE] = { AN_OBJECT, A_PROPERTY, [5] = RECORDS },
	[CREATE] = { DATES, CHANGED },
	[SAFETY] = { [3] = AN_OBJECT },
	[FIRST_OBJECT] = { AN_OBJECT },
	[TRANSFER] = { A_VENDOR },
	[WHO_HAS] = { [2] = AN_OBJECT, [3] = A_NAME },
	[CONTROL] = { [2] = A_PASSWORD },
	[RESTART] = { [1] = A_PASSWORD },
	[FAILURE] = { ERRORS },
	[FAILURE_IN] = { ERRORS },
	[FAILURE_WRITE] = { ERRORS, REFERENCE },
	[FAILURE_TRANSFER] = { ERRORS, A_VENDOR },
};

/* 12: what the values of some properties are made of. */
static enum role role_of_values(uint32_t property)
{
	enum {
		CONTROLLED = 19,
		EXCEPTIONS = 38,
		REFERENCES = 54,
		MANIPULATED = 60,
		MONITORED = 78,
		RECIPIENTS = 102,
		SETPOINT = 109,
		LOGGED = 132,
		SUBSCRIPTIONS = 152
	};

	switch (property) {
	case CONTROLLED:
	case REFERENCES:
	case MANIPULATED:
	case MONITORED:
	case LOGGED:
		return REFERENCE;
	case SETPOINT:
		return REFERENCE_IN;
	case RECIPIENTS:
		return FIRST_OBJECT;
	case EXCEPTIONS:
		return DATES;
	case SUBSCRIPTIONS:
		return COV;
	default:
		return NOTHING;
	}
}

/* The role of a tag of the context, by service and by what is open. */
static enum role role_of(const struct walk *w, uint32_t number)
{
	enum role around = w->depth ? w->open[w->depth - 1] : w->service;

	if (around == VALUES)
		around = role_of_values(w->property);
	return number < TAG_NUMBERS ? (enum role)roles[around][number] : NOTHING;
}

static void put_present(struct walk *w, const struct tag *t)
{
	size_t n = bytes_left(&t->value);

	if (t->number == BOOLEAN)
		put_bool(w->pkt, BACAPP_VALUE_BOOLEAN, t->bits & 1);
	if (t->number == UNSIGNED && n > 0 && n <= 8)
		put_u64(w->pkt, BACAPP_VALUE_UINT, number_of(t->value));
	if (t->number == REAL && n == 4)
		put_f32(w->pkt, BACAPP_VALUE_REAL, (uint32_t)number_of(t->value));
}

/* 21, BACnetErrorCode, the first ones. */
static const char *const errors[] = { "other", "authentication-failed", "configuration-in-progress",
	"device-busy", "dynamic-creation-not-supported", "file-access-denied",
	"incompatible-security-levels", "inconsistent-parameters",
	"inconsistent-selection-criterion", "invalid-data-type", "invalid-file-access-method",
	"invalid-file-start-position", "invalid-operator-name", "invalid-parameter-data-type",
	"invalid-time-stamp", "key-generation-error", "missing-required-parameter",
	"no-objects-of-specified-type", "no-space-for-object", "no-space-to-add-list-element",
	"no-space-to-write-property", "no-vt-sessions-available", "property-is-not-a-list",
	"object-deletion-not-permitted", "object-identifier-already-exists", "operational-problem",
	"password-failure", "read-access-denied", "security-not-supported",
	"service-request-denied", "timeout", "unknown-object", "unknown-property", NULL,
	"unknown-vt-class", "unknown-vt-session", "unsupported-object-type", "value-out-of-range",
	"vt-session-already-closed", "vt-session-termination-failure", "write-access-denied",
	"character-set-not-supported", "invalid-array-index", "cov-subscription-failed",
	"not-cov-property", "optional-functionality-not-supported", "invalid-configuration-data",
	"datatype-not-supported", "duplicate-name", "duplicate-object-id",
	"property-is-not-an-array" };

static void put_error(struct walk *w, const struct tag *t)
{
	if (t->number != ENUMERATED || bytes_left(&t->value) > 4)
		return;
	uint64_t number = number_of(t->value);
	bool code = w->errors++ % 2;
	put_u64(w->pkt, code ? BACAPP_ERROR_CODE : BACAPP_ERROR_CLASS, number);
	if (code && w->service >= FAILURE)
		outcome_failure(w->pkt, number, NAME_OF(errors, number));
}

static void put_application(struct walk *w, const struct tag *t)
{
	enum { VENDOR = 3 }; /* of I-Am: behind device, size and segmentation */
	enum role around = w->depth ? w->open[w->depth - 1] : NOTHING;
	bool outer = w->depth == 0;

	if (t->number == OBJECT && (outer || around == VALUES))
		put_object(w->pkt, t->value);
	if (around == ERRORS || (outer && w->service == FAILURE))
		put_error(w, t);
	if (t->number == CHARACTERS && (outer || (around == VALUES && w->property == OBJECT_NAME)))
		put_name(w->pkt, t->value);
	if (around == VALUES && w->property == PRESENT_VALUE)
		put_present(w, t);
	if (outer && w->service == I_AM && w->applications == VENDOR && bytes_left(&t->value) <= 2)
		put_u64(w->pkt, BACAPP_VENDOR, number_of(t->value));
	w->applications++;
}

/* One that stands in the values of another is not the one that they are of. */
static void put_property(struct walk *w, uint32_t property)
{
	put_u64(w->pkt, BACAPP_PROPERTY, property);
	if (w->depth == 0 || w->open[w->depth - 1] != VALUES)
		w->property = property;
}

static void put_context(struct walk *w, const struct tag *t)
{
	switch (role_of(w, t->number)) {
	case AN_OBJECT:
		put_object(w->pkt, t->value);
		break;
	case A_PROPERTY:
		put_property(w, (uint32_t)number_of(t->value));
		break;
	case A_NAME:
		put_name(w->pkt, t->value);
		break;
	case A_PASSWORD:
		pkt_secret(w->pkt, t->value.p, bytes_left(&t->value));
		break;
	case A_VENDOR:
		if (bytes_left(&t->value) <= 4)
			put_u64(w->pkt, BACAPP_VENDOR, number_of(t->value));
		break;
	default:
		break;
	}
}

/* --- services --- */

static enum role role_in(const uint8_t *table, size_t n, uint8_t service)
{
	return service < n ? (enum role)table[service] : NOTHING;
}

static enum role role_of_failure(uint8_t service)
{
	static const uint8_t failures[] = { [8] = FAILURE_IN,
		[9] = FAILURE_IN,
		[10] = FAILURE_IN,
		[16] = FAILURE_WRITE,
		[18] = FAILURE_TRANSFER,
		[22] = FAILURE_IN };
	enum role role = role_in(failures, sizeof(failures), service);

	return role == NOTHING ? FAILURE : role;
}

static enum role role_of_service(enum bacapp_type type, uint8_t service)
{
	static const uint8_t unconfirmed[] = { [0] = I_AM,
		[2] = CHANGES,
		[3] = EVENT,
		[4] = TRANSFER,
		[5] = FIRST_OBJECT,
		[7] = WHO_HAS };
	static const uint8_t confirmed[] = { [0] = SUBSCRIBE,
		[1] = CHANGES,
		[2] = EVENT,
		[4] = ENROLLMENTS,
		[5] = SUBSCRIBE,
		[8] = ONE_PROPERTY,
		[9] = ONE_PROPERTY,
		[10] = CREATE,
		[12] = ONE_PROPERTY,
		[14] = LIST_ASKED,
		[15] = ONE_PROPERTY,
		[16] = WRITE_MANY,
		[17] = CONTROL,
		[18] = TRANSFER,
		[19] = FIRST_OBJECT,
		[20] = RESTART,
		[26] = RANGE,
		[27] = SAFETY,
		[28] = SUBSCRIBE,
		[29] = FIRST_OBJECT };
	enum { LIST = 14, GET_EVENTS = 29 };
	bool told = type == BACAPP_COMPLEX_ACK;

	if (type == BACAPP_ERROR)
		return role_of_failure(service);
	if (type == BACAPP_UNCONFIRMED_REQUEST)
		return role_in(unconfirmed, sizeof(unconfirmed), service);
	if (told && service == LIST)
		return LIST_TOLD;
	if (told && service == GET_EVENTS)
		return EVENTS_TOLD;
	return role_in(confirmed, sizeof(confirmed), service);
}

bool bacapp_service(struct packet *pkt, enum bacapp_type type, uint8_t service, struct bytes b)
{
	struct walk w = { .pkt = pkt, .service = role_of_service(type, service) };

	for (unsigned i = 0; i < TAGS_MAX && bytes_left(&b); i++) {
		struct tag t;
		if (!read_tag(&b, &t))
			return false;
		if (t.closes && w.depth > 0)
			w.depth--;
		else if (t.opens && w.depth == DEPTH_MAX)
			return false;
		else if (t.opens) {
			enum role role = role_of(&w, t.number);
			w.open[w.depth++] = role;
		} else if (t.context)
			put_context(&w, &t);
		else
			put_application(&w, &t);
	}
	return true;
}
