// SPDX-License-Identifier: GPL-2.0-only
/* Section `process`: environment, work directory, umask, descriptors; see parse_seccomp.c, too. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "policy/parse.h"

#define KEEP_FD_MAX 1023 /* the usual limit of open files */
#define UMASK_MAX 0777
#define ENV_MAX 1000 /* names in all; more than any program looks at */

static bool is_env_name(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
	static const char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

	return *name && strchr(letters, *name) && strspn(name, all) == strlen(name);
}

static void env_name_fault(struct sbx_parse *p, const struct sbx_yaml *node, const char *name)
{
	if (strchr(name, '*'))
		sbx_parse_fault(
			p, node, "unsupported",
			"wildcards in names of variables are not supported by this version");
	else
		sbx_parse_fault(p, node, "bad-value", "`%.60s` is not a name of a variable", name);
}

/* Counts names that are passed or set; false after a fault. */
static bool env_has_room(struct sbx_parse *p, const struct sbx_yaml *node)
{
	const struct sbx_process *process = &p->policy->process;
	size_t n = process->n_env_set;

	for (size_t i = 0; process->env_pass && process->env_pass[i]; i++)
		n++;
	for (size_t i = 0; process->env_unset && process->env_unset[i]; i++)
		n++;
	if (n < ENV_MAX)
		return true;
	sbx_parse_fault(p, node, "too-many-rules", "more than %d variables", ENV_MAX);
	return false;
}

/* One name for the list of names that is the target. */
static void parse_env_name(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_cleanup(sbx_freep) char *name = sbx_parse_text(p, node, "a variable");

	if (!name)
		return;
	if (!is_env_name(name))
		env_name_fault(p, node, name);
	else if (env_has_room(p, node) && !sbx_intern(target, name))
		p->error = -ENOMEM;
}

static void parse_pass(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	(void)target; /* names go into the policy, as in what follows */
	sbx_parse_each_or_none(p, node, "`pass`", parse_env_name, &p->policy->process.env_pass);
}

static void parse_unset(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	(void)target; /* as above */
	sbx_parse_each_or_none(p, node, "`unset`", parse_env_name, &p->policy->process.env_unset);
}

/* Sets a variable; a name that a base set before gets the new value. Takes `value`. */
static int env_set(struct sbx_process *process, const char *name, char **value)
{
	struct sbx_env_pair *pair;

	for (size_t i = 0; i < process->n_env_set; i++) {
		pair = &process->env_set[i];
		if (strcmp(pair->name, name))
			continue;
		sbx_freep(&pair->value);
		pair->value = SBX_TAKE(*value, NULL);
		return 0;
	}
	if (sbx_array_grow(&process->env_set, process->n_env_set, sizeof(*pair)))
		return -ENOMEM;
	pair = &process->env_set[process->n_env_set];
	pair->name = strdup(name);
	if (!pair->name)
		return -ENOMEM;
	pair->value = SBX_TAKE(*value, NULL);
	process->n_env_set++;
	return 0;
}

static void parse_set(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	(void)target; /* as above */
	if (node->kind != SBX_YAML_MAP) {
		if (node->kind != SBX_YAML_BROKEN)
			sbx_parse_fault(p, node, "wrong-type",
					"`set` takes a mapping, as in {CI: \"1\"}");
		return;
	}
	for (size_t i = 0; i + 1 < node->n; i += 2) {
		const struct sbx_yaml *key = node->items[i];
		sbx_cleanup(sbx_freep) char *value = NULL;

		if (key->kind != SBX_YAML_SCALAR)
			continue;
		if (!is_env_name(key->text)) {
			env_name_fault(p, key, key->text);
			continue;
		}
		value = sbx_parse_text(p, node->items[i + 1], key->text);
		if (!value || !env_has_room(p, key))
			continue;
		if (env_set(&p->policy->process, key->text, &value))
			p->error = -ENOMEM;
	}
}

static void parse_clear(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	(void)target;								 /* as above */
	(void)sbx_parse_bool(p, node, "`clear`", &p->policy->process.env_clear); /* told already */
}

