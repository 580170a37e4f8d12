/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events in the order of their sequence numbers, and every hole declared.
 *
 * The kernel takes a number before it reserves space, so records of two processors may arrive
 * swapped, and a number whose record found no room never arrives.  An event whose predecessor is
 * missing is held until the predecessor comes, SBX_ORDER_WAIT_NS have passed, or
 * SBX_ORDER_WINDOW numbers are between them; then the hole is declared lost.  Each number from 1
 * to the last is therefore handed on exactly once, as an event or inside a hole; an event that
 * comes after all is handed on as `late`, so that its hole can be corrected.  Internal to audit/.
 */
#ifndef SBX_ORDER_H
#define SBX_ORDER_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "sbx/abi.h"

#define SBX_ORDER_WINDOW 4096	     /* swaps span a few records; this many are three full rings */
#define SBX_ORDER_WAIT_NS 1000000000 /* longer than any preemption between number and record */

struct sbx_order_sink {
	/* `late`: its number was inside a hole that `lost` has declared. */
	void (*event)(const struct sbx_event *event, size_t size, bool late, void *ctx);
	void (*lost)(__u64 from, __u64 to, void *ctx); /* both included */
	void *ctx;
};

struct sbx_order;

int sbx_order_new(const struct sbx_order_sink *sink, struct sbx_order **ret_order);
void sbx_order_free(struct sbx_order *order);

/*
 * Takes one event; `now` is CLOCK_BOOTTIME or an event's time.  A number that was there before is
 * dropped (and counted, see below).
 */
void sbx_order_put(struct sbx_order *order, const struct sbx_event *event, size_t size, __u64 now);

/* Gives up on holes that are too old. */
void sbx_order_expire(struct sbx_order *order, __u64 now);

/* Gives up on all holes, up to `last` too (0: up to the highest number that was seen). */
void sbx_order_finish(struct sbx_order *order, __u64 last);

/* Events that were dropped because their number had been handed on already. */
__u64 sbx_order_duplicates(const struct sbx_order *order);

#endif /* SBX_ORDER_H */
