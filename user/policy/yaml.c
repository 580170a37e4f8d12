// SPDX-License-Identifier: GPL-2.0-only
/* libyaml events -> node tree; see yaml.h for what is refused. */
#include "policy/yaml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "lib/cleanup.h"
#include "lib/diag.h"
#include "policy/text.h"

struct reader {
	yaml_parser_t parser;
	const char *file;
	const char *text;
	size_t len;
	struct sbx_diags *diags;
	size_t n_nodes;
};

static unsigned int position(size_t at)
{
	return (unsigned int)at + 1; /* files are limited to far less than 2^32 */
}

static void fault(struct reader *r, yaml_mark_t mark, const char *code, const char *text)
{
	sbx_diag_add(r->diags, SBX_DIAG_ERROR, code, r->file, position(mark.line),
		     position(mark.column), "%s", text);
}

/* The text from the start of the mark's line; mark.index counts characters, so lines are counted.
 */
static const char *line_of(const struct reader *r, yaml_mark_t mark)
{
	const char *at = r->text, *end = r->text + r->len;

	for (size_t line = 0; line < mark.line && at < end; line++) {
		const char *next = memchr(at, '\n', (size_t)(end - at));

		at = next ? next + 1 : end;
	}
	return at;
}

/* libyaml's messages, with the two usual causes said plainly. */
static void syntax_fault(struct reader *r)
{
	const yaml_parser_t *parser = &r->parser;
	const char *line = line_of(r, parser->problem_mark);
	const char *end = r->text + r->len;
	const char *at = line + strspn(line, " ");
	const char *problem = parser->problem ? parser->problem : "not YAML";

	/* strspn cannot run past the end: the caller's copy is terminated. */
	if (at < end && *at == '\t') {
		yaml_mark_t mark = { .line = parser->problem_mark.line,
				     .column = (size_t)(at - line) };

		fault(r, mark, "tab-indent", "a tab indents this line: YAML wants spaces");
		return;
	}
	if (parser->context && strstr(parser->context, "scanning an alias")) {
		/* A pattern without its quotes: what people do not see is that `*` is YAML's own.
		 */
		sbx_diag_add(r->diags, SBX_DIAG_ERROR, "yaml", r->file,
			     position(parser->context_mark.line),
			     position(parser->context_mark.column),
			     "a value that starts with `*` must stand in quotes");
		return;
	}
	if (strstr(problem, "cannot start any token")) {
		sbx_diag_add(r->diags, SBX_DIAG_ERROR, "yaml", r->file,
			     position(parser->problem_mark.line),
			     position(parser->problem_mark.column),
			     "a value cannot start with this character: put it in quotes");
		return;
	}
	sbx_diag_add(r->diags, SBX_DIAG_ERROR, "yaml", r->file, position(parser->problem_mark.line),
		     position(parser->problem_mark.column), "%s%s%s", problem,
		     parser->context ? " " : "", parser->context ? parser->context : "");
}

