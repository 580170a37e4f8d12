// SPDX-License-Identifier: GPL-2.0-only
/* `sbx-bpf explain`: what a policy says to an act, by which line, and what would allow it. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/audit.h"
#include "cmd/cmd.h"
#include "job/job.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "policy/query.h"

#define SOME_DENIED 1

enum {
	KEY_LOG = 256,
	KEY_SET,
};

static const struct sbx_option options[] = {
	{ KEY_LOG, "log", "FILE", "ask about every refusal of this log" },
	{ KEY_SET, "set", "NAME=VALUE", "a variable of the policy; repeatable" },
};

static const struct sbx_command command = {
	.usage = "explain [OPTION]... FILE|NAME [QUESTION]...",
	.about = "Questions: 'read /etc/shadow', 'rx ~/bin/tool', 'connect tcp 1.2.3.4:443',\n"
		 "'connect tcp example.com:443', 'resolve example.com', 'bind udp [::1]:53',\n"
		 "'socket netlink', or a guard such as 'ptrace'.\n"
		 "With --log: would this policy still refuse what was refused then?\n"
		 "Exit status: 0 all is allowed, 1 something is not, 125 a question or a file is\n"
		 "wrong.",
	.options = options,
	.n_options = SBX_ARRAY_SIZE(options),
};

struct explaining {
	struct sbx_policy *policy;
	const struct sbx_compiled *compiled;
	json_t *rows; /* NULL: text */
	__u64 count;  /* how often the question stands in a log; 0: asked on the command line */
	int status;
};

static void print_answer(const struct sbx_answer *answer, const struct explaining *explaining)
{
	bool color = sbx_color(STDOUT_FILENO);
	const char *on = !color ? "" : answer->allowed ? "\033[32m" : "\033[31m";

	printf("%s%-10s%s %s", on, answer->verdict, color ? "\033[0m" : "", answer->act);
	if (*answer->object)
		printf(" %s", answer->object);
	if (explaining->count)
		printf("  (%llu in the log)", (unsigned long long)explaining->count);
	printf("\n    by %s%s%s\n", answer->rule, *answer->rule_text ? ": " : "",
	       answer->rule_text);
	if (*answer->remedy)
		printf("    to allow: %s\n", answer->remedy);
}

static void take_answer(const struct sbx_answer *answer, void *ctx)
{
	struct explaining *explaining = ctx;

	if (!answer->allowed)
		explaining->status = SOME_DENIED;
	if (!explaining->rows) {
		print_answer(answer, explaining);
		return;
	}
	(void)json_array_append_new(
		explaining->rows,
		json_pack("{s:s, s:b, s:s, s:s, s:s, s:s, s:s?, s:I}", "verdict", answer->verdict,
			  "allowed", answer->allowed, "act", answer->act, "object", answer->object,
			  "rule", answer->rule, "rule_text", answer->rule_text, "remedy",
			  *answer->remedy ? answer->remedy : NULL, "count",
			  (json_int_t)explaining->count));
}

static int ask_log(struct sbx_event *question, size_t size, __u64 count, void *ctx)
{
	struct explaining *explaining = ctx;

	explaining->count = count;
	return sbx_explain(explaining->compiled, question, size, take_answer, explaining);
}

static int ask_words(struct explaining *explaining, char *const *words,
		     const struct sbx_policy_vars *vars, struct sbx_error *err)
{
	struct sbx_resolver *resolver = sbx_resolver_new(explaining->policy, vars->workdir);
	int r = resolver ? 0 : sbx_fail(err, ENOMEM, NULL, "out of memory");

	for (; *words && !r; words++) {
		sbx_cleanup(sbx_freep) struct sbx_event *event = NULL;
		size_t size = 0;

		r = sbx_query_parse(*words, vars, sbx_job_resolve, resolver, &event, &size, err);
		if (!r)
			r = sbx_explain(explaining->compiled, event, size, take_answer, explaining);
		if (r == -ENOMEM)
			(void)sbx_fail(err, ENOMEM, NULL, "out of memory");
	}
	sbx_resolver_free(resolver);
	return r;
}

/* The compiled policy and its model, or NULL after its faults were shown. */
static struct sbx_compiled *compile(const char *name, struct sbx_cmd_vars *vars,
				    struct sbx_policy **ret_policy, struct sbx_error *err)
{
	struct sbx_compiled *compiled = NULL;
	struct sbx_diags diags = { 0 };

	if (sbx_cmd_compile(name, vars, ret_policy, &compiled, &diags))
		sbx_cmd_faults(&diags, name, err);
	sbx_diags_free(&diags);
	return compiled;
}

static int explain(struct explaining *explaining, const char *log, char *const *words,
		   const struct sbx_policy_vars *vars)
{
	struct sbx_error err = { 0 };
	int r = 0;

	if (sbx_globals()->json)
		explaining->rows = json_array();
	if (log)
		r = sbx_audit_questions(log, ask_log, explaining, &err);
	explaining->count = 0;
	if (!r)
		r = ask_words(explaining, words, vars, &err);
	if (explaining->rows && !r) {
		(void)json_dumpf(explaining->rows, stdout, JSON_INDENT(2)); /* main checks stdout */
		(void)putchar('\n');
	}
	json_decref(explaining->rows);
	return r ? sbx_cmd_fail(&err) : explaining->status;
}

int sbx_cmd_explain(int argc, char **argv)
{
	struct explaining explaining = { .status = SBX_EXIT_OK };
	struct sbx_compiled *compiled;
	struct sbx_error err = { 0 };
	struct sbx_parser parser;
	struct sbx_cmd_vars vars;
	const char *log = NULL;
	int key, status;

	sbx_cmd_vars_init(&vars);
	sbx_parser_init(&parser, &command, argc, argv);
	while ((key = sbx_parser_next(&parser)) >= 0) {
		if (key == KEY_LOG)
			log = optarg;
		else if (sbx_cmd_vars_set(&vars, optarg))
			return SBX_EXIT_FAILURE;
	}
	if (key == SBX_PARSE_STOP)
		return parser.status;
	if (optind >= argc)
		return sbx_usage_error(command.usage, "no policy was given");
	if (optind + 1 >= argc && !log)
		return sbx_usage_error(command.usage, "no question was asked, and no --log given");
	compiled = compile(argv[optind], &vars, &explaining.policy, &err);
	explaining.compiled = compiled;
	status = compiled ? explain(&explaining, log, argv + optind + 1, &vars.vars)
			  : sbx_cmd_fail(&err);
	sbx_compiled_free(compiled);
	sbx_policy_free(explaining.policy);
	return status;
}
