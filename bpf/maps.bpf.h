/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The maps and globals that files share.  Policy data sits in plain hash maps, never LRU.  Keys and
 * values are given by size: a type that is only pointed to would reach the linker undefined.
 */
#ifndef SBX_MAPS_BPF_H
#define SBX_MAPS_BPF_H

#include "core.bpf.h"
#include "sbx/abi.h"
#include "task.bpf.h"

#define SBX_IPC_MAX \
	(1 << 18) /* more than the kernel's default limits allow at once, of all kinds */

/* A job id that has no entry, ever: whatever it asks is denied. */
#define SBX_JOB_ORPHAN (~0ull)

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct sbx_task);
} sbx_tasks __weak SEC(".maps");

/* Launchers and watchdogs of jobs: marked by user space, gone with the task. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u32);
} sbx_keepers __weak SEC(".maps");

/* Address of a System V IPC object -> the job that made it. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, SBX_IPC_MAX);
	__type(key, __u64);
	__type(value, __u64);
} sbx_ipc __weak SEC(".maps");

/* Stands in for a task that is ours but has no storage: its job id has no entry. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sbx_task);
} sbx_orphan __weak SEC(".maps");

/* cgroup id -> job id: the truth behind task storage. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, SBX_SUBJECTS_MAX);
	__type(key, __u64);
	__type(value, __u64);
} sbx_subjects __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SBX_SLOTS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct sbx_job));
} sbx_jobs __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, SBX_JOBS_MAX);
	__uint(key_size, sizeof(__u64));
	__uint(value_size, sizeof(struct sbx_job_state));
} sbx_job_state __weak SEC(".maps");

/* The inner maps of a policy or a job; the outer maps are arrays by slot, or keyed by id. */
struct sbx_edges_inner {
	__uint(type,
	       BPF_MAP_TYPE_HASH); /* with all its room from the start: cheaper to fill and free */
	__uint(max_entries, 1);
	__uint(key_size, sizeof(struct sbx_edge_key));
	__uint(value_size, sizeof(struct sbx_edge));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, SBX_SLOTS);
	__type(key, __u32);
	__array(values, struct sbx_edges_inner);
} sbx_edges __weak SEC(".maps");

struct sbx_prefixes_inner {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(struct sbx_prefix_key));
	__uint(value_size, sizeof(__u32));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, SBX_SLOTS);
	__type(key, __u32);
	__array(values, struct sbx_prefixes_inner);
} sbx_prefixes __weak SEC(".maps");

struct sbx_classes_inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_INNER_MAP); /* of any size */
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct sbx_class));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, SBX_SLOTS);
	__type(key, __u32);
	__array(values, struct sbx_classes_inner);
} sbx_classes __weak SEC(".maps");

struct sbx_programs_inner {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct sbx_program));
};

/* Only of policies that pin programs. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, SBX_JOBS_MAX);
	__type(key, __u64);
	__array(values, struct sbx_programs_inner);
} sbx_programs __weak SEC(".maps");

/* Of jobs whose policy has domains: what their DNS answers have opened, and what they asked. */
struct sbx_grants_inner {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, SBX_GRANTS_MAX);
	__uint(key_size, sizeof(struct sbx_grant_key));
	__uint(value_size, sizeof(struct sbx_grant));
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, SBX_JOBS_MAX);
	__type(key, __u64);
	__array(values, struct sbx_grants_inner);
} sbx_grants __weak SEC(".maps");

struct sbx_pendings_inner {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, SBX_PENDINGS_MAX);
	__uint(key_size, sizeof(struct sbx_pending_key));
	__uint(value_size, sizeof(struct sbx_pending));
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, SBX_JOBS_MAX);
	__type(key, __u64);
	__array(values, struct sbx_pendings_inner);
} sbx_pendings __weak SEC(".maps");

struct sbx_ring_inner {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, SBX_RING_BYTES);
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, SBX_JOBS_MAX);
	__type(key, __u64);
	__array(values, struct sbx_ring_inner);
} sbx_rings __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct sbx_meta));
} sbx_meta __weak SEC(".maps");

/*
 * Globals, because reading one costs a load and not a look-up.
 * miss_checks: a task without storage may be ours, so look at its cgroup, too.  Set when a
 * storage could not be made, and by the loader where a kernel can miss one that is there.
 * quarantines: jobs that ever were quarantined; 0 spares a look-up.
 */
extern __u32 sbx_miss_checks;
extern __u32 sbx_quarantines;

/* Addresses of the kernel's sequence counts, from kallsyms; set by the loader. */
extern const volatile __u64 sbx_rename_lock;
extern const volatile __u64 sbx_mount_lock;

#endif /* SBX_MAPS_BPF_H */
