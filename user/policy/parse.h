/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside of the parser: what the files that read one section each share.
 * A handler reports faults and goes on; lack of memory is sticky in `error` and ends the load.
 */
#ifndef SBX_PARSE_H
#define SBX_PARSE_H

#include "lib/diag.h"
#include "lib/sha256.h"
#include "policy/policy.h"
#include "policy/yaml.h"

/* One file that is being read; the chain leads to the files that extend it. */
struct sbx_source {
	const char *file; /* interned: what diagnostics call it */
	char *key;	  /* what makes it the same file: real path, or built-in name */
	bool builtin;
	const struct sbx_source *parent;
	unsigned int depth;
};

/* A file's content, and what the file is called. */
/* A built-in policy, as tools/embed-presets has read it. */
struct sbx_preset {
	const char *name;
	const struct sbx_yaml *root;
	uint8_t sha256[SHA256_DIGEST_SIZE];
};

/* NULL when there is none of that name. */
const struct sbx_preset *sbx_preset_find(const char *name);

struct sbx_input {
	const char *file;		 /* for diagnostics */
	char *key;			 /* see sbx_source */
	const struct sbx_preset *preset; /* or NULL: a file, and this is what it holds: */
	const char *text;
	size_t len;
};

struct sbx_parse {
	struct sbx_policy *policy;
	const struct sbx_policy_vars *vars; /* never NULL */
	struct sbx_diags *diags;
	const struct sbx_source *source;
	char **keys; /* of all files read so far: each is read once */
	size_t n_keys;
	struct sha256_ctx
		digest;	    /* over the files' contents, in the order in which they were read */
	__u8 guard_default; /* enum sbx_action, 0: no file named it */
	struct sbx_place guard_default_place;
	int error; /* 0 or -ENOMEM */
};

typedef void (*sbx_node_fn)(struct sbx_parse *p, const struct sbx_yaml *node, void *target);

/* A key of a mapping. Tables end with a NULL key. */
struct sbx_field {
	const char *key;
	sbx_node_fn parse;
};

/* A word and what it stands for. Tables end with a NULL word. */
struct sbx_word {
	const char *word;
	int value;
};

/* --- fields.c: mappings, lists, scalars -------------------------------------------------- */

