/* captures.h -- the capture files of a folder, and their packets in memory of exact size. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_TEST_CAPTURES_H
#define ESPCAP_TEST_CAPTURES_H

#include <stdbool.h>
#include <stdint.h>

#include "decode.h"

/* Every *.pcap and *.pcapng below a folder (or the file itself), in name order. */
void captures_each(const char *path, void (*each)(void *arg, const char *file), void *arg);

/* Every packet of a file, its bytes in an allocation that ends with them. What cannot be read
 * any further ends the file (bad/ and the corpus hold such); false when it cannot be opened. */
bool captures_packets(const char *file,
	void (*each)(void *arg, const char *file, const struct frame *f), void *arg);

#endif
