// SPDX-License-Identifier: GPL-2.0-only
/* Reorder window: order, holes, latecomers; and that the sum is exact whatever happens. */
#include "audit_fixture.h"

#include "audit/order.h"

#define SECOND 1000000000ull
#define SEQ_MAX 20000

struct seen {
	__u64 next; /* expected number: everything is handed on in order, latecomers apart */
	__u64 lines;
	__u64 late;
	__u64 lost;
	__u64 last;
	unsigned char
		times[SEQ_MAX + 1]; /* 1: as an event, 2: inside a hole, 3: both, it was late */
};

static void on_event(const struct sbx_event *event, size_t size, bool late, void *ctx)
{
	struct seen *seen = ctx;

	assert_int_equal(size, sizeof(*event));
	assert_true(event->seq <= SEQ_MAX);
	if (late) {
		assert_int_equal(seen->times[event->seq], 2);
		seen->late++;
	} else {
		assert_int_equal(event->seq, seen->next);
		assert_int_equal(seen->times[event->seq], 0);
		seen->next++;
	}
	seen->times[event->seq] |= 1;
	seen->lines++;
	seen->last = event->seq;
}

static void on_lost(__u64 from, __u64 to, void *ctx)
{
	struct seen *seen = ctx;

	assert_int_equal(from, seen->next);
	assert_true(to >= from && to <= SEQ_MAX);
	for (__u64 seq = from; seq <= to; seq++)
		seen->times[seq] |= 2;
	seen->lost += to - from + 1;
	seen->next = to + 1;
}

static struct sbx_order *order_new(struct seen *seen)
{
	const struct sbx_order_sink sink = { on_event, on_lost, seen };
	struct sbx_order *order = NULL;

	*seen = (struct seen){ .next = 1 };
	assert_int_equal(sbx_order_new(&sink, &order), 0);
	return order;
}

static void put(struct sbx_order *order, __u64 seq, __u64 now)
{
	const struct sbx_event event = { .seq = seq };

	sbx_order_put(order, &event, sizeof(event), now);
}

static void events_in_order_pass_at_once(void **state)
{
	struct seen seen;
	struct sbx_order *order = order_new(&seen);

	(void)state;
	for (__u64 seq = 1; seq <= 100; seq++) {
		put(order, seq, 0);
		assert_int_equal(seen.last, seq);
	}
	sbx_order_finish(order, 100);
	assert_int_equal(seen.lost, 0);
	sbx_order_free(order);
}

static void swapped_events_are_put_right(void **state)
{
	struct seen seen;
	struct sbx_order *order = order_new(&seen);

	(void)state;
	put(order, 3, 0);
	put(order, 2, 0);
	assert_int_equal(seen.lines, 0);
	put(order, 1, 0);
	assert_int_equal(seen.lines, 3);
	sbx_order_finish(order, 3);
	assert_int_equal(seen.lost, 0);
	sbx_order_free(order);
}

static void a_hole_is_waited_for_a_second_and_no_longer(void **state)
{
	struct seen seen;
	struct sbx_order *order = order_new(&seen);

	(void)state;
	put(order, 1, 5 * SECOND);
	put(order, 4, 5 * SECOND);
	sbx_order_expire(order, 6 * SECOND - 1);
	assert_int_equal(seen.lines, 1);
	sbx_order_expire(order, 6 * SECOND);
	assert_int_equal(seen.lines, 2);
	assert_int_equal(seen.lost, 2);
	sbx_order_free(order);
}

static void a_full_window_gives_up_on_the_oldest_hole(void **state)
{
	struct seen seen;
	struct sbx_order *order = order_new(&seen);

	(void)state;
	for (__u64 seq = 2; seq <= SBX_ORDER_WINDOW; seq++)
		put(order, seq, 0);
	assert_int_equal(seen.lines, 0);
	put(order, SBX_ORDER_WINDOW + 1, 0);
	assert_int_equal(seen.lost, 1);
	assert_int_equal(seen.lines, SBX_ORDER_WINDOW);
	sbx_order_free(order);
}

