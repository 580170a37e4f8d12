/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A policy as the user wrote it, after `extends` and variables: the model.
 * Pure: no kernel, no libbpf, no root; everything here can be tested and fuzzed as it is.
 */
#ifndef SBX_POLICY_H
#define SBX_POLICY_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/sha256.h"
#include "sbx/abi.h"

struct sbx_diags;

#define SBX_POLICY_VERSION 1
#define SBX_UNSET (-1)	  /* of a scalar that no file named */
#define SBX_EXTENDS_MAX 8 /* files deep: a chain that nobody can follow is a mistake */
#define SBX_FILES_MAX 64  /* files of one policy, and a bound on what one load may read */
#define SBX_CAPABILITIES_ALL UINT64_MAX /* process.capabilities is not named */
#define SBX_LIMIT_NONE UINT64_MAX	/* a limit that is written as `max` or not at all */

/* Where something was written.  `file` is interned in the policy that owns it. */
struct sbx_place {
	const char *file;
	unsigned int line;
	unsigned int column;
};

struct sbx_path_rule {
	struct sbx_place place;
	bool deny;
	__u16 rights;	/* enum sbx_right */
	char *path;	/* absolute, normalised, may hold `*`, `**`; variables and ~ are resolved */
	char *text;	/* the path as written, for messages */
	bool expanded;	/* `text` holds a variable or ~: equal paths may be chance */
	bool generated; /* made by the launcher: a descriptor, or the second spelling of a path */
	bool own; /* about what sbx-bpf itself writes: changing it is the guard self_protect */
};

/* A file that must have this digest to be executed.  It gives no right. */
struct sbx_program_rule {
	struct sbx_path_rule path; /* rights 0 */
	char sha256[SBX_SHA256_HEX + 1];
};

struct sbx_port_range {
	__u16 lo;
	__u16 hi;
};

struct sbx_prefix {
	__u8 addr[16]; /* IPv4 is v4-mapped */
	__u8 len;      /* of the 128 bits */
};

struct sbx_prefixes {
	struct sbx_prefix *prefixes;
	size_t n;
};

/* `network: sets:`, for rules that come after it; `name` has its "@". */
struct sbx_named_set {
	char *name;
	struct sbx_place place;
	struct sbx_prefixes addresses;
};

struct sbx_net_rule {
	struct sbx_place place;
	bool deny;
	__u8 dir;		      /* enum sbx_direction */
	__u8 protos;		      /* enum sbx_proto */
	struct sbx_prefixes to;	      /* named sets are expanded */
	struct sbx_port_range *ports; /* never empty: 0-65535 when not given */
	size_t n_ports;
	char **domains; /* instead of prefixes: lower case, may begin with "*." */
	size_t n_domains;
	char *text; /* the rule's `to` or `domains` as written, for messages */
};

/* `network: dns:`; place.file NULL: the policy does not say it. */
struct sbx_dns_config {
	struct sbx_place place;
	bool system;	     /* the servers of /etc/resolv.conf; see sbx_policy_add_resolvers */
	__u8 (*servers)[16]; /* IPv4 is v4-mapped */
	size_t n_servers;
	char **search; /* suffixes of /etc/resolv.conf; NULL-terminated, or NULL */
	__u32 min_ttl; /* seconds; 0: not said */
	__u32 max_ttl;
};

enum sbx_net_mode {
	SBX_NET_NONE = 1, /* Unix sockets inside the job only */
	SBX_NET_INTERNAL, /* loopback and private ranges */
	SBX_NET_FILTERED, /* deny but what rules allow */
	SBX_NET_FULL,	  /* allow but what rules deny */
};

struct sbx_env_pair {
	char *name;
	char *value;
};

enum sbx_seccomp_profile {
	SBX_SECCOMP_NONE = 1,
	SBX_SECCOMP_DEFAULT, /* refuses what no job needs and no hook sees */
	SBX_SECCOMP_STRICT,  /* lets pass what ordinary programs need */
};

