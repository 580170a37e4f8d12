// SPDX-License-Identifier: GPL-2.0-only
/* Opening, replacing and removing the resident engine. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "engine/internal.h"
#include "lib/cleanup.h"

int sbx_meta_read(const struct sbx_engine *engine, struct sbx_meta *ret_meta)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(engine->map_fds[SBX_MAP_META], &zero, ret_meta);
}

int sbx_meta_write(const struct sbx_engine *engine, const struct sbx_meta *meta)
{
	__u32 zero = 0;

	return bpf_map_update_elem(engine->map_fds[SBX_MAP_META], &zero, meta, BPF_ANY);
}

__u64 sbx_cgroup_id_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_ino; /* of a cgroup2 directory, they are the same */
}

/* A cgroup's file handle is its id; FILEID_KERNFS of the kernel. */
int sbx_cgroup_path_of(const struct sbx_engine *engine, __u64 id, char *ret_path, size_t size)
{
	union {
		struct file_handle handle;
		unsigned char room[sizeof(struct file_handle) + sizeof(__u64)];
	} u = { .handle = { .handle_bytes = sizeof(id), .handle_type = 0xfe } };
	sbx_cleanup(sbx_closep) int mount_fd = -1;
	sbx_cleanup(sbx_closep) int fd = -1;
	char link[64];
	ssize_t n;

	mount_fd = open(engine->cgroup_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mount_fd < 0)
		return -errno;
	memcpy(u.handle.f_handle, &id, sizeof(id));
	fd = open_by_handle_at(mount_fd, &u.handle, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return errno == ESTALE ? -ENOENT : -errno;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, ret_path, size - 1);
	if (n < 0)
		return -errno;
	ret_path[n] = '\0';
	return 0;
}

/* securityfs tells which modules are active; a minimal guest may not have mounted it. */
static void mount_securityfs(void)
{
	if (access("/sys/kernel/security/lsm", F_OK))
		(void)mount("securityfs", "/sys/kernel/security", "securityfs", 0, NULL);
}

static struct sbx_engine *engine_new(void)
{
	struct sbx_engine *engine = calloc(1, sizeof(*engine));

	if (!engine)
		return NULL;
	engine->ring_fd = -1;
	engine->dests_fd = -1;
	for (int i = 0; i < SBX_MAP_MAX_; i++)
		engine->map_fds[i] = -1;
	return engine;
}

void sbx_engine_close(struct sbx_engine *engine)
{
	if (!engine)
		return;
	for (int i = 0; i < SBX_MAP_MAX_; i++)
		sbx_closep(&engine->map_fds[i]);
	sbx_closep(&engine->ring_fd);
	sbx_closep(&engine->dests_fd);
	free(engine);
}

static void engine_closep(struct sbx_engine **engine)
{
	sbx_engine_close(*engine);
}

enum sbx_mechanism sbx_engine_mechanism(const struct sbx_engine *engine)
{
	return engine->mechanism;
}

const char *sbx_engine_cgroup_root(const struct sbx_engine *engine)
{
	return engine->cgroup_root;
}

bool sbx_engine_is_whole(const struct sbx_engine *engine)
{
	return sbx_pins_check_links(engine) == 0;
}

static int set_places(struct sbx_engine *engine, const struct sbx_probe *probe,
		      struct sbx_error *err)
{
	char root[160];
	int r;

	r = sbx_pins_root(probe, root, sizeof(root), err);
	if (r)
		return r;
	/* no dots: bpffs keeps such names for itself */
	(void)snprintf(engine->pins, sizeof(engine->pins), "%s/%s", root, sbx_load_build());
	(void)snprintf(engine->cgroup_root, sizeof(engine->cgroup_root), "%s/sbx-bpf",
		       probe->cgroup2);
	if (mkdir(engine->cgroup_root, 0755) && errno != EEXIST)
		return sbx_fail(err, errno, "run sbx-bpf where it may make cgroups",
				"cannot make the cgroup \"%s\" (%s)", engine->cgroup_root,
				sbx_errno_name(errno));
	return 0;
}

/* The canary's cgroup and the common one; that stays while another engine's jobs are in it. */
static void remove_cgroups(const struct sbx_engine *engine)
{
	char path[256];

	sbx_canary_cgroup(engine, path, sizeof(path));
	(void)rmdir(path);
	(void)rmdir(engine->cgroup_root);
}

