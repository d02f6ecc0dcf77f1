/* proto_wlan.c -- wireless LAN frames, also behind the header of a radio.
 * IEEE 802.11, 9.2.3, low bytes first:  0 version (bits 0-1), type (2-3), subtype (4-7) | 1 flags |
 *   2-3 duration | 4-9 address 1 | 10-15 address 2 | 16-21 address 3 | 22-23 fragment, sequence |
 *   address 4, between access points | QoS (2), where the subtype says so | HT (4), where a flag does
 * Control frames end after the first or second address. Data begins with LLC; aggregated (bit 7 of
 * QoS) it is several frames: 0-5 destination | 6-11 source | 12-13 length | LLC | padding to 4 */
/* SPDX-License-Identifier: Apache-2.0 */
#include "wlan_fields.h"

enum { LINKTYPE_WLAN = 105, LINKTYPE_RADIOTAP = 127, LINKTYPE_PPI = 192, LINKTYPE_ETHERNET = 1 };
enum { MANAGEMENT = 0, CONTROL = 1, DATA = 2, SUBFRAMES_MAX = 256 };
enum {
	VERSION = 3,
	TO_DS = 1,
	FROM_DS = 2,
	BOTH_DS = 3,
	MORE = 4,
	RETRY = 8,
	PROTECTED = 0x40,
	ORDER = 0x80
};
enum { EXTENSION = 6, PS_POLL = 10, CTS = 12, ACK = 13, CF_END = 14, WRAPPER = 7 };
enum { NO_DATA = 4, QOS = 8, AGGREGATED = 0x80, FCS_LEN = 4, CHECK_LEN = 4, EXTENDED_IV = 0x20 };

static const struct proto_bind binds[] = { { BY_LINKTYPE, LINKTYPE_WLAN, NULL },
	{ BY_LINKTYPE, LINKTYPE_RADIOTAP, "radiotap" }, { BY_LINKTYPE, LINKTYPE_PPI, "ppi" },
	{ BY_CAPWAP, 1, NULL }, { 0 } };

struct header {
	uint8_t type, subtype, flags;
	uint16_t qos;
	const uint8_t *address[4];
	const uint8_t *destination, *source;
	unsigned fragment;
};

static void put_control(struct packet *pkt, const struct header *h)
{
	bool extended = h->type == CONTROL && h->subtype == EXTENSION;

	put_u64(pkt, WLAN_TYPE_SUBTYPE,
		extended ? 0x160u | (h->flags & 15) : (unsigned)h->type << 4 | h->subtype);
	put_u64(pkt, WLAN_TYPE, h->type);
	put_u64(pkt, WLAN_SUBTYPE, h->subtype);
	if (extended)
		return;
	put_bool(pkt, WLAN_TO_DS, h->flags & TO_DS);
	put_bool(pkt, WLAN_FROM_DS, h->flags & FROM_DS);
	put_bool(pkt, WLAN_RETRY, h->flags & RETRY);
	put_bool(pkt, WLAN_PROTECTED, h->flags & PROTECTED);
}

/* Which of the addresses is the destination, the source and the access point: by the directions. */
static void put_ends(struct packet *pkt, struct header *h)
{
	static const struct {
		uint8_t da, sa, bssid;
	} roles[] = { { 0, 1, 2 }, { 2, 1, 0 }, { 0, 2, 1 }, { 2, 3, 4 } };
	unsigned ds = h->type == DATA ? h->flags & BOTH_DS : 0;

	h->destination = h->address[roles[ds].da];
	h->source = h->address[roles[ds].sa];
	put_addr(pkt, WLAN_RA, h->address[0]);
	put_addr(pkt, WLAN_TA, h->address[1]);
	/* of aggregated frames each has its own: the third address, and the fourth, say nothing new */
	if (!(h->qos & AGGREGATED) || roles[ds].da < 2)
		put_addr(pkt, WLAN_DA, h->destination);
	if (!(h->qos & AGGREGATED) || roles[ds].sa < 2)
		put_addr(pkt, WLAN_SA, h->source);
	if (ds != BOTH_DS)
		put_addr(pkt, WLAN_BSSID, h->address[roles[ds].bssid]);
	for (unsigned i = 2; ds == BOTH_DS && h->qos & AGGREGATED && i < 4; i++)
		put_addr(pkt, WLAN_BSSID, h->address[i]);
}

