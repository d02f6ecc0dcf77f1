/* check.c -- is this text a document of ours?
 *
 * Text first (check_text.c), then the tree that cJSON makes of it, walked against two tables of
 * names: paths of ecs.def, and fields of the decoders. cJSON takes its memory from one block that
 * is given back as a whole, since millions of documents are looked at. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include <cjson/cJSON.h>

enum { BUCKETS = 8192, ARENA = 16 << 20, PATH_BYTES = 256, WHY_BYTES = 400, NAMES_MAX = 4096 };
enum { MASKS = 2 * PKT_SECRETS_MAX }; /* a secret of one byte becomes three */

/* What a JSON value may be. */
enum kind {
	NUMBER,
	BOOLEAN,
	TEXT,
	FREE_TEXT,
	IP,
	HEX,
	MAC_LOWER,
	MAC_UPPER,
	TIME,
	FLAT,    /* an object whose keys are the user's */
	OBJECT,  /* around other paths */
	OBJECTS, /* an array of those */
	LAYERS,
};

struct name {
	const char *path;
	enum kind kind;
	bool list; /* always an array */
	unsigned seen;
	struct name *next;
};

struct check {
	struct name names[NAMES_MAX];
	char *owned[NAMES_MAX];
	size_t count, nowned;
	struct name *buckets[BUCKETS];
	unsigned document;
	char why[WHY_BYTES];
};

/* --- cJSON's memory --- */

static char *arena;
static size_t arena_used;

static void *arena_take(size_t n)
{
	n = (n + 15) & ~(size_t)15;
	if (n > ARENA - arena_used)
		return NULL;
	arena_used += n;
	return arena + arena_used - n;
}

static void arena_give(void *p)
{
	(void)p; /* all at once, before the next document */
}

/* Strings of cJSON end at a NUL, texts in arrays of objects (a TXT record) do not: a copy with
 * \u0001 in place of each \u0000. */
static const char *without_nul(const char *text, size_t n)
{
	char *copy = arena_take(n);

	if (!copy)
		abort();
	memcpy(copy, text, n);
	for (char *p = copy; (p = memchr(p, '\\', (size_t)(copy + n - p))) && copy + n - p > 6;
		p += 2)
		if (memcmp(p, "\\u0000", 6) == 0)
			p[5] = '1';
	return copy;
}

static cJSON *parse(const char *text, size_t n)
{
	cJSON_Hooks hooks = { arena_take, arena_give };
	const char *end = NULL;

	if (!arena)
		arena = malloc(ARENA);
	if (!arena)
		abort();
	arena_used = 0;
	if (memmem(text, n, "\\u0000", 6))
		text = without_nul(text, n);
	cJSON_InitHooks(&hooks);
	cJSON *root = cJSON_ParseWithLengthOpts(text, n, &end, false);
	cJSON_InitHooks(NULL);
	return end == text + n ? root : NULL;
}

/* --- names --- */

static unsigned hash(const char *s)
{
	uint32_t h = 2166136261u;

	while (*s)
		h = (h ^ (unsigned char)*s++) * 16777619u;
	return h % BUCKETS;
}

static struct name *find(const struct check *c, const char *path)
{
	struct name *name = c->buckets[hash(path)];

	while (name && strcmp(name->path, path) != 0)
		name = name->next;
	return name;
}

static void add(struct check *c, const char *path, enum kind kind, bool list)
{
	unsigned h = hash(path);

	if (c->count == NAMES_MAX)
		abort();
	c->names[c->count] = (struct name){ path, kind, list, 0, c->buckets[h] };
	c->buckets[h] = &c->names[c->count++];
}

static enum kind kind_of_field(enum field_type type)
{
	if (type <= FIELD_F64)
		return NUMBER;
	if (type == FIELD_BOOL || type == FIELD_TRUE)
		return BOOLEAN;
	if (type == FIELD_BYTES)
		return HEX;
	if (type == FIELD_MAC)
		return MAC_LOWER;
	if (type == FIELD_IPV4 || type == FIELD_IPV6)
		return IP;
	return type == FIELD_TIME ? TIME : TEXT;
}

