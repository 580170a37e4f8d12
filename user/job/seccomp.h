/* SPDX-License-Identifier: GPL-2.0-only */
/* The filter of system calls: profiles as data, and the program that libseccomp makes of them. */
#ifndef SBX_JOB_SECCOMP_H
#define SBX_JOB_SECCOMP_H

#include <linux/filter.h>
#include <linux/types.h>
#include <stdbool.h>

#include "lib/error.h"
#include "policy/compile.h"

/* A call that the profile `default` refuses. */
struct sbx_call_row {
	const char *call;
	/*
	 * The guard whose business it is.  Where the kernel has that guard the call is left to it:
	 * it sees what a filter cannot (whose process, which file), and makes an event.
	 * NULL, or one that guards.def does not have: the filter refuses.
	 */
	const char *guard;
	/* Refused only where (argument & mask) == value, for each of the two; mask 0: always. */
	__u64 mask;
	__u64 value;
	__u64 second_mask;
	__u64 second_value;
	unsigned int argument; /* its number */
	unsigned int second;   /* that of the second one */
	int error;	       /* errno; 0: the policy's */
	/* Refused only where the argument is something else than 0. */
	bool not_zero;
};

extern const struct sbx_call_row sbx_seccomp_default[]; /* ends with a NULL call */
extern const char *const sbx_seccomp_strict[];		/* calls that pass; NULL-terminated */

/* A filter, ready to be installed; len 0: nothing is to be filtered. */
struct sbx_filter {
	struct sock_fprog program;
	bool kills; /* SIGSYS is among its answers */
};

/*
 * Builds the filter of a job.  `kernel_guards`: the guards' own hooks enforce; otherwise the
 * filter stands in for those guards that it can, and for the address families.
 * -ENOMEM, or as libseccomp says.
 */
int sbx_seccomp_build(const struct sbx_policy *policy, const struct sbx_compiled *compiled,
		      bool kernel_guards, struct sbx_filter *ret_filter, struct sbx_error *err);
void sbx_filter_free(struct sbx_filter *filter);

/* Installs it on the calling process for good. 0 or an errno, positive. */
int sbx_filter_install(const struct sbx_filter *filter);

/* True when the filter of `kernel_guards` = false refuses what this guard means. */
bool sbx_seccomp_has_guard(unsigned int guard);

/* "mount, reboot": what the policy names under `kill`; the caller's.  NULL: nothing, no memory. */
char *sbx_seccomp_killers(const struct sbx_policy *policy);

#endif /* SBX_JOB_SECCOMP_H */
