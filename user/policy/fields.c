// SPDX-License-Identifier: GPL-2.0-only
/* What every section shares: mappings against a table of keys, lists, words, numbers. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/cleanup.h"
#include "policy/parse.h"
#include "policy/text.h"
#include "policy/units.h"

#define SHOWN_MAX 60 /* bytes of a value that a message repeats */

static void add_fault(struct sbx_parse *p, enum sbx_diag_level level, const struct sbx_yaml *node,
		      const char *code, const char *fmt, va_list args)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf text = { 0 };

	sbx_buf_vprintf(&text, fmt, args);
	sbx_diag_add(p->diags, level, code, p->source->file, node->line, node->column, "%s",
		     text.text ? text.text : "out of memory");
}

void sbx_parse_fault(struct sbx_parse *p, const struct sbx_yaml *node, const char *code,
		     const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_fault(p, SBX_DIAG_ERROR, node, code, fmt, args);
	va_end(args);
}

void sbx_parse_warn(struct sbx_parse *p, const struct sbx_yaml *node, const char *code,
		    const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_fault(p, SBX_DIAG_WARNING, node, code, fmt, args);
	va_end(args);
}

struct sbx_place sbx_parse_place(const struct sbx_parse *p, const struct sbx_yaml *node)
{
	return (struct sbx_place){ p->source->file, node->line, node->column };
}

/* False after a fault: `node` is not of the kind wanted.  Broken nodes had theirs already. */
static bool expect_kind(struct sbx_parse *p, const struct sbx_yaml *node, enum sbx_yaml_kind kind,
			const char *what, const char *wanted)
{
	static const char *const names[] = { "", "a single value", "a list", "a mapping" };

	if (node->kind == kind)
		return true;
	if (node->kind == SBX_YAML_SCALAR && !node->quoted && !*node->text)
		sbx_parse_fault(p, node, "no-value", "%s has no value: it takes %s", what, wanted);
	else if (node->kind != SBX_YAML_BROKEN)
		sbx_parse_fault(p, node, "wrong-type", "%s takes %s, not %s", what, wanted,
				names[node->kind]);
	return false;
}

static const char *field_at(size_t i, const void *ctx)
{
	return ((const struct sbx_field *)ctx)[i].key;
}

static const char *word_at(size_t i, const void *ctx)
{
	return ((const struct sbx_word *)ctx)[i].word;
}

static const struct sbx_field *field_find(const struct sbx_field *fields, const char *key)
{
	for (; fields->key; fields++) {
		if (!strcmp(fields->key, key))
			return fields;
	}
	return NULL;
}

static void field_apply(struct sbx_parse *p, const struct sbx_yaml *key,
			const struct sbx_yaml *value, const struct sbx_field *fields,
			const char *what, void *target)
{
	const struct sbx_field *field = field_find(fields, key->text);
	const char *nearest;

	if (field) {
		field->parse(p, value, target);
	} else {
		nearest = sbx_text_nearest(key->text, field_at, fields);
		sbx_parse_fault(p, key, "unknown-key", "unknown key `%.*s` in %s%s%s%s", SHOWN_MAX,
				key->text, what, nearest ? "; did you mean `" : "",
				nearest ? nearest : "", nearest ? "`?" : "");
	}
}

void sbx_parse_fields(struct sbx_parse *p, const struct sbx_yaml *node,
		      const struct sbx_field *fields, const char *what, void *target)
{
	if (!expect_kind(p, node, SBX_YAML_MAP, what, "a mapping of keys and values"))
		return;
	for (size_t i = 0; i + 1 < node->n; i += 2) {
		if (node->items[i]->kind == SBX_YAML_SCALAR)
			field_apply(p, node->items[i], node->items[i + 1], fields, what, target);
	}
}

const struct sbx_yaml *sbx_parse_find(const struct sbx_yaml *map, const char *key)
{
	if (map->kind != SBX_YAML_MAP)
		return NULL;
	for (size_t i = 0; i + 1 < map->n; i += 2) {
		if (map->items[i]->kind == SBX_YAML_SCALAR && !strcmp(map->items[i]->text, key))
			return map->items[i + 1];
	}
	return NULL;
}

void sbx_parse_each_or_none(struct sbx_parse *p, const struct sbx_yaml *node, const char *what,
			    sbx_node_fn fn, void *target)
{
	if (node->kind == SBX_YAML_SCALAR && (node->quoted || *node->text)) {
		fn(p, node, target);
		return;
	}
	if (!expect_kind(p, node, SBX_YAML_LIST, what, "a value or a list of values"))
		return;
	for (size_t i = 0; i < node->n; i++)
		fn(p, node->items[i], target);
}

