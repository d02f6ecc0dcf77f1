/* imap.h -- what the files of the IMAP decoder share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_IMAP_H
#define ESPCAP_IMAP_H

#include "talk_secret.h"

enum imap_field {
	IMAP_ISREQUEST,
	IMAP_LINE,
	IMAP_TAG,
	IMAP_COMMAND,
	IMAP_REQUEST,
	IMAP_REQUEST_TAG,
	IMAP_REQUEST_COMMAND,
	IMAP_REQUEST_FOLDER,
	IMAP_REQUEST_USERNAME,
	IMAP_REQUEST_PASSWORD,
	IMAP_RESPONSE,
	IMAP_RESPONSE_TAG,
	IMAP_RESPONSE_STATUS,
	IMAP_RESPONSE_COMMAND,
};

/* Takes a word and the one space behind it. */
static inline struct bytes imap_word(struct bytes *b)
{
	return line_until(b, ' ');
}

/* A line of a client. False when nothing behind it is read. */
bool imap_request(struct packet *pkt, const struct talk_line *line);

bool imap_is_command(struct bytes word);

/* Marks what is secret in a line, whichever way it goes; rest: what follows in the segment; first:
 * nothing stands before it. Says who the user is where a client `asks`. *hidden: how far the literals of
 * earlier lines are marked, so that no byte is looked at again and again; the segment's start at first. */
void imap_secret(struct packet *pkt, struct bytes line, struct bytes rest, bool first, bool asks,
	const uint8_t **hidden);

#endif
