/* power_image.c -- trees of files in memory, and on the disk again. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "power_image.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static _Noreturn void fail(const char *what, const char *path)
{
	(void)fprintf(stderr, "power: cannot %s %s\n", what, path);
	perror("power");
	exit(2);
}

static void *must(void *memory)
{
	if (!memory)
		fail("get", "memory");
	return memory;
}

/* --- nodes --- */

static void copy_node(struct power_node *to, const struct power_node *from)
{
	*to = *from;
	to->room = from->size;
	to->data = NULL;
	if (from->size) {
		to->data = must(malloc(from->size));
		memcpy(to->data, from->data, from->size);
	}
	to->names = NULL;
	if (from->count) {
		to->names = must(malloc(from->count * sizeof(*to->names)));
		memcpy(to->names, from->names, from->count * sizeof(*to->names));
	}
}

static struct power_node *own(struct power_image *image, int node)
{
	struct power_node *n = &image->nodes[node];

	if (image->shared[node]) {
		struct power_node theirs = *n;
		copy_node(n, &theirs);
		image->shared[node] = false;
	}
	return n;
}

int power_image_add(struct power_image *image, uint64_t inode, bool folder)
{
	size_t i = image->count++;

	image->nodes = must(realloc(image->nodes, image->count * sizeof(*image->nodes)));
	image->shared = must(realloc(image->shared, image->count * sizeof(*image->shared)));
	image->nodes[i] = (struct power_node){ .inode = inode, .folder = folder };
	image->shared[i] = false;
	return (int)i;
}

void power_image_share(struct power_image *out, const struct power_image *image)
{
	out->count = image->count;
	out->nodes = must(malloc(image->count * sizeof(*out->nodes)));
	out->shared = must(malloc(image->count * sizeof(*out->shared)));
	memcpy(out->nodes, image->nodes, image->count * sizeof(*out->nodes));
	memset(out->shared, true, image->count * sizeof(*out->shared));
}

void power_image_copy(struct power_image *out, const struct power_image *image)
{
	power_image_share(out, image);
	for (size_t i = 0; i < out->count; i++)
		(void)own(out, (int)i);
}

void power_image_free(struct power_image *image)
{
	for (size_t i = 0; i < image->count; i++) {
		if (image->shared[i])
			continue;
		free(image->nodes[i].data);
		free(image->nodes[i].names);
	}
	free(image->nodes);
	free(image->shared);
	*image = (struct power_image){ 0 };
}

/* --- names --- */

int power_image_child(const struct power_image *image, int folder, const char *name)
{
	const struct power_node *n = &image->nodes[folder];

	for (size_t i = 0; i < n->count; i++)
		if (strcmp(n->names[i].name, name) == 0)
			return n->names[i].node;
	return -1;
}

int power_image_index(const struct power_image *image, const char *path)
{
	char *text = must(strdup(path)), *rest = text;
	int node = 0;

	for (const char *name; node >= 0 && (name = strsep(&rest, "/"));)
		if (*name)
			node = power_image_child(image, node, name);
	free(text);
	return node;
}

static void drop_name(struct power_image *image, int folder, const char *name)
{
	struct power_node *n = own(image, folder);

	for (size_t i = 0; i < n->count; i++) {
		if (strcmp(n->names[i].name, name) != 0)
			continue;
		memmove(&n->names[i], &n->names[i + 1], (n->count - i - 1) * sizeof(*n->names));
		n->count--;
		return;
	}
}

static void set_name(struct power_image *image, int folder, char *name, int node)
{
	drop_name(image, folder, name);
	struct power_node *n = own(image, folder);
	n->names = must(realloc(n->names, (n->count + 1) * sizeof(*n->names)));
	n->names[n->count++] = (struct power_name){ name, node };
}

/* --- contents --- */

static void set_size(struct power_node *n, size_t size)
{
	if (size > n->room) {
		n->room = size + size / 2;
		n->data = must(realloc(n->data, n->room));
	}
	if (size > n->size)
		memset(n->data + n->size, 0, size - n->size);
	n->size = size;
}

static void write_part(struct power_node *n, const struct power_op *op, size_t from, size_t to)
{
	if (to > n->size)
		set_size(n, to);
	memcpy(n->data + from, op->data + (from - op->at), to - from);
}

static void write_torn(
	struct power_node *n, const struct power_op *op, const struct power_tear *tear)
{
	size_t end = op->at + op->len, first = op->at / POWER_SECTOR;

	for (size_t s = first; s * POWER_SECTOR < end; s++) {
		size_t from = s * POWER_SECTOR, to = from + POWER_SECTOR;
		if (tear->there[s - first])
			write_part(n, op, from > op->at ? from : op->at, to < end ? to : end);
	}
	if (tear->whole_size && n->size < end)
		set_size(n, end);
}

