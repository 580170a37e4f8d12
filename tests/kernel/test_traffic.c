// SPDX-License-Identifier: GPL-2.0-only
/* What a job sends and receives is counted exactly, and its limit holds for raw sockets, too. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/far.h"
#include "lib/start.h"

#define POLICY POLICY_OPEN "network: {mode: full}\n"
#define POLICY_RAW                                                        \
	POLICY_OPEN "network: {mode: full, bandwidth: {egress: 4Mbit}}\n" \
		    "guards: {raw_socket: allow}\n"
#define IP_UDP 28  /* bytes of the heads */
#define IP_TCP 52  /* with time stamps */
#define SYN_MORE 8 /* bytes by which the first packet's head is longer */
#define DESTS_MAX 512

static long long number(const struct run *run, const char *way, const char *key)
{
	return result_number(run, text("metrics.network.%s.%s", way, key));
}

/* Packets and bytes of a way; `bytes` -1: any. */
static void check_way(const struct run *run, const char *way, long long packets, long long bytes)
{
	assert_int_equal(number(run, way, "packets"), packets);
	if (bytes >= 0)
		assert_int_equal(number(run, way, "bytes"), bytes);
	assert_int_equal(number(run, way, "dropped_packets"), 0);
}

static const json_t *destinations(const struct run *run)
{
	return json_object_get(json_object_get(json_object_get(run->result, "metrics"), "network"),
			       "destinations");
}

