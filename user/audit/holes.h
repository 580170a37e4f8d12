/* SPDX-License-Identifier: GPL-2.0-only */
/* A set of number ranges that were declared lost, in ascending order.  Internal to audit/. */
#ifndef SBX_HOLES_H
#define SBX_HOLES_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#define SBX_HOLES_MAX 16384 /* more than a second's worth; older ones are forgotten */

struct sbx_hole {
	__u64 from;
	__u64 to; /* included */
};

/* Start with `= { 0 }`. */
struct sbx_holes {
	struct sbx_hole *items; /* ascending, disjoint; owned */
	size_t n;
	size_t cap;
};

/*
 * Adds a range above all others.  Without memory or room the older half is forgotten, so that a
 * later sbx_holes_take() of those says false.
 */
void sbx_holes_add(struct sbx_holes *holes, __u64 from, __u64 to);

/* Takes a number out of the range that holds it; false when none does. */
bool sbx_holes_take(struct sbx_holes *holes, __u64 number);

void sbx_holes_free(struct sbx_holes *holes);

#endif /* SBX_HOLES_H */
