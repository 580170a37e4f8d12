/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contract between user space and the BPF programs: map keys, map values and events.
 * Both sides compile this file, so it uses fixed-width types only, has no implicit padding
 * and asserts every size.  Changing anything here means raising SBX_SCHEMA.
 */
#ifndef SBX_ABI_H
#define SBX_ABI_H

#ifdef __bpf__
#include "core.bpf.h"
#else
#include <linux/types.h>
#endif
#include "sbx/dns.h"

/* Part of the pin directory's name: engines of two schemas never share a map. */
#define SBX_SCHEMA 4

/*
 * Limits, each named once with the reason for its number.
 * SBX_DEPTH_MAX: PATH_MAX / 2 is more than the kernel resolves in one call, but relative opens
 * build deeper chains; 255 components fit a task's scratch page and deeper ones are denied.
 */
#define SBX_DEPTH_MAX 255
#define SBX_NAME_CHUNK 24	    /* most file names fit one key; hashing costs per byte */
#define SBX_CHUNKS_MAX 11	    /* 255 bytes of a name in chunks of SBX_NAME_CHUNK */
#define SBX_PATH_MAX 4096	    /* recorded bytes of a path in an event: PATH_MAX */
#define SBX_EXE_MAX 128		    /* recorded bytes of the program's path */
#define SBX_COMM_LEN 16		    /* TASK_COMM_LEN */
#define SBX_RANGES_MAX 32	    /* port ranges of one class: scanned by a bounded loop */
#define SBX_GUARDS_MAX 64	    /* room for guards.def to grow without a new schema */
#define SBX_SUBJECTS_MAX 65536	    /* cgroups of all jobs */
#define SBX_JOBS_MAX 4096	    /* jobs at once */
#define SBX_SLOTS 8192		    /* twice that, a power of two; see sbx_slot() */
#define SBX_RING_BYTES (512 * 1024) /* a job's events: about 1,200 short records */
#define SBX_RESOLVERS_MAX 8	    /* DNS servers of a job: libc looks at three */
#define SBX_PENDINGS_MAX 512	    /* DNS queries of a job that wait for their answer */
#define SBX_GRANTS_MAX 4096	    /* addresses that DNS answers have opened for a job */
#define SBX_GRANT_SLOTS 4	    /* of them for one address: names with different ports */
#define SBX_DESTS_MAX 512	    /* destinations of a job that are counted one by one */

enum sbx_right {
	SBX_RIGHT_READ = 1 << 0,
	SBX_RIGHT_LIST = 1 << 1,
	SBX_RIGHT_WRITE = 1 << 2,
	SBX_RIGHT_CREATE = 1 << 3,
	SBX_RIGHT_DELETE = 1 << 4,
	SBX_RIGHT_EXEC = 1 << 5,
	SBX_RIGHT_ATTR = 1 << 6,
	SBX_RIGHT_CONNECT = 1 << 7,
	SBX_RIGHT_DEVICE = 1 << 8,
	SBX_RIGHT_ALL = (1 << 9) - 1,
};
#define SBX_RIGHTS_MAX 9

enum sbx_op {
	SBX_OP_NONE_ = 0,
#define SBX_OP(id, keyword, hooks) SBX_OP_##id,
#include "ops.def"
#undef SBX_OP
	SBX_OP_MAX_,
};

enum sbx_guard {
	SBX_GUARD_NONE_ = 0, /* not a guard: a plain rule */
#define SBX_GUARD(id, keyword, severity, meaning) SBX_GUARD_##id,
#include "guards.def"
#undef SBX_GUARD
	SBX_GUARD_MAX_,
};

/* What a guard does; zero is never a valid action, so a forgotten one denies. */
enum sbx_action {
	SBX_ACTION_INVALID_ = 0,
	SBX_ACTION_ALLOW,
	SBX_ACTION_LOG,
	SBX_ACTION_DENY,
	SBX_ACTION_KILL,
	SBX_ACTION_QUARANTINE,
	SBX_ACTION_MAX_,
};

