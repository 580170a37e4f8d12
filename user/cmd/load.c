// SPDX-License-Identifier: GPL-2.0-only
/* `sbx-bpf load`: the engine pinned before the first run needs it (at boot, in an image). */
#include <stdio.h>

#include "cmd/cmd.h"
#include "job/job.h"
#include "lib/cleanup.h"

static const struct sbx_option options[] = {
	{ 'M', "mechanism", "NAME", "lsm, fmod_ret or cgroup (default: the strongest)" },
};

static const struct sbx_command command = {
	.usage = "load [OPTION]",
	.about = "Loads the engine into the kernel, proves that it refuses, and pins it.\n"
		 "An engine of this build that is already there is kept, unless --mechanism\n"
		 "names another and no job uses it.",
	.options = options,
	.n_options = SBX_ARRAY_SIZE(options),
};

static void print_engine(const struct sbx_engine *engine, bool loaded)
{
	enum sbx_mechanism mechanism = sbx_engine_mechanism(engine);

	if (sbx_globals()->json)
		printf("{\"loaded\": %s, \"mechanism\": \"%s\"}\n", loaded ? "true" : "false",
		       sbx_mechanism_to_str(mechanism));
	else if (!sbx_globals()->quiet)
		printf("engine %s (mechanism %s%s)\n", loaded ? "loaded" : "was loaded already",
		       sbx_mechanism_to_str(mechanism),
		       sbx_mechanism_judges_paths(mechanism)
			       ? ""
			       : ": addresses only, for policies with `require: best-effort`");
}

int sbx_cmd_load(int argc, char **argv)
{
	struct sbx_accept accept = { .best_effort = true };
	struct sbx_parser parser;
	struct sbx_engine *engine = NULL;
	struct sbx_error err = { 0 };
	bool loaded = false;
	int key;

	sbx_parser_init(&parser, &command, argc, argv);
	while ((key = sbx_parser_next(&parser)) >= 0) {
		if (sbx_mechanism_from_str(optarg, &accept.force))
			return sbx_usage_error(command.usage,
					       "--mechanism \"%s\": write lsm, fmod_ret or cgroup",
					       optarg);
	}
	if (key == SBX_PARSE_STOP)
		return parser.status;
	if (optind < argc)
		return sbx_usage_error(command.usage, "unexpected word \"%s\"", argv[optind]);
	if (sbx_engine_open(&accept, &engine, &loaded, &err))
		return sbx_cmd_fail(&err);
	print_engine(engine, loaded);
	sbx_engine_close(engine);
	return SBX_EXIT_OK;
}
