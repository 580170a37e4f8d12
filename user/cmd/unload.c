// SPDX-License-Identifier: GPL-2.0-only
/* `sbx-bpf unload`: takes the engine out of the kernel; --force ends its jobs first. */
#include <stdio.h>

#include "cmd/cmd.h"
#include "job/job.h"
#include "lib/cleanup.h"

static const struct sbx_option options[] = {
	{ 'f', "force", NULL, "end the jobs that still run" },
};

static const struct sbx_command command = {
	.usage = "unload [--force]",
	.about = "Removes this build's engine from the kernel.  While jobs run it refuses.",
	.options = options,
	.n_options = SBX_ARRAY_SIZE(options),
};

static int end_jobs(struct sbx_error *err)
{
	static const struct sbx_accept accept = { .best_effort = true };
	struct sbx_engine *engine = NULL;
	int r = sbx_engine_open(&accept, &engine, NULL, err);

	if (!r)
		r = sbx_job_end_all(engine, err);
	sbx_engine_close(engine);
	return r < 0 ? r : 0;
}

int sbx_cmd_unload(int argc, char **argv)
{
	struct sbx_parser parser;
	struct sbx_error err = { 0 };
	bool force = false;
	int key;

	sbx_parser_init(&parser, &command, argc, argv);
	while ((key = sbx_parser_next(&parser)) >= 0)
		force = true;
	if (key == SBX_PARSE_STOP)
		return parser.status;
	if (optind < argc)
		return sbx_usage_error(command.usage, "unexpected word \"%s\"", argv[optind]);
	if ((force && end_jobs(&err)) || sbx_engine_unload(force, &err))
		return sbx_cmd_fail(&err);
	if (!sbx_globals()->quiet)
		printf("engine unloaded\n");
	return SBX_EXIT_OK;
}