enum sbx_mode {
	SBX_MODE_INVALID_ = 0,
	SBX_MODE_ENFORCE,
	SBX_MODE_AUDIT, /* log what would be refused, refuse nothing */
};

/* How an event ended; in order of strength. */
enum sbx_verdict {
	SBX_VERDICT_INVALID_ = 0,
	SBX_VERDICT_LOGGED,	/* a guard with action `log` */
	SBX_VERDICT_WOULD_DENY, /* mode audit */
	SBX_VERDICT_DENIED,
	SBX_VERDICT_KILLED,
	SBX_VERDICT_QUARANTINED,
	SBX_VERDICT_MAX_,
};

/* Why it was refused. */
enum sbx_reason {
	SBX_REASON_NONE_ = 0,
	SBX_REASON_RULE, /* a rule of the policy, or its default */
	SBX_REASON_GUARD,
	SBX_REASON_FAMILY,   /* address family, socket type or protocol is not on the list */
	SBX_REASON_GAIN,     /* rename or link would give the object a right it lacked */
	SBX_REASON_DIR_MOVE, /* a directory may not move across rules */
	SBX_REASON_TOO_DEEP, /* more than SBX_DEPTH_MAX components */
	SBX_REASON_RACED,    /* the tree kept changing while the path was read */
	SBX_REASON_DETACHED, /* the path does not end in a mount tree */
	SBX_REASON_NO_MOUNT, /* a hook without a mount, and none was recorded */
	SBX_REASON_FOREIGN,  /* abstract Unix socket of another job, or a socket from outside */
	SBX_REASON_ROUTE,    /* a packet with a source route */
	SBX_REASON_PACKET,   /* a packet whose destination cannot be read */
	SBX_REASON_NAME,     /* no rule allows this name */
	SBX_REASON_DNS,	     /* a DNS message that cannot be judged */
	SBX_REASON_DNS_TYPE, /* a DNS query of a type that a job does not need */
	SBX_REASON_DNS_TCP,  /* a DNS message that spans packets of TCP */
	SBX_REASON_DNS_FULL, /* no room to note a DNS query or an address */
	SBX_REASON_RESOLVER, /* port 53 elsewhere than at a DNS server of the policy */
	SBX_REASON_UNASKED,  /* a DNS answer that this socket did not ask for */
	SBX_REASON_REBIND,   /* a name leads to an address that no answer may open */
	SBX_REASON_EXPIRED,  /* the answer that opened the address is too old */
	SBX_REASON_QUARANTINE,
	SBX_REASON_NO_POLICY, /* the job's entry or its inner maps are missing */
	SBX_REASON_INTERNAL,  /* a name or kernel structure that could not be read */
	SBX_REASON_REDIRECT,  /* a symbolic link would lead past a deny for what lies below it */
	SBX_REASON_PIN,	      /* not the file that the policy pins, or no longer */
	SBX_REASON_FOLDED,    /* maybe another spelling of a name with a rule; see trie.bpf.c */
	SBX_REASON_MAX_,
};

/* --- files: a trie of path components -------------------------------------------------- */

#define SBX_NODE_ROOT 1u /* "/" */
#define SBX_NODE_ANY 2u	 /* automaton of the `**` denies: nothing of any pattern is matched */
#define SBX_NODE_ANY_START \
	3u		    /* the same at "/", where patterns begin that have a path before `**` */
#define SBX_NODE_DOMAINS 4u /* below it: domains of the policy, label by label from the right */
#define SBX_NODE_SEARCH 5u  /* below it: the search suffixes of the host's resolver */
#define SBX_NODE_UNIX 6u    /* below it: names of abstract Unix sockets, one edge a name */
#define SBX_NODE_FIRST 16u  /* the compiler numbers its own nodes from here */

/*
 * Key of an edge.  A component of at most SBX_NAME_CHUNK bytes is one edge.  A longer one is a
 * chain: each edge takes SBX_NAME_CHUNK bytes, its `len` is what remains of the whole name
 * (this chunk included), and all but the last carry SBX_EDGE_PARTIAL.  Unused bytes are zero.
 */
