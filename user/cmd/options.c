// SPDX-License-Identifier: GPL-2.0-only
/* Option tables to getopt_long and to help text; the global flags; usage errors. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "job/job.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "policy/text.h"

#define HELP_COLUMN 24

static struct sbx_globals globals;
static int verbosity;

static const struct sbx_option global_options[] = {
	{ 'h', "help", NULL, "show this" },
	{ 'v', "verbose", NULL, "say more; -vv shows the verifier's log" },
	{ 'q', "quiet", NULL, "no summary, errors only" },
	{ 'j', "json", NULL, "data as JSON on stdout" },
};

const struct sbx_globals *sbx_globals(void)
{
	return &globals;
}

static void add_option(struct sbx_parser *parser, const struct sbx_option *option, size_t i)
{
	struct option *row = &parser->longs[i];
	size_t len = strlen(parser->shorts);

	row->name = option->name;
	row->has_arg = option->arg ? required_argument : no_argument;
	row->val = option->key;
	if (option->key < 256)
		(void)snprintf(parser->shorts + len, sizeof(parser->shorts) - len, "%c%s",
			       option->key, option->arg ? ":" : "");
}

void sbx_parser_init(struct sbx_parser *parser, const struct sbx_command *command, int argc,
		     char **argv)
{
	size_t n = 0;

	memset(parser, 0, sizeof(*parser));
	parser->command = command;
	parser->argc = argc;
	parser->argv = argv;
	/* "+": the command's own options are not ours; ":": a missing argument is told apart. */
	memcpy(parser->shorts, "+:", sizeof("+:"));
	for (size_t i = 0; i < command->n_options; i++)
		add_option(parser, &command->options[i], n++);
	for (size_t i = 0; i < SBX_ARRAY_SIZE(global_options); i++)
		add_option(parser, &global_options[i], n++);
	optind = 0; /* glibc: start anew */
	opterr = 0; /* the messages are ours */
}

static void print_option(const struct sbx_option *option)
{
	char left[64];

	if (option->key < 256)
		(void)snprintf(left, sizeof(left), "-%c, --%s%s%s", option->key, option->name,
			       option->arg ? " " : "", option->arg ? option->arg : "");
	else
		(void)snprintf(left, sizeof(left), "    --%s%s%s", option->name,
			       option->arg ? " " : "", option->arg ? option->arg : "");
	printf("  %-*s %s\n", HELP_COLUMN, left, option->help);
}

static void print_help(const struct sbx_command *command)
{
	printf("usage: sbx-bpf %s\n", command->usage);
	for (size_t i = 0; i < command->n_options; i++)
		print_option(&command->options[i]);
	for (size_t i = 0; i < SBX_ARRAY_SIZE(global_options); i++)
		print_option(&global_options[i]);
	if (command->about)
		printf("%s\n", command->about);
}

int sbx_usage_error(const char *usage, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	sbx_log(SBX_LOG_ERROR, "%s", text);
	sbx_log(SBX_LOG_INFO, "  usage: sbx-bpf %s", usage);
	return SBX_EXIT_FAILURE;
}

static const char *next_name(size_t i, const void *ctx)
{
	const struct sbx_parser *parser = ctx;

	return parser->longs[i].name; /* the array ends with NULL */
}

static int bad_option(struct sbx_parser *parser, int what)
{
	const char *usage = parser->command->usage;
	const char *word = parser->argv[optind - 1];
	const char *near = NULL;
	char name[64];

	parser->status = SBX_EXIT_FAILURE;
	if (what == ':') {
		(void)sbx_usage_error(usage, "option \"%s\" needs an argument", word);
		return SBX_PARSE_STOP;
	}
	if (optopt > 0 && optopt < 256 && strncmp(word, "--", 2)) {
		(void)sbx_usage_error(usage, "unknown option \"-%c\"", optopt);
		return SBX_PARSE_STOP;
	}
	(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
	if (!strncmp(name, "--", 2))
		near = sbx_text_nearest(name + 2, next_name, parser);
	if (optopt > 0)
		(void)sbx_usage_error(usage, "option \"%s\" takes no argument", name);
	else if (near)
		(void)sbx_usage_error(usage, "unknown option \"%s\": did you mean \"--%s\"?", name,
				      near);
	else
		(void)sbx_usage_error(usage, "unknown option \"%s\"", name);
	return SBX_PARSE_STOP;
}

int sbx_parser_next(struct sbx_parser *parser)
{
	for (;;) {
		int key = getopt_long(parser->argc, parser->argv, parser->shorts, parser->longs,
				      NULL);

		switch (key) {
		case 'h':
			print_help(parser->command);
			parser->status = SBX_EXIT_OK;
			return SBX_PARSE_STOP;
		case 'v':
			sbx_log_set_level(++verbosity > 1 ? SBX_LOG_TRACE : SBX_LOG_DEBUG);
			break;
		case 'q':
			globals.quiet = true;
			sbx_log_set_level(SBX_LOG_ERROR);
			break;
		case 'j':
			globals.json = true;
			break;
		case ':':
		case '?':
			return bad_option(parser, key);
		default:
			return key; /* SBX_PARSE_END is getopt's -1 */
		}
	}
}

bool sbx_parser_none(struct sbx_parser *parser)
{
	if (sbx_parser_next(parser) == SBX_PARSE_STOP)
		return false;
	if (optind >= parser->argc)
		return true;
	parser->status = sbx_usage_error(parser->command->usage, "unexpected word \"%s\"",
					 parser->argv[optind]);
	return false;
}

int sbx_cmd_fail(const struct sbx_error *err)
{
	sbx_log_error(err);
	return SBX_EXIT_FAILURE;
}
