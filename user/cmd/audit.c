// SPDX-License-Identifier: GPL-2.0-only
/* `sbx-bpf audit verify`: is a log whole and unchanged? */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "audit/audit.h"
#include "cmd/cmd.h"
#include "job/job.h"
#include "lib/cleanup.h"
#include "lib/log.h"

enum {
	KEY_KEY = 256,
};

static const struct sbx_option options[] = {
	{ KEY_KEY, "key", "FILE", "the key of the chain (audit.key of the policy)" },
};

static const struct sbx_command command = {
	.usage = "audit verify [--key FILE] FILE...",
	.about = "Checks the hash chain, the order and the sequence numbers of logs.\n"
		 "Exit status: 0 all intact; 1 one is cut, changed or has gaps; 125 one cannot\n"
		 "be read, or needs a key.",
	.options = options,
	.n_options = SBX_ARRAY_SIZE(options),
};

/* The exit status for one file. */
static int verify_one(const char *path, const char *key, json_t *rows)
{
	struct sbx_audit_report report;
	struct sbx_error err = { 0 };
	int r = sbx_audit_verify_report(path, NULL, key, &report, &err);

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

static int verify_all(char **paths, const char *key)
{
	json_t *rows = sbx_globals()->json ? json_array() : NULL;
	int worst = SBX_EXIT_OK;

	for (; *paths; paths++) {
		int status = verify_one(*paths, key, rows);

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

/* The options before or after the word; false: parser->status says how to end. */
static bool take_options(struct sbx_parser *parser, int argc, char **argv, const char **ret_key)
{
	int key;

	sbx_parser_init(parser, &command, argc, argv);
	while ((key = sbx_parser_next(parser)) >= 0)
		*ret_key = optarg;
	return key != SBX_PARSE_STOP;
}

int sbx_cmd_audit(int argc, char **argv)
{
	struct sbx_parser parser;
	const char *key = NULL;

	if (!take_options(&parser, argc, argv, &key))
		return parser.status;
	if (optind >= argc)
		return sbx_usage_error(command.usage, "say what to do: verify");
	if (strcmp(argv[optind], "verify"))
		return sbx_usage_error(command.usage,
				       "unknown word \"%s\": did you mean \"verify\"?",
				       argv[optind]);
	argc -= optind;
	argv += optind;
	if (!take_options(&parser, argc, argv, &key))
		return parser.status;
	if (optind >= argc)
		return sbx_usage_error(command.usage, "no log was given");
	return verify_all(argv + optind, key);
}
