// SPDX-License-Identifier: GPL-2.0-only
/* Path rules -> the paths of the trie and of the `**` denies, both spellings of each. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/cleanup.h"
#include "policy/compiler.h"
#include "policy/parse.h"

static void paths_free(struct sbx_trie_paths *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		sbx_freep(&paths->items[i].path);
	sbx_freep(&paths->items);
}

/*
 * The trie's own form: `*` as an empty name, "/" as no name at all.  `literal`: a star is a name
 * like any other, because the path comes from the file tree and not from a person.
 */
static int trie_form(const char *path, bool literal, char **ret_path)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf buf = { 0 };

	while (*path == '/' && path[1]) {
		size_t len = strcspn(path + 1, "/");

		sbx_buf_putc(&buf, '/');
		if (literal || len != 1 || path[1] != '*')
			sbx_buf_add(&buf, path + 1, len);
		path += len + 1;
	}
	return sbx_buf_take(&buf, ret_path);
}

static int add_path(struct sbx_trie_paths *paths, const char *path, bool literal,
		    const struct sbx_trie_path *like)
{
	sbx_cleanup(sbx_freep) char *form = NULL;
	int r = trie_form(path, literal, &form);

	if (!r)
		r = sbx_array_grow(&paths->items, paths->n, sizeof(*paths->items));
	if (r)
		return r;
	paths->items[paths->n] = *like;
	paths->items[paths->n++].path = SBX_TAKE(form, NULL);
	return 0;
}

/* "/proc/123/..." -> "/proc/@self/...": the resolver followed a link to its own process. */
static void own_process(char *path, size_t size)
{
	const char *digits = path + 6;
	size_t n, rest;

	if (strncmp(path, "/proc/", 6))
		return;
	n = strspn(digits, "0123456789");
	rest = strlen(digits) - n;
	if (!n || (digits[n] && digits[n] != '/') || 6 + 5 + rest + 1 > size)
		return;
	memmove(path + 6 + 5, digits + n, rest + 1);
	memcpy(path + 6, "@self", 5);
}

/* `path` lies below `dir`, which may end in a wildcard: then below what stands before it. */
static bool may_lie_below(const char *path, const char *dir)
{
	size_t len = strcspn(dir, "*");

	if (dir[len] == '*')
		return !strncmp(path, dir, len);
	return len == 1 || (!strncmp(path, dir, len) && path[len] == '/');
}

/*
 * Could a job of this policy have put a link there?  Then the link says nothing that the policy's
 * author meant: an allow must not follow it to a place of the job's choice.
 */
static bool is_in_the_jobs_hands(const struct sbx_compiler *c, const char *path)
{
	if (c->policy->fs_default_allow)
		return true;
	for (size_t i = 0; i < c->n_makers; i++) {
		if (may_lie_below(path, c->makers[i]))
			return true;
	}
	return false;
}

/* Where a job of this policy can make names. */
static int find_makers(struct sbx_compiler *c)
{
	const __u16 rights = SBX_RIGHT_CREATE | SBX_RIGHT_DELETE;

	c->makers = calloc(c->policy->n_paths + 1, sizeof(*c->makers));
	if (!c->makers)
		return -ENOMEM;
	for (size_t i = 0; i < c->policy->n_paths; i++) {
		const struct sbx_path_rule *rule = &c->policy->paths[i];

		if (!rule->deny && (rule->rights & rights))
			c->makers[c->n_makers++] = rule->path;
	}
	return 0;
}

/*
 * The spelling of `path` that the kernel sees, where links on the way make it another one.
 * False: there is none, the one spelling stays.  `follow`: also links that the job could have made.
 */
static bool resolve(const struct sbx_compiler *c, bool follow, const char *path, char *resolved,
		    size_t size)
{
	size_t len;

	if (!c->resolve || !strncmp(path, "/proc/", 6))
		return false;
	if (!follow && is_in_the_jobs_hands(c, path))
		return false;
	if (c->resolve(path, resolved, size, c->ctx))
		return false;
	own_process(resolved, size);
	len = strlen(resolved);
	while (len > 1 && resolved[len - 1] == '/')
		resolved[--len] = '\0';
	return *resolved == '/' && strcmp(resolved, path) != 0;
}

