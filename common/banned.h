/* banned.h -- functions that are easy to misuse become compile errors. Included by the build. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_BANNED_H
#define ESPCAP_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok
#pragma GCC poison gmtime localtime ctime asctime atoi atol atoll tmpnam mktemp

#endif
