/* control.h -- the endpoints below /_fake/ by which tests steer and ask the server. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_CONTROL_H
#define FAKE_CONTROL_H

#include "server.h"

/* POST /_fake/script: the body's rules replace those in force; 400 says what is wrong. */
void control_script(struct exchange *x);
/* GET /_fake/stats: all counters; "rules" says how often each rule acted. */
void control_stats(struct exchange *x);
/* GET /_fake/ids: "id sha index" lines, in order of arrival. */
void control_ids(struct exchange *x);
/* POST /_fake/reset: store, counters, templates and rules as on an empty start; the log stays. */
void control_reset(struct exchange *x);
/* Where "redirect302" leads: counts who follows, and who brings credentials along. */
void control_redirected(struct exchange *x);

#endif
