// SPDX-License-Identifier: GPL-2.0-only
/* From a path to the disk below it, as io.max wants it named: a whole disk, no partition. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "job/parts.h"
#include "lib/cleanup.h"
#include "lib/file.h"

/*
 * A filesystem over several devices (btrfs) has a number of its own: its mount names one of them.
 * `ret_type`: of the filesystem, for the message when there is none.
 */
static dev_t device_of_mount(dev_t dev, char *ret_type, size_t size)
{
	sbx_cleanup(sbx_fclosep) FILE *mounts = fopen("/proc/self/mountinfo", "re");
	sbx_cleanup(sbx_freep) char *line = NULL;
	size_t cap = 0;

	while (mounts && getline(&line, &cap, mounts) > 0) {
		const char *rest = strstr(line, " - ");
		char source[PATH_MAX], type[64];
		unsigned int major_no, minor_no;
		struct stat st;

		if (!rest || sscanf(line, "%*d %*d %u:%u", &major_no, &minor_no) != 2 ||
		    makedev(major_no, minor_no) != dev ||
		    sscanf(rest, " - %63s %4095s", type, source) != 2)
			continue;
		(void)snprintf(ret_type, size, "%s", type);
		if (!stat(source, &st) && S_ISBLK(st.st_mode))
			return st.st_rdev;
	}
	return 0;
}

int sbx_io_device(const char *path, struct sbx_io_device *ret_device, struct sbx_error *err)
{
	char type[64] = "a filesystem";
	char name[64], sys[PATH_MAX], number[PATH_MAX];
	struct sbx_io_device device;
	struct stat st;
	char text[64];
	dev_t dev;

	if (stat(path, &st))
		return sbx_fail(err, errno, NULL, "limits.io: \"%s\": %s", path,
				sbx_errno_name(errno));
	dev = S_ISBLK(st.st_mode) ? st.st_rdev : st.st_dev;
	if (!major(dev))
		dev = device_of_mount(dev, type, sizeof(type));
	(void)snprintf(name, sizeof(name), "/sys/dev/block/%u:%u", major(dev), minor(dev));
	if (!dev || !realpath(name, sys))
		return sbx_fail(err, ENODEV, "name a block device, or a path on one",
				"limits.io: \"%s\" lies on %s, which is on no disk of this host",
				path, type);
	(void)snprintf(name, sizeof(name), "/sys/dev/block/%u:%u/partition", major(dev),
		       minor(dev));
	if (!access(name, F_OK) && strrchr(sys, '/') != sys)
		*strrchr(sys, '/') = '\0'; /* the disk that it is a part of */
	if (snprintf(number, sizeof(number), "%s/dev", sys) >= (int)sizeof(number))
		return sbx_fail(err, ENAMETOOLONG, NULL, "limits.io: \"%s\": the path is too long",
				sys);
	if (sbx_cgroup_read(-1, number, text, sizeof(text)) < 0 ||
	    sscanf(text, "%u:%u", &device.major, &device.minor) != 2)
		return sbx_fail(err, ENODEV, NULL, "limits.io: \"%s\" does not name a device",
				number);
	*ret_device = device;
	return 0;
}