enum sbx_call_action {
	SBX_CALL_ALLOW = 1, /* whatever the profile says */
	SBX_CALL_LOG,	    /* let pass, with a record in the kernel's audit log */
	SBX_CALL_DENY,	    /* an error */
	SBX_CALL_KILL,	    /* SIGSYS ends the process */
};

/* What a policy says about one system call. */
struct sbx_call {
	struct sbx_place place;
	int number; /* on this machine */
	enum sbx_call_action action;
	int error; /* errno; 0: the section's */
};

struct sbx_seccomp {
	enum sbx_seccomp_profile profile;
	struct sbx_place place; /* line that chose it; file NULL: no file did */
	int error;		/* of refused calls: EPERM unless said otherwise */
	struct sbx_call *calls;
	size_t n_calls;
};

/* Bits of process.namespaces. */
enum sbx_namespace {
	SBX_NS_PID = 1 << 0,
	SBX_NS_IPC = 1 << 1,
	SBX_NS_UTS = 1 << 2,
	SBX_NS_NET = 1 << 3,
	SBX_NS_MOUNT = 1 << 4,
	SBX_NS_USER = 1 << 5,
	SBX_NS_CGROUP = 1 << 6,
	SBX_NS_TIME = 1 << 7,
};

/* A range of user and group ids of a user namespace, and what they are outside. */
struct sbx_id_map {
	__u32 inside;
	__u32 outside;
	__u32 count;
};

/* What becomes of what a job changes in its root. */
enum sbx_overlay {
	SBX_OVERLAY_NONE = 0, /* it is changed */
	SBX_OVERLAY_DISCARD,
	SBX_OVERLAY_KEEP, /* changes go into a directory */
	SBX_OVERLAY_DIFF, /* as discard, and the result lists them */
};

/* filesystem.root */
struct sbx_root {
	char *path; /* an unpacked image; NULL: the host's root */
	enum sbx_overlay overlay;
	char *directory; /* for SBX_OVERLAY_KEEP */
	bool read_only;
	char **writable; /* but for these trees; NULL-terminated, or NULL */
};

struct sbx_process {
	bool env_clear;		      /* start from an empty environment (default) */
	char **env_pass;	      /* names kept from the caller; NULL-terminated */
	char **env_unset;	      /* names that are taken away after that; NULL-terminated */
	struct sbx_env_pair *env_set; /* set last */
	size_t n_env_set;
	char *workdir;	   /* NULL: the caller's */
	int umask;	   /* SBX_UNSET: the caller's */
	bool no_new_privs; /* default true */
	bool pty;	   /* a terminal of the job's own */
	int *keep_fds;	   /* descriptors above 2 that stay open */
	size_t n_keep_fds;
	char *user;	    /* a name or number; NULL: the caller's */
	char *group;	    /* a name or number; NULL: the user's */
	char **groups;	    /* supplementary ones, NULL-terminated; NULL: none, or the user's */
	bool groups_set;    /* `groups` was given, if only as an empty list */
	__u64 capabilities; /* bits CAP_*: the ones that are kept; SBX_CAPABILITIES_ALL: not said */
	unsigned int securebits;    /* bits SECBIT_*, with their locks */
	unsigned int namespaces;    /* as written; see sbx_policy_namespaces */
	char *hostname;		    /* NULL: the host's */
	struct sbx_id_map *id_maps; /* empty: all ids as they are */
	size_t n_id_maps;
	struct sbx_seccomp seccomp;
};

/* What a job may do to one disk, a second. */
enum sbx_io {
	SBX_IO_READ, /* bytes */
	SBX_IO_WRITE,
	SBX_IO_READS, /* operations */
	SBX_IO_WRITES,
	SBX_IO_KINDS_,
};

#define SBX_IO_MAX 8 /* disks */

struct sbx_io_limit {
	char *path;		     /* a block device, or anything on the disk; absolute */
	__u64 values[SBX_IO_KINDS_]; /* SBX_LIMIT_NONE */
};

