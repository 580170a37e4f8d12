// SPDX-License-Identifier: GPL-2.0-only
/* `sbx-bpf run`: a command under a policy. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/rules.h"
#include "job/job.h"
#include "lib/cleanup.h"
#include "lib/log.h"

enum {
	KEY_REQUIRE = 256,
	KEY_SET,
	KEY_AUDIT,
	KEY_RESULT,
	KEY_KEEP_LOG,
	KEY_DRY_RUN,
	KEY_KEEP,
	KEY_PRESET,
	KEY_RULE, /* the first of enum sbx_rule_option */
};

static const struct sbx_option options[] = {
	{ 'p', "policy", "FILE|NAME", "policy file or built-in (default: strict)" },
	{ 'n', "name", "JOB", "the job's name (default: POLICY-PID)" },
	{ 'm', "mode", "MODE", "enforce, or audit: log only, refuse nothing" },
	{ KEY_REQUIRE, "require", "LEVEL", "kernel or best-effort" },
	{ KEY_SET, "set", "NAME=VALUE", "a variable of the policy; repeatable" },
	{ KEY_AUDIT, "audit", "FILE|SINK", "the log, or stderr, syslog, ...: a copy of it" },
	{ KEY_RESULT, "result", "FILE|fd:N", "write the result as JSON" },
	{ KEY_KEEP_LOG, "keep-log", NULL, "keep a log in which nothing was refused" },
	{ KEY_DRY_RUN, "dry-run", NULL, "as --mode audit" },
	{ KEY_PRESET, "preset", "NAME", "as --policy, built-in ones alone" },
	{ KEY_KEEP, "keep", NULL, "the job stays, for exec; needs no COMMAND" },
	{ KEY_RULE + SBX_RULE_RO, "ro", "PATH", "may read and list; these add to the policy" },
	{ KEY_RULE + SBX_RULE_RX, "rx", "PATH", "may read and execute" },
	{ KEY_RULE + SBX_RULE_RW, "rw", "PATH", "may read and change" },
	{ KEY_RULE + SBX_RULE_DENY, "deny", "PATH", "nothing, **/NAME anywhere" },
	{ KEY_RULE + SBX_RULE_NET, "net", "MODE", "none, internal, filtered or full" },
	{ KEY_RULE + SBX_RULE_ALLOW_NET, "allow-net", "HOST[:PORTS]", "may connect to; .../udp" },
	{ KEY_RULE + SBX_RULE_LISTEN, "listen", "[HOST:]PORTS", "may listen on" },
	{ KEY_RULE + SBX_RULE_ENV, "env", "NAME[=VALUE]", "pass or set a variable" },
	{ KEY_RULE + SBX_RULE_MEMORY, "memory", "SIZE", "limit, as 512M" },
	{ KEY_RULE + SBX_RULE_PIDS, "pids", "N", "limit of processes and threads" },
	{ KEY_RULE + SBX_RULE_CPU, "cpu", "SHARE", "limit, as 50% or 1.5" },
	{ KEY_RULE + SBX_RULE_TIMEOUT, "timeout", "TIME", "limit, as 30s" },
};

static const struct sbx_command command = {
	.usage = "run [OPTION]... [--] COMMAND [ARG]...",
	.about = "Exit status: the command's own; 128+N: died of signal N; 124: time limit;\n"
		 "125: sbx-bpf failed, the command did not run; 126: it may not or cannot be\n"
		 "executed; 127: not found.  --result tells them apart for certain.\n"
		 "Example: sbx-bpf run -p strict -- sh -c 'cat /etc/shadow'",
	.options = options,
	.n_options = SBX_ARRAY_SIZE(options),
};

struct run_args {
	const char *policy;
	enum sbx_mode mode; /* SBX_MODE_INVALID_: the policy's */
	const char *require;
	struct sbx_cmd_rules rules;
	struct sbx_cmd_vars vars;
	bool keep;
	char outer[SBX_JOB_NAME_SIZE]; /* the job that this is a run within */
	const char *sinks[SBX_SINKS_MAX];
	size_t n_sinks;
	struct sbx_run_options options;
};

static void free_args(struct run_args *args)
{
	sbx_cmd_rules_free(&args->rules);
}

static int parse_mode(const char *word, enum sbx_mode *ret_mode)
{
	for (unsigned int mode = SBX_MODE_ENFORCE; mode <= SBX_MODE_AUDIT; mode++) {
		if (!strcmp(word, sbx_mode_to_str(mode))) {
			*ret_mode = (enum sbx_mode)mode;
			return 0;
		}
	}
	return sbx_usage_error(command.usage, "--mode \"%s\": write enforce or audit", word);
}

