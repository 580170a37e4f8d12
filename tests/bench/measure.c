// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts what a few system calls cost.  In the counted guest a nanosecond of CLOCK_MONOTONIC is
 * one instruction, so a mean over many turns is a number of instructions.
 *
 *   measure open TURNS FILE...            mean of open() and close(), one word a file
 *   measure connect TURNS ADDRESS PORT    mean of connect() of a UDP socket
 *   measure send TURNS ADDRESS PORT       mean of sendto() of a datagram to itself, and recv()
 *   measure dns TURNS ADDRESS NAME        mean of a question for an IPv4 address and its answer
 *   measure write TURNS FILE...           mean of pwrite() of a byte, one word a file
 *   measure exec TURNS PROGRAM            mean of fork(), execve() and waitpid()
 *   measure spawn TURNS PROGRAM [ARG...]  a line "virtual-ns instructions" a turn (see busy), and
 *                                         a last one "all N": the mean with what came afterwards
 *   measure once 1 PROGRAM [ARG...]       the line of a single turn, without a warm-up
 *   measure gated TURNS open FILE         for the tracer: the turns between a line out and a line
 *   measure gated TURNS connect ADDR PORT in, and again a line out and a line in
 *   measure landlock RULES PROGRAM [ARG...]
 *                                         runs it under Landlock; RULES: a path a line
 *
 * Every kind warms up with a tenth of the turns.  Static, so that a policy has little to allow.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/landlock.h>

#define RIGHTS                                                                                     \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | \
	 LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |                          \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |                             \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SYM |                               \
	 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |                             \
	 LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK)

#define SETTLE_SECONDS 3
#define WARM_UP 100 /* turns before a trace */

static void __attribute__((noreturn, format(printf, 1, 2))) die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)fputs("measure: ", stderr);
	(void)vfprintf(stderr, format, args);
	(void)fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static unsigned long long now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail: clock and pointer are valid */
	return (unsigned long long)t.tv_sec * 1000000000ull + (unsigned long long)t.tv_nsec;
}

static unsigned long number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || !n)
		die("\"%s\" is not a number", text);
	return n;
}

static void open_one(const void *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die("open \"%s\": %s", (const char *)path, strerror(errno));
	(void)close(fd);
}

static void write_one(const void *fd)
{
	if (pwrite(*(const int *)fd, "x", 1, 0) != 1)
		die("pwrite: %s", strerror(errno));
}

struct target {
	int fd;
	struct sockaddr_in address;
};

static void connect_one(const void *arg)
{
	const struct target *target = arg;

	if (connect(target->fd, (const struct sockaddr *)&target->address, sizeof(target->address)))
		die("connect: %s", strerror(errno));
}

/* Forks, runs and waits; dies unless it ended well. */
static void run_one(const void *arg)
{
	char *const *argv = arg;
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		(void)execvp(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		die("%s: status %d", argv[0], status);
}

/* The mean of `turns` calls, after a warm-up. */
static double mean(void (*turn)(const void *arg), const void *arg, unsigned long turns)
{
	unsigned long long start;

	for (unsigned long i = 0; i < turns / 10 + 1; i++)
		turn(arg);
	start = now();
	for (unsigned long i = 0; i < turns; i++)
		turn(arg);
	return (double)(now() - start) / (double)turns;
}

static int measure_open(unsigned long turns, char **argv)
{
	for (; *argv; argv++)
		printf("%.0f%c", mean(open_one, *argv, turns), argv[1] ? ' ' : '\n');
	return 0;
}

static int measure_write(unsigned long turns, char **argv)
{
	for (; *argv; argv++) {
		int fd = open(*argv, O_WRONLY | O_CLOEXEC);

		if (fd < 0)
			die("open \"%s\": %s", *argv, strerror(errno));
		printf("%.0f%c", mean(write_one, &fd, turns), argv[1] ? ' ' : '\n');
		(void)close(fd); /* nobody reads the file */
	}
	return 0;
}

static struct target make_target(char **argv)
{
	struct target target = { .fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) };

	if (!argv[0] || !argv[1] || target.fd < 0)
		die("connect: no address, no port or no socket");
	target.address.sin_family = AF_INET;
	target.address.sin_port = htons((unsigned short)number(argv[1]));
	if (inet_pton(AF_INET, argv[0], &target.address.sin_addr) != 1)
		die("\"%s\" is not an address", argv[0]);
	return target;
}

