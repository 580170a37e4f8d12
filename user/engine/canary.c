// SPDX-License-Identifier: GPL-2.0-only
/*
 * Proof that the kernel refuses: a resident job of our own, whose short-lived tasks try acts that
 * its policy denies, and the same acts where it allows them.  An attach that enforces nothing
 * looks like any other, so only this decides whether something may run.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "engine/internal.h"
#include "lib/cleanup.h"
#include "lib/diag.h"

#define DIR_PATH "/run/sbx-bpf/canary"
#define OPEN_PORT 1 /* the policy's one allowed destination port */
#define SHUT_PORT 2

static const char canary_policy[] =
	"version: 1\n"
	"name: canary\n"
	"filesystem:\n"
	"  default: allow\n"
	"  rules:\n"
	"    - {deny: [read, list, write, create, delete, exec, attr, connect, device],\n"
	"       paths: [" DIR_PATH "/deny]}\n"
	"    - {deny: exec, paths: [" DIR_PATH "/noexec]}\n"
	"network:\n"
	"  mode: filtered\n"
	"  rules:\n"
	"    - {allow: {to: [127.0.0.1], ports: [1], protocols: [udp]}}\n"
	"  listen: {to: [127.0.0.1], ports: [1], protocols: [udp]}\n"
	"guards: {default: deny}\n"
	"audit: {rate: 1/s}\n";

/* One act: on what is allowed (`deny` false) or denied; 0 or errno. */
typedef int (*act_fn)(bool deny);

static const char *place(bool deny)
{
	return deny ? DIR_PATH "/deny" : DIR_PATH "/allow";
}

static const char *in_place(bool deny, const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", place(deny), name);
	return path;
}

static int act_open(bool deny)
{
	sbx_cleanup(sbx_closep) int fd = open(in_place(deny, "file"), O_RDONLY | O_CLOEXEC);

	return fd < 0 ? errno : 0;
}

static int act_map_exec(bool deny)
{
	sbx_cleanup(sbx_closep) int fd = open(DIR_PATH "/noexec", O_RDONLY | O_CLOEXEC);
	void *map;

	(void)deny;
	if (fd < 0)
		return errno;
	map = mmap(NULL, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return errno;
	(void)munmap(map, 1);
	return 0;
}

static int act_mkdir(bool deny)
{
	char name[32];
	const char *path;

	(void)snprintf(name, sizeof(name), "dir-%d", (int)getpid()); /* other runs do the same */
	path = in_place(deny, name);

	if (mkdir(path, 0700))
		return errno;
	return rmdir(path) ? errno : 0;
}

static int act_rename(bool deny)
{
	char from[128];

	memcpy(from, in_place(false, "move"), sizeof(from));
	if (rename(from, in_place(deny, "moved")))
		return errno;
	(void)rename(in_place(deny, "moved"), from);
	return 0;
}

static int act_truncate(bool deny)
{
	return truncate(in_place(deny, "file"), 0) ? errno : 0;
}

static int act_chmod(bool deny)
{
	return chmod(in_place(deny, "file"), 0600) ? errno : 0;
}

static int act_utimes(bool deny)
{
	return utimensat(AT_FDCWD, in_place(deny, "file"), NULL, 0) ? errno : 0;
}

static struct sockaddr_in address(bool deny)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(deny ? SHUT_PORT : OPEN_PORT),
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
}

/* Where the loopback interface is down, the kernel finds that out after it has asked. */
static int unless_down(bool deny)
{
	return !deny && (errno == ENETUNREACH || errno == EADDRNOTAVAIL) ? 0 : errno;
}

static int act_connect(bool deny)
{
	sbx_cleanup(sbx_closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const struct sockaddr_in addr = address(deny);

	if (fd < 0)
		return errno;
	return connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) ? unless_down(deny) : 0;
}

