// SPDX-License-Identifier: GPL-2.0-only
/* Roads by which bytes come into a file. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "act.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

struct fill {
	int fd;	    /* the file */
	int source; /* zeros, as many as are wanted */
	int pipe[2];
	char *map;   /* of the file, or NULL */
	char *bytes; /* a chunk; page-aligned */
	size_t chunk;
	off_t at;
};

/* One chunk; 0 or an errno. */
typedef int (*road_fn)(struct fill *fill);

static int done(const struct fill *fill, long n)
{
	if (n < 0)
		return errno;
	return (size_t)n == fill->chunk ? 0 : EIO;
}

static int road_write(struct fill *fill)
{
	return done(fill, write(fill->fd, fill->bytes, fill->chunk));
}

static int road_pwritev(struct fill *fill)
{
	const struct iovec parts[2] = { { fill->bytes, fill->chunk / 2 },
					{ fill->bytes, fill->chunk - fill->chunk / 2 } };

	return done(fill, pwritev(fill->fd, parts, 2, fill->at));
}

static int road_uring(struct fill *fill)
{
	const struct io_uring_sqe sqe = {
		.opcode = IORING_OP_WRITE,
		.fd = fill->fd,
		.addr = (unsigned long)fill->bytes,
		.len = (unsigned int)fill->chunk,
		.off = (unsigned long long)fill->at,
	};
	int n = act_uring(&sqe);

	return n < 0 ? -n : done(fill, n);
}

static int road_splice(struct fill *fill)
{
	loff_t at = fill->at;

	for (size_t left = fill->chunk; left;) {
		size_t part = left < 65536 ? left : 65536;
		ssize_t n = write(fill->pipe[1], fill->bytes, part);

		if (n > 0)
			n = splice(fill->pipe[0], NULL, fill->fd, &at, (size_t)n, 0);
		if (n <= 0)
			return n ? errno : EIO;
		left -= (size_t)n;
	}
	return 0;
}

static int road_sendfile(struct fill *fill)
{
	off_t from = 0;

	return done(fill, sendfile(fill->fd, fill->source, &from, fill->chunk));
}

static int road_copy(struct fill *fill)
{
	off_t from = 0;
	off_t to = fill->at;

	return done(fill, copy_file_range(fill->source, &from, fill->fd, &to, fill->chunk, 0));
}

static int road_fallocate(struct fill *fill)
{
	return fallocate(fill->fd, 0, fill->at, (off_t)fill->chunk) ? errno : 0;
}

static int road_truncate(struct fill *fill)
{
	return ftruncate(fill->fd, fill->at + (off_t)fill->chunk) ? errno : 0;
}

static int road_map(struct fill *fill)
{
	memset(fill->map + fill->at, 'm', fill->chunk);
	return 0;
}

/* The kernel stores into the mapping for a call that writes to no file. */
static int road_read_map(struct fill *fill)
{
	return done(fill, read(fill->source, fill->map + fill->at, fill->chunk));
}

static const struct road {
	const char *name;
	road_fn go;
	int flags; /* of the open */
} roads[] = {
	{ "write", road_write, O_APPEND },
	{ "overwrite", road_write, 0 },
	{ "direct", road_write, O_DIRECT },
	{ "pwritev", road_pwritev, 0 },
	{ "uring", road_uring, 0 },
	{ "splice", road_splice, 0 },
	{ "sendfile", road_sendfile, 0 },
	{ "copy", road_copy, 0 },
	{ "fallocate", road_fallocate, 0 },
	{ "truncate", road_truncate, 0 },
	{ "map", road_map, 0 },
	{ "read-map", road_read_map, 0 },
};

static const struct road *find_road(const char *name)
{
	for (size_t i = 0; i < sizeof(roads) / sizeof(roads[0]); i++) {
		if (!strcmp(roads[i].name, name))
			return &roads[i];
	}
	return NULL;
}

/* fill ROAD PATH SIZE CHUNK SOURCE: until it fails; the errno of that, or 0. */
static int act_fill(int argc, char **argv)
{
	const struct road *road = find_road(argv[0]);
	size_t size = strtoul(argv[2], NULL, 10);
	struct fill fill = { .chunk = strtoul(argv[3], NULL, 10) };
	void *bytes = NULL;
	int r = 0;

	(void)argc;
	if (!road || !fill.chunk || posix_memalign(&bytes, 4096, fill.chunk))
		return ACT_USAGE;
	fill.bytes = memset(bytes, 'x', fill.chunk);
	fill.fd = open(argv[1], O_RDWR | O_CREAT | road->flags, 0600);
	fill.source = open(argv[4], O_RDONLY);
	if (fill.fd < 0 || fill.source < 0 || pipe(fill.pipe))
		return errno;
	if (strstr(road->name, "map")) {
		fill.map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fill.fd, 0);
		if (fill.map == MAP_FAILED)
			return errno;
	}
	for (; (size_t)fill.at < size && !r; fill.at += (off_t)fill.chunk)
		r = road->go(&fill);
	free(bytes);
	(void)act_close(fill.fd);
	(void)act_close(fill.source);
	return r;
}

/* map-store PATH: makes a shared writable mapping. */
static int act_map_store(int argc, char **argv)
{
	int fd = open(argv[0], O_RDWR);
	void *map;
	int r = 0;

	(void)argc;
	if (fd < 0)
		return errno;
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		r = errno;
	(void)act_close(fd);
	return r;
}

/* map-store-later PATH: maps it shared for reading, then asks for more. */
static int act_map_store_later(int argc, char **argv)
{
	int fd = open(argv[0], O_RDWR);
	void *map;

	(void)argc;
	if (fd < 0)
		return errno;
	map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	(void)act_close(fd);
	if (map == MAP_FAILED)
		return EIO;
	return act_errno(mprotect(map, 4096, PROT_READ | PROT_WRITE));
}

const struct act disk_acts[] = {
	{ "fill", 5, act_fill },
	{ "map-store", 1, act_map_store },
	{ "map-store-later", 1, act_map_store_later },
	{ NULL, 0, NULL },
};
