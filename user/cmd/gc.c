// SPDX-License-Identifier: GPL-2.0-only
/* `sbx-bpf gc`: removes what killed launchers and older builds left behind. */
#include <stdio.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "job/job.h"
#include "lib/log.h"

static const struct sbx_command command = {
	.usage = "gc",
	.about = "Ends and removes jobs whose launcher is gone (its watchdog does that at once;\n"
		 "gc is the second net), and engines of other builds that have no job left.",
};

static int print_counts(int jobs, int engines)
{
	if (sbx_globals()->json)
		printf("{\"jobs\": %d, \"engines\": %d}\n", jobs, engines);
	else if (!sbx_globals()->quiet)
		printf("removed %d job%s and %d engine%s\n", jobs, jobs == 1 ? "" : "s", engines,
		       engines == 1 ? "" : "s");
	return SBX_EXIT_OK;
}

int sbx_cmd_gc(int argc, char **argv)
{
	static const struct sbx_accept accept = { .best_effort = true };
	struct sbx_parser parser;
	struct sbx_engine *engine = NULL;
	struct sbx_error err = { 0 };
	int engines = 0;
	int jobs;

	sbx_parser_init(&parser, &command, argc, argv);
	if (!sbx_parser_none(&parser))
		return parser.status;
	if (sbx_engine_open(&accept, &engine, NULL, &err)) {
		if (geteuid())
			return sbx_cmd_fail(&err);
		sbx_log(SBX_LOG_WARN, "no engine (%s): cleaning up cgroups and records only",
			err.text);
	}
	jobs = sbx_job_gc(engine, &err);
	sbx_engine_close(engine);
	if (jobs >= 0)
		engines = sbx_engine_gc(&err);
	if (jobs < 0 || engines < 0)
		return sbx_cmd_fail(&err);
	return print_counts(jobs, engines);
}
