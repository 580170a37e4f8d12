// SPDX-License-Identifier: GPL-2.0-only
/* From a policy to ports of TCP in Landlock: pure, and what a process under the plan gets. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "job_fixture.h"

#include <netinet/in.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "policy/address.h"

static struct sbx_landlock plan;

static __u64 port_access(unsigned int port)
{
	__u64 access = 0;

	for (size_t i = 0; i < plan.n_ports; i++)
		access |= plan.ports[i].port == port ? plan.ports[i].access : 0;
	return access;
}

static void plan_ports(int abi, const char *network)
{
	char text[1024];

	(void)snprintf(text, sizeof(text), "version: 1\nname: test\nnetwork: {%s}\n", network);
	sbx_landlock_free(&plan);
	load_policy(text);
	plan = (struct sbx_landlock){ .abi = abi };
	assert_int_equal(sbx_landlock_plan_ports(fixture.compiled, &plan), 0);
}

enum { BIND = SBX_LANDLOCK_BIND_TCP, CONNECT = SBX_LANDLOCK_CONNECT_TCP };

static void a_port_is_open_when_some_rule_opens_it(void **state)
{
	(void)state;
	plan_ports(4, "mode: filtered, listen: {to: 127.0.0.1, ports: [80, 8080]}, rules: ["
		      "{allow: {to: '10.0.0.0/8', ports: [80, 90-92]}},"
		      "{allow: {to: '2001:db8::/32', ports: [91-93, 65535]}},"
		      "{deny: {to: 10.1.0.0/16, ports: 80}},"
		      "{allow: {to: 10.0.0.0/8, ports: 99, protocols: udp}}]");
	assert_int_equal(plan.net, BIND | CONNECT);
	assert_int_equal(plan.net_open, 0);
	assert_int_equal(port_access(80), BIND | CONNECT);
	for (unsigned int port = 90; port <= 93; port++)
		assert_int_equal(port_access(port), CONNECT);
	assert_int_equal(port_access(65535), CONNECT);
	assert_int_equal(port_access(8080), BIND);
	assert_int_equal(port_access(0), BIND);
	assert_int_equal(plan.n_ports, 9); /* nothing else: two ways, and one port of both */
}

static bool lets(enum sbx_direction dir, const char *address, unsigned int port)
{
	__u8 addr[16];

	assert_int_equal(sbx_address_parse(address, addr), 0);
	return sbx_compiled_address(fixture.compiled, dir, addr, SBX_PROTO_TCP, (__u16)port, NULL);
}

/* Port by port, Landlock gives no less than the policy gives to single addresses. */
static void no_port_is_closed_that_the_policy_opens(void **state)
{
	static const char *const addresses[] = { "10.0.0.1", "10.1.0.1",    "127.0.0.1",
						 "::1",	     "2001:db8::1", "192.0.2.1" };
	size_t n_open = 0;

	(void)state;
	plan_ports(4, "mode: filtered, listen: [{to: '::1', ports: 7000-7100}], rules: ["
		      "{allow: {to: 10.0.0.0/8, ports: [80, 443]}},"
		      "{deny: {to: 10.1.0.0/16}}, {allow: {to: 10.1.0.1, ports: 8000-8010}},"
		      "{allow: {to: '2001:db8::/32', ports: 22, protocols: tcp}}]");
	for (unsigned int port = 0; port <= 65535; port++) {
		__u64 access = port_access(port);
		bool out = false, in = false;

		for (size_t i = 0; i < SBX_ARRAY_SIZE(addresses); i++) {
			out |= lets(SBX_DIR_OUT, addresses[i], port);
			in |= lets(SBX_DIR_LISTEN, addresses[i], port);
		}
		assert_true(!out || (access & CONNECT));
		assert_true(!in || (access & BIND));
		n_open += out + in;
	}
	assert_int_equal(n_open, 2 + 11 + 1 + 101);
	assert_int_equal(plan.net, BIND | CONNECT);
}

static void names_open_their_ports_and_that_of_dns(void **state)
{
	(void)state;
	plan_ports(4, "mode: filtered, dns: {servers: 192.0.2.1}, rules: ["
		      "{allow: {domains: '*.example.com', ports: 443}}]");
	assert_int_equal(port_access(443), CONNECT);
	assert_int_equal(port_access(53), CONNECT);
	assert_int_equal(port_access(80), 0);
	plan_ports(4, "mode: filtered, rules: [{allow: {to: 192.0.2.1, ports: 443}}]");
	assert_int_equal(port_access(443), CONNECT);
	assert_int_equal(port_access(53), 0);
}

/* Before it connects, a socket may be bound to no port, whatever the policy says. */
static void no_rules_leave_no_port_but_none(void **state)
{
	(void)state;
	plan_ports(4, "mode: none");
	assert_int_equal(plan.net, BIND | CONNECT);
	assert_int_equal(plan.n_ports, 1);
	assert_int_equal(port_access(0), BIND);
	plan_ports(4, "mode: filtered, rules: [{allow: {to: 10.0.0.0/8, protocols: udp}}]");
	assert_int_equal(plan.net, BIND | CONNECT);
	assert_int_equal(plan.n_ports, 1);
}

