/* tunnels.c -- espcap.tunnel: what carries the innermost flow, outermost first. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "tunnels.h"

#include "decode.h"
#include "json.h"
#include "text.h"

enum { ADDRESS_TEXT = 64 };

static void write_end(
	struct json *j, const char *key, const struct tunnel *tunnel, const uint8_t *p)
{
	char text[ADDRESS_TEXT];
	const char *end = tunnel->addr_len == 4 ? text_ipv4(text, p) : text_ipv6(text, p);

	json_open(j, key);
	json_strn(j, "ip", text, (size_t)(end - text));
	json_close(j);
}

static void write_tunnel(struct json *j, const struct tunnel *tunnel)
{
	json_open(j, NULL);
	json_str(j, "type", tunnel->type);
	if (tunnel->id >= 0)
		json_i64(j, "id", tunnel->id);
	if (tunnel->src) {
		write_end(j, "source", tunnel, tunnel->src);
		write_end(j, "destination", tunnel, tunnel->dst);
	}
	if (tunnel->has_vlan)
		json_u64(j, "vlan", tunnel->vlan);
	json_close(j);
}

void tunnels_put(struct packet *pkt, char *memory, size_t size)
{
	struct json j;

	json_init(&j, memory, size);
	json_array_open(&j, NULL);
	for (unsigned i = 0; i < pkt->ntunnels; i++)
		write_tunnel(&j, &pkt->tunnels[i]);
	json_array_close(&j);
	ecs_json(pkt, ECS_ESPCAP_TUNNEL, memory, json_len(&j));
}
