/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the verbs share: a row each, an option table each (from which getopt_long's array and the
 * help text are made), the global flags, and the few steps that more than one verb takes.
 */
#ifndef SBX_CMD_H
#define SBX_CMD_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/diag.h"
#include "lib/error.h"
#include "policy/compile.h"
#include "policy/policy.h"

#ifndef SBX_VERSION
#define SBX_VERSION "unknown" /* the Makefile knows it */
#endif

#define SBX_OPTIONS_MAX 40 /* of one verb, the global ones included */

struct sbx_verb {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv); /* argv[0] is the verb; returns the exit status */
};

struct sbx_option {
	int key; /* the short letter, or a number from 256 on */
	const char *name;
	const char *arg; /* NULL: takes none */
	const char *help;
};

struct sbx_command {
	const char *usage; /* after "sbx-bpf " */
	const char *about; /* what else --help says; may be NULL */
	const struct sbx_option *options;
	size_t n_options;
};

struct sbx_parser {
	const struct sbx_command *command;
	int argc;
	char **argv;
	int status; /* valid after sbx_parser_next gave SBX_PARSE_STOP */
	struct option longs[SBX_OPTIONS_MAX + 1];
	char shorts[2 * SBX_OPTIONS_MAX + 3];
};

enum {
	SBX_PARSE_END = -1,  /* no more options: argv[optind] is the first word */
	SBX_PARSE_STOP = -2, /* help was shown, or a fault was: return parser->status */
};

void sbx_parser_init(struct sbx_parser *parser, const struct sbx_command *command, int argc,
		     char **argv);
/* The next option's key (optarg holds its argument); global flags are dealt with inside. */
int sbx_parser_next(struct sbx_parser *parser);

/* For verbs without options of their own: true when the verb may go on. */
bool sbx_parser_none(struct sbx_parser *parser);

/* Logs a usage error with a pointer to --help; returns 125. */
int sbx_usage_error(const char *usage, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Flags that every verb takes. */
struct sbx_globals {
	bool json;
	bool quiet;
};
const struct sbx_globals *sbx_globals(void);

/* Logs `err` and returns 125. */
int sbx_cmd_fail(const struct sbx_error *err);

/* What a verb says and returns after a command has ended; frees the result's JSON. */
struct sbx_run_result;
int sbx_cmd_ended(struct sbx_run_result *result);

/* The --set arguments of a verb, and what else a policy may refer to. */
struct sbx_cmd_vars {
	struct sbx_policy_vars vars;
	const char *set[65]; /* NULL-terminated */
	size_t n_set;
	char home[256];
	char workdir[4096];
};

void sbx_cmd_vars_init(struct sbx_cmd_vars *vars);
/* One "K=V"; 0, or 125 after the error is logged. */
int sbx_cmd_vars_set(struct sbx_cmd_vars *vars, const char *pair);

/* Loads a policy so that ${WORKDIR} is the directory the command will run in. */
int sbx_cmd_policy(const char *name, struct sbx_cmd_vars *vars, struct sbx_policy **ret_policy,
		   struct sbx_diags *diags);

/* The same, and what it compiles to here, with links followed.  Both are the caller's. */
int sbx_cmd_compile(const char *name, struct sbx_cmd_vars *vars, struct sbx_policy **ret_policy,
		    struct sbx_compiled **ret_compiled, struct sbx_diags *diags);

/* Prints faults to stderr and turns them into one error. */
void sbx_cmd_faults(struct sbx_diags *diags, const char *name, struct sbx_error *ret_err);

int sbx_cmd_run(int argc, char **argv);
int sbx_cmd_check(int argc, char **argv);
int sbx_cmd_explain(int argc, char **argv);
int sbx_cmd_doctor(int argc, char **argv);
int sbx_cmd_prove(void); /* doctor --prove */
int sbx_cmd_exec(int argc, char **argv);
int sbx_cmd_stop(int argc, char **argv);
int sbx_cmd_rm(int argc, char **argv);
int sbx_cmd_ps(int argc, char **argv);
int sbx_cmd_stats(int argc, char **argv);
int sbx_cmd_load(int argc, char **argv);
int sbx_cmd_unload(int argc, char **argv);
int sbx_cmd_gc(int argc, char **argv);
int sbx_cmd_audit(int argc, char **argv);
int sbx_cmd_version(int argc, char **argv);

#endif /* SBX_CMD_H */
