// SPDX-License-Identifier: GPL-2.0-only
/* Files, mounts and processes around a job, all gone after the test; and the suite itself. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

#define BLOCKS_MAX 65536 /* pieces of text of one test */
#define VARS_MAX 16
#define MOUNTS_MAX 16

static struct {
	void *blocks[BLOCKS_MAX];
	size_t n_blocks;
	struct {
		const char *name;
		const char *value;
	} vars[VARS_MAX];
	size_t n_vars;
	const char *mounts[MOUNTS_MAX];
	size_t n_mounts;
	pid_t victim;
	char scratch[64];
	char act[512];
} world;

void *keep_block(void *block)
{
	if (!block || world.n_blocks >= BLOCKS_MAX)
		fail_msg("no memory for the test's texts");
	world.blocks[world.n_blocks++] = block;
	return block;
}

void *keep_memory(size_t count)
{
	return keep_block(calloc(1, count));
}

char *text(const char *fmt, ...)
{
	va_list args;
	char *out = NULL;

	va_start(args, fmt);
	if (vasprintf(&out, fmt, args) < 0)
		out = NULL;
	va_end(args);
	return keep_block(out);
}

const char *scratch_dir(void)
{
	return world.scratch;
}

const char *act_path(void)
{
	if (!*world.act) {
		ssize_t n = readlink("/proc/self/exe", world.act, sizeof(world.act) - 8);
		char *slash;

		assert_true(n > 0);
		world.act[n] = '\0';
		slash = strrchr(world.act, '/');
		(void)strcpy(slash, "/act");
	}
	return world.act;
}

const char *sbx_bin(void)
{
	const char *path = getenv("SBX_BIN");

	return path && *path ? path : "sbx-bpf";
}

/* --- variables and words ---------------------------------------------------------------------- */

void set_var(const char *name, const char *fmt, ...)
{
	va_list args;
	char *value = NULL;
	size_t i = 0;

	va_start(args, fmt);
	assert_true(vasprintf(&value, fmt, args) >= 0);
	va_end(args);
	while (i < world.n_vars && strcmp(world.vars[i].name, name))
		i++;
	assert_true(i < VARS_MAX);
	world.vars[i].name = name;
	world.vars[i].value = keep_block(value);
	if (i == world.n_vars)
		world.n_vars++;
}

const char *get_var(const char *name)
{
	for (size_t i = 0; i < world.n_vars; i++) {
		if (!strcmp(world.vars[i].name, name))
			return world.vars[i].value;
	}
	fail_msg("$%s is not set", name);
	return NULL;
}

static bool is_var(const char *at)
{
	return *at == '$' && at[1] >= 'A' && at[1] <= 'Z';
}

static const char *take_var(const char *at, FILE *out)
{
	size_t len = strspn(at + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
	char *name = text("%.*s", (int)len, at + 1);

	(void)fputs(get_var(name), out);
	return at + 1 + len;
}

char *expand(const char *source, size_t *ret_len)
{
	char *bytes = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&bytes, &len);

	assert_non_null(out);
	while (*source) {
		unsigned int byte;

		if (is_var(source)) {
			source = take_var(source, out);
		} else if (sscanf(source, "\\x%2x", &byte) == 1) {
			(void)fputc((int)byte, out);
			source += 4;
		} else {
			(void)fputc(*source++, out);
		}
	}
	(void)fclose(out);
	if (ret_len)
		*ret_len = len;
	return keep_block(bytes);
}

char **rows_argv(const char *act, const struct row *rows, size_t n)
{
	size_t room = 2, at = 0;
	char **argv;

	for (size_t i = 0; i < n; i++) {
		room += 2;
		for (const char *c = rows[i].act; *c; c++)
			room += *c == ' ';
	}
	argv = keep_memory(room * sizeof(*argv));
	argv[at++] = text("%s", act);
	for (size_t i = 0; i < n; i++) {
		const char *word = rows[i].act;

		for (;;) {
			size_t len = strcspn(word, " ");

			argv[at++] = expand(text("%.*s", (int)len, word), NULL);
			if (!word[len])
				break;
			word += len + 1;
		}
		argv[at++] = text(",");
	}
	return argv;
}

/* --- files ---------------------------------------------------------------------------------------
 */

static void make_parents(const char *path)
{
	char *copy = text("%s", path);

	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0755) && errno != EEXIST)
			fail_msg("mkdir %s: %s", copy, strerror(errno));
		*slash = '/';
	}
}

static void write_bytes(const char *path, const char *bytes, size_t len, int flags)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0644);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len)
		fail_msg("writing %s: %s", path, strerror(errno));
	(void)close(fd);
}

void make(const char *path, const char *content)
{
	make_parents(path);
	if (path[strlen(path) - 1] != '/')
		write_bytes(path, content, strlen(content), O_CREAT | O_TRUNC);
}

void make_all(const char *path, ...)
{
	va_list args;

	va_start(args, path);
	for (; path; path = va_arg(args, const char *))
		make(path, "x\n");
	va_end(args);
}

void spit(const char *path, const char *content)
{
	write_bytes(path, content, strlen(content), 0);
}

