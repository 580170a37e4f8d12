// SPDX-License-Identifier: GPL-2.0-only
/* Acts about the environment of a new program. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

#include "act.h"

/* Executes PROGRAM -x ACT... with this environment; the child tells by its status. */
static int exec_with(char **env, int argc, char **argv)
{
	pid_t pid;
	int code;

	(void)argc;
	pid = fork();
	if (!pid) {
		(void)execve(argv[0], argv, env);
		_exit(errno);
	}
	code = act_wait(pid);
	return code == ACT_EXIT ? 0 : code;
}

static int do_env_exec(int argc, char **argv)
{
	char *env[] = { "A=1", argv[0], "Z=", NULL };

	return exec_with(env, argc - 1, argv + 1);
}

/* COUNT empty strings, one of LENGTH bytes, and then the variable. */
static int do_env_far(int argc, char **argv)
{
	size_t count = strtoul(argv[0], NULL, 10), length = strtoul(argv[1], NULL, 10);
	char **env = calloc(count + 3, sizeof(*env));
	char *text = malloc(length + 1);
	int code = ENOMEM;

	if (env && text) {
		memset(text, 'x', length);
		text[length] = '\0';
		for (size_t i = 0; i < count; i++)
			env[i] = "";
		env[count] = text;
		env[count + 1] = argv[2];
		code = exec_with(env, argc - 3, argv + 3);
	}
	free(env);
	free(text);
	return code;
}

/* As set-user-ID programs see it: 7 when AT_SECURE is set. */
static int do_secure(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return getauxval(AT_SECURE) ? ACT_EXIT + 7 : 0;
}

static int do_has_env(int argc, char **argv)
{
	(void)argc;
	return getenv(argv[0]) ? 0 : ENODATA;
}

const struct act env_acts[] = {
	{ "env-exec", -2, do_env_exec },
	{ "env-far", -4, do_env_far },
	{ "secure", 0, do_secure },
	{ "has-env", 1, do_has_env },
	{ NULL, 0, NULL },
};
