// SPDX-License-Identifier: GPL-2.0-only
/* Section `exec`: programs and libraries that must be the very files that the policy means. */
#include <errno.h>
#include <string.h>

#include "lib/cleanup.h"
#include "policy/parse.h"
#include "policy/text.h"

/* An entry as it is read. */
struct draft {
	const struct sbx_yaml *path; /* the nodes: read once both are known */
	char sha256[SBX_SHA256_HEX + 1];
	bool has_sha256;
};

static void note_path(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	(void)p; /* as above */
	((struct draft *)target)->path = node;
}

/* Lower case, as all digests here. */
static bool read_digest(const char *text, char ret_hex[SBX_SHA256_HEX + 1])
{
	size_t len = strlen(text);

	if (len != SBX_SHA256_HEX || strspn(text, "0123456789abcdefABCDEF") != len)
		return false;
	for (size_t i = 0; i <= len; i++)
		ret_hex[i] =
			(char)(text[i] >= 'A' && text[i] <= 'F' ? text[i] - 'A' + 'a' : text[i]);
	return true;
}

static void parse_sha256(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_cleanup(sbx_freep) char *text = sbx_parse_text(p, node, "`sha256`");
	struct draft *draft = target;

	draft->has_sha256 = true; /* a fault of it is told once */
	if (text && !read_digest(text, draft->sha256))
		sbx_parse_fault(p, node, "bad-digest",
				"`%.80s` is not a SHA-256: 64 hexadecimal digits, as sha256sum "
				"prints them",
				text);
}

/* The same path again: with the same digest it says nothing new, with another it cannot hold. */
static bool is_repeated(struct sbx_parse *p, const struct draft *draft, const char *path)
{
	const struct sbx_policy *policy = p->policy;

	for (size_t i = 0; i < policy->n_programs; i++) {
		const struct sbx_program_rule *other = &policy->programs[i];

		if (strcmp(other->path.path, path))
			continue;
		if (strcmp(other->sha256, draft->sha256))
			sbx_parse_fault(p, draft->path, "contradiction",
					"`%s` is pinned to two digests; see %s:%u",
					draft->path->text, other->path.place.file,
					other->path.place.line);
		return true;
	}
	return false;
}

static int add_program(struct sbx_parse *p, const struct draft *draft, char **path)
{
	struct sbx_policy *policy = p->policy;
	sbx_cleanup(sbx_freep) char *text = NULL;
	struct sbx_program_rule *rule;

	if (is_repeated(p, draft, *path))
		return 0;
	text = strdup(draft->path->text);
	if (!text ||
	    sbx_array_grow(&policy->programs, policy->n_programs, sizeof(*policy->programs)))
		return -ENOMEM;
	rule = &policy->programs[policy->n_programs++];
	*rule = (struct sbx_program_rule){
		.path = { .place = sbx_parse_place(p, draft->path),
			  .path = SBX_TAKE(*path, NULL),
			  .text = SBX_TAKE(text, NULL) },
	};
	memcpy(rule->sha256, draft->sha256, sizeof(rule->sha256));
	return 0;
}

static void read_program(struct sbx_parse *p, const struct draft *draft)
{
	sbx_cleanup(sbx_freep) char *path = NULL;
	bool expanded = false;
	struct sbx_text_fault fault;
	int r;

	if (!sbx_parse_is_path(p, draft->path))
		return;
	r = sbx_parse_path(p, draft->path, &path, &expanded, &fault);
	if (!r && strchr(path, '*'))
		r = sbx_text_fail(&fault, "wildcard", "`%s`: a digest belongs to one file", path);
	if (!r && *draft->sha256)
		r = add_program(p, draft, &path);
	if (r == -EINVAL)
		sbx_parse_fault(p, draft->path, fault.code, "%s", fault.text);
	else if (r)
		p->error = r;
}

static void parse_program(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_field fields[] = {
		{ "path", note_path },
		{ "sha256", parse_sha256 },
		{ NULL, NULL },
	};
	struct draft draft = { 0 };

	(void)target; /* programs go into the policy */
	sbx_parse_fields(p, node, fields, "an entry of `exec`", &draft);
	if (node->kind != SBX_YAML_MAP)
		return;
	if (!draft.path)
		sbx_parse_fault(p, node, "missing-key", "an entry of `exec` needs `path`");
	if (!draft.has_sha256)
		sbx_parse_fault(p, node, "missing-key", "an entry of `exec` needs `sha256`");
	if (draft.path)
		read_program(p, &draft);
}

void sbx_parse_exec(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	if (node->kind == SBX_YAML_MAP)
		sbx_parse_fault(p, node, "wrong-type",
				"`exec` takes a list: start each entry with `- `");
	else
		sbx_parse_each_or_none(p, node, "`exec`", parse_program, target);
}
