// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a policy to Landlock's rules, which only allow, for a whole tree, what exists when the job
 * starts.  The paths that rules name are points, sorted so that what lies below a point follows
 * it.  Each point is given the rights that it has in the policy beyond what it has from above.
 * A point that has less than what lies above it is a gap, unless the upper tree can be split: in
 * a tree in which the job may make nothing, its entries are given the rights one by one.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "job/job.h"
#include "job/landlock.h"
#include "lib/cleanup.h"
#include "policy/parse.h"

#define RULES_MAX 8192 /* opening one costs some microseconds */
#define SPLIT_MAX 1024 /* entries of a directory that are worth a rule each */
#define CLOSED_MAX 32
#define SELF "/proc/@self"

struct point {
	char *path; /* real */
	const struct sbx_path_rule *rule;
	unsigned int rights; /* by the policy */
	bool exists;
	bool directory;
};

struct planner {
	const struct sbx_policy *policy;
	const struct sbx_compiled *compiled;
	struct sbx_landlock *plan;
	struct sbx_gaps *gaps;
	bool second;
	struct sbx_resolver *resolver;
	struct point *points;
	size_t n_points;
	unsigned int given;	  /* all rights that some rule gives somewhere */
	char *closed[CLOSED_MAX]; /* directories that could not be opened */
	size_t n_closed;
	int error;
};

/* Rights that this Landlock has an access for. */
static unsigned int known(const struct planner *p)
{
	return SBX_RIGHT_READ | SBX_RIGHT_LIST | SBX_RIGHT_WRITE | SBX_RIGHT_CREATE |
	       SBX_RIGHT_DELETE | SBX_RIGHT_EXEC | (p->plan->abi < 9 ? 0 : SBX_RIGHT_CONNECT);
}

/* Order of trees: what lies below a path comes right after it. */
static int compare_paths(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	if (*a == *b)
		return 0;
	if (!*a || !*b)
		return *a ? 1 : -1;
	if (*a == '/' || *b == '/')
		return *a == '/' ? -1 : 1;
	return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
}

static int compare_points(const void *a, const void *b)
{
	return compare_paths(((const struct point *)a)->path, ((const struct point *)b)->path);
}

static bool is_below(const char *path, const char *top)
{
	size_t len = strcmp(top, "/") ? strlen(top) : 0;

	return !strncmp(path, top, len) && path[len] == '/' && path[len + 1];
}

/* Takes no ownership of `path`. */
static void add_point(struct planner *p, const char *path, const struct sbx_path_rule *rule)
{
	struct point point = { .rule = rule };
	struct stat st;

	if (sbx_array_grow(&p->points, p->n_points, sizeof(point)))
		p->error = -ENOMEM;
	if (!p->error)
		point.path = strdup(path);
	if (!point.path) {
		p->error = -ENOMEM;
		return;
	}
	point.exists = !lstat(path, &st);
	point.directory = point.exists && S_ISDIR(st.st_mode);
	point.rights = sbx_compiled_path(p->compiled, path);
	p->points[p->n_points++] = point;
}

/*
 * Within a job the outer policy may refuse it, with an event: it is not asked again for each of the
 * many rules about /home.
 */
static DIR *open_dir(struct planner *p, const char *path)
{
	DIR *dir;

	for (size_t i = 0; i < p->n_closed; i++) {
		if (!strcmp(p->closed[i], path))
			return NULL;
	}
	dir = opendir(path);
	if (!dir && errno == EACCES && p->n_closed < CLOSED_MAX) {
		p->closed[p->n_closed] = strdup(path);
		p->n_closed += p->closed[p->n_closed] != NULL; /* else it is asked again */
	}
	return dir;
}

/* `*` stands for the names that are there now, those with a dot in front included. */
static void expand(struct planner *p, const char *path, const struct sbx_path_rule *rule)
{
	const char *star = strstr(path, "/*");
	sbx_cleanup(sbx_closedirp) DIR *dir = NULL;
	char next[PATH_MAX];
	struct dirent *entry;
	int len;

	while (star && star[2] && star[2] != '/')
		star = strstr(star + 1, "/*");
	if (!star) {
		if (!access(path, F_OK))
			add_point(p, path, rule);
		return;
	}
	len = (int)(star - path);
	(void)snprintf(next, sizeof(next), "%.*s/", len, path);
	dir = open_dir(p, next);
	while (dir && !p->error && p->n_points < RULES_MAX && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
		    !strchr(entry->d_name, '*') &&
		    snprintf(next, sizeof(next), "%.*s/%s%s", len, path, entry->d_name, star + 2) <
			    (int)sizeof(next))
			expand(p, next, rule);
	}
}

