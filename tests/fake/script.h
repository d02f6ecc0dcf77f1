/* script.h -- the script: rules in JSON that say which requests go wrong, and how.
 *
 *   {"rules":[ {"match":{...}, "action":{...}}, ... ]}
 *
 * Each request but those to /_fake/ is put to the rules in their order; the first that acts on it
 * is the only one. A rule counts the requests it matches, as far as no earlier rule acted on them.
 * Same script, same requests in the same order: same answers. An unknown key is an error.
 *
 * match (all may be left out)
 *   path     glob over the decoded path; * also matches /     method   "POST"
 *   index    glob over the index in the path; `items` asks each item if the path has none
 *   after    acts from the N-th match on (1)         times    acts N times, then it is spent
 *   every    acts on each N-th match, counted from `after`
 *
 * action: at most one of these says what is answered ("items" and "answer" may stand together)
 *   status            100..599, for the whole request, nothing is stored; with "headers":{...} and
 *                     "body": text or JSON (default: an error as Elasticsearch words it)
 *   items             {"status":N, "type":"...", "reason":"...", "which":W, "sticky":bool,
 *                     "failure_store":"used"}
 *                     W: all | first | last | index:N (from 0) | every:N | half:SEED | match:TEXT |
 *                     seq_mod:N:R (event.sequence % N == R). every and half run on over requests;
 *                     sticky: the same id always has the same verdict. A status below 300 refuses
 *                     nothing, it only has the item name failure_store and, when it is 200,
 *                     answer with that; "used" stores it in
 *                     the index .fs-INDEX
 *   answer            reordered | missing_item | extra_item | other_op | pretty | status_string |
 *                     status_missing | status_negative | errors_false_with_failures |
 *                     errors_true_without | truncated_json | html200 | redirect302 | garbage64m |
 *                     http10 | content_length_long | content_length_short | chunked_trailers |
 *                     bad_gzip | gzip_bomb (64 MiB unpacked) | empty200.
 *                     Where one item is mangled, it is the middle one.
 *                     errors_false_with_failures without "items" refuses that one with 429
 *   limit_in_flight_bytes   429 when raw bytes of bulk bodies not yet answered would pass N
 *   limit_body_bytes        413 when the body as sent is larger; "html":true: as a proxy words it
 *   poison_whole_body       400 for the whole body when a document holds the text
 *   unauthorized      true: 401, until a request brings the header "until_header": "Name: value"
 *   root_405          true: GET and HEAD of / are answered with 405
 *   template_missing  true: index templates are answered with 404
 *   read              stops reading after N bytes of the request, not before the end of its
 *                     head, and never answers; with "close":true resets then
 *
 * action: how it goes out (all may be combined with the above)
 *   store             whether items are kept. Default true, but false with hang, html200,
 *                     redirect302, garbage64m and gzip_bomb. What is not kept is answered as if it were
 *   delay_ms          the answer waits; what is stored is stored before
 *   drip_bytes_per_s  the answer trickles          hang   true: there is no answer
 *   cut               N bytes of the answer, or "before_answer", or "in_headers"; then it closes,
 *                     with "rst":true by a reset
 *   continue          the 100 Continue: "never", "early" (unasked), "late" (after the body) */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_SCRIPT_H
#define FAKE_SCRIPT_H

#include "rule.h"

enum { SCRIPT_RULES = 256 };

struct script {
	unsigned refs, n;
	struct rule *rules;
};

struct script_error {
	char text[256];
};

/* Returns owned, with one reference; NULL and an error when the script is wrong. */
struct script *script_parse(struct view json, struct script_error *error);
struct script *script_hold(struct script *s);
void script_drop(struct script *s);
/* The rule for this request, or NULL; borrowed as long as the script is held. */
struct rule *script_pick(struct script *s, const struct rule_request *q);

#endif