static long long member(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void run_acts(const char *policy, const char *const *argv, struct run *ret_run)
{
	const struct start start = { .name = "traffic", .policy = policy, .argv = argv };

	need_far();
	do_run(&start, ret_run);
}

static void datagrams_are_counted_each_way_and_by_destination(void **state)
{
	static const char *const argv[] = { ACT,    "pump", FAR,      FAR_PORT, "300",	"100", ",",
					    "pump", FAR,    FAR_PORT, "7",	"1400", NULL };
	const long long bytes = 300 * (100 + IP_UDP) + 7 * (1400 + IP_UDP);
	const json_t *line;
	struct run run;

	(void)state;
	run_acts(POLICY, argv, &run);
	assert_string_equal(run.out, "ok\nok\n");
	check_way(&run, "egress", 307, bytes);
	check_way(&run, "ingress", 307, bytes);
	assert_int_equal(result_number(&run, "metrics.network.destinations_known"), 1);
	line = json_array_get(destinations(&run), 0);
	assert_string_equal(json_string_value(json_object_get(line, "address")), FAR);
	assert_string_equal(json_string_value(json_object_get(line, "protocol")), "udp");
	assert_int_equal(member(line, "port"), atoi(FAR_PORT));
	assert_int_equal(member(line, "egress_packets"), 307);
	assert_int_equal(member(line, "ingress_bytes"), bytes);
	free_run(&run);
}

static void what_a_process_sent_counts_when_it_was_killed(void **state)
{
	static const char *const argv[] = { "sh", "-c",
					    ACT " pump " FAR " " FAR_PORT " 50 100; kill -KILL $$",
					    NULL };
	struct run run;

	(void)state;
	run_acts(POLICY, argv, &run);
	assert_int_equal(run.status, 128 + 9);
	check_way(&run, "egress", 50, 50 * (100 + IP_UDP));
	check_way(&run, "ingress", 50, 50 * (100 + IP_UDP));
	free_run(&run);
}

/* The loopback, by its own address and by one of the host's. */
static void the_loopback_is_counted_apart_and_not_limited(void **state)
{
	static const char *const argv[] = { ACT,    "pump", "127.0.0.1", FAR_PORT, "200",
					    "1000", ",",    "pump",	 NEAR,	   FAR_PORT,
					    "200",  "1000", NULL };
	struct run run;

	(void)state;
	run_acts(POLICY_OPEN "network: {mode: full, bandwidth: {egress: 8kbit, ingress: 8kbit}}\n",
		 argv, &run);
	assert_string_equal(run.out, "ok\nok\n");
	check_way(&run, "egress", 0, 0);
	check_way(&run, "ingress", 0, 0);
	assert_int_equal(number(&run, "egress", "loopback_packets"), 400);
	assert_int_equal(number(&run, "ingress", "loopback_bytes"), 400 * (1000 + IP_UDP));
	assert_int_equal(result_number(&run, "metrics.network.destinations_known"), 0);
	free_run(&run);
}

/* Each packet has the same head but the first: so what the kernel cuts later must be counted cut.
 */
static void tcp_is_counted_as_the_packets_on_the_wire(void **state)
{
	static const char *const argv[] = { ACT, "pour", FAR, FAR_PORT, "3000000", NULL };
	long long packets, most;
	struct run run;

	(void)state;
	run_acts(POLICY, argv, &run);
	assert_string_equal(run.out, "ok\n");
	packets = number(&run, "egress", "packets");
	most = 3000000 / (1500 - IP_TCP);
	assert_in_range(packets, most, most + 100);
	assert_int_equal(number(&run, "egress", "bytes"), 3000000 + SYN_MORE + packets * IP_TCP);
	assert_true(number(&run, "ingress", "packets") > 0);
	free_run(&run);
}

static void more_destinations_than_have_room_are_counted_together(void **state)
{
	static const char *const argv[] = { ACT,     "spray",	  "10.78.1.0", "1000", "100", ",",
					    "spray", "10.78.1.0", "40",	       "100",  NULL };
	const json_t *lines, *line;
	struct run run;
	size_t i;

	(void)state;
	run_acts(POLICY, argv, &run);
	assert_string_equal(run.out, "ok\nok\n");
	check_way(&run, "egress", 1040, 1040 * (100 + IP_UDP));
	assert_int_equal(result_number(&run, "metrics.network.destinations_known"), DESTS_MAX);
	assert_int_equal(number(&run, "overflow", "egress_packets"), 1000 - DESTS_MAX);
	assert_int_equal(number(&run, "overflow", "egress_bytes"),
			 (1000 - DESTS_MAX) * (100 + IP_UDP));
	lines = destinations(&run);
	assert_int_equal(json_array_size(lines), 20);
	json_array_foreach (lines, i, line)
		assert_int_equal(member(line, "egress_packets"), 2); /* 40 of them: the most */
	free_run(&run);
}

/* Over t seconds, the limit times t and a quarter of a second, and one packet. */
static void a_raw_socket_is_limited_without_an_error_or_a_violation(void **state)
{
	static const char *const argv[] = { ACT, "raw-flood", FAR, "3000", NULL };
	double seconds;
	struct run run;

	(void)state;
	run_acts(POLICY_RAW, argv, &run);
	assert_string_equal(run.out, "ok\n");
	seconds = json_real_value(
		json_object_get(json_object_get(run.result, "metrics"), "run_seconds"));
	print_message("note: a raw socket sent %lld bytes in %.2f s, %lld were dropped\n",
		      number(&run, "egress", "bytes"), seconds,
		      number(&run, "egress", "dropped_bytes"));
	assert_true((double)number(&run, "egress", "bytes") <= 500000 * (seconds + 0.25) + 1020);
	assert_true(number(&run, "egress", "bytes") >= 500000 * 3);
	assert_true(number(&run, "egress", "dropped_packets") > 0);
	assert_int_equal(result_number(&run, "metrics.violations"), 0);
	free_run(&run);
}

static bool has_counted(const void *ctx)
{
	static const char *const argv[] = { NULL, "--json", "stats", "traffic", NULL };
	const char *own[5];
	int status;

	(void)ctx;
	memcpy(own, argv, sizeof(own));
	own[0] = sbx_bin();
	return strstr(output_of(own, &status), "\"packets\": 5,") && !status;
}

static void stats_shows_a_job_that_runs(void **state)
{
	static const char *const argv[] = { ACT,   "pump", FAR,	    FAR_PORT, "5",
					    "100", ",",	   "sleep", "60000",  NULL };
	const struct start start = { .name = "traffic", .policy = POLICY, .argv = argv };
	struct run run;

	(void)state;
	need_far();
	start_run(&start, &run);
	assert_true(becomes_true(has_counted, NULL, 20000));
	assert_int_equal(kill(run.launcher, SIGTERM), 0);
	end_run(&run);
	free_run(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAR_TEST(datagrams_are_counted_each_way_and_by_destination),
		FAR_TEST(what_a_process_sent_counts_when_it_was_killed),
		FAR_TEST(the_loopback_is_counted_apart_and_not_limited),
		FAR_TEST(tcp_is_counted_as_the_packets_on_the_wire),
		FAR_TEST(more_destinations_than_have_room_are_counted_together),
		FAR_TEST(a_raw_socket_is_limited_without_an_error_or_a_violation),
		FAR_TEST(stats_shows_a_job_that_runs),
	};

	return RUN_SUITE("traffic", tests);
}
