// SPDX-License-Identifier: GPL-2.0-only
/*
 * A service for the demo: listens on a free port of 127.0.0.1, prints the port, answers each line
 * that a client sends, and prints it.  Ends with the demo (a signal).
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const char answer[] = "release 1.4.2\n";

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static void serve(int client_fd)
{
	char line[128];
	ssize_t got = read(client_fd, line, sizeof(line) - 1);

	line[got > 0 ? got : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	printf("client: %s\n", line);
	if (write(client_fd, answer, strlen(answer)) < 0)
		perror("write");
	(void)close(client_fd); /* the client has its answer */
}

int main(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)prctl(PR_SET_PDEATHSIG, 9); /* without it the demo's trap is enough */
	setlinebuf(stdout);
	if (fd < 0)
		return fail("socket");
	if (bind(fd, (struct sockaddr *)&addr, len) || listen(fd, 8) ||
	    getsockname(fd, (struct sockaddr *)&addr, &len))
		return fail("listen");
	printf("%d\n", ntohs(addr.sin_port));
	for (;;) {
		int client_fd = accept(fd, NULL, NULL);

		if (client_fd < 0)
			return fail("accept");
		serve(client_fd);
	}
}
