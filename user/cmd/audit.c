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
	KEY_PARTS,
};

static const struct sbx_option options[] = {
	{ KEY_KEY, "key", "FILE", "the key of the chain (audit.key of the policy)" },
	{ KEY_PARTS, "parts", NULL, "the files are one log, oldest first" },
};

static const struct sbx_command command = {
	.usage = "audit verify [--key FILE] [--parts] FILE...",
	.about = "Checks the hash chain, the order and the sequence numbers of logs.\n"
		 "Files that rotation put aside (FILE.1, FILE.2 ...) are checked with FILE.\n"
		 "Exit status: 0 all intact; 1 one is cut, changed or has gaps; 125 one cannot\n"
		 "be read, or needs a key.",
	.options = options,
	.n_options = SBX_ARRAY_SIZE(options),
};

struct verify_args {
	const char *key;
	bool parts;
};

/* The exit status for one log: `paths`, or what belongs to the first of them. */
static int verify_log(char **paths, const struct verify_args *args, json_t *rows)
{
	struct sbx_audit_report report;
	struct sbx_error err = { 0 };
	const char *name = *paths;
	int r = args->parts ? sbx_audit_verify_files(paths, NULL, args->key, &report, &err)
			    : sbx_audit_verify_report(*paths, NULL, args->key, &report, &err);

	for (char **last = paths; args->parts && *last; last++)
		name = *last;
	if (rows)
		(void)json_array_append_new(rows, json_pack("{s:s, s:b, s:s?, s:I, s:b}", "file",
							    name, "intact", r == 0, "fault",
							    r ? err.text : NULL, "files",
							    (json_int_t)report.files,
							    "earlier_missing", report.earlier));
	else if (r)
		sbx_log_error(&err);
	else if (report.files > 1 || report.earlier)
		printf("%s: intact, %llu file%s%s\n", name, report.files,
		       report.files > 1 ? "s" : "",
		       report.earlier ? "; earlier ones are not here" : "");
	else
		printf("%s: intact\n", name);
	if (!r)
		return SBX_EXIT_OK;
	return r == -EBADMSG ? 1 : SBX_EXIT_FAILURE;
}

static int verify_all(char **paths, const struct verify_args *args)
{
	json_t *rows = sbx_globals()->json ? json_array() : NULL;
	int worst = SBX_EXIT_OK;

	for (; *paths; paths++) {
		int status = verify_log(paths, args, rows);

		if (status > worst)
			worst = status;
		if (args->parts)
			break; /* that were all of them */
	}
	if (rows) {
		(void)json_dumpf(rows, stdout, JSON_INDENT(2)); /* main checks stdout */
		(void)putchar('\n');
		json_decref(rows);
	}
	return worst;
}

/* The options before or after the word; false: parser->status says how to end. */
static bool take_options(struct sbx_parser *parser, int argc, char **argv, struct verify_args *args)
{
	int key;

	sbx_parser_init(parser, &command, argc, argv);
	while ((key = sbx_parser_next(parser)) >= 0) {
		if (key == KEY_PARTS)
			args->parts = true;
		else
			args->key = optarg;
	}
	return key != SBX_PARSE_STOP;
}

int sbx_cmd_audit(int argc, char **argv)
{
	struct sbx_parser parser;
	struct verify_args args = { 0 };

	if (!take_options(&parser, argc, argv, &args))
		return parser.status;
	if (optind >= argc)
		return sbx_usage_error(command.usage, "say what to do: verify");
	if (strcmp(argv[optind], "verify"))
		return sbx_usage_error(command.usage,
				       "unknown word \"%s\": did you mean \"verify\"?",
				       argv[optind]);
	argc -= optind;
	argv += optind;
	if (!take_options(&parser, argc, argv, &args))
		return parser.status;
	if (optind >= argc)
		return sbx_usage_error(command.usage, "no log was given");
	return verify_all(argv + optind, &args);
}
