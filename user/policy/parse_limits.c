// SPDX-License-Identifier: GPL-2.0-only
/* Section `limits`: numbers with units. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/cleanup.h"
#include "policy/parse.h"
#include "policy/units.h"

#define SIZE_WANTED "a size such as 512M or 2G, or `max`"
#define COUNT_WANTED "a whole number, or `max`"
#define BYTES_MAX (1ull << 62)		     /* the kernel counts pages in a signed long */
#define PIDS_MAX 4194304		     /* PID_MAX_LIMIT of a 64-bit kernel */
#define CPU_MAX 1000000			     /* ten thousand processors */
#define WALL_MAX (366ull * 24 * 3600 * 1000) /* a year: more is a slip */

static void parse_memory(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	/* Less than this and the command cannot even be executed. */
	static const struct sbx_quantity limit = { "`memory`",	   "bad-size", SIZE_WANTED,
						   sbx_units_size, 1 << 20,    BYTES_MAX };

	(void)sbx_parse_quantity(p, node, &limit,
				 &((struct sbx_limits *)target)->memory); /* told */
}

static void parse_swap(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_quantity limit = { "`swap`",	   "bad-size", SIZE_WANTED,
						   sbx_units_size, 0,	       BYTES_MAX };

	(void)sbx_parse_quantity(p, node, &limit, &((struct sbx_limits *)target)->swap); /* told */
}

static void parse_cpu(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_quantity limit = {
		"`cpu`",       "bad-cpu", "a share such as 50%, 1.5 or `2 cores`, or `max`",
		sbx_units_cpu, 1,	  CPU_MAX,
	};

	(void)sbx_parse_quantity(p, node, &limit,
				 &((struct sbx_limits *)target)->cpu_percent); /* told */
}

static void parse_pids(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_quantity limit = {
		"`pids`", "bad-number", COUNT_WANTED, sbx_units_number, 1, PIDS_MAX
	};

	(void)sbx_parse_quantity(p, node, &limit, &((struct sbx_limits *)target)->pids); /* told */
}

static void parse_wall_time(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_quantity limit = {
		"`wall_time`",
		"bad-duration",
		"a time such as 500ms, 30s, 10m or 2h, or `max`",
		sbx_units_duration,
		1,
		WALL_MAX,
	};

	(void)sbx_parse_quantity(p, node, &limit,
				 &((struct sbx_limits *)target)->wall_time_ms); /* told */
}

static void parse_violations(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_quantity limit = {
		"`violations`", "bad-number", COUNT_WANTED, sbx_units_number, 1, BYTES_MAX
	};

	(void)sbx_parse_quantity(p, node, &limit,
				 &((struct sbx_limits *)target)->violations); /* told */
}

#define CPU_TIME_MAX (366ull * 24 * 3600) /* a year, as above */
#define FILES_MAX 1048576		  /* fs.nr_open, above which the kernel takes none */

/* Whole seconds: the kernel counts no finer here. */
static int read_seconds(const char *text, __u64 *ret_seconds)
{
	__u64 ms;
	int r = sbx_units_duration(text, &ms);

	if (!r && ms % 1000)
		return -EINVAL;
	if (!r)
		*ret_seconds = ms / 1000;
	return r;
}

static void parse_cpu_time(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_quantity limit = {
		"`cpu_time`",
		"bad-duration",
		"whole seconds such as 30s or 10m, or `max`",
		read_seconds,
		1,
		CPU_TIME_MAX,
	};

	(void)sbx_parse_quantity(p, node, &limit,
				 &((struct sbx_limits *)target)->cpu_time_s); /* told */
}

static void parse_address_space(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	/* As for memory. */
	static const struct sbx_quantity limit = { "`address_space`", "bad-size", SIZE_WANTED,
						   sbx_units_size,    1 << 20,	  BYTES_MAX };

	(void)sbx_parse_quantity(p, node, &limit,
				 &((struct sbx_limits *)target)->address_space); /* told */
}

static void parse_file_size(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_quantity limit = { "`file_size`",  "bad-size", SIZE_WANTED,
						   sbx_units_size, 0,	       BYTES_MAX };

	(void)sbx_parse_quantity(p, node, &limit,
				 &((struct sbx_limits *)target)->file_size); /* told */
}