static void parse_env(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_field fields[] = {
		{ "clear", parse_clear }, { "pass", parse_pass }, { "set", parse_set },
		{ "unset", parse_unset }, { NULL, NULL },
	};

	sbx_parse_fields(p, node, fields, "`env`", target);
}

static void parse_workdir(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	struct sbx_process *process = &p->policy->process;
	sbx_cleanup(sbx_freep) char *text = NULL;
	struct sbx_text_fault fault;
	int r;

	(void)target; /* as above */
	if (node->kind != SBX_YAML_SCALAR || (!node->quoted && !*node->text)) {
		if (node->kind != SBX_YAML_BROKEN)
			sbx_parse_fault(p, node, "wrong-type", "`workdir` takes a path");
		return;
	}
	r = sbx_vars_expand(p->vars, node->text, true, &text, NULL, &fault);
	if (!r && *text != '/')
		r = sbx_text_fail(&fault, "bad-path", "`workdir` takes an absolute path");
	if (r == -EINVAL) {
		sbx_parse_fault(p, node, fault.code, "%s", fault.text);
	} else if (r) {
		p->error = r;
	} else {
		sbx_freep(&process->workdir);
		process->workdir = SBX_TAKE(text, NULL);
	}
}

static void parse_umask(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_cleanup(sbx_freep) char *text = sbx_parse_text(p, node, "`umask`");
	char *end = NULL;
	unsigned long mask;

	(void)target; /* as above */
	if (!text)
		return;
	mask = strspn(text, "01234567") == strlen(text) && *text ? strtoul(text, &end, 8)
								 : UMASK_MAX + 1;
	if (mask > UMASK_MAX)
		sbx_parse_fault(p, node, "bad-number",
				"`umask` takes an octal number such as \"022\", not `%.60s`", text);
	else
		p->policy->process.umask = (int)mask;
}

static void parse_no_new_privs(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	(void)target; /* as above */
	(void)sbx_parse_bool(p, node, "`no_new_privs`",
			     &p->policy->process.no_new_privs); /* told already */
}

static void parse_pty(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	(void)target;							 /* as above */
	(void)sbx_parse_bool(p, node, "`pty`", &p->policy->process.pty); /* told already */
}

static void parse_keep_one(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	struct sbx_process *process = &p->policy->process;
	__u64 fd;

	(void)target; /* as above */
	if (!sbx_parse_number(p, node, "`keep`", 0, KEEP_FD_MAX, &fd))
		return;
	if (fd < 3) {
		sbx_parse_warn(p, node, "no-effect", "descriptors 0, 1 and 2 stay open anyway");
		return;
	}
	for (size_t i = 0; i < process->n_keep_fds; i++) {
		if (process->keep_fds[i] == (int)fd)
			return;
	}
	if (sbx_array_grow(&process->keep_fds, process->n_keep_fds, sizeof(int)))
		p->error = -ENOMEM;
	else
		process->keep_fds[process->n_keep_fds++] = (int)fd;
}

static void parse_keep(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_parse_each_or_none(p, node, "`keep`", parse_keep_one, target);
}

static void parse_descriptors(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_field fields[] = { { "keep", parse_keep }, { NULL, NULL } };

	sbx_parse_fields(p, node, fields, "`descriptors`", target);
}

void sbx_parse_process(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_field fields[] = {
		{ "env", parse_env },
		{ "workdir", parse_workdir },
		{ "umask", parse_umask },
		{ "no_new_privs", parse_no_new_privs },
		{ "pty", parse_pty },
		{ "descriptors", parse_descriptors },
		{ "namespaces", sbx_parse_namespaces },
		{ "hostname", sbx_parse_hostname },
		{ "id_map", sbx_parse_id_map },
		{ "capabilities", sbx_parse_capabilities },
		{ "securebits", sbx_parse_securebits },
		{ "seccomp", sbx_parse_seccomp },
		{ "user", sbx_parse_user },
		{ "group", sbx_parse_group },
		{ "groups", sbx_parse_groups },
		{ NULL, NULL },
	};

	sbx_parse_fields(p, node, fields, "`process`", target);
}
