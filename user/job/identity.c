// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who the command is.  Names are looked up by the launcher before the clone; the child changes its
 * ids and capabilities once everything else that takes privileges is done, and cannot go back.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "job/parts.h"
#include "lib/cleanup.h"

#define GROUPS_MAX 65536 /* NGROUPS_MAX */

static bool is_number(const char *text, unsigned int *ret_id)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	*ret_id = (unsigned int)value;
	return *text >= '0' && *text <= '9' && !*end;
}

static int find_group(const char *word, gid_t *ret_gid, struct sbx_error *err)
{
	const struct group *group;

	if (is_number(word, ret_gid))
		return 0;
	group = getgrnam(word);
	if (!group)
		return sbx_fail(err, ENOENT, "write its number, or add the group",
				"process.group: there is no group \"%s\" on this host", word);
	*ret_gid = group->gr_gid;
	return 0;
}

static int take_user_groups(const char *name, gid_t gid, struct sbx_identity *identity)
{
	int n = 64;

	for (;;) {
		gid_t *groups = reallocarray(identity->groups, (size_t)n, sizeof(*groups));

		if (!groups)
			return -ENOMEM;
		identity->groups = groups;
		if (getgrouplist(name, gid, groups, &n) >= 0)
			break;
		if (n > GROUPS_MAX)
			return -E2BIG;
	}
	identity->n_groups = (size_t)n;
	return 0;
}

static int take_named_groups(char *const *names, struct sbx_identity *identity,
			     struct sbx_error *err)
{
	size_t n = 0;
	int r = 0;

	while (names && names[n])
		n++;
	identity->groups = calloc(n + 1, sizeof(*identity->groups));
	if (!identity->groups)
		return sbx_fail(err, ENOMEM, NULL, "no memory for the job's groups");
	for (; identity->n_groups < n && !r; identity->n_groups++)
		r = find_group(names[identity->n_groups], &identity->groups[identity->n_groups],
			       err);
	return r;
}

/* The password file's entry of a name or number; NULL: there is none. */
static const struct passwd *find_user(const char *word, uid_t *ret_uid)
{
	return is_number(word, ret_uid) ? getpwuid(*ret_uid) : getpwnam(word);
}

int sbx_job_home(const struct sbx_policy *policy, char *buf, size_t size)
{
	const struct passwd *entry;
	uid_t uid;

	if (!policy->process.user)
		return -ENOENT;
	entry = find_user(policy->process.user, &uid);
	if (!entry || *entry->pw_dir != '/')
		return -ENOENT;
	return snprintf(buf, size, "%s", entry->pw_dir) < (int)size ? 0 : -ENAMETOOLONG;
}

static int take_user(const struct sbx_process *process, struct sbx_identity *identity,
		     struct sbx_error *err)
{
	const struct passwd *entry = find_user(process->user, &identity->uid);

	if (!entry && (!is_number(process->user, &identity->uid) || !process->group))
		return sbx_fail(
			err, ENOENT, "add the user, or give a number together with process.group",
			"process.user: there is no user \"%s\" on this host", process->user);
	if (!entry)
		return 0;
	identity->uid = entry->pw_uid;
	identity->gid = entry->pw_gid;
	(void)snprintf(identity->name, sizeof(identity->name), "%s", entry->pw_name);
	(void)snprintf(identity->home, sizeof(identity->home), "%s", entry->pw_dir);
	if (process->groups_set)
		return 0;
	if (take_user_groups(identity->name, identity->gid, identity))
		return sbx_fail(err, ENOMEM, NULL, "cannot list the groups of user \"%s\"",
				process->user);
	return 0;
}

unsigned int sbx_id_outside(const struct sbx_process *process, unsigned int id)
{
	for (size_t i = 0; i < process->n_id_maps; i++) {
		const struct sbx_id_map *map = &process->id_maps[i];

		if (id >= map->inside && id - map->inside < map->count)
			return map->outside + (id - map->inside);
	}
	return id;
}

int sbx_identity_find(const struct sbx_policy *policy, struct sbx_identity *ret_identity,
		      struct sbx_error *err)
{
	const struct sbx_process *process = &policy->process;
	bool userns = sbx_policy_namespaces(policy) & SBX_NS_USER;
	struct sbx_identity identity = { .uid = userns ? 0 : getuid(),
					 .gid = userns ? 0 : getgid() };
	int r = 0;