struct sbx_edge_key {
	__u32 node;
	__u32 len;
	char name[SBX_NAME_CHUNK];
};

enum sbx_edge_flag {
	SBX_EDGE_PARTIAL = 1 << 0, /* the component goes on in the next edge */
	SBX_EDGE_LEAF = 1 << 1,	   /* no edges below: stop without a look-up */
	SBX_EDGE_UNIFORM = 1 << 2, /* no path below has other rights than this node */
	SBX_EDGE_SELF = 1 << 3, /* has the child "@self": numbers of the job's own tasks take it */
	/*
	 * Has a `*` child, at {node, len 0, empty name}: a component that no literal edge takes
	 * goes there.  A chunk chain that breaks off half-way falls back to it at the node it began
	 * at.
	 */
	SBX_EDGE_STAR = 1 << 4,
	SBX_EDGE_DENIES = 1 << 5,  /* some path below has fewer rights than this one, or a pin */
	SBX_EDGE_PINNED = 1 << 6,  /* the policy pins this very file: see struct sbx_program */
	SBX_EDGE_PROGRAM = 1 << 7, /* `exec` comes from a rule that does not give `write` */
	SBX_EDGE_MIXED = 1 << 8,   /* a name right below is not ASCII without capital letters */
	SBX_EDGE_OWN = 1 << 9,	   /* sbx-bpf's own: changing it is the guard self_protect */
};

#define SBX_LEN_EXT (1u << 16) /* in a key's len: the name is an extension, below `**` */
#define SBX_ANY_STAR (1u << 31)

/*
 * Value of an edge: where it leads and what holds there.
 * `allowed` is effective: what the path and its ancestors say, merged by the compiler.
 * In the automaton of the `**` denies: `allowed` holds the rights that are denied, to everything
 * beneath too; `flags` is the node to fall back to, where the next component has no edge (its
 * edges are looked up, too, and without one it is the next state itself), with SBX_ANY_STAR where
 * an edge of the empty name takes any component.  An edge of an extension leads nowhere.
 * `exact`: rights that a wildcard-free allow of this very path gives; `**` denies yield to them.
 */
struct sbx_edge {
	__u32 node;
	union {
		struct {
			__u16 allowed;
			__u16 exact;
		};
		/*
		 * Below SBX_NODE_DOMAINS, a label an edge: 1 + the class of this very name and of
		 * the names below it; 0: none is allowed.  Below SBX_NODE_SEARCH `name_class` is 1
		 * where a suffix ends, and below SBX_NODE_UNIX of a name that may be reached.
		 */
		struct {
			__u16 name_class;
			__u16 below_class;
		};
	};
	__u32 flags;
};

/*
 * Which file a pinned path was when it was hashed: the kernel's own numbers, which stat() does not
 * always tell (btrfs, overlayfs).  Key in the policy's map: the path's node.
 */
struct sbx_program {
	__u64 dev;
	__u64 ino;
	__u64 size;
	__u64 changed_s; /* change time (ctime) */
	__u32 changed_ns;
	__u32 generation;
};

/* --- network: one longest-prefix look-up ------------------------------------------------ */

enum sbx_direction {
	SBX_DIR_OUT = 1,    /* connect, send */
	SBX_DIR_LISTEN = 2, /* bind, listen */
	SBX_DIR_GRANT = 3,  /* may a DNS answer open the address?  where a range allows port 0 */
};

/* `prefixlen` counts from `dir` on: 32 bits of it (native order), then the address. IPv4 is
 * v4-mapped. */
struct sbx_prefix_key {
	__u32 prefixlen;
	__u32 dir;
	__u8 addr[16];
};

enum sbx_proto {
	SBX_PROTO_TCP = 1 << 0,
	SBX_PROTO_UDP = 1 << 1,
	SBX_PROTO_UDPLITE = 1 << 2,
	SBX_PROTO_ICMP = 1 << 3,		       /* of both families; its port is 0 */
	SBX_PROTO_ANY = SBX_PROTO_TCP | SBX_PROTO_UDP, /* what an allow means that names none */
	SBX_PROTO_ALL = (1 << 4) - 1,
};
#define SBX_PROTOS 4

