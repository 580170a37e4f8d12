// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys that say what a job sees of the host: `process.namespaces`, `hostname` and `id_map`;
 * `filesystem.private` and `root`.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "policy/parse.h"

#define HOSTNAME_MAX 64
#define ID_MAPS_MAX 32 /* the kernel takes 340; more than a few lines are a slip */

static const struct sbx_word namespace_words[] = {
	{ "pid", SBX_NS_PID },	     { "ipc", SBX_NS_IPC },	{ "uts", SBX_NS_UTS },
	{ "net", SBX_NS_NET },	     { "mount", SBX_NS_MOUNT }, { "user", SBX_NS_USER },
	{ "cgroup", SBX_NS_CGROUP }, { "time", SBX_NS_TIME },	{ NULL, 0 },
};

const char *sbx_namespace_to_str(enum sbx_namespace bit)
{
	const struct sbx_word *word = namespace_words;

	while (word->word && word->value != (int)bit)
		word++;
	return word->word ? word->word : "unknown";
}

unsigned int sbx_policy_namespaces(const struct sbx_policy *policy)
{
	unsigned int namespaces = policy->process.namespaces;

	if (policy->process.hostname)
		namespaces |= SBX_NS_UTS;
	if (policy->process.n_id_maps)
		namespaces |= SBX_NS_USER;
	if (namespaces & SBX_NS_PID || policy->private_dirs || policy->root.read_only ||
	    policy->root.path || policy->root.overlay)
		namespaces |= SBX_NS_MOUNT;
	return namespaces;
}

static void parse_namespace(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	int bit;

	if (sbx_parse_word(p, node, "`namespaces`", namespace_words, &bit))
		*(unsigned int *)target |= (unsigned int)bit;
}

void sbx_parse_namespaces(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	unsigned int namespaces = 0;

	(void)target; /* the policy is the target, as below */
	sbx_parse_each_or_none(p, node, "`namespaces`", parse_namespace, &namespaces);
	p->policy->process.namespaces = namespaces;
}

void sbx_parse_hostname(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
	sbx_cleanup(sbx_freep) char *text = sbx_parse_text(p, node, "`hostname`");

	(void)target; /* as above */
	if (!text)
		return;
	if (!*text || *text == '-' || *text == '.' || strlen(text) > HOSTNAME_MAX ||
	    strspn(text, allowed) != strlen(text)) {
		sbx_parse_fault(p, node, "bad-value",
				"`hostname` takes up to %d letters, digits, `.` and `-`, not "
				"`%.60s`",
				HOSTNAME_MAX, text);
		return;
	}
	sbx_freep(&p->policy->process.hostname);
	p->policy->process.hostname = SBX_TAKE(text, NULL);
}

/* "0:100000:65536". */
static bool read_map(const char *text, struct sbx_id_map *ret_map)
{
	unsigned long values[3];
	char *end;

	for (int i = 0; i < 3; i++) {
		if (*text < '0' || *text > '9')
			return false;
		errno = 0;
		values[i] = strtoul(text, &end, 10);
		if (errno || values[i] >= UINT32_MAX || *end != (i < 2 ? ':' : '\0'))
			return false;
		text = end + 1;
	}
	if (!values[2] || values[0] + values[2] > UINT32_MAX || values[1] + values[2] > UINT32_MAX)
		return false;
	*ret_map = (struct sbx_id_map){ (__u32)values[0], (__u32)values[1], (__u32)values[2] };
	return true;
}

static void parse_map(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	struct sbx_process *process = &p->policy->process;
	sbx_cleanup(sbx_freep) char *text = sbx_parse_text(p, node, "`id_map`");
	struct sbx_id_map map;

	(void)target; /* as above */
	if (!text)
		return;
	if (!read_map(text, &map)) {
		sbx_parse_fault(p, node, "bad-value",
				"`id_map` takes FIRST-INSIDE:FIRST-OUTSIDE:COUNT such as "
				"\"0:100000:65536\", not `%.60s`",
				text);
		return;
	}
	for (size_t i = 0; i < process->n_id_maps; i++) {
		const struct sbx_id_map *other = &process->id_maps[i];

		if ((map.inside < other->inside + other->count &&
		     other->inside < map.inside + map.count) ||
		    (map.outside < other->outside + other->count &&
		     other->outside < map.outside + map.count)) {
			sbx_parse_fault(p, node, "bad-value", "`id_map`: `%.60s` overlaps another",
					text);
			return;
		}
	}
	if (process->n_id_maps >= ID_MAPS_MAX)
		sbx_parse_fault(p, node, "bad-value", "`id_map`: more than %d lines", ID_MAPS_MAX);
	else if (sbx_array_grow(&process->id_maps, process->n_id_maps, sizeof(map)))
		p->error = -ENOMEM;
	else
		process->id_maps[process->n_id_maps++] = map;
}

