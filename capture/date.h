/* date.h -- times that stand in text, as seconds since 1970. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_DATE_H
#define ESPCAP_DATE_H

#include "bytes.h"

/* RFC 5322, 3.3: "Thu, 05 Feb 2026 12:00:00 +0100"; day of the week and seconds may be missing. */
bool date_mail(struct bytes text, int64_t *seconds);

/* RFC 3339: "2026-02-05T12:00:00.123456+01:00"; with Z, or without a zone, it is UTC. Nine digits of
 * a second count. */
bool date_iso(struct bytes text, int64_t *seconds, uint32_t *nanoseconds);

#endif
