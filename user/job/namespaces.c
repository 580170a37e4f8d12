// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the keeper puts into new namespaces, and how the launcher's child enters them.  The user
 * namespace comes last and owns none of the others: root in it has no power over mounts, network
 * or processes, not even over the job's own.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "job/parts.h"
#include "lib/cleanup.h"

int sbx_loopback_up(void)
{
	sbx_cleanup(sbx_closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { .ifr_name = "lo" };

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request))
		return errno;
	request.ifr_flags = (short)(request.ifr_flags | IFF_UP);
	return ioctl(fd, SIOCSIFFLAGS, &request) ? errno : 0;
}

/* How long the machine has been up is nobody's business: the clocks start with the job. */
int sbx_clocks_from_zero(void)
{
	sbx_cleanup(sbx_closep) int fd = -1;
	struct timespec boot = { 0 };
	struct timespec mono = { 0 };
	char text[128];
	int len;

	if (unshare(CLONE_NEWTIME))
		return errno;
	(void)clock_gettime(CLOCK_BOOTTIME, &boot); /* cannot fail, nor can the next */
	(void)clock_gettime(CLOCK_MONOTONIC, &mono);
	len = snprintf(text, sizeof(text), "monotonic -%lld 0\nboottime -%lld 0\n",
		       (long long)mono.tv_sec, (long long)boot.tv_sec);
	fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
	return fd < 0 || write(fd, text, (size_t)len) != len ? errno : 0;
}

int sbx_namespaces_enter(const struct sbx_keeper *keeper, unsigned int namespaces)
{
	int flags = 0;

	flags |= namespaces & SBX_NS_IPC ? CLONE_NEWIPC : 0;
	flags |= namespaces & SBX_NS_UTS ? CLONE_NEWUTS : 0;
	flags |= namespaces & SBX_NS_NET ? CLONE_NEWNET : 0;
	flags |= namespaces & SBX_NS_MOUNT ? CLONE_NEWNS : 0;
	if (flags && setns(keeper->pid_fd, flags))
		return errno;
	if (namespaces & SBX_NS_TIME && setns(keeper->time_fd, CLONE_NEWTIME))
		return errno;
	/* Made here, where this process is in the job's cgroup, which becomes its root. */
	return namespaces & SBX_NS_CGROUP && unshare(CLONE_NEWCGROUP) ? errno : 0;
}

int sbx_userns_enter(const struct sbx_keeper *keeper, unsigned int namespaces)
{
	return namespaces & SBX_NS_USER && setns(keeper->pid_fd, CLONE_NEWUSER) ? errno : 0;
}

int sbx_pidns_for_children(const struct sbx_keeper *keeper, unsigned int namespaces,
			   int *ret_own_fd)
{
	sbx_cleanup(sbx_closep) int own_fd = -1;

	if (!(namespaces & SBX_NS_PID))
		return 0;
	own_fd = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	if (own_fd < 0 || setns(keeper->pid_fd, CLONE_NEWPID))
		return -errno;
	*ret_own_fd = SBX_TAKE(own_fd, -1);
	return 0;
}

int sbx_pidns_back(int *own_fd)
{
	int r = *own_fd >= 0 && setns(*own_fd, CLONE_NEWPID) ? -errno : 0;

	sbx_closep(own_fd);
	return r;
}