/* A file's name and a label are not the packet's: only JSON bounds their length. */
static enum kind kind_of_path(const struct ecs_row *row)
{
	size_t n = strlen(row->path);

	if (n > 4 && strcmp(row->path + n - 4, ".mac") == 0)
		return MAC_UPPER;
	if (strcmp(row->path, "log.file.path") == 0 || strcmp(row->path, "tags") == 0)
		return FREE_TEXT;
	switch (row->type) {
	case ECS_TYPE_LONG:
		return NUMBER;
	case ECS_TYPE_BOOL:
		return BOOLEAN;
	case ECS_TYPE_DATE:
		return TIME;
	case ECS_TYPE_OBJECT:
		return OBJECTS;
	case ECS_TYPE_FLAT:
		return FLAT;
	case ECS_TYPE_IP:
		return IP;
	default:
		return TEXT;
	}
}

/* The objects around a path: "a" and "a.b" of "a.b.c". */
static void add_around(struct check *c, const char *path)
{
	for (const char *dot = strchr(path, '.'); dot; dot = strchr(dot + 1, '.')) {
		char around[PATH_BYTES];
		(void)snprintf(around, sizeof(around), "%.*s", (int)(dot - path), path);
		if (find(c, around))
			continue;
		char *kept = strdup(around);
		if (!kept)
			abort();
		c->owned[c->nowned++] = kept;
		add(c, kept, OBJECT, false);
	}
}

static void add_ecs(struct check *c)
{
	for (int id = 1; id < ECS_COUNT; id++) {
		const struct ecs_row *row = &ecs_rows[id];
		bool list = row->flags == ECS_FLAG_MANY || id == ECS_TAGS ||
			    id == ECS_EVENT_CATEGORY || id == ECS_EVENT_TYPE;
		if (row->flags == ECS_FLAG_LEAD)
			continue;
		add_around(c, row->path);
		add(c, row->path, kind_of_path(row), list);
	}
	add(c, "layers", LAYERS, false);
}

/* A field is told from a path by the blank in front. */
static void add_fields(struct check *c, const struct decoder *decoder)
{
	for (size_t i = 0; i < decoder_field_count(decoder); i++) {
		const struct proto_field *row = decoder_field_row(decoder, i);
		char *kept;
		if (asprintf(&kept, " %s", row->name) < 0)
			abort();
		c->owned[c->nowned++] = kept;
		add(c, kept, kind_of_field(row->type), false);
	}
}

struct check *check_new(const struct decoder *decoder)
{
	struct check *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	add(c, "@timestamp", TIME, false);
	for (size_t i = 0; i < 4; i++) { /* of the lite schema */
		static const char *const lite[] = { "srcip", "srcport", "dstip", "dstport" };
		add(c, lite[i], TEXT, false);
	}
	add_ecs(c);
	add_fields(c, decoder);
	return c;
}

void check_free(struct check *c)
{
	for (size_t i = 0; c && i < c->nowned; i++)
		free(c->owned[i]);
	free(c);
}

/* --- values --- */

__attribute__((format(printf, 2, 3))) static bool wrong(struct check *c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(c->why, sizeof(c->why), format, args);
	va_end(args);
	return false;
}

/* Does the text follow the shape? x: lower-case hexadecimal, X: upper-case, d: digit. */
static bool shaped(const char *s, const char *shape)
{
	static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";

	for (; *shape; s++, shape++) {
		const char *set = *shape == 'x' ? lower : *shape == 'X' ? upper : NULL;
		if (*shape == 'd' ? *s < '0' || *s > '9'
			: set     ? !*s || !strchr(set, *s)
				  : *s != *shape)
			return false;
	}
	return !*s;
}

static bool is_hex(const char *s)
{
	return strlen(s) % 2 == 0 && s[strspn(s, "0123456789abcdef")] == '\0';
}

static bool is_ip(const char *s)
{
	uint8_t address[16];

	return inet_pton(AF_INET, s, address) == 1 || inet_pton(AF_INET6, s, address) == 1;
}

