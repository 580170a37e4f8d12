// SPDX-License-Identifier: GPL-2.0-only
/* What a guard does besides denying: log, kill, quarantine; and mode audit. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <unistd.h>

#include "lib/harness.h"
#include "sbx/abi.h"

#define WITH(op, object, guard, verdict, error)                              \
	{                                                                    \
		{                                                            \
			op, object, NULL, guard, NULL, guard, verdict, error \
		}                                                            \
	}
#define LOGGED(op, object, guard) WITH(op, object, guard, "logged", "")
#define KILLED(op, object, guard) WITH(op, object, guard, "killed", "EPERM")

static void begin_victim(void)
{
	char name[17] = "";

	(void)make_victim();
	assert_int_equal(prctl(PR_GET_NAME, name), 0);
	set_var("COMM", "%s", name);
	make(T "/dir/", "");
}

static void log_lets_it_pass_and_tells(void **state)
{
	static const char policy[] = POLICY_OPEN "guards:\n"
						 "  bpf: log\n"
						 "  perf: log\n"
						 "  chroot: log\n"
						 "  mount: log\n"
						 "  signal_outside: log\n"
						 "  ptrace: log\n"
						 "  kernel_control: log\n"
						 "  setuid: log\n";
	static const struct row rows[] = {
		{ "bpf map", "ok", LOGGED("bpf", "number 0", "bpf") },
		/* The kernel asks for the event and again for its seeing the kernel. */
		{ "perf",
		  "ok",
		  { { "perf", NULL, NULL, "perf", NULL, "perf", "logged", "" },
		    { "perf", NULL, NULL, "perf", NULL, "perf", "logged", "" } } },
		{ "kill $VICTIM 0", "ok", LOGGED("signal", "process $COMM", "signal_outside") },
		{ "ptrace $VICTIM", "ok", LOGGED("ptrace", "process $COMM", "ptrace") },
		{ "open w /proc/sys/kernel/hostname", "ok",
		  LOGGED("open", "/proc/sys/kernel/hostname", "kernel_control") },
		{ "fork setgid 1000", "ok", LOGGED("setuid", "number 1000", "setuid") },
		{ "mount none " T "/dir tmpfs", "ok", LOGGED("mount", T "/dir", "mount") },
		{ "chroot " T "/dir", "ok", LOGGED("chroot", T "/dir", "chroot") },
	};

	(void)state;
	begin_victim();
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void kill_ends_the_task_from_the_hook(void **state)
{
	static const char policy[] = POLICY_OPEN "guards:\n"
						 "  bpf: kill\n"
						 "  mount: kill\n"
						 "  signal_outside: kill\n"
						 "  ptrace: kill\n"
						 "  kernel_control: kill\n"
						 "  raw_socket: kill\n"
						 "  chroot: kill\n"
						 "  namespace: kill\n"
						 "  setuid: kill\n";
	static const struct row rows[] = {
		{ "fork bpf map", "SIGKILL", KILLED("bpf", "number 0", "bpf") },
		{ "fork mount none " T "/dir tmpfs", "SIGKILL",
		  KILLED("mount", T "/dir", "mount") },
		{ "fork kill $VICTIM 9", "SIGKILL",
		  KILLED("signal", "process $COMM", "signal_outside") },
		{ "fork ptrace $VICTIM", "SIGKILL", KILLED("ptrace", "process $COMM", "ptrace") },
		{ "fork open w /proc/sysrq-trigger", "SIGKILL",
		  KILLED("open", "/proc/sysrq-trigger", "kernel_control") },
		{ "fork socket inet raw icmp", "SIGKILL",
		  KILLED("socket", "number 2", "raw_socket") },
		{ "fork chroot " T "/dir", "SIGKILL", KILLED("chroot", T "/dir", "chroot") },
		{ "fork unshare uts", "SIGKILL", KILLED("namespace", NULL, "namespace") },
		{ "fork clone uts", "SIGKILL",
		  KILLED("namespace", "number 67108864", "namespace") },
		{ "fork setuid 1000", "SIGKILL", KILLED("setuid", "number 1000", "setuid") },
		{ "ok", "ok" },
	};

	(void)state;
	begin_victim();
	check_rows(policy, rows, ARRAY_SIZE(rows));
	assert_int_equal(kill(atoi(get_var("VICTIM")), 0), 0);
}

