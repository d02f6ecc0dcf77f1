/* carry_job.c -- which files --in-file reads, and how far it has come. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "carry_job.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "crc32c.h"
#include "out_name.h"

enum { AT_BITS = 48, TEXT_MAX = 96 << 20 };
static const char title[] = "espcap carry 1\n", check_key[] = "check ";

/* --- the files --- */

static bool is_stdin(const char *path)
{
	return strcmp(path, "-") == 0;
}

/* *whole: the path from the root; of what cannot be read twice, such as a pipe, as it was given. */
static int read_head(const char *path, uint32_t *head, char **whole, struct err_detail *why)
{
	char text[CARRY_HEAD_BYTES];
	struct stat st = { .st_mode = 0 };

	*head = 0;
	*whole = is_stdin(path) ? strdup(path) : NULL;
	if (is_stdin(path))
		return 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)
			    ? pread(fd, text, sizeof(text), 0)
			    : 0;
	int code = fd < 0 || n < 0 ? errno : 0;
	if (fd >= 0)
		(void)close(fd);
	if (code)
		return err_set(why, ERR_INPUT, "cannot read %s: %s", path, strerror(code));
	*head = crc32c(text, (size_t)n);
	*whole = S_ISREG(st.st_mode) ? realpath(path, NULL) : strdup(path);
	return *whole ? 0 : err_set(why, ERR_INPUT, "cannot read %s: %s", path, strerror(errno));
}

static int add_file(struct carry_job *j, const char *path, struct err_detail *why)
{
	if (j->count == CARRY_FILES_MAX)
		return err_set(why, ERR_INPUT, "more than %d files at a time are too many",
			CARRY_FILES_MAX);
	if (strchr(path, '\n'))
		return err_set(why, ERR_INPUT, "the name of a file has a line end in it");
	if ((j->count & (j->count - 1)) == 0) { /* grows at powers of two */
		size_t n = j->count ? 2 * j->count : 1;
		char **paths = realloc(j->paths, n * sizeof(*paths));
		j->paths = paths ? paths : j->paths;
		uint32_t *heads = realloc(j->heads, n * sizeof(*heads));
		j->heads = heads ? heads : j->heads;
		if (!paths || !heads)
			return err_set(why, ERR_NOMEM, "out of memory for the files");
	}
	int err = read_head(path, &j->heads[j->count], &j->paths[j->count], why);
	j->count += !err;
	return err;
}

static bool ends_with(const char *name, const char *ending)
{
	size_t n = strlen(name), m = strlen(ending);

	return n >= m && strcmp(name + n - m, ending) == 0;
}

