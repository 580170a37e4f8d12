// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the launcher adds to a policy before it is compiled: the descriptors that the command
 * gets may be opened again under their names, and what sbx-bpf itself writes is out of reach.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "job/parts.h"
#include "lib/cleanup.h"
#include "lib/file.h"

#define RIGHTS_CHANGE (SBX_RIGHT_WRITE | SBX_RIGHT_CREATE | SBX_RIGHT_DELETE | SBX_RIGHT_ATTR)

/* Why a descriptor may not be passed on, or NULL. */
static const char *refusal(int fd, const struct stat *st)
{
	int domain = 0;
	socklen_t len = sizeof(domain);

	switch (st->st_mode & S_IFMT) {
	case S_IFREG:
	case S_IFCHR:
	case S_IFIFO:
	case S_IFDIR:
		return NULL;
	case S_IFSOCK:
		if (!getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) && domain == AF_UNIX)
			return NULL;
		return "a network socket, which was made outside the job's network rules";
	case S_IFBLK:
		return "a block device";
	default:
		return "a kernel object without a path";
	}
}

static int check_one(int fd, bool standard, struct sbx_error *err)
{
	struct stat st;
	int flags = fcntl(fd, F_GETFD);
	const char *why;

	/* Close-on-exec means that sbx-bpf opened it itself: the caller passed nothing here. */
	if (flags < 0 || (!standard && (flags & FD_CLOEXEC)) || fstat(fd, &st))
		return sbx_fail(
			err, EBADF,
			"open it in the shell (5>file), or take it out of process.descriptors",
			"descriptor %d is to be passed on, but is not open", fd);
	why = refusal(fd, &st);
	if (!why)
		return 0;
	return sbx_fail(
		err, EINVAL,
		"pass a terminal, pipe, file or Unix socket; a relay such as socat can stand "
		"between",
		"descriptor %d is %s", fd, why);
}

int sbx_job_check_descriptors(const struct sbx_policy *policy, struct sbx_error *err)
{
	const struct sbx_process *process = &policy->process;
	int r = 0;

	for (int fd = 0; fd <= 2 && !r; fd++)
		r = check_one(fd, true, err);
	for (size_t i = 0; i < process->n_keep_fds && !r; i++)
		r = check_one(process->keep_fds[i], process->keep_fds[i] <= 2, err);
	return r;
}

/* The path under which a descriptor's file can be opened again; false: there is none. */
static bool path_of(int fd, const struct stat *st, char *buf, size_t size)
{
	char link[64];
	struct stat named;
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, buf, size - 1);
	if (n <= 0 || (size_t)n >= size - 1 || *buf != '/')
		return false;
	buf[n] = '\0';
	/* A name with `*` would be read as a wildcard; a deleted file has no name any more. */
	return !strchr(buf, '*') && !stat(buf, &named) && named.st_dev == st->st_dev &&
	       named.st_ino == st->st_ino;
}

static int add_descriptor(struct sbx_policy *policy, int fd)
{
	char path[PATH_MAX];
	char origin[32];
	struct stat st;
	__u16 rights = 0;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fstat(fd, &st) || (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode)) ||
	    !path_of(fd, &st, path, sizeof(path)))
		return 0;
	if ((flags & O_ACCMODE) != O_WRONLY)
		rights |= SBX_RIGHT_READ;
	if ((flags & O_ACCMODE) != O_RDONLY)
		rights |= SBX_RIGHT_WRITE;
	if (S_ISCHR(st.st_mode))
		rights |= SBX_RIGHT_DEVICE;
	(void)snprintf(origin, sizeof(origin), "descriptor %d", fd);
	return sbx_policy_add_path(policy, false, rights, path, origin);
}

static int add_descriptors(struct sbx_policy *policy, bool kept)
{
	const struct sbx_process *process = &policy->process;
	int r = 0;

	for (int fd = 0; fd <= 2 && !r && !kept; fd++)
		r = add_descriptor(policy, fd);
	for (size_t i = 0; i < process->n_keep_fds && !r; i++)
		r = add_descriptor(policy, process->keep_fds[i]);
	/* Terminals of a /dev that was made for the job are the job's own. */
	if (!r && (policy->root.path || sbx_path_is_private(policy, "/dev/pts")))
		r = sbx_policy_add_path(policy, false,
					SBX_RIGHT_READ | SBX_RIGHT_LIST | SBX_RIGHT_WRITE |
						SBX_RIGHT_ATTR | SBX_RIGHT_DEVICE,
					"/dev/pts", "filesystem.private");
	if (!r && (kept || isatty(STDIN_FILENO)))
		r = sbx_policy_add_path(policy, false,
					SBX_RIGHT_READ | SBX_RIGHT_WRITE | SBX_RIGHT_DEVICE,
					"/dev/tty", "descriptor 0");
	return r;
}

/* The name itself, without links and `..` on the way to it. */
static int name_of(const char *path, char *out, size_t size)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX] = ".";
	char real[PATH_MAX];

	if (slash && snprintf(dir, sizeof(dir), "%.*s", (int)(slash == path ? 1 : slash - path),
			      path) >= (int)sizeof(dir))
		return -ENAMETOOLONG;
	if (!realpath(dir, real)) /* a folder that is made later is named in full */
		return *path == '/' && snprintf(out, size, "%s", path) < (int)size ? 0 : -ENOENT;
	return snprintf(out, size, "%s/%s", strcmp(real, "/") ? real : "",
			slash ? slash + 1 : path) < (int)size
		       ? 0
		       : -ENAMETOOLONG;
}