/* Loads beside the final name, proves it, and only then gives it that name. */
static int load_new(struct sbx_engine *engine, const struct sbx_probe *probe, struct sbx_error *err)
{
	char final[sizeof(engine->pins)];
	int r;

	memcpy(final, engine->pins, sizeof(final));
	if ((size_t)snprintf(engine->pins, sizeof(engine->pins), "%s-new", final) >=
	    sizeof(engine->pins))
		return sbx_fail(err, ENAMETOOLONG, NULL, "the path of the pins is too long");
	r = sbx_pins_remove(engine->pins); /* what a killed load left */
	if (r)
		(void)sbx_fail(err, -r, NULL, "cannot remove \"%s\" (%s)", engine->pins,
			       sbx_errno_name(r));
	else
		r = sbx_load_pin(probe, engine->mechanism, engine->pins, engine->cgroup_root, err);
	if (!r) {
		r = sbx_pins_open_maps(engine);
		if (r)
			(void)sbx_fail(err, -r, NULL, "cannot open the maps just pinned (%s)",
				       sbx_errno_name(r));
	}
	if (!r)
		r = sbx_canary_make(engine, err);
	if (!r)
		r = sbx_canary(engine, true, err);
	if (!r && rename(engine->pins, final))
		r = sbx_fail(err, errno, NULL, "cannot name \"%s\" (%s)", final,
			     sbx_errno_name(errno));
	if (r) {
		(void)sbx_pins_remove(engine->pins);
		remove_cgroups(engine);
	}
	memcpy(engine->pins, final, sizeof(final));
	return r;
}

int sbx_job_entry(const struct sbx_engine *engine, __u64 id, struct sbx_job *ret_job)
{
	__u32 slot = sbx_slot(id);
	struct sbx_job job;

	if (bpf_map_lookup_elem(engine->map_fds[SBX_MAP_JOBS], &slot, &job))
		return -errno;
	if (job.policy != id + 1)
		return -ENOENT;
	*ret_job = job;
	return 0;
}

int sbx_engine_each_job(struct sbx_engine *engine, sbx_job_fn fn, void *ctx)
{
	int fd = engine->map_fds[SBX_MAP_STATE];
	sbx_cleanup(sbx_freep) __u64 *ids = calloc(SBX_JOBS_MAX, sizeof(*ids));
	struct sbx_meta meta;
	size_t n = 0;
	int r = 0;

	if (!ids)
		return -ENOMEM;
	if (sbx_meta_read(engine, &meta))
		return -errno;
	/* The keys first: fn may remove jobs. */
	while (n < SBX_JOBS_MAX && !bpf_map_get_next_key(fd, n ? &ids[n - 1] : NULL, &ids[n]))
		n++;
	for (size_t i = 0; i < n && !r; i++) {
		struct sbx_binding binding = { .job = ids[i] };
		char path[4096];
		struct sbx_job job = { 0 };

		if (ids[i] == meta.canary || sbx_job_entry(engine, ids[i], &job))
			continue;
		binding.policy = job.policy;
		binding.cgroup = job.cgroup;
		r = sbx_cgroup_path_of(engine, job.cgroup, path, sizeof(path));
		r = fn(&binding, r ? NULL : path, ctx);
	}
	return r;
}

static int count_job(const struct sbx_binding *binding, const char *cgroup_path, void *ctx)
{
	(void)binding;
	(void)cgroup_path;
	(*(int *)ctx)++;
	return 0;
}

static bool is_used(struct sbx_engine *engine, int *ret_jobs)
{
	*ret_jobs = 0;
	for (int i = 0; i < SBX_MAP_MAX_; i++) {
		if (engine->map_fds[i] < 0)
			return false; /* its maps are gone, too: nothing can be bound to it */
	}
	return sbx_engine_each_job(engine, count_job, ret_jobs) || *ret_jobs;
}

/* Removes what is pinned; jobs would lose its programs, so not while there are any. */
static int replace(struct sbx_engine *engine, const char *why, struct sbx_error *err)
{
	int jobs, r;

	if (is_used(engine, &jobs))
		return sbx_fail(err, EBUSY, "end them (sbx-bpf ps), or sbx-bpf unload --force",
				"the pinned engine \"%s\" %s, and %d job%s still bound to it",
				engine->pins, why, jobs, jobs == 1 ? " is" : "s are");
	for (int i = 0; i < SBX_MAP_MAX_; i++)
		sbx_closep(&engine->map_fds[i]);
	r = sbx_pins_remove(engine->pins);
	if (r)
		return sbx_fail(err, -r, NULL, "cannot remove the engine \"%s\" (%s)", engine->pins,
				sbx_errno_name(r));
	return 0;
}

