/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An engine that enforces nothing: it keeps bindings and counters in memory that forked children
 * share, so that a test sees what a watchdog or a launcher in another process did.  Include it
 * in exactly one file of a test; it defines everything of engine.h, so nothing of user/engine/
 * is linked (the tests link against an archive).
 */
#ifndef FAKE_ENGINE_H
#define FAKE_ENGINE_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/engine.h"
#include "lib/cleanup.h"

#define FAKE_JOBS_MAX 64

struct fake_job {
	struct sbx_binding binding; /* job 0: free */
	char path[512];
};

/* Shared between the test and what it forks. */
struct fake_shared {
	__u64 next_job;
	struct fake_job jobs[FAKE_JOBS_MAX];
	unsigned int released;
	struct sbx_job_state state;
	struct sbx_meter meter;
	unsigned int n_dests;
	pid_t strays[8]; /* tasks that name every job, though they are in no cgroup of theirs */
	int bind_error;	 /* negative errno for the next binds */
	int open_error;
	int n_events; /* that the next drain hands out */
	struct sbx_event event;
};

struct sbx_engine {
	struct fake_shared *shared;
	char root[256];
};

struct sbx_ring {
	int fd;
	sbx_event_fn fn;
	void *ctx;
};

static struct sbx_engine fake_engine;

/* The first cgroup2 mount; "" without one. */
static inline void fake_cgroup2(char *buf, size_t size)
{
	sbx_cleanup(sbx_fclosep) FILE *mounts = fopen("/proc/self/mounts", "re");
	char line[1024];
	char where[256];
	char type[64];

	buf[0] = '\0';
	while (mounts && !*buf && fgets(line, sizeof(line), mounts)) {
		if (sscanf(line, "%*s %255s %63s", where, type) == 2 && !strcmp(type, "cgroup2"))
			(void)snprintf(buf, size, "%s", where);
	}
}

/* Prepares the engine below the host's cgroup2; -1 where cgroups cannot be made. */
static inline int fake_init(void)
{
	char mount[256];

	fake_engine.shared = mmap(NULL, sizeof(*fake_engine.shared), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fake_engine.shared == MAP_FAILED)
		return -1;
	fake_cgroup2(mount, sizeof(mount));
	if (!*mount)
		return -1;
	(void)snprintf(fake_engine.root, sizeof(fake_engine.root), "%.200s/sbx-test-%d", mount,
		       getpid());
	if (mkdir(fake_engine.root, 0755))
		return -1;
	return rmdir(fake_engine.root);
}

static inline void fake_done(void)
{
	(void)rmdir(fake_engine.root);
	(void)munmap(fake_engine.shared, sizeof(*fake_engine.shared));
}

int sbx_probe_host(struct sbx_probe *ret_probe)
{
	*ret_probe = (struct sbx_probe){ .root = true,
					 .btf = true,
					 .bpf_in_lsm = true,
					 .lsm_known = true,
					 .preempt = SBX_PREEMPT_NONE,
					 .preempt_from = "a test",
					 .lsm = "fake,bpf",
					 .release = "fake",
					 .cgroup2 = "/fake",
					 .controllers = "cpu memory pids" };
	return 0;
}

int sbx_probe_require(const struct sbx_probe *probe, struct sbx_error *err)
{
	(void)probe;
	(void)err;
	return 0;
}

void sbx_probe_trampolines(struct sbx_probe *probe)
{
	probe->trampolines = 0;
}

int sbx_skips_open(const struct sbx_engine *engine, struct sbx_skips **ret_skips)
{
	(void)engine;
	*ret_skips = NULL;
	return 0;
}

int sbx_skips_read(struct sbx_skips *skips, sbx_skip_fn fn, void *ctx)
{
	(void)skips;
	(void)fn;
	(void)ctx;
	return 0;
}

void sbx_skips_close(struct sbx_skips *skips)
{
	(void)skips;
}