void sbx_parse_each(struct sbx_parse *p, const struct sbx_yaml *node, const char *what,
		    sbx_node_fn fn, void *target)
{
	if (node->kind == SBX_YAML_LIST && !node->n)
		sbx_parse_fault(p, node, "no-value", "%s: the list is empty", what);
	else
		sbx_parse_each_or_none(p, node, what, fn, target);
}

/* A scalar with a value; the empty one must be quoted to be meant. */
static bool expect_scalar(struct sbx_parse *p, const struct sbx_yaml *node, const char *what)
{
	if (!expect_kind(p, node, SBX_YAML_SCALAR, what, "a single value"))
		return false;
	if (node->quoted || *node->text)
		return true;
	sbx_parse_fault(p, node, "no-value", "%s has no value", what);
	return false;
}

char *sbx_parse_text(struct sbx_parse *p, const struct sbx_yaml *node, const char *what)
{
	struct sbx_text_fault fault;
	char *text = NULL;
	int r;

	if (!expect_scalar(p, node, what))
		return NULL;
	r = sbx_vars_expand(p->vars, node->text, false, &text, NULL, &fault);
	if (r == -EINVAL)
		sbx_parse_fault(p, node, fault.code, "%s", fault.text);
	else if (r)
		p->error = r;
	return text;
}

const char *sbx_parse_hint(const char *word, const struct sbx_word *words, char *buf, size_t size)
{
	const char *nearest = sbx_text_nearest(word, word_at, words);
	size_t len = 0;

	if (nearest) {
		(void)snprintf(buf, size, "; did you mean `%s`?",
			       nearest); /* a cut hint is a hint */
		return buf;
	}
	(void)snprintf(buf, size, ": it is one of"); /* as above */
	for (len = strlen(buf); words->word && len < size; words++) {
		int n = snprintf(buf + len, size - len, " %s%s", words->word,
				 words[1].word ? "," : "");

		len += n > 0 ? (size_t)n : 0;
	}
	return buf;
}

bool sbx_parse_word(struct sbx_parse *p, const struct sbx_yaml *node, const char *what,
		    const struct sbx_word *words, int *ret_value)
{
	sbx_cleanup(sbx_freep) char *text = sbx_parse_text(p, node, what);
	char hint[256];

	if (!text)
		return false;
	for (const struct sbx_word *word = words; word->word; word++) {
		if (!strcmp(word->word, text)) {
			*ret_value = word->value;
			return true;
		}
	}
	sbx_parse_fault(p, node, "bad-value", "%s cannot be `%.*s`%s", what, SHOWN_MAX, text,
			sbx_parse_hint(text, words, hint, sizeof(hint)));
	return false;
}

bool sbx_parse_bool(struct sbx_parse *p, const struct sbx_yaml *node, const char *what,
		    bool *ret_value)
{
	static const struct sbx_word words[] = { { "true", 1 }, { "false", 0 }, { NULL, 0 } };
	int value;

	if (!sbx_parse_word(p, node, what, words, &value))
		return false;
	*ret_value = value != 0;
	return true;
}

bool sbx_parse_number(struct sbx_parse *p, const struct sbx_yaml *node, const char *what, __u64 lo,
		      __u64 hi, __u64 *ret_value)
{
	sbx_cleanup(sbx_freep) char *text = sbx_parse_text(p, node, what);
	__u64 value;

	if (!text)
		return false;
	if (sbx_units_number(text, &value) || value < lo || value > hi) {
		sbx_parse_fault(p, node, "bad-number",
				"%s takes a whole number from %llu to %llu, not `%.*s`", what,
				(unsigned long long)lo, (unsigned long long)hi, SHOWN_MAX, text);
		return false;
	}
	*ret_value = value;
	return true;
}

bool sbx_parse_quantity(struct sbx_parse *p, const struct sbx_yaml *node,
			const struct sbx_quantity *quantity, __u64 *ret_value)
{
	sbx_cleanup(sbx_freep) char *text = sbx_parse_text(p, node, quantity->what);
	__u64 value;

	if (!text)
		return false;
	if (!strcmp(text, "max")) {
		*ret_value = SBX_LIMIT_NONE;
		return true;
	}
	if (quantity->read(text, &value)) {
		sbx_parse_fault(p, node, quantity->code, "%s takes %s, not `%.60s`", quantity->what,
				quantity->wanted, text);
		return false;
	}
	if (value < quantity->lo || value > quantity->hi) {
		sbx_parse_fault(p, node, quantity->code, "%s: `%.60s` is too %s", quantity->what,
				text, value < quantity->lo ? "small" : "large");
		return false;
	}
	*ret_value = value;
	return true;
}
