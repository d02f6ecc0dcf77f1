/* frame_dict.h -- zstd dictionaries for small frames: what every document has in common. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_FRAME_DICT_H
#define ESPCAP_FRAME_DICT_H

#include <stddef.h>
#include <stdint.h>

/* A quiet sensor writes frames of two or three documents, and most of their text is keys and
 * constants that zstd cannot find within the frame. The files dict/ID.zdict (made by dict/make.sh) are
 * part of the program; the payload of a FRAME_ZSTD_DICT names its dictionary by zstd's own id.
 *
 * A released dictionary is never changed and never removed, since a spool of any age is drained by
 * every later version (I8). A better one gets the next id, behind the others in
 * common/CMakeLists.txt, from which frame_dicts[] is made. */
struct frame_dict {
	uint32_t id;
	const uint8_t *bytes;
	size_t len;
};

enum { FRAME_DICTS = 1 };
extern const struct frame_dict frame_dicts[FRAME_DICTS]; /* the last one is for writing */

/* Its place in the list by the id that a payload names. -1: it names none. FRAME_DICTS: one that
 * this version does not have. */
int frame_dict_find(const void *payload, size_t n);

#endif
