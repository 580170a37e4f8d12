// SPDX-License-Identifier: GPL-2.0-only
/*
 * Domains: what a job may ask, and what answers open.  The DNS server is a process of this test,
 * outside the job; the first label of a name tells it how to answer, often badly.  Addresses of
 * 192.0.2.0/24 have no route, so "ENETUNREACH" is a connect that the policy let out.
 * Messages themselves: tests/unit/test_dns.c.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/dns_fixture.h"
#include "lib/harness.h"

#define OPEN "ENETUNREACH"
#define SERVER "127.0.0.1"
#define D ".example.test"

#define POLICY                                                                     \
	POLICY_OPEN                                                                \
	"network:\n"                                                               \
	"  mode: filtered\n"                                                       \
	"  rules:\n"                                                               \
	"    - allow: {domains: \"*.example.test\", ports: 80, protocols: tcp}\n"  \
	"    - allow: {domains: more.example.test, ports: 8080, protocols: tcp}\n" \
	"    - allow: {to: 192.0.2.200, ports: 1}\n"                               \
	"    - deny: {to: 192.0.2.66}\n"                                           \
	"  listen: {to: \"@any\"}\n"                                               \
	"  dns: {servers: [127.0.0.1, 127.0.0.3], min_ttl: 1s}\n"

#define MODE "mode: filtered"
#define SERVERS "dns: {servers"
#define EVENT(op, object, rule, reason)                                  \
	{                                                                \
		{                                                        \
			op, object, NULL, rule, reason, NULL, NULL, NULL \
		}                                                        \
	}
#define NOBODY(op, object, reason)                                           \
	{                                                                    \
		{                                                            \
			op, object, NULL, "built in", reason, NULL, NULL, "" \
		}                                                            \
	}

/* --- the server ---------------------------------------------------------------------------------
 */

static pid_t server_pid;

/* What the server says to a name's first label; the question itself is put in front. */
static const struct {
	const char *label;
	const char *head; /* flags and counts */
	const char *records;
} replies[] = {
	{ "good", "8180 1 1 0 0", "rr @12 1 300 4:192.0.2.10" },
	{ "more", "8180 1 1 0 0", "rr @12 1 300 4:192.0.2.11" },
	{ "alias", "8180 1 2 0 0", "rr @12 5 300 n:cdn.org rr cdn.org 1 300 4:192.0.2.12" },
	{ "short", "8180 1 1 0 0", "rr @12 1 0 4:192.0.2.13" },
	{ "many", "8180 1 65 0 0", "times 65 192.0.2.1" },
	{ "v6", "8180 1 1 0 0", "rr @12 28 300 6:2001:db8::7" },
	{ "denied", "8180 1 1 0 0", "rr @12 1 300 4:192.0.2.66" },
	{ "inside", "8180 1 1 0 0", "rr @12 1 300 4:10.0.0.1" },
	{ "meta", "8180 1 1 0 0", "rr @12 1 300 4:169.254.169.254" },
	{ "loop", "8180 1 1 0 0", "rr @12 1 300 4:127.0.0.9" },
	{ "mixed", "8180 1 2 0 0", "rr @12 1 300 4:192.168.0.1 rr @12 1 300 4:192.0.2.14" },
	{ "cut", "8380 1 1 0 0", "rr @12 1 300 4:192.0.2.15" },
	{ "none", "8183 1 1 0 0", "rr @12 1 300 4:192.0.2.16" },
	{ "broken", "8180 1 2 0 0", "rr @12 1 300 4:192.0.2.17" },
	{ "stranger", "8180 1 1 0 0", "rr evil.org 1 300 4:192.0.2.18" },
	{ "wrongid", "8180 1 1 0 0", "rr @12 1 300 4:192.0.2.19" },
	{ "wrongname", "8180 1 1 0 0", "rr @12 1 300 4:192.0.2.20" },
	{ "wrongtype", "8180 1 1 0 0", "rr @12 28 300 6:2001:db8::8" },
	{ "wrongserver", "8180 1 1 0 0", "rr @12 1 300 4:192.0.2.21" },
	{ "otherserver", "8180 1 1 0 0", "rr @12 1 300 4:192.0.2.22" },
	{ "replay", "8180 1 1 0 0", "rr @12 1 300 4:192.0.2.23" },
	{ "late", "8180 1 1 0 0", "rr @12 1 300 4:192.0.2.25" },
};

static size_t build_reply(const unsigned char *query, size_t len, const char *label,
			  struct message *out)
{
	char line[512] = "";
	size_t question;

