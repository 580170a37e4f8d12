// SPDX-License-Identifier: GPL-2.0-only
/* `sbx-bpf exec`: a further command in a job that `run` has started. */
#include "cmd/cmd.h"
#include "job/job.h"
#include "lib/cleanup.h"
#include "lib/log.h"

enum {
	KEY_RESULT = 256,
};

static const struct sbx_option options[] = {
	{ KEY_RESULT, "result", "FILE|fd:N", "write the result as JSON" },
};

static const struct sbx_command command = {
	.usage = "exec [OPTION]... JOB [--] COMMAND [ARG]...",
	.about =
		"Runs a command in a job, kept (run --keep) or running: under its policy, limits,\n"
		"user and namespaces, with this environment as far as the policy passes it.  What\n"
		"the command leaves running is ended with it.  Exit status: as run.",
	.options = options,
	.n_options = SBX_ARRAY_SIZE(options),
};

int sbx_cmd_ended(struct sbx_run_result *result)
{
	if (*result->message)
		sbx_log(result->end == SBX_END_NOT_FOUND || result->end == SBX_END_CANNOT_EXEC ||
					result->end == SBX_END_SETUP
				? SBX_LOG_ERROR
				: SBX_LOG_WARN,
			"%s", result->message);
	json_decref(result->json);
	return result->exit_status;
}

int sbx_cmd_exec(int argc, char **argv)
{
	struct sbx_run_result result = { 0 };
	struct sbx_error err = { 0 };
	struct sbx_parser parser;
	const char *result_path = NULL;
	const char *job;
	int key;

	sbx_parser_init(&parser, &command, argc, argv);
	while ((key = sbx_parser_next(&parser)) >= 0)
		result_path = optarg;
	if (key == SBX_PARSE_STOP)
		return parser.status;
	if (optind >= argc)
		return sbx_usage_error(command.usage, "no job was given");
	job = argv[optind++];
	if (optind < argc && argv[optind][0] == '-' && argv[optind][1] == '-' && !argv[optind][2])
		optind++;
	if (optind >= argc)
		return sbx_usage_error(command.usage, "no command was given");
	if (sbx_job_exec(job, argv + optind, result_path, &result, &err))
		return sbx_cmd_fail(&err);
	return sbx_cmd_ended(&result);
}
