// SPDX-License-Identifier: GPL-2.0-only
/* A job's limits, written and read back; and the figures that its cgroup keeps. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "job/parts.h"
#include "lib/cleanup.h"
#include "lib/file.h"

#define CPU_PERIOD_US 100000
#define VALUE_TEXT 4096 /* what one read of a control file gives at most: a cpuset can be long */
#define IO_LINE 192

/* A limit that is a control file: which controller offers it and how the value is written. */
struct control {
	enum sbx_limit limit;
	const char *controller;
	const char *file;
};

static const struct control controls[] = {
	{ SBX_LIMIT_MEMORY, "memory", "memory.max" },
	{ SBX_LIMIT_SWAP, "memory", "memory.swap.max" },
	{ SBX_LIMIT_CPU, "cpu", "cpu.max" },
	{ SBX_LIMIT_PIDS, "pids", "pids.max" },
	{ SBX_LIMIT_CPUSET, "cpuset", "cpuset.cpus" },
};

static const struct control io_control = { SBX_LIMIT_IO, "io", "io.max" };

const char *sbx_limit_name(enum sbx_limit limit)
{
	static const char *const names[SBX_LIMIT_MAX_] = {
		[SBX_LIMIT_MEMORY] = "memory",
		[SBX_LIMIT_SWAP] = "swap",
		[SBX_LIMIT_CPU] = "cpu",
		[SBX_LIMIT_PIDS] = "pids",
		[SBX_LIMIT_CPUSET] = "cpuset",
		[SBX_LIMIT_IO] = "io",
		[SBX_LIMIT_WALL_TIME] = "wall_time",
		[SBX_LIMIT_VIOLATIONS] = "violations",
		[SBX_LIMIT_DISK_WRITE] = "disk_write",
		[SBX_LIMIT_CPU_TIME] = "cpu_time",
		[SBX_LIMIT_ADDRESS_SPACE] = "address_space",
		[SBX_LIMIT_FILE_SIZE] = "file_size",
		[SBX_LIMIT_OPEN_FILES] = "open_files",
		[SBX_LIMIT_PROCESSES] = "processes",
		[SBX_LIMIT_CORE] = "core",
		[SBX_LIMIT_STACK] = "stack",
	};

	return names[limit];
}

__u64 sbx_limit_value(const struct sbx_limits *limits, enum sbx_limit limit)
{
	const __u64 values[SBX_LIMIT_MAX_] = {
		[SBX_LIMIT_MEMORY] = limits->memory,
		[SBX_LIMIT_SWAP] = limits->swap,
		[SBX_LIMIT_CPU] = limits->cpu_percent,
		[SBX_LIMIT_PIDS] = limits->pids,
		[SBX_LIMIT_CPUSET] = limits->cpuset ? 0 : SBX_LIMIT_NONE,
		[SBX_LIMIT_IO] = limits->n_io ? 0 : SBX_LIMIT_NONE,
		[SBX_LIMIT_WALL_TIME] = limits->wall_time_ms,
		[SBX_LIMIT_VIOLATIONS] = limits->violations,
		[SBX_LIMIT_DISK_WRITE] = limits->disk_write,
		[SBX_LIMIT_CPU_TIME] = limits->cpu_time_s,
		[SBX_LIMIT_ADDRESS_SPACE] = limits->address_space,
		[SBX_LIMIT_FILE_SIZE] = limits->file_size,
		[SBX_LIMIT_OPEN_FILES] = limits->open_files,
		[SBX_LIMIT_PROCESSES] = limits->processes,
		[SBX_LIMIT_CORE] = limits->core,
		[SBX_LIMIT_STACK] = limits->stack,
	};

	return values[limit];
}

__u64 sbx_wall_time(const struct sbx_limits *limits)
{
	return limits->wall_time_ms == SBX_LIMIT_NONE ? SBX_LIMIT_NONE
						      : limits->wall_time_ms + limits->grace_ms;
}

/* The value as the kernel writes it back: memory goes by whole pages. */
static void format_value(const struct sbx_limits *limits, enum sbx_limit limit, char *buf,
			 size_t size)
{
	__u64 value = sbx_limit_value(limits, limit);
	__u64 page = (__u64)sysconf(_SC_PAGESIZE);

	if (limit == SBX_LIMIT_CPU)
		(void)snprintf(buf, size, "%llu %d", value * (CPU_PERIOD_US / 100), CPU_PERIOD_US);
	else if (limit == SBX_LIMIT_CPUSET)
		(void)snprintf(buf, size, "%s", limits->cpuset);
	else if (limit == SBX_LIMIT_PIDS)
		(void)snprintf(buf, size, "%llu", value);
	else
		(void)snprintf(buf, size, "%llu", value / page * page);
}