static void ports_that_cannot_be_told_stay_open(void **state)
{
	(void)state;
	plan_ports(3, "mode: none");
	assert_int_equal(plan.net_open, BIND | CONNECT);
	assert_int_equal(plan.net, 0);
	assert_int_equal(plan.n_ports, 0);
	plan_ports(4, "mode: filtered, rules: [{allow: {to: 10.0.0.0/8, ports: 1024-65535}}]");
	assert_int_equal(plan.net_open, CONNECT);
	assert_int_equal(plan.net, BIND);
	plan_ports(4, "mode: filtered, rules: [{allow: {to: 10.0.0.0/8, ports: 1-4096}}]");
	assert_int_equal(plan.net, BIND | CONNECT); /* just as many as may be */
	assert_int_equal(port_access(4096), CONNECT);
	plan_ports(4, "mode: filtered, rules: [{allow: {to: 10.0.0.0/8, ports: 1-4097}}]");
	assert_int_equal(plan.net_open, CONNECT);
	plan_ports(4, "mode: filtered, listen: {to: 127.0.0.1, ports: 1-4096}");
	assert_int_equal(plan.net, BIND | CONNECT);
	plan_ports(4, "mode: filtered, listen: {to: 127.0.0.1, ports: 1-4097}");
	assert_int_equal(plan.net_open, BIND);
	plan_ports(4, "mode: filtered, rules: [{allow: {to: 10.0.0.0/8}}]");
	assert_int_equal(plan.net_open, 0); /* nothing to keep */
	assert_int_equal(plan.net, BIND);
	plan_ports(4, "mode: filtered, rules: [{allow: {to: 10.0.0.0/8, ports: 1-65535}}]");
	assert_int_equal(plan.net_open, 0);
	assert_int_equal(plan.net, BIND);
	plan_ports(3, "mode: full");
	assert_int_equal(plan.net_open | plan.net, 0);
}

/* A socket that listens on loopback, on a port that the kernel chose. */
static int listening(int family, struct sockaddr_storage *ret_address, socklen_t *ret_len)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };
	struct sockaddr_in v4 = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const void *address = family == AF_INET6 ? (void *)&v6 : (void *)&v4;

	*ret_len = family == AF_INET6 ? sizeof(v6) : sizeof(v4);
	if (fd < 0 || bind(fd, address, *ret_len) || listen(fd, 8) ||
	    getsockname(fd, (struct sockaddr *)ret_address, ret_len)) {
		(void)close(fd);
		return -1; /* loopback may have no IPv6 */
	}
	return fd;
}

typedef int (*socket_act)(int fd, const struct sockaddr *address, socklen_t len);

/* What a socket of its own gets for it: 0 or an errno. */
static int tried(socket_act act, const struct sockaddr_storage *address, socklen_t len)
{
	int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int r = act(fd, (const struct sockaddr *)address, len) ? errno : 0;

	(void)close(fd);
	return r;
}

/* Of two ports that both listen, the plan has the first. */
static void check_process(int family)
{
	struct sockaddr_storage open_at, shut_at, none;
	int open_fd, shut_fd, status;
	socklen_t len;
	char text[256];
	pid_t pid;

	open_fd = listening(family, &open_at, &len);
	shut_fd = listening(family, &shut_at, &len);
	if (open_fd < 0 || shut_fd < 0) {
		assert_int_equal(family, AF_INET6);
		return;
	}
	none = open_at;
	((struct sockaddr_in *)&none)->sin_port = 0; /* where sin6_port is, too */
	(void)snprintf(text, sizeof(text),
		       "mode: filtered, listen: {to: 127.0.0.1, ports: %u}, "
		       "rules: [{allow: {to: 127.0.0.1, ports: %u}}]",
		       ntohs(((struct sockaddr_in *)&open_at)->sin_port),
		       ntohs(((struct sockaddr_in *)&open_at)->sin_port));
	plan_ports(sbx_landlock_abi(), text);
	pid = fork();
	if (!pid) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || sbx_landlock_restrict(&plan))
			_exit(1);
		if (tried(connect, &open_at, len) || tried(connect, &shut_at, len) != EACCES)
			_exit(2);
		if (tried(bind, &open_at, len) != EADDRINUSE || tried(bind, &none, len) ||
		    tried(bind, &shut_at, len) != EACCES)
			_exit(3);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	(void)close(open_fd);
	(void)close(shut_fd);
}

static void a_process_gets_the_ports_of_the_plan(void **state)
{
	(void)state;
	if (sbx_landlock_abi() < SBX_LANDLOCK_HAS_PORTS) {
		print_message("skipped: this kernel's Landlock has no ports\n");
		skip();
	}
	check_process(AF_INET);
	check_process(AF_INET6);
}

static int teardown(void **state)
{
	sbx_landlock_free(&plan);
	return fixture_teardown(state);
}

#define LANDLOCK_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LANDLOCK_TEST(a_port_is_open_when_some_rule_opens_it),
		LANDLOCK_TEST(no_port_is_closed_that_the_policy_opens),
		LANDLOCK_TEST(names_open_their_ports_and_that_of_dns),
		LANDLOCK_TEST(a_process_gets_the_ports_of_the_plan),
		LANDLOCK_TEST(no_rules_leave_no_port_but_none),
		LANDLOCK_TEST(ports_that_cannot_be_told_stay_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
