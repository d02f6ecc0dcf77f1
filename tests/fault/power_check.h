/* power_check.h -- what must hold of a spool after a power cut, looked at through common/spool. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_POWER_CHECK_H
#define ESPCAP_POWER_CHECK_H

#include "power_known.h"

enum { POWER_WHY = 512 };

struct power_case {
	const struct power_known *known;
	size_t moment;    /* of the cut */
	const char *root; /* a folder with the state; it is changed */
	const char *out;  /* what --out-file is below the root; NULL: none */
	size_t map_size;  /* of the record chain's segments */
	bool by_writer;   /* go on by writer.h instead of chain.h */
	bool ack_ahead;   /* `ack` is of a later moment: a disk that lied about commits */
};

/* Opens the state as a shipper does and as a capture does, reads all, goes on, settles, trims. True
 * when everything holds, else why not. */
bool power_check(const struct power_case *c, char why[POWER_WHY]);

#endif
