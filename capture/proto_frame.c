/* proto_frame.c -- what the source tells of a frame, and the step to its link layer. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

enum { NUMBER, LEN, CAP_LEN, INTERFACE_ID, INTERFACE_NAME, PROTOCOLS, COMMENT };
static const struct proto_field fields[] = {
	[NUMBER] = { "frame.number", FIELD_U32, "Number in its file, or since the start", NULL,
		"0.1", CORE, PLAIN },
	[LEN] = { "frame.len", FIELD_U32, "Length on the wire", "network.bytes", "0.1", CORE,
		PLAIN },
	[CAP_LEN] = { "frame.cap_len", FIELD_U32, "Length captured", NULL, "0.1", DETAIL, PLAIN },
	[INTERFACE_ID] = { "frame.interface_id", FIELD_U32, "Number of the interface",
		"observer.ingress.interface.id", "0.1", DETAIL, PLAIN },
	[INTERFACE_NAME] = { "frame.interface_name", FIELD_STR, "Name of the interface",
		"observer.ingress.interface.name", "0.1", DETAIL, PLAIN },
	[PROTOCOLS] = { "frame.protocols", FIELD_STR, "Layers in order", NULL, "0.1", CORE, PLAIN },
	[COMMENT] = { "frame.comment", FIELD_STR, "Comment in the capture file", NULL, "0.1",
		DETAIL, CONTENT },
	{ 0 },
};

const char decode_time_clamped[] = "time out of range";

/* "unknown" is a name in `layers` alone: no sensor has an interface that is called so. */
static void put_interface(struct packet *pkt, const struct frame *f)
{
	if (f->interface_id >= 0)
		put_u64(pkt, INTERFACE_ID, (uint32_t)f->interface_id);
	if (f->interface) {
		put_str(pkt, INTERFACE_NAME, f->interface, strlen(f->interface));
	} else if (f->interface_id >= 0) {
		pkt->quoted = true;
		put_text(pkt, INTERFACE_NAME, "unknown");
		pkt->quoted = false;
	}
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	const struct frame *f = pkt->frame;

	if (f->time_clamped)
		pkt_anomaly(pkt, decode_time_clamped);
	put_u64(pkt, NUMBER, f->number);
	put_u64(pkt, LEN, f->len);
	put_u64(pkt, CAP_LEN, f->cap_len);
	ecs_u64(pkt, ECS_NETWORK_PACKETS, 1);
	put_interface(pkt, f);
	if (f->unsynced) {
		ecs_text(pkt, ECS_ESPCAP_CLOCK, "unsynced");
		ecs_u64(pkt, ECS_ESPCAP_BOOT_NS, (uint64_t)f->boot_ns);
		ecs_text(pkt, ECS_HOST_BOOT_ID, f->boot_id && *f->boot_id ? f->boot_id : NULL);
	}
	if (f->path_json)
		ecs_json(pkt, ECS_LOG_FILE_PATH, f->path_json, f->path_json_len);

	/* the text is complete only when every layer has been entered */
	struct value *protocols = put_value(pkt, PROTOCOLS);
	protocols->p = (const uint8_t *)pkt->protocols;
	protocols->len = 0;
	for (unsigned i = 0; i < f->ncomments; i++)
		put_str(pkt, COMMENT, f->comments[i].text, f->comments[i].len);
	if (!decode_by(pkt, BY_LINKTYPE, f->linktype, b) && decode_knows_linktype(f->linktype))
		(void)decode_data(pkt, b);
	protocols->len = pkt->protocols_len ? pkt->protocols_len | VALUE_CLEAN : 0;
	return DECODE_OK;
}

const struct proto proto_frame = { .name = "frame", .fields = fields, .decode = decode };
