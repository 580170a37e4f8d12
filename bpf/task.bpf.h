/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a task of a job carries: the walk, the question and the record at hand.  In task storage,
 * because an LSM program can be preempted half-way, which rules per-CPU memory out.
 */
#ifndef SBX_TASK_BPF_H
#define SBX_TASK_BPF_H

#include "core.bpf.h"
#include "sbx/abi.h"

#define SBX_DENTRY_SLOTS 256 /* SBX_DEPTH_MAX rounded up to a mask */
_Static_assert(SBX_DENTRY_SLOTS > SBX_DEPTH_MAX, "the chain must fit");

enum sbx_walk_end {
	SBX_WALK_NONE = 0,
	SBX_WALK_MOUNT, /* reached the root of the first mount: go on upwards */
	SBX_WALK_TOP,	/* reached the root of the mount tree */
	SBX_WALK_DETACHED,
	SBX_WALK_DEEP,
	SBX_WALK_UNREADABLE,
	SBX_WALK_FOLDED,   /* a name that the trie cannot compare as the filesystem does */
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
	__u16 any_mixed; /* SBX_JOB_ANY_MIXED */
	__u16 folds;	 /* 1: a filesystem on the way may compare names its own way */
	__u16 fold;	 /* enum sbx_fold: where the name at hand lies */
	__u64 policy;
	struct sbx_edge small; /* what sbx_edge_small found */
	__u32 any_state;       /* where the automaton of the `**` denies stands */
	__u32 any_base;	       /* where it falls back to, with SBX_ANY_STAR */
	__u64 any_lens;	       /* the job's filters, copied */
	__u64 any_first[4];
	__u32 any_exts;
	__u32 tries;  /* climbs that somebody's rename or mount made worthless */
	__u32 reason; /* enum sbx_reason: why there is no answer; 0: there is one */
};

/* A question about to be refused. */
struct sbx_ask {
	__u64 job;
	__u64 policy;  /* set where an address was decided: under which */
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
	__u32 probe;  /* set to 1: only connecting passes, what is sent is judged by itself */
	union {	      /* by `object` */
		struct sbx_event_address address;
		struct sbx_event_process process;
		__u64 number;
	};
};

/* Of a budget of bytes written (hook_disk.bpf.c). */
struct sbx_disk {
	__u32 asked; /* 1: `want` is that of the question to come */
	__u32 asker; /* enum disk_asker: who does */
	__u64 want;  /* bytes that are about to be written ... */
	__u64 below; /* paid for: what overlayfs has yet to write to the file below it */
	__u64 again; /* the same, of a splice, which Linux before 6.7 asks about twice */
	__u64 inode; /* file of the last write that was asked about ... */
	__u64 first; /* ... and its pages */
	__u64 last;
};

/* What a jailed task carries. */
struct sbx_task {
	__u64 job;
	__u64 top_mount;    /* a mount whose root is the top of the tree ... */
	__u32 top_seq;	    /* ... as long as mount_lock's count is this */
	__u32 half_refused; /* CAP_PERFMON was: so shall be CAP_SYS_ADMIN, which is asked next */
	__u64 poked;	    /* 1: code lies where a tracer writes to */
	__u64 want_mount;   /* mount for which write access was just taken, or 0 */
	__u32 open_rights;  /* of the open at hand: kept here so that the verifier forgets which */
	__u32 open_guard;   /* they are, or it would follow each combination through the walk */
	__u64 held_parent, held_name; /* the held record's directory and name hash; 0: none */
	__u64 program;		      /* inode that sbx_decide_program is asked about */
	__u64 scan_at; /* hook_exec.bpf.c: the next byte of a new program's strings ... */
	__u64 scan_end;
	__u32 scan_skip;   /* ... the arguments that are still to come before its environment ... */
	__u32 scan_inside; /* ... and 1 in the middle of a string */
	__u32 scan_state;  /* enum scan_state */
	__u32 call;	   /* enum sbx_call of the capability at hand */
	struct sbx_disk disk;
	struct sbx_walk walk;
	struct sbx_ask ask; /* here and not on the stack, which a chain of calls would exceed */
	__u32 exe_len;
	__u32 exe_flags;
	char exe[SBX_EXE_MAX];
	__u64 dentries[SBX_DENTRY_SLOTS];
};

#endif /* SBX_TASK_BPF_H */
