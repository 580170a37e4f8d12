/* SPDX-License-Identifier: GPL-2.0-only */
/* What the suites about guards share: a row's escape, and a guard's deny-allow pair. */
#ifndef SBX_KERNEL_GUARDS_H
#define SBX_KERNEL_GUARDS_H

#include "lib/harness.h"

#define ESCAPE(op, object, guard)                                        \
	{                                                                \
		{                                                        \
			op, object, NULL, guard, NULL, guard, NULL, NULL \
		}                                                        \
	}
/* The program sees another errno than the hook gave. */
#define ESCAPE_AS(op, object, guard, error)                               \
	{                                                                 \
		{                                                         \
			op, object, NULL, guard, NULL, guard, NULL, error \
		}                                                         \
	}

/*
 * All rows with this guard denying and all others allowing, then their acts with this one allowing
 * and all others denying.  `allowed`: results of the second run; NULL: "ok" for each.
 * `more`: further lines of the policy.
 */
void check_guard(const char *guard, const char *more, const struct row *rows,
		 const char *const *allowed, size_t n);

#define CHECK_GUARD(guard, rows) check_guard(guard, "", rows, NULL, ARRAY_SIZE(rows))
#define CHECK_GUARD_RESULTS(guard, rows, allowed) \
	check_guard(guard, "", rows, allowed, ARRAY_SIZE(rows))

/* A process outside, and its name as $COMM. */
void begin_victim(void);

#endif /* SBX_KERNEL_GUARDS_H */
