// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each guard on its own: with `deny` the act fails and the event names the guard; with `allow`,
 * all other guards denying, the same act goes through without one.  Here: mounts, the root
 * directory, namespaces.
 */
#include <sys/mount.h>

#include "lib/guards.h"

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
		{ "fspick " T "/moved", "EPERM", ESCAPE("mount", "*", "mount") },
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

/* int 0x80 without such calls in the kernel ends the process. */
static bool has_compat(void)
{
	static const char *const words[] = { ACT, "-x", "compat", "20", "0", NULL };

	return !command(words);
}

/* 310 is unshare, 430 fsopen; a call that fsopen refuses later has no name to read. */
static void calls_of_the_32_bit_kind_are_told_apart_too(void **state)
{
	static const struct row rows[] = {
		{ "fork compat 310 67108864", "EPERM", ESCAPE("namespace", NULL, "namespace") },
	};
	static const struct row mounts[] = {
		{ "compat 430 0", "EPERM", ESCAPE("mount", NULL, "mount") },
	};
	static const char *const allowed[] = { "EFAULT" };

	(void)state;
	if (!has_compat())
		skip_because("this kernel takes no 32-bit calls");
	CHECK_GUARD("namespace", rows);
	CHECK_GUARD_RESULTS("mount", mounts, allowed);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(changing_mounts_is_an_escape),
		TEST(new_ways_to_change_mounts_are_escapes_too),
		TEST(chroot_is_an_escape),
		TEST(unsharing_any_namespace_is_an_escape),
		TEST(calls_of_the_32_bit_kind_are_told_apart_too),
		TEST(cloning_into_any_new_namespace_is_an_escape),
		TEST(setns_to_a_process_outside_is_refused),
	};

	return RUN_SUITE("guards_mount", tests);
}
