// SPDX-License-Identifier: GPL-2.0-only
/*
 * escape: the attack suite as one program.
 *
 *	escape list				a JSON line a technique
 *	escape world [--harmless] DIR		makes DIR, says "ready", removes it at end of input
 *	escape attempt [OPTION]... DIR [NAME]...	tries techniques, a JSON line each
 *		--harmless	only those
 *		--mark		after each, makes a folder DIR/none/mark.GROUP.NAME, for the log
 *		--wait		says "waiting", reads names from a line, tries them, and again
 *		--landlock	under a Landlock ruleset like the policy's
 */
#include "internal.h"

#include <ftw.h>
#include <poll.h>
#include <sys/prctl.h>
#include <time.h>

#define LIMIT_MS 15000

extern const struct technique *const __start_techniques[];
extern const struct technique *const __stop_techniques[];

struct world world;

static char dotted[128]; /* the technique's name with a dot, for paths */

struct options {
	bool harmless;
	bool mark;
	bool wait;
	bool landlock;
	const char *dir;
	char *const *names;
};

/* "GROUP/NAME" from ".../GROUP/NAME.c". */
static void name_of(const struct technique *technique, char *out, size_t size)
{
	const char *at = strstr(technique->file, "escape/");

	(void)snprintf(out, size, "%s", at ? at + strlen("escape/") : technique->file);
	out[strlen(out) - 2] = '\0';
}

const char *technique_name(void)
{
	return dotted;
}

static void set_name(const struct technique *technique)
{
	name_of(technique, dotted, sizeof(dotted));
	*strchr(dotted, '/') = '.';
}

void each_technique(void (*fn)(const struct technique *technique, void *ctx), void *ctx)
{
	for (const struct technique *const *at = __start_techniques; at < __stop_techniques; at++) {
		set_name(*at);
		fn(*at, ctx);
	}
}

static void print_member(const char *key, const char *value)
{
	printf(", \"%s\": ", key);
	if (!value) {
		printf("null");
		return;
	}
	(void)putchar('"');
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			(void)putchar('\\');
		(void)putchar(*value);
	}
	(void)putchar('"');
}

static void list_one(const struct technique *technique, void *ctx)
{
	char name[128];

	(void)ctx;
	name_of(technique, name, sizeof(name));
	printf("{\"name\": \"%s\"", name);
	print_member("what", technique->what);
	print_member("hooks", technique->hooks);
	print_member("event", technique->event);
	print_member("needs", technique->needs);
	print_member("gap", technique->gap);
	printf(", \"harmless\": %s}\n", technique->harmless ? "true" : "false");
}

static long now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Waits for the child; what a technique left running is ended with it. */
static int wait_for(pid_t pid, const int *result)
{
	long deadline = now_ms() + LIMIT_MS;
	int status = 0;

	while (!waitpid(pid, &status, WNOHANG)) {
		if (now_ms() > deadline) {
			(void)kill(pid, SIGKILL);
			(void)waitpid(pid, &status, 0);
			(void)kill(-pid, SIGKILL);
			return ETIMEDOUT;
		}
		(void)poll(NULL, 0, 2);
	}
	(void)kill(-pid, SIGKILL);
	return WIFSIGNALED(status) ? SIGNALED + WTERMSIG(status) : *result;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)at;
	return kind == FTW_DP ? rmdir(path) : unlink(path);
}

static int try_one(const struct technique *technique)
{
	int *result = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int code;
	pid_t pid;

	if ((void *)result == MAP_FAILED)
		return errno;
	*result = EPROTO;
	pid = fork();
	if (pid < 0)
		return errno;
	if (!pid) {
		int null = open("/dev/null", O_RDWR);

		(void)setpgid(0, 0);
		(void)nftw(mine(), remove_one, 4, FTW_DEPTH | FTW_PHYS); /* of an earlier try */
		(void)dup2(null, 0);
		(void)dup2(null, 1);
		(void)dup2(null, 2);
		*result = technique->attempt();
		_exit(0);
	}
	(void)setpgid(pid, pid);
	code = wait_for(pid, result);
	(void)munmap(result, 4096);
	return code;
}

static void report(const struct technique *technique, int code)
{
	char name[128];

	name_of(technique, name, sizeof(name));
	printf("{\"name\": \"%s\", \"result\": ", name);
	if (!code)
		printf("\"reached\"}\n");
	else if (code > SIGNALED)
		printf("\"refused\", \"errno\": \"SIG%s\"}\n", sigabbrev_np(code - SIGNALED));
	else
		printf("\"refused\", \"errno\": \"%s\"}\n",
		       strerrorname_np(code) ? strerrorname_np(code) : "?");
	(void)fflush(stdout);
}

static bool is_wanted(const struct technique *technique, const struct options *options)
{
	char name[128];

	if (options->harmless && !technique->harmless)
		return false;
	if (!*options->names)
		return true;
	name_of(technique, name, sizeof(name));
	for (char *const *at = options->names; *at; at++) {
		if (!strcmp(*at, name))
			return true;
	}
	return false;
}

static void attempt_one(const struct technique *technique, void *ctx)
{
	const struct options *options = ctx;

	if (!is_wanted(technique, options))
		return;
	report(technique, try_one(technique));
	if (options->mark)
		(void)mkdir(below("none/mark.%s", dotted), 0755);
}

/* Rounds: a line of names, their results, "waiting". */
static int attempt_rounds(struct options *options)
{
	static char line[65536];
	static char *names[1024];

	for (;;) {
		char *at = line;
		size_t n = 0;

		printf("waiting\n");
		(void)fflush(stdout);
		if (!fgets(line, sizeof(line), stdin))
			return 0;
		while (n < 1023 && (names[n] = strtok(at, " \n"))) {
			at = NULL;
			n++;
		}
		names[n] = NULL;
		options->names = names;
		if (n)
			each_technique(attempt_one, options);
	}
}

static int attempt_all(struct options *options)
{
	if (chdir(options->dir) || chdir("work") || world_read())
		return 2;
	world.launcher = getppid();
	if (options->landlock) {
		int abi = landlock_enter();

		printf("{\"landlock\": %d}\n", abi);
		(void)fflush(stdout);
		if (abi <= 0)
			return 3;
	}
	if (options->wait)
		return attempt_rounds(options);
	each_technique(attempt_one, options);
	return 0;
}

/* Roles in which techniques start this program again. */
static int play(const char *role)
{
	if (!strcmp(role, "is-nobody"))
		return geteuid() == 65534 ? 0 : 1;
	return 2;
}

static bool take_option(struct options *options, const char *word)
{
	if (!strcmp(word, "--harmless"))
		options->harmless = true;
	else if (!strcmp(word, "--mark"))
		options->mark = true;
	else if (!strcmp(word, "--wait"))
		options->wait = true;
	else if (!strcmp(word, "--landlock"))
		options->landlock = true;
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	int at = 2;

	if (argc == 2 && !strcmp(argv[1], "list")) {
		each_technique(list_one, NULL);
		return 0;
	}
	if (argc < 3)
		return 2;
	if (!strcmp(argv[1], "play"))
		return play(argv[2]);
	while (at < argc && take_option(&options, argv[at]))
		at++;
	if (at >= argc)
		return 2;
	options.dir = argv[at];
	options.names = argv + at + 1;
	if (!strcmp(argv[1], "world"))
		return world_keep(options.dir, options.harmless);
	return strcmp(argv[1], "attempt") ? 2 : attempt_all(&options);
}
