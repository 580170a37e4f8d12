// SPDX-License-Identifier: GPL-2.0-only
/* The compiler's frame: the job's entry, the lines that rules stand on, keys and their order. */
#include "policy/compile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/buf.h"
#include "lib/cleanup.h"
#include "policy/compiler.h"
#include "policy/parse.h"
#include "policy/ports.h"

#define BUILTIN_RULES 3 /* after the policy's network rules: metadata, mode internal, dns */

struct sbx_edge_key sbx_edge_key_make(__u32 node, const char *name, size_t len)
{
	struct sbx_edge_key key = { .node = node, .len = (__u32)len };

	memcpy(key.name, name, len > SBX_NAME_CHUNK ? SBX_NAME_CHUNK : len);
	return key;
}

bool sbx_name_is_mixed(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((name[i] >= 'A' && name[i] <= 'Z') || (unsigned char)name[i] >= 0x80)
			return true;
	}
	return false;
}

int sbx_edge_key_compare(const struct sbx_edge_key *a, const struct sbx_edge_key *b)
{
	if (a->node != b->node)
		return a->node < b->node ? -1 : 1;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->name, b->name, sizeof(a->name));
}

int sbx_prefix_key_compare(const struct sbx_prefix_key *a, const struct sbx_prefix_key *b)
{
	int r;

	if (a->dir != b->dir)
		return a->dir < b->dir ? -1 : 1;
	r = memcmp(a->addr, b->addr, sizeof(a->addr));
	if (r)
		return r;
	return (a->prefixlen > b->prefixlen) - (a->prefixlen < b->prefixlen);
}

__u32 sbx_compiled_add_node(struct sbx_compiled *out, __u32 parent)
{
	struct sbx_node *node;

	if (sbx_array_grow(&out->nodes, out->n_nodes, sizeof(*node)))
		return 0;
	node = &out->nodes[out->n_nodes];
	*node = (struct sbx_node){ .parent = parent, .below = -1 };
	for (size_t bit = 0; bit < SBX_RIGHTS_MAX; bit++)
		node->rule[bit] = -1;
	return (__u32)out->n_nodes++;
}

int sbx_compiled_add_edge(struct sbx_compiled *out, const struct sbx_edge_key *key,
			  const struct sbx_edge *value)
{
	if (sbx_array_grow(&out->edges, out->n_edges, sizeof(*out->edges)))
		return -ENOMEM;
	out->edges[out->n_edges++] = (struct sbx_edge_entry){ *key, *value };
	return 0;
}

void sbx_node_note(struct sbx_node *node, bool deny, __u16 rights, int ref)
{
	for (unsigned int bit = 0; bit < SBX_RIGHTS_MAX; bit++) {
		__u16 right = (__u16)(1u << bit);

		if (!(rights & right) || (node->deny & right) || (!deny && (node->allow & right)))
			continue;
		node->rule[bit] = ref;
	}
	if (deny)
		node->deny |= rights;
	else
		node->allow |= rights;
	node->allow &= (__u16)~node->deny;
}

int sbx_compiled_place(struct sbx_compiled *out, const struct sbx_place *place,
		       struct sbx_place *ret_place)
{
	struct sbx_place copy = *place;

	if (place->file) {
		copy.file = sbx_intern(&out->files, place->file);
		if (!copy.file)
			return -ENOMEM;
	}
	*ret_place = copy;
	return 0;
}

/* Fills a reference; the text is handed over. */
static int ref_set(struct sbx_compiled *out, struct sbx_rule_ref *ref,
		   const struct sbx_place *place, struct sbx_buf *text)
{
	int r = sbx_compiled_place(out, place, &ref->place);

	return r ? r : sbx_buf_take(text, &ref->text);
}

static int path_ref(struct sbx_compiled *out, const struct sbx_path_rule *rule,
		    struct sbx_rule_ref *ref)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf text = { 0 };
	char rights[128];

	sbx_buf_puts(&text, rule->deny ? "deny " : "allow ");
	sbx_buf_puts(&text, sbx_rights_format(rule->rights, rights, sizeof(rights)));
	sbx_buf_puts(&text, " ");
	sbx_buf_puts(&text, rule->text);
	return ref_set(out, ref, &rule->place, &text);
}

static void put_ports(struct sbx_buf *text, const struct sbx_net_rule *rule)
{
	for (size_t i = 0; i < rule->n_ports; i++) {
		const struct sbx_port_range *range = &rule->ports[i];

		if (range->lo == 0 && range->hi == 65535)
			continue;
		sbx_buf_printf(text, "%s%u", i ? ", " : " port ", range->lo);
		if (range->hi != range->lo)
			sbx_buf_printf(text, "-%u", range->hi);
	}
}

