// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each guard on its own: with `deny` the act fails and the event names the guard; with `allow`,
 * all other guards denying, the same act goes through without one.  What a guard does besides
 * denying: test_guard_actions.c; raw_socket and vsock: test_sockets.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/harness.h"

#define ESCAPE(op, object, guard)                                        \
	{                                                                \
		{                                                        \
			op, object, NULL, guard, NULL, guard, NULL, NULL \
		}                                                        \
	}
/* The program sees another errno than the hook gave. */
#define ESCAPE_AS(op, object, guard, error)                               \
	{                                                                 \
		{                                                         \
			op, object, NULL, guard, NULL, guard, NULL, error \
		}                                                         \
	}
#define ROWS_MAX 24

/* `allowed`: results of the same rows when the guard allows; NULL: "ok" for each. */
static void check_guard(const char *guard, const char *more, const struct row *rows,
			const char *const *allowed, size_t n)
{
	struct row twins[ROWS_MAX] = { 0 };

	assert_true(n <= ROWS_MAX);
	check_rows(text("%s%sguards: {default: allow, %s: deny}\n", POLICY_OPEN, more, guard), rows,
		   n);
	for (size_t i = 0; i < n; i++)
		twins[i] =
			(struct row){ .act = rows[i].act, .result = allowed ? allowed[i] : "ok" };
	check_rows(text("%s%sguards: {default: deny, %s: allow}\n", POLICY_OPEN, more, guard),
		   twins, n);
}

#define CHECK_GUARD(guard, rows) check_guard(guard, "", rows, NULL, ARRAY_SIZE(rows))
#define CHECK_GUARD_RESULTS(guard, rows, allowed) \
	check_guard(guard, "", rows, allowed, ARRAY_SIZE(rows))

/* A process outside, and its name as $COMM. */
static void begin_victim(void)
{
	char name[17] = "";

	(void)make_victim();
	assert_int_equal(prctl(PR_GET_NAME, name), 0);
	set_var("COMM", "%s", name);
}

/* --- other processes ----------------------------------------------------------------------------
 */

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
		{ "traceme", "EPERM", ESCAPE("ptrace", "process sbx-bpf", "ptrace") },
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
		{ "kill parent 0", "EPERM", ESCAPE("signal", "process sbx-bpf", "signal_outside") },
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
		{ "prlimit parent", "EPERM", ESCAPE("steer", "process sbx-bpf", "signal_outside") },
	};

	(void)state;
	begin_victim();
	CHECK_GUARD("signal_outside", rows);
}

static void typing_into_a_terminal_is_an_escape(void **state)
{
	static const struct row rows[] = {
		{ "tiocsti", "EPERM", ESCAPE("tty", "number 21522", "tty_inject") },
	};

	(void)state;
	CHECK_GUARD("tty_inject", rows);
}

