// SPDX-License-Identifier: GPL-2.0-only
/* Path rules -> the trie's paths (both spellings of each) and the edges of the `**` denies. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/cleanup.h"
#include "policy/compiler.h"
#include "policy/parse.h"

#define ANY_LEN_LAST 63 /* bit of sbx_job.any_lens for this length and all above */

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
		    const struct sbx_path_rule *rule, int ref)
{
	sbx_cleanup(sbx_freep) char *form = NULL;
	int r = trie_form(path, literal, &form);

	if (!r)
		r = sbx_array_grow(&paths->items, paths->n, sizeof(*paths->items));
	if (r)
		return r;
	paths->items[paths->n++] = (struct sbx_trie_path){ SBX_TAKE(form, NULL), rule, ref };
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
	const __u16 rights = SBX_RIGHT_CREATE | SBX_RIGHT_DELETE;

	if (c->policy->fs_default_allow)
		return true;
	for (size_t i = 0; i < c->policy->n_paths; i++) {
		const struct sbx_path_rule *rule = &c->policy->paths[i];

		if (!rule->deny && (rule->rights & rights) && may_lie_below(path, rule->path))
			return true;
	}
	return false;
}

/* The spelling that the kernel sees, where links on the way make it another one. */
static int add_resolved(struct sbx_compiler *c, struct sbx_trie_paths *paths,
			const struct sbx_path_rule *rule, int ref)
{
	char resolved[SBX_PATH_MAX];
	size_t len;

	if (!c->resolve || !strncmp(rule->path, "/proc/", 6))
		return 0;
	if (!rule->deny && is_in_the_jobs_hands(c, rule->path))
		return 0;
	if (c->resolve(rule->path, resolved, sizeof(resolved), c->ctx))
		return 0; /* the one spelling stays */
	own_process(resolved, sizeof(resolved));
	len = strlen(resolved);
	while (len > 1 && resolved[len - 1] == '/')
		resolved[--len] = '\0';
	if (*resolved != '/' || !strcmp(resolved, rule->path))
		return 0;
	/* A `*` of the rule is still one; a file of that name on the way cannot be told from it. */
	return add_path(paths, resolved, rule->generated || !strchr(rule->path, '*'), rule, ref);
}

/* Edges of one `**` deny: a chunk chain below its root. */
static int add_any(struct sbx_compiler *c, __u32 root, const char *name, size_t len, __u16 rights,
		   int ref)
{
	struct sbx_compiled *out = c->out;
	__u32 at = root;

	for (;;) {
		struct sbx_edge_key key = sbx_edge_key_make(at, name, len);
		bool last = len <= SBX_NAME_CHUNK;
		struct sbx_edge edge = { .flags = last ? SBX_EDGE_LEAF : SBX_EDGE_PARTIAL };
		size_t i = 0;

		/* Few edges stand here: `**` rules are listed by hand. */
		while (i < out->n_edges && sbx_edge_key_compare(&out->edges[i].key, &key))
			i++;
		if (i == out->n_edges) {
			edge.node = sbx_compiled_add_node(out, at);
			if (!edge.node || sbx_compiled_add_edge(out, &key, &edge))
				return -ENOMEM;
		}
		at = out->edges[i].value.node;
		if (last) {
			out->edges[i].value.allowed |= rights;
			sbx_node_note(&out->nodes[at], true, rights, ref);
			return 0;
		}
		name += SBX_NAME_CHUNK;
		len -= SBX_NAME_CHUNK;
	}
}

static int add_any_rule(struct sbx_compiler *c, const struct sbx_path_rule *rule, int ref)
{
	bool is_ext = sbx_path_kind(rule->path) == SBX_PATH_ANY_EXT;
	const char *name = rule->path + (is_ext ? 5 : 3);
	size_t len = strlen(name);
	struct sbx_job *job = &c->out->job;
	unsigned char first = (unsigned char)*name;

	if (is_ext) {
		job->any_exts |= 1u << len;
	} else {
		job->any_lens |= 1ull << (len > ANY_LEN_LAST ? ANY_LEN_LAST : len);
		job->any_first[first / 64] |= 1ull << (first % 64);
	}
	return add_any(c, is_ext ? SBX_NODE_ANY_EXT : SBX_NODE_ANY_NAME, name, len, rule->rights,
		       ref);
}

static int add_rule(struct sbx_compiler *c, struct sbx_trie_paths *paths, size_t i, __u16 *any)
{
	const struct sbx_path_rule *rule = &c->policy->paths[i];
	int ref = (int)(c->first_path_rule + i);
	int r;

	if (!rule->generated && sbx_path_kind(rule->path) != SBX_PATH_PLAIN) {
		*any |= rule->rights;
		return add_any_rule(c, rule, ref);
	}
	r = add_path(paths, rule->path, rule->generated, rule, ref);
	return r ? r : add_resolved(c, paths, rule, ref);
}

int sbx_compile_fs(struct sbx_compiler *c)
{
	sbx_cleanup(paths_free) struct sbx_trie_paths paths = { 0 };
	__u16 any = 0;
	int r = 0;

	for (size_t i = 0; i < c->policy->n_paths && !r; i++)
		r = add_rule(c, &paths, i, &any);
	return r ? r : sbx_trie_build(c, &paths, any);
}