static void parse_open_files(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	/* Below this the loader cannot open a library beside the three that are passed on. */
	static const struct sbx_quantity limit = {
		"`open_files`", "bad-number", COUNT_WANTED, sbx_units_number, 4, FILES_MAX
	};

	(void)sbx_parse_quantity(p, node, &limit,
				 &((struct sbx_limits *)target)->open_files); /* told */
}

static void parse_processes(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_quantity limit = {
		"`processes`", "bad-number", COUNT_WANTED, sbx_units_number, 1, PIDS_MAX
	};

	(void)sbx_parse_quantity(p, node, &limit,
				 &((struct sbx_limits *)target)->processes); /* told */
}

static void parse_core(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_quantity limit = { "`core`",	   "bad-size", SIZE_WANTED,
						   sbx_units_size, 0,	       BYTES_MAX };

	(void)sbx_parse_quantity(p, node, &limit, &((struct sbx_limits *)target)->core); /* told */
}

static void parse_stack(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	/* Arguments and environment lie there, too: the kernel gives them 128 kB at least. */
	static const struct sbx_quantity limit = { "`stack`",	   "bad-size", SIZE_WANTED,
						   sbx_units_size, 256 << 10,  BYTES_MAX };

	(void)sbx_parse_quantity(p, node, &limit, &((struct sbx_limits *)target)->stack); /* told */
}

static void parse_disk_write(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_quantity limit = { "`disk_write`", "bad-size", SIZE_WANTED,
						   sbx_units_size, 0,	       BYTES_MAX };

	(void)sbx_parse_quantity(p, node, &limit,
				 &((struct sbx_limits *)target)->disk_write); /* told */
}

static void parse_grace(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_quantity limit = {
		"`grace`", "bad-duration", "a time such as 500ms or 5s", sbx_units_duration,
		0,	   3600 * 1000,
	};
	__u64 value;

	if (!sbx_parse_quantity(p, node, &limit, &value))
		return;
	if (value == SBX_LIMIT_NONE)
		sbx_parse_fault(p, node, "bad-duration", "`grace` has an end");
	else
		((struct sbx_limits *)target)->grace_ms = value;
}

#define CPUS_MAX 8192 /* NR_CPUS of the largest kernels */

/* "0-3,6" into bits; -EINVAL. */
static int read_cpus(const char *text, unsigned char *bits)
{
	do {
		unsigned int lo, hi;
		int n = 0;

		if (sscanf(text, "%u%n", &lo, &n) != 1 || *text < '0' || *text > '9')
			return -EINVAL;
		text += n;
		hi = lo;
		if (*text == '-') {
			text++;
			if (*text < '0' || *text > '9' || sscanf(text, "%u%n", &hi, &n) != 1)
				return -EINVAL;
			text += n;
		}
		if (hi < lo || hi >= CPUS_MAX)
			return -EINVAL;
		for (; lo <= hi; lo++)
			bits[lo / 8] = (unsigned char)(bits[lo / 8] | 1u << (lo % 8));
	} while (*text == ',' && *++text);
	return *text ? -EINVAL : 0;
}

static void put_cpus(struct sbx_buf *buf, const unsigned char *bits)
{
	for (unsigned int lo = 0, hi; lo < CPUS_MAX; lo = hi + 1) {
		hi = lo;
		if (!(bits[lo / 8] & 1u << (lo % 8)))
			continue;
		while (hi + 1 < CPUS_MAX && bits[(hi + 1) / 8] & 1u << ((hi + 1) % 8))
			hi++;
		sbx_buf_printf(buf, "%s%u", buf->len ? "," : "", lo);
		if (hi > lo)
			sbx_buf_printf(buf, "-%u", hi);
	}
}

static void parse_cpuset(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_cleanup(sbx_freep) char *text = sbx_parse_text(p, node, "`cpuset`");
	sbx_cleanup(sbx_buf_free) struct sbx_buf buf = { 0 };
	unsigned char bits[CPUS_MAX / 8] = { 0 };
	struct sbx_limits *limits = target;

	if (!text)
		return;
	sbx_freep(&limits->cpuset);
	if (!strcmp(text, "max"))
		return;
	if (read_cpus(text, bits)) {
		sbx_parse_fault(p, node, "bad-cpu",
				"`cpuset` takes processors such as 0-3,6, or `max`, not `%.60s`",
				text);
		return;
	}
	put_cpus(&buf, bits);
	p->error = sbx_buf_take(&buf, &limits->cpuset) ?: p->error;
}

