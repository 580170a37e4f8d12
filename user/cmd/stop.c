// SPDX-License-Identifier: GPL-2.0-only
/* `sbx-bpf stop` and `sbx-bpf rm`: a job ends, and nothing of it stays but its log. */
#include <limits.h>

#include "cmd/cmd.h"
#include "job/job.h"
#include "lib/cleanup.h"
#include "policy/units.h"

#define GRACE_MS 10000

enum {
	KEY_GRACE = 256,
};

static const struct sbx_option stop_options[] = {
	{ KEY_GRACE, "grace", "TIME", "until it is killed (default: 10s)" },
};

static const struct sbx_command stop_command = {
	.usage = "stop [--grace TIME] JOB...",
	.about = "Sends SIGTERM to the commands of jobs, kept or running, and kills what is left\n"
		 "after a while.  Waits until each is cleaned up; its log stays.",
	.options = stop_options,
	.n_options = SBX_ARRAY_SIZE(stop_options),
};

static const struct sbx_command rm_command = {
	.usage = "rm JOB...",
	.about = "Ends jobs, kept or running, and removes all but their logs.",
};

static int take_grace(const char *text, int *ret_ms)
{
	__u64 ms = 0;

	if (sbx_units_duration(text, &ms) || ms > INT_MAX)
		return sbx_usage_error(stop_command.usage, "--grace \"%s\": write it as 5s", text);
	*ret_ms = (int)ms;
	return 0;
}

static int stop_all(const struct sbx_command *command, int argc, char **argv, int grace_ms)
{
	int status = SBX_EXIT_OK;

	if (optind >= argc)
		return sbx_usage_error(command->usage, "no job was given");
	for (int i = optind; i < argc; i++) {
		struct sbx_error err = { 0 };

		if (sbx_job_stop(argv[i], grace_ms, &err))
			status = sbx_cmd_fail(&err);
	}
	return status;
}

int sbx_cmd_stop(int argc, char **argv)
{
	struct sbx_parser parser;
	int grace_ms = GRACE_MS;
	int key;

	sbx_parser_init(&parser, &stop_command, argc, argv);
	while ((key = sbx_parser_next(&parser)) >= 0) {
		int status = take_grace(optarg, &grace_ms);

		if (status)
			return status;
	}
	if (key == SBX_PARSE_STOP)
		return parser.status;
	return stop_all(&stop_command, argc, argv, grace_ms);
}

int sbx_cmd_rm(int argc, char **argv)
{
	struct sbx_parser parser;

	sbx_parser_init(&parser, &rm_command, argc, argv);
	if (sbx_parser_next(&parser) == SBX_PARSE_STOP)
		return parser.status;
	return stop_all(&rm_command, argc, argv, 0);
}
