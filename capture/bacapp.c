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

enum role { NOTHING, AN_OBJECT, A_PROPERTY, A_NAME, A_PASSWORD, VALUES, ERRORS, INSIDE };
enum shape {
	PLAIN_SHAPE,
	ONE_PROPERTY,
	LIST_ASKED,
	LIST_TOLD,
	CHANGES,
	SUBSCRIBE,
	WHO_HAS,
	CONTROL,
	RESTART,
	I_AM,
	FAILURE,
	SHAPES
};

struct walk {
	struct packet *pkt;
	enum shape shape;
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

enum { ROLES_MAX = 6 };

/* By service, and number of the tag: outermost, and within what is INSIDE. */
static const uint8_t outer_roles[SHAPES][ROLES_MAX] = {
	[ONE_PROPERTY] = { AN_OBJECT, A_PROPERTY, NOTHING, VALUES },
	[LIST_ASKED] = { AN_OBJECT, INSIDE },
	[LIST_TOLD] = { AN_OBJECT, INSIDE },
	[CHANGES] = { NOTHING, AN_OBJECT, AN_OBJECT, NOTHING, INSIDE },
	[SUBSCRIBE] = { NOTHING, AN_OBJECT },
	[WHO_HAS] = { NOTHING, NOTHING, AN_OBJECT, A_NAME },
	[CONTROL] = { NOTHING, NOTHING, A_PASSWORD },
	[RESTART] = { NOTHING, A_PASSWORD },
	[FAILURE] = { ERRORS },
};
static const uint8_t inner_roles[SHAPES][ROLES_MAX] = {
	[LIST_ASKED] = { A_PROPERTY },
	[LIST_TOLD] = { NOTHING, NOTHING, A_PROPERTY, NOTHING, VALUES, ERRORS },
	[CHANGES] = { A_PROPERTY, NOTHING, VALUES },
};

/* The role of a tag of the context, by service and by what is open. */
static enum role role_of(const struct walk *w, uint32_t number)
{
	if (number >= ROLES_MAX)
		return NOTHING;
	if (w->depth == 0)
		return (enum role)outer_roles[w->shape][number];
	if (w->depth == 1 && w->open[0] == INSIDE)
		return (enum role)inner_roles[w->shape][number];
	return NOTHING;
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
	if (code && w->shape == FAILURE)
		outcome_failure(w->pkt, number, NAME_OF(errors, number));
}

static void put_application(struct walk *w, const struct tag *t)
{
	enum { VENDOR = 3 }; /* of I-Am: behind device, size and segmentation */
	enum role around = w->depth ? w->open[w->depth - 1] : NOTHING;
	bool outer = w->depth == 0;

	if (t->number == OBJECT && (outer || around == VALUES))
		put_object(w->pkt, t->value);
	if (around == ERRORS || (outer && w->shape == FAILURE))
		put_error(w, t);
	if (t->number == CHARACTERS && (outer || (around == VALUES && w->property == OBJECT_NAME)))
		put_name(w->pkt, t->value);
	if (around == VALUES && w->property == PRESENT_VALUE)
		put_present(w, t);
	if (outer && w->shape == I_AM && w->applications == VENDOR && bytes_left(&t->value) <= 2)
		put_u64(w->pkt, BACAPP_VENDOR, number_of(t->value));
	w->applications++;
}

static void put_context(struct walk *w, const struct tag *t)
{
	switch (role_of(w, t->number)) {
	case AN_OBJECT:
		put_object(w->pkt, t->value);
		break;
	case A_PROPERTY:
		w->property = (uint32_t)number_of(t->value);
		put_u64(w->pkt, BACAPP_PROPERTY, w->property);
		break;
	case A_NAME:
		put_name(w->pkt, t->value);
		break;
	case A_PASSWORD:
		pkt_secret(w->pkt, t->value.p, bytes_left(&t->value));
		break;
	case NOTHING:
	case VALUES:
	case ERRORS:
	case INSIDE:
		break;
	}
}

/* --- services --- */

static enum shape shape_of(enum bacapp_type type, uint8_t service)
{
	bool told = type == BACAPP_COMPLEX_ACK;

	if (type == BACAPP_ERROR)
		return FAILURE;
	if (type == BACAPP_UNCONFIRMED_REQUEST) {
		static const uint8_t shapes[] = { [0] = I_AM, [2] = CHANGES, [7] = WHO_HAS };
		return service < sizeof(shapes) ? (enum shape)shapes[service] : PLAIN_SHAPE;
	}
	static const uint8_t shapes[] = { [1] = CHANGES,
		[5] = SUBSCRIBE,
		[8] = ONE_PROPERTY,
		[9] = ONE_PROPERTY,
		[12] = ONE_PROPERTY,
		[14] = LIST_ASKED,
		[15] = ONE_PROPERTY,
		[17] = CONTROL,
		[20] = RESTART };
	if (service == 14 && told)
		return LIST_TOLD;
	return service < sizeof(shapes) ? (enum shape)shapes[service] : PLAIN_SHAPE;
}

bool bacapp_service(struct packet *pkt, enum bacapp_type type, uint8_t service, struct bytes b)
{
	struct walk w = { .pkt = pkt, .shape = shape_of(type, service) };

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

const char *bacapp_service_name(bool confirmed, uint8_t service)
{
	static const char *const asked[] = { "acknowledge-alarm", "confirmed-cov-notification",
		"confirmed-event-notification", "get-alarm-summary", "get-enrollment-summary",
		"subscribe-cov", "atomic-read-file", "atomic-write-file", "add-list-element",
		"remove-list-element", "create-object", "delete-object", "read-property",
		"read-property-conditional", "read-property-multiple", "write-property",
		"write-property-multiple", "device-communication-control",
		"confirmed-private-transfer", "confirmed-text-message", "reinitialize-device" };
	static const char *const told[] = { "i-am", "i-have", "unconfirmed-cov-notification",
		"unconfirmed-event-notification", "unconfirmed-private-transfer",
		"unconfirmed-text-message", "time-synchronization", "who-has", "who-is",
		"utc-time-synchronization" };

	if (confirmed)
		return service < sizeof(asked) / sizeof(asked[0]) ? asked[service] : NULL;
	return service < sizeof(told) / sizeof(told[0]) ? told[service] : NULL;
}
