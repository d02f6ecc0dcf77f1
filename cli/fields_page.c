/* fields_page.c -- the reference page of all fields, made from the tables. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "fields_page.h"

#include <stdio.h>
#include <string.h>

#include "protos.h"

const char *field_type_name(enum field_type type)
{
	static const char *const names[FIELD_TYPES] = {
		[FIELD_U8] = "u8",
		[FIELD_U16] = "u16",
		[FIELD_U24] = "u24",
		[FIELD_U32] = "u32",
		[FIELD_U64] = "u64",
		[FIELD_I8] = "i8",
		[FIELD_I16] = "i16",
		[FIELD_I32] = "i32",
		[FIELD_I64] = "i64",
		[FIELD_256THS] = "f64",
		[FIELD_F64] = "f64",
		[FIELD_BOOL] = "bool",
		[FIELD_STR] = "str",
		[FIELD_ASCII] = "str",
		[FIELD_BYTES] = "bytes",
		[FIELD_IPV4] = "ipv4",
		[FIELD_IPV6] = "ipv6",
		[FIELD_MAC] = "mac",
		[FIELD_TIME] = "time",
		[FIELD_TRUE] = "true",
		[FIELD_JSON] = "object",
	};

	return names[type];
}

const char *field_level_name(enum field_level level)
{
	static const char *const names[] = { "core", "detail", "derived" };

	return names[level];
}

const char *field_class_name(enum field_class class)
{
	static const char *const names[] = { "plain", "address", "mac", "name", "user", "content",
		"secret" };

	return names[class];
}

const char *ecs_type_name(enum ecs_type type)
{
	static const char *const names[] = { "keyword", "text", "long", "boolean", "ip", "date",
		"object", "object" };

	return names[type];
}

/* --- how a protocol is recognized --- */

static const char *const tables[BIND_TABLES] = {
	[BY_LINKTYPE] = "link type",
	[BY_ETHERTYPE] = "EtherType",
	[BY_IP_PROTO] = "IP protocol",
	[BY_TCP_PORT] = "TCP port",
	[BY_UDP_PORT] = "UDP port",
	[BY_SCTP_PORT] = "SCTP port",
	[BY_LENGTH] = "length in the place of an EtherType",
	[BY_LLC_SAP] = "LLC SAP",
	[BY_CISCO_PID] = "Cisco's SNAP type",
	[BY_NULL_FAMILY] = "address family",
	[BY_PPP] = "PPP protocol",
	[BY_GRE] = "GRE protocol type",
	[BY_EAPOL] = "EAPOL type",
	[BY_MEDIA] = "media type",
	[BY_COTP] = "COTP unit",
	[BY_NETBIOS] = "NetBIOS message",
	[BY_GSS] = "GSS-API mechanism",
	[BY_PIPE] = "named pipe",
	[BY_CONTENT] = "what a message carries",
};

/* The others number what has no numbers outside of espcap. */
static bool is_number(enum bind_table table)
{
	return table <= BY_EAPOL && table != BY_LENGTH;
}

/* "TCP port 80, 8080": the numbers of one table. */
static bool print_numbers(const struct proto *proto, enum bind_table table, bool begun)
{
	bool any = false;

	for (const struct proto_bind *b = proto->binds; b && b->table; b++) {
		if (b->table != table)
			continue;
		if (!any)
			(void)printf("%s%s", begun ? "; " : "",
				tables[table] ? tables[table] : "type field");
		if (is_number(table))
			(void)printf(table == BY_ETHERTYPE || table == BY_PPP || table == BY_GRE
					     ? "%s 0x%04x"
					     : "%s %u",
				any ? "," : "", b->value);
		any = true;
	}
	return begun || any;
}

static void print_how(const struct proto *proto)
{
	bool begun = false;

	for (int table = 1; table < BIND_TABLES; table++)
		begun = print_numbers(proto, (enum bind_table)table, begun);
	if (proto->probe)
		(void)printf("%scontent", begun ? "; " : "");
	if (begun || proto->probe)
		(void)printf("\n\n");
}

/* --- fields --- */

static void print_row(const struct proto_field *f)
{
	(void)printf("| `%s` | %s | %s | %s | %s%s%s | %s |\n", f->name, field_type_name(f->type),
		field_level_name(f->level), field_class_name(f->class), f->ecs ? "`" : "",
		f->ecs ? f->ecs : "", f->ecs ? "`" : "", f->description);
}

static bool begins(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* The rows of a protocol, NULL: of all, whose name begins so. */
static size_t count_rows(
	const struct decoder *decoder, const struct proto *proto, const char *prefix)
{
	size_t count = 0;

	for (size_t i = 0; i < decoder_field_count(decoder); i++)
		count += (!proto || decoder_field_proto(decoder, i) == proto) &&
			 begins(decoder_field_row(decoder, i)->name, prefix);
	return count;
}

static void print_proto(
	const struct decoder *decoder, const struct proto *proto, const char *prefix)
{
	size_t rows = count_rows(decoder, proto, prefix);

	if (rows == 0 && *prefix)
		return;
	(void)printf("\n## %s\n\n", proto->name);
	print_how(proto);
	(void)printf("%s", rows ? "| field | type | level | class | ECS | what it is |\n"
				  "| --- | --- | --- | --- | --- | --- |\n"
				: "No fields of its own.\n");
	for (size_t i = 0; rows && i < decoder_field_count(decoder); i++)
		if (decoder_field_proto(decoder, i) == proto &&
			begins(decoder_field_row(decoder, i)->name, prefix))
			print_row(decoder_field_row(decoder, i));
}

static bool is_listed(int id, const char *prefix)
{
	return ecs_rows[id].flags != ECS_FLAG_LEAD && begins(ecs_rows[id].path, prefix);
}

static size_t count_ecs(const char *prefix)
{
	size_t count = 0;

	for (int id = 1; id < ECS_COUNT; id++)
		count += is_listed(id, prefix);
	return count;
}

static void print_ecs(const char *prefix)
{
	(void)printf("\n## Elastic Common Schema\n\n| field | type | what it is |\n| --- | --- | "
		     "--- |\n");
	for (int id = 1; id < ECS_COUNT; id++)
		if (is_listed(id, prefix))
			(void)printf("| `%s` | %s | %s |\n", ecs_rows[id].path,
				ecs_type_name(ecs_rows[id].type), ecs_rows[id].description);
}

size_t fields_page(const struct decoder *decoder, const char *prefix)
{
	size_t rows = count_rows(decoder, NULL, prefix), ecs = count_ecs(prefix);

	if (rows + ecs == 0)
		return 0;
	(void)printf("# The fields of espcap's documents\n\n"
		     "espcap " ESPCAP_VERSION ": %zu protocols, %zu fields of `layers` under "
		     "Wireshark's names. Made by `espcap fields --markdown`.\n",
		protos_count, decoder_field_count(decoder));
	if (*prefix)
		(void)printf("Here are those whose names begin with `%s`.\n", prefix);
	for (size_t i = 0; i < protos_count; i++)
		print_proto(decoder, protos[i], prefix);
	if (ecs)
		print_ecs(prefix);
	return rows + ecs;
}
