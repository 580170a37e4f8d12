// SPDX-License-Identifier: GPL-2.0-only
/* `sbx-bpf check`: all faults of policy files, or what they compile to. Needs no root. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "job/job.h"
#include "lib/cleanup.h"
#include "lib/log.h"

enum {
	KEY_PRINT = 256,
	KEY_SET,
};

static const struct sbx_option options[] = {
	{ KEY_PRINT, "print", NULL, "show the compiled policy" },
	{ KEY_SET, "set", "NAME=VALUE", "a variable of the policy; repeatable" },
};

static const struct sbx_command command = {
	.usage = "check [OPTION]... FILE|NAME...",
	.about = "Prints every fault to stderr as file:line:column: error: text [code].\n"
		 "--json prints one array of faults instead.\n"
		 "Exit status: 0 when all files are good, 125 otherwise.",
	.options = options,
	.n_options = SBX_ARRAY_SIZE(options),
};

static void add_json(json_t *faults, const struct sbx_diags *diags)
{
	for (size_t i = 0; i < diags->n; i++) {
		const struct sbx_diag *diag = &diags->items[i];

		(void)json_array_append_new(
			faults,
			json_pack("{s:s?, s:i, s:i, s:s, s:s, s:s?}", "file", diag->file, "line",
				  (int)diag->line, "column", (int)diag->column, "level",
				  diag->level == SBX_DIAG_ERROR ? "error" : "warning", "code",
				  diag->code, "text", diag->text));
	}
}

/* 0, or a negative errno after the faults were shown. */
static int check_one(const char *name, const struct sbx_cmd_vars *given, bool print, json_t *faults)
{
	struct sbx_cmd_vars vars = *given; /* ${WORKDIR} may differ from file to file */
	struct sbx_diags diags = { 0 };
	struct sbx_policy *policy = NULL;
	struct sbx_compiled *compiled = NULL;
	int r;

	vars.vars.workdir = vars.workdir; /* of the copy, as the others */
	vars.vars.home = vars.home;
	vars.vars.set = vars.set;
	r = sbx_cmd_compile(name, &vars, &policy, &compiled, &diags);
	if (faults)
		add_json(faults, &diags);
	else
		sbx_diags_print(&diags, stderr, sbx_color(STDERR_FILENO));
	if (!r && print && !faults)
		sbx_compiled_print(compiled, stdout);
	else if (!r && !faults)
		printf("%s: ok\n", name);
	sbx_compiled_free(compiled);
	sbx_policy_free(policy);
	sbx_diags_free(&diags);
	return r;
}

static int check_all(char **names, const struct sbx_cmd_vars *vars, bool print)
{
	json_t *faults = sbx_globals()->json ? json_array() : NULL;
	int status = SBX_EXIT_OK;

	for (; *names; names++) {
		if (check_one(*names, vars, print, faults))
			status = SBX_EXIT_FAILURE;
	}
	if (faults) {
		(void)json_dumpf(faults, stdout, JSON_INDENT(2)); /* main checks stdout */
		(void)putchar('\n');
		json_decref(faults);
	}
	return status;
}

int sbx_cmd_check(int argc, char **argv)
{
	struct sbx_parser parser;
	struct sbx_cmd_vars vars;
	bool print = false;
	int key;

	sbx_cmd_vars_init(&vars);
	sbx_parser_init(&parser, &command, argc, argv);
	while ((key = sbx_parser_next(&parser)) >= 0) {
		if (key == KEY_PRINT)
			print = true;
		else if (sbx_cmd_vars_set(&vars, optarg))
			return SBX_EXIT_FAILURE;
	}
	if (key == SBX_PARSE_STOP)
		return parser.status;
	if (optind >= argc)
		return sbx_usage_error(command.usage, "no policy was given");
	return check_all(argv + optind, &vars, print);
}
