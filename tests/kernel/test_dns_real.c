// SPDX-License-Identifier: GPL-2.0-only
/*
 * A domain with a real DNS server (dnsmasq) and real clients, as people use it.  The web
 * server has an address of the loopback interface that no rule names.  All else: test_dns.c.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/harness.h"

#define SERVER "127.0.0.1"
#define WEB "192.0.2.10"

static pid_t helpers[2];

static pid_t start_dnsmasq(void)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)execl("/usr/sbin/dnsmasq", "dnsmasq", "-k", "-a", SERVER, "-z", "-h", "-R", "-C",
		    "/dev/null", "-u", "root", "--pid-file", "--address=/www.example.test/" WEB,
		    "--address=/other.example.test/" WEB, NULL);
	_exit(127);
}

static pid_t start_web(void)
{
	static const char page[] = "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\npage\n";
	struct sockaddr_in at = { .sin_family = AF_INET };
	pid_t pid = fork();
	char room[1024];
	int fd, peer, one = 1;

	if (pid)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	at.sin_port = htons(80);
	(void)inet_pton(AF_INET, WEB, &at.sin_addr);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, 8))
		_exit(1);
	while ((peer = accept(fd, NULL, NULL)) >= 0) {
		(void)recv(peer, room, sizeof(room), 0);
		(void)send(peer, page, sizeof(page) - 1, MSG_NOSIGNAL);
		(void)close(peer);
	}
	_exit(1);
}

static int change_address(const char *verb)
{
	const char *const argv[] = { "ip", "addr", verb, WEB "/32", "dev", "lo", NULL };

	return command(argv);
}

static int real_begin(void **state)
{
	if (test_begin(state))
		return -1;
	if (access("/usr/sbin/dnsmasq", X_OK) || change_address("add"))
		return 0; /* the test itself says so */
	helpers[0] = start_dnsmasq();
	helpers[1] = start_web();
	return 0;
}

static int real_end(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(helpers); i++) {
		if (helpers[i] <= 0)
			continue;
		(void)kill(helpers[i], SIGKILL);
		(void)waitpid(helpers[i], NULL, 0);
		helpers[i] = 0;
	}
	(void)change_address("del"); /* it may not be there */
	return test_end(state);
}

#define POLICY                           \
	POLICY_OPEN "network:\n"         \
		    "  mode: filtered\n" \
		    "  rules:\n"         \
		    "    - allow: {domains: www.example.test, ports: 80}\n"
#define POLICY_LINE "policy.yaml:11" /* of its rule */
#define MODE_LINE "policy.yaml:9"    /* of its mode */

/* A refusal: what it is of (the operation and the object), and the line that decided. */
struct refusal {
	const char *what;
	const char *rule; /* how it ends */
};

static void need_clients(void)
{
	const char *conf = slurp("/etc/resolv.conf");

	if (!helpers[0] || access("/usr/bin/curl", X_OK) || access("/usr/bin/dig", X_OK) ||
	    access("/usr/bin/python3", X_OK) || access("/bin/busybox", X_OK) || !conf ||
	    !strstr(conf, "nameserver " SERVER "\n"))
		skip_because("needs dnsmasq, curl, dig, python3, busybox, and 127.0.0.1 as the "
			     "host's DNS server");
	(void)poll(NULL, 0, 1000); /* the servers are up by then */
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && !strcmp(text + len - end_len, end);
}

/* Each of them is in the log, and nothing else is. */
static void check_refusals(const struct outcome *outcome, const struct refusal *refusals, size_t n)
{
	for (size_t i = 0; i < json_array_size(outcome->events); i++) {
		const json_t *event = json_array_get(outcome->events, i);
		const char *rule = json_string_value(json_object_get(event, "rule"));
		char object[256], what[512];
		bool known = false;

		format_object(event, object, sizeof(object));
		(void)snprintf(what, sizeof(what), "%s %s",
			       json_string_value(json_object_get(event, "op")), object);
		for (size_t k = 0; k < n; k++)
			known |= rule &&
				 !strncmp(what, refusals[k].what, strlen(refusals[k].what)) &&
				 ends_with(rule, refusals[k].rule);
		if (!known)
			fail_msg("event: %s, by %s", what, rule ? rule : "nothing");
	}
	if (json_array_size(outcome->events) < n)
		fail_msg("%zu events, not %zu", json_array_size(outcome->events), n);
}

