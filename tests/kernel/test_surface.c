// SPDX-License-Identifier: GPL-2.0-only
/*
 * One verdict for one destination, whatever the road: every call that sends or connects, of every
 * protocol, to each spelling of an address.  And the belt: raw packets, answers that nobody asked
 * for, sockets that connect() let pass because it sends nothing.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/harness.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

#define ROWS_MAX 400
#define NO_RULE "mode: filtered"
#define PINGS "/proc/sys/net/ipv4/ping_group_range"

#define POLICY                                                                                   \
	POLICY_OPEN                                                                              \
	"guards: {default: allow}\n"                                                             \
	"network:\n"                                                                             \
	"  mode: filtered\n"                                                                     \
	"  rules:\n"                                                                             \
	"    - allow: {to: [127.0.0.1, \"::1\"], ports: 8001, protocols: [tcp, udp, udplite]}\n" \
	"    - allow: {to: 127.0.0.3, ports: 8003, protocols: tcp}\n"                            \
	"    - allow: {to: [127.0.0.5, \"::ffff:127.0.0.7\"], protocols: icmp}\n"                \
	"    - allow: {to: [224.0.0.1, 255.255.255.255], ports: 8001, protocols: udp}\n"

#define EVENT(op, object, error)                                           \
	{                                                                  \
		{                                                          \
			op, object, NULL, NO_RULE, NULL, NULL, NULL, error \
		}                                                          \
	}

static bool have_socket(int family, int type, int protocol)
{
	int fd = socket(family, type, protocol);

	if (fd < 0)
		return false;
	(void)close(fd);
	return true;
}

/* Ping sockets for everybody; the test's end does not need it back: only a group is asked. */
static void let_ping(void)
{
	spit(PINGS, "0 2147483647");
}

/* --- roads to addresses
 * --------------------------------------------------------------------------- */

/* An act, its first words; the event that its refusal is. */
struct road {
	const char *act;
	const char *op;
	const char *protocol;
	int family; /* 0: both */
	bool optional;
	int type, number; /* of the socket, where it is optional */
};

static const struct road roads[] = {
	{ "connect tcp", "connect", "tcp" },
	{ "connect mptcp", "connect", "tcp", 0, true, SOCK_STREAM, IPPROTO_MPTCP },
	{ "connect-fastopen", "connect", "tcp" },
	{ "connect-device", "connect", "tcp" },
	{ "connect-transparent", "connect", "tcp" },
	{ "fastopen", "connect", "tcp" },
	{ "uring-connect", "connect", "tcp" },
	{ "connect udp", "connect", "udp" },
	{ "connect-send udp", "connect", "udp" },
	{ "send udp", "send", "udp" },
	{ "sendmsg", "send", "udp" },
	{ "sendmmsg", "send", "udp" },
	{ "uring-send", "send", "udp" },
	{ "connect-send udplite", "connect", "udplite", 0, true, SOCK_DGRAM, IPPROTO_UDPLITE },
	{ "send udplite", "send", "udplite", 0, true, SOCK_DGRAM, IPPROTO_UDPLITE },
};

/* A spelling, and the address that it is. */
static const struct {
	const char *spelled;
	const char *is;
} targets[] = {
	{ "127.0.0.1", "127.0.0.1" },
	{ "0.0.0.0", "127.0.0.1" },
	{ "::1", "::1" },
	{ "::", "::1" },
	{ "::ffff:127.0.0.1", "127.0.0.1" },
	{ "::ffff:0.0.0.0", "127.0.0.1" },
};

static void every_road_to_an_address_has_one_verdict(void **state)
{
	static struct row rows[ROWS_MAX];
	size_t n = 0;

	(void)state;
	for (size_t r = 0; r < ARRAY_SIZE(roads); r++) {
		const struct road *road = &roads[r];

		if (road->optional && !have_socket(AF_INET, road->type, road->number))
			continue;
		/* Programs on cgroups do not see it connect; the belt refuses what it sends. */
		if (getenv("SBX_ADDRESSES") && !strcmp(road->act, "connect-send udplite"))
			continue;
		for (size_t t = 0; t < ARRAY_SIZE(targets); t++) {
			struct row *pass = &rows[n++], *fail = &rows[n++];

			pass->act = text("%s %s 8001", road->act, targets[t].spelled);
			pass->result = "ok";
			fail->act = text("%s %s 8002", road->act, targets[t].spelled);
			fail->result = "EACCES";
			fail->events[0] = (struct event){
				road->op,
				text("%s %s 8002", road->protocol, targets[t].is),
				.rule = NO_RULE,
			};
		}
	}
	check_rows(POLICY, rows, n);
}