	for (size_t i = 0; i < ARRAY_SIZE(replies); i++) {
		struct message tail;

		if (strcasecmp(replies[i].label, label) != 0)
			continue;
		(void)snprintf(line, sizeof(line), "head %s", replies[i].head);
		make_message(line, out);
		memcpy(out->bytes, query, 2);
		question = len - 12;
		memcpy(out->bytes + 12, query + 12, question);
		out->len = len;
		/* pointers of the records lead into this very message */
		make_message(replies[i].records, &tail);
		memcpy(out->bytes + out->len, tail.bytes, tail.len);
		out->len += tail.len;
	}
	if (!strcmp(label, "wrongid"))
		out->bytes[0] ^= 0xff;
	if (!strcmp(label, "wrongname"))
		out->bytes[13] = 'x';
	if (!strcmp(label, "wrongtype"))
		out->bytes[len - 3] = 28;
	return *line ? out->len : 0;
}

static void answer(int fd, int other_fd, const unsigned char *query, size_t len,
		   const struct sockaddr_in *peer)
{
	static struct message out;
	char label[64] = "";

	if (len < 20 || query[12] >= sizeof(label))
		return;
	memcpy(label, query + 13, query[12]);
	if (!build_reply(query, len, label, &out))
		return;
	if (!strcmp(label, "late"))
		(void)poll(NULL, 0, 300); /* the socket that asked is closed by then */
	if (!strcmp(label, "wrongserver") || !strcmp(label, "otherserver"))
		fd = other_fd;
	(void)sendto(fd, out.bytes, out.len, 0, (const struct sockaddr *)peer, sizeof(*peer));
	if (strcmp(label, "replay") != 0)
		return;
	out.bytes[out.len - 1] = 24; /* the same once more, with another address */
	(void)sendto(fd, out.bytes, out.len, 0, (const struct sockaddr *)peer, sizeof(*peer));
}

static int bind_to(const char *address, int type, int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	int one = 1;

	(void)inet_pton(AF_INET, address, &at.sin_addr);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
	    (type == SOCK_STREAM && listen(fd, 8))) {
		perror("bind");
		_exit(1);
	}
	return fd;
}

/* One question after the other from one connection. */
static void serve_stream(int fd)
{
	unsigned char bytes[2048];
	static struct message out;
	char label[64] = "";
	ssize_t n = recv(fd, bytes, sizeof(bytes), 0);
	size_t len = n > 2 ? (size_t)bytes[0] << 8 | bytes[1] : 0;
	unsigned char framed[4096];

	if (n >= 20 && bytes[14] < sizeof(label) && len + 2 <= (size_t)n) {
		memcpy(label, bytes + 15, bytes[14]);
		(void)build_reply(bytes + 2, len, strcmp(label, "cut") ? label : "good", &out);
		framed[0] = (unsigned char)(out.len >> 8);
		framed[1] = (unsigned char)out.len;
		memcpy(framed + 2, out.bytes, out.len);
		(void)send(fd, framed, out.len + 2, MSG_NOSIGNAL);
		(void)poll(NULL, 0, 100); /* so that the answer is not followed by a reset */
	}
	(void)close(fd);
}

static void serve(int ready_fd)
{
	struct pollfd fds[3] = {
		{ .fd = bind_to(SERVER, SOCK_DGRAM, 53), .events = POLLIN },
		{ .fd = bind_to(SERVER, SOCK_STREAM, 53), .events = POLLIN },
		{ .fd = bind_to("127.0.0.3", SOCK_DGRAM, 53), .events = POLLIN },
	};
	int other_fd = bind_to("127.0.0.4", SOCK_DGRAM, 53);

	(void)close(ready_fd);
	while (poll(fds, 3, -1) > 0) {
		struct sockaddr_in peer = { 0 };
		socklen_t size = sizeof(peer);
		unsigned char bytes[2048];

		if (fds[1].revents)
			serve_stream(accept(fds[1].fd, NULL, NULL));
		for (int i = 0; i < 3; i += 2) {
			ssize_t n;

			if (!fds[i].revents)
				continue;
			n = recvfrom(fds[i].fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&peer,
				     &size);
			if (n > 0)
				answer(fds[i].fd,
				       memmem(bytes, (size_t)n, "other", 5) ? fds[2].fd : other_fd,
				       bytes, (size_t)n, &peer);
		}
	}
}