static void check_script(const char *script, const char *out, const struct refusal *refusals,
			 size_t n)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	const struct job job = { .policy = POLICY, .argv = argv, .loose = true };
	struct outcome outcome = { 0 };

	need_clients();
	run_job(&job, &outcome);
	assert_string_equal(outcome.out, out);
	check_refusals(&outcome, refusals, n);
	outcome_free(&outcome);
}

/* By address, by another name, by its name, and then by address on another port. */
static void curl_fetches_from_the_named_server_and_nothing_else(void **state)
{
	static const struct refusal refusals[] = {
		{ "connect tcp " WEB " 80", MODE_LINE },
		{ "dns udp " SERVER " 53 other.example.test", MODE_LINE },
		{ "connect tcp " WEB " 81 www.example.test", POLICY_LINE },
	};

	(void)state;
	check_script("curl -sm5 http://" WEB "/; echo $?\n"
		     "curl -sm5 http://other.example.test/; echo $?\n"
		     "curl -sm5 http://www.example.test/; echo $?\n"
		     "curl -sm5 http://" WEB ":81/; echo $?\n",
		     "7\n6\npage\n0\n7\n", refusals, ARRAY_SIZE(refusals));
}

static void other_clients_do_so_too(void **state)
{
	static const struct refusal refusals[] = {
		{ "dns udp " SERVER " 53 other.example.test", MODE_LINE },
	};

	(void)state;
	check_script("dig +short +tries=1 other.example.test > /dev/null || echo refused\n"
		     "dig +short +tries=1 www.example.test\n"
		     "dig +short +tries=1 +tcp www.example.test\n"
		     "busybox wget -qO- http://www.example.test/\n"
		     "python3 -c 'from urllib.request import urlopen\n"
		     "print(urlopen(\"http://www.example.test/\").read().decode(), end=\"\")'\n",
		     "refused\n" WEB "\n" WEB "\npage\npage\n", refusals, ARRAY_SIZE(refusals));
}

/* The job answers its own question from another socket; it asks a server that lies for it. */
static void forged_answers_open_nothing(void **state)
{
	static const struct refusal refusals[] = {
		{ "send udp 127.0.0.1", MODE_LINE },
		{ "send udp 127.0.0.2 53", "built in" },
		{ "connect tcp 192.0.2.11 80", MODE_LINE },
	};
	static const char script[] =
		"python3 -c '\n"
		"import socket, struct\n"
		"ask, forge = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in "
		"range(2))\n"
		"name = b\"\\3www\\7example\\4test\\0\" + struct.pack(\"!HH\", 1, 1)\n"
		"query = struct.pack(\"!6H\", 7, 0x100, 1, 0, 0, 0) + name\n"
		"answer = struct.pack(\"!6H\", 7, 0x8180, 1, 1, 0, 0) + name + b\"\\xc0\\x0c\" + "
		"\\\n"
		"    struct.pack(\"!HHIH4B\", 1, 1, 600, 4, 192, 0, 2, 11)\n"
		"ask.sendto(query, (\"127.0.0.1\", 53))\n"
		"for to in ((\"127.0.0.1\", ask.getsockname()[1]), (\"127.0.0.2\", 53)):\n"
		"    try:\n"
		"        forge.sendto(answer if to[1] != 53 else query, to)\n"
		"        print(\"sent\")\n"
		"    except PermissionError:\n"
		"        print(\"refused\")\n"
		"'\n"
		"curl -sm5 http://192.0.2.11/; echo $?\n"
		"curl -sm5 http://www.example.test/; echo $?\n";

	(void)state;
	check_script(script, "refused\nrefused\n7\npage\n0\n", refusals, ARRAY_SIZE(refusals));
}

#define REAL_TEST(name) cmocka_unit_test_setup_teardown(name, real_begin, real_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		REAL_TEST(curl_fetches_from_the_named_server_and_nothing_else),
		REAL_TEST(other_clients_do_so_too),
		REAL_TEST(forged_answers_open_nothing),
	};

	return RUN_SUITE("dns_real", tests);
}
