/* decode.h -- what a decoder sees: the packet, its tables, and where the next layer goes. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_DECODE_H
#define ESPCAP_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"
#include "ecs.h"
#include "err.h"
#include "proto.h"

/* A decoder is one file, proto_NAME.c, with one table of fields, one list of how it is chosen,
 * and one function of bytes: cite -> read -> ask once -> judge -> write -> hand on.
 *
 * It reads through struct bytes only, never allocates, never logs, keeps no state of its own and
 * never names another decoder: it says how the next layer is chosen (decode_by, decode_port), not
 * which it is. Every loop eats at least one byte a turn and has a numeric cap. */

/* --- values --- */

struct value {
	union {
		uint64_t u;
		int64_t i;
		double f;
		const uint8_t *p;
	};
	uint32_t len;   /* of text and bytes; VALUE_CLEAN: needs no escaping and no check */
	uint16_t field; /* row of the decoder's field table; VALUE_LATER: not the first of its array
			 */
	uint16_t next; /* in layers: next value of the same field, 0 for none. In ECS: field_type */
};
#define VALUE_CLEAN 0x80000000u
#define VALUE_LATER 0x8000u

static inline uint32_t value_len(const struct value *v)
{
	return v->len & ~VALUE_CLEAN;
}

static inline unsigned value_row(const struct value *v)
{
	return v->field & ~VALUE_LATER;
}

enum {
	PKT_VALUES_MAX = 4096,
	PKT_REPEATS_MAX = 256, /* values of one field */
	PKT_MANY_MAX = 1024,   /* values of all MANY rows of ECS; of one row: PKT_REPEATS_MAX */
	PKT_ANOMALIES_MAX = 8,
	PKT_SECRETS_MAX = 64,
	PKT_SCRATCH = 65536,
	PKT_PROTOCOLS = 512,
	PKT_TEXT_MAX = 32000, /* UTF-8 bytes of one string */
	PKT_BYTES_MAX = 1024, /* input of a bytes field */
	PKT_DEPTH_MAX = 32,   /* layers within layers, all kinds together */
	PKT_TUNNELS_MAX = PKT_DEPTH_MAX,
	FIELDS_MAX = 2560,
};

struct anomaly {
	const char *layer, *reason; /* static strings */
	uint32_t offset;            /* of the layer in the frame */
};

/* Addresses, ports and protocol of the innermost flow. */
struct flow {
	const uint8_t *src, *dst; /* 4 or 16 bytes; NULL: no flow */
	const uint8_t *final;     /* destination that checksums cover, NULL: dst */
	const uint8_t *home;      /* source that checksums cover, NULL: src */
	uint16_t src_port, dst_port;
	uint8_t addr_len, proto;
	bool has_ports, fragment, later_fragment, one_way;
};

/* A layer that carries packets, and the ends of what carries it. */
struct tunnel {
	const char *type;         /* static string */
	const uint8_t *src, *dst; /* NULL: a tunnel outside of it has them, or a link */
	int64_t id;               /* -1: none */
	uint16_t vlan;
	uint8_t addr_len;
	bool has_vlan;
};

struct frame_comment {
	const char *text; /* UTF-8, as the file has it */
	uint32_t len;
};

/* What a source tells of a frame. Pointers are borrowed while the packet is decoded. */
struct frame {
	const uint8_t *data;
	uint32_t cap_len, len;
	int64_t time_ns;       /* since 1970; clamped into 1970 to 2262 */
	int64_t time_s;        /* the source's own time, when clamped: seconds, rounded down, */
	uint32_t time_rest_ns; /* and the nanoseconds behind them */
	bool time_clamped;
	bool unsynced;         /* the sensor's clock was not set when it stamped the packet: */
	int64_t boot_ns;       /* then the packet's time since the system was started */
	const char *boot_id;   /* and the name of that boot, NULL or "": not known */
	uint64_t number;       /* from 1, in its file or since the start */
	uint32_t linktype;     /* LINKTYPE_ value of a file */
	uint8_t fcs_len;       /* bytes at the end that the file calls a check sequence, 0: none */
	int32_t interface_id;  /* -1: none */
	const char *interface; /* name, NULL: none */
	const char *path_json; /* the capture file's name as a JSON string, NULL: none */
	uint32_t path_json_len;
	const struct frame_comment *comments;
	unsigned ncomments;
};

/* How document.c prints a row in `layers`. */
enum field_print { PRINT_OTHER, PRINT_NOT, PRINT_NUMBER, PRINT_BOOL, PRINT_IF_TRUE };

