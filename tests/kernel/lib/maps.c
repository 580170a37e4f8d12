// SPDX-License-Identifier: GPL-2.0-only
/* The engine's pinned maps without any library: what a test changes, it changes as an admin could.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "start.h"

#define PINS "/sys/fs/bpf/sbx-bpf"

static int bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

const char *pins_dir(void)
{
	DIR *entries = opendir(PINS);
	const char *found = NULL;
	struct dirent *entry;

	while (entries && (entry = readdir(entries))) {
		if (entry->d_name[0] != '.' && !strstr(entry->d_name, "-new"))
			found = text(PINS "/%s", entry->d_name);
	}
	if (entries)
		(void)closedir(entries);
	return found;
}

int open_map(const char *name)
{
	const char *path = text("%s/maps/%s", pins_dir(), name);
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.pathname = (uint64_t)(uintptr_t)path;
	fd = bpf(BPF_OBJ_GET, &attr);
	if (fd < 0)
		fail_msg("cannot open %s: %s", path, strerror(errno));
	return fd;
}

size_t map_keys(int map_fd, uint64_t *ret_keys, size_t cap)
{
	union bpf_attr attr;
	uint64_t key = 0;
	size_t n = 0;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.next_key = (uint64_t)(uintptr_t)&key;
	while (n < cap && !bpf(BPF_MAP_GET_NEXT_KEY, &attr)) {
		ret_keys[n] = key;
		attr.key = (uint64_t)(uintptr_t)&ret_keys[n++];
	}
	return n;
}

int map_get(int map_fd, const void *key, void *ret_value)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.key = (uint64_t)(uintptr_t)key;
	attr.value = (uint64_t)(uintptr_t)ret_value;
	return bpf(BPF_MAP_LOOKUP_ELEM, &attr);
}

int map_put(int map_fd, const void *key, const void *value)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.key = (uint64_t)(uintptr_t)key;
	attr.value = (uint64_t)(uintptr_t)value;
	return bpf(BPF_MAP_UPDATE_ELEM, &attr);
}

int map_delete(int map_fd, const void *key)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.key = (uint64_t)(uintptr_t)key;
	return bpf(BPF_MAP_DELETE_ELEM, &attr);
}

static uint64_t number_in_record(const struct run *run, const char *key)
{
	const char *record = slurp(text("/run/sbx-bpf/jobs/%s/state", run->name));
	const char *at = record ? strstr(record, text("\n%s ", key)) : NULL;

	if (!at)
		fail_msg("the record of job %s has no %s", run->name, key);
	return strtoull(at + strlen(key) + 2, NULL, 10);
}

uint64_t job_number(const struct run *run)
{
	return number_in_record(run, "job");
}

uint64_t policy_number(const struct run *run)
{
	return number_in_record(run, "policy");
}