static int measure_connect(unsigned long turns, char **argv)
{
	const struct target target = make_target(argv);

	printf("%.0f\n", mean(connect_one, &target, turns));
	return 0;
}

static void send_one(const void *arg)
{
	const struct target *target = arg;
	char room[8];

	if (sendto(target->fd, "x", 1, 0, (const struct sockaddr *)&target->address,
		   sizeof(target->address)) != 1)
		die("sendto: %s", strerror(errno));
	if (recv(target->fd, room, sizeof(room), 0) != 1)
		die("recv: %s", strerror(errno));
}

/* To itself, so that nobody else runs and nothing piles up. */
static int measure_send(unsigned long turns, char **argv)
{
	const struct target target = make_target(argv);

	if (bind(target.fd, (const struct sockaddr *)&target.address, sizeof(target.address)))
		die("bind: %s", strerror(errno));
	printf("%.0f\n", mean(send_one, &target, turns));
	return 0;
}

struct question {
	int fd;
	size_t size;
	unsigned char message[512];
};

/* RFC 1035: one question, for an A record. */
static void put_question(struct question *question, const char *name)
{
	static const unsigned char head[12] = { [2] = 1 /* recursion desired */, [5] = 1 };
	static const unsigned char tail[5] = { [2] = 1 /* A */, [4] = 1 /* IN */ };
	unsigned char *at = question->message + sizeof(head);

	if (strlen(name) > 200)
		die("\"%s\" is too long", name);
	memcpy(question->message, head, sizeof(head));
	while (*name) {
		size_t len = strcspn(name, ".");

		*at++ = (unsigned char)len;
		memcpy(at, name, len);
		at += len;
		name += len + (name[len] == '.');
	}
	memcpy(at, tail, sizeof(tail));
	question->size = (size_t)(at + sizeof(tail) - question->message);
}

static void ask_one(const void *arg)
{
	const struct question *question = arg;
	unsigned char room[512];

	if (send(question->fd, question->message, question->size, 0) != (ssize_t)question->size)
		die("send: %s", strerror(errno));
	if (recv(question->fd, room, sizeof(room), 0) < 12 || (room[3] & 15) || !room[7])
		die("the answer has no record");
}

static int measure_dns(unsigned long turns, char **argv)
{
	char *address[] = { argv[0], "53", NULL };
	const struct target target = make_target(address);
	struct question question = { .fd = target.fd };

	if (!argv[1])
		die("dns: no name");
	put_question(&question, argv[1]);
	connect_one(&target);
	printf("%.0f\n", mean(ask_one, &question, turns));
	return 0;
}

static int measure_exec(unsigned long turns, char **argv)
{
	printf("%.0f\n", mean(run_one, argv, turns));
	return 0;
}

/*
 * Instructions that tasks executed on the one processor since boot, kernel threads among them:
 * the time that it was not idle, of which rq_cpu_time of /proc/schedstat is the exact count.
 */
static unsigned long long busy(void)
{
	char text[4096];
	const char *cpu;
	unsigned long long value;
	ssize_t n;
	int fd = open("/proc/schedstat", O_RDONLY | O_CLOEXEC);

	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n < 0)
		die("/proc/schedstat: %s", strerror(errno));
	(void)close(fd);
	text[n] = '\0';
	cpu = strstr(text, "\ncpu0 ");
	if (!cpu || sscanf(cpu, " cpu0 %*u %*u %*u %*u %*u %*u %llu", &value) != 1)
		die("/proc/schedstat has another form");
	return value;
}

static void spawn_one(char **argv)
{
	unsigned long long busy_start = busy();
	unsigned long long start = now();
	unsigned long long time;

	run_one(argv);
	time = now() - start;
	printf("%llu %llu\n", time, busy() - busy_start);
}

