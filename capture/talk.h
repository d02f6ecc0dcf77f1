/* talk.h -- what the protocols have in common that talk in lines: FTP, IMAP, POP, SMTP. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TALK_H
#define ESPCAP_TALK_H

#include "decode.h"
#include "line.h"

/* text is without the line end, whole with it. */
struct talk_line {
	struct bytes text, whole;
	bool ended;
};

/* The next line, to an LF, a CR LF or a lone CR; the last may have no end. False at the end. */
bool talk_line(struct bytes *b, struct talk_line *line);

/* A TLS record instead of text: STARTTLS was said before. */
bool talk_is_tls(struct bytes b);

/* Does it begin with bytes that are no text? TLS again, amidst a record, or a piece of a file. What
 * begins as an answer, with its three digits, is one whatever it holds. */
bool talk_is_binary(struct bytes b);

/* Does the client talk? By the port that chose the decoder, else what comes with three digits or
 * one of the signs + - * is an answer. Says so for client.* and server.* too. */
bool talk_asks(struct packet *pkt, struct bytes b);

/* The code of three digits that an answer begins with, or -1. */
int talk_code(struct bytes text);

/* event.outcome of such a code, and for a failure error.*, with the words behind the code: 2xx is a
 * success, 4xx and 5xx are failures; 1xx and 3xx only say that there is more to come. */
void talk_outcome(struct packet *pkt, int code, struct bytes words);

/* event.action: a command in lower case, of letters, digits and hyphens (an underscore or a dot becomes
 * one). Nothing for what is no such word, or is marked as secret. */
void talk_action(struct packet *pkt, struct bytes word);

/* user.name and related.user; without the quotes around it. */
void talk_user(struct packet *pkt, struct bytes name);

/* The user in base64, alone or (RFC 4616) as authority, NUL, user, NUL, password. False when it is
 * not the latter. */
void talk_base64_user(struct packet *pkt, struct bytes text);
bool talk_base64_plain(struct packet *pkt, struct bytes text);

/* Is it one of the words, whatever the case? The list ends with NULL. */
bool talk_is_one_of(struct bytes word, const char *const *words);

static inline void talk_put(struct packet *pkt, unsigned field, struct bytes text)
{
	put_str(pkt, field, text.p, bytes_left(&text));
}

#endif
