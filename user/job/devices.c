// SPDX-License-Identifier: GPL-2.0-only
/* A /dev of the job's own: devices that produce or swallow bytes, terminals, shared memory. */
#include <errno.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "job/parts.h"
#include "lib/cleanup.h"

static const struct {
	const char *path;
	unsigned int major;
	unsigned int minor;
} nodes[] = {
	{ "/dev/null", 1, 3 },	 { "/dev/zero", 1, 5 },	   { "/dev/full", 1, 7 },
	{ "/dev/random", 1, 8 }, { "/dev/urandom", 1, 9 }, { "/dev/tty", 5, 0 },
};

static const struct {
	const char *path;
	const char *target;
} links[] = {
	{ "/dev/fd", "/proc/self/fd" },	      { "/dev/stdin", "/proc/self/fd/0" },
	{ "/dev/stdout", "/proc/self/fd/1" }, { "/dev/stderr", "/proc/self/fd/2" },
	{ "/dev/ptmx", "pts/ptmx" },
};

/* A terminal system of its own: nobody else's terminals are in it. */
static int make_dirs(void)
{
	if (mkdir("/dev/pts", 0755) || mkdir("/dev/shm", 0755))
		return errno;
	if (mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
		  "newinstance,ptmxmode=0666,mode=0620,gid=5"))
		return errno;
	return mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777") ? errno : 0;
}

int sbx_devices_make(void)
{
	if (mount("tmpfs", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755"))
		return errno;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(nodes); i++) {
		if (mknod(nodes[i].path, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)))
			return errno;
	}
	for (size_t i = 0; i < SBX_ARRAY_SIZE(links); i++) {
		if (symlink(links[i].target, links[i].path))
			return errno;
	}
	return make_dirs();
}
