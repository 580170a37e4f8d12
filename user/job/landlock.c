// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system calls of Landlock: a plan becomes a restriction of the calling process.  Paths are
 * opened by the child, in the mounts and with the links that the job will see.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "job/landlock.h"
#include "lib/cleanup.h"

#define VERSION_FLAG 1u
#define RULE_PATH_BENEATH 1
#define RULE_NET_PORT 2
#define LOG_NEW_EXEC 2u /* from version 7: the kernel's audit log has refusals of the command */

/* The kernel's structures as of version 6; older kernels want them shorter. */
struct ruleset {
	__u64 fs;
	__u64 net;
	__u64 scoped;
};

struct path_beneath {
	__u64 access;
	__s32 parent_fd;
} __attribute__((packed));

static size_t ruleset_size(int abi)
{
	return abi < 4 ? sizeof(__u64) : abi < 6 ? 2 * sizeof(__u64) : sizeof(struct ruleset);
}

int sbx_landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION_FLAG);

	return abi > 0 ? (int)abi : -ENOTSUP;
}

void sbx_landlock_free(struct sbx_landlock *plan)
{
	for (size_t i = 0; i < plan->n_rules; i++)
		sbx_freep(&plan->rules[i].path);
	sbx_freep(&plan->rules);
	plan->n_rules = 0;
	sbx_freep(&plan->ports);
	plan->n_ports = 0;
}

/* A path that is gone by now needs no rule: nothing is allowed there. */
static int add_path(int ruleset_fd, const char *path, __u64 access, int flags)
{
	sbx_cleanup(sbx_closep) int fd = open(path, O_PATH | O_CLOEXEC | flags);
	struct path_beneath rule = { .access = access, .parent_fd = fd };
	struct stat st;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : errno;
	if (fstat(fd, &st))
		return errno;
	if (S_ISLNK(st.st_mode))
		return 0; /* following it asks for nothing */
	if (!S_ISDIR(st.st_mode))
		rule.access = sbx_landlock_of_file(access);
	if (!rule.access)
		return 0;
	/* What lies on no mount of this namespace has no path, and so no rule either. */
	if (syscall(SYS_landlock_add_rule, ruleset_fd, RULE_PATH_BENEATH, &rule, 0) &&
	    errno != EBADFD)
		return errno;
	return 0;
}

/*
 * Message queues lie on a mount of the kernel's own, but under the same root as on any mount of
 * them.  Without the privilege to mount they stay refused.
 */
static int add_queues(int ruleset_fd, __u64 access)
{
	sbx_cleanup(sbx_closep) int fs = (int)syscall(SYS_fsopen, "mqueue", FSOPEN_CLOEXEC);
	sbx_cleanup(sbx_closep) int mount = -1;
	struct path_beneath rule = { .access = access };

	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return 0;
	mount = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	if (mount < 0)
		return 0;
	rule.parent_fd = mount;
	return syscall(SYS_landlock_add_rule, ruleset_fd, RULE_PATH_BENEATH, &rule, 0) ? errno : 0;
}

int sbx_landlock_restrict(const struct sbx_landlock *plan)
{
	const struct ruleset attr = { .fs = plan->fs, .net = plan->net, .scoped = plan->scoped };
	sbx_cleanup(sbx_closep) int fd = -1;
	int r = 0;

	if (!plan->abi)
		return 0;
	fd = (int)syscall(SYS_landlock_create_ruleset, &attr, ruleset_size(plan->abi), 0);
	if (fd < 0)
		return errno;
	for (size_t i = 0; i < plan->n_rules && !r; i++)
		r = add_path(fd, plan->rules[i].path, plan->rules[i].access, O_NOFOLLOW);
	if (!r && plan->self)
		r = add_path(fd, "/proc/self", plan->self, 0);
	if (!r && plan->queues)
		r = add_queues(fd, plan->queues);
	for (size_t i = 0; i < plan->n_ports && !r; i++) {
		if (syscall(SYS_landlock_add_rule, fd, RULE_NET_PORT, &plan->ports[i], 0))
			r = errno;
	}
	if (r)
		return r;
	if (syscall(SYS_landlock_restrict_self, fd, plan->abi >= 7 ? LOG_NEW_EXEC : 0))
		return errno;
	return 0;
}

/* Exit status of the canary's child. */
enum { REFUSED_AND_ALLOWED, NOT_REFUSED, NOT_ALLOWED, NOT_RESTRICTED };

static __attribute__((noreturn)) void canary_child(const struct sbx_landlock *plan)
{
	int shut, open_fd;

	/* root without no_new_privs would do as well, but so it is as most jobs have it */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || sbx_landlock_restrict(plan))
		_exit(NOT_RESTRICTED);
	shut = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (shut >= 0 || errno != EACCES)
		_exit(NOT_REFUSED);
	open_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_exit(open_fd < 0 ? NOT_ALLOWED : REFUSED_AND_ALLOWED);
}

static __attribute__((noreturn)) void nested_child(const struct sbx_landlock *plan)
{
	/* Whichever the outer job may open; of the first not if it is under best effort itself. */
	static const char *const own[] = { "/proc/self/stat", "/dev/null", "/" };
	size_t i = 0;

	while (i < SBX_ARRAY_SIZE(own) && open(own[i], O_RDONLY | O_CLOEXEC) < 0)
		i++;
	if (i == SBX_ARRAY_SIZE(own))
		_exit(NOT_ALLOWED);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || sbx_landlock_restrict(plan))
		_exit(NOT_RESTRICTED);
	_exit(open(own[i], O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES ? REFUSED_AND_ALLOWED
									: NOT_REFUSED);
}

static int try(const struct sbx_landlock *plan, void (*child)(const struct sbx_landlock *plan),
	       struct sbx_error *err)
{
	static const char *const outcomes[] = { "", "did not refuse what it should",
						"was not allowed what it should be",
						"could not be switched on" };
	pid_t pid = fork();
	int status = 0;

	if (pid < 0)
		return sbx_fail(err, errno, NULL, "cannot start the canary of Landlock (%s)",
				sbx_errno_name(errno));
	if (!pid)
		child(plan);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == REFUSED_AND_ALLOWED)
		return 0;
	return sbx_fail(err, EBADMSG, "run nothing here that needs its files' rules enforced",
			"Landlock (version %d) does not enforce: a trial %s", plan->abi,
			WIFEXITED(status) && WEXITSTATUS(status) <= NOT_RESTRICTED
				? outcomes[WEXITSTATUS(status)]
				: "died");
}

int sbx_landlock_canary_nested(int abi, struct sbx_error *err)
{
	const struct sbx_landlock plan = { .abi = abi, .fs = sbx_landlock_handled(abi, false) };

	return try(&plan, nested_child, err);
}

int sbx_landlock_canary(int abi, struct sbx_error *err)
{
	static char proc[] = "/proc";
	struct sbx_landlock_rule rule = { .path = proc,
					  .access = sbx_landlock_handled(abi, false) };
	const struct sbx_landlock plan = {
		.abi = abi, .fs = sbx_landlock_handled(abi, false), .rules = &rule, .n_rules = 1
	};

	return try(&plan, canary_child, err);
}
