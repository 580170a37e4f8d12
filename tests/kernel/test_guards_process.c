// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each guard on its own: with `deny` the act fails and the event names the guard; with `allow`,
 * all other guards denying, the same act goes through without one.  Here: other processes and
 * terminals.  What a guard does besides denying: test_guard_actions.c.
 */
#include "lib/guards.h"

static void ptrace_of_a_process_outside_is_an_escape(void **state)
{
	static const struct row rows[] = {
		{ "ptrace $VICTIM", "EPERM", ESCAPE("ptrace", "process $COMM", "ptrace") },
		{ "seize $VICTIM", "EPERM", ESCAPE("ptrace", "process $COMM", "ptrace") },
		{ "vm-read $VICTIM", "EPERM", ESCAPE("ptrace", "process $COMM", "ptrace") },
		{ "vm-write $VICTIM", "EPERM", ESCAPE("ptrace", "process $COMM", "ptrace") },
		{ "pidfd-getfd $VICTIM 1", "EPERM", ESCAPE("ptrace", "process $COMM", "ptrace") },
		{ "kcmp $VICTIM", "EPERM", ESCAPE("ptrace", "process $COMM", "ptrace") },
		{ "process-madvise $VICTIM", "EACCES",
		  ESCAPE_AS("ptrace", "process $COMM", "ptrace", "EPERM") },
		{ "open r /proc/$VICTIM/environ", "EACCES",
		  ESCAPE_AS("ptrace", "process $COMM", "ptrace", "EPERM") },
		{ "readlink /proc/$VICTIM/exe", "EACCES",
		  ESCAPE_AS("ptrace", "process $COMM", "ptrace", "EPERM") },
	};

	(void)state;
	begin_victim();
	CHECK_GUARD("ptrace", rows);
}

static void proc_mem_of_others_or_for_writing_is_an_escape(void **state)
{
	static const char allow[] =
		POLICY_OPEN "guards: {default: deny, proc_mem: allow, ptrace: allow}\n";
	static const char deny[] = POLICY_OPEN "guards: {default: allow, proc_mem: deny}\n";
	static const struct row rows[] = {
		{ "open r /proc/$VICTIM/mem", "EPERM",
		  ESCAPE("open", "/proc/$VICTIM/mem", "proc_mem") },
		{ "open r /proc/$VICTIM/task/$VICTIM/mem", "EPERM",
		  ESCAPE("open", "/proc/$VICTIM/task/$VICTIM/mem", "proc_mem") },
		{ "open rw /proc/self/mem", "EPERM", ESCAPE("open", "*", "proc_mem") },
		{ "open r /proc/self/mem", "ok" },
	};
	static const struct row allowed[] = {
		{ "open r /proc/$VICTIM/mem", "ok" },
		{ "open rw /proc/$VICTIM/task/$VICTIM/mem", "ok" },
		{ "open rw /proc/self/mem", "ok" },
	};

	(void)state;
	begin_victim();
	check_rows(deny, rows, ARRAY_SIZE(rows));
	check_rows(allow, allowed, ARRAY_SIZE(allowed));
}

static void a_signal_to_a_process_outside_is_an_escape(void **state)
{
	static const struct row rows[] = {
		{ "kill $VICTIM 0", "EPERM", ESCAPE("signal", "process $COMM", "signal_outside") },
		{ "kill $VICTIM 18", "EPERM", ESCAPE("signal", "process $COMM", "signal_outside") },
		{ "tgkill $VICTIM 0", "EPERM",
		  ESCAPE("signal", "process $COMM", "signal_outside") },
		{ "sigqueue $VICTIM 18", "EPERM",
		  ESCAPE("signal", "process $COMM", "signal_outside") },
		{ "pidfd-kill $VICTIM 18", "EPERM",
		  ESCAPE("signal", "process $COMM", "signal_outside") },
	};

	(void)state;
	begin_victim();
	CHECK_GUARD("signal_outside", rows);
}

static void steering_a_process_outside_is_an_escape(void **state)
{
	static const struct row rows[] = {
		{ "prlimit $VICTIM", "EPERM", ESCAPE("steer", "process $COMM", "signal_outside") },
		{ "setpriority $VICTIM", "EPERM",
		  ESCAPE("steer", "process $COMM", "signal_outside") },
	};

	(void)state;
	begin_victim();
	CHECK_GUARD("signal_outside", rows);
}

#define STATE "/run/sbx-bpf"