static int server_begin(void **state)
{
	int fds[2];
	char byte;

	if (test_begin(state) || pipe(fds))
		return -1;
	server_pid = fork();
	if (!server_pid) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)close(fds[0]);
		serve(fds[1]);
		_exit(1);
	}
	(void)close(fds[1]);
	(void)!read(fds[0], &byte, 1); /* ends when the server is bound */
	(void)close(fds[0]);
	return server_pid > 0 ? 0 : -1;
}

static int server_end(void **state)
{
	(void)kill(server_pid, SIGKILL);
	(void)waitpid(server_pid, NULL, 0);
	return test_end(state);
}

#define DNS_TEST(f) cmocka_unit_test_setup_teardown(f, server_begin, server_end)

/* --- names
 * ---------------------------------------------------------------------------------------- */

static void an_answer_opens_its_address_for_the_rules_ports(void **state)
{
	static const struct row rows[] = {
		{ "connect tcp 192.0.2.10 80", "EACCES",
		  EVENT("connect", "tcp 192.0.2.10 80", MODE, NULL) },
		{ "dns " SERVER " good" D " 1", "ok" },
		{ "connect tcp 192.0.2.10 80", OPEN },
		{ "connect tcp ::ffff:192.0.2.10 80", OPEN },
		{ "connect tcp 192.0.2.10 81", "EACCES",
		  EVENT("connect", "tcp 192.0.2.10 81 good" D, "ports: 80", NULL) },
		{ "connect udp 192.0.2.10 80", "ENETUNREACH" }, /* sends nothing */
		{ "connect udp 192.0.2.10 81", "EACCES",
		  EVENT("connect", "udp 192.0.2.10 81 good" D, "ports: 80", NULL) },
		{ "send udp 192.0.2.10 80", "EACCES",
		  EVENT("send", "udp 192.0.2.10 80 good" D, "ports: 80", NULL) },
		{ "connect tcp 192.0.2.11 80", "EACCES",
		  EVENT("connect", "tcp 192.0.2.11 80", MODE, NULL) },
		{ "dns " SERVER " more" D " 1", "ok" },
		{ "connect tcp 192.0.2.11 80", OPEN },
		{ "connect tcp 192.0.2.11 8080", OPEN },
		{ "connect tcp 192.0.2.10 8080", "EACCES",
		  EVENT("connect", "tcp 192.0.2.10 8080 good" D, "ports: 80", NULL) },
		{ "connect tcp 192.0.2.200 1", OPEN },
	};

	(void)state;
	check_rows(POLICY, rows, ARRAY_SIZE(rows));
}

static void names_off_the_list_are_refused_at_once(void **state)
{
	static const struct row rows[] = {
		{ "dns " SERVER " good" D " 1", "ok" },
		{ "dns " SERVER " GOOD.Example.TEST 1", "ok" },
		{ "dns " SERVER " example.test 1", "EPERM",
		  EVENT("dns", "udp 127.0.0.1 53 example.test", MODE, "name") },
		{ "dns " SERVER " evil.org 1", "EPERM",
		  EVENT("dns", "udp 127.0.0.1 53 evil.org", MODE, "name") },
		{ "dns " SERVER " good" D ".evil.org 1", "EPERM",
		  EVENT("dns", "udp 127.0.0.1 53 good" D ".evil.org", MODE, "name") },
		{ "dns " SERVER " c2VjcmV0.tunnel.net 1", "EPERM",
		  EVENT("dns", "udp 127.0.0.1 53 c2vjcmv0.tunnel.net", MODE, "name") },
		{ "dns " SERVER " good" D " 16", "EPERM",
		  EVENT("dns", "udp 127.0.0.1 53 good" D, MODE, "dns-type") },
		{ "dns " SERVER " good" D " 255", "EPERM",
		  EVENT("dns", "udp 127.0.0.1 53 good" D, MODE, "dns-type") },
		{ "dns-tail " SERVER " good" D " 1", "EPERM",
		  EVENT("dns", "udp 127.0.0.1 53", "built in", "dns") },
		{ "send udp " SERVER " 53", "EPERM",
		  EVENT("dns", "udp 127.0.0.1 53", "built in", "dns") },
		{ "dns-segments " SERVER " good" D " 1", "EPERM",
		  EVENT("dns", "udp 127.0.0.1 53", "built in", "dns") },
	};

	(void)state;
	check_rows(POLICY, rows, ARRAY_SIZE(rows));
}

