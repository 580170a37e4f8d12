// SPDX-License-Identifier: GPL-2.0-only
/* `process.seccomp`: a profile, and calls that are taken out of it or refused besides. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "policy/parse.h"
#include "policy/syscalls.h"
#include "policy/text.h"

/* What the elements of one list mean. */
struct list {
	const char *what;
	enum sbx_call_action action;
	int error; /* of `{calls: …, errno: …}`; 0: the section's */
};

static const struct sbx_word profile_words[] = {
	{ "none", SBX_SECCOMP_NONE },
	{ "default", SBX_SECCOMP_DEFAULT },
	{ "strict", SBX_SECCOMP_STRICT },
	{ NULL, 0 },
};

/* The launcher's own last steps, and what no program can do without. */
static const char *const needed[] = { "execve",	    "write",	    "exit",
				      "exit_group", "rt_sigreturn", "restart_syscall" };

/* The names of this machine's calls, while one that is near to a misspelt one is looked for. */
struct names {
	char *items[SBX_SYSCALLS_MAX + 1];
	size_t n;
};

static const char *name_at(size_t i, const void *ctx)
{
	return ((const struct names *)ctx)->items[i];
}

static void call_fault(struct sbx_parse *p, const struct sbx_yaml *node, const char *name)
{
	struct names names = { 0 };
	const char *nearest;

	for (int number = 0; number < SBX_SYSCALLS_MAX; number++) {
		names.items[names.n] = sbx_syscall_to_str(number);
		names.n += names.items[names.n] != NULL;
	}
	nearest = sbx_text_nearest(name, name_at, &names);
	sbx_parse_fault(p, node, "unknown-call",
			"`%.60s` is no system call of this machine that this build knows%s%s%s",
			name, nearest ? "; did you mean `" : "", nearest ? nearest : "",
			nearest ? "`?" : "");
	for (size_t i = 0; i < names.n; i++)
		sbx_freep(&names.items[i]);
}

static bool is_needed(const char *name)
{
	for (size_t i = 0; i < SBX_ARRAY_SIZE(needed); i++) {
		if (!strcmp(needed[i], name))
			return true;
	}
	return false;
}

/* A call that a base named is named anew; twice in one file is a slip. */
static struct sbx_call *find_call(struct sbx_parse *p, const struct sbx_yaml *node, int number)
{
	struct sbx_seccomp *seccomp = &p->policy->process.seccomp;
	struct sbx_call *call;

	for (size_t i = 0; i < seccomp->n_calls; i++) {
		call = &seccomp->calls[i];
		if (call->number != number)
			continue;
		if (call->place.file != p->source->file)
			return call;
		sbx_parse_fault(p, node, "contradiction",
				"line %u has named this call already: one list can have it",
				call->place.line);
		return NULL;
	}
	if (sbx_array_grow(&seccomp->calls, seccomp->n_calls, sizeof(*call))) {
		p->error = -ENOMEM;
		return NULL;
	}
	return &seccomp->calls[seccomp->n_calls++];
}

static void parse_call(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	const struct list *list = target;
	sbx_cleanup(sbx_freep) char *name = sbx_parse_text(p, node, list->what);
	struct sbx_call *call;
	int number;

	if (!name)
		return;
	number = sbx_syscall_from_str(name);
	if (number < 0) {
		call_fault(p, node, name);
	} else if (list->action >= SBX_CALL_DENY && is_needed(name)) {
		sbx_parse_fault(p, node, "bad-value",
				"`%s` cannot be refused: no command could be started without it",
				name);
	} else {
		call = find_call(p, node, number);
		if (call)
			*call = (struct sbx_call){ .place = sbx_parse_place(p, node),
						   .number = number,
						   .action = list->action,
						   .error = list->error };
	}
}

static bool parse_errno(struct sbx_parse *p, const struct sbx_yaml *node, int *ret_error)
{
	sbx_cleanup(sbx_freep) char *name = sbx_parse_text(p, node, "`errno`");
	int error = name ? sbx_errno_from_str(name) : -EINVAL;

	if (error > 0)
		*ret_error = error;
	else if (name)
		sbx_parse_fault(p, node, "bad-value",
				"`errno` takes the name of an error, such as EPERM or ENOSYS, not "
				"`%.60s`",
				name);
	return error > 0;
}

static void parse_calls(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_parse_each(p, node, "`calls`", parse_call, target);
}

static void parse_list_errno(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	(void)p;
	(void)node;
	(void)target; /* parse_denied has read it */
}

/* An element of `deny`: a call, or {calls: …, errno: …}. */
static void parse_denied(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_field fields[] = { { "calls", parse_calls },
						   { "errno", parse_list_errno },
						   { NULL, NULL } };
	struct list list = *(const struct list *)target;
	const struct sbx_yaml *error;

	if (node->kind != SBX_YAML_MAP) {
		parse_call(p, node, target);
		return;
	}
	error = sbx_parse_find(node, "errno"); /* first: it may stand behind the calls */
	if (error && !parse_errno(p, error, &list.error))
		return;
	if (!sbx_parse_find(node, "calls"))
		sbx_parse_fault(p, node, "missing-key", "`deny` needs `calls` beside `errno`");
	sbx_parse_fields(p, node, fields, "`deny`", &list);
}

static void parse_deny(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	struct list list = { "`deny`", SBX_CALL_DENY, 0 };

	(void)target; /* calls go into the policy, as in the next */
	if (node->kind == SBX_YAML_MAP)
		parse_denied(p, node, &list);
	else
		sbx_parse_each_or_none(p, node, "`deny`", parse_denied, &list);
}

static void parse_kill(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	struct list list = { "`kill`", SBX_CALL_KILL, 0 };

	(void)target;
	sbx_parse_each_or_none(p, node, "`kill`", parse_call, &list);
}

static void parse_log(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	struct list list = { "`log`", SBX_CALL_LOG, 0 };

	(void)target;
	sbx_parse_each_or_none(p, node, "`log`", parse_call, &list);
}

static void parse_allow(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	struct list list = { "`allow`", SBX_CALL_ALLOW, 0 };

	(void)target;
	sbx_parse_each_or_none(p, node, "`allow`", parse_call, &list);
}

static void parse_profile(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	struct sbx_seccomp *seccomp = &p->policy->process.seccomp;
	int profile;

	(void)target;
	if (!sbx_parse_word(p, node, "`seccomp`", profile_words, &profile))
		return;
	seccomp->profile = (enum sbx_seccomp_profile)profile;
	seccomp->place = sbx_parse_place(p, node);
}

static void parse_default_errno(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	(void)target;
	(void)parse_errno(p, node, &p->policy->process.seccomp.error); /* told already */
}

void sbx_parse_seccomp(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_field fields[] = {
		{ "profile", parse_profile },
		{ "errno", parse_default_errno },
		{ "deny", parse_deny },
		{ "kill", parse_kill },
		{ "log", parse_log },
		{ "allow", parse_allow },
		{ NULL, NULL },
	};

	if (node->kind == SBX_YAML_MAP)
		sbx_parse_fields(p, node, fields, "`seccomp`", target);
	else
		parse_profile(p, node, target);
}
