// SPDX-License-Identifier: GPL-2.0-only
/*
 * A domain with a real DNS server (dnsmasq) and a real client (curl), as people use it.  The web
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

/* By address, by another name, by its name, and then by address on another port. */
static void curl_fetches_from_the_named_server_and_nothing_else(void **state)
{
	static const char script[] = "curl -sm5 http://" WEB "/; echo $?\n"
				     "curl -sm5 http://other.example.test/; echo $?\n"
				     "curl -sm5 http://www.example.test/; echo $?\n"
				     "curl -sm5 http://" WEB ":81/; echo $?\n";
	static const char *const argv[] = { "sh", "-c", script, NULL };
	static const char policy[] =
		POLICY_OPEN "network:\n"
			    "  mode: filtered\n"
			    "  rules:\n"
			    "    - allow: {domains: www.example.test, ports: 80}\n";
	const struct job job = { .policy = policy, .argv = argv, .loose = true };
	const char *conf = slurp("/etc/resolv.conf");
	struct outcome outcome = { 0 };
	char object[256], all[4096] = "";

	(void)state;
	if (!helpers[0] || access("/usr/bin/curl", X_OK) || !conf ||
	    !strstr(conf, "nameserver " SERVER "\n"))
		skip_because("needs dnsmasq, curl, and 127.0.0.1 as the host's DNS server");
	(void)poll(NULL, 0, 1000); /* both are up by then */
	run_job(&job, &outcome);
	assert_string_equal(outcome.out, "7\n6\npage\n0\n7\n");
	for (size_t i = 0; i < json_array_size(outcome.events); i++) {
		const json_t *event = json_array_get(outcome.events, i);

		format_object(event, object, sizeof(object));
		(void)snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s %s\n",
			       json_string_value(json_object_get(event, "op")), object);
	}
	if (!strstr(all, "connect tcp " WEB " 80\n") ||
	    !strstr(all, "dns udp 127.0.0.1 53 other.example.test\n") ||
	    !strstr(all, "connect tcp " WEB " 81 www.example.test\n"))
		fail_msg("events:\n%s", all);
	outcome_free(&outcome);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(curl_fetches_from_the_named_server_and_nothing_else,
						real_begin, real_end),
	};

	return RUN_SUITE("dns_real", tests);
}
