/* frame_dict.c -- zstd dictionaries for small frames: which one a payload names. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "frame_dict.h"

#include <zstd.h>

int frame_dict_find(const void *payload, size_t n)
{
	unsigned id = ZSTD_getDictID_fromFrame(payload, n);
	int i = 0;

	if (id == 0)
		return -1;
	while (i < FRAME_DICTS && frame_dicts[i].id != id)
		i++;
	return i;
}
