// SPDX-License-Identifier: GPL-2.0-only
/* The reorder window; see order.h for what it promises. */
#include "audit/order.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/holes.h"

struct held {
	struct sbx_event *event; /* a copy; NULL: not here yet */
	size_t size;
	__u64 since;
};

/* Invariant: `slots` holds numbers next + 1 .. next + SBX_ORDER_WINDOW - 1 only, never next. */
struct sbx_order {
	struct sbx_order_sink sink;
	__u64 next;	  /* the first number not handed on */
	__u64 first_held; /* lowest number in `slots`; only while n_held */
	size_t n_held;
	__u64 duplicates;
	struct sbx_holes holes; /* declared; for latecomers */
	struct held slots[SBX_ORDER_WINDOW];
};

static struct held *slot_of(struct sbx_order *order, __u64 seq)
{
	return &order->slots[seq % SBX_ORDER_WINDOW];
}

int sbx_order_new(const struct sbx_order_sink *sink, struct sbx_order **ret_order)
{
	struct sbx_order *order = calloc(1, sizeof(*order));

	if (!order)
		return -ENOMEM;
	order->sink = *sink;
	order->next = 1;
	*ret_order = order;
	return 0;
}

void sbx_order_free(struct sbx_order *order)
{
	if (!order)
		return;
	for (size_t i = 0; i < SBX_ORDER_WINDOW; i++)
		free(order->slots[i].event);
	sbx_holes_free(&order->holes);
	free(order);
}

/* Declares everything before `seq` that was not handed on; nothing held is below it. */
static void give_up(struct sbx_order *order, __u64 seq)
{
	if (order->next >= seq)
		return;
	order->sink.lost(order->next, seq - 1, order->sink.ctx);
	sbx_holes_add(&order->holes, order->next, seq - 1);
	order->next = seq;
}

/* Hands on the run that starts at `next`, then finds the next held number. */
static void hand_on(struct sbx_order *order)
{
	struct held *slot = slot_of(order, order->next);

	while (slot->event) {
		order->sink.event(slot->event, slot->size, false, order->sink.ctx);
		free(slot->event);
		slot->event = NULL;
		order->n_held--;
		order->next++;
		slot = slot_of(order, order->next);
	}
	if (order->n_held == 0)
		return;
	order->first_held = order->next;
	while (!slot_of(order, order->first_held)->event)
		order->first_held++;
}

/* Makes `seq` fall into the window: gives up on holes from the front for as long as it takes. */
static void make_room(struct sbx_order *order, __u64 seq)
{
	while (seq - order->next >= SBX_ORDER_WINDOW && order->n_held) {
		give_up(order, order->first_held);
		hand_on(order);
	}
	if (seq - order->next >= SBX_ORDER_WINDOW)
		give_up(order, seq);
}

/* Everything held, and the holes between. */
static void release_all(struct sbx_order *order)
{
	while (order->n_held) {
		give_up(order, order->first_held);
		hand_on(order);
	}
}

static int hold(struct sbx_order *order, const struct sbx_event *event, size_t size, __u64 now)
{
	struct held *slot = slot_of(order, event->seq);
	struct sbx_event *copy = malloc(size);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, event, size);
	*slot = (struct held){ .event = copy, .size = size, .since = now };
	if (order->n_held == 0 || event->seq < order->first_held)
		order->first_held = event->seq;
	order->n_held++;
	return 0;
}

static void put_ahead(struct sbx_order *order, const struct sbx_event *event, size_t size,
		      __u64 now)
{
	make_room(order, event->seq);
	if (event->seq == order->next)
		return;
	if (slot_of(order, event->seq)->event) {
		order->duplicates++;
		return;
	}
	if (hold(order, event, size, now) == 0)
		return;
	/* No memory to wait with: what is held goes out, and so does this one, in order. */
	while (order->n_held && order->first_held < event->seq) {
		give_up(order, order->first_held);
		hand_on(order);
	}
	give_up(order, event->seq);
}

void sbx_order_put(struct sbx_order *order, const struct sbx_event *event, size_t size, __u64 now)
{
	if (event->seq > order->next)
		put_ahead(order, event, size, now);
	if (event->seq == order->next) {
		order->sink.event(event, size, false, order->sink.ctx);
		order->next++;
		if (order->n_held)
			hand_on(order);
	} else if (event->seq < order->next) {
		if (sbx_holes_take(&order->holes, event->seq))
			order->sink.event(event, size, true, order->sink.ctx);
		else
			order->duplicates++;
	}
	if (order->n_held)
		sbx_order_expire(order, now);
}

void sbx_order_expire(struct sbx_order *order, __u64 now)
{
	while (order->n_held) {
		__u64 since = slot_of(order, order->first_held)->since;

		if (now < since || now - since < SBX_ORDER_WAIT_NS)
			return;
		give_up(order, order->first_held);
		hand_on(order);
	}
}

void sbx_order_finish(struct sbx_order *order, __u64 last)
{
	release_all(order);
	if (last >= order->next)
		give_up(order, last + 1);
}

__u64 sbx_order_duplicates(const struct sbx_order *order)
{
	return order->duplicates;
}