static enum decode_result decode_control(struct packet *pkt, struct header *h, struct bytes b)
{
	static const char *const actions[16] = { [2] = "trigger",
		[4] = "beamforming-report-poll",
		[5] = "ndp-announcement",
		[8] = "block-ack-request",
		[9] = "block-ack",
		[PS_POLL] = "ps-poll",
		[11] = "rts",
		[CTS] = "cts",
		[ACK] = "ack",
		[CF_END] = "cf-end",
		[15] = "cf-end-ack" };

	pkt_application(pkt, "wlan");
	ecs_text(pkt, ECS_EVENT_ACTION, actions[h->subtype]);
	if (h->subtype < 2)
		return DECODE_OK;
	const uint8_t *receiver = get_addr(pkt, &b, WLAN_RA, 6);
	if (h->subtype == PS_POLL)
		put_addr(pkt, WLAN_BSSID, receiver);
	if (h->subtype != CTS && h->subtype != ACK && h->subtype != WRAPPER)
		(void)get_addr(pkt, &b, h->subtype == CF_END ? WLAN_BSSID : WLAN_TA, 6);
	return bytes_ok(&b) ? DECODE_OK : DECODE_TRUNCATED;
}

static bool starts_as_ethernet(const struct header *h, struct bytes b)
{
	const uint8_t *first = bytes_take(&b, 6), *second = bytes_take(&b, 6);

	return second &&
	       (memcmp(first, h->destination, 6) == 0 || memcmp(second, h->source, 6) == 0);
}

static enum decode_result decode_llc(struct packet *pkt, const struct header *h, struct bytes b)
{
	static const uint8_t snap[] = { 0xaa, 0xaa };

	if (bytes_left(&b) == 0)
		return DECODE_OK;
	if (!bytes_starts(&b, snap, sizeof(snap)) && starts_as_ethernet(h, b) &&
		decode_by(pkt, BY_LINKTYPE, LINKTYPE_ETHERNET, b))
		return DECODE_OK;
	return decode_by(pkt, BY_LENGTH, 0, b) ? DECODE_OK : decode_data(pkt, b);
}

static enum decode_result decode_aggregate(struct packet *pkt, struct header *h, struct bytes b)
{
	for (unsigned i = 0; i < SUBFRAMES_MAX && bytes_left(&b); i++) {
		h->destination = get_addr(pkt, &b, WLAN_DA, 6);
		h->source = get_addr(pkt, &b, WLAN_SA, 6);
		uint16_t length = bytes_be16(&b);
		if (!bytes_ok(&b))
			return DECODE_TRUNCATED;
		struct bytes frame = bytes_upto(&b, length);
		(void)decode_llc(pkt, h, frame);
		(void)bytes_upto(&b, -(size_t)(length + 14) & 3);
	}
	return DECODE_OK;
}

/* Behind the initialization vector; a flag in it says that it has four bytes more. */
static enum decode_result decode_protected(struct packet *pkt, struct bytes b)
{
	int key = bytes_peek(&b, 3);

	if (key < 0)
		return DECODE_TRUNCATED;
	bytes_skip(&b, key & EXTENDED_IV ? 8 : 4);
	if (!(key & EXTENDED_IV) && bytes_claimed(&b) >= CHECK_LEN) /* WEP has a sum at the end */
		b = bytes_upto(&b, bytes_claimed(&b) - CHECK_LEN);
	return bytes_ok(&b) ? decode_data(pkt, b) : DECODE_TRUNCATED;
}