static int act_connect6(bool deny)
{
	sbx_cleanup(sbx_closep) int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6,
				     .sin6_port = htons(deny ? SHUT_PORT : OPEN_PORT) };

	if (fd < 0)
		return errno;
	(void)inet_pton(AF_INET6, "::ffff:127.0.0.1", &addr.sin6_addr);
	return connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) ? unless_down(deny) : 0;
}

static int act_send(bool deny)
{
	sbx_cleanup(sbx_closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const struct sockaddr_in addr = address(deny);

	if (fd < 0)
		return errno;
	if (sendto(fd, "", 0, 0, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return unless_down(deny);
	return 0;
}

static int act_bind(bool deny)
{
	sbx_cleanup(sbx_closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const struct sockaddr_in addr = address(deny);

	if (fd < 0)
		return errno;
	if (!bind(fd, (const struct sockaddr *)&addr, sizeof(addr)))
		return 0;
	return errno == EADDRINUSE && !deny ? 0 : unless_down(deny);
}

static int act_family(bool deny)
{
	sbx_cleanup(sbx_closep) int fd = socket(deny ? AF_NETLINK : AF_UNIX, SOCK_DGRAM, 0);

	return fd < 0 ? errno : 0;
}

static int act_signal(bool deny)
{
	return kill(deny ? getppid() : getpid(), 0) ? errno : 0;
}

static int act_bpf(bool deny)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY };

	(void)deny;
	return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)) < 0 ? errno : 0;
}

static int act_namespace(bool deny)
{
	return unshare(deny ? CLONE_NEWNS : CLONE_FILES) ? errno : 0;
}

static int act_mount(bool deny)
{
	(void)deny;
	return mount("none", DIR_PATH "/allow", "tmpfs", 0, NULL) ? errno : 0;
}

static int act_raw(bool deny)
{
	sbx_cleanup(sbx_closep) int fd = socket(
		AF_INET, (deny ? SOCK_RAW : SOCK_DGRAM) | SOCK_CLOEXEC, deny ? IPPROTO_RAW : 0);

	return fd < 0 ? errno : 0;
}

/* True when a child is refused as its parent is. */
static int in_child(act_fn act)
{
	int status;
	pid_t pid;

	pid = fork();
	if (pid < 0)
		return errno;
	if (!pid)
		_exit(act(true) == EACCES ? 0 : 1);
	return waitpid(pid, &status, 0) == pid && !status ? 0 : EIO;
}

static int act_fork(bool deny)
{
	(void)deny;
	return in_child(act_open);
}

static int act_fork_net(bool deny)
{
	(void)deny;
	return in_child(act_connect);
}

/* `expect`: errno of the denied act, 0: there is none. `quick`: also before every run. */
static const struct {
	const char *name;
	act_fn act;
	int expect;
	bool allow; /* try the allowed act, too */
	bool quick;
	bool address; /* judged by cgroup programs, so by every mechanism */
} acts[] = {
	{ "open a file", act_open, EACCES, true, true, false },
	{ "map a file for execution", act_map_exec, EACCES, false, true, false },
	{ "make a directory", act_mkdir, EACCES, true, true, false },
	{ "rename", act_rename, EACCES, true, false, false },
	{ "truncate", act_truncate, EACCES, true, false, false },
	{ "change the mode", act_chmod, EACCES, true, false, false },
	{ "change the times", act_utimes, EACCES, true, true, false },
	{ "connect (IPv4)", act_connect, EACCES, true, true, true },
	{ "connect (v4-mapped IPv6)", act_connect6, EACCES, true, false, true },
	{ "send a datagram", act_send, EACCES, true, false, true },
	{ "bind", act_bind, EACCES, true, false, true },
	{ "make a raw socket", act_raw, EPERM, true, false, true },
	{ "make a socket of a closed family", act_family, EAFNOSUPPORT, true, true, false },
	{ "signal a process outside", act_signal, EPERM, true, true, false },
	{ "call bpf()", act_bpf, EPERM, false, false, false },
	{ "make a namespace", act_namespace, EPERM, true, false, false },
	{ "mount", act_mount, EPERM, false, false, false },
	{ "inherit at fork", act_fork, 0, true, true, false },
	{ "inherit the rules for addresses at fork", act_fork_net, 0, true, false, true },
};

