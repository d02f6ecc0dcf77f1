/* carry_job.h -- which files --in-file reads, and how far it has come. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_CARRY_JOB_H
#define ESPCAP_CARRY_JOB_H

#include <stddef.h>
#include <stdint.h>

#include "spool.h"

/* A place in the text of the files: that of gzip as it is unpacked. */
struct carry_mark {
	size_t file;
	uint64_t at, line; /* the line that begins there, from 1 */
};

/* SPOOL/carry, text with a CRC32C. The records themselves know how far they reach: each frame has the
 * job's id as its file, and as its number the place behind its last line (carry_job_number()). So a kill
 * loses no line and repeats none. A job goes on while the files are the same by path and first bytes;
 * else another one is begun, whose records the server mostly has already. */
struct carry_job {
	uint64_t id;
	char **paths;    /* owned; "-" is standard input */
	uint32_t *heads; /* owned; crc32c of the first bytes of each */
	size_t count;
	struct carry_mark done; /* a place that is in the spool; the last one may lie behind it */
	struct carry_mark told; /* unreadable lines before it are counted in bad, and were named */
	uint64_t bad;
};

enum { CARRY_FILES_MAX = 60000, CARRY_HEAD_BYTES = 4096 };

/* Lists the files; of a folder those that --out-file has written, by their names, in name order; then
 * reads what the spool knows of a job with them, or makes an id for a new one. ERR_INPUT with a
 * sentence when one cannot be read. */
int carry_job_open(struct carry_job *j, const struct spool *spool, const char *const *names,
	size_t count, struct err_detail *why) ERR_WARN_UNUSED;
void carry_job_close(struct carry_job *j);

/* Durably. */
int carry_job_save(const struct carry_job *j, const struct spool *spool) ERR_WARN_UNUSED;

/* The job is done: the next one reads the same files again. */
void carry_job_remove(const struct spool *spool);

/* A place as one number that is never 0 behind a line, and back; line is not known then. */
uint64_t carry_job_number(const struct carry_mark *mark);
struct carry_mark carry_job_mark(uint64_t number);

/* The name of a spool for a job that nobody has named one for: the same command finds it again. */
void carry_job_name(const char *const *names, size_t count, const char *const *targets,
	size_t ntargets, char out[32]);

#endif
