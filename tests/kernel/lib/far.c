// SPDX-License-Identifier: GPL-2.0-only
/* See far.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "lib/far.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/start.h"

#define HELPERS_MAX 8
#define NEAR_NETNS "/run/netns/sbx-near"
#define FAR_NETNS "/run/netns/sbx-far"

static pid_t helpers[HELPERS_MAX];
static size_t n_helpers;
static int home_fd = -1;
static bool made;

static int enter(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int r = fd < 0 ? -1 : setns(fd, CLONE_NEWNET);

	if (fd >= 0)
		(void)close(fd);
	return r;
}

static int shell(const char *script)
{
	const char *const argv[] = { "sh", "-ec", script, NULL };

	return command(argv);
}

static int bound_socket(int type)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), one = 1;

	at.sin_port = htons((uint16_t)atoi(FAR_PORT));
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)))
		_exit(1);
	return fd;
}

/* Serves FAR_PORT in the namespace it is in, for ever. */
static void serve(void)
{
	static char room[65536];
	struct pollfd fds[2] = { { .fd = bound_socket(SOCK_DGRAM), .events = POLLIN },
				 { .fd = bound_socket(SOCK_STREAM), .events = POLLIN } };

	if (listen(fds[1].fd, 8))
		_exit(1);
	while (poll(fds, 2, -1) > 0) {
		struct sockaddr_in from;
		socklen_t len = sizeof(from);

		if (fds[0].revents) {
			ssize_t n = recvfrom(fds[0].fd, room, sizeof(room), 0,
					     (struct sockaddr *)&from, &len);

			if (n >= 0)
				(void)sendto(fds[0].fd, room, (size_t)n, 0,
					     (struct sockaddr *)&from, len);
		}
		if (fds[1].revents) {
			int peer = accept(fds[1].fd, NULL, NULL);

			while (recv(peer, room, sizeof(room), 0) > 0)
				;
			(void)close(peer);
		}
	}
	_exit(1);
}

/* In a namespace: a program, or the server where there is none. */
static void start_in(const char *netns, const char *const *argv)
{
	pid_t pid = fork();
	int null_fd;

	assert_true(n_helpers < HELPERS_MAX && pid >= 0);
	if (pid) {
		helpers[n_helpers++] = pid;
		return;
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (enter(netns))
		_exit(1);
	if (!argv)
		serve();
	null_fd = open("/dev/null", O_RDWR);
	(void)dup2(null_fd, STDOUT_FILENO);
	(void)dup2(null_fd, STDERR_FILENO);
	(void)execvp(argv[0], (char *const *)argv);
	_exit(127);
}

void far_start(const char *const *argv)
{
	start_in(FAR_NETNS, argv);
}

int far_begin(void **state)
{
	static const char make[] =
		"ip netns add sbx-near; ip netns add sbx-far\n"
		"ip link add near netns sbx-near type veth peer name far netns sbx-far\n"
		"ip -n sbx-near addr add " NEAR "/24 dev near; ip -n sbx-far addr add " FAR
		"/24 dev far\n"
		"ip -n sbx-near link set near up; ip -n sbx-far link set far up\n"
		"ip -n sbx-near link set lo up\n"
		"ip -n sbx-near route add 10.78.0.0/16 via " FAR "\n";

	if (test_begin(state))
		return -1;
	home_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	made = !shell(make) && home_fd >= 0 && !enter(NEAR_NETNS);
	if (!made)
		return 0; /* the test itself says so */
	start_in(FAR_NETNS, NULL);
	start_in(NEAR_NETNS, NULL); /* for the loopback */
	(void)poll(NULL, 0, 300);   /* both are up by then */
	return 0;
}

int far_end(void **state)
{
	for (; n_helpers; n_helpers--) {
		(void)kill(helpers[n_helpers - 1], SIGKILL);
		(void)waitpid(helpers[n_helpers - 1], NULL, 0);
	}
	if (home_fd >= 0) {
		(void)setns(home_fd, CLONE_NEWNET);
		(void)close(home_fd);
		home_fd = -1;
	}
	(void)shell("ip netns del sbx-near; ip netns del sbx-far"); /* they may not be there */
	return runs_end(state);
}

void need_far(void)
{
	if (!made)
		skip_because("needs network namespaces, veth and iproute2");
}
