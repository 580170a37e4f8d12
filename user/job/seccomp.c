// SPDX-License-Identifier: GPL-2.0-only
/*
 * Builds the filter of system calls in the launcher; the child only installs it.  Rules of the
 * policy come first, then those of the profile for calls that the policy does not name.
 * Calls of another architecture (32-bit, x32) are not filtered one by one: all of them fail.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "job/seccomp.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "policy/syscalls.h"

#define FAMILIES 46 /* above, socket() itself knows none */
#define PERSONALITY_LEN 7

/* One filter while it is made. */
struct build {
	scmp_filter_ctx filter;
	const struct sbx_policy *policy;
	const struct sbx_seccomp *seccomp;
	bool kernel_guards;
	bool kills;
	int error; /* the first one, negative */
};

static void filter_release(scmp_filter_ctx *filter)
{
	if (*filter)
		seccomp_release(*filter);
}

/* Mode audit refuses nothing: the kernel's audit log tells what would have been. */
static __u32 refusal(struct build *b, bool kill, int error)
{
	if (b->policy->mode == SBX_MODE_AUDIT)
		return SCMP_ACT_LOG;
	b->kills |= kill;
	if (kill)
		return SCMP_ACT_KILL_PROCESS;
	return SCMP_ACT_ERRNO((__u32)(error ? error : b->seccomp->error));
}

/* n 0: whatever the arguments are.  What the default does anyway needs no rule. */
static void add_rule_with(struct build *b, __u32 action, int call, unsigned int n,
			  const struct scmp_arg_cmp *args)
{
	int r = seccomp_rule_add_array(b->filter, action, call, n, args);

	if (r && r != -EACCES && r != -EEXIST && !b->error)
		b->error = r;
}

static void add_rule(struct build *b, __u32 action, int call)
{
	add_rule_with(b, action, call, 0, NULL);
}

static void add_masked(struct build *b, __u32 action, int call, unsigned int argument, __u64 mask,
		       __u64 value)
{
	const struct scmp_arg_cmp arg = SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, mask, value);

	add_rule_with(b, action, call, 1, &arg);
}

static bool is_named(const struct build *b, int call)
{
	for (size_t i = 0; i < b->seccomp->n_calls; i++) {
		if (b->seccomp->calls[i].number == call)
			return true;
	}
	return false;
}

static void add_named(struct build *b)
{
	for (size_t i = 0; i < b->seccomp->n_calls; i++) {
		const struct sbx_call *call = &b->seccomp->calls[i];
		__u32 action = SCMP_ACT_ALLOW;

		if (call->action == SBX_CALL_LOG)
			action = SCMP_ACT_LOG;
		else if (call->action != SBX_CALL_ALLOW)
			action = refusal(b, call->action == SBX_CALL_KILL, call->error);
		add_rule(b, action, call->number);
	}
}

/* Does the filter refuse what this row says, and does it kill for it? */
static bool row_holds(const struct build *b, const struct sbx_call_row *row, bool *ret_kill)
{
	int guard = row->guard ? sbx_guard_from_str(row->guard) : -ENOENT;
	__u8 action = guard < 0 ? 0 : b->policy->guards[guard];

	*ret_kill = false;
	if (guard < 0)
		return b->seccomp->profile != SBX_SECCOMP_NONE;
	if (b->kernel_guards)
		return false;
	/* in a namespace of its own, all of them are the job's */
	if (guard == SBX_GUARD_IPC_OUTSIDE && (sbx_policy_namespaces(b->policy) & SBX_NS_IPC))
		return false;
	*ret_kill = action >= SBX_ACTION_KILL; /* a filter cannot put under quarantine */
	return action >= SBX_ACTION_DENY;
}

static void add_row_rule(struct build *b, const struct sbx_call_row *row, __u32 action, int call)
{
	struct scmp_arg_cmp args[2];
	unsigned int n = 0;

	if (row->not_zero)
		args[n++] = (struct scmp_arg_cmp)SCMP_CMP(row->argument, SCMP_CMP_NE, 0, 0);
	if (row->mask)
		args[n++] = (struct scmp_arg_cmp)SCMP_CMP(row->argument, SCMP_CMP_MASKED_EQ,
							  row->mask, row->value);
	if (row->second_mask)
		args[n++] = (struct scmp_arg_cmp)SCMP_CMP(row->second, SCMP_CMP_MASKED_EQ,
							  row->second_mask, row->second_value);
	add_rule_with(b, action, call, n, args);
}

static void add_row(struct build *b, const struct sbx_call_row *row)
{
	int call = sbx_syscall_from_str(row->call);
	bool kill;
	__u32 action;

	if (call < 0 || is_named(b, call) || !row_holds(b, row, &kill))
		return;
	action = refusal(b, kill, row->guard && !row->error ? EPERM : row->error);
	add_row_rule(b, row, action, call);
}

/* Without the kernel's own hook: families that the policy does not name cannot be made. */
static void add_families(struct build *b, const struct sbx_compiled *compiled)
{
	int call = sbx_syscall_from_str("socket");
	__u32 action = refusal(b, false, EAFNOSUPPORT);

	if (b->kernel_guards || call < 0 || is_named(b, call))
		return;
	for (unsigned int family = 0; family < FAMILIES; family++) {
		if (family != 17 && family != 40 && !(compiled->job.families >> family & 1))
			add_masked(b, action, call, 0, 0xffffffff, family);
	}
}

