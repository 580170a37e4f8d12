// SPDX-License-Identifier: GPL-2.0-only
/* Sections `limits` and `audit`: numbers with units. */
#include <errno.h>
#include <string.h>

#include "lib/cleanup.h"
#include "policy/parse.h"
#include "policy/units.h"

typedef int (*unit_fn)(const char *text, __u64 *ret_value);

/* How one limit is written and where it goes. */
struct limit {
	const char *what;
	const char *code;
	const char *wanted;
	unit_fn read;
	__u64 lo;
	__u64 hi;
};

/* `max` means no limit; false after a fault. */
static bool read_limit(struct sbx_parse *p, const struct sbx_yaml *node, const struct limit *limit,
		       __u64 *ret_value)
{
	sbx_cleanup(sbx_freep) char *text = sbx_parse_text(p, node, limit->what);
	__u64 value;

	if (!text)
		return false;
	if (!strcmp(text, "max")) {
		*ret_value = SBX_LIMIT_NONE;
		return true;
	}
	if (limit->read(text, &value)) {
		sbx_parse_fault(p, node, limit->code, "%s takes %s, not `%.60s`", limit->what,
				limit->wanted, text);
		return false;
	}
	if (value < limit->lo || value > limit->hi) {
		sbx_parse_fault(p, node, limit->code, "%s: `%.60s` is too %s", limit->what, text,
				value < limit->lo ? "small" : "large");
		return false;
	}
	*ret_value = value;
	return true;
}

#define SIZE_WANTED "a size such as 512M or 2G, or `max`"
#define COUNT_WANTED "a whole number, or `max`"
#define BYTES_MAX (1ull << 62)		     /* the kernel counts pages in a signed long */
#define PIDS_MAX 4194304		     /* PID_MAX_LIMIT of a 64-bit kernel */
#define CPU_MAX 1000000			     /* ten thousand processors */
#define WALL_MAX (366ull * 24 * 3600 * 1000) /* a year: more is a slip */

static void parse_memory(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	/* Less than this and the command cannot even be executed. */
	static const struct limit limit = { "`memory`",	    "bad-size", SIZE_WANTED,
					    sbx_units_size, 1 << 20,	BYTES_MAX };

	(void)read_limit(p, node, &limit, &((struct sbx_limits *)target)->memory); /* told */
}

static void parse_swap(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct limit limit = { "`swap`",	    "bad-size", SIZE_WANTED,
					    sbx_units_size, 0,		BYTES_MAX };

	(void)read_limit(p, node, &limit, &((struct sbx_limits *)target)->swap); /* told */
}

static void parse_cpu(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct limit limit = {
		"`cpu`",       "bad-cpu", "a share such as 50%, 1.5 or `2 cores`, or `max`",
		sbx_units_cpu, 1,	  CPU_MAX,
	};

	(void)read_limit(p, node, &limit, &((struct sbx_limits *)target)->cpu_percent); /* told */
}

static void parse_pids(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct limit limit = { "`pids`", "bad-number", COUNT_WANTED, sbx_units_number,
					    1,	      PIDS_MAX };

	(void)read_limit(p, node, &limit, &((struct sbx_limits *)target)->pids); /* told */
}

static void parse_wall_time(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct limit limit = {
		"`wall_time`",
		"bad-duration",
		"a time such as 500ms, 30s, 10m or 2h, or `max`",
		sbx_units_duration,
		1,
		WALL_MAX,
	};

	(void)read_limit(p, node, &limit, &((struct sbx_limits *)target)->wall_time_ms); /* told */
}

static void parse_violations(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct limit limit = {
		"`violations`", "bad-number", COUNT_WANTED, sbx_units_number, 1, BYTES_MAX
	};

	(void)read_limit(p, node, &limit, &((struct sbx_limits *)target)->violations); /* told */
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
	static const struct limit limit = {
		"`cpu_time`",
		"bad-duration",
		"whole seconds such as 30s or 10m, or `max`",
		read_seconds,
		1,
		CPU_TIME_MAX,
	};

	(void)read_limit(p, node, &limit, &((struct sbx_limits *)target)->cpu_time_s); /* told */
}

static void parse_address_space(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	/* As for memory. */
	static const struct limit limit = { "`address_space`", "bad-size", SIZE_WANTED,
					    sbx_units_size,    1 << 20,	   BYTES_MAX };

	(void)read_limit(p, node, &limit, &((struct sbx_limits *)target)->address_space); /* told */
}

static void parse_file_size(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct limit limit = { "`file_size`",  "bad-size", SIZE_WANTED,
					    sbx_units_size, 0,		BYTES_MAX };

	(void)read_limit(p, node, &limit, &((struct sbx_limits *)target)->file_size); /* told */
}

static void parse_open_files(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	/* Below this the loader cannot open a library beside the three that are passed on. */
	static const struct limit limit = {
		"`open_files`", "bad-number", COUNT_WANTED, sbx_units_number, 4, FILES_MAX
	};

	(void)read_limit(p, node, &limit, &((struct sbx_limits *)target)->open_files); /* told */
}

static void parse_processes(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct limit limit = {
		"`processes`", "bad-number", COUNT_WANTED, sbx_units_number, 1, PIDS_MAX
	};

	(void)read_limit(p, node, &limit, &((struct sbx_limits *)target)->processes); /* told */
}

static void parse_core(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct limit limit = { "`core`",	    "bad-size", SIZE_WANTED,
					    sbx_units_size, 0,		BYTES_MAX };

	(void)read_limit(p, node, &limit, &((struct sbx_limits *)target)->core); /* told */
}

static void parse_stack(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	/* Arguments and environment lie there, too: the kernel gives them 128 kB at least. */
	static const struct limit limit = { "`stack`",	    "bad-size", SIZE_WANTED,
					    sbx_units_size, 256 << 10,	BYTES_MAX };

	(void)read_limit(p, node, &limit, &((struct sbx_limits *)target)->stack); /* told */
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
		{ "disk_write", NULL },
		{ "disk_read", NULL },
		{ "io", NULL },
		{ NULL, NULL },
	};

	(void)target; /* the policy is the target */
	sbx_parse_fields(p, node, fields, "`limits`", &p->policy->limits);
}

static void parse_rate(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct limit limit = {
		"`rate`", "bad-rate", "a rate such as 200/s, or `max`", sbx_units_rate, 1, 1000000,
	};
	__u64 rate;

	if (read_limit(p, node, &limit, &rate))
		((struct sbx_audit *)target)->rate = rate == SBX_LIMIT_NONE ? 0 : rate;
}

static void parse_chain(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	(void)sbx_parse_bool(p, node, "`chain`", &((struct sbx_audit *)target)->chain); /* told */
}

static void parse_key(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	struct sbx_audit *audit = target;
	sbx_cleanup(sbx_freep) char *path = sbx_parse_text(p, node, "`key`");

	if (!path)
		return;
	if (*path != '/') {
		sbx_parse_fault(p, node, "bad-path", "`key` takes an absolute path of a file");
		return;
	}
	sbx_freep(&audit->key);
	audit->key = SBX_TAKE(path, NULL);
}

void sbx_parse_audit(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_field fields[] = {
		{ "rate", parse_rate },
		{ "chain", parse_chain },
		{ "key", parse_key },
		{ NULL, NULL },
	};

	(void)target; /* as above */
	sbx_parse_fields(p, node, fields, "`audit`", &p->policy->audit);
}
