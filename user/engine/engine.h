/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The resident engine: BPF programs, links and maps, pinned so that they outlive every process.
 * The only folder that includes <bpf/...>.  One engine a build: another build has a pin directory
 * of its own and goes on enforcing its jobs until they are gone.
 */
#ifndef SBX_ENGINE_H
#define SBX_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/error.h"
#include "policy/compile.h"
#include "sbx/abi.h"

struct sbx_engine;
struct sbx_ring;

/* Where a task in the kernel can be preempted. */
enum sbx_preempt {
	SBX_PREEMPT_UNKNOWN = 0, /* counts as full */
	SBX_PREEMPT_NONE,
	SBX_PREEMPT_VOLUNTARY,
	SBX_PREEMPT_LAZY,
	SBX_PREEMPT_FULL,
};
const char *sbx_preempt_to_str(enum sbx_preempt mode); /* static */

/* True where the kernel can take the processor from a program half-way. */
static inline bool sbx_preempt_can(enum sbx_preempt mode)
{
	return mode != SBX_PREEMPT_NONE && mode != SBX_PREEMPT_VOLUNTARY;
}

/* Texts that tell, most trustworthy first; NULL: could not be read. */
struct sbx_preempt_sources {
	const char *sched;   /* /sys/kernel/debug/sched/preempt */
	const char *version; /* uname -v */
	const char *cmdline; /* /proc/cmdline */
	const char *config;  /* the kernel's configuration */
};
/* Pure. `ret_from`: static, which of them told. */
enum sbx_preempt sbx_preempt_find(const struct sbx_preempt_sources *sources, const char **ret_from);

/* What this host offers, found without changing anything. */
struct sbx_probe {
	bool root;	       /* CAP_SYS_ADMIN and CAP_BPF in the initial user namespace */
	bool btf;	       /* /sys/kernel/btf/vmlinux is readable */
	bool bpf_in_lsm;       /* `bpf` stands in /sys/kernel/security/lsm */
	bool lsm_known;	       /* that file could be read (securityfs is mounted or could be) */
	bool lockdown;	       /* lockdown refuses tracing programs */
	int trampolines;       /* 1: not tried; 0: programs on kernel functions load; -errno */
	char lsm[256];	       /* the list as read */
	char release[65];      /* uname -r */
	char cgroup2[128];     /* mount point of cgroup2, or "" */
	char bpffs[128];       /* mount point of bpffs, or "" */
	char controllers[128]; /* of the cgroup2 root */
	enum sbx_preempt preempt;
	const char *preempt_from; /* what told; static */
};
int sbx_probe_host(struct sbx_probe *ret_probe);

/* Tries one program on a kernel function (some 0.1 s): fills in `trampolines`. */
void sbx_probe_trampolines(struct sbx_probe *probe);

/* Fills in `preempt`; sbx_probe_host has done so, and it can change while the kernel runs. */
void sbx_probe_preempt(struct sbx_probe *probe);

/* Explains in `err` what every mechanism needs and this host lacks; 0 when it lacks nothing. */
int sbx_probe_require(const struct sbx_probe *probe, struct sbx_error *err);

/* What refuses, from the strongest down. */
enum sbx_mechanism {
	SBX_MECHANISM_ANY_ = 0, /* as a wish: the strongest that is to be had */
	SBX_MECHANISM_LSM,	/* BPF LSM programs */
	SBX_MECHANISM_FMOD_RET, /* the same programs on the functions that call the LSMs */
	SBX_MECHANISM_CGROUP,	/* addresses and socket types only, by cgroup programs */
	SBX_MECHANISM_MAX_,
};
const char *sbx_mechanism_to_str(enum sbx_mechanism mechanism); /* static; "none" for no other */
int sbx_mechanism_from_str(const char *word, enum sbx_mechanism *ret_mechanism); /* or -ENOENT */
/* True where files, execution and guards are judged, too: lsm and fmod_ret. */
bool sbx_mechanism_judges_paths(enum sbx_mechanism mechanism);

