// SPDX-License-Identifier: GPL-2.0-only
/* Acts that take a privilege of root and have no path. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/fanotify.h>
#include <sys/klog.h>
#include <sys/quota.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

#include "act.h"

static int do_rtprio(int argc, char **argv)
{
	struct sched_param param = { .sched_priority = 1 };

	(void)argc;
	(void)argv;
	return act_errno(sched_setscheduler(0, SCHED_FIFO, &param));
}

static int do_nice(int argc, char **argv)
{
	(void)argc;
	return act_errno(setpriority(PRIO_PROCESS, 0, atoi(argv[0])));
}

static int do_rlimit_up(int argc, char **argv)
{
	struct rlimit limit;

	(void)argc;
	(void)argv;
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return errno;
	limit.rlim_max++;
	return act_errno(setrlimit(RLIMIT_NOFILE, &limit));
}

/* The class that decides on others' opens. */
static int do_fanotify(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return act_close(fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY));
}

static int do_acct_off(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return act_errno(syscall(SYS_acct, NULL));
}

static int do_vhangup(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return act_errno(vhangup());
}

/* The frequency that it has. */
static int do_adjtime(int argc, char **argv)
{
	struct timex time = { 0 };

	(void)argc;
	(void)argv;
	if (adjtimex(&time) < 0)
		return errno;
	time.modes = ADJ_FREQUENCY;
	return adjtimex(&time) < 0 ? errno : 0;
}

static int do_klog(int argc, char **argv)
{
	(void)argc;
	return act_errno(klogctl(atoi(argv[0]), NULL, 0));
}

static int do_quota_sync(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return act_errno(quotactl(QCMD(Q_SYNC, USRQUOTA), NULL, 0, NULL));
}

static int do_module_remove(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return act_errno(syscall(SYS_delete_module, "sbx-no-such-module", O_NONBLOCK));
}

/* A call of the 32-bit kind by a 64-bit program. */
static int do_compat(int argc, char **argv)
{
#if defined(__x86_64__)
	long result = atol(argv[0]);

	(void)argc;
	__asm__ volatile("int $0x80"
			 : "+a"(result)
			 : "b"(atol(argv[1])), "c"(0L), "d"(0L), "S"(0L), "D"(0L)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)result < 0 ? -(int)result : 0;
#else
	(void)argc;
	(void)argv;
	return ENOSYS;
#endif
}

const struct act privilege_acts[] = {
	{ "rtprio", 0, do_rtprio },	    { "nice", 1, do_nice },
	{ "rlimit-up", 0, do_rlimit_up },   { "fanotify", 0, do_fanotify },
	{ "acct-off", 0, do_acct_off },	    { "vhangup", 0, do_vhangup },
	{ "adjtime", 0, do_adjtime },	    { "klog", 1, do_klog },
	{ "quota-sync", 0, do_quota_sync }, { "module-remove", 0, do_module_remove },
	{ "compat", 2, do_compat },	    { NULL, 0, NULL },
};