/* A rule on the command line; 0, or the exit status after an error. */
static int take_rule(struct sbx_cmd_rules *rules, int key)
{
	const struct sbx_option *option = options;

	if (!sbx_cmd_rules_add(rules, (enum sbx_rule_option)(key - KEY_RULE), optarg))
		return 0;
	while (option->key != key)
		option++;
	return sbx_usage_error(command.usage, "--%s \"%s\": write it as %s", option->name, optarg,
			       option->arg);
}

/* A word that is no built-in's name must not become a file's. */
static int take_preset(struct run_args *args, const char *name)
{

	args->policy = name;
	return sbx_preset_exists(name)
		       ? 0
		       : sbx_usage_error(command.usage, "--preset \"%s\" is no built-in policy",
					 name);
}

/* `--audit`: the log's file, or a sink beside it. 0, or the exit status after an error. */
static int take_audit(struct run_args *args, const char *where)
{
	struct sbx_sink sink;
	int r = sbx_sink_read(where, &sink);

	if (r == -ENOENT) {
		args->options.audit_path = where;
		return 0;
	}
	if (!r)
		free(sink.path);
	if (r || args->n_sinks == SBX_SINKS_MAX)
		return sbx_usage_error(command.usage,
				       r ? "--audit \"%s\": a socket's path is absolute and has at "
					   "most 107 bytes"
					 : "--audit \"%s\": too many sinks",
				       where);
	args->sinks[args->n_sinks++] = where;
	return 0;
}

/* 0, or the exit status after an error. */
static int take_option(struct run_args *args, int key)
{
	switch (key) {
	case 'p':
		args->policy = optarg;
		return 0;
	case 'n':
		args->options.name = optarg;
		return 0;
	case 'm':
		return parse_mode(optarg, &args->mode);
	case KEY_REQUIRE:
		args->require = optarg;
		if (!strcmp(optarg, "kernel") || !strcmp(optarg, "best-effort"))
			return 0;
		return sbx_usage_error(command.usage,
				       "--require \"%s\": write kernel or best-effort", optarg);
	case KEY_SET:
		return sbx_cmd_vars_set(&args->vars, optarg);
	case KEY_AUDIT:
		return take_audit(args, optarg);
	case KEY_RESULT:
		args->options.result_path = optarg;
		return 0;
	case KEY_KEEP_LOG:
		args->options.keep_log = true;
		return 0;
	case KEY_DRY_RUN:
		args->mode = SBX_MODE_AUDIT;
		return 0;
	case KEY_PRESET:
		return take_preset(args, optarg);
	case KEY_KEEP:
		args->keep = true;
		return 0;
	default:
		return take_rule(&args->rules, key);
	}
}

/* True when the command is to be run; otherwise *ret_status is the exit status. */
static bool parse_args(int argc, char **argv, struct run_args *args, int *ret_status)
{
	struct sbx_parser parser;
	int key;

	sbx_parser_init(&parser, &command, argc, argv);
	while ((key = sbx_parser_next(&parser)) >= 0) {
		*ret_status = take_option(args, key);
		if (*ret_status)
			return false;
	}
	*ret_status = parser.status;
	if (key == SBX_PARSE_STOP)
		return false;
	if (optind >= argc && !args->keep) {
		*ret_status = sbx_usage_error(command.usage, "no command was given");
		return false;
	}
	args->options.argv = argv + optind;
	args->options.quiet = sbx_globals()->quiet;
	return true;
}

/* The policy by its name, with what the command line adds. */
static int load_policy(struct run_args *args, struct sbx_policy **ret_policy,
		       struct sbx_diags *diags)
{
	sbx_cleanup(sbx_freep) char *text = NULL;
	struct sbx_policy *base = NULL;
	int r = sbx_cmd_policy(args->policy, &args->vars, &base, diags);

	if (r)
		return r;
	if (!args->rules.any) {
		*ret_policy = base;
		return 0;
	}
	text = sbx_cmd_rules_text(&args->rules, args->policy, base->name);
	sbx_policy_free(base);
	sbx_diags_free(diags); /* what the base has to say comes once more */
	if (!text)
		return -ENOMEM;
	return sbx_policy_parse(SBX_RULES_FILE, text, strlen(text), &args->vars.vars, ret_policy,
				diags);
}

/* Policy -> model with the launcher's rules -> entries. Faults are printed; `err` sums them up. */
static int prepare_policy(struct run_args *args, struct sbx_policy **ret_policy,
			  struct sbx_compiled **ret_compiled, struct sbx_error *err)
{
	struct sbx_diags diags = { 0 };
	struct sbx_policy *policy = NULL;
	int r = load_policy(args, &policy, &diags);

