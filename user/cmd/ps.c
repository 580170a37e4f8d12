// SPDX-License-Identifier: GPL-2.0-only
/* `sbx-bpf ps`: the jobs on record, from the state directory alone. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "job/job.h"

static const struct sbx_command command = {
	.usage = "ps",
	.about = "Lists the jobs of this host.  \"dead\": its launcher was killed; gc removes it.",
};

static int print_row(const struct sbx_job_info *info, void *ctx)
{
	json_t *rows = ctx;

	if (!rows) {
		printf("%-32s %8llu %9d  %-5s %s\n", info->name, info->binding.job, info->launcher,
		       info->alive ? "alive" : "dead", info->cgroup);
		return 0;
	}
	return json_array_append_new(
		rows, json_pack("{s:s, s:I, s:i, s:b, s:s}", "name", info->name, "job",
				(json_int_t)info->binding.job, "launcher", (int)info->launcher,
				"alive", (int)info->alive, "cgroup", info->cgroup));
}

int sbx_cmd_ps(int argc, char **argv)
{
	struct sbx_parser parser;
	struct sbx_error err = { 0 };
	json_t *rows = NULL;
	int r;

	sbx_parser_init(&parser, &command, argc, argv);
	if (!sbx_parser_none(&parser))
		return parser.status;
	if (sbx_globals()->json)
		rows = json_array();
	else
		printf("%-32s %8s %9s  %-5s %s\n", "NAME", "JOB", "LAUNCHER", "STATE", "CGROUP");
	r = sbx_job_each(print_row, rows);
	if (rows) {
		(void)json_dumpf(rows, stdout, JSON_INDENT(2)); /* main checks stdout */
		(void)putchar('\n');
		json_decref(rows);
	}
	if (!r)
		return SBX_EXIT_OK;
	(void)sbx_fail(&err, r < 0 ? -r : ENOMEM, "run it as root", "cannot read the jobs: %s",
		       sbx_errno_name(r < 0 ? r : ENOMEM));
	return sbx_cmd_fail(&err);
}