void make_program(const char *path)
{
	char room[65536];
	ssize_t n;
	int from = open(act_path(), O_RDONLY | O_CLOEXEC), to;

	make(path, "");
	to = open(path, O_WRONLY | O_CLOEXEC);
	if (from < 0 || to < 0)
		fail_msg("no program %s", act_path());
	while ((n = read(from, room, sizeof(room))) > 0)
		assert_int_equal(write(to, room, (size_t)n), n);
	assert_int_equal(fchmod(to, 0755), 0);
	(void)close(from);
	(void)close(to);
}

char *slurp(const char *path)
{
	FILE *file = fopen(path, "re");
	char *bytes = NULL;
	size_t size = 0;

	if (!file)
		return NULL;
	if (getdelim(&bytes, &size, '\0', file) <
	    0) { /* which may leave room with anything in it */
		free(bytes);
		bytes = calloc(1, 1);
	}
	(void)fclose(file);
	return keep_block(bytes);
}

bool exists(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

bool make_mount(const char *source, const char *target, const char *type, unsigned long flags,
		const char *data)
{
	assert_true(world.n_mounts < MOUNTS_MAX);
	if (mount(source, target, type, flags, data))
		return false;
	world.mounts[world.n_mounts++] = text("%s", target);
	return true;
}

/* --- processes
 * ------------------------------------------------------------------------------------ */

pid_t make_victim(void)
{
	if (!world.victim) {
		world.victim = fork();
		assert_true(world.victim >= 0);
		if (!world.victim) {
			for (;;)
				(void)pause();
		}
	}
	set_var("VICTIM", "%d", world.victim);
	return world.victim;
}

int command(const char *const *argv)
{
	pid_t pid = fork();
	int status = 0;

	if (!pid) {
		(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return 127;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* --- tests
 * ------------------------------------------------------------------------------------------- */

static bool no_skip(void)
{
	const char *word = getenv("SBX_NO_SKIP");

	return word && !strcmp(word, "1");
}

void skip_because(const char *why)
{
	if (no_skip())
		fail_msg("may not be skipped: %s", why);
	printf("skip: %s\n", why);
	skip();
}

void skip_before(unsigned int major, unsigned int minor, const char *what)
{
	unsigned int own_major = 0, own_minor = 0;
	struct utsname names;

	assert_int_equal(uname(&names), 0);
	assert_int_equal(sscanf(names.release, "%u.%u", &own_major, &own_minor), 2);
	if (own_major > major || (own_major == major && own_minor >= minor))
		return;
	printf("skip: expected: Linux before %u.%u has no %s\n", major, minor, what);
	skip();
}

/*
 * As doctor does it, but the engine stays loaded for the tests.  SBX_MECHANISM: not the strongest,
 * but this one; a test may have unloaded it.
 */
static bool load_engine(void)
{
	const char *mechanism = getenv("SBX_MECHANISM");
	const char *const load[] = { sbx_bin(), "load",
				     "-q",	mechanism && *mechanism ? "--mechanism" : NULL,
				     mechanism, NULL };

	return !command(load);
}

int test_begin(void **state)
{
	(void)state;
	(void)umount2(T, MNT_DETACH);
	(void)mkdir(T, 0755);
	if (mount("sbx-test", T, "tmpfs", 0, "mode=755"))
		return -1;
	(void)strcpy(world.scratch, "/tmp/sbx-harness-XXXXXX");
	if (!mkdtemp(world.scratch))
		return -1;
	if (getenv("SBX_MECHANISM") && !load_engine())
		return -1;
	make_program(ACT);
	return 0;
}

int test_end(void **state)
{
	static const char *const files[] = { "policy.yaml", "log.jsonl", "result.json" };

	(void)state;
	if (world.victim) {
		(void)kill(world.victim, SIGKILL);
		(void)waitpid(world.victim, NULL, 0);
		world.victim = 0;
	}
	while (world.n_mounts)
		(void)umount2(world.mounts[--world.n_mounts], MNT_DETACH);
	(void)umount2(T, MNT_DETACH);
	(void)rmdir(T);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		(void)unlink(text("%s/%s", world.scratch, files[i]));
	(void)rmdir(world.scratch);
	world.n_vars = 0;
	while (world.n_blocks)
		free(world.blocks[--world.n_blocks]);
	return 0;
}

static bool judges_paths(void)
{
	/* what `load` just left is named by a second one */
	const char *const name[] = { "/bin/sh", "-c",
				     "\"$0\" load --json | grep -q -e lsm -e fmod_ret", sbx_bin(),
				     NULL };

	return !command(name);
}

static const char *why_not(void)
{
	if (geteuid())
		return "needs root";
	if (access(act_path(), X_OK))
		return "act is not built: make kernel-bins";
	if (!load_engine() || (!getenv("SBX_ADDRESSES") && !judges_paths()))
		return "this kernel cannot enforce (sbx-bpf doctor tells why)";
	return NULL;
}

int run_suite(const char *name, const struct CMUnitTest *tests, size_t n)
{
	const char *why = why_not();

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	(void)signal(SIGPIPE, SIG_IGN);
	if (why) {
		printf("skip: %s: %s\n", name, why);
		return no_skip() ? 1 : SUITE_SKIPPED;
	}
	return _cmocka_run_group_tests(name, tests, n, NULL, NULL) ? 1 : 0;
}