	if (r) {
		sbx_cmd_faults(&diags, args->policy, err);
		sbx_diags_free(&diags);
		return r;
	}
	*ret_policy = policy;
	args->options.policy = policy;
	if (args->mode)
		policy->mode = args->mode;
	if (args->require)
		policy->best_effort = !strcmp(args->require, "best-effort");
	for (size_t i = 0; i < args->n_sinks && !r; i++)
		r = sbx_policy_add_sink(policy, args->sinks[i]);
	if (r) {
		sbx_diags_free(&diags);
		return sbx_fail(err, -r, NULL, "--audit: %s",
				r == -ENOSPC ? "more sinks than there can be" : sbx_errno_name(r));
	}
	r = sbx_job_check_descriptors(policy, err);
	if (!r && !args->keep)
		r = sbx_job_open_pty(policy, &args->options.pty, err);
	if (!r)
		r = sbx_job_add_rules(policy, args->options.audit_path, args->options.result_path,
				      args->keep, err);
	if (!r)
		r = sbx_job_add_resolvers(policy, err);
	if (!r) {
		struct sbx_resolver *resolver = sbx_resolver_new(policy, args->vars.workdir);

		if (!resolver) {
			sbx_diags_free(&diags);
			return sbx_fail(err, ENOMEM, NULL, "no memory for the policy");
		}
		r = sbx_policy_compile(policy, sbx_job_resolve, resolver, ret_compiled, &diags);
		sbx_resolver_free(resolver);
		if (r)
			sbx_cmd_faults(&diags, args->policy, err);
		else if (diags.n && !sbx_globals()->quiet)
			sbx_diags_print(&diags, stderr, sbx_color(STDERR_FILENO)); /* warnings */
	}
	sbx_diags_free(&diags);
	return r;
}

/* A pinned engine has proved itself when it was loaded; each run repeats a part of the proof. */
static int open_engine(const struct sbx_policy *policy, struct sbx_engine **ret_engine,
		       struct sbx_error *err)
{
	const struct sbx_accept accept = { .best_effort = policy->best_effort };
	bool loaded = false;
	int r = sbx_engine_open(&accept, ret_engine, &loaded, err);

	if (!r && !loaded)
		r = sbx_canary(*ret_engine, false, err);
	return r;
}

/* Makes the job, and runs its first command as any other. */
static int keep_job(struct run_args *args, struct sbx_engine *engine, struct sbx_run_result *result,
		    struct sbx_error *err)
{
	char name[SBX_JOB_NAME_SIZE];
	int r = sbx_job_keep(engine, &args->options, name, err);

	if (r)
		return r;
	if (!sbx_globals()->quiet)
		sbx_log(SBX_LOG_INFO,
			"job %s is kept: sbx-bpf exec %s -- COMMAND; sbx-bpf rm %s ends it", name,
			name, name);
	if (!*args->options.argv) {
		result->exit_status = SBX_EXIT_OK;
		return 0;
	}
	return sbx_job_exec(name, args->options.argv, args->options.result_path, result, err);
}

/* In a job there is nothing to load, and no job of one's own: the inner policy can only add. */
static int check_nested(const struct run_args *args, struct sbx_error *err)
{
	if (args->require && !strcmp(args->require, "kernel"))
		return sbx_fail(err, ENOTSUP, "leave --require away, or run it outside",
				"job \"%s\" is not left for an engine of its own, which "
				"--require kernel asks for",
				args->options.outer);
	if (args->keep)
		return sbx_fail(err, ENOTSUP, NULL, "a run within job \"%s\" cannot be kept",
				args->options.outer);
	return 0;
}

static int run_job(struct run_args *args, struct sbx_run_result *result, struct sbx_error *err)
{
	struct sbx_policy *policy = NULL;
	struct sbx_compiled *compiled = NULL;
	struct sbx_engine *engine = NULL;
	bool nested = sbx_job_outer(args->outer, sizeof(args->outer));
	bool reported = false;
	int r = prepare_policy(args, &policy, &compiled, err);

	args->options.compiled = compiled;
	args->options.outer = nested ? args->outer : NULL;
	if (!r)
		r = nested ? check_nested(args, err) : open_engine(policy, &engine, err);
	if (!r && !nested)
		r = sbx_job_hash_programs(engine, compiled, err);
	if (!r && args->keep) {
		r = keep_job(args, engine, result, err);
	} else if (!r) {
		reported = true; /* from here on sbx_job_run writes the result */
		r = sbx_job_run(engine, &args->options, result, err);
	}
	if (r && !reported)
		sbx_job_report_failure(&args->options, err);
	sbx_engine_close(engine);
	sbx_pty_free(args->options.pty);
	sbx_compiled_free(compiled);
	sbx_policy_free(policy);
	return r;
}

int sbx_cmd_run(int argc, char **argv)
{
	sbx_cleanup(free_args) struct run_args args = { .policy = "strict" };
	struct sbx_run_result result = { 0 };
	struct sbx_error err = { 0 };
	int status;

	sbx_cmd_vars_init(&args.vars);
	if (!parse_args(argc, argv, &args, &status))
		return status;
	if (run_job(&args, &result, &err))
		return sbx_cmd_fail(&err);
	return sbx_cmd_ended(&result);
}
