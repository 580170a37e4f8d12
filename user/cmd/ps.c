// SPDX-License-Identifier: GPL-2.0-only
/*
 * `sbx-bpf ps`: the jobs on record, from the state directory alone; with --grants, the addresses
 * that DNS answers have opened for each, from the kernel.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <time.h>

#include "audit/event.h"
#include "audit/json.h"
#include "cmd/cmd.h"
#include "job/job.h"
#include "lib/cleanup.h"

#define NS_PER_S 1000000000ull

static const struct sbx_option options[] = {
	{ 'g', "grants", NULL, "the addresses that DNS answers have opened" },
};

static const struct sbx_command command = {
	.usage = "ps [--grants]",
	.about = "Lists the jobs of this host.  \"idle\": it is kept, and no command runs in it;\n"
		 "\"dead\": its launcher was killed; gc removes it.",
	.options = options,
	.n_options = SBX_ARRAY_SIZE(options),
};

static int print_row(const struct sbx_job_info *info, void *ctx)
{
	const char *state = !info->alive ? "dead" : info->kept && !info->busy ? "idle" : "alive";
	json_t *rows = ctx;

	if (!rows) {
		printf("%-32s %8llu %9d  %-5s %s\n", info->name, info->binding.job, info->launcher,
		       state, info->cgroup);
		return 0;
	}
	return json_array_append_new(
		rows, json_pack("{s:s, s:I, s:i, s:b, s:b, s:s, s:s}", "name", info->name, "job",
				(json_int_t)info->binding.job, "launcher", (int)info->launcher,
				"alive", (int)info->alive, "kept", (int)info->kept, "state", state,
				"cgroup", info->cgroup));
}

/* One job's grants on their way to the output. */
struct grants {
	struct sbx_engine *engine;
	const struct sbx_job_info *job;
	json_t *rows; /* NULL: text */
	__u64 now;
};

static int print_grant(const struct sbx_grant *grant, void *ctx)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf name = { 0 };
	struct grants *grants = ctx;
	unsigned long long seconds;
	char address[SBX_ADDRESS_LEN];

	if (grant->expires <= grants->now)
		return 0;
	seconds = (grant->expires - grants->now + NS_PER_S - 1) / NS_PER_S;
	(void)sbx_address_format(grant->addr, address);
	sbx_domain_put(&name, (const char *)grant->name.wire, grant->name.len);
	if (name.error)
		return name.error;
	if (grants->rows)
		return json_array_append_new(
			grants->rows,
			json_pack("{s:s, s:s, s:s, s:I}", "name", grants->job->name, "address",
				  address, "domain", name.text, "seconds", (json_int_t)seconds));
	printf("%-32s %-39s %7llus %s\n", grants->job->name, address, seconds, name.text);
	return 0;
}

static int print_job_grants(const struct sbx_job_info *info, void *ctx)
{
	struct grants *grants = ctx;

	grants->job = info;
	return sbx_engine_grants(grants->engine, &info->binding, print_grant, grants);
}

/* Without an engine no job runs under it. */
static int print_grants(json_t *rows, struct sbx_error *err)
{
	struct grants grants = { .rows = rows, .now = sbx_boot_time() };
	int r = sbx_engine_look(&grants.engine, err);

	if (!rows)
		printf("%-32s %-39s %8s %s\n", "NAME", "ADDRESS", "FOR", "DOMAIN");
	if (r)
		return r == -ENOENT ? 0 : r;
	r = sbx_job_each(print_job_grants, &grants);
	sbx_engine_close(grants.engine);
	return r ? sbx_fail(err, r < 0 ? -r : ENOMEM, NULL, "cannot read the grants: %s",
			    sbx_errno_name(r < 0 ? r : ENOMEM))
		 : 0;
}

static int print_jobs(json_t *rows, struct sbx_error *err)
{
	int r;

	if (!rows)
		printf("%-32s %8s %9s  %-5s %s\n", "NAME", "JOB", "LAUNCHER", "STATE", "CGROUP");
	r = sbx_job_each(print_row, rows);
	return r ? sbx_fail(err, r < 0 ? -r : ENOMEM, "run it as root", "cannot read the jobs: %s",
			    sbx_errno_name(r < 0 ? r : ENOMEM))
		 : 0;
}

int sbx_cmd_ps(int argc, char **argv)
{
	struct sbx_parser parser;
	struct sbx_error err = { 0 };
	bool grants = false;
	json_t *rows = NULL;
	int key, r;

	sbx_parser_init(&parser, &command, argc, argv);
	while ((key = sbx_parser_next(&parser)) >= 0)
		grants = true;
	if (key == SBX_PARSE_STOP)
		return parser.status;
	if (optind < argc)
		return sbx_usage_error(command.usage, "\"%s\" is too much", argv[optind]);
	rows = sbx_globals()->json ? json_array() : NULL;
	r = grants ? print_grants(rows, &err) : print_jobs(rows, &err);
	if (rows) {
		(void)json_dumpf(rows, stdout, JSON_INDENT(2)); /* main checks stdout */
		(void)putchar('\n');
		json_decref(rows);
	}
	return r ? sbx_cmd_fail(&err) : SBX_EXIT_OK;
}
