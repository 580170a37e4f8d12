// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel's verifier has to look at, program by program, against the checked-in table
 * tests/budget/KERNEL.MECHANISM.txt.  A jump is a mistake that a larger kernel might refuse.
 * SBX_BUDGET_WRITE=1: prints a table instead (tests/budget/update).
 */
#include <dirent.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "lib/start.h"

#define PROGRAMS_MAX 512
#define GROWTH_PERCENT 25 /* that and ... */
#define GROWTH_MIN 500	  /* ... so many instructions more are a jump */
#define NEW_MAX \
	20000 /* of a program that the table does not name yet; the kernel takes 1,000,000 */

struct program {
	char name[BPF_OBJ_NAME_LEN];
	long insns;
};

static struct program programs[PROGRAMS_MAX];
static size_t n_programs;

static int bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static void get_info(int fd, void *info, size_t size)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	memset(info, 0, size);
	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = (uint32_t)size;
	attr.info.info = (uint64_t)(uintptr_t)info;
	assert_int_equal(bpf(BPF_OBJ_GET_INFO_BY_FD, &attr), 0);
}

/* The program of a pinned link. */
static void add_program(const char *path)
{
	struct bpf_link_info link;
	struct bpf_prog_info info;
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.pathname = (uint64_t)(uintptr_t)path;
	fd = bpf(BPF_OBJ_GET, &attr);
	assert_true(fd >= 0);
	get_info(fd, &link, sizeof(link));
	(void)close(fd);
	memset(&attr, 0, sizeof(attr));
	attr.prog_id = link.prog_id;
	fd = bpf(BPF_PROG_GET_FD_BY_ID, &attr);
	assert_true(fd >= 0);
	get_info(fd, &info, sizeof(info));
	(void)close(fd);
	assert_true(n_programs < PROGRAMS_MAX);
	memcpy(programs[n_programs].name, info.name, sizeof(info.name));
	programs[n_programs++].insns = info.verified_insns;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct program *)a)->name, ((const struct program *)b)->name);
}

static void read_programs(void)
{
	static const char *const dirs[] = { "links", "other" };

	n_programs = 0;
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		const char *dir = text("%s/%s", pins_dir(), dirs[i]);
		DIR *entries = opendir(dir);
		struct dirent *entry;

		assert_non_null(entries);
		while ((entry = readdir(entries))) {
			if (entry->d_name[0] != '.')
				add_program(text("%s/%s", dir, entry->d_name));
		}
		(void)closedir(entries);
	}
	qsort(programs, n_programs, sizeof(programs[0]), by_name);
}

/* "6.1.lsm": of the running kernel and the mechanism loaded. */
static const char *table_path(void)
{
	unsigned int major, minor;
	struct utsname names;

	assert_int_equal(uname(&names), 0);
	assert_int_equal(sscanf(names.release, "%u.%u", &major, &minor), 2);
	return text("tests/budget/%u.%u.%s.txt", major, minor, mechanism());
}

/* Of the table, or -1. */
static long budget_of(const char *table, const char *name)
{
	for (const char *line = table; line && *line; line = strchr(line, '\n')) {
		char word[32];
		long insns;

		line += *line == '\n';
		if (sscanf(line, "%31s %ld", word, &insns) == 2 && !strcmp(word, name))
			return insns;
	}
	return -1;
}

static bool is_jump(long before, long now)
{
	if (before < 0)
		return now > NEW_MAX;
	return now - before > GROWTH_MIN && (now - before) * 100 > before * GROWTH_PERCENT;
}

static void no_program_jumps_above_its_budget(void **state)
{
	const char *path = table_path();
	const char *table = slurp(path);
	bool write = getenv("SBX_BUDGET_WRITE") != NULL;
	long total = 0;
	int jumps = 0;

	(void)state;
	read_programs();
	if (!table && !write)
		printf("note: no %s (tests/budget/update makes it): %d for each\n", path, NEW_MAX);
	for (size_t i = 0; i < n_programs; i++) {
		const struct program *program = &programs[i];
		long before = write ? -1 : budget_of(table, program->name);

		total += program->insns;
		if (write)
			printf("budget: %-15s %ld\n", program->name, program->insns);
		else if (is_jump(before, program->insns))
			printf("%d. %s: %ld instructions verified, the table says %ld\n", ++jumps,
			       program->name, program->insns, before);
	}
	printf("note: %zu programs, %ld instructions verified\n", n_programs, total);
	assert_true(n_programs > 20 && total > 0);
	if (jumps)
		fail_msg("%d programs cost the verifier more than %s; if that is right: "
			 "tests/budget/update",
			 jumps, path);
}

static void the_measure_tells_a_jump_from_growth(void **state)
{
	(void)state;
	assert_false(is_jump(1000, 1500));
	assert_false(is_jump(10000, 12000));
	assert_true(is_jump(1000, 1501));
	assert_true(is_jump(10000, 12501));
	assert_false(is_jump(-1, NEW_MAX));
	assert_true(is_jump(-1, NEW_MAX + 1));
	assert_int_equal(budget_of("a 1\nsbx_open 17\nb 2\n", "sbx_open"), 17);
	assert_int_equal(budget_of("a 1\nsbx_open2 17\n", "sbx_open"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_program_jumps_above_its_budget),
		TEST(the_measure_tells_a_jump_from_growth),
	};

	return RUN_SUITE("budget", tests);
}
