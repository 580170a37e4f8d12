// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each guard on its own: with `deny` the act fails and the event names the guard; with `allow`,
 * all other guards denying, the same act goes through without one.  Here: the kernel itself,
 * devices, control groups.  (raw_socket and vsock: test_sockets.c.)
 */
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/guards.h"

static void loading_a_module_is_an_escape(void **state)
{
	static const struct row rows[] = {
		{ "module " T "/mod.ko", "EPERM", ESCAPE("module", T "/mod.ko", "module") },
		{ "module-mem", "EPERM", ESCAPE("module", NULL, "module") },
		{ "module-remove", "EPERM", ESCAPE("capability", "number 16", "module") },
	};
	static const char *const allowed[] = { "ENOEXEC", "ENOEXEC", "ENOENT" };

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

static void settings_of_the_whole_host_are_escapes(void **state)
{
	static const struct row rows[] = {
		{ "set-ifflags", "EPERM", ESCAPE("capability", "number 12", "kernel_control") },
		{ "sethostname", "EPERM", ESCAPE("capability", "number 21", "kernel_control") },
		{ "swapon " T "/swap", "EPERM",
		  ESCAPE("capability", "number 21", "kernel_control") },
		{ "acct-off", "EPERM", ESCAPE("capability", "number 20", "kernel_control") },
	};
	static const char *const allowed[] = { "ok", "ok", "EINVAL", "ok" };

	(void)state;
	make(T "/swap", "no swap space");
	CHECK_GUARD_RESULTS("kernel_control", rows, allowed);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(loading_a_module_is_an_escape),
		TEST(loading_a_kernel_is_an_escape),
		TEST(bpf_and_perf_are_escapes),
		TEST(settings_of_the_whole_host_are_escapes),
		TEST(writing_to_what_steers_the_kernel_is_an_escape),
		TEST(raw_devices_are_escapes),
		TEST(control_groups_are_out_of_reach),
	};

	return RUN_SUITE("guards_kernel", tests);
}
