// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"
#include <sys/ptrace.h>

static void __attribute__((noreturn)) be_traced(void)
{
	(void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	(void)raise(SIGSTOP);
	_exit(0);
}

/* The tracer is what is ended, so it is a child. */
static int poke(void)
{
	void *code = (void *)(uintptr_t)run_program;
	pid_t pid = fork();
	long word;
	int status, result;

	if (!pid)
		be_traced();
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return errno;
	errno = 0;
	word = ptrace(PTRACE_PEEKTEXT, pid, code, NULL);
	result = errno ? errno : reached(ptrace(PTRACE_POKETEXT, pid, code, (void *)(word + 1)));
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	return result;
}

static int attempt(void)
{
	return in_child(poke);
}

TECHNIQUE(.what = "code of a process that it traces changed (PTRACE_POKETEXT)", .hooks = "sbx_poke",
	  .event = "anon_exec .", .harmless = true);
