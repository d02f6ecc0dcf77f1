/* tcp_options.h -- the fields of TCP and the walk over its options. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TCP_OPTIONS_H
#define ESPCAP_TCP_OPTIONS_H

#include "decode.h"

enum tcp_field {
	TCP_SRCPORT,
	TCP_DSTPORT,
	TCP_LEN,
	TCP_SEQ,
	TCP_SEQ_RAW,
	TCP_ACK,
	TCP_ACK_RAW,
	TCP_HDR_LEN,
	TCP_FLAGS,
	TCP_RES,
	TCP_AE,
	TCP_CWR,
	TCP_ECE,
	TCP_URG,
	TCP_ACKF,
	TCP_PUSH,
	TCP_RESET,
	TCP_SYN,
	TCP_FIN,
	TCP_STR,
	TCP_WINDOW,
	TCP_CHECKSUM,
	TCP_STATUS,
	TCP_URGENT,
	TCP_OPTIONS,
	TCP_OPTION_KIND,
	TCP_OPTION_LEN,
	TCP_MSS,
	TCP_WSCALE_SHIFT,
	TCP_WSCALE_MULTIPLIER,
	TCP_SACK_COUNT,
	TCP_SACK_LE,
	TCP_SACK_RE,
	TCP_TSVAL,
	TCP_TSECR,
	TCP_MD5,
	TCP_AO_KEYID,
	TCP_TFO_COOKIE,
	TCP_USER_TO,
	TCP_EXID,
	TCP_MPTCP_SUBTYPE,
	TCP_MPTCP_VERSION,
	TCP_MPTCP_SENDKEY,
	TCP_MPTCP_RECVKEY,
	TCP_PAYLOAD,
};

/* The rows that tcp_options() fills, for the one table in proto_tcp.c. */
#define TCP_OPTION_FIELDS                                                                          \
	[TCP_OPTIONS] = { "tcp.options", FIELD_BYTES, "All options", NULL, "0.1", DERIVED,         \
		PLAIN },                                                                           \
	[TCP_OPTION_KIND] = { "tcp.option_kind", FIELD_U8, "Option kind", NULL, "0.1", DETAIL,     \
		PLAIN },                                                                           \
	[TCP_OPTION_LEN] = { "tcp.option_len", FIELD_U8, "Option length", NULL, "0.1", DERIVED,    \
		PLAIN },                                                                           \
	[TCP_MSS] = { "tcp.options.mss_val", FIELD_U16, "Maximum segment size", NULL, "0.1",       \
		DETAIL, PLAIN },                                                                   \
	[TCP_WSCALE_SHIFT] = { "tcp.options.wscale.shift", FIELD_U8, "Window scale", NULL, "0.1",  \
		DETAIL, PLAIN },                                                                   \
	[TCP_WSCALE_MULTIPLIER] = { "tcp.options.wscale.multiplier", FIELD_U16,                    \
		"Window scale as a factor", NULL, "0.1", DERIVED, PLAIN },                         \
	[TCP_SACK_COUNT] = { "tcp.options.sack.count", FIELD_U8, "Selective acknowledgements",     \
		NULL, "0.1", DERIVED, PLAIN },                                                     \
	[TCP_SACK_LE] = { "tcp.options.sack_le", FIELD_U32, "Left edge of a block", NULL, "0.1",   \
		DETAIL, PLAIN },                                                                   \
	[TCP_SACK_RE] = { "tcp.options.sack_re", FIELD_U32, "Right edge of a block", NULL, "0.1",  \
		DETAIL, PLAIN },                                                                   \
	[TCP_TSVAL] = { "tcp.options.timestamp.tsval", FIELD_U32, "Timestamp value", NULL, "0.1",  \
		DETAIL, PLAIN },                                                                   \
	[TCP_TSECR] = { "tcp.options.timestamp.tsecr", FIELD_U32, "Timestamp echo", NULL, "0.1",   \
		DETAIL, PLAIN },                                                                   \
	[TCP_MD5] = { "tcp.options.md5.digest", FIELD_BYTES, "MD5 signature (RFC 2385)", NULL,     \
		"0.1", DETAIL, PLAIN },                                                            \
	[TCP_AO_KEYID] = { "tcp.options.ao.keyid", FIELD_U8, "Key id (RFC 5925)", NULL, "0.1",     \
		DETAIL, PLAIN },                                                                   \
	[TCP_TFO_COOKIE] = { "tcp.options.tfo.cookie", FIELD_BYTES, "Fast open cookie (RFC 7413)", \
		NULL, "0.1", DETAIL, PLAIN },                                                      \
	[TCP_USER_TO] = { "tcp.options.user_to_val", FIELD_U16, "User timeout (RFC 5482)", NULL,   \
		"0.1", DETAIL, PLAIN },                                                            \
	[TCP_EXID] = { "tcp.options.experimental.exid", FIELD_U16, "Experiment id (RFC 6994)",     \
		NULL, "0.1", DETAIL, PLAIN },                                                      \
	[TCP_MPTCP_SUBTYPE] = { "tcp.options.mptcp.subtype", FIELD_U8, "MPTCP subtype (RFC 8684)", \
		NULL, "0.1", DETAIL, PLAIN },                                                      \
	[TCP_MPTCP_VERSION] = { "tcp.options.mptcp.version", FIELD_U8, "MPTCP version", NULL,      \
		"0.1", DETAIL, PLAIN },                                                            \
	[TCP_MPTCP_SENDKEY] = { "tcp.options.mptcp.sendkey", FIELD_STR, "MPTCP key of the sender", \
		NULL, "0.1", DETAIL, PLAIN },                                                      \
	[TCP_MPTCP_RECVKEY] = { "tcp.options.mptcp.recvkey", FIELD_STR,                            \
		"MPTCP key of the receiver", NULL, "0.1", DETAIL, PLAIN }

/* Puts all options of a header. */
void tcp_options(struct packet *pkt, struct bytes b);

#endif