static int next_event(struct reader *r, yaml_event_t *event)
{
	if (yaml_parser_parse(&r->parser, event))
		return 0;
	if (r->parser.error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	syntax_fault(r);
	return -EINVAL;
}

static int node_new(struct reader *r, enum sbx_yaml_kind kind, yaml_mark_t mark,
		    struct sbx_yaml **ret_node)
{
	struct sbx_yaml *node;

	if (++r->n_nodes > SBX_YAML_NODES_MAX) {
		fault(r, mark, "too-many", "the file has too many values");
		return -EINVAL;
	}
	node = calloc(1, sizeof(*node));
	if (!node)
		return -ENOMEM;
	node->kind = kind;
	node->line = position(mark.line);
	node->column = position(mark.column);
	*ret_node = node;
	return 0;
}

static int node_append(struct sbx_yaml *parent, struct sbx_yaml *item)
{
	struct sbx_yaml **items;

	if (!(parent->n & (parent->n - 1))) { /* at every power of two the room doubles */
		items = realloc(parent->items, (parent->n ? parent->n * 2 : 1) * sizeof(item));
		if (!items)
			return -ENOMEM;
		parent->items = items;
	}
	parent->items[parent->n++] = item;
	return 0;
}

/* Anchors and tags are refused but leave the value readable, so that its faults show, too. */
static void refuse_decoration(struct reader *r, yaml_mark_t mark, const yaml_char_t *anchor,
			      const yaml_char_t *tag)
{
	if (anchor)
		fault(r, mark, "alias",
		      "anchors (`&`) and aliases (`*`) are not part of the policy "
		      "language: write the value out, or quote it");
	if (tag)
		fault(r, mark, "tag", "tags (`!`) are not part of the policy language");
}

static int read_scalar(struct reader *r, yaml_event_t *event, struct sbx_yaml **ret_node)
{
	const char *value = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	sbx_cleanup(sbx_yaml_freep) struct sbx_yaml *node = NULL;
	int err;

	refuse_decoration(r, event->start_mark, event->data.scalar.anchor, event->data.scalar.tag);
	err = node_new(r, SBX_YAML_SCALAR, event->start_mark, &node);
	if (err)
		return err;
	node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	if (memchr(value, '\0', len)) {
		fault(r, event->start_mark, "not-text", "a value cannot hold a NUL byte");
		node->kind = SBX_YAML_BROKEN;
	}
	node->text = strndup(value, len);
	if (!node->text)
		return -ENOMEM;
	*ret_node = SBX_TAKE(node, NULL);
	return 0;
}

static int read_event(struct reader *r, yaml_event_t *event, unsigned int depth,
		      struct sbx_yaml **ret_node);

/* Reads children up to the matching end. */
static int read_children(struct reader *r, struct sbx_yaml *node, unsigned int depth)
{
	for (;;) {
		struct sbx_yaml *child = NULL;
		yaml_event_t event;
		bool done;
		int err = next_event(r, &event);

		if (err)
			return err;
		done = event.type == YAML_SEQUENCE_END_EVENT ||
		       event.type == YAML_MAPPING_END_EVENT;
		if (!done)
			err = read_event(r, &event, depth + 1, &child);
		yaml_event_delete(&event);
		if (done || err)
			return err;
		err = node_append(node, child);
		if (err) {
			sbx_yaml_free(child);
			return err;
		}
	}
}

static int compare_keys(const void *pa, const void *pb)
{
	const struct sbx_yaml *a = *(struct sbx_yaml *const *)pa;
	const struct sbx_yaml *b = *(struct sbx_yaml *const *)pb;
	int r = strcmp(a->text, b->text);

	if (!r)
		r = (a->line > b->line) - (a->line < b->line);
	return r ? r : (a->column > b->column) - (a->column < b->column);
}

/* Keys must be text and each stand once; faulty ones become BROKEN. Sorts: maps can be large. */
static int check_keys(struct reader *r, struct sbx_yaml *map)
{
	sbx_cleanup(sbx_freep) struct sbx_yaml **keys = NULL;
	size_t n = 0;

	if (!map->n)
		return 0;
	keys = calloc(map->n / 2, sizeof(*keys));
	if (!keys)
		return -ENOMEM;
	for (size_t i = 0; i < map->n; i += 2) {
		struct sbx_yaml *key = map->items[i];

		if (key->kind == SBX_YAML_SCALAR) {
			keys[n++] = key;
		} else if (key->kind != SBX_YAML_BROKEN) {
			sbx_diag_add(r->diags, SBX_DIAG_ERROR, "bad-key", r->file, key->line,
				     key->column, "a key must be a word");
			key->kind = SBX_YAML_BROKEN;
		}
	}
	qsort(keys, n, sizeof(*keys), compare_keys);
	for (size_t i = 1; i < n; i++) {
		if (strcmp(keys[i - 1]->text, keys[i]->text))
			continue;
		sbx_diag_add(r->diags, SBX_DIAG_ERROR, "duplicate-key", r->file, keys[i]->line,
			     keys[i]->column, "key `%.60s` stands here already, in line %u",
			     keys[i]->text, keys[i - 1]->line);
		keys[i]->kind = SBX_YAML_BROKEN;
	}
	return 0;
}

static int read_collection(struct reader *r, yaml_event_t *event, unsigned int depth,
			   struct sbx_yaml **ret_node)
{
	bool is_map = event->type == YAML_MAPPING_START_EVENT;
	sbx_cleanup(sbx_yaml_freep) struct sbx_yaml *node = NULL;
	int err;

	if (is_map)
		refuse_decoration(r, event->start_mark, event->data.mapping_start.anchor,
				  event->data.mapping_start.tag);
	else
		refuse_decoration(r, event->start_mark, event->data.sequence_start.anchor,
				  event->data.sequence_start.tag);
	if (depth >= SBX_YAML_DEPTH_MAX) {
		fault(r, event->start_mark, "too-deep", "nested too deep");
		return -EINVAL;
	}
	err = node_new(r, is_map ? SBX_YAML_MAP : SBX_YAML_LIST, event->start_mark, &node);
	if (!err)
		err = read_children(r, node, depth);
	if (!err && is_map)
		err = check_keys(r, node);
	if (err)
		return err;
	*ret_node = SBX_TAKE(node, NULL);
	return 0;
}

static int read_event(struct reader *r, yaml_event_t *event, unsigned int depth,
		      struct sbx_yaml **ret_node)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return read_scalar(r, event, ret_node);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return read_collection(r, event, depth, ret_node);
	default: /* an alias: libyaml sends nothing else here */
		fault(r, event->start_mark, "alias",
		      "anchors (`&`) and aliases (`*`) are not part of the policy language: write "
		      "the value out, or quote it");
		return node_new(r, SBX_YAML_BROKEN, event->start_mark, ret_node);
	}
}

