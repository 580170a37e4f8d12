/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * YAML text -> a tree of nodes that know their line and column.  A strict subset: no anchors, no
 * aliases, no tags, one document, text keys, no key twice.  Knows nothing about policies.
 */
#ifndef SBX_YAML_H
#define SBX_YAML_H

#include <stdbool.h>
#include <stddef.h>

struct sbx_diags;

#define SBX_YAML_BYTES_MAX (16u * 1024 * 1024) /* 100,000 network rules and more */
#define SBX_YAML_NODES_MAX 2000000u	       /* of which each has about eleven nodes */
#define SBX_YAML_DEPTH_MAX 12u		       /* the deepest policy needs seven */

enum sbx_yaml_kind {
	SBX_YAML_BROKEN = 0, /* a fault was reported here already: skip it silently */
	SBX_YAML_SCALAR,
	SBX_YAML_LIST,
	SBX_YAML_MAP,
};

struct sbx_yaml {
	enum sbx_yaml_kind kind;
	bool quoted;		 /* scalar in quotes: "" is a value, a bare nothing is none */
	unsigned int line;	 /* from 1 */
	unsigned int column;	 /* from 1, in characters */
	char *text;		 /* scalar: without NUL inside */
	struct sbx_yaml **items; /* list: elements; map: key, value, key, value ... */
	size_t n;		 /* of items */
};

/*
 * Parses `text` (need not be terminated).  Returns 0 and the tree (free with sbx_yaml_free), even
 * when faults were added that leave the rest readable; -EINVAL when nothing is readable; -ENOMEM.
 */
int sbx_yaml_parse(const char *file, const char *text, size_t len, struct sbx_yaml **ret_root,
		   struct sbx_diags *diags);
void sbx_yaml_free(struct sbx_yaml *node);
void sbx_yaml_freep(struct sbx_yaml **node);

#endif /* SBX_YAML_H */