/* A rule of sbx-bpf about what is its own: the guard self_protect names who tries it. */
static int deny_own(struct sbx_policy *policy, __u16 rights, const char *path)
{
	int r = sbx_policy_add_path(policy, true, rights, path, "self-protect");

	if (!r)
		policy->paths[policy->n_paths - 1].own = true;
	return r;
}

/*
 * Denies `rights` to `path` and to what it leads to if it is a link; a device (/dev/stderr) is not
 * sbx-bpf's.
 */
static int protect(struct sbx_policy *policy, __u16 rights, const char *path)
{
	char name[PATH_MAX] = "";
	char target[PATH_MAX];
	struct stat st;
	int r = 0;

	if (!path || (!stat(path, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
		return 0;
	/* A name that no rule can hold is none that the job could aim at, either. */
	if (!name_of(path, name, sizeof(name)) && !strchr(name, '*'))
		r = deny_own(policy, rights, name);
	if (!r && realpath(path, target) && strcmp(target, name) != 0 && !strchr(target, '*'))
		r = deny_own(policy, rights, target);
	return r;
}

/* The log, and what it is called once it is put aside. */
static int protect_log(struct sbx_policy *policy, const char *path)
{
	unsigned int files = policy->audit.rotation.size ? policy->audit.rotation.keep : 0;
	char name[PATH_MAX];
	int r = protect(policy, RIGHTS_CHANGE, path);

	for (unsigned int i = 1; i <= files && path && !r; i++) {
		(void)snprintf(name, sizeof(name), "%s.%u", path, i);
		r = protect(policy, RIGHTS_CHANGE, name);
	}
	if (files && path && !r) {
		(void)snprintf(name, sizeof(name), "%s.new", path);
		r = protect(policy, RIGHTS_CHANGE, name);
	}
	return r;
}

int sbx_job_add_rules(struct sbx_policy *policy, const char *audit_path, const char *result_path,
		      bool kept, struct sbx_error *err)
{
	char state_dir[512];
	char *slash;
	int r = add_descriptors(policy, kept);

	(void)snprintf(state_dir, sizeof(state_dir), "%s", sbx_state_jobs_dir());
	slash = strrchr(state_dir, '/');
	if (slash && slash != state_dir)
		*slash = '\0'; /* /run/sbx-bpf as a whole */
	if (!r)
		r = protect(policy, RIGHTS_CHANGE | SBX_RIGHT_CONNECT, state_dir);
	if (!r)
		r = protect(policy, RIGHTS_CHANGE, sbx_state_logs_dir());
	if (!r && policy->root.directory) /* what is kept is for later readers, not for the job */
		r = sbx_policy_add_path(policy, true, SBX_RIGHT_ALL, policy->root.directory,
					"filesystem.root");
	if (!r)
		r = protect_log(policy, audit_path);
	if (!r && result_path && strncmp(result_path, "fd:", 3))
		r = protect(policy, RIGHTS_CHANGE, result_path);
	if (!r && policy->audit.key)
		r = protect(policy, SBX_RIGHT_ALL, policy->audit.key);
	for (char **file = policy->files; file && *file && !r; file++) {
		if (!access(*file, F_OK)) /* built-ins are no files */
			r = protect(policy, RIGHTS_CHANGE, *file);
	}
	return r ? sbx_fail(err, -r, NULL, "cannot add the launcher's own rules: %s",
			    sbx_errno_name(r))
		 : 0;
}

/*
 * Where programs of the host look names up for whoever asks: their answers pass no packet filter of
 * the job's, so they would open nothing, and what is asked there nobody judges.
 */
static const char *const resolver_sockets[] = {
	"/run/systemd/resolve/io.systemd.Resolve",
	"/run/systemd/resolve/io.systemd.Resolve.Monitor",
	"/run/nscd/socket",
	"/run/nslcd/socket",
	"/run/avahi-daemon/socket",
	"/var/lib/sss/pipes/nss",
};

int sbx_job_add_resolvers(struct sbx_policy *policy, struct sbx_error *err)
{
	sbx_cleanup(sbx_freep) char *text = NULL;
	bool names = sbx_policy_has_domains(policy);
	size_t len = 0;
	int r = 0;

	if (!names && !policy->dns.place.file)
		return 0;
	r = sbx_file_read("/etc/resolv.conf", &text, &len);
	if (r && r != -ENOENT)
		return sbx_fail(err, -r,
				"name the servers in the policy: network {dns: {servers: ...}}",
				"cannot read \"/etc/resolv.conf\" (%s)", sbx_errno_name(r));
	r = sbx_policy_add_resolvers(policy, text ? text : "");
	for (size_t i = 0; i < SBX_ARRAY_SIZE(resolver_sockets) && names && !r; i++)
		r = sbx_policy_add_path(policy, true, SBX_RIGHT_CONNECT, resolver_sockets[i],
					"domains");
	return r ? sbx_fail(err, -r, NULL, "cannot add the DNS servers: %s", sbx_errno_name(r)) : 0;
}
