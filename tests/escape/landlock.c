// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Landlock ruleset that comes nearest to policies/strict.yaml, with all that the kernel's
 * version of Landlock can say: for the comparison only.  It cannot deny below what it allows, nor
 * name a process's own part of /proc.
 */
#include "internal.h"

#include <linux/types.h>
#include <sys/prctl.h>

/* As in linux/landlock.h of Linux 6.12; the libc's may be older. */
struct ruleset {
	__u64 fs;
	__u64 net;
	__u64 scoped;
};

struct path_rule {
	__u64 allowed;
	__s32 parent_fd;
} __attribute__((packed));

struct port_rule {
	__u64 allowed;
	__u64 port;
};

#define RULE_PATH 1
#define RULE_PORT 2
#define FS_EXECUTE (1ULL << 0)
#define FS_READ (FS_EXECUTE << 2 | FS_EXECUTE << 3) /* files and folders */
#define FS_WRITE_FILE (1ULL << 1)
#define FS_OF_FILES (FS_EXECUTE | FS_WRITE_FILE | 1ULL << 2 | 1ULL << 14 | 1ULL << 15)
#define NET_CONNECT_TCP (1ULL << 1)

static int add_path(int ruleset, const char *path, __u64 allowed)
{
	struct path_rule rule = { .allowed = allowed, .parent_fd = open(path, O_PATH | O_CLOEXEC) };
	struct stat st;
	int code;

	if (rule.parent_fd < 0 || fstat(rule.parent_fd, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISDIR(st.st_mode))
		rule.allowed &= FS_OF_FILES;
	code = (int)syscall(SYS_landlock_add_rule, ruleset, RULE_PATH, &rule, 0) ? -errno : 0;
	(void)close(rule.parent_fd);
	return code;
}

static int add_paths(int ruleset, __u64 all)
{
	static const char *const programs[] = { "/usr", "/bin", "/sbin", "/lib", "/lib64", "/opt" };
	static const char *const devices[] = { "/dev/null", "/dev/zero", "/dev/urandom", "/dev/tty",
					       "/dev/ptmx" };
	int code = 0;

	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs) && !code; i++)
		code = add_path(ruleset, programs[i], (FS_READ | FS_EXECUTE) & all);
	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices) && !code; i++)
		code = add_path(ruleset, devices[i], (FS_READ | FS_WRITE_FILE) & all);
	if (!code)
		code = add_path(ruleset, below("look"), FS_READ & all);
	if (!code)
		code = add_path(ruleset, below("work"), all);
	return code ? code : add_path(ruleset, "/tmp", all);
}

int landlock_enter(void)
{
	static const __u64 fs_of_abi[] = { 0, 13, 14, 15, 15 };
	int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, 1 /* asks the version */);
	struct ruleset rights = { 0 };
	struct port_rule port = { .allowed = NET_CONNECT_TCP, .port = 8080 };
	size_t size = sizeof(rights);
	int fd, code;

	if (abi <= 0)
		return -errno;
	rights.fs = (1ULL << (abi < 5 ? fs_of_abi[abi] : 16)) - 1;
	rights.net = abi < 4 ? 0 : 3;	 /* bind and connect of TCP */
	rights.scoped = abi < 6 ? 0 : 3; /* abstract sockets, signals */
	if (abi < 6)
		size = abi < 4 ? sizeof(rights.fs) : sizeof(rights) - sizeof(rights.scoped);
	fd = (int)syscall(SYS_landlock_create_ruleset, &rights, size, 0);
	if (fd < 0)
		return -errno;
	code = add_paths(fd, rights.fs);
	if (!code && rights.net)
		code = (int)syscall(SYS_landlock_add_rule, fd, RULE_PORT, &port, 0);
	if (!code &&
	    (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_landlock_restrict_self, fd, 0)))
		code = -errno;
	(void)close(fd);
	return code ? code : abi;
}
