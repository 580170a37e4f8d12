// SPDX-License-Identifier: GPL-2.0-only
/*
 * Internet addresses: what a policy opens is reached, what it does not is refused before a packet
 * leaves, with the event to it.  Families, Unix sockets: test_sockets.c.  All peers are on the
 * loopback, where every 127.x.y.z answers; elsewhere "ENETUNREACH" shows that the policy let it
 * out.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/harness.h"

#define CLOSED "ENETUNREACH" /* let out by the policy, no route there */
#define PEERS_MAX 4

/* A refusal by the rule in whose line `text` stands. */
#define REFUSED(op, object, text)                                      \
	{                                                              \
		{                                                      \
			op, object, NULL, text, NULL, NULL, NULL, NULL \
		}                                                      \
	}

/* --- listeners outside the job ---------------------------------------------------------------- */

static int peers[PEERS_MAX];

static int open_peer(int type, const char *address, int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1;

	assert_true(fd >= 0);
	assert_int_equal(inet_pton(AF_INET, address, &at.sin_addr), 1);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)))
		fail_msg("bind %s %d: %s", address, port, strerror(errno));
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 8), 0);
	return fd;
}

/* How many bytes have come, over all connections. Closes the peer. */
static int take_bytes(int fd)
{
	char room[64];
	int n = 0, bytes = 0, type = 0, peer;
	socklen_t len = sizeof(type);

	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len), 0);
	if (type == SOCK_DGRAM) {
		while ((n = (int)recv(fd, room, sizeof(room), MSG_DONTWAIT)) >= 0)
			bytes += n;
	} else {
		while ((peer = accept(fd, NULL, NULL)) >= 0) {
			while ((n = (int)recv(peer, room, sizeof(room), MSG_DONTWAIT)) > 0)
				bytes += n;
			(void)close(peer);
		}
	}
	(void)close(fd);
	return bytes;
}

/* --- who may be talked to ------------------------------------------------------------------------
 */

#define FILTERED             \
	POLICY_OPEN          \
	"network:\n"         \
	"  mode: filtered\n" \
	"  rules:\n"

#define SOME                                                                                  \
	FILTERED                                                                              \
	"    - allow: {to: [127.0.0.1, \"::1\"], ports: [8001, 8100-8199], protocols: tcp}\n" \
	"    - allow: {to: 127.0.0.1, ports: 8002, protocols: udp}\n"                         \
	"    - allow: {to: \"::1\", ports: 8003, protocols: [udp]}\n"
#define NO_RULE "mode: filtered"

static void addresses_ports_and_protocols_off_the_list_are_refused(void **state)
{
	static const struct row rows[] = {
		{ "connect tcp 127.0.0.1 8001", "ok" },
		{ "connect tcp 127.0.0.1 8002", "EACCES",
		  REFUSED("connect", "tcp 127.0.0.1 8002", NO_RULE) },
		{ "connect tcp 127.0.0.2 8001", "EACCES",
		  REFUSED("connect", "tcp 127.0.0.2 8001", NO_RULE) },
		{ "connect udp 127.0.0.1 8002", "ok" },
		{ "connect udp 127.0.0.1 8003", "EACCES",
		  REFUSED("connect", "udp 127.0.0.1 8003", NO_RULE) },
		{ "connect udp 127.0.0.2 8002", "EACCES",
		  REFUSED("connect", "udp 127.0.0.2 8002", NO_RULE) },
		{ "connect tcp ::1 8001", "ok" },
		{ "connect tcp ::1 8003", "EACCES", REFUSED("connect", "tcp ::1 8003", NO_RULE) },
		{ "connect tcp ::2 8001", "EACCES", REFUSED("connect", "tcp ::2 8001", NO_RULE) },
		{ "connect udp ::1 8003", "ok" },
		{ "connect udp ::1 8002", "EACCES", REFUSED("connect", "udp ::1 8002", NO_RULE) },
		{ "connect udp fd00::1 8003", "EACCES",
		  REFUSED("connect", "udp fd00::1 8003", NO_RULE) },
	};

	(void)state;
	check_rows(SOME, rows, ARRAY_SIZE(rows));
}

static void a_range_of_ports_ends_where_it_says(void **state)
{
	static const struct row rows[] = {
		{ "connect tcp 127.0.0.1 8100", "ok" },
		{ "connect tcp 127.0.0.1 8150", "ok" },
		{ "connect tcp 127.0.0.1 8199", "ok" },
		{ "connect tcp 127.0.0.1 8099", "EACCES",
		  REFUSED("connect", "tcp 127.0.0.1 8099", NO_RULE) },
		{ "connect tcp 127.0.0.1 8200", "EACCES",
		  REFUSED("connect", "tcp 127.0.0.1 8200", NO_RULE) },
	};

	(void)state;
	check_rows(SOME, rows, ARRAY_SIZE(rows));
}