static void a_latecomer_is_told_apart_and_a_duplicate_dropped(void **state)
{
	struct seen seen;
	struct sbx_order *order = order_new(&seen);

	(void)state;
	put(order, 10, 0);
	sbx_order_expire(order, 2 * SECOND);
	assert_int_equal(seen.lost, 9);
	put(order, 5, 2 * SECOND);
	put(order, 5, 2 * SECOND);
	put(order, 10, 2 * SECOND);
	put(order, 12, 2 * SECOND);
	put(order, 12, 2 * SECOND);
	assert_int_equal(seen.late, 1);
	assert_int_equal(sbx_order_duplicates(order), 3);
	sbx_order_finish(order, 12);
	assert_int_equal(seen.lines + seen.lost - seen.late, 12);
	sbx_order_free(order);
}

static void holes_at_the_end_count_up_to_the_kernels_number(void **state)
{
	struct seen seen;
	struct sbx_order *order = order_new(&seen);

	(void)state;
	put(order, 1, 0);
	sbx_order_finish(order, 5);
	assert_int_equal(seen.lost, 4);
	sbx_order_finish(order, 5); /* once more changes nothing */
	assert_int_equal(seen.lost, 4);
	sbx_order_free(order);
}

/* One random history: shuffled within `spread`, lossy, some of it years late, some twice. */
static void random_history(unsigned int seed, __u64 n, __u64 spread, unsigned int loss)
{
	static struct seen seen;
	static __u64 seqs[SEQ_MAX];
	struct sbx_order *order = order_new(&seen);
	__u64 sent = 0;

	srand(seed);
	for (__u64 i = 0; i < n; i++)
		seqs[i] = i + 1;
	for (__u64 i = 0; spread && i < n; i++) {
		__u64 j = i + (__u64)rand() % spread;
		__u64 swap = seqs[i];

		if (j >= n)
			continue;
		seqs[i] = seqs[j];
		seqs[j] = swap;
	}
	for (__u64 i = 0; i < n; i++) {
		if ((unsigned int)rand() % 100 < loss)
			continue;
		put(order, seqs[i], i * SECOND / 1000);
		sent++;
		if (rand() % 500 == 0)
			put(order, seqs[i], i * SECOND / 1000);
	}
	sbx_order_finish(order, n);
	assert_int_equal(seen.next, n + 1);
	assert_int_equal(seen.lines, sent);
	assert_int_equal(seen.lines + seen.lost - seen.late, n);
	for (__u64 seq = 1; seq <= n; seq++)
		assert_in_range(seen.times[seq], 1, 3);
	sbx_order_free(order);
}

static void lines_and_lost_are_all_numbers_whatever_happens(void **state)
{
	static const __u64 spreads[] = { 0, 2, 8, 300, 5000, SEQ_MAX };
	static const unsigned int losses[] = { 0, 1, 10, 60, 99 };

	(void)state;
	for (unsigned int seed = 1; seed <= 4; seed++) {
		for (size_t i = 0; i < SBX_ARRAY_SIZE(spreads); i++) {
			for (size_t j = 0; j < SBX_ARRAY_SIZE(losses); j++)
				random_history(seed, 300 + seed * 4900, spreads[i], losses[j]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_in_order_pass_at_once),
		cmocka_unit_test(swapped_events_are_put_right),
		cmocka_unit_test(a_hole_is_waited_for_a_second_and_no_longer),
		cmocka_unit_test(a_full_window_gives_up_on_the_oldest_hole),
		cmocka_unit_test(a_latecomer_is_told_apart_and_a_duplicate_dropped),
		cmocka_unit_test(holes_at_the_end_count_up_to_the_kernels_number),
		cmocka_unit_test(lines_and_lost_are_all_numbers_whatever_happens),
	};

	return cmocka_run_group_tests_name("audit order", tests, NULL, NULL);
}
