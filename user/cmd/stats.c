// SPDX-License-Identifier: GPL-2.0-only
/* `sbx-bpf stats`: what the kernel has counted for the jobs that run. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "job/job.h"
#include "lib/cleanup.h"

static const struct sbx_command command = {
	.usage = "stats [JOB]",
	.about = "What the kernel has counted for each job so far: refusals, attempts to\n"
		 "escape, lost events, bytes each way; of one JOB also its destinations.",
};

struct stats {
	struct sbx_engine *engine;
	const char *name; /* of the one job, or NULL: all */
	json_t *rows;
};

static int take_job(const struct sbx_job_info *info, void *ctx)
{
	struct stats *stats = ctx;
	json_t *row;

	if (stats->name && strcmp(stats->name, info->name) != 0)
		return 0;
	row = sbx_job_stats(stats->engine, info);
	return row ? json_array_append_new(stats->rows, row) : 0;
}

/* A number of an object, by its key. */
static unsigned long long get(const json_t *object, const char *key)
{
	return (unsigned long long)json_integer_value(json_object_get(object, key));
}

static unsigned long long sum(const json_t *escapes)
{
	unsigned long long n = 0;
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)escapes, name, value)
		n += (unsigned long long)json_integer_value(value);
	return n;
}

static void print_row(const json_t *row)
{
	const json_t *network = json_object_get(row, "network");
	const json_t *out = json_object_get(network, "egress");
	const json_t *in = json_object_get(network, "ingress");

	printf("%-32s %10llu %7llu %6llu %14llu %14llu %14llu\n",
	       json_string_value(json_object_get(row, "name")), get(row, "violations"),
	       sum(json_object_get(row, "escapes")), get(row, "lost"), get(out, "bytes"),
	       get(in, "bytes"), get(out, "dropped_bytes") + get(in, "dropped_bytes"));
}

/* A line a destination, and what is in none of them. */
static void print_destinations(const json_t *network)
{
	const json_t *overflow = json_object_get(network, "overflow");
	const json_t *lines = json_object_get(network, "destinations"), *line;
	unsigned long long known = get(network, "destinations_known");
	size_t i;

	printf("\n%-39s %5s %-8s %14s %14s  %s\n", "ADDRESS", "PORT", "PROTOCOL", "SENT",
	       "RECEIVED", "DOMAIN");
	json_array_foreach (lines, i, line) {
		const char *domain = json_string_value(json_object_get(line, "domain"));

		printf("%-39s %5llu %-8s %14llu %14llu  %s\n",
		       json_string_value(json_object_get(line, "address")), get(line, "port"),
		       json_string_value(json_object_get(line, "protocol")),
		       get(line, "egress_bytes"), get(line, "ingress_bytes"), domain ? domain : "");
	}
	if (known > json_array_size(lines))
		printf("and %llu with fewer bytes\n", known - json_array_size(lines));
	if (get(overflow, "egress_packets") || get(overflow, "ingress_packets"))
		printf("%-39s %5s %-8s %14llu %14llu\n", "all others", "", "",
		       get(overflow, "egress_bytes"), get(overflow, "ingress_bytes"));
}

static void print_text(const struct stats *stats)
{
	const json_t *row;
	size_t i;

	printf("%-32s %10s %7s %6s %14s %14s %14s\n", "NAME", "VIOLATIONS", "ESCAPES", "LOST",
	       "SENT", "RECEIVED", "DROPPED");
	json_array_foreach (stats->rows, i, row) {
		print_row(row);
		if (stats->name)
			print_destinations(json_object_get(row, "network"));
	}
}

/* Without an engine no job runs under it. */
static int collect(struct stats *stats, struct sbx_error *err)
{
	int r = sbx_engine_look(&stats->engine, err);

	if (r && r != -ENOENT)
		return r;
	if (!r) {
		r = sbx_job_each(take_job, stats);
		sbx_engine_close(stats->engine);
		if (r)
			return sbx_fail(err, r < 0 ? -r : ENOMEM, "run it as root",
					"cannot read the jobs: %s",
					sbx_errno_name(r < 0 ? r : ENOMEM));
	}
	if (stats->name && !json_array_size(stats->rows))
		return sbx_fail(err, ENOENT, "sbx-bpf ps lists those that run",
				"no job of this engine is called \"%.64s\"", stats->name);
	return 0;
}

int sbx_cmd_stats(int argc, char **argv)
{
	struct stats stats = { .rows = json_array() };
	struct sbx_error err = { 0 };
	struct sbx_parser parser;
	int r;

	sbx_parser_init(&parser, &command, argc, argv);
	while ((r = sbx_parser_next(&parser)) >= 0)
		; /* it has no options of its own */
	if (r == SBX_PARSE_STOP || argc - optind > 1) {
		json_decref(stats.rows);
		return r == SBX_PARSE_STOP ? parser.status
					   : sbx_usage_error(command.usage, "\"%s\" is too much",
							     argv[optind + 1]);
	}
	stats.name = argv[optind];
	r = collect(&stats, &err);
	if (!r && sbx_globals()->json) {
		(void)json_dumpf(stats.rows, stdout, JSON_INDENT(2)); /* main checks stdout */
		(void)putchar('\n');
	} else if (!r) {
		print_text(&stats);
	}
	json_decref(stats.rows);
	return r ? sbx_cmd_fail(&err) : SBX_EXIT_OK;
}