static void looking_at_a_process_is_denied_at_most(void **state)
{
	static const char policy[] = POLICY_OPEN "guards: {ptrace: kill}\n";
	static const struct row rows[] = {
		{ "readlink /proc/$VICTIM/exe", "EACCES",
		  WITH("ptrace", "process $COMM", "ptrace", "denied", "EPERM") },
		{ "open r /proc/$VICTIM/environ", "EACCES",
		  WITH("ptrace", "process $COMM", "ptrace", "denied", "EPERM") },
	};

	(void)state;
	begin_victim();
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void audit_mode_only_says_what_it_would_do(void **state)
{
	static const char policy[] = POLICY_OPEN "mode: audit\n"
						 "guards:\n"
						 "  default: deny\n"
						 "  bpf: kill\n"
						 "  perf: quarantine\n"
						 "  mount: deny\n"
						 "  ptrace: kill\n"
						 "  raw_socket: deny\n"
						 "  chroot: log\n";
	static const struct row rows[] = {
		{ "bpf map", "ok", WITH("bpf", "number 0", "bpf", "would-deny", "") },
		{ "perf",
		  "ok",
		  { { "perf", NULL, NULL, "perf", NULL, "perf", "would-deny", "" },
		    { "perf", NULL, NULL, "perf", NULL, "perf", "would-deny", "" } } },
		{ "mount none " T "/dir tmpfs", "ok",
		  WITH("mount", T "/dir", "mount", "would-deny", "") },
		{ "umount " T "/dir", "ok", WITH("umount", NULL, "mount", "would-deny", "") },
		{ "ptrace $VICTIM", "ok",
		  WITH("ptrace", "process $COMM", "ptrace", "would-deny", "") },
		{ "open r " T "/dir", "ok" },
		{ "fork chroot " T "/dir", "ok", WITH("chroot", T "/dir", "chroot", "logged", "") },
	};

	(void)state;
	begin_victim();
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

/* --- every guard
 * ------------------------------------------------------------------------------------------ */

/* One act of each guard that harms nothing where it passes. */
static const struct {
	const char *guard;
	const char *act;
	const char *result; /* when it passes */
	const char *op;
	const char *object;
	int more; /* events besides the first when it passes: the kernel asks again */
} every[] = {
	{ "ptrace", "ptrace $VICTIM", "ok", "ptrace", "process $COMM" },
	{ "proc_mem", "open w /proc/self/mem", "ok", "open", "*" },
	{ "mount", "fork mount none " T "/dir tmpfs", "ok", "mount", T "/dir" },
	{ "chroot", "fork chroot " T "/dir", "ok", "chroot", "*" },
	{ "namespace", "fork unshare uts", "ok", "namespace", NULL },
	{ "module", "module-remove", "ENOENT", "capability", "number 16" },
	{ "kexec", "kexec", "ok", "kexec", NULL },
	{ "bpf", "bpf map", "ok", "bpf", "number 0" },
	{ "perf", "perf", "ok", "perf", NULL, 1 },
	{ "raw_device", "mkblk " T "/disk 7 99", "ok", "mknod", "*" },
	{ "cgroup", "open w /sys/fs/cgroup/cgroup.procs", "ok", "open", "*" },
	{ "signal_outside", "kill $VICTIM 0", "ok", "signal", "process $COMM" },
	{ "raw_socket", "socket inet raw icmp", "ok", "socket", "number 2" },
	{ "vsock", "socket vsock stream 0", NULL, "socket", "number 40" },
	{ "kernel_control", "open w /proc/sys/kernel/hostname", "ok", "open", "*" },
	{ "setuid", "fork setgid 1000", "ok", "setuid", "number 1000" },
	{ "fileless_exec", "fd-map 8 rx", "ok", "map-exec", "*" },
	{ "tty_inject", "vhangup", "ok", "capability", "number 26" },
	{ "anon_exec", "map-anon rwx", "ok", "map-exec", NULL },
	{ "capability", "fork rlimit-up", "ok", "capability", "number 24" },
	{ "clock", "clock", "ok", "capability", "number 25" },
	{ "reboot", "reboot", "EINVAL", "capability", "number 22" },
	{ "syslog", "klog 10", "ok", "syslog", "number 10" },
	{ "quota", "quota-sync", "ok", "quota", "*" },
	{ "keyring", "fork join-session", "ok", "key", "number 0" },
	{ "io_uring", "uring-open r " T "/file", "ok", "io-uring", NULL },
	{ "userfaultfd", "userfaultfd", "ok", "userfaultfd", NULL },
	{ "ipc_outside", "shm $SHM", "ok", "ipc", "number $SHM" },
	{ "self_protect", "kill launcher 0", "ok", "signal", "process sbx-bpf" },
};
/* preload and exec_tamper act otherwise than by a refusal: test_preload.c, test_exec_pins.c. */
_Static_assert(ARRAY_SIZE(every) == SBX_GUARD_MAX_ - 1 - 2, "a guard without an act");

#define EVERY_POLICY POLICY_OPEN "network: {mode: full}\nguards: {default: %s}\n"
#define PREPARE 4 /* rows that make the memfd of fileless_exec */

/* Fills in one row a guard; `passes`: as for action log, else in a child that is killed. */
static size_t every_row(struct row *rows, bool passes)
{
	static const char *const prepare[PREPARE] = { "memfd 9", "fd-copy 9 " ACT,
						      "hold 8 r /proc/self/fd/9", "close 9" };
	size_t n = 0;

	for (size_t i = 0; i < PREPARE; i++)
		rows[n++] = (struct row){ prepare[i], "ok" };
	for (size_t i = 0; i < ARRAY_SIZE(every); i++) {
		const struct event event = {
			.op = every[i].op,
			.object = every[i].object,
			.rule = "guards:",
			.guard = every[i].guard,
			.verdict = passes ? "logged" : "killed",
			.error = passes ? "" : "EPERM",
		};

		if (passes && !every[i].result)
			continue;
		rows[n] = (struct row){ passes ? every[i].act : text("fork %s", every[i].act),
					passes ? every[i].result : "SIGKILL" };
		for (int k = 0; k <= (passes ? every[i].more : 0); k++)
			rows[n].events[k] = event;
		n++;
	}
	return n;
}

static void begin_every(void)
{
	int shm = shmget(IPC_PRIVATE, 4096, 0666);

	assert_true(shm >= 0);
	set_var("SHM", "%d", shm);
	begin_victim();
	make_all(T "/file", NULL);
}

static void check_every(const char *action, bool passes)
{
	struct row rows[PREPARE + ARRAY_SIZE(every)] = { 0 };
	size_t n;

	begin_every();
	n = every_row(rows, passes);
	check_rows(text(EVERY_POLICY, action), rows, n);
	assert_int_equal(shmctl(atoi(get_var("SHM")), IPC_RMID, NULL), 0);
}

static void every_guard_can_log(void **state)
{
	(void)state;
	check_every("log", true);
}

static void every_guard_can_kill(void **state)
{
	(void)state;
	check_every("kill", false);
}

/* --- quarantine
 * --------------------------------------------------------------------------------------- */

#define UNDER(op, object, rights, error)                                          \
	{                                                                         \
		{                                                                 \
			op, object, rights, NULL, "quarantine", NULL, NULL, error \
		}                                                                 \
	}

static const char *end_reason(const struct outcome *outcome)
{
	const json_t *end = json_object_get(outcome->result, "exit");
	const char *reason = json_string_value(json_object_get(end, "reason"));

	return reason ? reason : "none";
}

static void quarantine_stops_every_task_of_the_job_at_once(void **state)
{
	static const char policy[] = POLICY_OPEN "network: {mode: full}\n"
						 "guards: {default: allow, mount: quarantine}\n";
	static const struct row rows[] = {
		{ "sync", "ok", .host = stop_launcher },
		{ "open r " T "/file", "ok" },
		{ "socket inet stream 0", "ok" },
		{ "hold 9 r " T "/file", "ok" },
		{ "socket-hold 10 inet dgram 0", "ok" },
		{ "fork mount none " T "/dir tmpfs", "EPERM",
		  WITH("mount", T "/dir", "mount", "quarantined", "EPERM") },
		{ "open r " T "/file", "EACCES", UNDER("open", T "/file", "read", NULL) },
		{ "thread open w " T "/file", "EACCES", UNDER("open", T "/file", "write", NULL) },
		{ "mkdir " T "/new", "EACCES", UNDER("mkdir", T "/new", "create", NULL) },
		{ "exec " ACT, "EACCES", UNDER("exec", ACT, "exec", NULL) },
		{ "socket inet stream 0", "EAFNOSUPPORT",
		  UNDER("socket", "inet stream tcp", NULL, NULL) },
		{ "fd-connect 10 127.0.0.1 8001", "EACCES",
		  UNDER("connect", "udp 127.0.0.1 8001", NULL, NULL) },
		{ "fd-read 9", "ok" },
		{ "sync", "ok", .host = wake_launcher },
		{ "sleep 20000", "*" },
	};
	struct job job = {
		.policy = policy, .rows = rows, .n_rows = ARRAY_SIZE(rows) - 1, .loose = true
	};
	struct outcome outcome = { 0 };

	(void)state;
	begin_victim();
	make_all(T "/file", NULL);
	run_job(&job, &outcome);
	check_events(policy, &outcome, rows, ARRAY_SIZE(rows) - 1);
	assert_string_equal(end_reason(&outcome), "quarantine");
	outcome_free(&outcome);
}

static void quarantine_overrules_guards_that_allow(void **state)
{
	static const char policy[] = POLICY_OPEN "guards: {default: allow, mount: quarantine}\n";
	static const struct row rows[] = {
		{ "sync", "ok", .host = stop_launcher },
		{ "perf", "ok" },
		{ "fork mount none " T "/dir tmpfs", "EPERM",
		  WITH("mount", T "/dir", "mount", "quarantined", "EPERM") },
		{ "perf",
		  "EPERM",
		  { { "perf", NULL, NULL, "*", "quarantine", "perf", NULL, NULL } } },
		{ "kill $VICTIM 0",
		  "EPERM",
		  { { "signal", "process $COMM", NULL, "*", "quarantine", "signal_outside", NULL,
		      NULL } } },
		{ "sync", "ok", .host = wake_launcher },
	};
	struct job job = {
		.policy = policy, .rows = rows, .n_rows = ARRAY_SIZE(rows), .loose = true
	};
	struct outcome outcome = { 0 };

	(void)state;
	begin_victim();
	run_job(&job, &outcome);
	check_events(policy, &outcome, rows, ARRAY_SIZE(rows));
	outcome_free(&outcome);
}

static void quarantine_ends_the_job_soon(void **state)
{
	static const char policy[] = POLICY_OPEN "guards: {default: deny, bpf: quarantine}\n";
	static const struct row rows[] = {
		{ "double-fork bpf map", "EPERM",
		  WITH("bpf", "number 0", "bpf", "quarantined", "EPERM") },
		{ "sleep 60000", NULL },
	};
	struct job job = {
		.policy = policy,
		.rows = rows,
		.n_rows = ARRAY_SIZE(rows),
		.out_fd = open("/dev/null", O_WRONLY | O_CLOEXEC), /* the end may come first */
		.loose = true,
	};
	struct outcome outcome = { 0 };

	(void)state;
	assert_true(job.out_fd > 0);
	run_job(&job, &outcome);
	check_events(policy, &outcome, rows, 1);
	assert_int_equal(outcome.status, 128 + SIGKILL);
	assert_string_equal(end_reason(&outcome), "quarantine");
	outcome_free(&outcome);
	(void)close(job.out_fd);
}

static void a_quarantined_job_leaves_others_alone(void **state)
{
	static const struct row rows[] = { { "open r " T "/file", "ok" },
					   { "bpf map", "EPERM",
					     WITH("bpf", "number 0", "bpf", "denied", NULL) } };

	quarantine_ends_the_job_soon(state);
	make_all(T "/file", NULL);
	check_rows(POLICY_OPEN "guards: {bpf: deny}\n", rows, ARRAY_SIZE(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(log_lets_it_pass_and_tells),
		TEST(kill_ends_the_task_from_the_hook),
		TEST(looking_at_a_process_is_denied_at_most),
		TEST(audit_mode_only_says_what_it_would_do),
		TEST(every_guard_can_log),
		TEST(every_guard_can_kill),
		TEST(quarantine_stops_every_task_of_the_job_at_once),
		TEST(quarantine_overrules_guards_that_allow),
		TEST(quarantine_ends_the_job_soon),
		TEST(a_quarantined_job_leaves_others_alone),
	};

	return RUN_SUITE("guard_actions", tests);
}
