// SPDX-License-Identifier: GPL-2.0-only
/* A policy's top level, and the way from a name or a text to the finished model. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/error.h"
#include "lib/file.h"
#include "policy/parse.h"
#include "policy/text.h"

#define NAME_BYTES_MAX 64 /* a part of cgroup and log file names */
#define NAME_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

static bool is_name(const char *name)
{
	size_t len = strlen(name);

	return len && len <= NAME_BYTES_MAX && *name != '.' && *name != '-' &&
	       strspn(name, NAME_BYTES) == len;
}

static void parse_version(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_cleanup(sbx_freep) char *text = sbx_parse_text(p, node, "`version`");

	(void)target; /* there is only one version */
	if (text && strcmp(text, "1"))
		sbx_parse_fault(p, node, "version",
				"version `%.60s` is not known: this sbx-bpf reads version %d", text,
				SBX_POLICY_VERSION);
}

static void parse_name(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_cleanup(sbx_freep) char *text = sbx_parse_text(p, node, "`name`");

	(void)target; /* the policy is the target */
	if (!text)
		return;
	if (!is_name(text)) {
		sbx_parse_fault(p, node, "bad-value",
				"a name has 1 to %d letters, digits, `.`, `_` or `-`, and starts "
				"with neither `.` nor `-`",
				NAME_BYTES_MAX);
	} else if (!p->source->parent) { /* the name of a base is its own */
		sbx_freep(&p->policy->name);
		p->policy->name = SBX_TAKE(text, NULL);
	}
}

static void parse_description(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	(void)target; /* for readers of the file only */
	if (node->kind != SBX_YAML_SCALAR && node->kind != SBX_YAML_BROKEN)
		sbx_parse_fault(p, node, "wrong-type", "`description` takes a text");
}

static void parse_mode(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_word words[] = {
		{ "enforce", SBX_MODE_ENFORCE },
		{ "audit", SBX_MODE_AUDIT },
		{ NULL, 0 },
	};
	int mode;

	(void)target; /* as above */
	if (sbx_parse_word(p, node, "`mode`", words, &mode))
		p->policy->mode = (enum sbx_mode)mode;
}

static void parse_require(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_word words[] = {
		{ "kernel", 0 },
		{ "best-effort", 1 },
		{ NULL, 0 },
	};
	int best_effort;

	(void)target; /* as above */
	if (sbx_parse_word(p, node, "`require`", words, &best_effort))
		p->policy->best_effort = best_effort != 0;
}

/* Bases are read before all else, so that what this file says comes later and wins. */
static void skip(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	(void)p;
	(void)node;
	(void)target; /* sbx_parse_source did the work */
}

static const struct sbx_field root_fields[] = {
	{ "version", parse_version },
	{ "name", parse_name },
	{ "description", parse_description },
	{ "extends", skip },
	{ "mode", parse_mode },
	{ "require", parse_require },
	{ "filesystem", sbx_parse_filesystem },
	{ "exec", sbx_parse_exec },
	{ "network", sbx_parse_network },
	{ "process", sbx_parse_process },
	{ "guards", sbx_parse_guards },
	{ "limits", sbx_parse_limits },
	{ "audit", sbx_parse_audit },
	{ NULL, NULL },
};

static int parse_tree(struct sbx_parse *p, const struct sbx_yaml *root)
{
	size_t first_path, first_net;
	const struct sbx_yaml *extends;

	if (root->kind == SBX_YAML_MAP && !sbx_parse_find(root, "version"))
		sbx_parse_fault(p, root, "missing-key", "a policy needs `version: %d`",
				SBX_POLICY_VERSION);
	extends = sbx_parse_find(root, "extends");
	if (extends)
		sbx_parse_extends(p, extends, NULL);
	first_path = p->policy->n_paths;
	first_net = p->policy->n_nets;
	sbx_parse_fields(p, root, root_fields, "a policy", NULL);
	sbx_parse_conflicts(p, first_path, first_net);
	return p->error;
}

