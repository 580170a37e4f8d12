// SPDX-License-Identifier: GPL-2.0-only
/* Acts on other processes, on identities, and on what steers the kernel. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/bpf.h>
#include <linux/kcmp.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/fsuid.h>
#include <sys/ptrace.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "act.h"

static pid_t spawned;

static pid_t launcher; /* who started this program */
static pid_t first;    /* this program, whatever it forks */

__attribute__((constructor)) static void remember(void)
{
	launcher = getppid();
	first = getpid();
}

/* The launcher's other child. */
static int watchdog(void)
{
	char path[64];
	FILE *file;
	int pid = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", launcher, launcher);
	file = fopen(path, "re");
	while (file && fscanf(file, "%d", &pid) == 1 && pid == first)
		pid = 0;
	if (file)
		(void)fclose(file);
	return pid;
}

int act_pid(const char *word)
{
	if (!strcmp(word, "launcher"))
		return launcher;
	if (!strcmp(word, "watchdog"))
		return watchdog();
	if (!strcmp(word, "self"))
		return getpid();
	if (!strcmp(word, "parent"))
		return getppid();
	if (!strcmp(word, "child"))
		return spawned;
	return atoi(word);
}

static int do_spawn(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	spawned = fork();
	if (!spawned) {
		for (;;)
			(void)pause();
	}
	return act_errno(spawned);
}

static int do_kill(int argc, char **argv)
{
	(void)argc;
	return act_errno(kill(act_pid(argv[0]), atoi(argv[1])));
}

static int do_tgkill(int argc, char **argv)
{
	pid_t pid = act_pid(argv[0]);

	(void)argc;
	return act_errno(syscall(SYS_tgkill, pid, pid, atoi(argv[1])));
}

static int do_sigqueue(int argc, char **argv)
{
	(void)argc;
	return act_errno(sigqueue(act_pid(argv[0]), atoi(argv[1]), (union sigval){ 0 }));
}

static int pidfd(const char *word)
{
	return (int)syscall(SYS_pidfd_open, act_pid(word), 0);
}

static int do_pidfd_kill(int argc, char **argv)
{
	int fd = pidfd(argv[0]);
	int code;

	(void)argc;
	if (fd < 0)
		return errno;
	code = act_errno(syscall(SYS_pidfd_send_signal, fd, atoi(argv[1]), NULL, 0));
	(void)close(fd);
	return code;
}

static int do_pidfd_getfd(int argc, char **argv)
{
	int fd = pidfd(argv[0]);
	int code;

	(void)argc;
	if (fd < 0)
		return errno;
	code = act_close(syscall(SYS_pidfd_getfd, fd, atoi(argv[1]), 0));
	(void)close(fd);
	return code;
}

static int do_process_madvise(int argc, char **argv)
{
	static char page[4096];
	struct iovec part = { .iov_base = page, .iov_len = sizeof(page) };
	int fd = pidfd(argv[0]);
	int code;

	(void)argc;
	if (fd < 0)
		return errno;
	code = act_errno(syscall(SYS_process_madvise, fd, &part, 1, 20 /* MADV_COLD */, 0));
	(void)close(fd);
	return code == EINVAL || code == ENOMEM ? 0 : code; /* let through, then nothing there */
}

static int attach(int request, const char *word)
{
	pid_t pid = act_pid(word);

	if (ptrace(request, pid, NULL, NULL))
		return errno;
	if (request == PTRACE_SEIZE)
		(void)ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
	(void)waitpid(pid, NULL, __WALL);
	return act_errno(ptrace(PTRACE_DETACH, pid, NULL, NULL));
}

static int do_ptrace(int argc, char **argv)
{
	(void)argc;
	return attach(PTRACE_ATTACH, argv[0]);
}

static int do_seize(int argc, char **argv)
{
	(void)argc;
	return attach(PTRACE_SEIZE, argv[0]);
}