static int add_resolved(struct sbx_compiler *c, struct sbx_trie_paths *paths,
			const struct sbx_trie_path *like)
{
	const struct sbx_path_rule *rule = like->rule;
	char resolved[SBX_PATH_MAX];

	if (!resolve(c, rule->deny || like->program, rule->path, resolved, sizeof(resolved)))
		return 0;
	/* A `*` of the rule is still one; a file of that name on the way cannot be told from it. */
	return add_path(paths, resolved, rule->generated || !strchr(rule->path, '*'), like);
}

static int add_any(struct sbx_compiled *out, const char *head, size_t literal, const char *tail,
		   const struct sbx_path_rule *rule, int ref)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf buf = { 0 };
	sbx_cleanup(sbx_freep) char *path = NULL;
	int r;

	sbx_buf_printf(&buf, "%s%s", head, tail);
	r = sbx_buf_take(&buf, &path);
	if (!r)
		r = sbx_array_grow(&out->any, out->n_any, sizeof(*out->any));
	if (r)
		return r;
	out->any[out->n_any++] =
		(struct sbx_any_path){ SBX_TAKE(path, NULL), literal, rule->rights, ref };
	out->job.any_rights |= rule->rights;
	return 0;
}

/* A `**` deny, and again with what stands before the `**` as the kernel sees it. */
static int add_any_rule(struct sbx_compiler *c, const struct sbx_path_rule *rule, int ref)
{
	const char *tail = strstr(rule->path, "/**/");
	char head[SBX_PATH_MAX], resolved[SBX_PATH_MAX];
	int r = add_any(c->out, "", 0, rule->path, rule, ref);

	if (r || !tail || tail == rule->path)
		return r;
	(void)snprintf(head, sizeof(head), "%.*s", (int)(tail - rule->path), rule->path);
	if (!resolve(c, rule->deny, head, resolved, sizeof(resolved)))
		return 0;
	return add_any(c->out, resolved, strchr(head, '*') ? 0 : strlen(resolved) + 1, tail, rule,
		       ref);
}

static int add_rule(struct sbx_compiler *c, struct sbx_trie_paths *paths, size_t i)
{
	const struct sbx_path_rule *rule = &c->policy->paths[i];
	int ref = (int)(c->first_path_rule + i);
	const struct sbx_trie_path like = { .rule = rule, .ref = ref };
	int r;

	if (!rule->generated && sbx_path_kind(rule->path) == SBX_PATH_ANY)
		return add_any_rule(c, rule, ref);
	r = add_path(paths, rule->path, rule->generated, &like);
	return r ? r : add_resolved(c, paths, &like);
}

/* The link and what it leads to: both names must lead to the file that was hashed. */
static int add_program(struct sbx_compiler *c, struct sbx_trie_paths *paths, size_t i)
{
	const struct sbx_path_rule *rule = &c->policy->programs[i].path;
	const struct sbx_trie_path like = { .rule = rule, .ref = -1, .program = i + 1 };
	int r = add_path(paths, rule->path, true, &like);

	return r ? r : add_resolved(c, paths, &like);
}

int sbx_compile_fs(struct sbx_compiler *c)
{
	sbx_cleanup(paths_free) struct sbx_trie_paths paths = { 0 };
	int r = find_makers(c);

	for (size_t i = 0; i < c->policy->n_paths && !r; i++)
		r = add_rule(c, &paths, i);
	for (size_t i = 0; i < c->policy->n_programs && !r; i++)
		r = add_program(c, &paths, i);
	if (!r)
		r = sbx_trie_build(c, &paths, c->out->job.any_rights);
	sbx_freep(&c->makers);
	return r ? r : sbx_any_build(c);
}