int sbx_parse_source(struct sbx_parse *p, const struct sbx_input *input)
{
	sbx_cleanup(sbx_yaml_freep) struct sbx_yaml *root = NULL;
	int r;

	if (input->preset) {
		sha256_update(&p->digest, sizeof(input->preset->sha256), input->preset->sha256);
		return parse_tree(p, input->preset->root);
	}
	sha256_update(&p->digest, input->len, (const uint8_t *)input->text);
	r = sbx_yaml_parse(p->source->file, input->text, input->len, &root, p->diags);
	return r ? r : parse_tree(p, root);
}

/* Rules that the mode makes pointless, where one file says both; in a base they are overruled. */
static void check_net_mode(struct sbx_parse *p)
{
	const struct sbx_policy *policy = p->policy;

	if (policy->net_mode != SBX_NET_NONE)
		return;
	for (size_t i = 0; i < policy->n_nets; i++) {
		const struct sbx_place *place = &policy->nets[i].place;

		if (policy->net_mode_place.file && place->file != policy->net_mode_place.file)
			continue;
		sbx_diag_add(p->diags, SBX_DIAG_ERROR, "no-effect", place->file, place->line,
			     place->column,
			     "this rule has no effect in network mode `none`%s: write "
			     "`mode: filtered`",
			     policy->net_mode_place.file ? "" : ", which is the default");
	}
}

/* What no file said. */
static void apply_defaults(struct sbx_parse *p)
{
	struct sbx_policy *policy = p->policy;
	__u8 action = p->guard_default ? p->guard_default : SBX_ACTION_DENY;

	if (!policy->mode)
		policy->mode = SBX_MODE_ENFORCE;
	if (!policy->net_mode)
		policy->net_mode = SBX_NET_NONE;
	for (size_t i = 1; i < SBX_GUARD_MAX_; i++) {
		if (policy->guards[i])
			continue;
		policy->guards[i] = action;
		policy->guard_places[i] = p->guard_default_place;
	}
}

/* "my policy.yaml" -> "my-policy": a name that cgroups and files can carry. */
static int default_name(struct sbx_policy *policy, const char *file)
{
	const char *slash = strrchr(file, '/');
	char *name = strdup(slash ? slash + 1 : file);
	char *dot = name ? strrchr(name, '.') : NULL;

	if (!name)
		return -ENOMEM;
	if (dot && (!strcmp(dot, ".yaml") || !strcmp(dot, ".yml")))
		*dot = '\0';
	if (strlen(name) > NAME_BYTES_MAX)
		name[NAME_BYTES_MAX] = '\0';
	for (char *c = name; *c; c++) {
		if (!strchr(NAME_BYTES, *c) || (c == name && (*c == '.' || *c == '-')))
			*c = '_';
	}
	sbx_freep(&policy->name);
	policy->name = name;
	if (*name)
		return 0;
	sbx_freep(&policy->name);
	policy->name = strdup("policy");
	return policy->name ? 0 : -ENOMEM;
}

static struct sbx_policy *policy_new(void)
{
	struct sbx_policy *policy = calloc(1, sizeof(*policy));

	if (!policy)
		return NULL;
	policy->process.env_clear = true;
	policy->process.umask = SBX_UNSET;
	policy->process.no_new_privs = true;
	policy->process.capabilities = SBX_CAPABILITIES_ALL;
	policy->process.seccomp.profile = SBX_SECCOMP_NONE;
	policy->process.seccomp.error = EPERM;
	policy->audit.chain = true;
	policy->limits = (struct sbx_limits){
		.memory = SBX_LIMIT_NONE,
		.swap = SBX_LIMIT_NONE,
		.cpu_percent = SBX_LIMIT_NONE,
		.pids = SBX_LIMIT_NONE,
		.disk_write = SBX_LIMIT_NONE,
		.wall_time_ms = SBX_LIMIT_NONE,
		.violations = SBX_LIMIT_NONE,
		.cpu_time_s = SBX_LIMIT_NONE,
		.address_space = SBX_LIMIT_NONE,
		.file_size = SBX_LIMIT_NONE,
		.open_files = SBX_LIMIT_NONE,
		.processes = SBX_LIMIT_NONE,
		.core = 0, /* a core file would hold whatever the job had read */
		.stack = SBX_LIMIT_NONE,
	};
	return policy;
}