static void gap(struct planner *p, const struct sbx_path_rule *rule, unsigned int rights,
		const char *why)
{
	const char *concern = rights == SBX_RIGHT_EXEC	    ? "exec"
			      : rights == SBX_RIGHT_CONNECT ? "network"
							    : "files";
	char text[128];

	if (!sbx_gap_merge(p->gaps, concern, &rule->place, why))
		sbx_gap_add(p->gaps, concern, &rule->place, why, "%s %s %s",
			    rule->deny ? "deny" : "allow",
			    sbx_rights_format(rights, text, sizeof(text)), rule->text);
}

static void add_rule(struct planner *p, const char *path, unsigned int rights)
{
	struct sbx_landlock *plan = p->plan;
	struct sbx_landlock_rule rule = { .access = sbx_landlock_access(plan->abi, rights,
									p->policy, p->second) };

	p->given |= rights;
	if (!rule.access || p->error)
		return;
	if (sbx_array_grow(&plan->rules, plan->n_rules, sizeof(rule)))
		p->error = -ENOMEM;
	else
		rule.path = strdup(path);
	if (!rule.path)
		p->error = -ENOMEM;
	else
		plan->rules[plan->n_rules++] = rule;
}

/* The first of points[lo..hi) that does not lie below `path`. */
static size_t end_of(const struct planner *p, const char *path, size_t lo, size_t hi)
{
	while (lo < hi && is_below(p->points[lo].path, path))
		lo++;
	return lo;
}

static void give(struct planner *p, const char *path, unsigned int rights, unsigned int above,
		 size_t lo, size_t hi);

/* A point below a tree that has the rights `above`. */
static void give_point(struct planner *p, size_t at, unsigned int above, size_t hi)
{
	const struct point *point = &p->points[at];
	unsigned int lost = above & ~point->rights & point->rule->rights & known(p);

	if (lost && point->rule->deny)
		gap(p, point->rule, lost, "it lies in a tree where the job may make files");
	if (point->exists) {
		give(p, point->path, point->rights, above, at + 1, hi);
		return;
	}
	while (++at < hi && !p->error) { /* nothing to give, but more that may come into being */
		size_t end = end_of(p, p->points[at].path, at + 1, hi);

		give_point(p, at, above, end);
		at = end - 1;
	}
}

/* Entry by entry; names that are not there get nothing. */
static void split(struct planner *p, const char *path, unsigned int rights, unsigned int rest,
		  unsigned int above, size_t lo, size_t hi)
{
	sbx_cleanup(sbx_closedirp) DIR *dir = open_dir(p, path);
	struct dirent *entry;
	char child[PATH_MAX];

	while (dir && !p->error && (entry = readdir(dir))) {
		size_t at = lo;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		    snprintf(child, sizeof(child), "%s/%s", strcmp(path, "/") ? path : "",
			     entry->d_name) >= (int)sizeof(child))
			continue;
		while (at < hi && strcmp(p->points[at].path, child) &&
		       !is_below(p->points[at].path, child))
			at++;
		if (at == hi)
			add_rule(p, child, rest & ~above);
		else if (!strcmp(p->points[at].path, child))
			give_point(p, at, above, end_of(p, child, at + 1, hi));
		else
			give(p, child, rights, above, at, end_of(p, child, at, hi));
	}
}

static bool can_split(struct planner *p, const char *path, unsigned int rights)
{
	sbx_cleanup(sbx_closedirp) DIR *dir = NULL;
	size_t n = 0;

	if (p->second || (rights & SBX_RIGHT_CREATE) || p->plan->n_rules > RULES_MAX)
		return false;
	dir = open_dir(p, path);
	while (dir && n <= SPLIT_MAX && readdir(dir))
		n++;
	return dir && n <= SPLIT_MAX;
}