/* Until the kernel has done what it put off: freeing maps, cgroups and processes. */
static unsigned long long busy_when_settled(void)
{
	(void)sleep(SETTLE_SECONDS); /* nobody sends a signal */
	return busy();
}

static int measure_spawn(unsigned long turns, char **argv)
{
	unsigned long long start;

	for (unsigned long i = 0; i < turns / 10 + 1; i++)
		run_one(argv);
	start = busy_when_settled();
	for (unsigned long i = 0; i < turns; i++)
		spawn_one(argv);
	printf("all %llu\n", (busy_when_settled() - start) / turns);
	return 0;
}

/* Says `word` and waits until somebody has answered with a line. */
static void gate(const char *word)
{
	char c = 0;

	if (dprintf(STDOUT_FILENO, "%s\n", word) < 0)
		die("gate: %s", strerror(errno));
	while (c != '\n') {
		if (read(STDIN_FILENO, &c, 1) != 1)
			die("gate: no answer");
	}
}

static void gated_turns(void (*turn)(const void *arg), const void *arg, unsigned long turns)
{
	for (unsigned long i = 0; i < WARM_UP; i++)
		turn(arg);
	gate("ready");
	for (unsigned long i = 0; i < turns; i++)
		turn(arg);
	gate("done");
}

static int measure_gated(unsigned long turns, char **argv)
{
	struct target target;

	if (!argv[1])
		die("gated: no file or no address");
	if (!strcmp(argv[0], "open")) {
		gated_turns(open_one, argv[1], turns);
		return 0;
	}
	target = make_target(argv + 1);
	gated_turns(connect_one, &target, turns);
	return 0;
}

static void landlock_rule(int ruleset, const char *path)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = RIGHTS,
		.parent_fd = open(path, O_PATH | O_CLOEXEC),
	};

	if (rule.parent_fd < 0 ||
	    syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0))
		die("Landlock rule for \"%s\": %s", path, strerror(errno));
	(void)close(rule.parent_fd);
}

static int landlock(const char *rules, char **argv)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = RIGHTS };
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	FILE *file = fopen(rules, "re");
	char path[4096];

	if (ruleset < 0 || !file)
		die("Landlock ruleset or \"%s\": %s", rules, strerror(errno));
	while (fgets(path, sizeof(path), file)) {
		path[strcspn(path, "\n")] = '\0';
		landlock_rule(ruleset, path);
	}
	(void)fclose(file);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_landlock_restrict_self, ruleset, 0))
		die("Landlock: %s", strerror(errno));
	(void)close(ruleset);
	(void)execv(argv[0], argv);
	die("%s: %s", argv[0], strerror(errno));
}

int main(int argc, char **argv)
{
	if (argc < 4)
		die("usage: measure open|connect|send|dns|write|exec|spawn|once|gated TURNS "
		    "ARG..., "
		    "or landlock RULES PROGRAM");
	if (!strcmp(argv[1], "open"))
		return measure_open(number(argv[2]), argv + 3);
	if (!strcmp(argv[1], "connect"))
		return measure_connect(number(argv[2]), argv + 3);
	if (!strcmp(argv[1], "send"))
		return measure_send(number(argv[2]), argv + 3);
	if (!strcmp(argv[1], "dns"))
		return measure_dns(number(argv[2]), argv + 3);
	if (!strcmp(argv[1], "write"))
		return measure_write(number(argv[2]), argv + 3);
	if (!strcmp(argv[1], "exec"))
		return measure_exec(number(argv[2]), argv + 3);
	if (!strcmp(argv[1], "spawn"))
		return measure_spawn(number(argv[2]), argv + 3);
	if (!strcmp(argv[1], "once")) {
		spawn_one(argv + 3);
		return 0;
	}
	if (!strcmp(argv[1], "gated"))
		return measure_gated(number(argv[2]), argv + 3);
	if (!strcmp(argv[1], "landlock"))
		return landlock(argv[2], argv + 3);
	die("\"%s\" is not a kind", argv[1]);
}