static void parse_done(struct sbx_parse *p)
{
	for (size_t i = 0; i < p->n_keys; i++)
		sbx_freep(&p->keys[i]);
	sbx_freep(&p->keys);
	sbx_policy_free(p->policy);
}

/* Reads the top file into p->policy and finishes the model. */
static int read_top(struct sbx_parse *p, const struct sbx_input *input)
{
	struct sbx_source source = { .key = input->key, .builtin = input->preset != NULL };
	int r;

	if (!p->policy)
		return -ENOMEM;
	sha256_init(&p->digest);
	source.file = sbx_parse_intern(p, input->file);
	if (!source.file || !sbx_parse_claim(p, source.key) || default_name(p->policy, input->file))
		return -ENOMEM;
	p->source = &source;
	r = sbx_parse_source(p, input);
	p->source = NULL;
	if (r)
		return r;
	apply_defaults(p);
	check_net_mode(p);
	sbx_parse_check_dns(p);
	sbx_sha256_end(&p->digest, p->policy->sha256);
	return 0;
}

static int load_input(const struct sbx_input *input, const struct sbx_policy_vars *vars,
		      struct sbx_policy **ret_policy, struct sbx_diags *diags)
{
	static const struct sbx_policy_vars no_vars;
	size_t before = diags->n_errors;
	sbx_cleanup(parse_done) struct sbx_parse p = {
		.policy = policy_new(),
		.vars = vars ? vars : &no_vars,
		.diags = diags,
	};
	int r = read_top(&p, input);

	if (r)
		return r;
	if (diags->n_errors != before)
		return -EINVAL;
	*ret_policy = SBX_TAKE(p.policy, NULL);
	return 0;
}

int sbx_policy_parse(const char *name, const char *text, size_t len,
		     const struct sbx_policy_vars *vars, struct sbx_policy **ret_policy,
		     struct sbx_diags *diags)
{
	sbx_cleanup(sbx_freep) char *key = realpath(name, NULL);

	if (!key)
		key = strdup(name);
	if (!key)
		return -ENOMEM;
	return load_input(&(struct sbx_input){ name, key, NULL, text, len }, vars, ret_policy,
			  diags);
}

static int load_builtin(const char *name, const struct sbx_policy_vars *vars,
			struct sbx_policy **ret_policy, struct sbx_diags *diags)
{
	sbx_cleanup(sbx_freep) char *file = sbx_builtin_file(name);
	const struct sbx_preset *preset = sbx_preset_find(name);
	char list[256];

	if (!file)
		return -ENOMEM;
	if (preset)
		return load_input(
			&(struct sbx_input){ .file = file, .key = file, .preset = preset }, vars,
			ret_policy, diags);
	sbx_diag_add(diags, SBX_DIAG_ERROR, "unknown-policy", name, 0, 0,
		     "no built-in policy has this name; there are %s, and a file's name ends in "
		     ".yaml or holds a `/`",
		     sbx_builtin_list(list, sizeof(list)));
	return -ENOENT;
}

int sbx_policy_load(const char *name, const struct sbx_policy_vars *vars,
		    struct sbx_policy **ret_policy, struct sbx_diags *diags)
{
	sbx_cleanup(sbx_freep) char *text = NULL;
	size_t len = 0;
	char list[256];
	int r;

	if (sbx_name_is_builtin(name))
		return load_builtin(name, vars, ret_policy, diags);
	r = sbx_file_read(name, &text, &len);
	if (!r)
		return sbx_policy_parse(name, text, len, vars, ret_policy, diags);
	if (r == -ENOENT)
		sbx_diag_add(diags, SBX_DIAG_ERROR, "file", name, 0, 0,
			     "there is no such file; the built-in policies are %s",
			     sbx_builtin_list(list, sizeof(list)));
	else if (r != -ENOMEM)
		sbx_diag_add(diags, SBX_DIAG_ERROR, "file", name, 0, 0, "cannot be read: %s (%s)",
			     sbx_errno_name(r), strerror(-r));
	return r;
}