static void broadcasts_and_groups_are_addresses(void **state)
{
	static const struct row rows[] = {
		{ "broadcast 255.255.255.255 8002", "EACCES",
		  EVENT("send", "udp 255.255.255.255 8002", NULL) },
		{ "send udp 224.0.0.1 8002", "EACCES", EVENT("send", "udp 224.0.0.1 8002", NULL) },
		{ "send udp 224.0.0.2 8001", "EACCES", EVENT("send", "udp 224.0.0.2 8001", NULL) },
		{ "send udp ff02::1 8001", "EACCES", EVENT("send", "udp ff02::1 8001", NULL) },
		{ "connect udp 224.0.0.2 8001", "EACCES",
		  EVENT("connect", "udp 224.0.0.2 8001", NULL) },
		{ "connect-scope fe80::1 8001 1", "EACCES",
		  EVENT("connect", "tcp fe80::1 8001", NULL) },
		{ "broadcast 255.255.255.255 8001", "ENETUNREACH" },
		{ "send udp 224.0.0.1 8001", "ENETUNREACH" },
	};

	(void)state;
	check_rows(POLICY, rows, ARRAY_SIZE(rows));
}

/* --- protocols that a rule must name
 * ------------------------------------------------------------- */

static void ping_works_where_icmp_is_named(void **state)
{
	static const struct row rows[] = {
		{ "ping 127.0.0.5", "ok" },
		{ "ping-connected 127.0.0.5", "ok" },
		{ "connect udp 127.0.0.5 1025", "ok" }, /* so ping finds its own address */
		{ "ping 127.0.0.6", "EPERM", EVENT("packet", "icmp 127.0.0.6 0", NULL) },
		{ "ping-connected 127.0.0.6", "EACCES",
		  EVENT("connect", "icmp 127.0.0.6 0", NULL) },
		{ "connect udp 127.0.0.6 1025", "EACCES",
		  EVENT("connect", "udp 127.0.0.6 1025", NULL) },
		{ "ping 127.0.0.1", "EPERM", EVENT("packet", "icmp 127.0.0.1 0", NULL) },
	};

	(void)state;
	let_ping();
	check_rows(POLICY, rows, ARRAY_SIZE(rows));
}

static void ping_works_over_ipv6(void **state)
{
	static const char policy[] =
		POLICY_OPEN "network:\n"
			    "  mode: filtered\n"
			    "  rules: [{allow: {to: \"::1\", protocols: icmp}}]\n";
	static const struct row rows[] = {
		{ "ping ::1", "ok" },
		{ "ping-connected ::1", "ok" },
		{ "ping 127.0.0.1", "EPERM", EVENT("packet", "icmp 127.0.0.1 0", NULL) },
		{ "connect tcp ::1 8001", "EACCES", EVENT("connect", "tcp ::1 8001", NULL) },
	};

	(void)state;
	let_ping();
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void protocols_that_no_rule_names_do_not_exist(void **state)
{
	static const char policy[] = POLICY_OPEN "network: {mode: full}\n";
	static const struct row rows[] = {
		{ "ping 127.0.0.1",
		  "EPROTONOSUPPORT",
		  { { "socket", "inet dgram icmp", NULL, "mode: full", "family", NULL, NULL,
		      NULL } } },
		{ "connect udplite 127.0.0.1 8001",
		  "EPROTONOSUPPORT",
		  { { "socket", "inet dgram udplite", NULL, "mode: full", "family", NULL, NULL,
		      NULL } } },
	};

	(void)state;
	let_ping();
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

/* --- the belt
 * ------------------------------------------------------------------------------------ */

/* Libraries connect UDP sockets to learn their own address: no event; what is sent is another
 * thing. */
static void a_udp_socket_may_be_connected_where_tcp_may(void **state)
{
	static const struct row rows[] = {
		{ "connect udp 127.0.0.3 8003", "ok" },
		{ "connect-send udp 127.0.0.3 8003", "EPERM",
		  EVENT("packet", "udp 127.0.0.3 8003", NULL) },
		{ "send udp 127.0.0.3 8003", "EACCES", EVENT("send", "udp 127.0.0.3 8003", NULL) },
		{ "connect tcp 127.0.0.3 8003", "ok" },
		{ "connect udp 127.0.0.3 8004", "EACCES",
		  EVENT("connect", "udp 127.0.0.3 8004", NULL) },
		{ "connect-send udp 127.0.0.1 8001", "ok" },
	};

	(void)state;
	check_rows(POLICY, rows, ARRAY_SIZE(rows));
}

static void raw_packets_meet_the_rules(void **state)
{
	static const struct row rows[] = {
		{ "raw-udp 127.0.0.1 8001", "ok" },
		{ "raw-udp 127.0.0.1 8002", "EPERM", EVENT("packet", "udp 127.0.0.1 8002", NULL) },
		{ "raw-udp ::1 8001", "ok" },
		{ "raw-udp ::1 8002", "EPERM", EVENT("packet", "udp ::1 8002", NULL) },
		{ "raw-header 127.0.0.1 127.0.0.1 8001 17 0", "ok" },
		{ "raw-header 192.0.2.1 127.0.0.1 8001 17 0", "ok" },
		{ "raw-header 192.0.2.1 127.0.0.1 8002 17 0", "EPERM",
		  EVENT("packet", "udp 127.0.0.1 8002", NULL) },
		{ "raw-header 127.0.0.1 127.0.0.5 0 1 0", "ok" },
		{ "raw-header 127.0.0.1 127.0.0.1 0 1 0", "EPERM",
		  EVENT("packet", "icmp 127.0.0.1 0", NULL) },
		{ "raw-header 127.0.0.1 127.0.0.1 8001 47 0", "EPERM",
		  EVENT("packet", "47 127.0.0.1 0", NULL) },
		{ "raw-header 127.0.0.1 127.0.0.1 8001 17 5",
		  "EPERM",
		  { { "packet", "udp 127.0.0.1 0", NULL, "built in", "packet", NULL, NULL,
		      NULL } } },
	};

	(void)state;
	check_rows(POLICY, rows, ARRAY_SIZE(rows));
}

/* Answers what comes to `from` with a byte from `with`; 0: from the same socket. */
static pid_t answer(int from, int with)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr = { htonl(INADDR_LOOPBACK) },
				  .sin_port = htons((uint16_t)from) };
	int in = socket(AF_INET, SOCK_DGRAM, 0), out = in;
	struct sockaddr_in peer;
	socklen_t len = sizeof(peer);
	char byte;
	pid_t pid;

	assert_int_equal(bind(in, (struct sockaddr *)&at, sizeof(at)), 0);
	if (with) {
		out = socket(AF_INET, SOCK_DGRAM, 0);
		at.sin_port = htons((uint16_t)with);
		assert_int_equal(bind(out, (struct sockaddr *)&at, sizeof(at)), 0);
	}
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		(void)alarm(60);
		while (recvfrom(in, &byte, 1, 0, (struct sockaddr *)&peer, &len) >= 0) {
			(void)sendto(out, "y", 1, 0, (struct sockaddr *)&peer, len);
			len = sizeof(peer);
		}
		_exit(0);
	}
	(void)close(in);
	if (out != in)
		(void)close(out);
	return pid;
}