/* In what it is less than lsm, a line each; NULL-terminated, static. */
const char *const *sbx_mechanism_gaps(enum sbx_mechanism mechanism);

/* What a caller is content with. */
struct sbx_accept {
	bool best_effort;	  /* false: only what holds a whole policy (`require: kernel`) */
	enum sbx_mechanism force; /* this one and no other; SBX_MECHANISM_ANY_: choose */
};

/* Why this host cannot offer a mechanism (-ENOTSUP or as sbx_probe_require); 0: it can. */
int sbx_mechanism_lacks(const struct sbx_probe *probe, enum sbx_mechanism mechanism,
			struct sbx_error *err);
/* 0 when the caller is content with it, else -ENOTSUP and why not. */
int sbx_mechanism_suffices(enum sbx_mechanism mechanism, const struct sbx_probe *probe,
			   const struct sbx_accept *accept, struct sbx_error *err);
/* The strongest that this host has and the caller is content with; else as the two above. */
int sbx_mechanism_choose(const struct sbx_probe *probe, const struct sbx_accept *accept,
			 enum sbx_mechanism *ret_mechanism, struct sbx_error *err);

/*
 * Opens the pinned engine of this build if the caller is content with its mechanism; otherwise
 * loads the strongest that is, attaches, proves (canary) and pins it, in the place of a pinned one
 * that no job uses.
 * Takes the engine's lock while it does.  `ret_loaded` (may be NULL): true when it was loaded now.
 * Errors: -EPERM not root, -ENOTSUP the kernel lacks what is needed, -EBUSY jobs use an engine of
 * another mechanism, -EBADMSG the canary was not refused (nothing may run), others as the kernel
 * gave them; `err` says the cause and the cure.
 */
int sbx_engine_open(const struct sbx_accept *accept, struct sbx_engine **ret_engine,
		    bool *ret_loaded, struct sbx_error *err);
void sbx_engine_close(struct sbx_engine *engine); /* pins stay; NULL is fine */

/* What refuses: proven by the canary when the engine was loaded. */
enum sbx_mechanism sbx_engine_mechanism(const struct sbx_engine *engine);

/* The directory under which jobs' cgroups are made, e.g. "/sys/fs/cgroup/sbx-bpf". */
const char *sbx_engine_cgroup_root(const struct sbx_engine *engine);

/* A job as the engine knows it. */
struct sbx_binding {
	__u64 job; /* never 0, never given twice by one engine */
	__u64 policy;
	__u64 cgroup; /* cgroup id */
};

/*
 * Makes a job: inner maps, ring, counters, the job's entry, and last the subject entry for the
 * cgroup (an empty directory).  From the return on, every task that enters the cgroup is jailed.
 */
int sbx_engine_bind(struct sbx_engine *engine, const struct sbx_compiled *compiled,
		    const char *cgroup_path, struct sbx_binding *ret_binding,
		    struct sbx_error *err);

/*
 * How a task enters a job without waiting for the kernel: it is cloned into the bound cgroup
 * (clone3 with CLONE_INTO_CGROUP), so that cgroup.kill reaches it, and calls sbx_engine_join as its
 * last act before exec, with the descriptor that its parent opened by sbx_engine_join_fd
 * (close-on-exec; the caller's).  The write to cgroup.threads that this is moves nothing, but the
 * engine's tracepoint sees it; unlike one to cgroup.procs it waits for no grace period.
 */
int sbx_engine_join_fd(int cgroup_fd);
int sbx_engine_join(int join_fd);

/*
 * Marks a process of sbx-bpf's own, by its pidfd: what a job tries on it is the guard self_protect.
 * The mark ends with the process; a child does not inherit it.
 */
int sbx_engine_keep(struct sbx_engine *engine, int pid_fd);

/* Removes the job's entries.  The caller has made sure that no task names the job any more. */
int sbx_engine_release(struct sbx_engine *engine, const struct sbx_binding *binding);

/* Every program that was attached still is. */
bool sbx_engine_is_whole(const struct sbx_engine *engine);

int sbx_engine_state(struct sbx_engine *engine, __u64 job, struct sbx_job_state *ret_state);

