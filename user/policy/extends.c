// SPDX-License-Identifier: GPL-2.0-only
/* Bases of a policy: built-in names and files relative to the file that names them. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/error.h"
#include "lib/file.h"
#include "policy/parse.h"
#include "policy/text.h"

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && !strcmp(text + n - m, end);
}

bool sbx_name_is_builtin(const char *name)
{
	return !strchr(name, '/') && !ends_with(name, ".yaml") && !ends_with(name, ".yml");
}

char *sbx_builtin_file(const char *name)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf buf = { 0 };
	char *file = NULL;

	sbx_buf_printf(&buf, "built-in/%s.yaml", name);
	(void)sbx_buf_take(&buf, &file); /* NULL then: the caller looks */
	return file;
}

const char *sbx_builtin_list(char *buf, size_t size)
{
	const char *const *names = sbx_preset_names();
	size_t len = 0;

	*buf = '\0';
	for (size_t i = 0; names[i] && len < size; i++) {
		int n = snprintf(buf + len, size - len, "%s%s", i ? ", " : "", names[i]);

		len += n > 0 ? (size_t)n : 0;
	}
	return buf;
}

static const char *preset_at(size_t i, const void *ctx)
{
	(void)ctx; /* the list is global */
	return sbx_preset_names()[i];
}

bool sbx_parse_claim(struct sbx_parse *p, const char *key)
{
	char *copy;

	for (size_t i = 0; i < p->n_keys; i++) {
		if (!strcmp(p->keys[i], key))
			return false;
	}
	copy = strdup(key);
	if (!copy || sbx_array_grow(&p->keys, p->n_keys, sizeof(*p->keys))) {
		sbx_freep(&copy);
		p->error = -ENOMEM;
		return false;
	}
	p->keys[p->n_keys++] = copy;
	return true;
}

const char *sbx_parse_intern(struct sbx_parse *p, const char *file)
{
	const char *name = sbx_intern(&p->policy->files, file);

	if (!name)
		p->error = -ENOMEM;
	return name;
}

/* Is the file open further up the chain? */
static bool is_cycle(const struct sbx_source *source, const char *key)
{
	for (; source; source = source->parent) {
		if (!strcmp(source->key, key))
			return true;
	}
	return false;
}

/* Reads a base's text as a source of its own; whatever it holds, the caller goes on. */
static void read_base(struct sbx_parse *p, const struct sbx_yaml *node,
		      const struct sbx_input *input)
{
	const struct sbx_source *below = p->source;
	struct sbx_source source = {
		.key = input->key,
		.builtin = input->preset != NULL,
		.parent = below,
		.depth = below->depth + 1,
	};
	int r;

	if (is_cycle(below, input->key)) {
		sbx_parse_fault(p, node, "extends-cycle", "`%s` extends itself, through this line",
				input->file);
		return;
	}
	if (source.depth > SBX_EXTENDS_MAX || p->n_keys >= SBX_FILES_MAX) {
		sbx_parse_fault(p, node, "extends-depth",
				"more than %d files deep, or %d files in all", SBX_EXTENDS_MAX,
				SBX_FILES_MAX);
		return;
	}
	if (!sbx_parse_claim(p, input->key))
		return; /* read already: its rules stand once, its scalars came first */
	source.file = sbx_parse_intern(p, input->file);
	if (!source.file)
		return;
	p->source = &source;
	r = sbx_parse_source(p, input);
	p->source = below;
	if (r == -ENOMEM)
		p->error = r;
}

static void extend_builtin(struct sbx_parse *p, const struct sbx_yaml *node, const char *name)
{
	sbx_cleanup(sbx_freep) char *file = sbx_builtin_file(name);
	const struct sbx_preset *preset = sbx_preset_find(name);
	const char *nearest = preset ? NULL : sbx_text_nearest(name, preset_at, NULL);
	char list[256];

	if (!file)
		p->error = -ENOMEM;
	else if (preset)
		read_base(p, node,
			  &(struct sbx_input){ .file = file, .key = file, .preset = preset });
	else
		sbx_parse_fault(p, node, "unknown-policy",
				"no built-in policy is called `%.60s`%s%s%s there are %s, and "
				"files end in .yaml",
				name, nearest ? "; did you mean `" : ";", nearest ? nearest : "",
				nearest ? "`?" : "", sbx_builtin_list(list, sizeof(list)));
}

/* `name` as seen from the folder of the file that names it; the caller frees. */
static char *relative_to(const char *file, const char *name)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf buf = { 0 };
	const char *slash = strrchr(file, '/');
	char *path = NULL;

	if (*name != '/' && slash)
		sbx_buf_add(&buf, file, (size_t)(slash - file) + 1);
	sbx_buf_puts(&buf, name);
	(void)sbx_buf_take(&buf, &path); /* NULL then: the caller looks */
	return path;
}

static void extend_file(struct sbx_parse *p, const struct sbx_yaml *node, const char *name)
{
	sbx_cleanup(sbx_freep) char *path = NULL;
	sbx_cleanup(sbx_freep) char *key = NULL;
	sbx_cleanup(sbx_freep) char *text = NULL;
	size_t len = 0;
	int r;

	if (p->source->builtin) {
		sbx_parse_fault(p, node, "unknown-policy",
				"a built-in policy extends built-in ones only");
		return;
	}
	path = relative_to(p->source->file, name);
	if (!path) {
		p->error = -ENOMEM;
		return;
	}
	r = sbx_file_read(path, &text, &len);
	if (r) {
		sbx_parse_fault(p, node, "file", "cannot read `%s`: %s", path, sbx_errno_name(r));
		return;
	}
	key = realpath(path, NULL);
	if (!key)
		key = strdup(path);
	if (key)
		read_base(p, node, &(struct sbx_input){ path, key, NULL, text, len });
	else
		p->error = -ENOMEM;
}

static void extend_one(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_cleanup(sbx_freep) char *name = sbx_parse_text(p, node, "`extends`");

	(void)target; /* bases are read into the policy itself */
	if (!name)
		return;
	if (sbx_name_is_builtin(name))
		extend_builtin(p, node, name);
	else
		extend_file(p, node, name);
}

void sbx_parse_extends(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_parse_each_or_none(p, node, "`extends`", extend_one, target);
}