void sbx_parse_id_map(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	(void)target;			  /* as above */
	p->policy->process.n_id_maps = 0; /* a base's ids make no sense beside other ones */
	sbx_parse_each(p, node, "`id_map`", parse_map, NULL);
}

/* An absolute path without wildcards, normalised; NULL after a fault. */
static char *read_dir(struct sbx_parse *p, const struct sbx_yaml *node, const char *what)
{
	sbx_cleanup(sbx_freep) char *text = NULL;
	sbx_cleanup(sbx_freep) char *path = NULL;
	struct sbx_text_fault fault;
	int r;

	if (node->kind != SBX_YAML_SCALAR || (!node->quoted && !*node->text)) {
		if (node->kind != SBX_YAML_BROKEN)
			sbx_parse_fault(p, node, "wrong-type", "%s takes a path", what);
		return NULL;
	}
	r = sbx_vars_expand(p->vars, node->text, true, &text, NULL, &fault);
	if (!r)
		r = sbx_path_normalise(text, &path, &fault);
	if (!r && strchr(path, '*'))
		r = sbx_text_fail(&fault, "wildcard", "%s takes a path without `*`", what);
	if (!r && !strcmp(path, "/"))
		r = sbx_text_fail(&fault, "bad-path", "%s: `/` is the whole root", what);
	if (r == -EINVAL)
		sbx_parse_fault(p, node, fault.code, "%s", fault.text);
	else if (r)
		p->error = r;
	return r ? NULL : SBX_TAKE(path, NULL);
}

static void parse_private_one(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_cleanup(sbx_freep) char *path = read_dir(p, node, "`private`");

	(void)target; /* as above */
	if (!path)
		return;
	if (!strcmp(path, "/proc") || !strncmp(path, "/proc/", 6) || !strcmp(path, "/sys") ||
	    !strncmp(path, "/sys/", 5) || !strncmp(path, "/dev/pts", 8))
		sbx_parse_fault(p, node, "bad-path",
				"`private`: not `%.60s`; a `pid` namespace has a /proc of its own, "
				"a private /dev its own terminals",
				path);
	else if (!sbx_intern(&p->policy->private_dirs, path))
		p->error = -ENOMEM;
}

void sbx_parse_private(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	(void)target; /* as above */
	sbx_parse_each_or_none(p, node, "`private`", parse_private_one, NULL);
}

static void parse_writable_one(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_cleanup(sbx_freep) char *path = read_dir(p, node, "`writable`");

	(void)target; /* as above */
	if (path && !sbx_intern(&p->policy->root.writable, path))
		p->error = -ENOMEM;
}

static void parse_writable(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_parse_each_or_none(p, node, "`writable`", parse_writable_one, target);
}

static void parse_read_only(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	(void)target;								  /* as above */
	(void)sbx_parse_bool(p, node, "`read_only`", &p->policy->root.read_only); /* told */
}

static void parse_root_path(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	char *path = read_dir(p, node, "`path`");

	(void)target; /* as above */
	if (!path)
		return;
	sbx_freep(&p->policy->root.path);
	p->policy->root.path = path;
}

static void parse_directory(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_cleanup(sbx_freep) char *path = read_dir(p, node, "`directory`");

	(void)target; /* as above */
	if (!path)
		return;
	if (strpbrk(path, ",:\\\"")) { /* overlayfs reads these as its own */
		sbx_parse_fault(p, node, "bad-path",
				"`directory`: a path without `,`, `:`, `\\` and `\"`");
		return;
	}
	sbx_freep(&p->policy->root.directory);
	p->policy->root.directory = SBX_TAKE(path, NULL);
}

static void parse_overlay(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_word words[] = { { "none", SBX_OVERLAY_NONE },
						 { "discard", SBX_OVERLAY_DISCARD },
						 { "keep", SBX_OVERLAY_KEEP },
						 { "diff", SBX_OVERLAY_DIFF },
						 { NULL, 0 } };
	int overlay;

	(void)target; /* as above */
	if (sbx_parse_word(p, node, "`overlay`", words, &overlay))
		p->policy->root.overlay = (enum sbx_overlay)overlay;
}

void sbx_parse_root(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_field fields[] = {
		{ "path", parse_root_path },	  { "overlay", parse_overlay },
		{ "directory", parse_directory }, { "read_only", parse_read_only },
		{ "writable", parse_writable },	  { NULL, NULL },
	};

	sbx_parse_fields(p, node, fields, "`root`", target);
	if (p->policy->root.writable && !p->policy->root.read_only)
		sbx_parse_fault(p, node, "no-effect",
				"`writable` is for a root that is `read_only: true`");
	if (p->policy->root.overlay == SBX_OVERLAY_KEEP && !p->policy->root.directory)
		sbx_parse_fault(p, node, "missing-key",
				"`overlay: keep` needs `directory`: where the changes go");
	if (p->policy->root.overlay != SBX_OVERLAY_KEEP && p->policy->root.directory)
		sbx_parse_fault(p, node, "no-effect", "`directory` is for `overlay: keep`");
}