static int net_ref(struct sbx_compiled *out, const struct sbx_net_rule *rule,
		   struct sbx_rule_ref *ref)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf text = { 0 };
	char protos[SBX_PROTOS_TEXT];

	if (rule->dir == SBX_DIR_LISTEN)
		sbx_buf_printf(&text, "allow listening on %s", rule->text);
	else
		sbx_buf_printf(&text, "%s connecting to %s", rule->deny ? "deny" : "allow",
			       rule->text);
	put_ports(&text, rule);
	if (rule->protos != SBX_PROTO_ANY && (!rule->deny || !(rule->protos & SBX_PROTO_UDPLITE)))
		sbx_buf_printf(&text, " %s", sbx_protos_format(rule->protos, protos));
	return ref_set(out, ref, &rule->place, &text);
}

static int fixed_ref(struct sbx_compiled *out, const struct sbx_place *place,
		     struct sbx_rule_ref *ref, const char *text, const char *more)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf buf = { 0 };

	sbx_buf_printf(&buf, "%s%s", text, more);
	return ref_set(out, ref, place, &buf);
}

/* The policy's rules, between them what the mode says; paths last, their numbers may be large. */
static int compile_refs(struct sbx_compiler *c)
{
	static const struct sbx_place built_in;
	const struct sbx_policy *policy = c->policy;
	struct sbx_compiled *out = c->out;
	struct sbx_rule_ref *ref;
	int r = 0;

	c->first_path_rule = policy->n_nets + BUILTIN_RULES;
	out->n_net_rules = c->first_path_rule;
	out->n_rules = out->n_net_rules + policy->n_paths;
	out->rules = calloc(out->n_rules, sizeof(*out->rules));
	if (!out->rules)
		return -ENOMEM;
	for (size_t i = 0; i < policy->n_nets && !r; i++)
		r = net_ref(out, &policy->nets[i], &out->rules[i]);
	ref = &out->rules[policy->n_nets];
	if (!r)
		r = fixed_ref(out, &built_in, ref, "deny connecting to @metadata", "");
	if (!r)
		r = fixed_ref(out, &policy->net_mode_place, ref + 1,
			      "allow connecting to @loopback and @private: network mode internal",
			      "");
	if (!r)
		r = fixed_ref(out, &policy->dns.place, ref + 2,
			      "allow connecting to port 53 of the DNS servers", "");
	for (size_t i = 0; i < policy->n_paths && !r; i++)
		r = path_ref(out, &policy->paths[i], ref + BUILTIN_RULES + i);
	return r;
}

static int compile_programs(struct sbx_compiler *c)
{
	const struct sbx_policy *policy = c->policy;
	struct sbx_compiled *out = c->out;
	int r = 0;

	out->programs = calloc(policy->n_programs + 1, sizeof(*out->programs));
	if (!out->programs)
		return -ENOMEM;
	for (size_t i = 0; i < policy->n_programs && !r; i++) {
		const struct sbx_program_rule *rule = &policy->programs[i];
		struct sbx_program_ref *program = &out->programs[out->n_programs++];

		memcpy(program->sha256, rule->sha256, sizeof(program->sha256));
		program->path = strdup(rule->path.path);
		r = program->path ? fixed_ref(out, &rule->path.place, &program->ref,
					      "pinned: ", rule->path.text)
				  : -ENOMEM;
	}
	return r;
}

/* Lines for guards and for what no rule decides. */
static int compile_defaults(struct sbx_compiler *c)
{
	const struct sbx_policy *policy = c->policy;
	struct sbx_compiled *out = c->out;
	int r = fixed_ref(out, &policy->fs_default_place, &out->fs_default,
			  "filesystem default: ", policy->fs_default_allow ? "allow" : "deny");

	if (!r)
		r = fixed_ref(out, &policy->net_mode_place, &out->net_default,
			      "network mode: ", sbx_net_mode_to_str(policy->net_mode));
	for (unsigned int i = 0; i < SBX_GUARDS_MAX && !r; i++) {
		sbx_cleanup(sbx_buf_free) struct sbx_buf text = { 0 };

		sbx_buf_printf(&text, "guard %s: %s", sbx_guard_to_str(i),
			       sbx_action_to_str(policy->guards[i]));
		r = ref_set(out, &out->guards[i], &policy->guard_places[i], &text);
	}
	return r;
}

/* Sockets that exist only where a rule names their protocol. */
static __u32 named_sockets(const struct sbx_net_rule *rule)
{
	__u32 sockets = 0;

	if (!rule->deny && (rule->protos & SBX_PROTO_UDPLITE))
		sockets |= SBX_SOCK_UDPLITE;
	if (!rule->deny && (rule->protos & SBX_PROTO_ICMP))
		sockets |= SBX_SOCK_ICMP;
	return sockets;
}