/* Ports lo..hi (host order, both included) of the protocols in `protos`. */
struct sbx_range {
	__u16 lo;
	__u16 hi;
	__u8 protos;
	__u8 allow; /* 1 allow, 0 deny */
	__u16 pad;
	__u32 rule; /* index into the compiled policy's rules, for the event */
};

/* What holds for the addresses of a prefix: the first range that matches decides, none denies. */
struct sbx_class {
	__u32 n;
	__u32 pad;
	struct sbx_range ranges[SBX_RANGES_MAX];
};

#define SBX_RULE_NONE 0x7fffffffu /* no rule: the mode's default */

/* --- jobs -------------------------------------------------------------------------------- */

enum sbx_job_flag {
	SBX_JOB_ANY_START = 1 << 0, /* the automaton begins at SBX_NODE_ANY_START */
	SBX_JOB_ANY_STAR = 1 << 1,  /* which has an edge of the empty name */
	SBX_JOB_ANY_MIXED = 1 << 2, /* a name in it is not ASCII without capital letters */
};

/* What may be created besides the families: bits of sbx_job.sockets. */
enum sbx_sockets {
	SBX_SOCK_TCP = 1 << 0, /* AF_INET, AF_INET6: SOCK_STREAM with protocol 0, TCP or MPTCP */
	SBX_SOCK_UDP = 1 << 1, /* SOCK_DGRAM with protocol 0 or UDP */
	SBX_SOCK_UDPLITE = 1 << 2, /* SOCK_DGRAM with UDP-Lite */
	SBX_SOCK_ICMP = 1 << 3,	   /* SOCK_DGRAM with ICMP or ICMPv6: what ping uses */
	SBX_SOCK_ROUTE = 1 << 4,   /* AF_NETLINK with NETLINK_ROUTE, to ask only */
};

/* What a job's DNS is held to: bits of sbx_job.dns. */
enum sbx_dns_flag {
	SBX_DNS_SERVERS = 1 << 0, /* port 53 only at sbx_job.resolvers */
	SBX_DNS_NAMES = 1 << 1,	  /* names are judged, and answers open addresses */
};

/*
 * Where a job and its policy (the id after the job's) stand in the arrays `jobs`, `edges`,
 * `prefixes` and `classes`: reading an array costs a tenth of looking a hash up.  Ids are never
 * given twice and only grow, so a slot that became free is used again after thousands of others
 * were: binding each waited for a grace period, and no program that saw the old job still runs.
 */
static inline __u32 sbx_slot(__u64 id)
{
	return (__u32)((id + 1) >> 1) & (SBX_SLOTS - 1);
}

/*
 * Array `jobs`: what the job may do.  Written by user space alone; a policy swap is one update.  A
 * reader copies what it needs and then compares `id` with its job: the slot can be reused under it.
 */
struct sbx_job {
	__u64 id;	/* 0: a free slot, or with a policy: one that is being filled or emptied */
	__u64 cgroup;	/* id of the cgroup that was bound */
	__u64 policy;	/* its slot is that of the inner maps in `edges`, `prefixes`, `classes` */
	__u64 families; /* bit n: sockets of address family n may be created */
	__u64 disk_write;   /* bytes that may be written to files; ~0: any number */
	__u64 any_lens;	    /* bit min(len, 63): some name in a `**` rule has that length */
	__u64 any_first[4]; /* bit n: some name in a `**` rule starts with byte n */
	__u16 any_exts;	    /* bit n: some `**` extension has n bytes, 1..7 */
	__u16 any_rights;   /* all that some `**` denies */
	__u32 mode;	    /* enum sbx_mode */
	__u32 rate;	    /* events a second that are recorded; 0: all */
	__u32 sockets;	    /* enum sbx_sockets */
	__u32 root_flags;   /* enum sbx_edge_flag of "/" */
	__u16 root_allowed; /* rights on "/" and on whatever no rule names */
	__u16 flags;	    /* enum sbx_job_flag */
	__u8 guards[SBX_GUARDS_MAX]; /* enum sbx_action by enum sbx_guard */
	__u32 dns;		     /* enum sbx_dns_flag; 0: DNS is traffic like any other */
	__u32 n_resolvers;
	__u32 dns_min_ttl; /* seconds for which an answer opens its addresses: at least ... */
	__u32 dns_max_ttl; /* ... and at most */
	__u32 ipc_ns;	   /* number of the IPC namespace that the job has for itself; 0: none */
	__u32 pad;
	__u8 resolvers[SBX_RESOLVERS_MAX][16]; /* IPv4 is v4-mapped */
};

