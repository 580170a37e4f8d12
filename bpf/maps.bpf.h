/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every map and every global of the engine.  Policy data sits in plain hash maps, never LRU;
 * sizes named in abi.h are placeholders where the loader sets the real one.  Keys and values
 * are given by size: a type that an object file only points to would reach the linker undefined.
 */
#ifndef SBX_MAPS_BPF_H
#define SBX_MAPS_BPF_H

#include "core.bpf.h"
#include "sbx/abi.h"

#define SBX_DENTRY_SLOTS 256 /* SBX_DEPTH_MAX rounded up to a mask */
_Static_assert(SBX_DENTRY_SLOTS > SBX_DEPTH_MAX, "the chain must fit");

#define SBX_IPC_MAX \
	(1 << 18) /* more than the kernel's default limits allow at once, of all kinds */

/* A job id that has no entry, ever: whatever it asks is denied. */
#define SBX_JOB_ORPHAN (~0ull)

enum sbx_walk_end {
	SBX_WALK_NONE = 0,
	SBX_WALK_MOUNT, /* reached the root of the first mount: go on upwards */
	SBX_WALK_TOP,	/* reached the root of the mount tree */
	SBX_WALK_DETACHED,
	SBX_WALK_DEEP,
	SBX_WALK_UNREADABLE,
	SBX_WALK_INTERNAL, /* kernel-internal mount: the object has no path */
	SBX_WALK_PSEUDO,   /* the same, and no tree either: a memfd, pipe, socket */
};

/*
 * State of one walk.  It lives in task storage because Linux 6.1 drops branches of a bpf_loop
 * callback that its first on-stack state does not take, and because an LSM program can be
 * preempted half-way, which rules per-CPU memory out.
 */
struct sbx_walk {
	__u32 n;	/* components recorded; counts down while descending */
	__u32 depth;	/* components recorded, kept for the event */
	__u32 end;	/* enum sbx_walk_end */
	__u32 node;	/* deepest node that matched */
	__u32 flags;	/* enum sbx_edge_flag of that node */
	__u32 lost;	/* 1: left the trie, only `**` rules can still match */
	__u32 any_node; /* last `**` deny that matched, or 0 */
	__u16 allowed;	/* rights there */
	__u16 exact;
	__u16 any_denied;
	__u16 pad[3];
	__u32 any_state; /* where the automaton of the `**` denies stands */
	__u32 any_base;	 /* where it falls back to, with SBX_ANY_STAR */
	__u64 any_lens;	 /* the job's filters, copied */
	__u64 any_first[4];
	__u32 any_exts;
	__u32 tries;  /* climbs that somebody's rename or mount made worthless */
	__u32 reason; /* enum sbx_reason: why there is no answer; 0: there is one */
	__u32 pad2;
};

/* A question about to be refused. */
struct sbx_ask {
	__u64 job;
	__u32 op;      /* enum sbx_op */
	__u32 guard;   /* enum sbx_guard, 0: a plain rule */
	__u32 reason;  /* enum sbx_reason */
	__u32 error;   /* errno, positive, that the program shall get */
	__u32 wanted;  /* rights asked for */
	__u32 missing; /* of these, the ones that are not allowed */
	__u32 node;
	__u32 object; /* enum sbx_object_kind */
	__u32 flags;  /* enum sbx_event_flag */
	__u32 rule;   /* sbx_range.rule or SBX_RULE_NONE */
	__u32 soft;   /* 1: deny at most, whatever the guard says */
	__u32 quiet;  /* 1: no event, no count: the kernel itself asks not to tell */
	__u32 hard;   /* 1: the kernel cannot refuse it any more: a denial kills */
	__u32 untold; /* 1: the program gets no errno, it is refused in another way */
	__u32 firm;   /* 1: a rule refuses it: the guard names it, and can make it worse */
	__u32 nobody; /* 1: no task did it: a packet came in, or left late */
	__u32 hold;   /* 1: whether it is a refusal shows only later; see sbx_event_hold */
	__u32 pad;
	union { /* by `object` */
		struct sbx_event_address address;
		struct sbx_event_process process;
		__u64 number;
	};
};

/* What a jailed task carries. */
struct sbx_task {
	__u64 job;
	__u64 top_mount;    /* a mount whose root is the top of the tree ... */
	__u32 top_seq;	    /* ... as long as mount_lock's count is this */
	__u32 half_refused; /* CAP_PERFMON was: so shall be CAP_SYS_ADMIN, which is asked next */
	__u64 want_mount;   /* mount for which write access was just taken, or 0 */
	__u32 open_rights;  /* of the open at hand: kept here so that the verifier forgets which */
	__u32 open_guard;   /* they are, or it would follow each combination through the walk */
	__u64 held_parent;  /* the held record's directory and name hash; 0: none is held */
	__u64 held_name;
	__u64 program; /* inode that sbx_decide_program is asked about */
	__u64 scan_at; /* hook_exec.bpf.c: the next byte of a new program's strings ... */
	__u64 scan_end;
	__u32 scan_skip;   /* ... the arguments that are still to come before its environment ... */
	__u32 scan_inside; /* ... and 1 in the middle of a string */
	__u32 scan_state;  /* enum scan_state */
	__u32 pad;
	struct sbx_walk walk;
	struct sbx_ask ask; /* here and not on the stack, which a chain of calls would exceed */
	__u32 exe_len;
	__u32 exe_flags;
	char exe[SBX_EXE_MAX];
	__u64 dentries[SBX_DENTRY_SLOTS];
};

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
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, SBX_JOBS_MAX);
	__uint(key_size, sizeof(__u64));
	__uint(value_size, sizeof(struct sbx_job));
} sbx_jobs __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, SBX_JOBS_MAX);
	__uint(key_size, sizeof(__u64));
	__uint(value_size, sizeof(struct sbx_job_state));
} sbx_job_state __weak SEC(".maps");

/* The inner maps of a policy or a job; the outer maps are keyed by policy id or job id. */
struct sbx_edges_inner {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(struct sbx_edge_key));
	__uint(value_size, sizeof(struct sbx_edge));
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, SBX_JOBS_MAX);
	__type(key, __u64);
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
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, SBX_JOBS_MAX);
	__type(key, __u64);
	__array(values, struct sbx_prefixes_inner);
} sbx_prefixes __weak SEC(".maps");

struct sbx_classes_inner {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct sbx_class));
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, SBX_JOBS_MAX);
	__type(key, __u64);
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
