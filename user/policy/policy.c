// SPDX-License-Identifier: GPL-2.0-only
/* The model's memory: growing arrays, interned names, rules that the launcher adds, the end. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "policy/parse.h"
#include "policy/policy.h"

int sbx_array_grow(void *array, size_t n, size_t size)
{
	void **items = array;
	void *more;

	if (n & (n - 1))
		return 0;
	more = reallocarray(*items, n ? n * 2 : 1, size);
	if (!more)
		return -ENOMEM;
	*items = more;
	return 0;
}

const char *sbx_intern(char ***names, const char *name)
{
	size_t n = 0;
	char **more;

	while (*names && (*names)[n]) {
		if (!strcmp((*names)[n], name))
			return (*names)[n];
		n++;
	}
	more = reallocarray(*names, n + 2, sizeof(*more)); /* few names: no need to double */
	if (!more)
		return NULL;
	*names = more;
	more[n + 1] = NULL;
	more[n] = strdup(name);
	return more[n];
}

int sbx_policy_add_path(struct sbx_policy *policy, bool deny, __u16 rights, const char *path,
			const char *origin)
{
	sbx_cleanup(sbx_freep) char *copy = strdup(path);
	sbx_cleanup(sbx_freep) char *text = strdup(path);
	const char *file = sbx_intern(&policy->origins, origin);

	if (!copy || !text || !file ||
	    sbx_array_grow(&policy->paths, policy->n_paths, sizeof(*policy->paths)))
		return -ENOMEM;
	policy->paths[policy->n_paths++] = (struct sbx_path_rule){
		.place = { .file = file },
		.deny = deny,
		.rights = rights,
		.path = SBX_TAKE(copy, NULL),
		.text = SBX_TAKE(text, NULL),
		.generated = true,
	};
	return 0;
}

void sbx_net_rule_free(struct sbx_net_rule *rule)
{
	free(rule->to.prefixes);
	free(rule->ports);
	for (size_t i = 0; i < rule->n_domains; i++)
		free(rule->domains[i]);
	free(rule->domains);
	free(rule->text);
}

static void strings_free(char **strings)
{
	for (size_t i = 0; strings && strings[i]; i++)
		free(strings[i]);
	free(strings);
}

static void process_free(struct sbx_process *process)
{
	strings_free(process->env_pass);
	strings_free(process->env_unset);
	strings_free(process->groups);
	free(process->user);
	free(process->hostname);
	free(process->id_maps);
	free(process->group);
	for (size_t i = 0; i < process->n_env_set; i++) {
		free(process->env_set[i].name);
		free(process->env_set[i].value);
	}
	free(process->env_set);
	free(process->workdir);
	free(process->keep_fds);
	free(process->seccomp.calls);
}

void sbx_policy_free(struct sbx_policy *policy)
{
	if (!policy)
		return;
	free(policy->audit.key);
	free(policy->limits.cpuset);
	for (size_t i = 0; i < policy->limits.n_io; i++)
		free(policy->limits.io[i].path);
	for (size_t i = 0; i < policy->audit.n_sinks; i++)
		free(policy->audit.sinks[i].path);
	for (size_t i = 0; i < policy->n_paths; i++) {
		free(policy->paths[i].path);
		free(policy->paths[i].text);
	}
	free(policy->paths);
	for (size_t i = 0; i < policy->n_programs; i++) {
		free(policy->programs[i].path.path);
		free(policy->programs[i].path.text);
	}
	free(policy->programs);
	for (size_t i = 0; i < policy->n_nets; i++)
		sbx_net_rule_free(&policy->nets[i]);
	free(policy->nets);
	for (size_t i = 0; i < policy->n_sets; i++) {
		free(policy->sets[i].name);
		free(policy->sets[i].addresses.prefixes);
	}
	free(policy->sets);
	free(policy->dns.servers);
	strings_free(policy->abstract_unix);
	strings_free(policy->dns.search);
	process_free(&policy->process);
	strings_free(policy->private_dirs);
	strings_free(policy->root.writable);
	free(policy->root.path);
	free(policy->root.directory);
	strings_free(policy->files);
	strings_free(policy->origins);
	free(policy->name);
	free(policy);
}