/* Map `job_state`: job id -> counters.  Made by user space, then written by the kernel alone. */
struct sbx_job_state {
	__u64 seq;     /* sequence numbers given: events sent + lost */
	__u64 refused; /* all refusals, recorded or not (mode audit: what would be refused) */
	__u64 lost;    /* events for which the ring had no room */
	__u64 limited; /* refusals not recorded because of `rate` */
	__u64 window;  /* second in which `window_count` counts */
	__u64 window_count;
	__u64 quarantined;	       /* boot time in ns since which everything is denied, or 0 */
	__u64 escapes[SBX_GUARDS_MAX]; /* attempts by guard, recorded or not, action allow excepted
					*/
	__u32 sigsys_pid;  /* process that the filter of system calls ended last; 0: none ... */
	__u32 sigsys_call; /* ... for this call ... */
	__u32 sigsys_arch; /* ... of this AUDIT_ARCH_* */
	__u32 pad;
	__u64 disk_used;    /* of sbx_job.disk_write; without a budget it is not counted */
	__u64 disk_refused; /* writes and such that found too little left */
	__u64 disk_killed;  /* tasks that were ended for storing beyond it through a mapping */
	__u64 expansions; /* DNS queries for an allowed name and a search suffix: refused, no event
			   */
};

/* Maps `grants` and `pendings`: job id -> inner maps, of jobs with SBX_DNS_NAMES alone. */
struct sbx_grant_key {
	__u8 addr[16]; /* IPv4 is v4-mapped */
	__u32 slot;    /* below SBX_GRANT_SLOTS */
};

/* A DNS answer opened an address.  A reader compares `addr` with its key, as with sbx_job.id. */
struct sbx_grant {
	__u64 expires; /* boot time, ns */
	__u64 policy;  /* whose class ... */
	__u32 class_id;
	__u32 pad;
	__u8 addr[16];
	struct sbx_dns_name name; /* that was asked for */
};

/* A query that left, by what its answer must have in common with it. */
struct sbx_pending_key {
	__u64 cookie; /* of the socket */
	__u8 resolver[16];
	__u32 id;
	__u32 proto; /* IPPROTO_*; SBX_PENDING_*: see there */
};
/* Marks the last refused segment of a TCP connection, by `id`: what is sent again is no news. */
#define SBX_PENDING_REFUSED 0x100

struct sbx_pending {
	__u64 time;	/* boot time, ns */
	__u64 policy;	/* whose class ... */
	__u32 class_id; /* ... holds for what the name leads to */
	__u32 type;	/* enum sbx_dns_type */
	__u32 answered; /* 1: what comes now opens nothing */
	__u32 seq;	/* of a refused TCP segment */
	struct sbx_dns_name name;
};

/* Map `meta`, one element: what the whole engine shares. */
struct sbx_meta {
	__u64 next_id;	    /* job and policy ids, for user space under the engine's lock */
	__u64 no_policy;    /* denials for want of a job's entry; counted by the kernel */
	__u64 canary;	    /* job of the resident canary */
	__u64 cgroup;	    /* id of the cgroup that the network programs are attached to */
	__u32 links;	    /* pinned; an engine with fewer is broken */
	__u32 cgroup_links; /* of them, those that can be detached although they are pinned */
	__u32 mechanism;    /* enum sbx_mechanism of the engine, set when it is loaded */
	__u32 disk; /* 1: a job with a budget was bound: the programs of writes are attached */
	__u32 pad;
	__u32 dns; /* 1: a job with DNS rules was bound, so the packet programs look */
};