/* A rule of the launcher's refuses it; the guard names it and can make it worse. */
static void the_state_of_sbx_bpf_is_out_of_reach(void **state)
{
	static const struct row named[] = {
		{ "open r " STATE "/engine.lock", "ok" },
		{ "open w " STATE "/engine.lock",
		  "EACCES",
		  { { "open", STATE "/engine.lock", "write", "*", "rule", "self_protect" } } },
		{ "mkdir " STATE "/jobs/x",
		  "EACCES",
		  { { "mkdir", STATE "/jobs/x", "create", "*", "rule", "self_protect" } } },
		{ "rename " STATE "/jobs " STATE "/y",
		  "EACCES",
		  { { "rename", STATE "/jobs", "delete", "*", "rule", "self_protect" } } },
		{ "open w " T "/f", "ok" },
	};
	static const struct row plain[] = {
		{ "unlink " STATE "/engine.lock",
		  "EACCES",
		  { { "unlink", STATE "/engine.lock", "delete", "*" } } },
	};
	static const struct row killed[] = {
		{ "fork unlink " STATE "/engine.lock",
		  "SIGKILL",
		  { { "unlink", STATE "/engine.lock", "delete", "*", "rule", "self_protect",
		      "killed", "EACCES" } } },
	};

	(void)state;
	make(T "/f", "x");
	check_rows(POLICY_OPEN "guards: {default: deny}\n", named, ARRAY_SIZE(named));
	check_rows(POLICY_OPEN "guards: {self_protect: allow}\n", plain, ARRAY_SIZE(plain));
	check_rows(POLICY_OPEN "guards: {self_protect: kill}\n", killed, ARRAY_SIZE(killed));
}

static void the_launcher_and_its_watchdog_are_out_of_reach(void **state)
{
	static const struct row rows[] = {
		{ "traceme", "EPERM", ESCAPE("ptrace", "process sbx-bpf", "self_protect") },
		{ "kill launcher 0", "EPERM", ESCAPE("signal", "process sbx-bpf", "self_protect") },
		{ "kill watchdog 0", "EPERM", ESCAPE("signal", "*", "self_protect") },
		{ "vm-read watchdog", "EPERM", ESCAPE("ptrace", "*", "self_protect") },
		{ "prlimit launcher", "EPERM", ESCAPE("steer", "process sbx-bpf", "self_protect") },
	};

	(void)state;
	CHECK_GUARD("self_protect", rows);
}

static void typing_into_a_terminal_is_an_escape(void **state)
{
	static const struct row rows[] = {
		{ "tiocsti", "EPERM", ESCAPE("tty", "number 21522", "tty_inject") },
		{ "vhangup", "EPERM", ESCAPE("capability", "number 26", "tty_inject") },
	};

	(void)state;
	CHECK_GUARD("tty_inject", rows);
}

static void inside_the_job_everybody_may_trace_and_signal(void **state)
{
	static const struct row rows[] = {
		{ "spawn", "ok" },
		{ "ptrace child", "ok" },
		{ "seize child", "ok" },
		{ "vm-read child", "ok" },
		{ "vm-write child", "ok" },
		{ "kcmp child", "ok" },
		{ "pidfd-getfd child 1", "ok" },
		{ "fork traceme", "ok" },
		{ "prlimit child", "ok" },
		{ "setpriority child", "ok" },
		{ "kill child 0", "ok" },
		{ "tgkill child 0", "ok" },
		{ "pidfd-kill child 0", "ok" },
		{ "kill self 0", "ok" },
		{ "open r /proc/self/mem", "ok" },
		{ "open r /proc/self/environ", "ok" },
		{ "readlink /proc/self/exe", "ok" },
		{ "double-fork kill self 0", "ok" },
		{ "kill child 9", "ok" },
	};

	(void)state;
	check_rows(POLICY_OPEN "guards: {default: deny}\n", rows, ARRAY_SIZE(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ptrace_of_a_process_outside_is_an_escape),
		TEST(proc_mem_of_others_or_for_writing_is_an_escape),
		TEST(a_signal_to_a_process_outside_is_an_escape),
		TEST(steering_a_process_outside_is_an_escape),
		TEST(the_launcher_and_its_watchdog_are_out_of_reach),
		TEST(the_state_of_sbx_bpf_is_out_of_reach),
		TEST(typing_into_a_terminal_is_an_escape),
		TEST(inside_the_job_everybody_may_trace_and_signal),
	};

	return RUN_SUITE("guards_process", tests);
}
