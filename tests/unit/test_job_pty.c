// SPDX-License-Identifier: GPL-2.0-only
/* A terminal of the job's own: what the command finds, and that bytes come through both ways. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "job_fixture.h"

#include <sys/ioctl.h>
#include <termios.h>

#define HEAD "version: 1\nname: test\nnetwork: {mode: full}\n"
#define PTY HEAD "filesystem: {default: allow}\nprocess: {pty: true}\n"
#define PRIVATE \
	HEAD "filesystem: {default: allow, private: [/dev]}\nprocess: {pty: true, user: nobody}\n"

static const char *input;    /* what the launcher reads */
static struct winsize *size; /* of its terminal; NULL: it has a pipe */

/* In the launcher's process: standard input as the test wants it, standard output into a file. */
static void redirect(void)
{
	int out = open(file_in_dir("said"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	int pipe_fds[2];

	(void)dup2(out, STDOUT_FILENO);
	if (size) {
		int master = posix_openpt(O_RDWR | O_NOCTTY);
		int slave;

		(void)grantpt(master);
		(void)unlockpt(master);
		slave = open(ptsname(master), O_RDWR | O_NOCTTY);
		(void)ioctl(slave, TIOCSWINSZ, size);
		(void)dup2(slave, STDIN_FILENO);
		return;
	}
	if (!pipe(pipe_fds)) {
		if (!fork()) { /* so that the launcher has no child that it did not make */
			if (!fork()) {
				/* an interrupt only once there is a trap for it */
				for (int i = 0; *input == 003 && i < 1000 &&
						access(file_in_dir("armed"), F_OK);
				     i++)
					sleep_ms(10);
				(void)!write(pipe_fds[1], input, strlen(input));
			}
			_exit(0);
		}
		(void)wait(NULL);
		(void)close(pipe_fds[1]);
		(void)dup2(pipe_fds[0], STDIN_FILENO);
		(void)close(pipe_fds[0]);
	}
}

/* Runs the script in a terminal and gives all that came out of it. */
static const char *said(const char *policy, const char *script, int want)
{
	static char text[4096];
	sbx_cleanup(sbx_fclosep) FILE *file = NULL;
	size_t n;

	load_policy(policy);
	before_launch = redirect;
	assert_int_equal(run_shell(script), want);
	before_launch = NULL;
	file = fopen(file_in_dir("said"), "re");
	assert_non_null(file);
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = '\0';
	return text;
}

static void descriptors_are_a_terminal_of_the_jobs_own(void **state)
{
	const char *text;

	(void)state;
	need_cgroup2();
	input = "";
	size = NULL;
	text = said(PTY,
		    "[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && tty && : > $(tty) && : > /dev/tty && "
		    "echo all",
		    0);
	assert_non_null(strstr(text, "/dev/pts/"));
	assert_non_null(strstr(text, "all\r\n"));
	/* another user, another /dev: its first terminal, which it may open */
	text = said(PRIVATE, "tty && : > $(tty) && : > /dev/tty && echo $(ls /dev/pts)", 0);
	assert_non_null(strstr(text, "/dev/pts/0\r\n0 ptmx\r\n"));
	assert_clean();
}

static void the_command_leads_a_session_and_controls_jobs(void **state)
{
	(void)state;
	need_cgroup2();
	input = "";
	size = NULL;
	assert_non_null(strstr(said(PTY,
				    "set -m; read -r pid c s ppid pg sid tty fg r < /proc/$$/stat; "
				    "[ $pid = $sid ] && [ $fg = $pg ] && sleep 60 & kill %1; "
				    "wait %1; echo over $?",
				    0),
			       "over 143"));
}

static void input_comes_through_and_its_end_too(void **state)
{
	const char *text;

	(void)state;
	need_cgroup2();
	input = "one\ntwo\n";
	size = NULL;
	text = said(PTY, "stty -echo; read -r a; read -r b; read -r c; echo got $a $b $? end", 0);
	assert_non_null(strstr(text, "got one two 1 end"));
}

static void an_interrupt_is_the_jobs_own(void **state)
{
	char script[160];

	(void)state;
	need_cgroup2();
	input = "\003";
	size = NULL;
	(void)snprintf(script, sizeof(script), "trap 'exit 9' INT; : > %s/armed; sleep 20 & wait",
		       fixture.dir);
	(void)said(PTY, script, 9);
}

static void all_that_is_said_last_comes_through(void **state)
{
	(void)state;
	need_cgroup2();
	input = "";
	size = NULL;
	assert_non_null(
		strstr(said(PTY, "head -c 3000 /dev/zero | tr '\\0' x; printf last", 0), "xlast"));
}

static void the_window_has_the_size_of_the_callers(void **state)
{
	struct winsize callers = { .ws_row = 33, .ws_col = 77 };

	(void)state;
	need_cgroup2();
	size = &callers;
	assert_non_null(strstr(said(PTY, "stty size", 0), "33 77"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		JOB_TEST(descriptors_are_a_terminal_of_the_jobs_own),
		JOB_TEST(the_command_leads_a_session_and_controls_jobs),
		JOB_TEST(input_comes_through_and_its_end_too),
		JOB_TEST(an_interrupt_is_the_jobs_own),
		JOB_TEST(all_that_is_said_last_comes_through),
		JOB_TEST(the_window_has_the_size_of_the_callers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
