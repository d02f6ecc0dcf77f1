/* vary.c -- makes a copied frame differ: addresses, ports, numbers that count or are random. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "vary.h"

#include <stdbool.h>
#include <string.h>

enum {
	ETHER = 14,
	CLIENTS = 256,
	SERVERS = 512,
	GATEWAYS = 4,
	EPHEMERAL = 32768,
	EPHEMERALS = 28232,
	HOPS = 24,
};

/* A frame on its way through the layers. */
struct frame {
	uint8_t *at, *end;
	uint64_t copy, time_ns;
	uint8_t *ether;                /* the frame's beginning */
	uint8_t *source, *destination; /* addresses, IPv4 or IPv6 */
	size_t address_size;
	uint64_t from, to; /* hashes of the original addresses */
};

uint64_t vary_hash(uint64_t a, uint64_t b)
{
	uint64_t x = a * 0x9e3779b97f4a7c15u + (b ^ 0xd1b54a32d192ed03u) * 0xbf58476d1ce4e5b9u;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static unsigned get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void set16(uint8_t *p, uint64_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void set32(uint8_t *p, uint64_t v)
{
	set16(p, v >> 16);
	set16(p + 2, v);
}

static bool has(const struct frame *f, size_t n)
{
	return (size_t)(f->end - f->at) >= n;
}

static uint64_t hash_bytes(const uint8_t *p, size_t n)
{
	uint64_t h = n;

	for (size_t i = 0; i < n; i++)
		h = vary_hash(h, p[i]);
	return h;
}

/* --- hosts --- */

/* Small numbers are drawn more often: some hosts talk more than others. */
static unsigned draw(uint64_t random, unsigned count)
{
	uint64_t a = random % count, b = (random >> 32) % count;

	return (unsigned)(a * b / count);
}

static unsigned host_of(uint64_t copy, uint64_t original, bool server)
{
	return draw(vary_hash(copy, original), server ? SERVERS : CLIENTS);
}

static bool is_group4(const uint8_t *a)
{
	return a[0] >= 224 || a[0] == 0 || a[0] == 127;
}

/* Clients lie in 10.0.0.0/8, servers anywhere from 11 to 110. tcpdump looks addresses up in a table
 * by their first 12 bits: hosts that all began alike would slow it down as no network does. */
static void change_address4(uint8_t *a, unsigned host, bool server)
{
	uint64_t h = vary_hash(host, server ? 4 : 3);

	if (is_group4(a))
		return;
	set32(a, h);
	a[0] = server ? (uint8_t)(11 + (h >> 32) % 100) : 10;
}

/* A link-local prefix stays, any other is one of a few hundred. */
static void change_address6(uint8_t *a, unsigned host, bool server)
{
	uint64_t h = vary_hash(host, server ? 7 : 6);

	if (a[0] == 0xff || (a[0] == 0 && a[1] == 0))
		return;
	if (a[0] != 0xfe)
		set16(a + 6, server ? h >> 48 : 1);
	set32(a + 8, h);
	set32(a + 12, h >> 32);
}

static void change_address(struct frame *f, uint8_t *a, uint64_t original, bool server)
{
	unsigned host = host_of(f->copy, original, server);

	if (f->address_size == 4)
		change_address4(a, host, server);
	else
		change_address6(a, host, server);
}

/* Clients have a card of their own, servers lie behind gateways. */
static void change_mac(struct frame *f, uint8_t *mac, uint64_t original, bool server)
{
	unsigned host = host_of(f->copy, original, server);
	uint64_t h = vary_hash(server ? host % GATEWAYS : host, server ? 9 : 8);

	if (mac[0] & 1)
		return;
	mac[0] = 0;
	mac[1] = server ? 0x1b : 0x25;
	set16(mac + 2, server ? 0x2100 | (h >> 32 & 0xff) : h >> 32);
	set16(mac + 4, h);
}

static void change_hosts(struct frame *f, bool source_serves, bool destination_serves)
{
	change_mac(f, f->ether + 6, f->from, source_serves);
	change_mac(f, f->ether, f->to, destination_serves);
	change_address(f, f->source, f->from, source_serves);
	change_address(f, f->destination, f->to, destination_serves);
}

/* --- transport --- */

/* Kind 8: the clock of the sender, and the last one seen of the other side. */
static void change_timestamps(struct frame *f, uint8_t *p, const uint8_t *end)
{
	while (p < end && *p != 0) {
		size_t size = *p == 1 ? 1 : p + 1 < end ? p[1] : 0;
		if (size == 0 || size > (size_t)(end - p))
			return;
		if (*p == 8 && size == 10) {
			set32(p + 2, get32(p + 2) + vary_hash(f->copy, f->from));
			if (get32(p + 6))
				set32(p + 6, get32(p + 6) + vary_hash(f->copy, f->to));
			return;
		}
		p += size;
	}
}

static void change_tcp(struct frame *f, uint64_t ports_out, uint64_t ports_back)
{
	uint8_t *p = f->at;
	size_t size = (size_t)(p[12] >> 4) * 4;

	set32(p + 4, get32(p + 4) + vary_hash(f->copy ^ f->from, ports_out));
	if (p[13] & 0x10)
		set32(p + 8, get32(p + 8) + vary_hash(f->copy ^ f->to, ports_back));
	set16(p + 16, vary_hash(f->time_ns, f->from));
	if (size < 20 || !has(f, size)) {
		f->at = f->end;
		return;
	}
	change_timestamps(f, p + 20, p + size);
	f->at += size;
}

/* The lower port names the service, and whoever has it serves. */
static void change_transport(struct frame *f, bool tcp)
{
	if (!has(f, tcp ? 20 : 8)) {
		change_hosts(f, false, false);
		return;
	}
	uint8_t *p = f->at;
	unsigned source = get16(p), destination = get16(p + 2);
	bool source_serves = source < destination;
	struct vary_flow flow = { f->copy, f->time_ns, source_serves ? source : destination, tcp };

	change_hosts(f, source_serves, destination < source);
	uint8_t *client = source_serves ? p + 2 : p;
	if (get16(client) >= 1024 && source != destination)
		set16(client, EPHEMERAL + vary_hash(f->copy, get16(client)) % EPHEMERALS);
	if (tcp) {
		change_tcp(f, (uint64_t)source << 16 | destination,
			(uint64_t)destination << 16 | source);
	} else {
		if (get16(p + 6))
			set16(p + 6, vary_hash(f->time_ns, f->from) | 1);
		f->at += 8;
	}
	vary_payload(f->at, (size_t)(f->end - f->at), &flow);
}

/* Echo and its answer share an identifier. */
static void change_icmp(struct frame *f, unsigned request, unsigned reply)
{
	change_hosts(f, false, false);
	if (!has(f, 8))
		return;
	set16(f->at + 2, vary_hash(f->time_ns, f->from));
	if (f->at[0] == request || f->at[0] == reply)
		set16(f->at + 4, vary_hash(f->copy, get16(f->at + 4)));
}

static void change_rest(struct frame *f, unsigned protocol)
{
	if (protocol == 6 || protocol == 17)
		change_transport(f, protocol == 6);
	else if (protocol == 1)
		change_icmp(f, 8, 0);
	else if (protocol == 58)
		change_icmp(f, 128, 129);
	else
		change_hosts(f, false, false);
}

/* --- network --- */

static void take_addresses(struct frame *f, uint8_t *source, size_t size)
{
	f->source = source;
	f->destination = source + size;
	f->address_size = size;
	f->from = hash_bytes(source, size);
	f->to = hash_bytes(source + size, size);
}

/* Each distant host is some hops away. */
static void change_hops(const struct frame *f, uint8_t *hops)
{
	if (*hops > HOPS + 8 && *hops != 255)
		*hops = (uint8_t)(*hops - vary_hash(f->copy, f->from) % HOPS);
}

static void change_ipv4(struct frame *f)
{
	uint8_t *p = f->at;

	if (!has(f, 20))
		return;
	size_t size = (size_t)(p[0] & 15) * 4, total = get16(p + 2);
	take_addresses(f, p + 12, 4);
	if (get16(p + 4))
		set16(p + 4, get16(p + 4) + vary_hash(f->copy, f->from ^ f->to << 1));
	change_hops(f, p + 8);
	set16(p + 10, vary_hash(f->time_ns, f->to));
	bool first = (get16(p + 6) & 0x1fff) == 0;
	if (size < 20 || !has(f, size) || !first) {
		change_hosts(f, false, false);
		return;
	}
	if (total >= size && has(f, total))
		f->end = p + total; /* without the trailer */
	f->at += size;
	change_rest(f, p[9]);
}

static void change_ipv6(struct frame *f)
{
	uint8_t *p = f->at;

	if (!has(f, 40))
		return;
	take_addresses(f, p + 8, 16);
	change_hops(f, p + 7);
	f->at += 40;
	change_rest(f, p[6]);
}

static void change_arp(struct frame *f)
{
	uint8_t *p = f->at;

	if (!has(f, 28) || get32(p + 2) != 0x08000604)
		return;
	take_addresses(f, p + 14, 4);
	f->destination = p + 24;
	f->to = hash_bytes(p + 24, 4);
	change_mac(f, p + 8, f->from, false);
	if (get32(p + 18) || get16(p + 22))
		change_mac(f, p + 18, f->to, false);
	change_hosts(f, false, false);
}

void vary(uint8_t *frame, size_t length, uint64_t copy, uint64_t time_ns)
{
	struct frame f = { .at = frame + ETHER,
		.end = frame + length,
		.copy = copy,
		.time_ns = time_ns,
		.ether = frame };

	if (length < ETHER)
		return;
	unsigned type = get16(f.at - 2);
	while ((type == 0x8100 || type == 0x88a8) && has(&f, 4)) {
		type = get16(f.at + 2);
		f.at += 4;
	}
	if (type == 0x0800)
		change_ipv4(&f);
	else if (type == 0x86dd)
		change_ipv6(&f);
	else if (type == 0x0806)
		change_arp(&f);
}