static int make_file(const char *path, mode_t mode)
{
	sbx_cleanup(sbx_closep) int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, mode);

	return fd < 0 ? -errno : 0;
}

/* The things to act on; another run may make them at the same time. */
static int make_places(struct sbx_error *err)
{
	static const char *const dirs[] = { "/run/sbx-bpf", DIR_PATH, DIR_PATH "/allow",
					    DIR_PATH "/deny" };
	static const char *const files[] = { DIR_PATH "/allow/file", DIR_PATH "/allow/move",
					     DIR_PATH "/deny/file", DIR_PATH "/noexec" };
	int r = 0;

	for (size_t i = 0; i < SBX_ARRAY_SIZE(dirs); i++) {
		if (mkdir(dirs[i], 0700) && errno != EEXIST)
			r = -errno;
	}
	for (size_t i = 0; i < SBX_ARRAY_SIZE(files); i++) {
		if (!r)
			r = make_file(files[i], 0600);
	}
	if (r)
		return sbx_fail(err, -r, NULL,
				"cannot make the canary's files in \"" DIR_PATH "\" (%s)",
				sbx_errno_name(r));
	return 0;
}

void sbx_canary_cgroup(const struct sbx_engine *engine, char *ret_path, size_t size)
{
	(void)snprintf(ret_path, size, "%s/.canary-%s", engine->cgroup_root, sbx_load_build());
}

static int compile_canary(struct sbx_compiled **ret_compiled, struct sbx_error *err)
{
	static const struct sbx_policy_vars vars = { .home = "/", .workdir = "/", .tmpdir = "/" };
	struct sbx_diags diags = { 0 };
	struct sbx_policy *policy = NULL;
	int r;

	r = sbx_policy_parse("canary", canary_policy, sizeof(canary_policy) - 1, &vars, &policy,
			     &diags);
	if (!r)
		r = sbx_policy_compile(policy, NULL, NULL, ret_compiled, &diags);
	if (r)
		(void)sbx_fail(err, -r, NULL, "the canary's own policy does not compile: %s",
			       diags.n ? diags.items[0].text : sbx_errno_name(r));
	sbx_policy_free(policy);
	sbx_diags_free(&diags);
	return r;
}

int sbx_canary_make(struct sbx_engine *engine, struct sbx_error *err)
{
	struct sbx_compiled *compiled = NULL;
	struct sbx_binding binding;
	struct sbx_meta meta;
	char path[256];
	int r;

	sbx_canary_cgroup(engine, path, sizeof(path));
	if (mkdir(path, 0755) && errno != EEXIST)
		return sbx_fail(err, errno, NULL, "cannot make the cgroup \"%s\" (%s)", path,
				sbx_errno_name(errno));
	r = compile_canary(&compiled, err);
	if (r)
		return r;
	r = sbx_engine_bind_locked(engine, compiled, path, &binding, err);
	sbx_compiled_free(compiled);
	if (r)
		return r;
	if (sbx_meta_read(engine, &meta))
		return sbx_fail(err, errno, NULL, "cannot read the engine's own map");
	meta.canary = binding.job;
	if (sbx_meta_write(engine, &meta))
		return sbx_fail(err, errno, NULL, "cannot write the engine's own map");
	return 0;
}

struct report {
	int act; /* index, or -1: all went as it should */
	bool deny;
	int got;
};

/* Is there none to be judged?  Asked outside the job, in which our own refusal looks the same. */
static bool lacks_ipv6(void)
{
	sbx_cleanup(sbx_closep) int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 && errno == EAFNOSUPPORT;
}