static void port_53_is_for_the_policys_servers_alone(void **state)
{
	static const struct row rows[] = {
		{ "connect udp 127.0.0.2 53", "EACCES",
		  EVENT("connect", "udp 127.0.0.2 53", SERVERS, "resolver") },
		{ "connect tcp 192.0.2.53 53", "EACCES",
		  EVENT("connect", "tcp 192.0.2.53 53", SERVERS, "resolver") },
		{ "send udp 127.0.0.2 53", "EACCES",
		  EVENT("send", "udp 127.0.0.2 53", SERVERS, "resolver") },
		{ "connect udp 127.0.0.3 53", "ok" },
		{ "connect udp " SERVER " 54", "EACCES",
		  EVENT("connect", "udp 127.0.0.1 54", MODE, NULL) },
		{ "bind udp 127.0.0.9 53", "EACCES",
		  EVENT("bind", "udp 127.0.0.9 53", SERVERS, "resolver") },
		{ "bind tcp 0.0.0.0 53", "EACCES",
		  EVENT("bind", "tcp 0.0.0.0 53", SERVERS, "resolver") },
		{ "bind udp 127.0.0.9 54", "ok" },
	};

	(void)state;
	check_rows(POLICY, rows, ARRAY_SIZE(rows));
}

/* --- answers
 * -------------------------------------------------------------------------------------- */

static void aliases_and_both_families_are_followed(void **state)
{
	static const struct row rows[] = {
		{ "dns " SERVER " alias" D " 1", "ok" },
		{ "connect tcp 192.0.2.12 80", OPEN },
		{ "connect tcp 2001:db8::7 80", "EACCES",
		  EVENT("connect", "tcp 2001:db8::7 80", MODE, NULL) },
		{ "dns " SERVER " v6" D " 28", "ok" },
		{ "connect tcp 2001:db8::7 80", "*" },
		{ "connect tcp 2001:db8::7 81", "EACCES",
		  EVENT("connect", "tcp 2001:db8::7 81 v6" D, "ports: 80", NULL) },
	};

	(void)state;
	check_rows(POLICY, rows, ARRAY_SIZE(rows));
}

static void an_answer_that_is_too_old_opens_nothing_new(void **state)
{
	static const struct row rows[] = {
		{ "dns " SERVER " short" D " 1", "ok" },
		{ "connect tcp 192.0.2.13 80", OPEN },
		{ "sleep 1200", "ok" },
		{ "connect tcp 192.0.2.13 80", "EACCES",
		  EVENT("connect", "tcp 192.0.2.13 80 short" D, MODE, "expired") },
		{ "dns " SERVER " short" D " 1", "ok" },
		{ "connect tcp 192.0.2.13 80", OPEN },
	};

	(void)state;
	check_rows(POLICY, rows, ARRAY_SIZE(rows));
}

static void sixty_four_addresses_are_taken_and_the_rest_is_told(void **state)
{
	static const struct row rows[] = {
		{ "dns " SERVER " many" D " 1", "ok",
		  NOBODY("dns", "udp 127.0.0.1 53 many" D, "dns-full") },
		{ "connect tcp 192.0.2.10 80", OPEN },
		{ "connect tcp 192.0.2.163 80", OPEN },
		{ "connect tcp 192.0.2.164 80", "EACCES",
		  EVENT("connect", "tcp 192.0.2.164 80", MODE, NULL) },
	};

	(void)state;
	check_rows(POLICY, rows, ARRAY_SIZE(rows));
}

static void no_answer_opens_private_or_denied_addresses(void **state)
{
	static const struct row rows[] = {
		{ "dns " SERVER " inside" D " 1", "ok",
		  NOBODY("dns", "udp 10.0.0.1 0 inside" D, "rebinding") },
		{ "connect tcp 10.0.0.1 80", "EACCES",
		  EVENT("connect", "tcp 10.0.0.1 80", MODE, NULL) },
		{ "dns " SERVER " meta" D " 1", "ok",
		  NOBODY("dns", "udp 169.254.169.254 0 meta" D, "rebinding") },
		{ "connect tcp 169.254.169.254 80", "EACCES",
		  EVENT("connect", "tcp 169.254.169.254 80", "built in", NULL) },
		{ "dns " SERVER " loop" D " 1", "ok",
		  NOBODY("dns", "udp 127.0.0.9 0 loop" D, "rebinding") },
		{ "connect tcp 127.0.0.9 80", "EACCES",
		  EVENT("connect", "tcp 127.0.0.9 80", MODE, NULL) },
		{ "dns " SERVER " mixed" D " 1", "ok",
		  NOBODY("dns", "udp 192.168.0.1 0 mixed" D, "rebinding") },
		{ "connect tcp 192.0.2.14 80", OPEN },
		{ "dns " SERVER " denied" D " 1", "ok" },
		{ "connect tcp 192.0.2.66 80", "EACCES",
		  EVENT("connect", "tcp 192.0.2.66 80", "deny:", NULL) },
	};

	(void)state;
	check_rows(POLICY, rows, ARRAY_SIZE(rows));
}