struct field_info {
	const char *key; /* `"tcp.srcport":` */
	uint8_t key_len;
	uint8_t type;  /* enum field_type */
	uint8_t class; /* enum field_class */
	uint8_t level; /* enum field_level */
	uint8_t ecs;   /* enum ecs_id, 0: none */
	bool many;     /* the ECS row takes many values */
	uint8_t print; /* enum field_print, under the schema and --fields in force */
};

struct community;
struct decoder;

/* One packet being decoded. Only decode.c, scratch.c and document.c touch the members from `values` on. */
struct packet {
	const struct frame *frame;
	const struct decoder *decoder;
	const struct field_info *info;     /* by row */
	const struct proto *proto;         /* the layer being decoded */
	const char *token;                 /* its name in frame.protocols */
	const struct proto_bind *bind;     /* that led to it; of BIND_NONE: what it says */
	const uint8_t *layer;              /* where it begins */
	const struct community *community; /* that will be asked about the flow, or NULL */
	bool quoted;                       /* inside a packet that ICMP quotes: feeds no ECS */
	unsigned quoted_by;                /* the depth of the layer that quotes it */
	bool payload;                      /* --payload */
	bool verify;                       /* --verify-checksums */
	bool probe_rtp;                    /* --probe-rtp */
	struct flow flow;
	const uint8_t *tail; /* where the network layer says that it ends, NULL: not said */
	uint16_t port;       /* that has chosen the decoder, 0: its content has */
	bool to_port;        /* the port is that of the destination */

	unsigned base; /* row of the first field of the layer's table */
	unsigned depth, nvalues, nmany, nanomalies, nsecrets;
	unsigned scratch_len, protocols_len;
	unsigned ntunnels, frame_tunnel; /* the first tunnel in the innermost Ethernet frame */
	bool flow_told;                  /* a tunnel has the ends of the flow */
	bool overflow, application, client_known, client_is_source;
	/* by row: the packet's generation and, below it, the index of the row's latest value */
	uint32_t stamps[FIELDS_MAX];
	uint32_t generation;                              /* a multiple of PKT_VALUES_MAX */
	uint16_t counts[FIELDS_MAX];                      /* values of a row that has several */
	uint64_t ecs_set[ECS_WORDS], ecs_full[ECS_WORDS]; /* full: a MANY row that takes no more */
	struct value spill;                               /* written when values is full */
	struct value values[PKT_VALUES_MAX];
	struct value ecs[ECS_COUNT];
	struct {
		struct value value;
		uint8_t id, mark;
	} many[PKT_MANY_MAX];
	struct anomaly anomalies[PKT_ANOMALIES_MAX];
	struct tunnel tunnels[PKT_TUNNELS_MAX];
	struct secret {
		const uint8_t *p, *end;
	} secrets[PKT_SECRETS_MAX];
	char protocols[PKT_PROTOCOLS];
	char scratch[PKT_SCRATCH];
};

/* --- for decoders: put values; `field` is a row of the layer's own table --- */

#include "put.h"

/* --- for decoders: hand on --- */

/* Decodes b as the protocol that a type field names. Returns false when nobody is bound to it (the
 * caller decides what that means; decode_data() is the usual answer). */
bool decode_by(struct packet *pkt, enum bind_table table, uint32_t value, struct bytes b);

/* Is anybody bound to it? */
bool decode_knows(const struct packet *pkt, enum bind_table table, uint32_t value);

/* decode_by() for a packet that another one quotes: it feeds no ECS, and its flow ends with it. */
bool decode_quoted(struct packet *pkt, enum bind_table table, uint32_t value, struct bytes b);

/* Decodes b by port: a decoder bound to the lower port, then to the other, then one whose probe
 * says yes, else data. Nothing happens when b is empty. Always DECODE_OK. */
enum decode_result decode_port(
	struct packet *pkt, enum bind_table table, uint16_t src, uint16_t dst, struct bytes b);

/* Bytes that nobody claims: ":data" and data.len. Always DECODE_OK. */
enum decode_result decode_data(struct packet *pkt, struct bytes b);

/* --- for decoders: the packet as a whole --- */

/* Appends a name to frame.protocols, beside the layers' own. */
void pkt_protocol(struct packet *pkt, const char *name);

/* network.protocol, where only some messages are for their own sake; decoders with `.application` need
 * not say it. The innermost one stays. Ignored in quotes. */
void pkt_application(struct packet *pkt, const char *name);

