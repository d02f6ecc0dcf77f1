/* bad_page.c -- with disk.c preloaded into a service: a page of its spool that cannot be read. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "disk.h"

/* ESPCAP_BAD_PAGE="FROM TO TIMES ENDING", as for disk_bad(). */
__attribute__((constructor)) static void begin(void)
{
	static char ending[128];
	const char *text = getenv("ESPCAP_BAD_PAGE");
	long from, to;
	unsigned times;

	if (text && sscanf(text, "%ld %ld %u %127s", &from, &to, &times, ending) == 4)
		disk_bad(ending, from, to, times);
}
