// SPDX-License-Identifier: GPL-2.0-only
/*
 * The environment of a new program: variables by which the C library's loader would load code or
 * write files of the caller's choice (guard preload).  Read where the exec has succeeded and no
 * instruction of the program has run: the memory is the program's own, unshared and final.  A
 * refusal comes too late there, so the program is told that it runs on another's behalf (AT_SECURE,
 * as a set-user-ID program is), and the loader drops the variables.
 */
#include "walk.bpf.h"

/* What became of reading a new program's environment. */
enum scan_state {
	SBX_SCAN_OPEN = 0, /* not to the end, or unreadable */
	SBX_SCAN_CLEAN,
	SBX_SCAN_FOUND,
};

#define BPF_F_BPRM_SECUREEXEC 1
#define CHUNK 256	      /* of a string, in the room of the task's chain of dentries */
#define STRINGS_MAX (1 << 20) /* the kernel takes 768 Ki strings, of 6 MiB together, at most */

_Static_assert(CHUNK <= sizeof(((struct sbx_task *)0)->dentries), "a chunk must fit");

struct scan {
	struct sbx_task *t;
};

/* ld.so(8), and the converters that iconv loads. */
static const char listed[][20] = {
	"LD_PRELOAD=",	      "LD_AUDIT=",	  "LD_LIBRARY_PATH=",
	"LD_ORIGIN_PATH=",    "LD_DEBUG_OUTPUT=", "LD_PROFILE=",
	"LD_PROFILE_OUTPUT=", "GCONV_PATH=",	  "GETCONF_DIR=",
};

static __always_inline bool starts(const char *text, const char *word)
{
	__u32 i;

	for (i = 0; i < sizeof(listed[0]) && word[i]; i++) {
		if (text[i] != word[i])
			return false;
	}
	return true;
}

static __always_inline bool is_listed(const char *text)
{
	__u32 i;

	if (text[0] != 'L' && text[0] != 'G')
		return false;
	for (i = 0; i < sizeof(listed) / sizeof(listed[0]); i++) {
		if (starts(text, listed[i]))
			return true;
	}
	return false;
}

/* One string, or the next piece of a long one. */
static long scan_step(__u32 i, struct scan *c)
{
	struct sbx_task *t = c->t;
	char *text = (char *)t->dentries;
	__u64 at = t->scan_at;
	long n;

	if (at >= t->scan_end) {
		t->scan_state = SBX_SCAN_CLEAN;
		return 1;
	}
	n = bpf_probe_read_user_str(text, CHUNK, (const void *)at);
	if (n < 0)
		return 1; /* unreadable: the state stays as it began */
	if (!n)
		n = 1; /* of an empty string the kernel does not count the end */
	if (!t->scan_inside && !t->scan_skip && is_listed(text)) {
		t->scan_state = SBX_SCAN_FOUND;
		return 1;
	}
	if (n >= CHUNK) { /* what was cut off, if only its end, is the next piece */
		t->scan_at = at + CHUNK - 1;
		t->scan_inside = 1;
		return 0;
	}
	t->scan_at = at + n;
	t->scan_inside = 0;
	if (t->scan_skip)
		t->scan_skip--;
	return 0;
}

/* Arguments lie first, then the environment, and the program's name above both. */
static __always_inline __u32 scan(struct sbx_task *t, const struct linux_binprm *bprm)
{
	struct scan c = { .t = t };

	t->scan_at = bprm->p;
	t->scan_end = bprm->exec;
	t->scan_skip = bprm->argc;
	t->scan_inside = 0;
	t->scan_state = SBX_SCAN_OPEN;
	bpf_loop(STRINGS_MAX, scan_step, &c, 0);
	return t->scan_state;
}

/* 0: only a function's entry is seen (fmod_ret), where nothing but a signal keeps the code out. */
const volatile __u32 sbx_is_lsm = 0;

SEC("lsm/bprm_committed_creds")
int BPF_PROG(sbx_preload, struct linux_binprm *bprm)
{
	struct sbx_task *t = sbx_subject();
	struct sbx_ask *ask;
	struct file *file;
	__u32 found;
	int code;

	if (!t)
		return 0;
	found = scan(t, bprm);
	if (found == SBX_SCAN_CLEAN)
		return 0;
	file = bprm->file;
	if (sbx_walk_any(t, file->f_path.dentry, file->f_path.mnt, true))
		t->walk.depth = 0; /* no path to show; the guard decides all the same */
	ask = sbx_ask_start(t, SBX_OP_EXEC, SBX_GUARD_PRELOAD,
			    found == SBX_SCAN_FOUND ? SBX_REASON_GUARD : SBX_REASON_INTERNAL,
			    EPERM);
	ask->object = SBX_OBJECT_PATH;
	ask->untold = 1;
	code = sbx_refuse_path(t, ask);
	if (code && sbx_is_lsm)
		bpf_bprm_opts_set(bprm, BPF_F_BPRM_SECUREEXEC);
	else if (code)
		bpf_send_signal(SIGKILL);
	sbx_verdict(code); /* kills where the guard says so; this hook has no result */
	return 0;
}