static void configuring_the_network_is_an_escape(void **state)
{
	static const struct row rows[] = {
		{ "set-ifflags", "EPERM", ESCAPE("capability", "number 12", "kernel_control") },
		{ "reboot-cad", "EPERM", ESCAPE("capability", NULL, "kernel_control") },
	};

	(void)state;
	CHECK_GUARD("kernel_control", rows);
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

/* --- mounts, roots, namespaces
 * --------------------------------------------------------------------- */

static void make_mounts(void)
{
	assert_int_equal(mount(NULL, T, NULL, MS_PRIVATE, NULL), 0);
	for (const char *const *dir =
		     (const char *const[]){ T "/a/", T "/b/", T "/c/", T "/d/", T "/e/",
					    T "/moved/", T "/gone/", NULL };
	     *dir; dir++)
		make(*dir, "");
}

/* The deny run leaves both as they are, the allow run takes them. */
static void mount_two(void)
{
	assert_true(make_mount("none", T "/moved", "tmpfs", 0, NULL));
	assert_true(make_mount("none", T "/gone", "tmpfs", 0, NULL));
}

static void changing_mounts_is_an_escape(void **state)
{
	static const struct row rows[] = {
		{ "mount none " T "/a tmpfs", "EPERM", ESCAPE("mount", T "/a", "mount") },
		{ "bind-mount " T "/b " T "/c", "EPERM", ESCAPE("mount", T "/c", "mount") },
		{ "remount " T "/moved", "EPERM", ESCAPE("mount", T "/moved", "mount") },
		{ "propagate " T "/moved", "EPERM", ESCAPE("mount", T "/moved", "mount") },
		{ "umount " T "/gone", "EPERM", ESCAPE("umount", NULL, "mount") },
		{ "move-mount " T "/moved " T "/d", "EPERM", ESCAPE("mount", T "/d", "mount") },
		{ "fsmount tmpfs " T "/e", "EPERM", ESCAPE("mount", NULL, "mount") },
		{ "pivot-root " T "/b " T "/b", "EPERM", ESCAPE("pivot-root", T "/b", "mount") },
	};
	static const char *const allowed[] = { "ok", "ok", "ok", "ok", "ok", "ok", "ok", "EINVAL" };

	(void)state;
	make_mounts();
	mount_two();
	CHECK_GUARD_RESULTS("mount", rows, allowed);
}

static void new_ways_to_change_mounts_are_escapes_too(void **state)
{
	static const struct row rows[] = {
		{ "mount-setattr " T "/moved", "EPERM", ESCAPE("mount", "*", "mount") },
		{ "open-tree " T "/b", "EPERM", ESCAPE("mount", "*", "mount") },
	};

	(void)state;
	make_mounts();
	mount_two();
	CHECK_GUARD("mount", rows);
}

static void chroot_is_an_escape(void **state)
{
	static const struct row rows[] = {
		{ "chroot " T "/a", "EPERM", ESCAPE("chroot", T "/a", "chroot") },
	};

	(void)state;
	make(T "/a/", "");
	CHECK_GUARD("chroot", rows);
}

static void unsharing_any_namespace_is_an_escape(void **state)
{
	static const struct row rows[] = {
		{ "fork unshare mnt", "EPERM", ESCAPE("namespace", NULL, "namespace") },
		{ "fork unshare uts", "EPERM", ESCAPE("namespace", NULL, "namespace") },
		{ "fork unshare ipc", "EPERM", ESCAPE("namespace", NULL, "namespace") },
		{ "fork unshare pid", "EPERM", ESCAPE("namespace", NULL, "namespace") },
		{ "fork unshare net", "EPERM", ESCAPE("namespace", NULL, "namespace") },
		{ "fork unshare cgroup", "EPERM", ESCAPE("namespace", NULL, "namespace") },
		{ "fork unshare time", "EPERM", ESCAPE("namespace", NULL, "namespace") },
		{ "fork unshare user", "EPERM",
		  ESCAPE("namespace", "number 268435456", "namespace") },
		{ "fork setns self uts", "EPERM", ESCAPE("namespace", NULL, "namespace") },
	};

	(void)state;
	CHECK_GUARD("namespace", rows);
}

static void cloning_into_any_new_namespace_is_an_escape(void **state)
{
	static const struct row rows[] = {
		{ "clone mnt", "EPERM", ESCAPE("namespace", "number 131072", "namespace") },
		{ "clone uts", "EPERM", ESCAPE("namespace", "number 67108864", "namespace") },
		{ "clone ipc", "EPERM", ESCAPE("namespace", "number 134217728", "namespace") },
		{ "clone pid", "EPERM", ESCAPE("namespace", "number 536870912", "namespace") },
		{ "clone net", "EPERM", ESCAPE("namespace", "number 1073741824", "namespace") },
		{ "clone cgroup", "EPERM", ESCAPE("namespace", "number 33554432", "namespace") },
		{ "clone user", "EPERM", ESCAPE("namespace", "number 268435456", "namespace") },
		{ "clone3 net", "EPERM", ESCAPE("namespace", "number 1073741824", "namespace") },
		{ "clone3 time", "EPERM", ESCAPE("namespace", "number 128", "namespace") },
	};

	(void)state;
	CHECK_GUARD("namespace", rows);
}

static void setns_to_a_process_outside_is_refused(void **state)
{
	static const struct row rows[] = {
		{ "setns $VICTIM uts", "EACCES",
		  ESCAPE_AS("ptrace", "process $COMM", "ptrace", "EPERM") },
	};

	(void)state;
	begin_victim();
	check_rows(POLICY_OPEN "guards: {default: deny, ptrace: deny}\n", rows, ARRAY_SIZE(rows));
}

/* --- the kernel itself
 * ---------------------------------------------------------------------------- */

static void loading_a_module_is_an_escape(void **state)
{
	static const struct row rows[] = {
		{ "module " T "/mod.ko", "EPERM", ESCAPE("module", T "/mod.ko", "module") },
		{ "module-mem", "EPERM", ESCAPE("module", NULL, "module") },
	};
	static const char *const allowed[] = { "ENOEXEC", "ENOEXEC" };

	(void)state;
	make(T "/mod.ko", "no module");
	CHECK_GUARD_RESULTS("module", rows, allowed);
}

static void loading_a_kernel_is_an_escape(void **state)
{
	static const struct row rows[] = {
		{ "kexec", "EPERM", ESCAPE("kexec", NULL, "kexec") },
		{ "kexec-file " T "/vmlinuz", "EPERM", ESCAPE("kexec", T "/vmlinuz", "kexec") },
	};
	static const char *const allowed[] = { "ok", "ENOEXEC" };

	(void)state;
	make(T "/vmlinuz", "no kernel");
	CHECK_GUARD_RESULTS("kexec", rows, allowed);
}

static void bpf_and_perf_are_escapes(void **state)
{
	static const struct row bpf[] = {
		{ "bpf map", "EPERM", ESCAPE("bpf", "number 0", "bpf") },
		{ "bpf 7", "EPERM", ESCAPE("bpf", "number 7", "bpf") },
	};
	static const struct row perf[] = { { "perf", "EPERM", ESCAPE("perf", NULL, "perf") } };
	static const char *const allowed[] = { "ok", "EFAULT" }; /* 7: BPF_OBJ_GET without a path */

	(void)state;
	CHECK_GUARD_RESULTS("bpf", bpf, allowed);
	CHECK_GUARD("perf", perf);
}

static void writing_to_what_steers_the_kernel_is_an_escape(void **state)
{
	static const struct row rows[] = {
		{ "open w /proc/sys/kernel/hostname", "EPERM",
		  ESCAPE("open", "/proc/sys/kernel/hostname", "kernel_control") },
		{ "open w /proc/sysrq-trigger", "EPERM",
		  ESCAPE("open", "/proc/sysrq-trigger", "kernel_control") },
		{ "open rw /sys/kernel/mm/transparent_hugepage/enabled", "EPERM",
		  ESCAPE("open", "/sys/kernel/mm/transparent_hugepage/enabled", "kernel_control") },
		{ "open w+trunc /sys/kernel/uevent_helper", "EPERM",
		  ESCAPE("open", "/sys/kernel/uevent_helper", "kernel_control") },
		{ "open r /proc/sys/kernel/hostname", "ok" },
		{ "open r /sys/kernel/mm/transparent_hugepage/enabled", "ok" },
	};

	(void)state;
	if (!exists("/sys/kernel/uevent_helper"))
		check_guard("kernel_control", "", rows, NULL, 3);
	else
		CHECK_GUARD("kernel_control", rows);
}

/* --- devices and cgroups
 * ------------------------------------------------------------------------------ */

/* Number of some block device that this host has, as $MAJOR and $MINOR. */
static bool find_disk(void)
{
	FILE *file = fopen("/proc/partitions", "re");
	unsigned int major = 0, minor = 0;
	char line[256];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, "%u %u", &major, &minor) == 2;
	if (file)
		(void)fclose(file);
	if (!found)
		return false;
	set_var("MAJOR", "%u", major);
	set_var("MINOR", "%u", minor);
	return !mknod(T "/disk", S_IFBLK | 0600, makedev(major, minor));
}