static void what_is_no_good_answer_opens_nothing(void **state)
{
	static const struct row rows[] = {
		{ "dns " SERVER " cut" D " 1", "ok" },
		{ "connect tcp 192.0.2.15 80", "EACCES",
		  EVENT("connect", "tcp 192.0.2.15 80", MODE, NULL) },
		{ "dns " SERVER " none" D " 1", "ok" },
		{ "connect tcp 192.0.2.16 80", "EACCES",
		  EVENT("connect", "tcp 192.0.2.16 80", MODE, NULL) },
		{ "dns " SERVER " broken" D " 1",
		  "ETIMEDOUT",
		  { { "dns", "udp 127.0.0.1 53 broken" D, NULL, "built in", "dns", NULL, NULL,
		      "EPERM" } } },
		{ "connect tcp 192.0.2.17 80", "EACCES",
		  EVENT("connect", "tcp 192.0.2.17 80", MODE, NULL) },
		{ "dns " SERVER " stranger" D " 1", "ok" },
		{ "connect tcp 192.0.2.18 80", "EACCES",
		  EVENT("connect", "tcp 192.0.2.18 80", MODE, NULL) },
	};

	(void)state;
	check_rows(POLICY, rows, ARRAY_SIZE(rows));
}

#define UNASKED(name)                                                                         \
	{                                                                                     \
		{                                                                             \
			"dns", "udp 127.0.0.1 53 " name D, NULL, "built in", "unasked", NULL, \
				NULL, "EPERM"                                                 \
		}                                                                             \
	}

static void forged_answers_open_nothing(void **state)
{
	static const struct row rows[] = {
		{ "dns " SERVER " wrongid" D " 1", "ETIMEDOUT", UNASKED("wrongid") },
		{ "connect tcp 192.0.2.19 80", "EACCES",
		  EVENT("connect", "tcp 192.0.2.19 80", MODE, NULL) },
		{ "dns " SERVER " wrongname" D " 1", "ETIMEDOUT", UNASKED("xrongname") },
		{ "connect tcp 192.0.2.20 80", "EACCES",
		  EVENT("connect", "tcp 192.0.2.20 80", MODE, NULL) },
		{ "dns " SERVER " wrongtype" D " 1", "ETIMEDOUT", UNASKED("wrongtype") },
		{ "dns " SERVER " wrongserver" D " 1", "ETIMEDOUT" },
		{ "connect tcp 192.0.2.21 80", "EACCES",
		  EVENT("connect", "tcp 192.0.2.21 80", MODE, NULL) },
		{ "dns-other-socket " SERVER " late" D " 1",
		  "*",
		  { { "dns", "udp 127.0.0.1 53 late" D, NULL, "built in", "unasked", NULL, NULL,
		      "EPERM" } } },
		{ "connect tcp 192.0.2.25 80", "EACCES",
		  EVENT("connect", "tcp 192.0.2.25 80", MODE, NULL) },
	};

	(void)state;
	check_rows(POLICY, rows, ARRAY_SIZE(rows));
}

static void an_answer_counts_once(void **state)
{
	static const struct row rows[] = {
		{ "dns-twice " SERVER " replay" D " 1", "ETIMEDOUT" },
		{ "connect tcp 192.0.2.23 80", OPEN },
		{ "connect tcp 192.0.2.24 80", "EACCES",
		  EVENT("connect", "tcp 192.0.2.24 80", MODE, NULL) },
	};

	(void)state;
	check_rows(POLICY, rows, ARRAY_SIZE(rows));
}

/* --- TCP
 * ------------------------------------------------------------------------------------------ */