/* Names what is odd about the layer; reason: a static string, a few lower-case words. */
void pkt_anomaly(struct packet *pkt, const char *reason);

/* The layer carries packets: its name and the number that tells its packets from others' (-1: none)
 * go to espcap.tunnel, with the ends of the flow so far. Ignored in quotes. */
void pkt_tunnel(struct packet *pkt, const char *type, int64_t id);

/* An Ethernet frame begins. Within a tunnel it is the one that source, destination and network
 * describe from here on; what they said before stays in espcap.tunnel. */
void pkt_link(struct packet *pkt);

/* The addresses of a network layer (4 or 16 bytes each, inside the packet) and its protocol
 * number. A second call is an inner flow: it takes the place of the outer one, for good unless it is
 * a quote's. */
void pkt_flow(struct packet *pkt, const uint8_t *src, const uint8_t *dst, uint8_t addr_len,
	uint8_t proto);

/* The protocol behind headers that only protect or pack it is that of the flow. name: IANA's keyword, or
 * NULL. */
void pkt_transport(struct packet *pkt, uint8_t proto, const char *name);

/* Ports, or the numbers that stand for them in the community id (type and type of the answer of
 * ICMP). one_way: there is no answer, so the endpoints of the id are not ordered. */
void pkt_ports(struct packet *pkt, uint16_t src, uint16_t dst, bool one_way);

/* Where a network layer ends by its own length: what follows is a trailer of the link layer. */
static inline void pkt_ends(struct packet *pkt, const uint8_t *end)
{
	pkt->tail = end;
}

/* Who asks, where the message says so. */
void pkt_client(struct packet *pkt, bool client_is_source);

/* Does it go to the server? By the port that has chosen the decoder, whichever --port has made that;
 * where the content has, the server's is taken to be the lower one. To be asked before anything
 * within is decoded. */
bool pkt_to_server(const struct packet *pkt);

/* Marks bytes of the packet or of scratch as secret: they are masked in every field that shows
 * them. Values of class SECRET are marked by put_str() itself. */
void pkt_secret(struct packet *pkt, const void *p, size_t n);

/* Is a mark on any of the bytes? For text that is changed on its way into scratch. */
bool pkt_is_secret(const struct packet *pkt, const void *p, size_t n);

/* n bytes that live as long as the packet, or NULL. */
char *pkt_scratch(struct packet *pkt, size_t n);

/* Gives back what was taken of scratch from p on, which no value points to. NULL: nothing. */
void pkt_scratch_back(struct packet *pkt, const char *p);

/* A copy of the bytes in scratch, to build a text piece by piece; consecutive calls with nothing
 * else taken from scratch between them give consecutive memory. Secret marks go along. Returns
 * the copy, or NULL. */
char *pkt_copy(struct packet *pkt, const void *p, size_t n);

/* The anomaly of a frame whose time no index can hold. */
extern const char decode_time_clamped[];

/* --- for the feed and for tests --- */

/* One per thread that decodes; made once. `struct decode_conf` says what is wanted. */
struct decode_conf {
	bool payload, show_secrets, verify_checksums, probe_rtp;
	const char *const *ports; /* "http=8081", nports of them */
	size_t nports;
};

/* ERR_NOMEM, or ERR_USAGE for a bad port with a sentence in why. */
int decoder_new(const struct decode_conf *conf, struct decoder **out,
	struct err_detail *why) ERR_WARN_UNUSED;
void decoder_free(struct decoder *decoder);

/* Decodes one frame. The packet is the decoder's own: valid, with everything it borrows from
 * frame, until the next call. Never fails: any bytes give a packet. */
struct packet *decode_packet(struct decoder *decoder, const struct frame *frame);

/* False when the link type is unknown: then only frame.* is filled. */
bool decode_knows_linktype(uint32_t linktype);

/* From here on frames of this link type (below 512) begin with the layer of that proto, for those
 * who want to try one decoder alone. False when there is no proto of this name. */
bool decoder_link(struct decoder *decoder, uint32_t linktype, const char *name);

/* Flows are announced to this table as soon as they are known. NULL: no more. */
void decoder_expect(struct decoder *decoder, const struct community *community);

/* The rows of all decoders' fields, in one array; and the table row behind each. */
struct field_info *decoder_fields(struct decoder *decoder, size_t *count);
size_t decoder_field_count(const struct decoder *decoder);
const struct proto_field *decoder_field_row(const struct decoder *decoder, size_t i);
const struct proto *decoder_field_proto(const struct decoder *decoder, size_t i);

#endif
