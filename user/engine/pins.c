// SPDX-License-Identifier: GPL-2.0-only
/* Names and places under bpffs, the lock, and the check that what is pinned is what we expect. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "engine/internal.h"
#include "lib/cleanup.h"

#define BPFFS_DEFAULT "/sys/fs/bpf"
#define RUN_DIR "/run/sbx-bpf"
#define LOCK_FILE RUN_DIR "/engine.lock"

struct map_shape {
	const char *name;
	__u32 type;
	__u32 key_size;
	__u32 value_size;
};

static const struct map_shape shapes[SBX_MAP_MAX_] = {
	[SBX_MAP_SUBJECTS] = { "sbx_subjects", BPF_MAP_TYPE_HASH, 8, 8 },
	[SBX_MAP_JOBS] = { "sbx_jobs", BPF_MAP_TYPE_ARRAY, 4, sizeof(struct sbx_job) },
	[SBX_MAP_STATE] = { "sbx_job_state", BPF_MAP_TYPE_HASH, 8, sizeof(struct sbx_job_state) },
	[SBX_MAP_EDGES] = { "sbx_edges", BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4 },
	[SBX_MAP_PREFIXES] = { "sbx_prefixes", BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4 },
	[SBX_MAP_CLASSES] = { "sbx_classes", BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4 },
	[SBX_MAP_PROGRAMS] = { "sbx_programs", BPF_MAP_TYPE_HASH_OF_MAPS, 8, 4 },
	[SBX_MAP_RINGS] = { "sbx_rings", BPF_MAP_TYPE_HASH_OF_MAPS, 8, 4 },
	[SBX_MAP_GRANTS] = { "sbx_grants", BPF_MAP_TYPE_HASH_OF_MAPS, 8, 4 },
	[SBX_MAP_PENDINGS] = { "sbx_pendings", BPF_MAP_TYPE_HASH_OF_MAPS, 8, 4 },
	[SBX_MAP_METERS] = { "sbx_meters", BPF_MAP_TYPE_HASH, 8, sizeof(struct sbx_meter) },
	[SBX_MAP_DESTS] = { "sbx_dests", BPF_MAP_TYPE_HASH_OF_MAPS, 8, 4 },
	[SBX_MAP_META] = { "sbx_meta", BPF_MAP_TYPE_ARRAY, 4, sizeof(struct sbx_meta) },
	[SBX_MAP_KEEPERS] = { "sbx_keepers", BPF_MAP_TYPE_TASK_STORAGE, 4, 4 },
};

const char *sbx_map_name(enum sbx_map map)
{
	return shapes[map].name;
}

int sbx_pins_root(const struct sbx_probe *probe, char *ret_path, size_t size, struct sbx_error *err)
{
	const char *bpffs = probe->bpffs[0] ? probe->bpffs : BPFFS_DEFAULT;

	if (!probe->bpffs[0] && mount("bpf", BPFFS_DEFAULT, "bpf", 0, "mode=0700"))
		return sbx_fail(err, errno, "mount -t bpf bpf " BPFFS_DEFAULT,
				"no bpf filesystem is mounted, and mounting one on %s failed (%s)",
				BPFFS_DEFAULT, sbx_errno_name(errno));
	if ((size_t)snprintf(ret_path, size, "%s/sbx-bpf", bpffs) >= size)
		return sbx_fail(err, ENAMETOOLONG, NULL,
				"the path of the bpf filesystem is too long");
	if (mkdir(ret_path, 0700) && errno != EEXIST)
		return sbx_fail(err, errno, NULL, "cannot make \"%s\" (%s)", ret_path,
				sbx_errno_name(errno));
	return 0;
}

int sbx_pins_lock(int *ret_fd, struct sbx_error *err)
{
	int fd;

	if (mkdir(RUN_DIR, 0700) && errno != EEXIST)
		return sbx_fail(err, errno, NULL, "cannot make \"" RUN_DIR "\" (%s)",
				sbx_errno_name(errno));
	fd = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return sbx_fail(err, errno, NULL, "cannot open \"" LOCK_FILE "\" (%s)",
				sbx_errno_name(errno));
	while (flock(fd, LOCK_EX)) {
		if (errno == EINTR)
			continue;
		(void)close(fd);
		return sbx_fail(err, errno, NULL, "cannot lock \"" LOCK_FILE "\" (%s)",
				sbx_errno_name(errno));
	}
	*ret_fd = fd;
	return 0;
}

void sbx_pins_unlock(int fd)
{
	if (fd >= 0)
		(void)close(fd); /* the lock goes with the open file */
}

int sbx_pins_remove(const char *dir)
{
	sbx_cleanup(sbx_closedirp) DIR *entries = opendir(dir);
	struct dirent *entry;
	char path[512];

	if (!entries)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(entries))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (entry->d_type == DT_DIR ? sbx_pins_remove(path) : unlink(path))
			return errno ? -errno : -EIO;
	}
	return rmdir(dir) ? -errno : 0;
}

static bool shape_fits(int fd, const struct map_shape *shape)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);

	return !bpf_obj_get_info_by_fd(fd, &info, &len) && info.type == shape->type &&
	       info.key_size == shape->key_size && info.value_size == shape->value_size;
}

int sbx_pins_open_maps(struct sbx_engine *engine)
{
	char path[512];

	for (int i = 0; i < SBX_MAP_MAX_; i++) {
		(void)snprintf(path, sizeof(path), "%s/maps/%s", engine->pins, shapes[i].name);
		engine->map_fds[i] = bpf_obj_get(path);
		if (engine->map_fds[i] < 0)
			return errno == ENOENT ? -ESTALE : -errno;
		if (!shape_fits(engine->map_fds[i], &shapes[i]))
			return -ESTALE;
	}
	return 0;
}

/* A cgroup's link that is attached: it has a program, and it is the right cgroup. */
static bool link_holds(const char *path, __u64 cgroup)
{
	sbx_cleanup(sbx_closep) int fd = bpf_obj_get(path);
	struct bpf_link_info info = { 0 };
	__u32 len = sizeof(info);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len) || !info.prog_id)
		return false;
	return info.type == BPF_LINK_TYPE_CGROUP && info.cgroup.cgroup_id == cgroup;
}

/* How many pins there are; with a cgroup, only if all hold. */
static __u32 count_links(const struct sbx_engine *engine, const char *name, __u64 cgroup)
{
	sbx_cleanup(sbx_closedirp) DIR *entries = NULL;
	struct dirent *entry;
	char path[600];
	__u32 n = 0;

	(void)snprintf(path, sizeof(path), "%s/%s", engine->pins, name);
	entries = opendir(path);
	while (entries && (entry = readdir(entries))) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s/%s", engine->pins, name, entry->d_name);
		if (cgroup && !link_holds(path, cgroup))
			return 0;
		n++;
	}
	return n;
}

/*
 * The kernel detaches nothing that is pinned but links of cgroups, on request or with the cgroup:
 * these are looked at one by one, by a second pin, and the others counted.
 */
int sbx_pins_check_links(const struct sbx_engine *engine)
{
	__u64 cgroup = sbx_cgroup_id_of(engine->cgroup_root);
	struct sbx_meta meta;

	if (sbx_meta_read(engine, &meta) || !cgroup || meta.cgroup != cgroup)
		return -ESTALE;
	if (!meta.links || count_links(engine, "links", 0) != meta.links)
		return -ESTALE;
	return count_links(engine, "cgroup", cgroup) == meta.cgroup_links ? 0 : -ESTALE;
}