/* The job's traffic so far. -ENOENT: this engine has no such job. */
int sbx_engine_meter(struct sbx_engine *engine, __u64 job, struct sbx_meter *ret_meter);

/* Calls fn for each destination that is counted, in no order. As sbx_engine_meter. */
typedef void (*sbx_dest_fn)(const struct sbx_dest_key *key, const struct sbx_dest *dest, void *ctx);
int sbx_engine_dests(struct sbx_engine *engine, __u64 job, sbx_dest_fn fn, void *ctx);

/*
 * Tasks (thread group ids, initial pid namespace, each once) that name the job, wherever their
 * cgroup is now.  Returns how many there are, of which at most `cap` are stored; negative errno.
 */
int sbx_engine_tasks(struct sbx_engine *engine, __u64 job, pid_t *ret_pids, size_t cap);

/*
 * What tells the files that are open as `fds`, as the kernel sees them.  -ETXTBSY: the file at
 * *ret_at is open for writing; -ENOTSUP: this kernel's files are unknown to us; else a negative
 * errno.
 */
int sbx_engine_identify(struct sbx_engine *engine, const int *fds, size_t n,
			struct sbx_program *ret_programs, size_t *ret_at);

/* Receives one record; `size` covers the head and the path. Must not keep the pointer. */
typedef void (*sbx_event_fn)(const struct sbx_event *event, size_t size, void *ctx);

/* Opens the job's ring for its one reader. */
int sbx_ring_open(struct sbx_engine *engine, __u64 job, sbx_event_fn fn, void *ctx,
		  struct sbx_ring **ret_ring);
int sbx_ring_fd(const struct sbx_ring *ring); /* readable when records wait; for poll/epoll */
/* Calls fn for what waits, at most some thousand records; how many, or a negative errno. */
int sbx_ring_drain(struct sbx_ring *ring);
void sbx_ring_close(struct sbx_ring *ring);

/*
 * How often the kernel skipped one of the engine's programs, of those that it can skip (see
 * skips.c), on the whole host.  `*ret_skips` is NULL on a kernel that cannot preempt itself: there
 * is nothing to watch.  0 or a negative errno.
 */
struct sbx_skips;
int sbx_skips_open(const struct sbx_engine *engine, struct sbx_skips **ret_skips);
/* Calls fn for each program that was skipped since the last call. NULL is fine. */
typedef void (*sbx_skip_fn)(const char *program, __u64 count, void *ctx);
int sbx_skips_read(struct sbx_skips *skips, sbx_skip_fn fn, void *ctx);
void sbx_skips_close(struct sbx_skips *skips);

/*
 * Proves enforcement with a scratch job: refuses and allows one act of every class that the
 * engine's mechanism judges.
 * `all`: every program (after loading); otherwise one a class (before each run).
 */
int sbx_canary(struct sbx_engine *engine, bool all, struct sbx_error *err);

/* Called for each pinned job: binding and whether its cgroup still exists (path, or NULL). */
typedef int (*sbx_job_fn)(const struct sbx_binding *binding, const char *cgroup_path, void *ctx);
int sbx_engine_each_job(struct sbx_engine *engine, sbx_job_fn fn, void *ctx);

/*
 * Opens the pinned engine of this build to read from it; never loads.  -ENOENT: there is none.
 */
int sbx_engine_look(struct sbx_engine **ret_engine, struct sbx_error *err);

/* Called for each address that DNS answers have opened for the job, in no order, old ones too. */
typedef int (*sbx_grant_fn)(const struct sbx_grant *grant, void *ctx);
int sbx_engine_grants(struct sbx_engine *engine, const struct sbx_binding *binding, sbx_grant_fn fn,
		      void *ctx);

/*
 * Removes all pins of this build's engine.  -EBUSY while jobs are bound unless `force`;
 * with force every job's tasks must have been ended before.
 */
int sbx_engine_unload(bool force, struct sbx_error *err);

/* Removes engines of other builds that have no job left. Returns how many, or a negative errno. */
int sbx_engine_gc(struct sbx_error *err);

#endif /* SBX_ENGINE_H */