/* Without swap on the host there is nothing to limit, and the file may be missing for that. */
static bool host_has_swap(void)
{
	sbx_cleanup(sbx_freep) char *text = NULL;
	const char *second_line;

	if (sbx_file_read("/proc/swaps", &text, NULL))
		return false;
	second_line = strchr(text, '\n');
	return second_line && second_line[1];
}

/* Why the parent does not offer the controller, for the one error message about it. */
static int explain_missing(const struct sbx_cgroup *cgroup, const struct control *control,
			   struct sbx_error *err)
{
	const char *limit = sbx_limit_name(control->limit);
	char parent[sizeof(cgroup->path)];
	char have[256];
	char *slash;

	memcpy(parent, cgroup->path, sizeof(parent));
	slash = strrchr(parent, '/');
	if (slash)
		*slash = '\0';
	slash = strrchr(parent, '/');
	if (slash)
		*slash = '\0'; /* where the jobs' directory gets its controllers from */
	strncat(parent, "/cgroup.subtree_control", sizeof(parent) - strlen(parent) - 1);
	if (sbx_cgroup_read(-1, parent, have, sizeof(have)) < 0)
		have[0] = '\0';
	have[strcspn(have, "\n")] = '\0';
	return sbx_fail(
		err, ENOTSUP,
		"if a cgroup v1 hierarchy holds the controller (see /proc/cgroups), boot with "
		"systemd.unified_cgroup_hierarchy=1; if a cgroup on the way has processes of "
		"its own, move them into a child; or take the limit out of the policy",
		"limits.%s needs the cgroup2 controller \"%s\", which \"%s\" does not have "
		"(\"%s\" holds \"%s\")",
		limit, control->controller, cgroup->path, parent, have);
}

/* A line of io.max: what is not limited is `max`, as the kernel writes it back. */
static void format_io(const struct sbx_io_device *device, const struct sbx_io_limit *io, char *buf,
		      size_t size)
{
	static const char *const keys[SBX_IO_KINDS_] = { "rbps", "wbps", "riops", "wiops" };
	size_t len = (size_t)snprintf(buf, size, "%u:%u", device->major, device->minor);

	for (int kind = 0; kind < SBX_IO_KINDS_ && len < size; kind++) {
		if (io->values[kind] == SBX_LIMIT_NONE)
			len += (size_t)snprintf(buf + len, size - len, " %s=max", keys[kind]);
		else
			len += (size_t)snprintf(buf + len, size - len, " %s=%llu", keys[kind],
						io->values[kind]);
	}
}

static int set_control(const struct sbx_cgroup *cgroup, const struct control *control,
		       const char *text, struct sbx_error *err)
{
	int r = sbx_cgroup_write(cgroup->fd, control->file, text);

	if (!r)
		return 0;
	if (r == -ENOENT || r == -EACCES) { /* cgroupfs does not let a file be created */
		if (control->limit == SBX_LIMIT_SWAP && !host_has_swap())
			return 0;
		return explain_missing(cgroup, control, err);
	}
	return sbx_fail(
		err, -r,
		control->limit == SBX_LIMIT_CPUSET
			? "name processors that this host has: /sys/devices/system/cpu/online"
			: NULL,
		"cannot set limits.%s: writing \"%s\" to \"%s/%s\": %s",
		sbx_limit_name(control->limit), text, cgroup->path, control->file,
		sbx_errno_name(r));
}

static int set_io(struct sbx_cgroup *cgroup, const struct sbx_limits *limits, struct sbx_error *err)
{
	char text[IO_LINE];
	int r = 0;

	for (size_t i = 0; i < limits->n_io && !r; i++) {
		r = sbx_io_device(limits->io[i].path, &cgroup->io[i], err);
		if (r)
			break;
		format_io(&cgroup->io[i], &limits->io[i], text, sizeof(text));
		r = set_control(cgroup, &io_control, text, err);
	}
	return r;
}

int sbx_cgroup_limit(struct sbx_cgroup *cgroup, const struct sbx_limits *limits,
		     struct sbx_error *err)
{
	char text[VALUE_TEXT];
	int r = set_io(cgroup, limits, err);

	if (r)
		return r;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(controls); i++) {
		if (sbx_limit_value(limits, controls[i].limit) == SBX_LIMIT_NONE)
			continue;
		format_value(limits, controls[i].limit, text, sizeof(text));
		r = set_control(cgroup, &controls[i], text, err);
		if (r)
			return r;
	}
	if (limits->memory == SBX_LIMIT_NONE)
		return 0;
	/* One task short of memory ends the job as a whole: half a job is no use to anyone. */
	r = sbx_cgroup_write(cgroup->fd, "memory.oom.group", "1");
	return r ? sbx_fail(err, -r, NULL, "cannot set \"%s/memory.oom.group\": %s", cgroup->path,
			    sbx_errno_name(r))
		 : 0;
}