struct sbx_limits {
	__u64 memory;	   /* bytes; SBX_LIMIT_NONE */
	__u64 swap;	   /* bytes */
	__u64 cpu_percent; /* of one processor, 150 = one and a half */
	__u64 pids;
	__u64 disk_write; /* bytes */
	struct sbx_io_limit io[SBX_IO_MAX];
	size_t n_io;
	char *cpuset; /* as the kernel writes it: "0-3,6"; NULL: all processors */
	__u64 wall_time_ms;
	__u64 grace_ms;	     /* between SIGTERM and the end of the tree after wall_time; 0: none */
	__u64 violations;    /* this many refusals end the job */
	__u64 cpu_time_s;    /* this and what follows hold for each process by itself */
	__u64 address_space; /* bytes, as file_size, core and stack */
	__u64 file_size;
	__u64 open_files;
	__u64 processes; /* of the job's user, on the whole host */
	__u64 core;	 /* default 0 */
	__u64 stack;
};

/* Where a copy of each record goes. */
enum sbx_sink_kind {
	SBX_SINK_STDERR = 1,
	SBX_SINK_SYSLOG,
	SBX_SINK_JOURNALD,
	SBX_SINK_STREAM,   /* a Unix socket, a line a record */
	SBX_SINK_DATAGRAM, /* a Unix socket, a datagram a record */
};

struct sbx_sink {
	enum sbx_sink_kind kind;
	char *path; /* of the socket; NULL for the others */
};

struct sbx_rotation {
	__u64 size;	   /* bytes of the log at which it is put aside; 0: never */
	unsigned int keep; /* files that are kept beside it */
};

#define SBX_SINKS_MAX 8 /* more is a slip */

struct sbx_audit {
	__u64 rate; /* events a second; 0: all */
	bool chain; /* hash chain in the log, default true */
	char *key;  /* file that holds the chain's key; NULL: none */
	struct sbx_rotation rotation;
	struct sbx_sink sinks[SBX_SINKS_MAX]; /* beside the log itself */
	size_t n_sinks;
};

struct sbx_policy {
	char *name;
	enum sbx_mode mode;
	bool best_effort; /* require: best-effort */
	bool fs_default_allow;
	struct sbx_path_rule *paths; /* in the order of files and lines */
	size_t n_paths;
	struct sbx_program_rule *programs;
	size_t n_programs;
	enum sbx_net_mode net_mode;
	__u64 families;	      /* bits AF_*; besides AF_INET and AF_INET6, which follow the mode */
	bool netlink_route;   /* AF_NETLINK to ask about routes and addresses */
	char **abstract_unix; /* names of abstract Unix sockets; NULL-terminated, or NULL */
	struct sbx_net_rule *nets;
	size_t n_nets;
	struct sbx_named_set *sets;
	size_t n_sets;
	struct sbx_dns_config dns;
	__u8 guards[SBX_GUARDS_MAX];		       /* enum sbx_action */
	struct sbx_place guard_places[SBX_GUARDS_MAX]; /* line that set it; file NULL: built in */
	struct sbx_place fs_default_place;
	struct sbx_place net_mode_place;
	__u64 bandwidth[SBX_WAYS]; /* bits a second, by enum sbx_way; 0: no limit */
	char **private_dirs;	   /* directories of the job's own; NULL-terminated, or NULL */
	struct sbx_root root;
	struct sbx_process process;
	struct sbx_limits limits;
	struct sbx_audit audit;
	char sha256[65]; /* of all files read, in order, built-in ones by their digest; hex */
	char **files;	 /* interned names of the files read; NULL-terminated */
	char **origins;	 /* interned origins of generated rules; NULL-terminated, or NULL */
};

/* What a policy file may refer to. */
struct sbx_policy_vars {
	const char *home;    /* of the job's user: `~` and ${HOME} */
	const char *workdir; /* ${WORKDIR} */
	const char *tmpdir;  /* ${TMPDIR} */
	unsigned int uid;    /* ${UID} */
	const char *const
		*set; /* "K=V" from --set, NULL-terminated; they win over all; may be NULL */
};

/*
 * Loads a policy by file name, or by the name of a built-in ("strict") when `name` has no slash
 * and does not end in .yaml.  Reads what it extends.  All faults go to `diags`.
 * Returns 0 and the policy (free with sbx_policy_free), -EINVAL when diags holds errors,
 * -ENOENT, -EACCES, ... when the file itself cannot be read (a diag says so, too), -ENOMEM.
 */
