/* talk_secret.h -- what is secret in lines of text, whichever way they go and whoever's they are. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TALK_SECRET_H
#define ESPCAP_TALK_SECRET_H

#include "talk.h"

/* Marks bytes as secret; none are fine. */
static inline void talk_hide(struct packet *pkt, struct bytes text)
{
	if (bytes_left(&text))
		pkt_secret(pkt, text.p, bytes_left(&text));
}

/* Marks what a line (without its end) says to a server in secret: PASS word, AUTH mechanism word,
 * a1 LOGIN user word, base64 alone. An answer that begins with a code is left as it is. */
void talk_secret_line(struct packet *pkt, struct bytes line);

/* The same for each line. */
void talk_secret_lines(struct packet *pkt, struct bytes b);

/* Marks all of a message that is another protocol's: HTTP, SIP, a command of Redis. */
void talk_secret_foreign(struct packet *pkt, struct bytes b);

/* Could the word be a command of FTP, POP or SMTP by its form? At most four letters. */
bool talk_is_verb(struct bytes word);

/* In the words of a failure: marks what a server repeats of a command that it does not know, which a
 * password may have been. is_command: words that are none of the sort. */
void talk_secret_echo(struct packet *pkt, struct bytes text, bool (*is_command)(struct bytes));

/* Marks a client's line that is but one word and no command: a password at the wrong moment, for all that
 * one packet tells. */
void talk_secret_lone(struct packet *pkt, struct bytes line, bool (*is_command)(struct bytes));

#endif