static int do_traceme(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return act_errno(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

/* Of a child of ours the address is the same; of others it hardly exists, which shows as EFAULT. */
static int vm_access(long nr, const char *word)
{
	static char byte = 'x';
	char mine = 'y';
	struct iovec local = { .iov_base = &mine, .iov_len = 1 };
	struct iovec remote = { .iov_base = &byte, .iov_len = 1 };
	int code = act_errno(syscall(nr, act_pid(word), &local, 1, &remote, 1, 0));

	return code == EFAULT ? 0 : code;
}

static int do_vm_read(int argc, char **argv)
{
	(void)argc;
	return vm_access(SYS_process_vm_readv, argv[0]);
}

static int do_vm_write(int argc, char **argv)
{
	(void)argc;
	return vm_access(SYS_process_vm_writev, argv[0]);
}

static int do_kcmp(int argc, char **argv)
{
	(void)argc;
	return act_errno(syscall(SYS_kcmp, getpid(), act_pid(argv[0]), KCMP_VM, 0, 0));
}

static int do_module(int argc, char **argv)
{
	int fd = open(argv[0], O_RDONLY | O_CLOEXEC);
	int code;

	(void)argc;
	if (fd < 0)
		return errno;
	code = act_errno(syscall(SYS_finit_module, fd, "", 0));
	(void)close(fd);
	return code;
}

static int do_module_mem(int argc, char **argv)
{
	static const char image[256] = "\177ELF";

	(void)argc;
	(void)argv;
	return act_errno(syscall(SYS_init_module, image, sizeof(image), ""));
}

static int do_kexec(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return act_errno(syscall(SYS_kexec_load, 0, 0, NULL, 0));
}

static int do_kexec_file(int argc, char **argv)
{
	int fd = open(argv[0], O_RDONLY | O_CLOEXEC);
	int code;

	(void)argc;
	if (fd < 0)
		return errno;
	code = act_errno(syscall(SYS_kexec_file_load, fd, -1, 0UL, NULL, 4UL /* no initramfs */));
	(void)close(fd);
	return code;
}

static int do_bpf(int argc, char **argv)
{
	union bpf_attr attr;

	(void)argc;
	memset(&attr, 0, sizeof(attr));
	if (!strcmp(argv[0], "map")) {
		attr.map_type = BPF_MAP_TYPE_ARRAY;
		attr.key_size = 4;
		attr.value_size = 4;
		attr.max_entries = 1;
		return act_close(syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)));
	}
	return act_errno(syscall(SYS_bpf, atoi(argv[0]), &attr, sizeof(attr)));
}

static int do_perf(int argc, char **argv)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE,
					.size = sizeof(attr),
					.config = PERF_COUNT_SW_TASK_CLOCK };

	(void)argc;
	(void)argv;
	return act_close(syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0));
}

static int do_setuid(int argc, char **argv)
{
	(void)argc;
	return act_errno(setuid((uid_t)atoi(argv[0])));
}

static int do_seteuid(int argc, char **argv)
{
	(void)argc;
	return act_errno(seteuid((uid_t)atoi(argv[0])));
}

static int do_setresuid(int argc, char **argv)
{
	uid_t id = (uid_t)atoi(argv[0]);

	(void)argc;
	return act_errno(setresuid(id, id, id));
}

static int do_setgid(int argc, char **argv)
{
	(void)argc;
	return act_errno(setgid((gid_t)atoi(argv[0])));
}

static int do_setgroups(int argc, char **argv)
{
	gid_t group = (gid_t)atoi(argv[0]);

	(void)argc;
	return act_errno(setgroups(1, &group));
}

/* setfsuid tells nothing by itself; asking again does. */
static int do_setfsuid(int argc, char **argv)
{
	uid_t id = (uid_t)atoi(argv[0]);

	(void)argc;
	(void)setfsuid(id);
	return setfsuid((uid_t)-1) == (int)id ? 0 : EPERM;
}

static int do_swapon(int argc, char **argv)
{
	(void)argc;
	return act_errno(swapon(argv[0], 0));
}

