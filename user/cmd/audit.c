// SPDX-License-Identifier: GPL-2.0-only
/* `sbx-bpf audit verify`: is a log whole and unchanged? */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "audit/audit.h"
#include "cmd/cmd.h"
#include "job/job.h"
#include "lib/log.h"

static const struct sbx_command command = {
	.usage = "audit verify FILE...",
	.about = "Checks the hash chain, the order and the sequence numbers of logs.\n"
		 "Exit status: 0 all intact; 1 one is cut, changed or has gaps; 125 one cannot\n"
		 "be read.",
};

/* The exit status for one file. */
static int verify_one(const char *path, json_t *rows)
{
	struct sbx_error err = { 0 };
	int r = sbx_audit_verify(path, &err);

	if (rows)
		(void)json_array_append_new(rows,
					    json_pack("{s:s, s:b, s:s?}", "file", path, "intact",
						      r == 0, "fault", r ? err.text : NULL));
	else if (!r)
		printf("%s: intact\n", path);
	else
		sbx_log_error(&err);
	if (!r)
		return SBX_EXIT_OK;
	return r == -EBADMSG ? 1 : SBX_EXIT_FAILURE;
}

static int verify_all(char **paths)
{
	json_t *rows = sbx_globals()->json ? json_array() : NULL;
	int worst = SBX_EXIT_OK;

	for (; *paths; paths++) {
		int status = verify_one(*paths, rows);

		if (status > worst)
			worst = status;
	}
	if (rows) {
		(void)json_dumpf(rows, stdout, JSON_INDENT(2)); /* main checks stdout */
		(void)putchar('\n');
		json_decref(rows);
	}
	return worst;
}

int sbx_cmd_audit(int argc, char **argv)
{
	struct sbx_parser parser;

	sbx_parser_init(&parser, &command, argc, argv);
	if (sbx_parser_next(&parser) == SBX_PARSE_STOP)
		return parser.status;
	if (optind >= argc)
		return sbx_usage_error(command.usage, "say what to do: verify");
	if (strcmp(argv[optind], "verify"))
		return sbx_usage_error(command.usage,
				       "unknown word \"%s\": did you mean \"verify\"?",
				       argv[optind]);
	argc -= optind;
	argv += optind;
	sbx_parser_init(&parser, &command, argc, argv);
	if (sbx_parser_next(&parser) == SBX_PARSE_STOP)
		return parser.status;
	if (optind >= argc)
		return sbx_usage_error(command.usage, "no log was given");
	return verify_all(argv + optind);
}
