// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pinned programs: hashed before the policy is bound, and what tells each file is noted, so that
 * the kernel can see whether it is still that file.  Noted before and after the hashing: a file
 * that changes meanwhile is refused.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "job/parts.h"
#include "lib/cleanup.h"
#include "lib/sha256.h"

#define AT_ONCE 64 /* files that are open at a time */
/* Change times move on by ticks of at most this: within one, a second change would not show. */
#define TICK_NS 20000000L

/* Sleeps until a change from now on has another time than the file's last one. */
static void wait_for_tick(const struct stat *st)
{
	const struct timespec tick = { .tv_nsec = TICK_NS };
	struct timespec now;
	long long apart;

	(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail */
	apart = (long long)(now.tv_sec - st->st_ctim.tv_sec) * 1000000000LL + now.tv_nsec -
		st->st_ctim.tv_nsec;
	if (apart > -TICK_NS && apart < TICK_NS)
		(void)nanosleep(&tick, NULL); /* a signal ends the launcher anyway */
}

static int fail_at(struct sbx_error *err, const struct sbx_program_ref *program, int code,
		   const char *what)
{
	return sbx_fail(err, code, "correct the policy's `exec`, or put the file right",
			"\"%s\", pinned at %s:%u, %s (%s)", program->path, program->ref.place.file,
			program->ref.place.line, what, sbx_errno_name(code));
}

static int open_program(const struct sbx_program_ref *program, int *ret_fd, struct sbx_error *err)
{
	sbx_cleanup(sbx_closep) int fd =
		open(program->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return fail_at(err, program, errno, "cannot be opened");
	if (!S_ISREG(st.st_mode))
		return fail_at(err, program, EINVAL, "is not a regular file");
	wait_for_tick(&st);
	*ret_fd = SBX_TAKE(fd, -1);
	return 0;
}

static int hash_file(int fd, char ret_hex[SBX_SHA256_HEX + 1])
{
	static uint8_t room[65536];
	struct sha256_ctx digest;
	ssize_t n;

	sha256_init(&digest);
	do {
		n = read(fd, room, sizeof(room));
		if (n > 0)
			sha256_update(&digest, (size_t)n, room);
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		return -errno;
	sbx_sha256_end(&digest, ret_hex);
	return 0;
}

static int check_digest(const struct sbx_program_ref *program, int fd, struct sbx_error *err)
{
	char hex[SBX_SHA256_HEX + 1];
	int r = hash_file(fd, hex);

	if (r)
		return fail_at(err, program, -r, "cannot be read");
	if (!strcmp(hex, program->sha256))
		return 0;
	return sbx_fail(err, EBADMSG, "if this is the file that you mean, put that into the policy",
			"\"%s\" is not the file pinned at %s:%u: its SHA-256 is %s", program->path,
			program->ref.place.file, program->ref.place.line, hex);
}

/* What tells the open files; a file that is being written to has no digest. */
static int identify(struct sbx_engine *engine, const struct sbx_program_ref *programs,
		    const int *fds, size_t n, struct sbx_program *ret_ids, struct sbx_error *err)
{
	size_t at = 0;
	int r = sbx_engine_identify(engine, fds, n, ret_ids, &at);

	if (r == -ETXTBSY)
		return fail_at(err, &programs[at], ETXTBSY, "is open for writing");
	return r ? sbx_fail(err, -r, NULL, "cannot identify the files that `exec` pins (%s)",
			    sbx_errno_name(r))
		 : 0;
}

static int hash_open(struct sbx_engine *engine, struct sbx_program_ref *programs, const int *fds,
		     size_t n, struct sbx_error *err)
{
	struct sbx_program before[AT_ONCE], after[AT_ONCE];
	int r = identify(engine, programs, fds, n, before, err);

	for (size_t i = 0; i < n && !r; i++)
		r = check_digest(&programs[i], fds[i], err);
	if (!r)
		r = identify(engine, programs, fds, n, after, err);
	for (size_t i = 0; i < n && !r; i++) {
		if (memcmp(&before[i], &after[i], sizeof(before[i])))
			r = fail_at(err, &programs[i], EBUSY, "changed while it was hashed");
		programs[i].id = after[i];
	}
	return r;
}

static int hash_some(struct sbx_engine *engine, struct sbx_program_ref *programs, size_t n,
		     struct sbx_error *err)
{
	int fds[AT_ONCE];
	size_t opened = 0;
	int r = 0;

	memset(fds, -1, sizeof(fds));
	while (opened < n && !r) {
		r = open_program(&programs[opened], &fds[opened], err);
		opened += !r;
	}
	if (!r)
		r = hash_open(engine, programs, fds, n, err);
	while (opened)
		sbx_closep(&fds[--opened]);
	return r;
}

int sbx_job_hash_programs(struct sbx_engine *engine, struct sbx_compiled *compiled,
			  struct sbx_error *err)
{
	int r = 0;

	for (size_t i = 0; i < compiled->n_programs && !r; i += AT_ONCE) {
		size_t left = compiled->n_programs - i;

		r = hash_some(engine, &compiled->programs[i], left < AT_ONCE ? left : AT_ONCE, err);
	}
	return r;
}