/* Also one that was never finished: what it holds may be acknowledged. */
static int is_carried(const struct dirent *entry)
{
	const char *name = entry->d_name;

	return name[0] != '.' && (out_name_is_one(name) || ends_with(name, ".ndjson") ||
					 ends_with(name, ".ndjson.gz"));
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_folder(struct carry_job *j, const char *folder, struct err_detail *why)
{
	struct dirent **entries;
	char path[PATHS_MAX];
	size_t before = j->count;
	int n = scandir(folder, &entries, is_carried, by_name), err = 0;

	if (n < 0)
		return err_set(
			why, ERR_INPUT, "cannot read the folder %s: %s", folder, strerror(errno));
	for (int i = 0; i < n; i++) {
		struct stat st;
		if (!err && paths_join(path, folder, entries[i]->d_name))
			err = err_set(why, ERR_INPUT, "a path in %s is too long", folder);
		else if (!err && (stat(path, &st) != 0 || S_ISREG(st.st_mode)))
			err = add_file(j, path, why);
		free(entries[i]);
	}
	free(entries);
	if (!err && j->count == before)
		err = err_set(why, ERR_INPUT,
			"no file in %s has a name that espcap-ship --out-file gives, or ends with "
			".ndjson or .ndjson.gz",
			folder);
	return err;
}

static int list_files(
	struct carry_job *j, const char *const *names, size_t count, struct err_detail *why)
{
	struct stat st;
	int err = 0;

	for (size_t i = 0; i < count && !err; i++)
		err = !is_stdin(names[i]) && stat(names[i], &st) == 0 && S_ISDIR(st.st_mode)
			      ? add_folder(j, names[i], why)
			      : add_file(j, names[i], why);
	return err;
}

/* --- the text --- */

static int make_text(const struct carry_job *j, struct buf *b)
{
	buf_adds(b, title);
	buf_printf(b, "job %016llx\ndone %zu %llu %llu\ntold %zu %llu %llu\nbad %llu\n",
		(unsigned long long)j->id, j->done.file, (unsigned long long)j->done.at,
		(unsigned long long)j->done.line, j->told.file, (unsigned long long)j->told.at,
		(unsigned long long)j->told.line, (unsigned long long)j->bad);
	for (size_t i = 0; i < j->count; i++)
		buf_printf(b, "file %08x %s\n", j->heads[i], j->paths[i]);
	if (!b->failed)
		buf_printf(b, "%s%08x\n", check_key, crc32c(b->data, b->len));
	return b->failed ? ERR_NOMEM : 0;
}

/* "KEY N N N", with as many numbers as are wanted. */
static bool parse_numbers(
	const char *line, const char *key, int base, uint64_t *numbers, size_t count)
{
	size_t n = strlen(key);

	if (!line || strncmp(line, key, n) != 0)
		return false;
	line += n;
	for (size_t i = 0; i < count; i++) {
		char *end = NULL;
		if (*line != ' ')
			return false;
		numbers[i] = strtoull(line + 1, &end, base);
		if (end == line + 1)
			return false;
		line = end;
	}
	return *line == '\0';
}

static bool parse_mark(const char *line, const char *key, struct carry_mark *mark)
{
	uint64_t numbers[3] = { 0 };

	if (!parse_numbers(line, key, 10, numbers, 3))
		return false;
	*mark = (struct carry_mark){ (size_t)numbers[0], numbers[1], numbers[2] };
	return true;
}

/* The next line of the text, ended by a NUL, or NULL. */
static char *next_line(char **text)
{
	char *line = *text, *end = line ? strchr(line, '\n') : NULL;

	if (!end)
		return NULL;
	*end = '\0';
	*text = end + 1;
	return line;
}

/* Are they the files of this job? */
static bool parse_files(const struct carry_job *j, char **text)
{
	char head[24];

	for (size_t i = 0; i < j->count; i++) {
		const char *line = next_line(text);
		(void)snprintf(head, sizeof(head), "file %08x ", j->heads[i]);
		if (!line || strncmp(line, head, strlen(head)) != 0 ||
			strcmp(line + strlen(head), j->paths[i]) != 0)
			return false;
	}
	return strncmp(*text, check_key, strlen(check_key)) == 0;
}

static bool parse(struct carry_job *j, char *text, size_t n)
{
	char *check = n > 15 ? text + n - 15 : NULL; /* "check 12345678\n" */

	if (!check || strncmp(check, check_key, strlen(check_key)) != 0 ||
		strtoul(check + strlen(check_key), NULL, 16) !=
			crc32c(text, (size_t)(check - text)) ||
		strncmp(text, title, strlen(title)) != 0)
		return false;
	text += strlen(title);
	return parse_numbers(next_line(&text), "job", 16, &j->id, 1) &&
	       parse_mark(next_line(&text), "done", &j->done) &&
	       parse_mark(next_line(&text), "told", &j->told) &&
	       parse_numbers(next_line(&text), "bad", 10, &j->bad, 1) && parse_files(j, &text);
}

static bool load(struct carry_job *j, const char *path)
{
	FILE *file = fopen(path, "re");
	struct buf text;
	bool good = file != NULL;
	size_t n = 1;

	buf_init(&text, TEXT_MAX);
	while (good && n) {
		good = buf_reserve(&text, 65536) == 0;
		n = good ? fread(text.data + text.len, 1, 65535, file) : 0;
		text.len += n;
	}
	if (file)
		(void)fclose(file);
	good = good && buf_str(&text) && parse(j, text.data, text.len);
	buf_done(&text);
	return good;
}

/* --- a job --- */

int carry_job_open(struct carry_job *j, const struct spool *spool, const char *const *names,
	size_t count, struct err_detail *why)
{
	char path[PATHS_MAX];

	*j = (struct carry_job){ .count = 0 };
	int err = list_files(j, names, count, why);
	if (!err && paths_join(path, spool->dir, "carry"))
		err = err_set(why, ERR_TOO_BIG, "the path of the spool is too long");
	if (err || load(j, path))
		return err;
	j->done = j->told = (struct carry_mark){ 0, 0, 1 };
	j->bad = 0;
	if (getrandom(&j->id, sizeof(j->id), 0) != (ssize_t)sizeof(j->id) || !j->id)
		j->id = (uint64_t)clock_wall_ns();
	return 0;
}

void carry_job_close(struct carry_job *j)
{
	for (size_t i = 0; i < j->count; i++)
		free(j->paths[i]);
	free(j->paths);
	free(j->heads);
	*j = (struct carry_job){ .count = 0 };
}

int carry_job_save(const struct carry_job *j, const struct spool *spool)
{
	char path[PATHS_MAX];
	struct buf text;

	buf_init(&text, TEXT_MAX);
	int err = paths_join(path, spool->dir, "carry");
	if (!err)
		err = make_text(j, &text);
	if (!err)
		err = paths_replace(path, text.data, text.len);
	buf_done(&text);
	return err;
}

void carry_job_remove(const struct spool *spool)
{
	char path[PATHS_MAX];

	if (!paths_join(path, spool->dir, "carry"))
		(void)unlink(path);
}

uint64_t carry_job_number(const struct carry_mark *mark)
{
	return (uint64_t)mark->file << AT_BITS | mark->at;
}

struct carry_mark carry_job_mark(uint64_t number)
{
	return (struct carry_mark){ (size_t)(number >> AT_BITS),
		number & ((UINT64_C(1) << AT_BITS) - 1), 0 };
}

void carry_job_name(const char *const *names, size_t count, const char *const *targets,
	size_t ntargets, char out[32])
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (size_t i = 0; i < count + ntargets; i++) {
		const char *word = i < count ? names[i] : targets[i - count];
		char *whole = i < count && !is_stdin(word) ? realpath(word, NULL) : NULL;
		for (const char *p = whole ? whole : word;; p++) {
			hash = (hash ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
			if (!*p)
				break;
		}
		free(whole);
	}
	(void)snprintf(out, 32, "in-file-%016llx", (unsigned long long)hash);
}