static void raw_devices_are_escapes(void **state)
{
	static const struct row rows[] = {
		{ "open r " T "/disk", "EPERM", ESCAPE("open", T "/disk", "raw_device") },
		{ "open w " T "/disk", "EPERM", ESCAPE("open", T "/disk", "raw_device") },
		{ "open none " T "/disk", "EPERM", ESCAPE("open", T "/disk", "raw_device") },
		{ "open r " T "/mem", "EPERM", ESCAPE("open", T "/mem", "raw_device") },
		{ "open r " T "/port", "EPERM", ESCAPE("open", T "/port", "raw_device") },
		{ "mkblk " T "/made $MAJOR $MINOR", "EPERM", ESCAPE("mknod", "*", "raw_device") },
		{ "open r /dev/null", "ok" },
		{ "mkchr " T "/null 1 3", "ok" },
	};
	static const struct row allowed[] = {
		{ "open r " T "/disk", "ok" },
		{ "open none " T "/disk", "ok" },
		{ "open r " T "/mem", "ok" },
		{ "open r " T "/port", "*" }, /* not every kernel has ports */
		{ "mkblk " T "/made $MAJOR $MINOR", "ok" },
	};

	(void)state;
	if (!find_disk())
		skip_because("this host has no block device");
	assert_int_equal(mknod(T "/mem", S_IFCHR | 0600, makedev(1, 1)), 0);
	assert_int_equal(mknod(T "/port", S_IFCHR | 0600, makedev(1, 4)), 0);
	check_rows(POLICY_OPEN "guards: {default: allow, raw_device: deny}\n", rows,
		   ARRAY_SIZE(rows));
	check_rows(POLICY_OPEN "guards: {default: deny, raw_device: allow}\n", allowed,
		   ARRAY_SIZE(allowed));
}

#define CGROUPS "/sys/fs/cgroup"