int sbx_engine_open(const struct sbx_accept *accept, struct sbx_engine **ret_engine,
		    bool *ret_loaded, struct sbx_error *err)
{
	(void)accept;
	if (fake_engine.shared && fake_engine.shared->open_error)
		return sbx_fail(err, -fake_engine.shared->open_error, "fake cure",
				"the fake engine was told to fail");
	if (!fake_engine.shared && fake_init())
		return sbx_fail(err, ENOTSUP, NULL, "no cgroup2 for the fake engine");
	if (ret_loaded)
		*ret_loaded = true;
	*ret_engine = &fake_engine;
	return 0;
}

void sbx_engine_close(struct sbx_engine *engine)
{
	(void)engine;
}

enum sbx_mechanism sbx_engine_mechanism(const struct sbx_engine *engine)
{
	(void)engine;
	return SBX_MECHANISM_LSM;
}

const char *sbx_engine_cgroup_root(const struct sbx_engine *engine)
{
	return engine->root;
}

int sbx_engine_bind(struct sbx_engine *engine, const struct sbx_compiled *compiled,
		    const char *cgroup_path, struct sbx_binding *ret_binding, struct sbx_error *err)
{
	struct fake_shared *shared = engine->shared;
	struct stat st;

	(void)compiled;
	if (shared->bind_error)
		return sbx_fail(err, -shared->bind_error, NULL, "the fake bind was told to fail");
	if (stat(cgroup_path, &st))
		return sbx_fail(err, errno, NULL, "fake bind: no cgroup");
	for (size_t i = 0; i < FAKE_JOBS_MAX; i++) {
		if (shared->jobs[i].binding.job)
			continue;
		shared->jobs[i].binding = (struct sbx_binding){ .job = ++shared->next_job,
								.policy = shared->next_job,
								.cgroup = st.st_ino };
		(void)snprintf(shared->jobs[i].path, sizeof(shared->jobs[i].path), "%s",
			       cgroup_path);
		*ret_binding = shared->jobs[i].binding;
		return 0;
	}
	return sbx_fail(err, ENOSPC, NULL, "fake bind: too many jobs");
}

static inline struct fake_job *fake_find(struct fake_shared *shared, __u64 job)
{
	for (size_t i = 0; i < FAKE_JOBS_MAX; i++) {
		if (shared->jobs[i].binding.job == job)
			return &shared->jobs[i];
	}
	return NULL;
}

/* Joining is a write, so that a test can make it fail with a descriptor of its choice. */
int sbx_engine_join_fd(int cgroup_fd)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)cgroup_fd;
	return fd < 0 ? -errno : fd;
}

int sbx_engine_join(int join_fd)
{
	return write(join_fd, "0", 1) == 1 ? 0 : -errno;
}

int sbx_engine_keep(struct sbx_engine *engine, int pid_fd)
{
	(void)engine;
	return pid_fd < 0 ? -EBADF : 0;
}

int sbx_engine_release(struct sbx_engine *engine, const struct sbx_binding *binding)
{
	struct fake_job *job = fake_find(engine->shared, binding->job);

	if (!job)
		return -ENOENT;
	job->binding.job = 0;
	engine->shared->released++;
	return 0;
}

bool sbx_engine_is_whole(const struct sbx_engine *engine)
{
	(void)engine;
	return true;
}

int sbx_engine_state(struct sbx_engine *engine, __u64 job, struct sbx_job_state *ret_state)
{
	(void)job;
	*ret_state = engine->shared->state;
	return 0;
}

int sbx_engine_meter(struct sbx_engine *engine, __u64 job, struct sbx_meter *ret_meter)
{
	*ret_meter = engine->shared->meter;
	ret_meter->id = job;
	return 0;
}

/* Destinations 10.0.0.0, 10.0.0.1, ...: the n-th was sent n packets of 100 bytes. */
int sbx_engine_dests(struct sbx_engine *engine, __u64 job, sbx_dest_fn fn, void *ctx)
{
	(void)job;
	for (unsigned int i = 0; i < engine->shared->n_dests; i++) {
		struct sbx_dest_key key = { .port = 443, .proto = 6 };
		struct sbx_dest dest = { .passed[SBX_WAY_OUT] = { i, 100ull * i } };

		memset(&key.addr[10], 0xff, 2);
		key.addr[12] = 10;
		key.addr[15] = (__u8)i;
		fn(&key, &dest, ctx);
	}
	return 0;
}