/* The canary's child: joins the job, acts, and reports the first act that went wrong. */
static void canary_child(int join_fd, int report_fd, bool paths, bool all, bool no_ipv6)
{
	struct report report = { .act = -1 };
	int r = sbx_engine_join(join_fd);

	if (r) {
		report.act = (int)SBX_ARRAY_SIZE(acts);
		report.got = -r;
	}
	for (size_t i = 0; report.act < 0 && i < SBX_ARRAY_SIZE(acts); i++) {
		if ((!all && !acts[i].quick) || (!paths && !acts[i].address) ||
		    (no_ipv6 && acts[i].act == act_connect6))
			continue;
		report.got = acts[i].expect ? acts[i].act(true) : 0;
		report.deny = true;
		if (report.got == acts[i].expect && acts[i].allow) {
			report.got = acts[i].act(false);
			report.deny = false;
			if (!report.got)
				continue;
		} else if (report.got == acts[i].expect) {
			continue;
		}
		report.act = (int)i;
	}
	_exit(write(report_fd, &report, sizeof(report)) == sizeof(report) ? 0 : 1);
}

static int judge(const struct report *report, struct sbx_error *err)
{
	const char *cure = "do not run anything under this engine; `sbx-bpf doctor` tells more";

	if (report->act < 0)
		return 0;
	if (report->act >= (int)SBX_ARRAY_SIZE(acts))
		return sbx_fail(err, report->got, NULL, "the canary could not join its cgroup (%s)",
				sbx_errno_name(report->got));
	if (!report->deny)
		return sbx_fail(err, EBADMSG, cure,
				"the canary was refused what its policy allows: %s (%s)",
				acts[report->act].name, sbx_errno_name(report->got));
	return sbx_fail(
		err, EBADMSG, cure,
		"the kernel does not enforce: the canary was to be refused (%s) but got %s: %s",
		sbx_errno_name(acts[report->act].expect),
		report->got ? sbx_errno_name(report->got) : "through", acts[report->act].name);
}

int sbx_canary(struct sbx_engine *engine, bool all, struct sbx_error *err)
{
	sbx_cleanup(sbx_closep) int join_fd = -1;
	sbx_cleanup(sbx_closep) int cgroup_fd = -1;
	struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD };
	bool no_ipv6 = all && lacks_ipv6();
	struct report report = { 0 };
	int pipe_fds[2], status, clone_error;
	char path[300];
	ssize_t got;
	pid_t pid;
	int r;

	r = make_places(err);
	if (r)
		return r;
	sbx_canary_cgroup(engine, path, sizeof(path));
	cgroup_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	join_fd = cgroup_fd < 0 ? -1 : sbx_engine_join_fd(cgroup_fd);
	if (join_fd < 0 || pipe2(pipe_fds, O_CLOEXEC))
		return sbx_fail(err, errno, NULL, "cannot start the canary (%s)",
				sbx_errno_name(errno));
	args.cgroup = (__u64)cgroup_fd;
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args)); /* as fork: nothing is shared */
	if (!pid)
		canary_child(join_fd, pipe_fds[1], sbx_mechanism_judges_paths(engine->mechanism),
			     all, no_ipv6);
	clone_error = pid < 0 ? errno : 0;
	(void)close(pipe_fds[1]);
	got = pid < 0 ? -1 : read(pipe_fds[0], &report, sizeof(report));
	(void)close(pipe_fds[0]);
	if (pid > 0)
		(void)waitpid(pid, &status, 0);
	if (clone_error)
		return sbx_fail(
			err, clone_error,
			"no process may be in the cgroup of sbx-bpf itself: see its cgroup.procs",
			"cannot start the canary in its cgroup (%s)", sbx_errno_name(clone_error));
	if (got != (ssize_t)sizeof(report))
		return sbx_fail(err, EBADMSG, NULL, "the canary died without a report");
	return judge(&report, err);
}