/* --- traffic -------------------------------------------------------------------------------- */

enum sbx_way {
	SBX_WAY_OUT = 0,
	SBX_WAY_IN = 1,
	SBX_WAYS,
};

/*
 * As on the wire: one that the kernel cuts into several later counts as these.  Bytes are those of
 * IP packets, their heads included.
 */
struct sbx_traffic {
	__u64 packets;
	__u64 bytes;
};

/*
 * Map `meters`: job id -> its traffic, by enum sbx_way.  Made by user space, which sets `rate`,
 * then written by the kernel alone.  What stays on the loopback device is counted apart, and
 * under no limit.
 */
struct sbx_meter {
	__u64 id;	      /* of the job */
	__u64 rate[SBX_WAYS]; /* bytes a second; 0: no limit */
	__u64 due[SBX_WAYS];  /* monotonic ns at which all that has passed is paid for */
	struct sbx_traffic passed[SBX_WAYS];
	struct sbx_traffic dropped[SBX_WAYS]; /* by the limit */
	struct sbx_traffic loopback[SBX_WAYS];
	struct sbx_traffic other[SBX_WAYS]; /* of `passed`: found no room among the destinations */
};
/* How much of an unused limit is kept: passes at once after a pause. */
#define SBX_BURST_NS 250000000ull

/* Maps `dests`: job id -> inner map of the destinations, with what passed. */
struct sbx_dest_key {
	__u8 addr[16]; /* of the other end; IPv4 is v4-mapped */
	__u16 port;    /* of the other end, host order; 0: the protocol has none */
	__u16 proto;   /* IPPROTO_* */
};
struct sbx_dest {
	struct sbx_traffic passed[SBX_WAYS];
};

/* --- events ------------------------------------------------------------------------------ */

enum sbx_object_kind {
	SBX_OBJECT_NONE = 0,
	SBX_OBJECT_PATH = 1,
	SBX_OBJECT_ADDRESS = 2,
	SBX_OBJECT_PROCESS = 3,
	SBX_OBJECT_NUMBER = 4, /* obj.number: see the operation */
};

enum sbx_event_flag {
	SBX_EVENT_TRUNCATED = 1 << 0, /* the path did not fit */
	SBX_EVENT_EXE_TRUNCATED = 1 << 1,
	SBX_EVENT_UNREADABLE = 1 << 2, /* a component could not be read: shown as "?" */
	SBX_EVENT_TARGET = 1 << 3,     /* rename, link: the path is the new name's */
};

struct sbx_event_address {
	__u8 addr[16];	 /* IPv4 is v4-mapped */
	__u16 family;	 /* AF_*: what the program used */
	__u16 port;	 /* host order */
	__u16 protocol;	 /* IPPROTO_* */
	__u16 sock_type; /* SOCK_* */
};

struct sbx_event_process {
	__u32 pid; /* thread group id in the initial pid namespace */
	__u32 uid;
	__u32 detail; /* signal number, or ptrace mode */
	__u32 pad;
	char comm[SBX_COMM_LEN];
};

/*
 * Fixed head of a record in a job's ring; `path_len` bytes of the object's path follow it, not
 * terminated and raw (any byte but NUL).  For an address, they are the DNS name that it is about
 * (struct sbx_dns_name.wire), if any; for AF_UNIX, the abstract name, which may have any byte.
 * Record size: at least head + path_len.
 */
