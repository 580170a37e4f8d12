// SPDX-License-Identifier: GPL-2.0-only
/* The verb table. A verb is a row here and a file in cmd/. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "job/job.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "policy/text.h"

static const struct sbx_verb verbs[] = {
	{ "run", "run a command under a policy", sbx_cmd_run },
	{ "check", "find all faults of policy files", sbx_cmd_check },
	{ "explain", "what a policy says to an act, and by which line", sbx_cmd_explain },
	{ "doctor", "what this host can enforce, and what to change", sbx_cmd_doctor },
	{ "exec", "run a further command in a job", sbx_cmd_exec },
	{ "stop", "let a job end", sbx_cmd_stop },
	{ "rm", "end a job at once", sbx_cmd_rm },
	{ "ps", "list the jobs of this host", sbx_cmd_ps },
	{ "stats", "what the kernel has counted for the jobs that run", sbx_cmd_stats },
	{ "load", "load and pin the engine", sbx_cmd_load },
	{ "unload", "take the engine out of the kernel", sbx_cmd_unload },
	{ "gc", "remove what killed launchers left behind", sbx_cmd_gc },
	{ "audit", "verify a log", sbx_cmd_audit },
	{ "version", "show the version", sbx_cmd_version },
};

#define USAGE "[-v] [-q] [--json] VERB [OPTION]... (see sbx-bpf --help)"

static void print_help(void)
{
	printf("usage: sbx-bpf [-v] [-q] [--json] VERB [OPTION]...\n"
	       "Runs commands under a policy that the kernel enforces.\n\n");
	for (size_t i = 0; i < SBX_ARRAY_SIZE(verbs); i++)
		printf("  %-10s %s\n", verbs[i].name, verbs[i].summary);
	printf("\nsbx-bpf VERB --help shows a verb's options.  Manual: sbx-bpf(1)\n");
}

static const char *verb_name(size_t i, const void *ctx)
{
	(void)ctx; /* there is one table */
	return i < SBX_ARRAY_SIZE(verbs) ? verbs[i].name : NULL;
}

static int run_verb(int argc, char **argv)
{
	const char *near;

	for (size_t i = 0; i < SBX_ARRAY_SIZE(verbs); i++) {
		if (!strcmp(argv[0], verbs[i].name))
			return verbs[i].run(argc, argv);
	}
	near = sbx_text_nearest(argv[0], verb_name, NULL);
	if (near)
		return sbx_usage_error(USAGE, "unknown verb \"%s\": did you mean \"%s\"?", argv[0],
				       near);
	return sbx_usage_error(USAGE, "unknown verb \"%s\"", argv[0]);
}

/* A closed 0, 1 or 2 would be the next file that is opened, and get our messages. */
static int fill_standard(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return -1;
	}
	return 0;
}

/* Global flags before the verb; those after it are the verb's parser's. */
static int dispatch(int argc, char **argv)
{
	static const struct sbx_option options[] = {
		{ 'V', "version", NULL, "show the version" },
	};
	static const struct sbx_command top = {
		.usage = USAGE,
		.options = options,
		.n_options = SBX_ARRAY_SIZE(options),
	};
	struct sbx_parser parser;
	int key;

	if (argc > 1 &&
	    (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))) {
		print_help();
		return SBX_EXIT_OK;
	}
	sbx_parser_init(&parser, &top, argc, argv);
	while ((key = sbx_parser_next(&parser)) >= 0) {
		char *version[] = { (char[]){ "version" }, NULL };

		return sbx_cmd_version(1, version);
	}
	if (key == SBX_PARSE_STOP)
		return parser.status;
	if (optind >= argc) {
		print_help();
		return SBX_EXIT_FAILURE;
	}
	return run_verb(argc - optind, argv + optind);
}

int main(int argc, char **argv)
{
	int status;

	if (fill_standard())
		return SBX_EXIT_FAILURE; /* nowhere to say so */
	status = dispatch(argc, argv);
	if ((fflush(stdout) || ferror(stdout)) && !status) {
		sbx_log(SBX_LOG_ERROR, "cannot write to stdout");
		return SBX_EXIT_FAILURE;
	}
	return status;
}
