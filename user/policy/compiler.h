/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside of the compiler: what compile*.c, trie.c and anywhere.c share. */
#ifndef SBX_COMPILER_H
#define SBX_COMPILER_H

#include "lib/diag.h"
#include "policy/compile.h"

struct sbx_compiler {
	const struct sbx_policy *policy;
	struct sbx_compiled *out;
	struct sbx_diags *diags;
	sbx_resolve_fn resolve;
	void *ctx;
	size_t first_path_rule; /* index in out->rules of policy->paths[0] */
	const char **makers;	/* paths of rules that let the job make or remove names */
	size_t n_makers;
};

/* A path that goes into the trie: a rule's own spelling, or its resolved one. */
struct sbx_trie_path {
	char *path; /* owned; "/a//b" stands for "/a/.../b" with `*` between: no name is empty */
	const struct sbx_path_rule *rule;
	int ref;	/* index into out->rules; of a pinned program: -1 */
	size_t program; /* index into out->programs, plus 1; 0: a rule */
};

struct sbx_trie_paths {
	struct sbx_trie_path *items;
	size_t n;
};

/* The last name's chunk nodes, shared by the next name where both begin alike. Zero: none yet. */
struct sbx_chain {
	const char *name;
	size_t len;
	__u32 nodes[SBX_CHUNKS_MAX + 1];
};

int sbx_compile_fs(struct sbx_compiler *c);
int sbx_compile_net(struct sbx_compiler *c);
/* Before the other networks: its classes must have small numbers. */
int sbx_compile_domains(struct sbx_compiler *c);
/* The names of abstract Unix sockets. */
int sbx_compile_abstract(struct sbx_compiler *c);

/* Builds edges and nodes from `paths` (which it sorts).  `any_denied`: rights of all `**` denies.
 */
int sbx_trie_build(struct sbx_compiler *c, struct sbx_trie_paths *paths, __u16 any_denied);

/* Builds the automaton of out->any; faults go to the compiler's diags. */
int sbx_any_build(struct sbx_compiler *c);

/*
 * Emits the partial edges of a long name below `parent`, where `allowed` holds, and steps *name
 * and *len over them.  Returns the node below which the last chunk goes, 0 when memory ran out.
 */
__u32 sbx_chain_emit(struct sbx_compiled *out, __u32 parent, __u16 allowed, struct sbx_chain *chain,
		     const char **name, size_t *len);

/* Appends a node and returns its number, 0 when memory ran out. */
__u32 sbx_compiled_add_node(struct sbx_compiled *out, __u32 parent);
int sbx_compiled_add_edge(struct sbx_compiled *out, const struct sbx_edge_key *key,
			  const struct sbx_edge *value);
/* Notes in a node what a rule says; at the same node deny beats allow, the first line is named. */
void sbx_node_note(struct sbx_node *node, bool deny, __u16 rights, int ref);
/* The key of a component's chunk: `name` has `len` bytes left. */
struct sbx_edge_key sbx_edge_key_make(__u32 node, const char *name, size_t len);
/* Is a byte of it a capital letter, or not ASCII? */
bool sbx_name_is_mixed(const char *name, size_t len);
int sbx_edge_key_compare(const struct sbx_edge_key *a, const struct sbx_edge_key *b);
int sbx_prefix_key_compare(const struct sbx_prefix_key *a, const struct sbx_prefix_key *b);
/* `place` with its file's name owned by the compiled policy. */
int sbx_compiled_place(struct sbx_compiled *out, const struct sbx_place *place,
		       struct sbx_place *ret_place);

#endif /* SBX_COMPILER_H */