int sbx_policy_load(const char *name, const struct sbx_policy_vars *vars,
		    struct sbx_policy **ret_policy, struct sbx_diags *diags);

/* The same from memory: `text` is the file's content, `name` what diagnostics call it. */
int sbx_policy_parse(const char *name, const char *text, size_t len,
		     const struct sbx_policy_vars *vars, struct sbx_policy **ret_policy,
		     struct sbx_diags *diags);

void sbx_policy_free(struct sbx_policy *policy);

/*
 * Reads a sink as it is written ("syslog", "stream:/run/log.sock"); the path is the caller's.
 * -ENOENT: no such word; -EINVAL: the socket's path is relative or too long; -ENOMEM.
 */
int sbx_sink_read(const char *text, struct sbx_sink *ret_sink);
/* Adds one, once. Errors as above, and -ENOSPC: there are SBX_SINKS_MAX. */
int sbx_policy_add_sink(struct sbx_policy *policy, const char *text);

/* Adds a rule that the launcher makes (a passed descriptor, its own programs). 0 or -ENOMEM. */
int sbx_policy_add_path(struct sbx_policy *policy, bool deny, __u16 rights, const char *path,
			const char *origin);

/* The namespaces that the policy needs: those that it names, and what other keys imply. */
unsigned int sbx_policy_namespaces(const struct sbx_policy *policy);
/* The word of one bit: "pid". */
const char *sbx_namespace_to_str(enum sbx_namespace bit);

/*
 * Takes over the DNS servers and search suffixes of a resolv.conf's text where the policy asks for
 * `system`; without a server, libc's own default, 127.0.0.1.  0 or -ENOMEM.
 */
int sbx_policy_add_resolvers(struct sbx_policy *policy, const char *text);

/* Does the policy have rules with domains: are names judged? */
bool sbx_policy_has_domains(const struct sbx_policy *policy);

bool sbx_preset_exists(const char *name);
/* NULL-terminated names of the built-ins. */
const char *const *sbx_preset_names(void);

/* What a path rule's `path` is made of. */
enum sbx_path_kind {
	SBX_PATH_PLAIN, /* components, of which some may be `*` */
	SBX_PATH_ANY,	/* a `**` among them, and perhaps `*.ext` at the end */
};
enum sbx_path_kind sbx_path_kind(const char *path);

/* Keywords, both ways; from_str returns a negative errno for an unknown word. */
const char *sbx_op_to_str(unsigned int op);
const char *sbx_op_hooks(unsigned int op);
const char *sbx_guard_to_str(unsigned int guard);
int sbx_guard_from_str(const char *word);
unsigned int sbx_guard_severity(unsigned int guard); /* 1 to 5 */
const char *sbx_guard_meaning(unsigned int guard);
const char *sbx_action_to_str(unsigned int action);
int sbx_action_from_str(const char *word);
const char *sbx_reason_to_str(unsigned int reason);
const char *sbx_verdict_to_str(unsigned int verdict);
const char *sbx_mode_to_str(unsigned int mode);
/* "stream" for SBX_SINK_STREAM; from `word` up to `end` (NULL: all of it), 0: there is none. */
const char *sbx_sink_to_str(enum sbx_sink_kind kind);
enum sbx_sink_kind sbx_sink_from_str(const char *word, const char *end);
const char *sbx_net_mode_to_str(unsigned int mode);
int sbx_net_mode_from_str(const char *word);
/* Address families as policies name them: "inet6"; "unknown" for one without a name. */
const char *sbx_family_to_str(unsigned int family);
int sbx_family_from_str(const char *word);
/* One right by its bit number: "read". */
const char *sbx_right_to_str(unsigned int bit);
/* A right or shorthand (ro, rx, rw, rwx) as a mask, or -EINVAL. */
int sbx_rights_from_str(const char *word);
/* "read+write" into buf; "none" for 0.  Returns buf. */
char *sbx_rights_format(unsigned int rights, char *buf, size_t size);

#endif /* SBX_POLICY_H */