static void a_mapped_address_is_the_ipv4_address(void **state)
{
	static const struct row rows[] = {
		{ "connect tcp ::ffff:127.0.0.1 8001", "ok" },
		{ "connect tcp ::ffff:127.0.0.2 8001", "EACCES",
		  REFUSED("connect", "tcp 127.0.0.2 8001", NO_RULE) },
		{ "connect udp ::ffff:127.0.0.1 8002", "ok" },
		{ "connect udp ::ffff:127.0.0.1 8003", "EACCES",
		  REFUSED("connect", "udp 127.0.0.1 8003", NO_RULE) },
		{ "send udp ::ffff:127.0.0.1 8002", "ok" },
		{ "send udp ::ffff:127.0.0.1 8003", "EACCES",
		  REFUSED("send", "udp 127.0.0.1 8003", NO_RULE) },
	};

	(void)state;
	check_rows(SOME, rows, ARRAY_SIZE(rows));
}

static void the_unspecified_address_is_the_loopback(void **state)
{
	static const struct row rows[] = {
		{ "connect tcp 0.0.0.0 8001", "ok" },
		{ "connect tcp 0.0.0.0 8002", "EACCES",
		  REFUSED("connect", "tcp 127.0.0.1 8002", NO_RULE) },
		{ "connect tcp :: 8001", "ok" },
		{ "connect tcp :: 8003", "EACCES", REFUSED("connect", "tcp ::1 8003", NO_RULE) },
		{ "connect tcp ::ffff:0.0.0.0 8002", "EACCES",
		  REFUSED("connect", "tcp 127.0.0.1 8002", NO_RULE) },
		{ "send udp 0.0.0.0 8002", "ok" },
		{ "send udp 0.0.0.0 8001", "EACCES",
		  REFUSED("send", "udp 127.0.0.1 8001", NO_RULE) },
	};

	(void)state;
	check_rows(SOME, rows, ARRAY_SIZE(rows));
}

/* The address is allowed, but the packet would go to the first hop of its route. */
static void a_source_route_is_refused(void **state)
{
	static const struct row rows[] = {
		{ "send udp 127.0.0.1 8002", "ok" },
		{ "send-route 127.0.0.1 8002 127.9.9.9",
		  "EPERM",
		  { { "send", "*", NULL, "built in", "source-route", NULL, NULL, NULL } } },
	};

	(void)state;
	check_rows(SOME "guards: {kernel_control: allow}\n", rows, ARRAY_SIZE(rows));
}

