// SPDX-License-Identifier: GPL-2.0-only
/*
 * What each version of Landlock can express.  The numbers are the kernel's; the header of the
 * machine on which this is built may be older than the kernel on which it runs.
 */
#include "job/landlock.h"
#include "lib/cleanup.h"

#define EXECUTE (1ull << 0)
#define WRITE_FILE (1ull << 1)
#define READ_FILE (1ull << 2)
#define READ_DIR (1ull << 3)
#define REMOVE_DIR (1ull << 4)
#define REMOVE_FILE (1ull << 5)
#define MAKE_CHAR (1ull << 6)
#define MAKE_DIR (1ull << 7)
#define MAKE_REG (1ull << 8)
#define MAKE_SOCK (1ull << 9)
#define MAKE_FIFO (1ull << 10)
#define MAKE_BLOCK (1ull << 11)
#define MAKE_SYM (1ull << 12)
#define REFER (1ull << 13) /* rename and link from one directory into another */
#define TRUNCATE (1ull << 14)
#define IOCTL_DEV (1ull << 15)
#define RESOLVE_UNIX (1ull << 16) /* connect and sendto to a Unix socket from outside, by path */

#define SCOPE_ABSTRACT_UNIX (1ull << 0)
#define SCOPE_SIGNAL (1ull << 1)

/* Cumulative: each version brought these. */
static const struct {
	int abi;
	__u64 fs;
} versions[] = {
	{ 1, EXECUTE | WRITE_FILE | READ_FILE | READ_DIR | REMOVE_DIR | REMOVE_FILE | MAKE_CHAR |
		     MAKE_DIR | MAKE_REG | MAKE_SOCK | MAKE_FIFO | MAKE_BLOCK | MAKE_SYM },
	{ 2, REFER },
	{ 3, TRUNCATE },
	{ 5, IOCTL_DEV },
	{ 9, RESOLVE_UNIX },
};

/* A right and its accesses.  `attr` has none. */
static const struct {
	unsigned int right;
	__u64 access;
} rights_table[] = {
	{ SBX_RIGHT_READ, READ_FILE },
	{ SBX_RIGHT_LIST, READ_DIR },
	{ SBX_RIGHT_WRITE, WRITE_FILE | TRUNCATE },
	{ SBX_RIGHT_CREATE, MAKE_DIR | MAKE_REG | MAKE_SOCK | MAKE_FIFO | MAKE_SYM | REFER },
	{ SBX_RIGHT_DELETE, REMOVE_DIR | REMOVE_FILE | REFER },
	{ SBX_RIGHT_EXEC, EXECUTE },
	{ SBX_RIGHT_DEVICE, IOCTL_DEV },
	{ SBX_RIGHT_CONNECT, RESOLVE_UNIX },
};

__u64 sbx_landlock_handled(int abi, bool second)
{
	__u64 fs = 0;

	for (size_t i = 0; i < SBX_ARRAY_SIZE(versions); i++) {
		if (versions[i].abi <= abi)
			fs |= versions[i].fs;
	}
	/* It is asked before the mechanism in front is, and makes no event. */
	return second ? fs & ~RESOLVE_UNIX : fs;
}

__u64 sbx_landlock_scoped(int abi, const struct sbx_policy *policy, bool second)
{
	__u64 scoped = 0;

	if (abi < 6)
		return 0;
	if (!second || !policy->abstract_unix)
		scoped |= SCOPE_ABSTRACT_UNIX;
	if (policy->guards[SBX_GUARD_SIGNAL_OUTSIDE] >= SBX_ACTION_DENY)
		scoped |= SCOPE_SIGNAL;
	return scoped;
}

__u64 sbx_landlock_access(int abi, unsigned int rights, const struct sbx_policy *policy,
			  bool second)
{
	__u64 access = 0;

	for (size_t i = 0; i < SBX_ARRAY_SIZE(rights_table); i++) {
		if (rights & rights_table[i].right)
			access |= rights_table[i].access;
	}
	/* Device nodes are a guard's business, too, which tells one device from another. */
	if ((rights & SBX_RIGHT_CREATE) &&
	    (second || policy->guards[SBX_GUARD_RAW_DEVICE] < SBX_ACTION_DENY))
		access |= MAKE_CHAR | MAKE_BLOCK;
	if (second && (rights & SBX_RIGHT_EXEC))
		access |= READ_FILE; /* execve opens the program to read it */
	if (second && rights)
		access |= REFER; /* it takes two directories, and one may have few rights */
	return access & sbx_landlock_handled(abi, second);
}

__u64 sbx_landlock_of_file(__u64 access)
{
	return access & (EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV | RESOLVE_UNIX);
}