static void control_groups_are_out_of_reach(void **state)
{
	static const struct row rows[] = {
		{ "open w " CGROUPS "/cgroup.procs", "EPERM",
		  ESCAPE("open", CGROUPS "/cgroup.procs", "cgroup") },
		{ "open rw " CGROUPS "/cgroup.subtree_control", "EPERM",
		  ESCAPE("open", CGROUPS "/cgroup.subtree_control", "cgroup") },
		{ "mkdir " CGROUPS "/sbx-test-new", "EPERM", ESCAPE("mkdir", NULL, "cgroup") },
		{ "rmdir " CGROUPS "/sbx-test-old", "EPERM", ESCAPE("rmdir", NULL, "cgroup") },
		{ "in-cgroup " CGROUPS " ok", "EPERM", ESCAPE("fork", NULL, "cgroup") },
		{ "open r " CGROUPS "/cgroup.procs", "ok" },
		{ "list " CGROUPS, "ok" },
	};

	(void)state;
	assert_int_equal(mkdir(CGROUPS "/sbx-test-old", 0755), 0);
	CHECK_GUARD("cgroup", rows);
	assert_int_equal(rmdir(CGROUPS "/sbx-test-new"), 0);
	assert_false(exists(CGROUPS "/sbx-test-old"));
}

/* --- identities and programs
 * ------------------------------------------------------------------------- */

static void make_suid(const char *path, uid_t uid, gid_t gid, mode_t mode)
{
	make_program(path);
	assert_int_equal(chown(path, uid, gid), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void taking_another_identity_is_an_escape(void **state)
{
	static const struct row rows[] = {
		{ "fork setuid 1000", "EPERM", ESCAPE("setuid", "number 1000", "setuid") },
		{ "fork setresuid 1000", "EPERM", ESCAPE("setuid", "number 1000", "setuid") },
		{ "fork seteuid 1000", "EPERM", ESCAPE("setuid", "number 1000", "setuid") },
		{ "fork setfsuid 1000", "EPERM", ESCAPE("setuid", "number 0", "setuid") },
		{ "fork setgid 1000", "EPERM", ESCAPE("setuid", "number 1000", "setuid") },
		{ "exec " T "/suid", "EPERM", ESCAPE("setuid", T "/suid", "setuid") },
		{ "exec " T "/sgid", "EPERM", ESCAPE("setuid", T "/sgid", "setuid") },
		{ "fork setuid 0", "ok" },
		{ "exec " ACT, "ok" },
	};

	(void)state;
	make_suid(T "/suid", 1000, 0, 04755);
	make_suid(T "/sgid", 0, 1000, 02755);
	check_guard("setuid", "process: {no_new_privs: false}\n", rows, NULL, ARRAY_SIZE(rows));
}

static void without_new_privileges_a_set_user_id_program_is_a_plain_one(void **state)
{
	static const struct row rows[] = { { "exec " T "/suid", "ok" } };

	(void)state;
	make_suid(T "/suid", 1000, 0, 04755);
	check_rows(POLICY_OPEN "process: {no_new_privs: true}\n", rows, ARRAY_SIZE(rows));
}

static void executing_what_has_no_path_is_an_escape(void **state)
{
	static const struct row rows[] = {
		{ "memfd 9", "ok" },
		{ "fd-copy 9 " ACT, "ok" },
		{ "hold 8 r /proc/self/fd/9", "ok" },
		{ "close 9", "ok" },
		{ "fd-map 8 r", "ok" },
		{ "fd-exec 8", "EPERM", ESCAPE("exec", "*", "fileless_exec") },
		{ "fd-map 8 rx", "EPERM", ESCAPE("map-exec", "*", "fileless_exec") },
		{ "exec /proc/self/fd/8", "EPERM", ESCAPE("exec", "*", "fileless_exec") },
	};

	(void)state;
	CHECK_GUARD("fileless_exec", rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ptrace_of_a_process_outside_is_an_escape),
		TEST(proc_mem_of_others_or_for_writing_is_an_escape),
		TEST(a_signal_to_a_process_outside_is_an_escape),
		TEST(steering_a_process_outside_is_an_escape),
		TEST(typing_into_a_terminal_is_an_escape),
		TEST(configuring_the_network_is_an_escape),
		TEST(inside_the_job_everybody_may_trace_and_signal),
		TEST(changing_mounts_is_an_escape),
		TEST(new_ways_to_change_mounts_are_escapes_too),
		TEST(chroot_is_an_escape),
		TEST(unsharing_any_namespace_is_an_escape),
		TEST(cloning_into_any_new_namespace_is_an_escape),
		TEST(setns_to_a_process_outside_is_refused),
		TEST(loading_a_module_is_an_escape),
		TEST(loading_a_kernel_is_an_escape),
		TEST(bpf_and_perf_are_escapes),
		TEST(writing_to_what_steers_the_kernel_is_an_escape),
		TEST(raw_devices_are_escapes),
		TEST(control_groups_are_out_of_reach),
		TEST(taking_another_identity_is_an_escape),
		TEST(without_new_privileges_a_set_user_id_program_is_a_plain_one),
		TEST(executing_what_has_no_path_is_an_escape),
	};

	return RUN_SUITE("guards", tests);
}