static void the_most_specific_prefix_decides(void **state)
{
	static const char policy[] = FILTERED "    - allow: {to: 127.0.0.0/8}\n"
					      "    - deny: {to: 127.1.0.0/16}\n"
					      "    - allow: {to: 127.1.2.3, ports: 80}\n"
					      "    - deny: {to: 127.2.0.0/16, ports: 22}\n"
					      "    - allow: {to: \"fd00::/8\"}\n"
					      "    - deny: {to: \"fd00:1::/32\"}\n";
	static const struct row rows[] = {
		{ "connect tcp 127.2.0.1 80", "ok" },
		{ "connect tcp 127.1.9.9 80", "EACCES",
		  REFUSED("connect", "tcp 127.1.9.9 80", "127.1.0.0/16") },
		{ "connect tcp 127.1.2.3 80", "ok" },
		{ "connect tcp 127.1.2.3 81", "EACCES",
		  REFUSED("connect", "tcp 127.1.2.3 81", "127.1.0.0/16") },
		{ "connect tcp 127.1.2.4 80", "EACCES",
		  REFUSED("connect", "tcp 127.1.2.4 80", "127.1.0.0/16") },
		{ "connect tcp 127.2.0.1 22", "EACCES",
		  REFUSED("connect", "tcp 127.2.0.1 22", "ports: 22") },
		{ "connect tcp fd00:2::1 80", CLOSED },
		{ "connect tcp fd00:1::1 80", "EACCES",
		  REFUSED("connect", "tcp fd00:1::1 80", "fd00:1::/32") },
	};

	(void)state;
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

/* --- modes and named sets ------------------------------------------------------------------------
 */

static void named_sets_are_what_they_say(void **state)
{
	static const char policy[] = FILTERED "    - allow: {to: [\"@loopback\", \"@private\"]}\n"
					      "    - deny: {to: \"@linklocal\"}\n";
	static const struct row rows[] = {
		{ "connect tcp 127.9.9.9 80", "ok" },
		{ "connect tcp ::1 80", "ok" },
		{ "connect tcp 10.1.1.1 80", CLOSED },
		{ "connect tcp 172.16.0.1 80", CLOSED },
		{ "connect tcp 172.32.0.1 80", "EACCES",
		  REFUSED("connect", "tcp 172.32.0.1 80", NO_RULE) },
		{ "connect tcp 192.168.1.1 80", CLOSED },
		{ "connect tcp fd12::1 80", CLOSED },
		{ "connect tcp 8.8.8.8 80", "EACCES",
		  REFUSED("connect", "tcp 8.8.8.8 80", NO_RULE) },
		{ "connect tcp 169.254.1.1 80", "EACCES",
		  REFUSED("connect", "tcp 169.254.1.1 80", "@linklocal") },
	};

	(void)state;
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void mode_full_refuses_only_metadata_and_denies(void **state)
{
	static const char policy[] = POLICY_OPEN "network:\n"
						 "  mode: full\n"
						 "  rules:\n"
						 "    - deny: {to: 9.9.9.9}\n";
	static const struct row rows[] = {
		{ "connect tcp 8.8.8.8 443", CLOSED },
		{ "connect tcp 2001:db8::1 443", CLOSED },
		{ "connect tcp 9.9.9.9 443", "EACCES",
		  REFUSED("connect", "tcp 9.9.9.9 443", "9.9.9.9") },
		{ "connect tcp 169.254.169.254 80", "EACCES",
		  REFUSED("connect", "tcp 169.254.169.254 80", "built in") },
		{ "connect tcp ::ffff:169.254.169.254 80", "EACCES",
		  REFUSED("connect", "tcp 169.254.169.254 80", "built in") },
		{ "connect tcp fd00:ec2::254 80", "EACCES",
		  REFUSED("connect", "tcp fd00:ec2::254 80", "built in") },
		{ "send udp 100.100.100.200 80", "EACCES",
		  REFUSED("send", "udp 100.100.100.200 80", "built in") },
		{ "bind tcp 127.0.0.1 8300", "ok" },
	};

	(void)state;
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void metadata_is_reached_when_a_rule_names_it(void **state)
{
	static const char policy[] = FILTERED "    - allow: {to: 169.254.169.254, ports: 80}\n";
	static const struct row rows[] = {
		{ "connect tcp 169.254.169.254 80", CLOSED },
		{ "connect tcp 169.254.169.254 81", "EACCES",
		  REFUSED("connect", "tcp 169.254.169.254 81", "built in") },
		{ "connect tcp 169.254.170.2 80", "EACCES",
		  REFUSED("connect", "tcp 169.254.170.2 80", "built in") },
	};

	(void)state;
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void mode_internal_stays_inside(void **state)
{
	static const char policy[] = POLICY_OPEN "network: {mode: internal}\n";
	static const struct row rows[] = {
		{ "connect tcp 127.0.0.1 8001", "ok" },
		{ "connect tcp ::1 8001", "ok" },
		{ "connect tcp 192.168.3.4 80", CLOSED },
		{ "send udp 10.0.0.1 53", CLOSED },
		{ "connect tcp 8.8.8.8 80", "EACCES",
		  REFUSED("connect", "tcp 8.8.8.8 80", "mode: internal") },
		{ "send udp 8.8.8.8 53", "EACCES",
		  REFUSED("send", "udp 8.8.8.8 53", "mode: internal") },
		{ "connect tcp 100.100.100.200 80", "EACCES",
		  REFUSED("connect", "tcp 100.100.100.200 80", "built in") },
	};

	(void)state;
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

/* --- every way out
 * -------------------------------------------------------------------------------- */

static void every_way_to_send_is_decided(void **state)
{
	static const struct row rows[] = {
		{ "send udp 127.0.0.1 8002", "ok" },
		{ "send udp 127.0.0.1 8001", "EACCES",
		  REFUSED("send", "udp 127.0.0.1 8001", NO_RULE) },
		{ "send udp ::1 8003", "ok" },
		{ "send udp ::1 8001", "EACCES", REFUSED("send", "udp ::1 8001", NO_RULE) },
		{ "sendmsg 127.0.0.1 8002", "ok" },
		{ "sendmsg 127.0.0.1 8001", "EACCES",
		  REFUSED("send", "udp 127.0.0.1 8001", NO_RULE) },
		{ "sendmmsg 127.0.0.1 8002", "ok" },
		{ "sendmmsg 127.0.0.1 8001", "EACCES",
		  REFUSED("send", "udp 127.0.0.1 8001", NO_RULE) },
		{ "sendmmsg ::1 8001", "EACCES", REFUSED("send", "udp ::1 8001", NO_RULE) },
		{ "connect-send udp 127.0.0.1 8002", "ok" },
		{ "uring-connect 127.0.0.1 8001", "ok" },
		{ "uring-connect 127.0.0.1 8002", "EACCES",
		  REFUSED("connect", "tcp 127.0.0.1 8002", NO_RULE) },
		{ "fastopen 127.0.0.1 8001", "ok" },
		{ "fastopen 127.0.0.1 8002", "EACCES",
		  REFUSED("connect", "tcp 127.0.0.1 8002", NO_RULE) },
		{ "connect-unspec tcp 127.0.0.1 8001", "ok" },
		{ "fork connect tcp 127.0.0.1 8002", "EACCES",
		  REFUSED("connect", "tcp 127.0.0.1 8002", NO_RULE) },
		{ "thread connect tcp 127.0.0.1 8002", "EACCES",
		  REFUSED("connect", "tcp 127.0.0.1 8002", NO_RULE) },
		{ "double-fork connect tcp 127.0.0.1 8002", "EACCES",
		  REFUSED("connect", "tcp 127.0.0.1 8002", NO_RULE) },
	};

	(void)state;
	peers[0] = open_peer(SOCK_STREAM, "127.0.0.1", 8001);
	peers[1] = open_peer(SOCK_DGRAM, "127.0.0.1", 8002);
	check_rows(SOME "guards: {io_uring: allow}\n", rows, ARRAY_SIZE(rows));
	assert_true(take_bytes(peers[0]) <= 1); /* fast open may carry its byte */
	assert_int_equal(take_bytes(peers[1]), 4);
}

static void data_arrives_where_it_is_allowed_and_nowhere_else(void **state)
{
	static const struct row rows[] = {
		{ "connect-send tcp 127.0.0.1 8001", "ok" },
		{ "connect-send tcp 127.0.0.1 8201", "EACCES",
		  REFUSED("connect", "tcp 127.0.0.1 8201", NO_RULE) },
		{ "send udp 127.0.0.1 8002", "ok" },
		{ "send udp 127.0.0.1 8202", "EACCES",
		  REFUSED("send", "udp 127.0.0.1 8202", NO_RULE) },
	};

	(void)state;
	peers[0] = open_peer(SOCK_STREAM, "127.0.0.1", 8001);
	peers[1] = open_peer(SOCK_STREAM, "127.0.0.1", 8201);
	peers[2] = open_peer(SOCK_DGRAM, "127.0.0.1", 8002);
	peers[3] = open_peer(SOCK_DGRAM, "127.0.0.1", 8202);
	check_rows(SOME, rows, ARRAY_SIZE(rows));
	assert_int_equal(take_bytes(peers[0]), 1);
	assert_int_equal(take_bytes(peers[1]), 0);
	assert_int_equal(take_bytes(peers[2]), 1);
	assert_int_equal(take_bytes(peers[3]), 0);
}

/* --- serving
 * --------------------------------------------------------------------------------------- */

static void only_listed_addresses_and_ports_are_bound(void **state)
{
	static const char policy[] =
		POLICY_OPEN "network:\n"
			    "  mode: filtered\n"
			    "  listen: {to: 127.0.0.1, ports: 8300-8310, protocols: tcp}\n"
			    "  rules:\n"
			    "    - allow: {to: 127.0.0.1, ports: 8300}\n";
	static const struct row rows[] = {
		{ "bind tcp 127.0.0.1 8300", "ok" },
		{ "bind tcp 127.0.0.1 8310", "ok" },
		{ "bind tcp 127.0.0.1 8311", "EACCES",
		  REFUSED("bind", "tcp 127.0.0.1 8311", NO_RULE) },
		{ "bind tcp 0.0.0.0 8300", "EACCES", REFUSED("bind", "tcp 0.0.0.0 8300", NO_RULE) },
		{ "bind tcp ::1 8300", "EACCES", REFUSED("bind", "tcp ::1 8300", NO_RULE) },
		{ "bind tcp ::ffff:127.0.0.1 8301", "ok" },
		{ "bind tcp ::ffff:0.0.0.0 8301", "EACCES",
		  REFUSED("bind", "tcp 0.0.0.0 8301", NO_RULE) },
		{ "bind udp 127.0.0.1 8300", "EACCES",
		  REFUSED("bind", "udp 127.0.0.1 8300", NO_RULE) },
		{ "bind tcp 127.0.0.1 0", "EACCES", REFUSED("bind", "tcp 127.0.0.1 0", NO_RULE) },
		{ "bind tcp 0.0.0.0 0", "ok" },
		{ "bind tcp :: 0", "ok" },
		{ "listen 0.0.0.0 0", "EACCES", REFUSED("listen", "*", NO_RULE) },
		{ "bind udp 127.0.0.1 0", "EACCES", REFUSED("bind", "udp 127.0.0.1 0", NO_RULE) },
		{ "bind udp 0.0.0.0 0", "ok" },
		{ "bind udp :: 0", "ok" },
		{ "bind udp :: 8301", "EACCES", REFUSED("bind", "udp :: 8301", NO_RULE) },
		{ "listen 127.0.0.1 8302", "ok" },
		{ "accept 127.0.0.1 8300", "ok" },
		{ "listen-unbound", "EACCES", REFUSED("listen", "tcp 0.0.0.0 0", NO_RULE) },
	};

	(void)state;
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void any_port_may_be_asked_for_where_it_is_listed(void **state)
{
	static const char policy[] =
		POLICY_OPEN "network:\n"
			    "  mode: filtered\n"
			    "  listen: {to: [0.0.0.0, 127.0.0.1], ports: [0, 1024-65535]}\n";
	static const struct row rows[] = {
		{ "bind tcp 127.0.0.1 0", "ok" },
		{ "bind udp 127.0.0.1 0", "ok" },
		{ "bind udp 127.0.0.1 5353", "ok" },
		{ "bind udp 127.0.0.1 53", "EACCES", REFUSED("bind", "udp 127.0.0.1 53", NO_RULE) },
		{ "listen 127.0.0.1 0", "ok" },
		{ "listen-unbound", "ok" },
	};

	(void)state;
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void mode_filtered_without_listen_serves_nobody(void **state)
{
	static const struct row rows[] = {
		{ "bind tcp 127.0.0.1 8001", "EACCES",
		  REFUSED("bind", "tcp 127.0.0.1 8001", NO_RULE) },
		{ "bind udp ::1 8003", "EACCES", REFUSED("bind", "udp ::1 8003", NO_RULE) },
		{ "listen-unbound", "EACCES", REFUSED("listen", "tcp 0.0.0.0 0", NO_RULE) },
	};

	(void)state;
	check_rows(SOME, rows, ARRAY_SIZE(rows));
}

/* --- audit mode
 * ------------------------------------------------------------------------------------ */

static void audit_mode_lets_out_what_it_would_refuse(void **state)
{
	static const char policy[] = SOME "mode: audit\n";
	static const struct row rows[] = {
		{ "connect tcp 127.0.0.1 8001", "ok" },
		{ "connect-refused tcp 127.0.0.1 8002",
		  "ECONNREFUSED",
		  { { "connect", "tcp 127.0.0.1 8002", NULL, NO_RULE, NULL, NULL, "would-deny",
		      "" } } },
		{ "bind udp 127.0.0.1 8300",
		  "ok",
		  { { "bind", "udp 127.0.0.1 8300", NULL, NO_RULE, NULL, NULL, "would-deny",
		      "" } } },
		{ "send udp 127.0.0.1 8202",
		  "ok",
		  { { "send", "udp 127.0.0.1 8202", NULL, NO_RULE, NULL, NULL, "would-deny",
		      "" } } },
	};

	(void)state;
	peers[0] = open_peer(SOCK_DGRAM, "127.0.0.1", 8202);
	check_rows(policy, rows, ARRAY_SIZE(rows));
	assert_int_equal(take_bytes(peers[0]), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(addresses_ports_and_protocols_off_the_list_are_refused),
		TEST(a_range_of_ports_ends_where_it_says),
		TEST(a_mapped_address_is_the_ipv4_address),
		TEST(the_unspecified_address_is_the_loopback),
		TEST(a_source_route_is_refused),
		TEST(the_most_specific_prefix_decides),
		TEST(named_sets_are_what_they_say),
		TEST(mode_full_refuses_only_metadata_and_denies),
		TEST(metadata_is_reached_when_a_rule_names_it),
		TEST(mode_internal_stays_inside),
		TEST(every_way_to_send_is_decided),
		TEST(data_arrives_where_it_is_allowed_and_nowhere_else),
		TEST(only_listed_addresses_and_ports_are_bound),
		TEST(any_port_may_be_asked_for_where_it_is_listed),
		TEST(mode_filtered_without_listen_serves_nobody),
		TEST(audit_mode_lets_out_what_it_would_refuse),
	};

	return RUN_SUITE("network", tests);
}