/* The tree at `path` is to have `rights`, and has `above`; points[lo..hi) lie below it. */
static void give(struct planner *p, const char *path, unsigned int rights, unsigned int above,
		 size_t lo, size_t hi)
{
	unsigned int rest = 0;

	for (size_t i = lo; i < hi; i++)
		rest |= rights & ~above & ~p->points[i].rights & known(p);
	if (rest && !can_split(p, path, rights))
		rest = 0;
	add_rule(p, path, rights & ~above & ~rest);
	above |= rights & ~rest;
	if (rest) {
		split(p, path, rights, rest, above, lo, hi);
		return;
	}
	while (lo < hi && !p->error) {
		size_t end = end_of(p, p->points[lo].path, lo + 1, hi);

		give_point(p, lo, above, end);
		lo = end;
	}
}

/* A point that has the rule's rights, whatever the policy says of the path. */
static void add_point_for(struct planner *p, const char *path, const struct sbx_path_rule *rule)
{
	add_point(p, path, rule);
	if (!p->error)
		p->points[p->n_points - 1].rights |= rule->rights;
}

/* Rules that name no tree of this host: whatever they deny stays open where it is given. */
static bool is_special(struct planner *p, const struct sbx_path_rule *rule)
{
	size_t len = sizeof(SELF) - 1;

	if (sbx_path_kind(rule->path) != SBX_PATH_PLAIN)
		return true;
	if (strncmp(rule->path, SELF, len) || (rule->path[len] && rule->path[len] != '/'))
		return false;
	if (!rule->deny && !rule->path[len] && p->second)
		add_point_for(p, "/proc", rule); /* children have directories of their own */
	else if (!rule->deny && !rule->path[len])
		p->plan->self = sbx_landlock_access(
			p->plan->abi, sbx_compiled_path(p->compiled, SELF), p->policy, false);
	return true;
}

/* Will it be there when the job starts?  Directories of the job's own are empty then. */
static bool will_be_there(const struct planner *p, const char *path)
{
	for (char **dir = p->policy->private_dirs; dir && *dir; dir++) {
		if (is_below(path, *dir))
			return false;
	}
	return !access(path, F_OK);
}

/*
 * A second mechanism must not refuse what may come into being later: its nearest directory.  That
 * is never the root, all of which would be open, unless the job itself may make an entry of it.
 */
static void add_nearest(struct planner *p, const char *path, const struct sbx_path_rule *rule)
{
	char near[PATH_MAX];
	char *slash;

	(void)snprintf(near, sizeof(near), "%.*s", (int)strcspn(path, "*"), path);
	do {
		slash = strrchr(near, '/');
		if (!slash)
			return; /* rules have absolute paths */
		*slash = '\0';
	} while (slash != near && !will_be_there(p, near));
	if (slash != near || path[1] == '*')
		add_point_for(p, *near ? near : "/", rule);
	else if (rule->rights & SBX_RIGHT_CREATE)
		add_point_for(p, "/", rule);
}

static void add_rule_points(struct planner *p, const struct sbx_path_rule *rule)
{
	char real[PATH_MAX];
	bool stars = strchr(rule->path, '*') != NULL;

	if (is_special(p, rule))
		return;
	if (sbx_job_resolve(rule->path, real, sizeof(real), p->resolver))
		(void)snprintf(real, sizeof(real), "%s", rule->path);
	if (stars)
		expand(p, real, rule);
	else
		add_point(p, real, rule);
	if (p->second && !rule->deny && (stars || !will_be_there(p, real)))
		add_nearest(p, real, rule);
}

/* One point a path: of several rules the one that denies, as it may be a gap. */
static void sort_points(struct planner *p)
{
	size_t n = 0;

	if (p->n_points)
		qsort(p->points, p->n_points, sizeof(*p->points), compare_points);
	for (size_t i = 0; i < p->n_points; i++) {
		struct point *last = n ? &p->points[n - 1] : NULL;

		if (!last || strcmp(last->path, p->points[i].path)) {
			p->points[n++] = p->points[i];
			continue;
		}
		if (p->points[i].rule->deny)
			last->rule = p->points[i].rule;
		last->rights |= p->points[i].rights;
		sbx_freep(&p->points[i].path);
	}
	p->n_points = n;
}