static void parse_io_path(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	struct sbx_io_limit *io = target;
	sbx_cleanup(sbx_freep) char *path = sbx_parse_text(p, node, "`path`");

	if (!path)
		return;
	if (*path != '/') {
		sbx_parse_fault(p, node, "bad-path",
				"`path` in `io` takes an absolute path: a block device, or "
				"anything on the disk");
		return;
	}
	sbx_freep(&io->path);
	io->path = SBX_TAKE(path, NULL);
}

static void parse_io_bytes(struct sbx_parse *p, const struct sbx_yaml *node, __u64 *ret_value,
			   const char *what)
{
	const struct sbx_quantity limit = {
		what,		"bad-size", "bytes a second such as 10M, or `max`",
		sbx_units_size, 1,	    BYTES_MAX
	};

	(void)sbx_parse_quantity(p, node, &limit, ret_value); /* told */
}

static void parse_io_count(struct sbx_parse *p, const struct sbx_yaml *node, __u64 *ret_value,
			   const char *what)
{
	const struct sbx_quantity limit = { what, "bad-number", COUNT_WANTED, sbx_units_number,
					    1,	  UINT32_MAX };

	(void)sbx_parse_quantity(p, node, &limit, ret_value); /* told */
}

static void parse_io_read(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	parse_io_bytes(p, node, &((struct sbx_io_limit *)target)->values[SBX_IO_READ], "`read`");
}

static void parse_io_write(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	parse_io_bytes(p, node, &((struct sbx_io_limit *)target)->values[SBX_IO_WRITE], "`write`");
}

static void parse_io_reads(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	parse_io_count(p, node, &((struct sbx_io_limit *)target)->values[SBX_IO_READS],
		       "`read_ops`");
}

static void parse_io_writes(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	parse_io_count(p, node, &((struct sbx_io_limit *)target)->values[SBX_IO_WRITES],
		       "`write_ops`");
}

static void parse_io_disk(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_field fields[] = {
		{ "path", parse_io_path },	  { "read", parse_io_read },
		{ "write", parse_io_write },	  { "read_ops", parse_io_reads },
		{ "write_ops", parse_io_writes }, { NULL, NULL },
	};
	struct sbx_limits *limits = target;
	struct sbx_io_limit io = {
		NULL, { SBX_LIMIT_NONE, SBX_LIMIT_NONE, SBX_LIMIT_NONE, SBX_LIMIT_NONE }
	};

	sbx_parse_fields(p, node, fields, "`io`", &io);
	if (!io.path) {
		if (!sbx_parse_find(node, "path"))
			sbx_parse_fault(p, node, "missing-key", "`io` takes a `path`");
		return;
	}
	if (limits->n_io == SBX_IO_MAX) {
		sbx_parse_fault(p, node, "too-many", "more than %d disks in `io`", SBX_IO_MAX);
		free(io.path);
		return;
	}
	limits->io[limits->n_io++] = io;
}

static void parse_io(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_parse_each_or_none(p, node, "`io`", parse_io_disk, target);
}

void sbx_parse_limits(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_field fields[] = {
		{ "memory", parse_memory },
		{ "swap", parse_swap },
		{ "cpu", parse_cpu },
		{ "pids", parse_pids },
		{ "wall_time", parse_wall_time },
		{ "violations", parse_violations },
		{ "cpu_time", parse_cpu_time },
		{ "address_space", parse_address_space },
		{ "file_size", parse_file_size },
		{ "open_files", parse_open_files },
		{ "processes", parse_processes },
		{ "core", parse_core },
		{ "stack", parse_stack },
		{ "grace", parse_grace },
		{ "disk_write", parse_disk_write },
		{ "io", parse_io },
		{ "cpuset", parse_cpuset },
		{ NULL, NULL },
	};

	(void)target; /* the policy is the target */
	sbx_parse_fields(p, node, fields, "`limits`", &p->policy->limits);
}