/* All of the job's entry that the trie does not fill. */
static void compile_job(struct sbx_compiler *c)
{
	const struct sbx_policy *policy = c->policy;
	struct sbx_job *job = &c->out->job;

	job->mode = policy->mode;
	job->disk_write = policy->limits.disk_write;
	for (int way = 0; way < SBX_WAYS; way++)
		c->out->rates[way] = policy->bandwidth[way] / 8;
	job->rate = policy->audit.rate > UINT32_MAX ? 0 : (__u32)policy->audit.rate;
	job->families = policy->families | 1ull << AF_UNIX;
	if (policy->netlink_route)
		job->sockets |= SBX_SOCK_ROUTE;
	if (policy->net_mode != SBX_NET_NONE) {
		job->families |= 1ull << AF_INET | 1ull << AF_INET6;
		job->sockets |= SBX_SOCK_TCP | SBX_SOCK_UDP;
		for (size_t i = 0; i < policy->n_nets; i++)
			job->sockets |= named_sockets(&policy->nets[i]);
	}
	for (size_t i = 0; i < SBX_GUARDS_MAX; i++) {
		bool known = i && i < SBX_GUARD_MAX_ && policy->guards[i];

		job->guards[i] = known ? policy->guards[i] : SBX_ACTION_DENY;
	}
}

static int compare_edges(const void *a, const void *b)
{
	return sbx_edge_key_compare(&((const struct sbx_edge_entry *)a)->key,
				    &((const struct sbx_edge_entry *)b)->key);
}

static int compare_prefixes(const void *a, const void *b)
{
	return sbx_prefix_key_compare(&((const struct sbx_prefix_entry *)a)->key,
				      &((const struct sbx_prefix_entry *)b)->key);
}

static int compile_all(struct sbx_compiler *c)
{
	struct sbx_compiled *out = c->out;
	int r = 0, net;

	compile_job(c);
	/* The fixed nodes; the first has number 0, so memory is told by the count. */
	for (size_t i = 0; i < SBX_NODE_FIRST; i++)
		(void)sbx_compiled_add_node(out, 0);
	if (out->n_nodes != SBX_NODE_FIRST)
		return -ENOMEM;
	r = compile_refs(c);
	if (!r)
		r = compile_defaults(c);
	if (!r)
		r = compile_programs(c);
	if (r)
		return r;
	/* Both, whatever the first says: one run tells all faults. */
	r = sbx_compile_fs(c);
	net = sbx_compile_domains(c);
	if (!net)
		net = sbx_compile_abstract(c);
	if (!net)
		net = sbx_compile_net(c);
	if (r || net)
		return r == -ENOMEM || !net ? r : net;
	if (out->n_edges)
		qsort(out->edges, out->n_edges, sizeof(*out->edges), compare_edges);
	qsort(out->prefixes, out->n_prefixes, sizeof(*out->prefixes), compare_prefixes);
	return 0;
}

static void compiled_freep(struct sbx_compiled **compiled)
{
	sbx_compiled_free(*compiled);
	*compiled = NULL;
}

int sbx_policy_compile(const struct sbx_policy *policy, sbx_resolve_fn resolve, void *ctx,
		       struct sbx_compiled **ret_compiled, struct sbx_diags *diags)
{
	sbx_cleanup(compiled_freep) struct sbx_compiled *out = calloc(1, sizeof(*out));
	struct sbx_compiler c = {
		.policy = policy,
		.out = out,
		.diags = diags,
		.resolve = resolve,
		.ctx = ctx,
	};
	size_t before = diags->n_errors;
	int r;

	if (!out)
		return -ENOMEM;
	r = compile_all(&c);
	if (r)
		return r;
	if (diags->n_errors != before)
		return -EINVAL;
	*ret_compiled = SBX_TAKE(out, NULL);
	return 0;
}

void sbx_compiled_free(struct sbx_compiled *compiled)
{
	if (!compiled)
		return;
	for (size_t i = 0; i < compiled->n_rules && compiled->rules; i++)
		free(compiled->rules[i].text);
	for (size_t i = 0; i < SBX_GUARDS_MAX; i++)
		free(compiled->guards[i].text);
	for (size_t i = 0; i < compiled->n_any; i++)
		free(compiled->any[i].path);
	free(compiled->any);
	for (size_t i = 0; i < compiled->n_abstract_unix; i++)
		free(compiled->abstract_unix[i]);
	free(compiled->abstract_unix);
	free(compiled->fs_default.text);
	free(compiled->net_default.text);
	for (size_t i = 0; compiled->files && compiled->files[i]; i++)
		free(compiled->files[i]);
	free(compiled->files);
	for (size_t i = 0; i < compiled->n_programs; i++) {
		free(compiled->programs[i].ref.text);
		free(compiled->programs[i].path);
	}
	free(compiled->programs);
	free(compiled->pinned);
	free(compiled->edges);
	for (size_t i = 0; i < compiled->n_domains; i++)
		free(compiled->domains[i].name);
	free(compiled->domains);
	free(compiled->prefixes);
	free(compiled->classes);
	free(compiled->nodes);
	free(compiled->rules);
	free(compiled);
}