static void one_packet_of_tcp_is_judged_like_a_datagram(void **state)
{
	static const struct row rows[] = {
		{ "dns-tcp " SERVER " good" D " 1", "ok" },
		{ "connect tcp 192.0.2.10 80", OPEN },
		{ "dns-tcp-two " SERVER " more" D " 1", "ok" },
		{ "connect tcp 192.0.2.11 80", OPEN },
		{ "dns-tcp " SERVER " evil.org 1",
		  "ETIMEDOUT",
		  { { "dns", "tcp 127.0.0.1 53 evil.org", NULL, MODE, "name", NULL, NULL,
		      "EPERM" } } },
		{ "dns-tcp " SERVER " good" D " 16",
		  "ETIMEDOUT",
		  { { "dns", "tcp 127.0.0.1 53 good" D, NULL, MODE, "dns-type", NULL, NULL,
		      "EPERM" } } },
	};

	(void)state;
	check_rows(POLICY, rows, ARRAY_SIZE(rows));
}

/* TCP sends both parts again, together when it may: then they are judged, and answered. */
static void a_message_over_two_packets_is_refused(void **state)
{
	static const struct row rows[] = {
		{ "dns-tcp-split " SERVER " good" D " 1",
		  "*",
		  { { "dns", "tcp 127.0.0.1 53", NULL, "built in", "dns-tcp", NULL, NULL, "*" } } },
	};
	const struct job job = { .policy = POLICY, .rows = rows, .n_rows = 1, .loose = true };
	struct outcome outcome = { 0 };
	const json_t *event;

	(void)state;
	run_job(&job, &outcome);
	assert_true(json_array_size(outcome.events) >= 1);
	event = json_array_get(outcome.events, 0);
	assert_string_equal(json_string_value(json_object_get(event, "reason")), "dns-tcp");
	outcome_free(&outcome);
}

/* --- around it
 * ------------------------------------------------------------------------------------ */

static void dns_without_domains_leaves_names_alone(void **state)
{
	static const char policy[] = POLICY_OPEN "network:\n"
						 "  mode: full\n"
						 "  dns: {servers: 127.0.0.1}\n";
	static const struct row rows[] = {
		{ "dns " SERVER " evil.org 1", "ETIMEDOUT" },
		{ "dns " SERVER " good" D " 1", "ok" },
		{ "connect udp 127.0.0.2 53", "EACCES",
		  EVENT("connect", "udp 127.0.0.2 53", "dns: {servers", "resolver") },
		{ "connect tcp 192.0.2.1 80", OPEN },
	};

	(void)state;
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void audit_mode_lets_out_what_it_would_refuse(void **state)
{
	static const struct row rows[] = {
		{ "dns " SERVER " evil.org 1",
		  "ETIMEDOUT",
		  { { "dns", "udp 127.0.0.1 53 evil.org", NULL, MODE, "name", NULL, "would-deny",
		      "" } } },
		{ "dns " SERVER " good" D " 1", "ok" },
		{ "connect tcp 192.0.2.10 80", OPEN },
	};

	(void)state;
	check_rows("mode: audit\n" POLICY, rows, ARRAY_SIZE(rows));
}

static void a_job_without_domains_sees_nothing_of_it(void **state)
{
	static const char policy[] = POLICY_OPEN "network:\n"
						 "  mode: filtered\n"
						 "  rules:\n"
						 "    - allow: {to: 127.0.0.1, ports: 53}\n";
	static const struct row rows[] = {
		{ "send udp " SERVER " 53", "ok" },
		{ "dns " SERVER " good" D " 1", "ok" },
		{ "dns " SERVER " good" D " 16", "ok" },
		{ "connect tcp 192.0.2.10 80", "EACCES",
		  EVENT("connect", "tcp 192.0.2.10 80", MODE, NULL) },
	};

	(void)state;
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DNS_TEST(an_answer_opens_its_address_for_the_rules_ports),
		DNS_TEST(names_off_the_list_are_refused_at_once),
		DNS_TEST(port_53_is_for_the_policys_servers_alone),
		DNS_TEST(aliases_and_both_families_are_followed),
		DNS_TEST(an_answer_that_is_too_old_opens_nothing_new),
		DNS_TEST(sixty_four_addresses_are_taken_and_the_rest_is_told),
		DNS_TEST(no_answer_opens_private_or_denied_addresses),
		DNS_TEST(what_is_no_good_answer_opens_nothing),
		DNS_TEST(forged_answers_open_nothing),
		DNS_TEST(an_answer_counts_once),
		DNS_TEST(one_packet_of_tcp_is_judged_like_a_datagram),
		DNS_TEST(a_message_over_two_packets_is_refused),
		DNS_TEST(dns_without_domains_leaves_names_alone),
		DNS_TEST(audit_mode_lets_out_what_it_would_refuse),
		DNS_TEST(a_job_without_domains_sees_nothing_of_it),
	};

	return RUN_SUITE("dns", tests);
}
