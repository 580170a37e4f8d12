// SPDX-License-Identifier: GPL-2.0-only
/* `sbx-bpf load`: the engine pinned before the first run needs it (at boot, in an image). */
#include <stdio.h>

#include "cmd/cmd.h"
#include "job/job.h"

static const struct sbx_command command = {
	.usage = "load",
	.about = "Loads the engine into the kernel, proves that it refuses, and pins it.\n"
		 "An engine of this build that is already there is kept.",
};

int sbx_cmd_load(int argc, char **argv)
{
	struct sbx_parser parser;
	struct sbx_engine *engine = NULL;
	struct sbx_error err = { 0 };
	bool loaded = false;

	sbx_parser_init(&parser, &command, argc, argv);
	if (!sbx_parser_none(&parser))
		return parser.status;
	if (sbx_engine_open(&engine, &loaded, &err))
		return sbx_cmd_fail(&err);
	if (sbx_globals()->json)
		printf("{\"loaded\": %s, \"mechanism\": \"%s\"}\n", loaded ? "true" : "false",
		       sbx_engine_mechanism(engine));
	else if (!sbx_globals()->quiet)
		printf("engine %s (mechanism %s)\n", loaded ? "loaded" : "was loaded already",
		       sbx_engine_mechanism(engine));
	sbx_engine_close(engine);
	return SBX_EXIT_OK;
}