/* Stream and document events round the one root; a second document is a fault. */
static int read_stream(struct reader *r, struct sbx_yaml **ret_root)
{
	sbx_cleanup(sbx_yaml_freep) struct sbx_yaml *root = NULL;
	bool done = false, stopped = false;

	while (!done && !stopped) {
		yaml_event_t event;
		int err = next_event(r, &event);

		if (err)
			return err;
		switch (event.type) {
		case YAML_STREAM_START_EVENT:
		case YAML_DOCUMENT_END_EVENT:
			break;
		case YAML_STREAM_END_EVENT:
			done = true;
			break;
		case YAML_DOCUMENT_START_EVENT:
			if (root)
				fault(r, event.start_mark, "documents",
				      "a policy is one document: `---` starts a second one");
			stopped = root != NULL;
			break;
		default:
			err = read_event(r, &event, 0, &root);
			break;
		}
		yaml_event_delete(&event);
		if (err)
			return err;
	}
	if (!root) {
		sbx_diag_add(r->diags, SBX_DIAG_ERROR, "empty", r->file, 0, 0,
			     "the file holds no policy: it starts with `version: 1`");
		return -EINVAL;
	}
	*ret_root = SBX_TAKE(root, NULL);
	return 0;
}

int sbx_yaml_parse(const char *file, const char *text, size_t len, struct sbx_yaml **ret_root,
		   struct sbx_diags *diags)
{
	struct reader r = { .file = file, .len = len, .diags = diags };
	sbx_cleanup(sbx_freep) char *copy = NULL;
	int err;

	err = sbx_text_check(file, text, len, diags);
	if (err)
		return err;
	copy = strndup(text, len); /* terminated, and free of NUL since the check */
	if (!copy || !yaml_parser_initialize(&r.parser))
		return -ENOMEM;
	r.text = copy;
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)copy, len);
	err = read_stream(&r, ret_root);
	yaml_parser_delete(&r.parser);
	return err;
}

void sbx_yaml_free(struct sbx_yaml *node)
{
	if (!node)
		return;
	for (size_t i = 0; i < node->n; i++)
		sbx_yaml_free(node->items[i]);
	free(node->items);
	free(node->text);
	free(node);
}

void sbx_yaml_freep(struct sbx_yaml **node)
{
	sbx_yaml_free(*node);
	*node = NULL;
}
