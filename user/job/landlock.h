/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Landlock, for what it can express of a policy's files: in place of the kernel's hooks under
 * `require: best-effort`, or as a second line behind a mechanism that can miss one.
 */
#ifndef SBX_JOB_LANDLOCK_H
#define SBX_JOB_LANDLOCK_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "job/effort.h"
#include "lib/error.h"
#include "policy/compile.h"

/* A path and what is allowed there and below it: Landlock adds up what it finds on the way. */
struct sbx_landlock_rule {
	char *path;
	__u64 access;
};

/* Accesses to ports of TCP, and the version that brought them. */
#define SBX_LANDLOCK_BIND_TCP (1ull << 0)
#define SBX_LANDLOCK_CONNECT_TCP (1ull << 1)
#define SBX_LANDLOCK_HAS_PORTS 4
#define SBX_LANDLOCK_PORTS_MAX 4096 /* rules for one of them; that many take some milliseconds */

/* A port of TCP and what is allowed there, to and at any address. */
struct sbx_landlock_port {
	__u64 access;
	__u64 port; /* as the kernel has it: host byte order */
};

/* What the child does; nothing of it is done before. */
struct sbx_landlock {
	int abi;      /* of this kernel; 0: nothing is restricted */
	__u64 fs;     /* accesses that are refused where no rule allows them */
	__u64 net;    /* the same of TCP; 0: every port is open */
	__u64 scoped; /* signals, abstract sockets */
	struct sbx_landlock_rule *rules;
	size_t n_rules;
	struct sbx_landlock_port *ports;
	size_t n_ports;
	__u64 net_open; /* what is not in `net`, although the policy leaves ports closed */
	__u64 self;	/* what is allowed in the command's own directory under /proc */
	__u64 queues;	/* and in the POSIX message queues, which lie on no mount of the job's */
};

/* The version of this kernel's interface, from 1; or -ENOTSUP: it is missing or switched off. */
int sbx_landlock_abi(void);

/*
 * Plans the restriction for a policy.  `second`: another mechanism enforces the same policy, so
 * nothing that it allows may be refused; otherwise what is allowed may become less where that
 * is the only way not to allow more.  What stays open, and by which line it should not, is
 * added to `gaps`.  0 or -ENOMEM.
 */
int sbx_landlock_plan(const struct sbx_policy *policy, const struct sbx_compiled *compiled, int abi,
		      bool second, struct sbx_landlock *ret_plan, struct sbx_gaps *gaps);
/*
 * Adds what the policy's rules for addresses and domains come to for ports of TCP alone: one is
 * open when it is to any address.  On a kernel before version 4, or if the ports are too many, all
 * stay open and plan->net_open says so.  0 or -ENOMEM.
 */
int sbx_landlock_plan_ports(const struct sbx_compiled *compiled, struct sbx_landlock *plan);
void sbx_landlock_free(struct sbx_landlock *plan);

/* Restricts the calling process for good. 0 or an errno, positive. */
int sbx_landlock_restrict(const struct sbx_landlock *plan);

/* Proves in a child that this kernel's Landlock refuses and allows.  -EBADMSG: it does not. */
int sbx_landlock_canary(int abi, struct sbx_error *err);
/* The same within a job, by something that the outer policy lets it open. */
int sbx_landlock_canary_nested(int abi, struct sbx_error *err);

/* --- landlock_abi.c: what versions can express ------------------------------------------ */

__u64 sbx_landlock_handled(int abi, bool second);
__u64 sbx_landlock_scoped(int abi, const struct sbx_policy *policy, bool second);
/*
 * Accesses that the rights come to; of files alone with `sbx_landlock_of_file`.  `second`: with
 * what Landlock asks for beyond them, as in sbx_landlock_plan.
 */
__u64 sbx_landlock_access(int abi, unsigned int rights, const struct sbx_policy *policy,
			  bool second);
__u64 sbx_landlock_of_file(__u64 access);

#endif /* SBX_JOB_LANDLOCK_H */
