/* packet.c -- targets of packets: decoded and printed in any setting. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "packet.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "captures.h"
#include "setting.h"
#include "wire.h"

enum { IP = 20, UDP = 8, TCP = 20, PROTO_TCP = 6, PROTO_UDP = 17, LINKTYPE_RAW = 101 };
enum { PAYLOAD_MAX = 65535 - IP - TCP, OVER_TCP = 4, TO_PORT = 8, SNAPPED = 16, CLIENT = 40000 };

static struct setting *setting_of(unsigned i)
{
	static struct setting settings[SETTINGS];
	struct setting *s = &settings[i % SETTINGS];

	if (!s->decoder)
		setting_init(s, i % SETTINGS);
	return s;
}

struct decoder *packet_decoder(unsigned setting)
{
	return setting_of(setting)->decoder;
}

static struct {
	uint64_t work;
	uint32_t bytes, linktype;
} worst;

static void print_worst(void)
{
	(void)printf("most work: %u bytes of link type %u: %" PRIu64 " blocks of code\n",
		worst.bytes, worst.linktype, worst.work);
}

static void keep_worst(uint64_t work, const struct frame *f)
{
	if (work <= worst.work)
		return;
	if (!worst.work)
		(void)atexit(print_worst);
	worst.work = work;
	worst.bytes = f->cap_len;
	worst.linktype = f->linktype;
}

void packet_check(unsigned i, const struct frame *f)
{
	struct setting *s = setting_of(i);
	const char *why;

	(void)setting_write(s, f, &why);
	keep_worst(s->work, f);
	if (why)
		fuzz_fail("%s: %s", setting_name(s), why);
}

/* --- headers around a payload --- */

static void put_be16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static size_t put_headers(uint8_t *p, bool tcp, uint16_t src, uint16_t dst, size_t n)
{
	size_t transport = tcp ? TCP : UDP;
	static const uint8_t ip[IP] = { 0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 0, 0, 0, 192, 0, 2, 1,
		192, 0, 2, 2 };

	memset(p, 0, IP + transport);
	memcpy(p, ip, IP);
	put_be16(p + 2, IP + transport + n);
	p[9] = tcp ? PROTO_TCP : PROTO_UDP;
	put_be16(p + IP, src);
	put_be16(p + IP + 2, dst);
	if (tcp) {
		p[IP + 12] = 5 << 4;
		p[IP + 13] = 0x18;
	} else {
		put_be16(p + IP + 4, UDP + n);
	}
	return IP + transport;
}

int packet_payload_run(const uint8_t *data, size_t n, const uint16_t ports[4])
{
	static struct exact memory;
	uint8_t headers[IP + TCP];

	if (n < 2 || n - 2 > PAYLOAD_MAX)
		return 0;
	unsigned how = data[1];
	uint16_t port = ports[how & 3], src = how & TO_PORT ? CLIENT : port;
	size_t head = put_headers(
		headers, how & OVER_TCP, src, how & TO_PORT ? port : CLIENT, n - 2);
	uint8_t *packet = exact_take(&memory, head + n - 2);
	memcpy(packet, headers, head);
	memcpy(packet + head, data + 2, n - 2);
	struct frame f = { .data = packet,
		.cap_len = (uint32_t)(head + n - 2),
		.len = (uint32_t)(head + n - 2) + (how & SNAPPED ? 100 : 0),
		.number = 1,
		.linktype = LINKTYPE_RAW,
		.interface_id = -1 };
	packet_check(data[0], &f);
	return 0;
}

/* --- seeds --- */

struct seeding {
	struct fuzz_seeds *seeds;
	const uint16_t *ports;
};

static bool is_one_of(const uint16_t ports[4], uint16_t port, unsigned *which)
{
	for (*which = 0; *which < 4; (*which)++)
		if (ports[*which] == port)
			return true;
	return false;
}

/* Behind the network header: ports, and the payload. */
static void keep_transport(struct seeding *s, struct bytes b, bool tcp)
{
	uint16_t src = bytes_be16(&b), dst = bytes_be16(&b);
	unsigned which;
	uint8_t head[2] = { 0, (uint8_t)(tcp ? OVER_TCP : 0) };

	if (tcp) {
		bytes_skip(&b, 8);
		uint8_t offset = bytes_u8(&b);
		bytes_skip(
			&b, (size_t)(offset >> 4) * 4 < 13 ? 13 : (size_t)(offset >> 4) * 4 - 13);
	} else {
		bytes_skip(&b, 4);
	}
	if (is_one_of(s->ports, dst, &which))
		head[1] |= (uint8_t)(TO_PORT | which);
	else if (is_one_of(s->ports, src, &which))
		head[1] |= (uint8_t)which;
	else
		return;
	if (bytes_left(&b))
		fuzz_keep(s->seeds, head, 2, b.p, bytes_left(&b));
}

/* Ethernet over IPv4 or IPv6 without extensions is all that seeds take. */
static void keep_payload(void *arg, const char *file, const struct frame *f)
{
	struct bytes b = bytes_of(f->data, f->cap_len);
	uint8_t proto = 0;

	(void)file;
	bytes_skip(&b, 12);
	uint16_t type = bytes_be16(&b);
	if (f->linktype != 1 || (type != 0x0800 && type != 0x86dd))
		return;
	if (type == 0x0800) {
		unsigned words = bytes_u8(&b) & 15u;
		bytes_skip(&b, 8);
		proto = bytes_u8(&b);
		bytes_skip(&b, words < 5 ? 10 : words * 4 - 10);
	} else {
		bytes_skip(&b, 6);
		proto = bytes_u8(&b);
		bytes_skip(&b, 33);
	}
	if (proto == PROTO_TCP || proto == PROTO_UDP)
		keep_transport(arg, b, proto == PROTO_TCP);
}

static void keep_file(void *arg, const char *file)
{
	(void)captures_packets(file, keep_payload, arg);
}

void packet_payload_seeds(struct fuzz_seeds *seeds, const uint16_t ports[4])
{
	struct seeding s = { seeds, ports };

	captures_each(TEST_PCAPS, keep_file, &s);
}
