/* sql_secret.h -- passwords within statements of SQL. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SQL_SECRET_H
#define ESPCAP_SQL_SECRET_H

#include "decode.h"

/* Marks as secret what stands in quotes behind PASSWORD or BY, as in IDENTIFIED BY 'tiger' or
 * PASSWORD('tiger'); a string without its end counts, too. */
void sql_mark_secrets(struct packet *pkt, struct bytes statement);

/* The same in the words of an error, which repeat the statement behind NEAR and a quote: there a string
 * at its beginning counts, too, since what stood before it is lost. */
void sql_mark_echo(struct packet *pkt, struct bytes words);

#endif