struct sbx_event {
	__u64 seq;  /* from 1, without a hole unless a record was lost */
	__u64 time; /* CLOCK_BOOTTIME, ns */
	__u64 job;
	__u64 policy;
	__u64 cgroup;  /* cgroup id of the task */
	__u64 limited; /* sbx_job_state.limited when this was recorded */
	__u32 pid;     /* thread group id, initial pid namespace */
	__u32 tid;
	__u32 ppid;
	__u32 uid;
	__u32 gid;
	__u32 node;    /* deepest trie node that matched, or the `**` deny's */
	__u32 rights;  /* the rights that were missing (enum sbx_right) */
	__u32 wanted;  /* the rights that were asked for */
	__u16 op;      /* enum sbx_op */
	__u16 guard;   /* enum sbx_guard: not 0 means an escape attempt */
	__u16 reason;  /* enum sbx_reason */
	__u16 verdict; /* enum sbx_verdict */
	__u16 object;  /* enum sbx_object_kind */
	__u16 flags;   /* enum sbx_event_flag */
	__u16 error;   /* errno that the program got; 0: none */
	__u16 path_len;
	__u16 exe_len;
	__u16 pad;
	__u32 rule; /* sbx_range.rule for addresses, else SBX_RULE_NONE */
	union {
		struct sbx_event_address address;
		struct sbx_event_process process;
		__u64 number;
		__u64 pad[4];
	} obj;
	char comm[SBX_COMM_LEN];
	char exe[SBX_EXE_MAX]; /* path of the running program, not terminated */
	char path[];
};

/* One line of the iterator of the reader's own open files. */
struct sbx_file_line {
	__u32 fd;
	__u32 known;   /* 1: `program` is filled in */
	__u32 written; /* 1: somebody has it open for writing */
	__u32 pad;
	struct sbx_program program;
};

/* One line of the task iterator: a task that names a job. */
struct sbx_task_line {
	__u64 job;
	__u32 tgid;
	__u32 tid;
};

#define SBX_ASSERT_SIZE(type, size) _Static_assert(sizeof(type) == (size), "size of " #type)
SBX_ASSERT_SIZE(struct sbx_edge_key, 32);
SBX_ASSERT_SIZE(struct sbx_edge, 12);
SBX_ASSERT_SIZE(struct sbx_prefix_key, 24);
SBX_ASSERT_SIZE(struct sbx_range, 12);
SBX_ASSERT_SIZE(struct sbx_class, 8 + 12 * SBX_RANGES_MAX);
SBX_ASSERT_SIZE(struct sbx_job, 8 * 10 + 4 * 6 + SBX_GUARDS_MAX + 4 * 6 + 16 * SBX_RESOLVERS_MAX);
SBX_ASSERT_SIZE(struct sbx_job_state, 8 * 13 + 8 * SBX_GUARDS_MAX);
SBX_ASSERT_SIZE(struct sbx_dns_name, 264);
SBX_ASSERT_SIZE(struct sbx_grant_key, 20);
SBX_ASSERT_SIZE(struct sbx_grant, 40 + 264);
SBX_ASSERT_SIZE(struct sbx_pending_key, 32);
SBX_ASSERT_SIZE(struct sbx_pending, 32 + 264);
SBX_ASSERT_SIZE(struct sbx_meta, 56);
SBX_ASSERT_SIZE(struct sbx_meter, 8 * 5 + 16 * SBX_WAYS * 4);
SBX_ASSERT_SIZE(struct sbx_dest_key, 20);
SBX_ASSERT_SIZE(struct sbx_dest, 32);
SBX_ASSERT_SIZE(struct sbx_event_address, 24);
SBX_ASSERT_SIZE(struct sbx_event_process, 32);
SBX_ASSERT_SIZE(struct sbx_event, 8 * 6 + 4 * 8 + 2 * 10 + 4 + 32 + 16 + SBX_EXE_MAX);
SBX_ASSERT_SIZE(struct sbx_task_line, 16);
SBX_ASSERT_SIZE(struct sbx_program, 40);
SBX_ASSERT_SIZE(struct sbx_file_line, 56);
_Static_assert(SBX_GUARD_MAX_ <= SBX_GUARDS_MAX, "guards.def outgrew SBX_GUARDS_MAX");

#endif /* SBX_ABI_H */
