// SPDX-License-Identifier: GPL-2.0-only
/* Which sockets exist for a job: families, types, protocols; Unix peers; tasks that were moved. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/harness.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

#define FAMILY(object, text)                                                     \
	{                                                                        \
		{                                                                \
			"socket", object, NULL, text, "family", NULL, NULL, NULL \
		}                                                                \
	}
#define NETLINK(object)                                                                       \
	{                                                                                     \
		{                                                                             \
			"netlink", object, NULL, "mode: filtered", "family", NULL, NULL, NULL \
		}                                                                             \
	}
#define ESCAPE(object, word)                                                 \
	{                                                                    \
		{                                                            \
			"socket", object, NULL, word, NULL, word, NULL, NULL \
		}                                                            \
	}

/* Makes the kernel load what implements it; false: this kernel has none. */
static bool have_socket(int family, int type, int protocol)
{
	int fd = socket(family, type, protocol);

	if (fd < 0)
		return false;
	(void)close(fd);
	return true;
}

/* --- families ------------------------------------------------------------------------------------
 */

static void mode_none_has_unix_sockets_only(void **state)
{
	static const char policy[] = POLICY_OPEN "network: {mode: none}\n";
	static const struct row rows[] = {
		{ "socket inet stream 0", "EAFNOSUPPORT", FAMILY("inet stream tcp", "mode: none") },
		{ "socket inet6 dgram 0", "EAFNOSUPPORT", FAMILY("inet6 dgram udp", "mode: none") },
		{ "socket inet stream mptcp", "EAFNOSUPPORT",
		  FAMILY("inet stream mptcp", "mode: none") },
		{ "socket unix stream 0", "ok" },
		{ "socket unix seqpacket 0", "ok" },
		{ "socketpair unix dgram 0", "ok" },
	};

	(void)state;
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void families_off_the_list_do_not_exist(void **state)
{
	static const char policy[] = POLICY_OPEN "network: {mode: filtered}\n";
	static const struct row rows[] = {
		{ "socket inet stream tcp", "ok" },
		{ "socket inet6 stream 0", "ok" },
		{ "socket inet dgram udp", "ok" },
		{ "netlink 0", "EAFNOSUPPORT", FAMILY("netlink raw 0", "mode: filtered") },
		{ "netlink 15", "EAFNOSUPPORT", FAMILY("netlink raw 15", "mode: filtered") },
		{ "socket alg seqpacket 0", "EAFNOSUPPORT",
		  FAMILY("alg seqpacket 0", "mode: filtered") },
		{ "socket inet stream mptcp", "ok" },
		{ "socket inet stream sctp", "EPROTONOSUPPORT",
		  FAMILY("inet stream sctp", "mode: filtered") },
		{ "socket inet6 seqpacket sctp", "EPROTONOSUPPORT",
		  FAMILY("inet6 seqpacket sctp", "mode: filtered") },
		{ "socket inet dgram udplite", "EPROTONOSUPPORT",
		  FAMILY("inet dgram udplite", "mode: filtered") },
		{ "socket inet dgram icmp", "EPROTONOSUPPORT",
		  FAMILY("inet dgram icmp", "mode: filtered") },
		{ "socket 42 dgram 0", "EAFNOSUPPORT",
		  FAMILY("qipcrtr dgram 0", "mode: filtered") },
	};

	(void)state;
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

/* All that this kernel can number: the hook is asked before the kernel looks for the family. */
static void every_other_family_is_closed(void **state)
{
	static struct row rows[AF_MAX];
	size_t n = 0;

	(void)state;
	for (int family = AF_INET + 1; family <= AF_XDP; family++) {
		if (family == AF_INET6 || family == AF_PACKET || family == AF_VSOCK)
			continue;
		rows[n++] = (struct row){ text("socket %d dgram 0", family), "EAFNOSUPPORT",
					  FAMILY("*", "mode: full") };
	}
	check_rows(POLICY_OPEN "network: {mode: full}\n", rows, n);
}

static void named_families_may_be_made(void **state)
{
	static const char policy[] =
		POLICY_OPEN "network: {mode: filtered, families: [netlink, alg]}\n"
			    "guards: {raw_socket: deny}\n";
	static const struct row rows[] = {
		{ "netlink 0", "ok" },
		{ "socket alg seqpacket 0", "ok" },
		{ "socket xdp raw 0", "EPERM", ESCAPE("number 44", "raw_socket") },
	};

	(void)state;
	if (!have_socket(AF_ALG, SOCK_SEQPACKET, 0))
		skip_because("this kernel has no AF_ALG");
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

/* Others meet no address hook, so no rule could hold them. */
static void mode_full_has_tcp_and_udp_alone(void **state)
{
	static const char policy[] = POLICY_OPEN "network: {mode: full}\n";
	static const struct row rows[] = {
		{ "socket inet stream tcp", "ok" },
		{ "socket inet6 dgram udp", "ok" },
		{ "socket inet stream mptcp", "ok" },
		{ "socket inet dgram udplite", "EPROTONOSUPPORT",
		  FAMILY("inet dgram udplite", "mode: full") },
		{ "netlink 0", "EAFNOSUPPORT", FAMILY("netlink raw 0", "mode: full") },
	};

	(void)state;
	if (!have_socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP))
		skip_because("this kernel has no MPTCP");
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

/* What libc asks to find interfaces and addresses; nothing is changed, and no other netlink. */
static void netlink_may_be_opened_for_questions_alone(void **state)
{
	static const char policy[] =
		POLICY_OPEN "guards: {default: allow}\n"
			    "network: {mode: filtered, families: [netlink-route]}\n";
	static const struct row rows[] = {
		{ "getifaddrs", "ok" },
		{ "route 18", "ok" }, /* RTM_GETLINK */
		{ "route 22", "ok" },
		{ "route 26", "ok" },
		{ "route 16", "EPERM", NETLINK("number 16") }, /* RTM_NEWLINK */
		{ "route 24", "EPERM", NETLINK("number 24") }, /* RTM_NEWROUTE */
		{ "route 25", "EPERM", NETLINK("number 25") },
		{ "route 19", "EPERM", NETLINK("number 19") }, /* RTM_SETLINK */
		{ "route 2", "EPERM", NETLINK("number 2") },
		{ "route 18 20", "EPERM", NETLINK("number 18") },
		{ "netlink 0", "ok" },
		{ "netlink 15", "EAFNOSUPPORT", FAMILY("netlink raw 15", "mode: filtered") },
		{ "netlink 12", "EAFNOSUPPORT", FAMILY("netlink raw 12", "mode: filtered") },
	};

	(void)state;
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void netlink_as_a_whole_may_change_things(void **state)
{
	static const char policy[] = POLICY_OPEN "guards: {default: allow}\n"
						 "network: {mode: filtered, families: [netlink]}\n";
	static const struct row rows[] = {
		{ "route 18", "ok" },
		{ "route 24", "EOPNOTSUPP" }, /* of no family: the kernel has read it */
	};

	(void)state;
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

/* --- raw and vsock are guards
 * ----------------------------------------------------------------------- */

static void raw_and_packet_sockets_are_escapes(void **state)
{
	static const char policy[] = POLICY_OPEN "network: {mode: full}\n"
						 "guards: {default: deny, raw_socket: deny}\n";
	static const struct row rows[] = {
		{ "socket packet raw 0", "EPERM", ESCAPE("number 17", "raw_socket") },
		{ "socket packet dgram 0", "EPERM", ESCAPE("number 17", "raw_socket") },
		{ "socket inet raw icmp", "EPERM", ESCAPE("number 2", "raw_socket") },
		{ "socket inet raw 255", "EPERM", ESCAPE("number 2", "raw_socket") },
		{ "socket inet6 raw 58", "EPERM", ESCAPE("number 10", "raw_socket") },
	};

	(void)state;
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void an_allowed_raw_socket_is_made(void **state)
{
	static const char policy[] = POLICY_OPEN "network: {mode: filtered}\n"
						 "guards: {default: deny, raw_socket: allow}\n";
	static const struct row rows[] = {
		{ "socket packet raw 0", "ok" },
		{ "socket inet raw icmp", "ok" },
		{ "socket inet6 raw 58", "ok" },
	};

	(void)state;
	if (!have_socket(AF_PACKET, SOCK_RAW, 0))
		skip_because("this kernel has no AF_PACKET");
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void vsock_is_an_escape_unless_allowed(void **state)
{
	static const char deny[] = POLICY_OPEN "guards: {default: allow, vsock: deny}\n";
	static const char allow[] = POLICY_OPEN "guards: {default: deny, vsock: allow}\n";
	static const struct row denied[] = {
		{ "socket vsock stream 0", "EPERM", ESCAPE("number 40", "vsock") },
		{ "socket vsock dgram 0", "EPERM", ESCAPE("number 40", "vsock") },
	};
	static const struct row allowed[] = { { "socket vsock stream 0", "ok" } };

	(void)state;
	check_rows(deny, denied, ARRAY_SIZE(denied));
	if (!have_socket(AF_VSOCK, SOCK_STREAM, 0))
		skip_because("this kernel has no AF_VSOCK");
	check_rows(allow, allowed, ARRAY_SIZE(allowed));
}

/* --- Unix sockets
 * ------------------------------------------------------------------------------------ */

static int unix_listener(int type, const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t len =
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name) + (*name != '@'));

	assert_true(fd >= 0 && strlen(name) < sizeof(at.sun_path));
	memcpy(at.sun_path, name, strlen(name));
	if (*name == '@')
		at.sun_path[0] = '\0';
	if (bind(fd, (struct sockaddr *)&at, len))
		fail_msg("bind %s: %s", name, strerror(errno));
	if (type != SOCK_DGRAM)
		assert_int_equal(listen(fd, 8), 0);
	return fd;
}

#define UNIX_POLICY                                                 \
	POLICY_HEAD "    - {allow: [connect], paths: " T "/open}\n" \
		    "    - {allow: rw, paths: " T "/work}\n"

static void unix_sockets_outside_need_the_right_to_connect(void **state)
{
	static const struct row rows[] = {
		{ "unix-connect stream " T "/open/stream", "ok" },
		{ "unix-connect seqpacket " T "/open/packet", "ok" },
		{ "unix-connect dgram " T "/open/dgram", "ok" },
		{ "unix-send " T "/open/dgram", "ok" },
		{ "unix-connect stream " T "/shut/stream",
		  "EACCES",
		  { { "unix-connect", T "/shut/stream", "connect" } } },
		{ "unix-connect seqpacket " T "/shut/packet",
		  "EACCES",
		  { { "unix-connect", T "/shut/packet", "connect" } } },
		{ "unix-connect dgram " T "/shut/dgram",
		  "EACCES",
		  { { "unix-send", T "/shut/dgram", "connect" } } },
		{ "unix-send " T "/shut/dgram",
		  "EACCES",
		  { { "unix-send", T "/shut/dgram", "connect" } } },
	};
	static const char *const names[] = { T "/open/stream", T "/shut/stream", T "/open/packet",
					     T "/shut/packet", T "/open/dgram",	 T "/shut/dgram" };
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };
	int fds[ARRAY_SIZE(names)];
	char byte;

	(void)state;
	make(T "/open/", "");
	make(T "/shut/", "");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		fds[i] = unix_listener(types[i / 2], names[i]);
	check_rows(UNIX_POLICY, rows, ARRAY_SIZE(rows));
	assert_int_equal(recv(fds[4], &byte, 1, MSG_DONTWAIT), 1);
	assert_int_equal(recv(fds[5], &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(accept(fds[1], NULL, NULL), -1);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		(void)close(fds[i]);
}

static void unix_peers_inside_need_no_right(void **state)
{
	static const struct row rows[] = {
		{ "unix-self stream " T "/work/s", "ok" },
		{ "unix-self dgram " T "/work/d", "ok" },
		{ "unix-self stream @sbx-inside", "ok" },
		{ "unix-self dgram @sbx-inside-d", "ok" },
		{ "unix-listen 9 stream @sbx-inside-2", "ok" },
		{ "fork unix-connect stream @sbx-inside-2", "ok" },
		{ "double-fork unix-connect stream @sbx-inside-2", "ok" },
		{ "unix-bind stream " T "/elsewhere",
		  "EACCES",
		  { { "create", T "/elsewhere", "create" } } },
	};

	(void)state;
	make(T "/work/", "");
	check_rows(UNIX_POLICY, rows, ARRAY_SIZE(rows));
}

static void abstract_sockets_outside_are_closed(void **state)
{
	static const struct row rows[] = {
		{ "unix-connect stream @sbx-outside",
		  "EACCES",
		  { { "unix-connect", "*", NULL, NULL, "foreign", NULL, NULL, NULL } } },
		{ "unix-send @sbx-outside-d",
		  "EACCES",
		  { { "unix-send", "*", NULL, NULL, "foreign", NULL, NULL, NULL } } },
		{ "unix-connect stream @sbx-nobody", "ECONNREFUSED" },
	};
	int stream = unix_listener(SOCK_STREAM, "@sbx-outside");
	int dgram = unix_listener(SOCK_DGRAM, "@sbx-outside-d");

	(void)state;
	check_rows(POLICY_OPEN, rows, ARRAY_SIZE(rows));
	assert_int_equal(accept(stream, NULL, NULL), -1);
	(void)close(stream);
	(void)close(dgram);
}

static void abstract_sockets_are_reached_by_name(void **state)
{
	static const char policy[] =
		POLICY_OPEN "network: {unix: {abstract: [sbx-named, sbx-a-name-of-more-than-24-"
			    "bytes-that-goes-over-several-edges, sbx-named-d]}}\n";
	static const struct row rows[] = {
		{ "unix-connect stream @sbx-named", "ok" },
		{ "unix-connect stream "
		  "@sbx-a-name-of-more-than-24-bytes-that-goes-over-several-edges",
		  "ok" },
		{ "unix-send @sbx-named-d", "ok" },
		{ "unix-connect stream @sbx-name",
		  "EACCES",
		  { { "unix-connect", "unix stream 0 @sbx-name", NULL, NULL, "foreign", NULL, NULL,
		      NULL } } },
		{ "unix-connect stream "
		  "@sbx-a-name-of-more-than-24-bytes-that-goes-over-other-edges",
		  "EACCES",
		  { { "unix-connect", "*", NULL, NULL, "foreign", NULL, NULL, NULL } } },
	};
	static const char *const names[] = {
		"@sbx-named",
		"@sbx-name",
		"@sbx-a-name-of-more-than-24-bytes-that-goes-over-several-edges",
		"@sbx-a-name-of-more-than-24-bytes-that-goes-over-other-edges",
		"@sbx-named-d",
	};
	int fds[ARRAY_SIZE(names)];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		fds[i] = unix_listener(i == ARRAY_SIZE(names) - 1 ? SOCK_DGRAM : SOCK_STREAM,
				       names[i]);
	check_rows(policy, rows, ARRAY_SIZE(rows));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		(void)close(fds[i]);
}

/* --- tasks that somebody moved out
 * ------------------------------------------------------------------- */

static void move_out(void)
{
	spit("/sys/fs/cgroup/cgroup.procs", text("%d", job_pid()));
}

#define FOREIGN(op, object)                                                 \
	{                                                                   \
		{                                                           \
			op, object, NULL, NULL, "foreign", NULL, NULL, NULL \
		}                                                           \
	}

static void a_moved_task_stays_jailed_and_gets_no_internet_socket(void **state)
{
	static const char policy[] = POLICY_HEAD "network:\n"
						 "  mode: filtered\n"
						 "  rules:\n"
						 "    - allow: {to: 127.0.0.1, ports: 8001}\n";
	static const struct row rows[] = {
		{ "socket-hold 9 inet stream 0", "ok" },
		{ "fd-connect 9 127.0.0.1 8002",
		  "EACCES",
		  { { "connect", "tcp 127.0.0.1 8002", NULL, "mode: filtered", NULL, NULL, NULL,
		      NULL } } },
		{ "sync", "ok", .host = move_out },
		{ "socket inet stream tcp", "EAFNOSUPPORT", FOREIGN("socket", "inet stream tcp") },
		{ "socket inet6 dgram 0", "EAFNOSUPPORT", FOREIGN("socket", "inet6 dgram udp") },
		{ "socket unix stream 0", "ok" },
		{ "open r " T "/file", "EACCES", { { "open", T "/file", "read" } } },
		{ "fork open r " T "/file", "EACCES", { { "open", T "/file", "read" } } },
	};

	(void)state;
	make_all(T "/file", NULL);
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void a_socket_made_before_the_move_is_still_decided(void **state)
{
	static const char policy[] = POLICY_OPEN "network:\n"
						 "  mode: filtered\n"
						 "  rules:\n"
						 "    - allow: {to: 127.0.0.1, ports: 8001}\n";
	static const struct row rows[] = {
		{ "socket-hold 9 inet dgram 0", "ok" },
		{ "socket-hold 10 inet stream 0", "ok" },
		{ "sync", "ok", .host = move_out },
		{ "fd-connect 9 127.0.0.1 8002",
		  "EACCES",
		  { { "connect", "udp 127.0.0.1 8002", NULL, "*", "*", NULL, NULL, NULL } } },
		{ "fd-connect 10 127.0.0.1 8002",
		  "EACCES",
		  { { "connect", "tcp 127.0.0.1 8002", NULL, "*", "*", NULL, NULL, NULL } } },
	};

	(void)state;
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(mode_none_has_unix_sockets_only),
		TEST(families_off_the_list_do_not_exist),
		TEST(every_other_family_is_closed),
		TEST(named_families_may_be_made),
		TEST(netlink_may_be_opened_for_questions_alone),
		TEST(netlink_as_a_whole_may_change_things),
		TEST(mode_full_has_tcp_and_udp_alone),
		TEST(raw_and_packet_sockets_are_escapes),
		TEST(an_allowed_raw_socket_is_made),
		TEST(vsock_is_an_escape_unless_allowed),
		TEST(unix_sockets_outside_need_the_right_to_connect),
		TEST(unix_peers_inside_need_no_right),
		TEST(abstract_sockets_outside_are_closed),
		TEST(abstract_sockets_are_reached_by_name),
		TEST(a_moved_task_stays_jailed_and_gets_no_internet_socket),
		TEST(a_socket_made_before_the_move_is_still_decided),
	};

	return RUN_SUITE("sockets", tests);
}
