/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Model -> map entries: what the kernel looks up, and the tables that turn an event's node and
 * rule numbers back into a line of the policy.  Pure: no kernel, no libbpf, no root.
 */
#ifndef SBX_COMPILE_H
#define SBX_COMPILE_H

#include <stdio.h>

#include "lib/sha256.h"
#include "policy/policy.h"

/* Nodes of one policy's trie: about 20 MB of kernel memory.  `*` can multiply nodes. */
#define SBX_NODES_MAX 100000

struct sbx_edge_entry {
	struct sbx_edge_key key;
	struct sbx_edge value;
};

struct sbx_prefix_entry {
	struct sbx_prefix_key key;
	__u32 class_id;
};

/* A domain of the policy ("*.example.com") and what holds for it, wildcards above it included. */
struct sbx_domain_entry {
	char *name;
	__u32 class_id;
};

/* What a trie node says itself (not what it inherits), for finding the line that decided. */
struct sbx_node {
	__u32 parent; /* 0 for the roots */
	__u16 allow;
	__u16 deny;
	int rule[SBX_RIGHTS_MAX]; /* index into `rules` of the line that decides a right here, or -1
				   */
	int below;		  /* of a line that takes rights away below here, or -1 */
};

/* A `**` deny: its own spelling, or the one in which links before the `**` are followed. */
struct sbx_any_path {
	char *path;	/* as sbx_path_normalise makes it */
	size_t literal; /* in so many bytes at its start, stars are names like any other */
	__u16 rights;
	int ref; /* index into `rules` */
};

/* One line of the policy, as events and explanations show it. */
struct sbx_rule_ref {
	struct sbx_place place;
	char *text; /* e.g. "deny read+write ~/.ssh" */
};

/* A pinned program: what user space hashes before the policy is bound. */
struct sbx_program_ref {
	struct sbx_rule_ref ref; /* its line */
	char *path;
	char sha256[SBX_SHA256_HEX + 1];
	struct sbx_program id; /* of the file that had the digest; set by sbx_job_hash_programs */
};

/* A node whose file is pinned; links make several of one program. */
struct sbx_pinned_node {
	__u32 node;
	__u32 program; /* index into `programs` */
};

struct sbx_compiled {
	struct sbx_job job;	      /* all but id and policy, which the engine assigns */
	__u64 rates[SBX_WAYS];	      /* bytes a second, by enum sbx_way; 0: no limit */
	struct sbx_edge_entry *edges; /* sorted by sbx_edge_key_compare */
	size_t n_edges;
	struct sbx_prefix_entry
		*prefixes; /* sorted; always ::/0 and 0.0.0.0/0 of both directions */
	size_t n_prefixes;
	struct sbx_class *classes; /* class_id is the index */
	size_t n_classes;
	struct sbx_domain_entry *domains; /* sorted by their labels from the right */
	size_t n_domains;
	char **abstract_unix; /* names of abstract Unix sockets, each once */
	size_t n_abstract_unix;
	bool dns_system;	/* the servers of /etc/resolv.conf are still to be added */
	struct sbx_node *nodes; /* by node number */
	size_t n_nodes;
	struct sbx_any_path *any;
	size_t n_any;
	struct sbx_rule_ref *rules; /* network rules first: sbx_range.rule has 16 bits */
	size_t n_rules;
	size_t n_net_rules;
	struct sbx_program_ref *programs;
	size_t n_programs;
	struct sbx_pinned_node *pinned;
	size_t n_pinned;
	struct sbx_rule_ref guards[SBX_GUARDS_MAX];
	struct sbx_rule_ref fs_default;
	struct sbx_rule_ref net_default;
	char **files; /* owned copies of the names that the places point to */
};

/*
 * Resolves symbolic links of the longest existing prefix of `path` (the rest is kept) into `out`.
 * Returns 0, or a negative errno that makes the compiler keep the one spelling.
 */
typedef int (*sbx_resolve_fn)(const char *path, char *out, size_t size, void *ctx);

/*
 * `resolve` may be NULL (no second spellings).  Faults go to `diags`.
 * Returns 0 and the compiled policy (free with sbx_compiled_free), -EINVAL with errors in diags,
 * -ENOMEM.
 */
int sbx_policy_compile(const struct sbx_policy *policy, sbx_resolve_fn resolve, void *ctx,
		       struct sbx_compiled **ret_compiled, struct sbx_diags *diags);
void sbx_compiled_free(struct sbx_compiled *compiled);

/*
 * The line that decided an event of `size` bytes: for a path by node, name and the missing rights
 * (for what may not move or be made because of what is denied below: that line), for an address by
 * rule number, for a guard by guard number.  Never NULL; place.file NULL: built in.
 */
const struct sbx_rule_ref *sbx_compiled_decider(const struct sbx_compiled *compiled,
						const struct sbx_event *event, size_t size);

/* `check --print`: the compiled policy as stable text, for people and golden files. */
void sbx_compiled_print(const struct sbx_compiled *compiled, FILE *out);

/*
 * The decisions themselves, on the host, exactly as the kernel makes them (tests, explain).
 * Path: absolute and resolved; returns the rights allowed there.
 */
__u16 sbx_compiled_path(const struct sbx_compiled *compiled, const char *path);
/* The node that decides about these rights at the path, as an event would name it. */
__u32 sbx_compiled_node(const struct sbx_compiled *compiled, const char *path, __u32 rights);
/* Domain: lower case, in dots; returns 1 + its class, 0: no rule allows it. */
__u32 sbx_compiled_domain(const struct sbx_compiled *compiled, const char *domain);
/*
 * What a rule's name opens: the protocol and port, or with `proto` 0 whether it may be asked for at
 * all.  *ret_rule as below: the rule that says so; SBX_RULE_NONE where none names it.
 */
bool sbx_compiled_name(const struct sbx_compiled *compiled, const char *domain, __u8 proto,
		       __u16 port, __u32 *ret_rule);
bool sbx_compiled_address(const struct sbx_compiled *compiled, enum sbx_direction dir,
			  const __u8 addr[16], __u8 proto, __u16 port, __u32 *ret_rule);
/* May such a socket be made?  (Raw, packet and vsock sockets are guards.) */
bool sbx_compiled_socket(const struct sbx_compiled *compiled, unsigned int family,
			 unsigned int type);

#endif /* SBX_COMPILE_H */
