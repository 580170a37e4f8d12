// SPDX-License-Identifier: GPL-2.0-only
/* Ranges of lost numbers, for those that turn up after all. */
#include "audit/holes.h"

#include <stdlib.h>
#include <string.h>

void sbx_holes_free(struct sbx_holes *holes)
{
	free(holes->items);
	*holes = (struct sbx_holes){ 0 };
}

/* Room for one more; otherwise forgets the older half. Returns how many were forgotten. */
static size_t make_room(struct sbx_holes *holes)
{
	size_t cap = holes->cap ? holes->cap * 2 : 16;
	struct sbx_hole *grown = NULL;
	size_t gone;

	if (holes->n < holes->cap)
		return 0;
	if (cap <= SBX_HOLES_MAX)
		grown = realloc(holes->items, cap * sizeof(*grown));
	if (grown) {
		holes->items = grown;
		holes->cap = cap;
		return 0;
	}
	gone = holes->n - holes->n / 2;
	holes->n -= gone;
	if (holes->n)
		memmove(holes->items, holes->items + gone, holes->n * sizeof(*holes->items));
	return gone;
}

static void insert(struct sbx_holes *holes, size_t at, __u64 from, __u64 to)
{
	size_t gone = make_room(holes);

	if (at < gone || holes->n == holes->cap)
		return; /* its place was forgotten, too, or there is no memory at all */
	at -= gone;
	memmove(holes->items + at + 1, holes->items + at, (holes->n - at) * sizeof(*holes->items));
	holes->items[at] = (struct sbx_hole){ from, to };
	holes->n++;
}

void sbx_holes_add(struct sbx_holes *holes, __u64 from, __u64 to)
{
	insert(holes, holes->n, from, to);
}

bool sbx_holes_take(struct sbx_holes *holes, __u64 number)
{
	size_t lo = 0;
	size_t hi = holes->n;
	struct sbx_hole hole;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (holes->items[mid].to < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == holes->n || holes->items[lo].from > number)
		return false;
	hole = holes->items[lo];
	if (hole.from == hole.to) {
		holes->n--;
		memmove(holes->items + lo, holes->items + lo + 1,
			(holes->n - lo) * sizeof(*holes->items));
	} else if (number == hole.from) {
		holes->items[lo].from++;
	} else {
		holes->items[lo].to = number - 1;
		if (number < hole.to)
			insert(holes, lo + 1, number + 1, hole.to);
	}
	return true;
}