static int do_sethostname(int argc, char **argv)
{
	char name[65] = "";

	(void)argc;
	(void)argv;
	if (gethostname(name, sizeof(name) - 1))
		return errno;
	return act_errno(sethostname(name, strlen(name)));
}

/* A wrong magic number, so that nothing happens even where it is allowed. */
static int do_reboot(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return act_errno(syscall(SYS_reboot, 0, 0, 0, NULL));
}

static int do_clock(int argc, char **argv)
{
	struct timeval now;

	(void)argc;
	(void)argv;
	if (gettimeofday(&now, NULL))
		return errno;
	return act_errno(settimeofday(&now, NULL));
}

/* Its own limit again: only whether it may be set is asked. */
static int do_prlimit(int argc, char **argv)
{
	struct rlimit limit;

	(void)argc;
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return errno;
	return act_errno(prlimit(act_pid(argv[0]), RLIMIT_NOFILE, &limit, NULL));
}

static int do_setpriority(int argc, char **argv)
{
	(void)argc;
	return act_errno(setpriority(PRIO_PROCESS, (id_t)act_pid(argv[0]), 0));
}

/* A character for whoever reads a new terminal of our own. */
static int do_tiocsti(int argc, char **argv)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave, code;

	(void)argc;
	(void)argv;
	if (master < 0 || unlockpt(master))
		return errno;
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
	code = slave < 0 ? errno : act_errno(ioctl(slave, TIOCSTI, "x"));
	(void)close(slave);
	(void)close(master);
	return code;
}

/* What control-alt-delete does, as it is on a booted Debian: changes nothing. */
static int do_reboot_cad(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return act_errno(reboot(RB_DISABLE_CAD));
}

/* The loopback interface's flags as they are: needs CAP_NET_ADMIN all the same. */
static int do_set_ifflags(int argc, char **argv)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0), code;

	(void)argc;
	(void)argv;
	code = fd < 0 ? errno : act_errno(ioctl(fd, SIOCGIFFLAGS, &request));
	if (!code)
		code = act_errno(ioctl(fd, SIOCSIFFLAGS, &request));
	(void)close(fd);
	return code;
}

const struct act process_acts[] = {
	{ "prlimit", 1, do_prlimit },
	{ "setpriority", 1, do_setpriority },
	{ "tiocsti", 0, do_tiocsti },
	{ "reboot-cad", 0, do_reboot_cad },
	{ "set-ifflags", 0, do_set_ifflags },
	{ "spawn", 0, do_spawn },
	{ "kill", 2, do_kill },
	{ "tgkill", 2, do_tgkill },
	{ "sigqueue", 2, do_sigqueue },
	{ "pidfd-kill", 2, do_pidfd_kill },
	{ "pidfd-getfd", 2, do_pidfd_getfd },
	{ "process-madvise", 1, do_process_madvise },
	{ "ptrace", 1, do_ptrace },
	{ "seize", 1, do_seize },
	{ "traceme", 0, do_traceme },
	{ "vm-read", 1, do_vm_read },
	{ "vm-write", 1, do_vm_write },
	{ "kcmp", 1, do_kcmp },
	{ "module", 1, do_module },
	{ "module-mem", 0, do_module_mem },
	{ "kexec", 0, do_kexec },
	{ "kexec-file", 1, do_kexec_file },
	{ "bpf", 1, do_bpf },
	{ "perf", 0, do_perf },
	{ "setuid", 1, do_setuid },
	{ "seteuid", 1, do_seteuid },
	{ "setresuid", 1, do_setresuid },
	{ "setgid", 1, do_setgid },
	{ "setgroups", 1, do_setgroups },
	{ "setfsuid", 1, do_setfsuid },
	{ "swapon", 1, do_swapon },
	{ "sethostname", 0, do_sethostname },
	{ "reboot", 0, do_reboot },
	{ "clock", 0, do_clock },
	{ NULL, 0, NULL },
};