/* Every line of io.max is as it was written. */
static bool io_holds(const struct sbx_cgroup *cgroup, const struct sbx_limits *limits)
{
	sbx_cleanup(sbx_freep) char *have = NULL;
	char want[IO_LINE];
	const char *found;

	if (limits->n_io && sbx_file_read_at(cgroup->fd, io_control.file, &have, NULL))
		return false;
	for (size_t i = 0; i < limits->n_io; i++) {
		format_io(&cgroup->io[i], &limits->io[i], want, sizeof(want));
		found = strstr(have, want);
		if (!found || found[strlen(want)] != '\n')
			return false;
	}
	return true;
}

unsigned int sbx_cgroup_lost_limits(const struct sbx_cgroup *cgroup,
				    const struct sbx_limits *limits)
{
	unsigned int lost = io_holds(cgroup, limits) ? 0 : 1u << SBX_LIMIT_IO;
	char want[VALUE_TEXT];
	char have[VALUE_TEXT];

	for (size_t i = 0; i < SBX_ARRAY_SIZE(controls); i++) {
		__u64 value = sbx_limit_value(limits, controls[i].limit);
		int r;

		if (value == SBX_LIMIT_NONE)
			continue;
		format_value(limits, controls[i].limit, want, sizeof(want));
		r = sbx_cgroup_read(cgroup->fd, controls[i].file, have, sizeof(have));
		if (r == -ENOENT && controls[i].limit == SBX_LIMIT_SWAP && !host_has_swap())
			continue;
		have[r < 0 ? 0 : strcspn(have, "\n")] = '\0';
		if (r < 0 || strcmp(want, have))
			lost |= 1u << controls[i].limit;
	}
	return lost;
}

/* A file with one number; 0 where there is none. */
static __u64 read_number(const struct sbx_cgroup *cgroup, const char *file)
{
	char text[64];

	if (sbx_cgroup_read(cgroup->fd, file, text, sizeof(text)) < 0)
		return 0;
	return strtoull(text, NULL, 10);
}

/* A line "key number" of a file; 0 where there is none. */
static __u64 read_key(const struct sbx_cgroup *cgroup, const char *file, const char *key)
{
	char text[1024];
	__u64 value = 0;

	if (sbx_cgroup_read(cgroup->fd, file, text, sizeof(text)) < 0)
		return 0;
	return sbx_cgroup_key(text, key, &value) ? value : 0;
}

/* Adds up "rbytes=" and "wbytes=" of all devices. */
static void read_io(const struct sbx_cgroup *cgroup, struct sbx_cgroup_figures *figures)
{
	sbx_cleanup(sbx_freep) char *text = NULL;

	if (sbx_file_read_at(cgroup->fd, "io.stat", &text, NULL))
		return;
	figures->has_io = true;
	for (const char *at = text; (at = strstr(at, "bytes=")); at += strlen("bytes=")) {
		__u64 bytes = strtoull(at + strlen("bytes="), NULL, 10);

		if (at > text && at[-1] == 'r')
			figures->read_bytes += bytes;
		else if (at > text && at[-1] == 'w')
			figures->write_bytes += bytes;
	}
}

int sbx_cgroup_figures(const struct sbx_cgroup *cgroup, struct sbx_cgroup_figures *ret_figures)
{
	struct sbx_cgroup_figures figures = { 0 };
	char cpu[1024];
	int r = sbx_cgroup_read(cgroup->fd, "cpu.stat", cpu, sizeof(cpu));

	if (r < 0)
		return r;
	(void)sbx_cgroup_key(cpu, "user_usec", &figures.cpu_user_us); /* stays 0 if missing */
	(void)sbx_cgroup_key(cpu, "system_usec", &figures.cpu_system_us);
	(void)sbx_cgroup_key(cpu, "nr_throttled", &figures.cpu_throttled);
	figures.memory_peak = read_number(cgroup, "memory.peak");
	figures.memory_now = read_number(cgroup, "memory.current");
	(void)sbx_cgroup_key(cpu, "throttled_usec", &figures.cpu_throttled_us);
	figures.swap_peak = read_number(cgroup, "memory.swap.peak");
	figures.swap_hits = read_key(cgroup, "memory.swap.events", "max");
	figures.pids_peak = read_number(cgroup, "pids.peak");
	figures.oom_kills = read_key(cgroup, "memory.events", "oom_kill");
	figures.pids_max_hits = read_key(cgroup, "pids.events", "max");
	read_io(cgroup, &figures);
	*ret_figures = figures;
	return 0;
}
