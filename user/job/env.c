// SPDX-License-Identifier: GPL-2.0-only
/* The command's environment, built before the clone: what is passed, what is set, SBX_BPF*. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job/parts.h"
#include "lib/cleanup.h"

struct env {
	char **items;
	size_t n;
	size_t cap;
};

void sbx_env_free(char **env)
{
	if (!env)
		return;
	for (char **item = env; *item; item++)
		free(*item);
	free(env);
}

const char *sbx_env_get(char *const *env, const char *name)
{
	size_t len = strlen(name);

	for (char *const *item = env; item && *item; item++) {
		if (!strncmp(*item, name, len) && (*item)[len] == '=')
			return *item + len + 1;
	}
	return NULL;
}

/* The name's slot, or the free one at the end. */
static char **slot_of(struct env *env, const char *name, size_t len)
{
	for (size_t i = 0; i < env->n; i++) {
		if (!strncmp(env->items[i], name, len) && env->items[i][len] == '=')
			return &env->items[i];
	}
	return &env->items[env->n];
}

/* Sets one variable, in place of an earlier one of its name. */
static int env_set(struct env *env, const char *name, const char *value)
{
	char *text;
	char **slot;

	if (env->n + 2 > env->cap) {
		size_t cap = env->cap ? 2 * env->cap : 32;
		char **items = realloc(env->items, cap * sizeof(*items));

		if (!items)
			return -ENOMEM;
		env->items = items;
		env->cap = cap;
		env->items[env->n] = NULL;
	}
	if (asprintf(&text, "%s=%s", name, value) < 0)
		return -ENOMEM;
	slot = slot_of(env, name, strlen(name));
	if (!*slot)
		env->items[++env->n] = NULL;
	free(*slot);
	*slot = text;
	return 0;
}

static bool listed(char *const *names, const char *name)
{
	for (; names && *names; names++) {
		if (!strcmp(*names, name))
			return true;
	}
	return false;
}

/* LD_PRELOAD and its kin put the caller's code into the command: only where they are named. */
static bool may_pass(const struct sbx_process *process, const char *name)
{
	if (listed(process->env_unset, name))
		return false;
	return strncmp(name, "LD_", 3) != 0 || listed(process->env_pass, name);
}

static int add_all(struct env *env, const struct sbx_process *process, char *const *caller)
{
	int r = 0;

	for (char *const *item = caller; item && *item && !r; item++) {
		size_t len = strcspn(*item, "=");
		sbx_cleanup(sbx_freep) char *name = strndup(*item, len);

		if (!name)
			return -ENOMEM;
		/* Without "=" it is no variable; of two with one name getenv sees the first. */
		if ((*item)[len] && len && may_pass(process, name) &&
		    !sbx_env_get(env->items, name))
			r = env_set(env, name, *item + len + 1);
	}
	return r;
}

static int add_passed(struct env *env, const struct sbx_process *process, char *const *caller)
{
	int r = 0;

	if (!process->env_clear)
		return add_all(env, process, caller);
	for (char *const *name = process->env_pass; name && *name && !r; name++) {
		const char *value = sbx_env_get(caller, *name);

		if (value && may_pass(process, *name))
			r = env_set(env, *name, value);
	}
	return r;
}

/* Another user's HOME would be the wrong one; what is not passed stays away. */
static int add_identity(struct env *env, const struct sbx_identity *identity)
{
	const char *const pairs[][2] = { { "HOME", identity->home },
					 { "USER", identity->name },
					 { "LOGNAME", identity->name } };
	int r = 0;

	for (size_t i = 0; i < SBX_ARRAY_SIZE(pairs) && !r; i++) {
		if (sbx_env_get(env->items, pairs[i][0]))
			r = env_set(env, pairs[i][0], *pairs[i][1] ? pairs[i][1] : "/");
	}
	return r;
}

int sbx_env_build(const struct sbx_process *process, const struct sbx_identity *identity,
		  char *const *caller, const char *job, const char *policy, char ***ret_env)
{
	struct env env = { 0 };
	int r = add_passed(&env, process, caller);

	if (!r && identity && process->user)
		r = add_identity(&env, identity);

	for (size_t i = 0; i < process->n_env_set && !r; i++)
		r = env_set(&env, process->env_set[i].name, process->env_set[i].value);
	if (!r)
		r = env_set(&env, "SBX_BPF", "1");
	if (!r)
		r = env_set(&env, "SBX_BPF_JOB", job);
	if (!r)
		r = env_set(&env, "SBX_BPF_POLICY", policy);
	if (r) {
		sbx_env_free(env.items);
		return r;
	}
	*ret_env = env.items;
	return 0;
}