static void only_what_was_asked_comes_in(void **state)
{
	static const struct row rows[] = {
		{ "answer-from 127.0.0.1 8001", "ok" },
		{ "answer-from 127.0.0.1 8011",
		  "ETIMEDOUT",
		  { { "packet", "udp 127.0.0.1 8012", NULL, NO_RULE, NULL, NULL, NULL,
		      "EPERM" } } },
		{ "accept 127.0.0.1 8300", "ok" },
		{ "bind udp 127.0.0.1 8301", "EACCES", EVENT("bind", "udp 127.0.0.1 8301", NULL) },
	};
	pid_t same = answer(8001, 0), other = answer(8011, 8012);

	(void)state;
	check_rows(POLICY "    - allow: {to: 127.0.0.1, ports: 8011, protocols: udp}\n"
			  "    - allow: {to: 127.0.0.1, ports: 8300, protocols: tcp}\n"
			  "  listen: {to: 127.0.0.1, ports: 8300, protocols: tcp}\n",
		   rows, ARRAY_SIZE(rows));
	(void)kill(same, SIGKILL);
	(void)kill(other, SIGKILL);
	(void)waitpid(same, NULL, 0);
	(void)waitpid(other, NULL, 0);
}

/* The kernel chooses the port: the rule for port 0 holds for what comes in, too. */
static void servers_serve(void **state)
{
	static const char policy[] =
		POLICY_OPEN "network:\n"
			    "  mode: filtered\n"
			    "  rules: [{allow: {to: 127.0.0.1, protocols: tcp}}]\n"
			    "  listen: {to: [0.0.0.0, \"::\"], ports: [0, 8400], protocols: tcp}\n";
	static const struct row rows[] = {
		{ "accept 0.0.0.0 8400", "ok" },
		{ "accept :: 8400", "EACCES", EVENT("connect", "tcp ::1 8400", NULL) },
		{ "listen-unbound", "ok" },
		{ "accept 127.0.0.1 8400", "EACCES", EVENT("bind", "tcp 127.0.0.1 8400", NULL) },
	};

	(void)state;
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_road_to_an_address_has_one_verdict),
		TEST(broadcasts_and_groups_are_addresses),
		TEST(ping_works_where_icmp_is_named),
		TEST(ping_works_over_ipv6),
		TEST(protocols_that_no_rule_names_do_not_exist),
		TEST(a_udp_socket_may_be_connected_where_tcp_may),
		TEST(raw_packets_meet_the_rules),
		TEST(only_what_was_asked_comes_in),
		TEST(servers_serve),
	};

	return RUN_SUITE("surface", tests);
}
