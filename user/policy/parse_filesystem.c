// SPDX-License-Identifier: GPL-2.0-only
/* Section `filesystem`: default and path rules. */
#include <errno.h>
#include <string.h>

#include "lib/cleanup.h"
#include "policy/parse.h"
#include "policy/text.h"

/* A rule as it is read: one verdict and rights for all its paths. */
struct draft {
	bool deny;
	__u16 rights;
	const struct sbx_yaml *verdict; /* the value of `allow` or `deny` */
	const struct sbx_yaml *paths;
	bool twice; /* both `allow` and `deny` */
	bool faulty;
};

static const struct sbx_word right_words[] = {
	{ "read", 0 }, { "list", 0 }, { "write", 0 },	{ "create", 0 }, { "delete", 0 },
	{ "exec", 0 }, { "attr", 0 }, { "connect", 0 }, { "device", 0 }, { "ro", 0 },
	{ "rx", 0 },   { "rw", 0 },   { "rwx", 0 },	{ NULL, 0 },
};

static void parse_right(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_cleanup(sbx_freep) char *word = sbx_parse_text(p, node, "a right");
	struct draft *draft = target;
	char hint[256];
	int rights;

	if (!word) {
		draft->faulty = true;
		return;
	}
	rights = sbx_rights_from_str(word);
	if (rights < 0) {
		draft->faulty = true;
		sbx_parse_fault(p, node, "unknown-right", "`%.60s` is not a right%s", word,
				sbx_parse_hint(word, right_words, hint, sizeof(hint)));
		return;
	}
	draft->rights |= (__u16)rights;
}

static void parse_verdict(struct sbx_parse *p, const struct sbx_yaml *node, struct draft *draft,
			  bool deny)
{
	size_t before = p->diags->n_errors;

	draft->twice = draft->verdict != NULL;
	draft->verdict = node;
	draft->deny = deny;
	sbx_parse_each(p, node, deny ? "`deny`" : "`allow`", parse_right, draft);
	if (p->diags->n_errors != before)
		draft->faulty = true;
}

static void parse_allow(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	parse_verdict(p, node, target, false);
}

static void parse_deny(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	parse_verdict(p, node, target, true);
}

static void note_paths(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	(void)p; /* read once the verdict is known, whichever key stands first */
	((struct draft *)target)->paths = node;
}

static int add_path(struct sbx_parse *p, const struct sbx_yaml *node, const struct draft *draft,
		    char **path, bool expanded)
{
	struct sbx_policy *policy = p->policy;
	sbx_cleanup(sbx_freep) char *text = strdup(node->text);

	if (!text || sbx_array_grow(&policy->paths, policy->n_paths, sizeof(*policy->paths)))
		return -ENOMEM;
	policy->paths[policy->n_paths++] = (struct sbx_path_rule){
		.place = sbx_parse_place(p, node),
		.deny = draft->deny,
		.rights = draft->rights,
		.path = SBX_TAKE(*path, NULL),
		.text = SBX_TAKE(text, NULL),
		.expanded = expanded,
	};
	return 0;
}

bool sbx_parse_is_path(struct sbx_parse *p, const struct sbx_yaml *node)
{
	if (node->kind == SBX_YAML_SCALAR && (node->quoted || *node->text))
		return true;
	if (node->kind != SBX_YAML_BROKEN)
		sbx_parse_fault(p, node, "wrong-type", "a path is a single value");
	return false;
}

int sbx_parse_path(struct sbx_parse *p, const struct sbx_yaml *node, char **ret_path,
		   bool *ret_expanded, struct sbx_text_fault *fault)
{
	sbx_cleanup(sbx_freep) char *text = NULL;
	int r = sbx_vars_expand(p->vars, node->text, true, &text, ret_expanded, fault);

	return r ? r : sbx_path_normalise(text, ret_path, fault);
}

static void parse_path(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_cleanup(sbx_freep) char *path = NULL;
	const struct draft *draft = target;
	struct sbx_text_fault fault;
	bool expanded = false;
	int r;

	if (!sbx_parse_is_path(p, node))
		return;
	r = sbx_parse_path(p, node, &path, &expanded, &fault);
	if (!r && !draft->deny && sbx_path_kind(path) != SBX_PATH_PLAIN)
		r = sbx_text_fail(&fault, "wildcard", "`%s`: `**/` is for deny rules only", path);
	/* Whoever starts a job in `/` would open everything with it. */
	if (!r && !draft->deny && expanded && !strcmp(path, "/"))
		r = sbx_text_fail(&fault, "bad-variable",
				  "`%s` is `/`, so this rule would cover all files", node->text);
	/* Without a verdict there is no rule, but the path's own faults are told. */
	if (!r && draft->verdict && !draft->faulty)
		r = add_path(p, node, draft, &path, expanded);
	if (r == -EINVAL)
		sbx_parse_fault(p, node, fault.code, "%s", fault.text);
	else if (r)
		p->error = r;
}

static const struct sbx_field rule_fields[] = {
	{ "allow", parse_allow },
	{ "deny", parse_deny },
	{ "paths", note_paths },
	{ NULL, NULL },
};

static void parse_rule(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	struct draft draft = { 0 };

	(void)target; /* rules go into the policy */
	sbx_parse_fields(p, node, rule_fields, "a filesystem rule", &draft);
	if (node->kind != SBX_YAML_MAP)
		return;
	if (draft.twice)
		sbx_parse_fault(p, node, "bad-rule",
				"a rule has `allow` or `deny`, not both: "
				"write two rules");
	else if (!draft.verdict)
		sbx_parse_fault(p, node, "missing-key",
				"a filesystem rule needs `allow` or `deny`");
	draft.faulty |= draft.twice;
	if (draft.paths)
		sbx_parse_each(p, draft.paths, "`paths`", parse_path, &draft);
	else
		sbx_parse_fault(p, node, "missing-key", "a filesystem rule needs `paths`");
}

static void parse_rules(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	if (node->kind == SBX_YAML_MAP)
		sbx_parse_fault(p, node, "wrong-type",
				"`rules` takes a list: start each rule with `- `");
	else
		sbx_parse_each_or_none(p, node, "`rules`", parse_rule, target);
}

static void parse_default(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_word words[] = { { "deny", 0 }, { "allow", 1 }, { NULL, 0 } };
	int allow;

	(void)target; /* as above */
	if (!sbx_parse_word(p, node, "`default`", words, &allow))
		return;
	p->policy->fs_default_allow = allow != 0;
	p->policy->fs_default_place = sbx_parse_place(p, node);
}

void sbx_parse_filesystem(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_field fields[] = {
		{ "default", parse_default },
		{ "rules", parse_rules },
		{ "private", sbx_parse_private },
		{ "root", sbx_parse_root },
		{ NULL, NULL },
	};

	sbx_parse_fields(p, node, fields, "`filesystem`", target);
}
