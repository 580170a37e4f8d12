// SPDX-License-Identifier: GPL-2.0-only
/* `sbx-bpf version`. */
#include <stdio.h>

#include "cmd/cmd.h"
#include "job/job.h"
#include "sbx/abi.h"

static const struct sbx_command command = {
	.usage = "version",
};

int sbx_cmd_version(int argc, char **argv)
{
	struct sbx_parser parser;

	sbx_parser_init(&parser, &command, argc, argv);
	if (!sbx_parser_none(&parser))
		return parser.status;
	if (sbx_globals()->json)
		printf("{\"version\": \"%s\", \"schema\": %d}\n", SBX_VERSION, SBX_SCHEMA);
	else
		printf("sbx-bpf %s (schema %d)\n", SBX_VERSION, SBX_SCHEMA);
	return SBX_EXIT_OK;
}