void power_image_apply(
	struct power_image *image, const struct power_op *op, const struct power_tear *tear)
{
	switch (op->kind) {
	case POWER_CREATE:
	case POWER_MKDIR:
	case POWER_LINK:
		set_name(image, op->node, op->name, op->child);
		break;
	case POWER_RENAME:
		drop_name(image, op->node, op->name);
		set_name(image, op->node2, op->name2, op->child);
		break;
	case POWER_UNLINK:
		drop_name(image, op->node, op->name);
		break;
	case POWER_SIZE:
		set_size(own(image, op->node), op->at);
		break;
	case POWER_GROW:
		if (image->nodes[op->node].size < op->at)
			set_size(own(image, op->node), op->at);
		break;
	case POWER_WRITE:
		if (tear)
			write_torn(own(image, op->node), op, tear);
		else if (op->len)
			write_part(own(image, op->node), op, op->at, op->at + op->len);
		break;
	default:
		break;
	}
}

/* --- from and to a folder --- */

char *power_read_file(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	size_t n = 0;

	if (fd < 0 || fstat(fd, &st) != 0)
		return NULL;
	char *text = must(malloc((size_t)st.st_size + 1));
	while (n < (size_t)st.st_size) {
		ssize_t got = read(fd, text + n, (size_t)st.st_size - n);
		if (got <= 0)
			fail("read", path);
		n += (size_t)got;
	}
	(void)close(fd);
	text[n] = '\0';
	*size = n;
	return text;
}

static char *join(const char *folder, const char *name)
{
	char *path = NULL;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		fail("get", "memory");
	return path;
}

static void load(struct power_image *image, int node, const char *folder)
{
	const struct dirent *entry;
	DIR *dir = opendir(folder);
	struct stat st;

	if (!dir)
		fail("open", folder);
	while ((entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		char *path = join(folder, entry->d_name);
		if (stat(path, &st) != 0)
			fail("stat", path);
		int child = power_image_add(image, st.st_ino, S_ISDIR(st.st_mode));
		/* names live as long as the program: they are few, and images share them */
		set_name(image, node, must(strdup(entry->d_name)), child);
		if (S_ISDIR(st.st_mode)) {
			load(image, child, path);
		} else {
			struct power_node *n = &image->nodes[child];
			n->data = (uint8_t *)power_read_file(path, &n->size);
			n->room = n->size;
		}
		free(path);
	}
	(void)closedir(dir);
}

void power_image_load(struct power_image *image, const char *folder)
{
	struct stat st;

	*image = (struct power_image){ 0 };
	(void)power_image_add(image, 0, true);
	if (!folder)
		return;
	if (stat(folder, &st) == 0)
		image->nodes[0].inode = st.st_ino;
	load(image, 0, folder);
}

static bool is_zero(const uint8_t *data, size_t n)
{
	return n && !data[0] && memcmp(data, data + 1, n - 1) == 0;
}

static void write_bytes(const char *path, const void *data, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bool hole = is_zero(data, n); /* the ballast */

	if (fd < 0 ||
		(n && (hole ? ftruncate(fd, (off_t)n) != 0 : write(fd, data, n) != (ssize_t)n)))
		fail("write", path);
	(void)close(fd);
}

static void write_node(const struct power_image *image, int node, const char *folder)
{
	const struct power_node *n = &image->nodes[node];

	for (size_t i = 0; i < n->count; i++) {
		const struct power_node *child = &image->nodes[n->names[i].node];
		char *path = join(folder, n->names[i].name);
		if (child->folder) {
			if (mkdir(path, 0755) != 0)
				fail("make", path);
			write_node(image, n->names[i].node, path);
		} else {
			write_bytes(path, child->data, child->size);
		}
		free(path);
	}
}

void power_image_write(const struct power_image *image, const char *folder)
{
	write_node(image, 0, folder);
}

static bool same_node(const struct power_image *a, int x, const struct power_image *b, int y)
{
	const struct power_node *n = &a->nodes[x], *m = &b->nodes[y];

	if (n->folder != m->folder || n->count != m->count || n->size != m->size ||
		(n->size && memcmp(n->data, m->data, n->size) != 0)) {
		(void)printf("inode %llu: %zu names, %zu bytes; %zu names, %zu bytes\n",
			(unsigned long long)n->inode, n->count, n->size, m->count, m->size);
		return false;
	}
	for (size_t i = 0; i < n->count; i++) {
		int other = power_image_child(b, y, n->names[i].name);
		if (other < 0 || !same_node(a, n->names[i].node, b, other)) {
			(void)printf("  in %s\n", n->names[i].name);
			return false;
		}
	}
	return true;
}

bool power_image_same(const struct power_image *image, const char *folder)
{
	struct power_image there;

	power_image_load(&there, folder);
	bool same = same_node(image, 0, &there, 0);
	power_image_free(&there);
	return same;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

void power_remove_tree(const char *folder)
{
	(void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