	identity.change = process->user || process->group || process->groups_set || userns;
	if (process->user)
		r = take_user(process, &identity, err);
	if (!r && process->group)
		r = find_group(process->group, &identity.gid, err);
	if (!r && process->groups_set)
		r = take_named_groups(process->groups, &identity, err);
	if (r) {
		sbx_identity_free(&identity);
		return r;
	}
	*ret_identity = identity;
	return 0;
}

void sbx_identity_free(struct sbx_identity *identity)
{
	sbx_freep(&identity->groups);
	identity->n_groups = 0;
}

static int change_ids(const struct sbx_identity *identity)
{
	if (!identity->change)
		return 0;
	if (setgroups(identity->n_groups, identity->groups))
		return errno;
	if (setresgid(identity->gid, identity->gid, identity->gid))
		return errno;
	return setresuid(identity->uid, identity->uid, identity->uid) ? errno : 0;
}

static int drop_bounding(__u64 kept)
{
	for (cap_value_t cap = 0; CAP_IS_SUPPORTED(cap); cap++) {
		if (!(kept & 1ull << cap) && cap_drop_bound(cap))
			return errno;
	}
	return 0;
}

/* Sets the three sets of this process to `kept` of what it has; `extra` only stays usable now. */
static int set_capabilities(__u64 kept, __u64 extra)
{
	cap_t caps = cap_init();
	int r = caps ? 0 : ENOMEM;

	for (cap_value_t cap = 0; CAP_IS_SUPPORTED(cap) && !r; cap++) {
		if ((kept | extra) & 1ull << cap &&
		    (cap_set_flag(caps, CAP_PERMITTED, 1, &cap, CAP_SET) ||
		     cap_set_flag(caps, CAP_EFFECTIVE, 1, &cap, CAP_SET)))
			r = errno;
		if (!r && kept & 1ull << cap &&
		    cap_set_flag(caps, CAP_INHERITABLE, 1, &cap, CAP_SET))
			r = errno;
	}
	if (!r && cap_set_proc(caps))
		r = errno;
	(void)cap_free(caps); /* only fails for what is not its own */
	return r;
}

/* So that a command without root's id has them after its exec, too. */
static int raise_ambient(__u64 kept)
{
	for (cap_value_t cap = 0; CAP_IS_SUPPORTED(cap); cap++) {
		if (kept & 1ull << cap && cap_set_ambient(cap, CAP_SET))
			return errno;
	}
	return 0;
}

static int keep_capabilities(__u64 kept, unsigned int securebits)
{
	int r = set_capabilities(kept, 1ull << CAP_SETPCAP);

	if (!r)
		r = raise_ambient(kept);
	if (!r && securebits && prctl(PR_SET_SECUREBITS, securebits, 0, 0, 0))
		r = errno;
	return r ? r : set_capabilities(kept, 0);
}

/* What this process has in its permitted set; what it lacks cannot be kept. */
static __u64 permitted(void)
{
	cap_t caps = cap_get_proc();
	__u64 mask = 0;

	for (cap_value_t cap = 0; caps && CAP_IS_SUPPORTED(cap); cap++) {
		cap_flag_value_t value = CAP_CLEAR;

		if (!cap_get_flag(caps, cap, CAP_PERMITTED, &value) && value == CAP_SET)
			mask |= 1ull << cap;
	}
	(void)cap_free(caps); /* as above */
	return mask;
}

int sbx_identity_apply(const struct sbx_identity *identity, const struct sbx_process *process)
{
	bool limited = process->capabilities != SBX_CAPABILITIES_ALL;
	__u64 kept = process->capabilities;
	int r = 0;

	/* Who has none, and can get none, has nothing to give up (a run within a job). */
	if (limited && !kept && process->no_new_privs && !permitted())
		limited = false;
	if (!limited && process->securebits)
		kept = identity->uid ? 0 : permitted(); /* as they would be without securebits */
	if (limited) {
		if (kept & ~permitted())
			return EPERM;
		r = drop_bounding(kept);
	}
	if (!r && (limited || process->securebits) && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
		r = errno;
	if (!r)
		r = change_ids(identity);
	if (!r && (limited || process->securebits))
		r = keep_capabilities(kept, process->securebits);
	return r;
}