void sbx_parse_fault(struct sbx_parse *p, const struct sbx_yaml *node, const char *code,
		     const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void sbx_parse_warn(struct sbx_parse *p, const struct sbx_yaml *node, const char *code,
		    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
struct sbx_place sbx_parse_place(const struct sbx_parse *p, const struct sbx_yaml *node);

/*
 * Calls the field's handler for every key of the mapping `node`; the table ends with a NULL key.
 * Unknown keys are faults that name the nearest key.  `what` says where, for messages.
 */
void sbx_parse_fields(struct sbx_parse *p, const struct sbx_yaml *node,
		      const struct sbx_field *fields, const char *what, void *target);
/* The value of `key` in a mapping, or NULL. */
const struct sbx_yaml *sbx_parse_find(const struct sbx_yaml *map, const char *key);
/* Calls `fn` for each element of a list, or for a scalar itself; an empty list is a fault. */
void sbx_parse_each(struct sbx_parse *p, const struct sbx_yaml *node, const char *what,
		    sbx_node_fn fn, void *target);
/* The same, but an empty list is fine (it adds nothing). */
void sbx_parse_each_or_none(struct sbx_parse *p, const struct sbx_yaml *node, const char *what,
			    sbx_node_fn fn, void *target);
/* A scalar's text with variables resolved, the caller's; NULL after a fault. */
char *sbx_parse_text(struct sbx_parse *p, const struct sbx_yaml *node, const char *what);
/* A word of the table; false after a fault that names the nearest. */
bool sbx_parse_word(struct sbx_parse *p, const struct sbx_yaml *node, const char *what,
		    const struct sbx_word *words, int *ret_value);
bool sbx_parse_bool(struct sbx_parse *p, const struct sbx_yaml *node, const char *what,
		    bool *ret_value);
/* A whole number lo..hi; false after a fault. */
bool sbx_parse_number(struct sbx_parse *p, const struct sbx_yaml *node, const char *what, __u64 lo,
		      __u64 hi, __u64 *ret_value);
/* A number with a unit, and between which bounds. */
struct sbx_quantity {
	const char *what;   /* for messages: "`memory`" */
	const char *code;   /* of its faults */
	const char *wanted; /* for people: "a size such as 512M" */
	int (*read)(const char *text, __u64 *ret_value);
	__u64 lo;
	__u64 hi;
};
/* `max` gives SBX_LIMIT_NONE; false after a fault. */
bool sbx_parse_quantity(struct sbx_parse *p, const struct sbx_yaml *node,
			const struct sbx_quantity *quantity, __u64 *ret_value);
/* " (did you mean `x`?)" style tail for a word that is none of the table, into buf; may be empty.
 */
const char *sbx_parse_hint(const char *word, const struct sbx_word *words, char *buf, size_t size);

/* --- one file a section ------------------------------------------------------------------- */

/* Reads one file into p->policy: its bases first, then its own sections. */
int sbx_parse_source(struct sbx_parse *p, const struct sbx_input *input);

void sbx_parse_extends(struct sbx_parse *p, const struct sbx_yaml *node, void *target);
void sbx_parse_filesystem(struct sbx_parse *p, const struct sbx_yaml *node, void *target);
void sbx_parse_exec(struct sbx_parse *p, const struct sbx_yaml *node, void *target);
void sbx_parse_network(struct sbx_parse *p, const struct sbx_yaml *node, void *target);
/* Adds what an entry of `to` or of a set names: an address, a network, "@set". */
void sbx_parse_addresses(struct sbx_parse *p, const struct sbx_yaml *node, const char *text,
			 struct sbx_prefixes *to);
/* `network: sets:`, before the rules that refer to them. */
void sbx_parse_sets(struct sbx_parse *p, const struct sbx_yaml *node);
void sbx_parse_bandwidth(struct sbx_parse *p, const struct sbx_yaml *node, void *target);
void sbx_parse_dns(struct sbx_parse *p, const struct sbx_yaml *node, void *target);
void sbx_parse_process(struct sbx_parse *p, const struct sbx_yaml *node, void *target);
void sbx_parse_user(struct sbx_parse *p, const struct sbx_yaml *node, void *target);
void sbx_parse_group(struct sbx_parse *p, const struct sbx_yaml *node, void *target);
void sbx_parse_groups(struct sbx_parse *p, const struct sbx_yaml *node, void *target);
void sbx_parse_capabilities(struct sbx_parse *p, const struct sbx_yaml *node, void *target);
void sbx_parse_securebits(struct sbx_parse *p, const struct sbx_yaml *node, void *target);
void sbx_parse_seccomp(struct sbx_parse *p, const struct sbx_yaml *node, void *target);
void sbx_parse_namespaces(struct sbx_parse *p, const struct sbx_yaml *node, void *target);
void sbx_parse_hostname(struct sbx_parse *p, const struct sbx_yaml *node, void *target);
void sbx_parse_id_map(struct sbx_parse *p, const struct sbx_yaml *node, void *target);
void sbx_parse_private(struct sbx_parse *p, const struct sbx_yaml *node, void *target);
void sbx_parse_root(struct sbx_parse *p, const struct sbx_yaml *node, void *target);
void sbx_parse_guards(struct sbx_parse *p, const struct sbx_yaml *node, void *target);
void sbx_parse_limits(struct sbx_parse *p, const struct sbx_yaml *node, void *target);
void sbx_parse_audit(struct sbx_parse *p, const struct sbx_yaml *node, void *target);

/* Adds one name of a rule's `domains` (parse_domains.c). */
void sbx_parse_domain(struct sbx_parse *p, const struct sbx_yaml *node, struct sbx_net_rule *rule);
/* Domains and `dns` against the network mode, once all files are read; `system` is the default. */
void sbx_parse_check_dns(struct sbx_parse *p);

/* Contradictions and duplicates among the rules of one file (conflict.c). */
void sbx_parse_conflicts(struct sbx_parse *p, size_t first_path, size_t first_net);

/* --- extends.c ---------------------------------------------------------------------------- */

/* Is `name` a built-in's name rather than a file's? */
bool sbx_name_is_builtin(const char *name);
/* "built-in/strict.yaml": what diagnostics call the built-in `strict`; the caller frees. */
char *sbx_builtin_file(const char *name);
/* "base, strict" into buf, for messages. */
const char *sbx_builtin_list(char *buf, size_t size);
/* Remembers that a file is read; false when it was already, or memory ran out. */
bool sbx_parse_claim(struct sbx_parse *p, const char *key);
/* Interns a file name in the policy; NULL and p->error when memory ran out. */
const char *sbx_parse_intern(struct sbx_parse *p, const char *file);

/* --- vars.c ------------------------------------------------------------------------------- */

/* What went wrong with a text: a code and a sentence. */
struct sbx_text_fault {
	const char *code;
	char text[512];
};

/*
 * Resolves ${NAME}, ${NAME:-default} and $$ in `text`.  With `path`, also a leading ~, and values
 * may not hold `*`.  Returns 0 and the text (the caller's), whether something was replaced in
 * *ret_expanded (may be NULL), -EINVAL with `fault`, -ENOMEM.
 */
int sbx_vars_expand(const struct sbx_policy_vars *vars, const char *text, bool path,
		    char **ret_text, bool *ret_expanded, struct sbx_text_fault *fault);
int sbx_text_fail(struct sbx_text_fault *fault, const char *code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* --- path.c ------------------------------------------------------------------------------- */

/* Checks and normalises a rule's path.  0 and the path (the caller's), -EINVAL, -ENOMEM. */
int sbx_path_normalise(const char *path, char **ret_path, struct sbx_text_fault *fault);

/* Can the node be a path at all? False after a fault. */
bool sbx_parse_is_path(struct sbx_parse *p, const struct sbx_yaml *node);
/* A path with variables and ~ resolved, normalised. Returns as sbx_vars_expand. */
int sbx_parse_path(struct sbx_parse *p, const struct sbx_yaml *node, char **ret_path,
		   bool *ret_expanded, struct sbx_text_fault *fault);

/* --- policy.c ------------------------------------------------------------------------------ */

/* Interns in a NULL-terminated array that grows; NULL when memory ran out. */
const char *sbx_intern(char ***names, const char *name);
/* Adds room for one more element to an array of `n`, doubling at powers of two. 0 or -ENOMEM. */
int sbx_array_grow(void *array, size_t n, size_t size);
void sbx_net_rule_free(struct sbx_net_rule *rule);

#endif /* SBX_PARSE_H */