static bool good_text(enum kind kind, const char *s)
{
	if (!*s)
		return false;
	if (kind == HEX)
		return is_hex(s);
	if (kind == IP)
		return is_ip(s);
	if (kind == MAC_LOWER)
		return shaped(s, "xx:xx:xx:xx:xx:xx");
	if (kind == MAC_UPPER)
		return shaped(s, "XX-XX-XX-XX-XX-XX");
	if (kind == TIME)
		return shaped(s, "dddd-dd-ddTdd:dd:dd.dddddddddZ");
	return kind == FREE_TEXT || strlen(s) <= PKT_TEXT_MAX + MASKS;
}

static bool scalar(struct check *c, const struct name *name, const cJSON *item)
{
	if (name->kind == NUMBER        ? !cJSON_IsNumber(item)
		: name->kind == BOOLEAN ? !cJSON_IsBool(item)
					: !cJSON_IsString(item))
		return wrong(c, "%s has another JSON type (%d)", name->path, item->type);
	if (cJSON_IsString(item) && !good_text(name->kind, item->valuestring))
		return wrong(c, "%s cannot be \"%.100s\"", name->path, item->valuestring);
	return true;
}

static bool object(struct check *c, const cJSON *item, const char *path, bool part);

static bool flat(struct check *c, const struct name *name, const cJSON *item)
{
	const cJSON *member;

	if (!cJSON_IsObject(item))
		return wrong(c, "%s is no object", name->path);
	cJSON_ArrayForEach(member, item)
	{
		if (!cJSON_IsString(member))
			return wrong(c, "%s has a member that is no text", name->path);
	}
	return true;
}

static bool array(struct check *c, const struct name *name, const cJSON *item)
{
	const cJSON *element;
	int n = cJSON_GetArraySize(item);

	if (n == 0 || n > PKT_REPEATS_MAX)
		return wrong(c, "%s is an array of %d values", name->path, n);
	cJSON_ArrayForEach(element, item)
	{
		bool good = name->kind == OBJECTS ? object(c, element, name->path, true)
						  : scalar(c, name, element);
		if (!good)
			return false;
	}
	return true;
}

static bool stands_twice(const cJSON *object, const cJSON *member)
{
	for (const cJSON *m = object->child; m != member; m = m->next)
		if (strcmp(m->string, member->string) == 0)
			return true;
	return false;
}

/* part: inside an element of an array, where a path comes once per element. */
static bool value(struct check *c, struct name *name, const cJSON *item, bool part)
{
	if (name->seen == c->document && !part)
		return wrong(c, "%s stands there twice", name->path);
	name->seen = c->document;
	if (name->kind == FLAT)
		return flat(c, name, item);
	if (name->kind == OBJECT || name->kind == LAYERS)
		return object(c, item, name->kind == OBJECT ? name->path : " ", part);
	bool must = name->list || name->kind == OBJECTS, may = must || name->path[0] == ' ';
	if (cJSON_IsArray(item) ? !may : must)
		return wrong(c, "%s is %s array", name->path, may ? "no" : "an");
	return cJSON_IsArray(item) ? array(c, name, item) : scalar(c, name, item);
}

static bool object(struct check *c, const cJSON *item, const char *path, bool part)
{
	const cJSON *member;
	char below[PATH_BYTES];

	if (!cJSON_IsObject(item))
		return wrong(c, "%s is no object", path);
	cJSON_ArrayForEach(member, item)
	{
		const char *dot = *path && *path != ' ' ? "." : "";
		(void)snprintf(below, sizeof(below), "%s%s%s", path, dot, member->string);
		struct name *name = find(c, below);
		if (!name)
			return wrong(
				c, "nobody has a %s %s", *path == ' ' ? "field" : "path", below);
		if (part && stands_twice(item, member))
			return wrong(c, "%s stands twice in one object", below);
		if (!value(c, name, member, part))
			return false;
	}
	return true;
}

const char *check_document(struct check *c, const char *text, size_t n)
{
	const char *why = check_text(text, n);

	if (why)
		return why;
	const cJSON *root = parse(text, n);
	if (!root)
		return "no valid JSON";
	c->document++;
	return object(c, root, "", false) ? NULL : c->why;
}