static unsigned int given_at(const struct planner *p, const char *path)
{
	unsigned int rights = 0;

	for (size_t i = 0; i < p->n_points; i++) {
		if (p->points[i].exists &&
		    (!strcmp(p->points[i].path, path) || is_below(path, p->points[i].path)))
			rights |= p->points[i].rights;
	}
	return rights;
}

/* What a rule says beyond the points. */
static void add_rule_gaps(struct planner *p, const struct sbx_path_rule *rule)
{
	unsigned int rights = rule->rights & known(p);
	bool any = sbx_path_kind(rule->path) != SBX_PATH_PLAIN;
	char top[PATH_MAX];

	if (!rule->deny || !strchr(rule->path, '*'))
		return;
	(void)snprintf(top, sizeof(top), "%.*s", (int)(strchr(rule->path, '*') - rule->path),
		       rule->path);
	rights &= any ? p->given : given_at(p, top);
	if (rights)
		gap(p, rule, rights,
		    any ? "a name anywhere" : "`*` covers what is there when the job starts");
}

/* Rights that Landlock has no word for, where the policy does not give them everywhere. */
static void add_right_gaps(struct planner *p)
{
	sbx_gap_add(p->gaps, "files", NULL, "Landlock has no such right",
		    "right attr: mode, owner, times, extended attributes");
	sbx_gap_add(p->gaps, "files", NULL, "Landlock has no such right",
		    "right device: a device node where reading or writing is allowed");
	if (p->plan->abi < 9)
		sbx_gap_add(p->gaps, "network", NULL, "Landlock has no such right before version 9",
			    "right connect: Unix sockets by path");
	sbx_gap_add(p->gaps, "exec", NULL, "Landlock judges execve alone",
		    "right exec: mapping a file that may be read, as `ld.so FILE` does");
	if (p->plan->abi < 2)
		sbx_gap_add(p->gaps, "files", NULL, "before version 2",
			    "rename and link between directories are always refused");
	if (p->plan->abi < 3)
		sbx_gap_add(p->gaps, "files", NULL, "Landlock has no such right before version 3",
			    "truncating files");
	if (p->plan->abi < 6)
		sbx_gap_add(p->gaps, "network", NULL, "Landlock cannot before version 6",
			    "abstract Unix sockets of processes outside");
}

static void planner_done(struct planner *p)
{
	for (size_t i = 0; i < p->n_points; i++)
		sbx_freep(&p->points[i].path);
	sbx_freep(&p->points);
	for (size_t i = 0; i < p->n_closed; i++)
		sbx_freep(&p->closed[i]);
	sbx_resolver_free(p->resolver);
}

int sbx_landlock_plan(const struct sbx_policy *policy, const struct sbx_compiled *compiled, int abi,
		      bool second, struct sbx_landlock *ret_plan, struct sbx_gaps *gaps)
{
	struct sbx_landlock plan = { .abi = abi,
				     .fs = sbx_landlock_handled(abi, second),
				     .scoped = sbx_landlock_scoped(abi, policy, second) };
	sbx_cleanup(planner_done) struct planner p = {
		.policy = policy,
		.compiled = compiled,
		.plan = &plan,
		.gaps = gaps,
		.second = second,
		.resolver = sbx_resolver_new(policy, policy->process.workdir),
	};
	unsigned int root = sbx_compiled_path(compiled, "/");

	for (size_t i = 0; i < policy->n_paths && !p.error; i++)
		add_rule_points(&p, &policy->paths[i]);
	sort_points(&p);
	if (p.n_points && !strcmp(p.points[0].path, "/"))
		give_point(&p, 0, 0, p.n_points);
	else
		give(&p, "/", root, 0, 0, p.n_points);
	for (size_t i = 0; i < policy->n_paths && !p.error; i++)
		add_rule_gaps(&p, &policy->paths[i]);
	add_right_gaps(&p);
	if (second || policy->guards[SBX_GUARD_IPC_OUTSIDE] < SBX_ACTION_DENY ||
	    (sbx_policy_namespaces(policy) & CLONE_NEWIPC))
		plan.queues =
			sbx_landlock_access(abi, SBX_RIGHT_READ | SBX_RIGHT_WRITE, policy, second);
	if (p.error) {
		sbx_landlock_free(&plan);
		return p.error;
	}
	*ret_plan = plan;
	return 0;
}