/* 0: it is open, and the caller is content with it; -ESTALE: it is broken, or of another kind. */
static int open_pinned(struct sbx_engine *engine, const struct sbx_probe *probe,
		       const struct sbx_accept *accept, const char **ret_why, struct sbx_error *err)
{
	struct sbx_meta meta;
	int r;

	*ret_why = "is broken";
	r = sbx_pins_open_maps(engine);
	if (!r)
		r = sbx_pins_check_links(engine);
	if (!r)
		r = sbx_meta_read(engine, &meta) ? -errno : 0;
	if (!r && (meta.mechanism == SBX_MECHANISM_ANY_ || meta.mechanism >= SBX_MECHANISM_MAX_))
		r = -ESTALE;
	if (r)
		return r == -ESTALE ? r
				    : sbx_fail(err, -r, "sbx-bpf unload --force, then try again",
					       "cannot open the pinned engine \"%s\" (%s)",
					       engine->pins, sbx_errno_name(r));
	engine->mechanism = (enum sbx_mechanism)meta.mechanism;
	*ret_why = "is of another mechanism than is asked for";
	return sbx_mechanism_suffices(engine->mechanism, probe, accept, err) ? -ESTALE : 0;
}

static int open_or_load(struct sbx_engine *engine, struct sbx_probe *probe,
			const struct sbx_accept *accept, bool *ret_loaded, struct sbx_error *err)
{
	enum sbx_mechanism mechanism;
	bool pinned = !access(engine->pins, F_OK);
	const char *why = "";
	int r;

	if (pinned) {
		r = open_pinned(engine, probe, accept, &why, err);
		if (r != -ESTALE)
			return r;
	}
	sbx_probe_trampolines(probe);
	r = sbx_mechanism_choose(probe, accept, &mechanism, err);
	if (!r && pinned)
		r = replace(engine, why, err);
	if (r)
		return r;
	engine->mechanism = mechanism;
	*ret_loaded = true;
	return load_new(engine, probe, err);
}

int sbx_engine_open(const struct sbx_accept *accept, struct sbx_engine **ret_engine,
		    bool *ret_loaded, struct sbx_error *err)
{
	sbx_cleanup(engine_closep) struct sbx_engine *engine = engine_new();
	struct sbx_probe probe;
	bool loaded = false;
	int lock_fd = -1;
	int r;

	if (!engine)
		return sbx_fail(err, ENOMEM, NULL, "out of memory");
	mount_securityfs();
	r = sbx_probe_host(&probe);
	if (!r)
		r = sbx_probe_require(&probe, err);
	if (!r)
		r = sbx_pins_lock(&lock_fd, err);
	if (r)
		return r;
	r = set_places(engine, &probe, err);
	if (!r)
		r = open_or_load(engine, &probe, accept, &loaded, err);
	sbx_pins_unlock(lock_fd);
	if (r)
		return r;
	if (ret_loaded)
		*ret_loaded = loaded;
	*ret_engine = SBX_TAKE(engine, NULL);
	return 0;
}

/* Opens the maps of one pin directory; for engines of other builds, whose maps may differ. */
static int jobs_left(const char *pins, const char *cgroup_root, int *ret_jobs)
{
	sbx_cleanup(engine_closep) struct sbx_engine *engine = engine_new();
	int r;

	if (!engine)
		return -ENOMEM;
	(void)snprintf(engine->pins, sizeof(engine->pins), "%s", pins);
	(void)snprintf(engine->cgroup_root, sizeof(engine->cgroup_root), "%s", cgroup_root);
	r = sbx_pins_open_maps(engine);
	if (!r)
		r = sbx_engine_each_job(engine, count_job, ret_jobs);
	return r;
}

/* Is any cgroup bound? This map has been the same in every build; without it, no. */
static bool has_subjects(const char *pins)
{
	sbx_cleanup(sbx_closep) int fd = -1;
	char path[600];
	__u64 cgroup;

	(void)snprintf(path, sizeof(path), "%s/maps/%s", pins, sbx_map_name(SBX_MAP_SUBJECTS));
	fd = bpf_obj_get(path);
	if (fd < 0)
		return errno != ENOENT;
	return !bpf_map_get_next_key(fd, NULL, &cgroup);
}