static enum decode_result decode_body(struct packet *pkt, struct header *h, struct bytes b)
{
	if (h->flags & PROTECTED && !(h->type == DATA && h->subtype & NO_DATA))
		return decode_protected(pkt, b);
	if (h->type == MANAGEMENT && h->fragment)
		return decode_data(pkt, b);
	if (h->type == MANAGEMENT)
		return wlan_put_management(pkt, b, h->subtype) ? DECODE_OK : DECODE_TRUNCATED;
	if (h->subtype & NO_DATA)
		return DECODE_OK;
	if (h->fragment)
		return decode_data(pkt, b);
	if (h->qos & AGGREGATED)
		return decode_aggregate(pkt, h, b);
	return decode_llc(pkt, h, b);
}

static void read_addresses(struct packet *pkt, struct header *h, struct bytes *b)
{
	bool four = h->type == DATA && (h->flags & BOTH_DS) == BOTH_DS;

	for (unsigned i = 0; i < 3; i++)
		h->address[i] = bytes_take(b, 6);
	uint16_t number = bytes_le16(b);
	h->address[3] = four ? bytes_take(b, 6) : NULL;
	if (h->type == DATA && h->subtype & QOS)
		h->qos = bytes_le16(b);
	if (!bytes_ok(b))
		return;
	put_ends(pkt, h);
	h->fragment = number & 15;
	put_u64(pkt, WLAN_FRAG, h->fragment);
	put_u64(pkt, WLAN_SEQ, number >> 4);
}

static enum decode_result decode_frame(
	struct packet *pkt, struct bytes b, const struct wlan_radio *radio)
{
	const uint8_t *start = b.p;
	bool swapped = pkt->bind->table == BY_CAPWAP; /* as controllers have the first two bytes */
	uint8_t first = bytes_u8(&b), second = bytes_u8(&b), control = swapped ? second : first;
	struct header h = {
		.type = control >> 2 & 3, .subtype = control >> 4, .flags = swapped ? first : second
	};

	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	if ((control & VERSION) > 1) {
		pkt_anomaly(pkt, "unknown version");
		return DECODE_OK;
	}
	if (control & VERSION) { /* 802.11ah has another header */
		put_u64(pkt, WLAN_TYPE, control >> 2 & 7);
		return DECODE_OK;
	}
	put_control(pkt, &h);
	bytes_skip(&b, 2);
	if (h.type == CONTROL)
		return decode_control(pkt, &h, b);
	if (h.type > DATA)
		return DECODE_OK;
	read_addresses(pkt, &h, &b);
	if (h.flags & ORDER && (h.type == MANAGEMENT || h.subtype & QOS))
		bytes_skip(&b, 4);
	if (radio->padded && h.type == DATA && bytes_ok(&b))
		bytes_skip(&b, -(size_t)(b.p - start) & 3);
	if (!bytes_ok(&b))
		return DECODE_TRUNCATED;
	return decode_body(pkt, &h, b);
}

static enum decode_result decode(struct packet *pkt, struct bytes b)
{
	struct wlan_radio radio = { 0 };
	uint32_t linktype = LINKTYPE_WLAN, bind = pkt->bind->value;
	bool whole = true;

	pkt_link(pkt);
	if (bind == LINKTYPE_RADIOTAP)
		whole = wlan_read_radiotap(pkt, &b, &radio);
	else if (bind == LINKTYPE_PPI)
		whole = wlan_read_ppi(&b, &radio, &linktype);
	if (!whole)
		return DECODE_TRUNCATED;
	if (linktype != LINKTYPE_WLAN)
		pkt_protocol(pkt, "pcap_pktdata");
	if (linktype != LINKTYPE_WLAN)
		return decode_by(pkt, BY_LINKTYPE, linktype, b) ? DECODE_OK : decode_data(pkt, b);
	if (bind == LINKTYPE_RADIOTAP || bind == LINKTYPE_PPI) {
		if (radio.none)
			return DECODE_OK;
		pkt_protocol(pkt, "wlan_radio");
		pkt_protocol(pkt, "wlan");
	}
	if (radio.fcs && bytes_claimed(&b) >= FCS_LEN)
		b = bytes_upto(&b, bytes_claimed(&b) - FCS_LEN);
	return decode_frame(pkt, b, &radio);
}

const struct proto proto_wlan = {
	.name = "wlan", .binds = binds, .fields = wlan_fields, .decode = decode
};