/* strict: of the calls that have names, all but those of its list; unnamed ones do not exist. */
static void add_strict(struct build *b)
{
	bool passes[SBX_SYSCALLS_MAX] = { false };

	for (const char *const *name = sbx_seccomp_strict; *name; name++) {
		int call = sbx_syscall_from_str(*name);

		if (call >= 0 && call < SBX_SYSCALLS_MAX)
			passes[call] = true;
	}
	for (int call = 0; call < SBX_SYSCALLS_MAX; call++) {
		sbx_cleanup(sbx_freep) char *name = sbx_syscall_to_str(call);

		if (is_named(b, call))
			continue;
		if (!name)
			add_rule(b, refusal(b, false, ENOSYS), call);
		else if (!passes[call])
			add_rule(b, refusal(b, false, 0), call);
	}
}

/*
 * personality: none but the usual values, and asking for it (~0).  libseccomp's rules cannot say
 * "none of these": this goes before its program, which starts where it ends.
 */
static size_t personality_rule(struct build *b, struct sock_filter *code)
{
	const __u32 usual = 0x20008; /* PER_LINUX32, UNAME26 */
	const __u32 low_half = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : 4;
	int call = sbx_syscall_from_str("personality");
	const struct sock_filter rule[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (__u32)call, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[0]) + low_half),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xffffffff, 3, 0),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ~usual),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, refusal(b, false, EPERM)),
	};

	_Static_assert(SBX_ARRAY_SIZE(rule) == PERSONALITY_LEN, "room for it is made");
	if (b->seccomp->profile == SBX_SECCOMP_NONE || call < 0 || is_named(b, call))
		return 0;
	memcpy(code, rule, sizeof(rule));
	return PERSONALITY_LEN;
}

/* The finished program, read back from the pipe into which libseccomp writes it. */
static int export(struct build *b, struct sbx_filter *ret_filter)
{
	const size_t room = (BPF_MAXINSNS + PERSONALITY_LEN) * sizeof(struct sock_filter);
	sbx_cleanup(sbx_closep) int in_fd = -1;
	sbx_cleanup(sbx_closep) int out_fd = -1;
	sbx_cleanup(sbx_freep) struct sock_filter *code = malloc(room);
	size_t n;
	ssize_t len;
	int fds[2];
	int r;

	if (!code)
		return -ENOMEM;
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK)) /* which has room for any program */
		return -errno;
	in_fd = fds[0];
	out_fd = fds[1];
	r = seccomp_export_bpf(b->filter, out_fd);
	if (r)
		return r;
	n = personality_rule(b, code);
	len = read(in_fd, code + n, room - n * sizeof(*code));
	if (len <= 0)
		return -EIO;
	n += (size_t)len / sizeof(*code);
	if (n > BPF_MAXINSNS)
		return -E2BIG;
	ret_filter->program.filter = SBX_TAKE(code, NULL);
	ret_filter->program.len = (unsigned short)n;
	return 0;
}

static int make_rules(struct build *b, const struct sbx_compiled *compiled)
{
	int r = seccomp_attr_set(b->filter, SCMP_FLTATR_ACT_BADARCH, refusal(b, false, ENOSYS));

	/* A tree instead of a list of comparisons: the list would be hundreds long. */
	if (!r)
		r = seccomp_attr_set(b->filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (r)
		return r;
	add_named(b);
	for (const struct sbx_call_row *row = sbx_seccomp_default; row->call; row++)
		add_row(b, row);
	add_families(b, compiled);
	if (b->seccomp->profile == SBX_SECCOMP_STRICT)
		add_strict(b);
	return b->error;
}

int sbx_seccomp_build(const struct sbx_policy *policy, const struct sbx_compiled *compiled,
		      bool kernel_guards, struct sbx_filter *ret_filter, struct sbx_error *err)
{
	struct build b = {
		.policy = policy,
		.seccomp = &policy->process.seccomp,
		.kernel_guards = kernel_guards,
	};
	sbx_cleanup(filter_release) scmp_filter_ctx filter = NULL;
	int r;

	if (kernel_guards && b.seccomp->profile == SBX_SECCOMP_NONE && !b.seccomp->n_calls)
		return 0;
	filter = seccomp_init(SCMP_ACT_ALLOW);
	b.filter = filter;
	r = filter ? make_rules(&b, compiled) : -ENOMEM;
	if (!r)
		r = export(&b, ret_filter);
	ret_filter->kills = b.kills;
	return r ? sbx_fail(err, -r, NULL, "libseccomp cannot make the filter of system calls (%s)",
			    sbx_errno_name(r))
		 : 0;
}

void sbx_filter_free(struct sbx_filter *filter)
{
	sbx_freep(&filter->program.filter);
	filter->program.len = 0;
}

int sbx_filter_install(const struct sbx_filter *filter)
{
	if (!filter || !filter->program.len)
		return 0;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter->program) ? errno : 0;
}

char *sbx_seccomp_killers(const struct sbx_policy *policy)
{
	const struct sbx_seccomp *seccomp = &policy->process.seccomp;
	sbx_cleanup(sbx_buf_free) struct sbx_buf text = { 0 };

	for (size_t i = 0; i < seccomp->n_calls; i++) {
		sbx_cleanup(sbx_freep) char *name = NULL;

		if (seccomp->calls[i].action != SBX_CALL_KILL)
			continue;
		name = sbx_syscall_to_str(seccomp->calls[i].number);
		sbx_buf_printf(&text, "%s%s", text.text ? ", " : "", name ? name : "?");
	}
	return text.error ? NULL : SBX_TAKE(text.text, NULL);
}

bool sbx_seccomp_has_guard(unsigned int guard)
{
	for (const struct sbx_call_row *row = sbx_seccomp_default; row->call; row++) {
		if (row->guard && sbx_guard_from_str(row->guard) == (int)guard)
			return true;
	}
	return false;
}