int sbx_engine_tasks(struct sbx_engine *engine, __u64 job, pid_t *ret_pids, size_t cap)
{
	struct fake_job *found = fake_find(engine->shared, job);
	sbx_cleanup(sbx_fclosep) FILE *procs = NULL;
	char path[600];
	int n = 0;
	int pid;

	(void)snprintf(path, sizeof(path), "%s/cgroup.procs", found ? found->path : "");
	procs = fopen(path, "re");
	while (procs && fscanf(procs, "%d", &pid) == 1) {
		if ((size_t)n < cap)
			ret_pids[n] = pid;
		n++;
	}
	for (size_t i = 0; i < SBX_ARRAY_SIZE(engine->shared->strays); i++) {
		pid = engine->shared->strays[i];
		if (!pid || kill(pid, 0))
			continue;
		if ((size_t)n < cap)
			ret_pids[n] = pid;
		n++;
	}
	return n;
}

int sbx_ring_open(struct sbx_engine *engine, __u64 job, sbx_event_fn fn, void *ctx,
		  struct sbx_ring **ret_ring)
{
	struct sbx_ring *ring = calloc(1, sizeof(*ring));

	(void)job;
	if (!ring)
		return -ENOMEM;
	ring->fd = eventfd(engine->shared->n_events > 0, EFD_CLOEXEC | EFD_NONBLOCK);
	ring->fn = fn;
	ring->ctx = ctx;
	*ret_ring = ring;
	return 0;
}

int sbx_ring_fd(const struct sbx_ring *ring)
{
	return ring->fd;
}

int sbx_ring_drain(struct sbx_ring *ring)
{
	struct fake_shared *shared = fake_engine.shared;
	int n = 0;
	eventfd_t value;

	(void)eventfd_read(ring->fd, &value);
	for (; shared->n_events > 0; shared->n_events--, n++) {
		shared->event.seq++;
		ring->fn(&shared->event, sizeof(shared->event), ring->ctx);
	}
	return n;
}

void sbx_ring_close(struct sbx_ring *ring)
{
	if (!ring)
		return;
	(void)close(ring->fd);
	free(ring);
}

int sbx_canary(struct sbx_engine *engine, bool all, struct sbx_error *err)
{
	(void)engine;
	(void)all;
	(void)err;
	return 0;
}

int sbx_engine_identify(struct sbx_engine *engine, const int *fds, size_t n,
			struct sbx_program *ret_programs, size_t *ret_at)
{
	(void)engine;
	(void)ret_at;
	for (size_t i = 0; i < n; i++) {
		struct stat st;

		if (fstat(fds[i], &st))
			return -errno;
		ret_programs[i] = (struct sbx_program){ .dev = st.st_dev,
							.ino = st.st_ino,
							.size = (__u64)st.st_size };
	}
	return 0;
}

int sbx_engine_each_job(struct sbx_engine *engine, sbx_job_fn fn, void *ctx)
{
	int r = 0;

	for (size_t i = 0; i < FAKE_JOBS_MAX && !r; i++) {
		struct fake_job job = engine->shared->jobs[i];

		if (job.binding.job)
			r = fn(&job.binding, access(job.path, F_OK) ? NULL : job.path, ctx);
	}
	return r;
}

int sbx_engine_unload(bool force, struct sbx_error *err)
{
	(void)force;
	(void)err;
	return 0;
}

int sbx_engine_gc(struct sbx_error *err)
{
	(void)err;
	return 0;
}

int sbx_engine_look(struct sbx_engine **ret_engine, struct sbx_error *err)
{
	return sbx_fail(err, ENOENT, NULL, "no engine is loaded (%p)", (void *)ret_engine);
}

int sbx_engine_grants(struct sbx_engine *engine, const struct sbx_binding *binding, sbx_grant_fn fn,
		      void *ctx)
{
	(void)engine;
	(void)binding;
	(void)fn;
	(void)ctx;
	return 0;
}

#endif /* FAKE_ENGINE_H */