int sbx_engine_join_fd(int cgroup_fd)
{
	int fd = openat(cgroup_fd, "cgroup.threads", O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int sbx_engine_join(int join_fd)
{
	return write(join_fd, "0", 1) == 1 ? 0 : -errno;
}

static int with_places(struct sbx_engine **ret_engine, int *ret_lock_fd, struct sbx_error *err)
{
	struct sbx_engine *engine = engine_new();
	struct sbx_probe probe;
	int r;

	if (!engine)
		return sbx_fail(err, ENOMEM, NULL, "out of memory");
	r = sbx_probe_host(&probe);
	if (!r && !probe.root)
		r = sbx_fail(err, EPERM, "run it as root",
			     "sbx-bpf needs CAP_SYS_ADMIN and CAP_BPF");
	if (!r && !probe.cgroup2[0])
		r = sbx_probe_require(&probe, err);
	if (!r)
		r = sbx_pins_lock(ret_lock_fd, err);
	if (!r)
		r = set_places(engine, &probe, err);
	if (r) {
		sbx_engine_close(engine);
		return r;
	}
	*ret_engine = engine;
	return 0;
}

int sbx_engine_look(struct sbx_engine **ret_engine, struct sbx_error *err)
{
	sbx_cleanup(engine_closep) struct sbx_engine *engine = NULL;
	int lock_fd = -1;
	int r = with_places(&engine, &lock_fd, err);

	if (!r && access(engine->pins, F_OK))
		r = sbx_fail(err, ENOENT, NULL, "no engine of this build is loaded");
	if (!r) {
		r = sbx_pins_open_maps(engine);
		if (r)
			(void)sbx_fail(err, -r, NULL, "cannot open the pinned engine \"%s\" (%s)",
				       engine->pins, sbx_errno_name(r));
	}
	sbx_pins_unlock(lock_fd);
	if (!r)
		*ret_engine = SBX_TAKE(engine, NULL);
	return r;
}

int sbx_engine_unload(bool force, struct sbx_error *err)
{
	sbx_cleanup(engine_closep) struct sbx_engine *engine = NULL;
	int lock_fd = -1, jobs = 0;
	int r;

	r = with_places(&engine, &lock_fd, err);
	if (r) {
		sbx_pins_unlock(lock_fd);
		return r;
	}
	r = jobs_left(engine->pins, engine->cgroup_root, &jobs);
	if (r == -ESTALE && has_subjects(engine->pins)) {
		jobs = 1; /* at least */
		r = 0;
	}
	if (!r && jobs && !force)
		r = sbx_fail(err, EBUSY, "end them, or use --force",
			     "%d job%s still bound to the engine", jobs,
			     jobs == 1 ? " is" : "s are");
	else
		r = 0;
	if (!r) {
		r = sbx_pins_remove(engine->pins);
		if (r)
			(void)sbx_fail(err, -r, NULL, "cannot remove \"%s\" (%s)", engine->pins,
				       sbx_errno_name(r));
		remove_cgroups(engine);
	}
	sbx_pins_unlock(lock_fd);
	return r;
}

int sbx_engine_gc(struct sbx_error *err)
{
	sbx_cleanup(engine_closep) struct sbx_engine *engine = NULL;
	sbx_cleanup(sbx_closedirp) DIR *entries = NULL;
	struct dirent *entry;
	char root[256], path[600];
	int lock_fd = -1, n = 0;
	int r;

	r = with_places(&engine, &lock_fd, err);
	if (r) {
		sbx_pins_unlock(lock_fd);
		return r;
	}
	memcpy(root, engine->pins, sizeof(root));
	*strrchr(root, '/') = '\0';
	entries = opendir(root);
	while (entries && (entry = readdir(entries))) {
		int jobs = 0;

		(void)snprintf(path, sizeof(path), "%s/%s", root, entry->d_name);
		if (entry->d_name[0] == '.' || !strcmp(path, engine->pins))
			continue;
		r = jobs_left(path, engine->cgroup_root, &jobs);
		if (r == -ESTALE ? has_subjects(path) : r || jobs)
			continue; /* it still enforces; or its maps tell nothing: leave it */
		n += !sbx_pins_remove(path);
	}
	sbx_pins_unlock(lock_fd);
	return n;
}
