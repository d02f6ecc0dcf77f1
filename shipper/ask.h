/* ask.h -- requests of another program of ours, by the one implementation of HTTP. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SHIP_ASK_H
#define ESPCAP_SHIP_ASK_H

#include "err.h"
#include "sink.h"

/* espcap-ship --ask: espcap audit starts it and asks through it, so that options, TLS and
 * credentials are those of shipping and espcap itself links no HTTP.
 *
 * A request on standard input is a line "METHOD PATH LENGTH" and so many bytes of JSON (lines of
 * JSON for a PATH with _msearch in it); an answer on standard output is a line "STATUS LENGTH" and
 * so many bytes: the body, or for status 0 a sentence that says why there is none. One at a time,
 * until standard input ends.
 *
 * The nodes are asked in turn until one answers; when a request fails on all of them that others
 * were answered before, it is tried ASK_TRIES times. Returns the exit code; with a sentence in why
 * when it is not 0. */
enum { ASK_TRIES = 5, ASK_BODY_MAX = 1 << 20, ASK_ANSWER_MAX = 16 << 20 };
int ask_run(const struct sink_es_conf *conf, struct err_detail *why);

#endif
