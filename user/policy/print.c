// SPDX-License-Identifier: GPL-2.0-only
/* The compiled policy as stable text: sorted, without node numbers, each line with its source. */
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/cleanup.h"
#include "policy/address.h"
#include "policy/compiler.h"
#include "policy/ports.h"

#define DIR_BITS 32 /* of sbx_prefix_key before the address */

/* A line about a path, to be sorted by it. */
struct line {
	char *path;
	__u32 node;
	__u16 rights;
	const struct sbx_rule_ref *any; /* of a `**` deny: its rule; `rights` are denied */
};

struct lines {
	struct line *items;
	size_t n;
};

static void lines_free(struct lines *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		sbx_freep(&lines->items[i].path);
	sbx_freep(&lines->items);
}

static int compare_lines(const void *pa, const void *pb)
{
	const struct line *a = pa, *b = pb;
	int r = !!a->any - !!b->any;

	if (!r)
		r = strcmp(a->path, b->path);
	if (!r)
		r = (a->node > b->node) - (a->node < b->node);
	return r ? r : (a->any > b->any) - (a->any < b->any);
}

/* The path of an edge's node: names of the edges from the root down. */
static void put_path(struct sbx_buf *buf, const struct sbx_compiled *compiled, const __u32 *edge_of,
		     __u32 node)
{
	const struct sbx_edge_key *key;
	const struct sbx_node *nodes = compiled->nodes;

	if (node < SBX_NODE_FIRST)
		return;
	key = &compiled->edges[edge_of[node]].key;
	put_path(buf, compiled, edge_of, nodes[node].parent);
	/* a partial parent has begun the component */
	if (nodes[node].parent == SBX_NODE_ROOT ||
	    (nodes[node].parent >= SBX_NODE_FIRST &&
	     !(compiled->edges[edge_of[nodes[node].parent]].value.flags & SBX_EDGE_PARTIAL)))
		sbx_buf_putc(buf, '/');
	if (key->len)
		sbx_buf_put_escaped(buf, key->name, strnlen(key->name, SBX_NAME_CHUNK));
	else
		sbx_buf_putc(buf, '*');
}

static int collect_any(const struct sbx_compiled *compiled, struct lines *lines)
{
	for (size_t i = 0; i < compiled->n_any; i++) {
		const struct sbx_any_path *any = &compiled->any[i];
		sbx_cleanup(sbx_buf_free) struct sbx_buf path = { 0 };
		struct line *line = &lines->items[lines->n];

		sbx_buf_put_escaped(&path, any->path, strlen(any->path));
		if (sbx_buf_take(&path, &line->path))
			return -1;
		line->rights = any->rights;
		line->any = &compiled->rules[any->ref];
		lines->n++;
	}
	return 0;
}

static int collect_lines(const struct sbx_compiled *compiled, const __u32 *edge_of,
			 struct lines *lines)
{
	lines->items = calloc(compiled->n_edges + compiled->n_any + 1, sizeof(*lines->items));
	if (!lines->items || collect_any(compiled, lines))
		return -1;
	for (size_t i = 0; i < compiled->n_edges; i++) {
		const struct sbx_edge_entry *edge = &compiled->edges[i];
		const struct sbx_node *node = &compiled->nodes[edge->value.node];
		sbx_cleanup(sbx_buf_free) struct sbx_buf path = { 0 };
		struct line *line = &lines->items[lines->n];

		if (!(node->allow | node->deny) || node->parent == SBX_NODE_ANY)
			continue;
		put_path(&path, compiled, edge_of, edge->value.node);
		line->node = edge->value.node;
		line->rights = edge->value.allowed;
		if (sbx_buf_take(&path, &line->path))
			return -1;
		lines->n++;
	}
	qsort(lines->items, lines->n, sizeof(*lines->items), compare_lines);
	return 0;
}

static void print_place(const struct sbx_place *place, FILE *out)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf text = { 0 };

	sbx_buf_puts(&text, "  ");
	if (place->file)
		sbx_buf_put_escaped(&text, place->file, strlen(place->file));
	else
		sbx_buf_puts(&text, "built in");
	if (place->file && place->line)
		sbx_buf_printf(&text, ":%u", place->line);
	(void)fputs(text.text ? text.text : "", out); /* the caller checks the stream */
}

/* Places of the rules that decide something at a node, each once. */
static void print_deciders(const struct sbx_compiled *compiled, __u32 number, FILE *out)
{
	const struct sbx_node *node = &compiled->nodes[number];

	for (size_t bit = 0; bit < SBX_RIGHTS_MAX; bit++) {
		bool told = node->rule[bit] < 0;

		for (size_t k = 0; k < bit && !told; k++)
			told = node->rule[k] == node->rule[bit];
		if (!told)
			print_place(&compiled->rules[node->rule[bit]].place, out);
	}
}

static void print_lines(const struct sbx_compiled *compiled, const struct lines *lines, FILE *out)
{
	char rights[128];

	for (size_t i = 0; i < lines->n; i++) {
		const struct line *line = &lines->items[i];

		(void)fprintf(out, "  %-32s %s%s", line->path, line->any ? "deny " : "",
			      sbx_rights_format(line->rights, rights, sizeof(rights)));
		if (line->any)
			print_place(&line->any->place, out);
		else
			print_deciders(compiled, line->node, out);
		(void)fputc('\n', out);
	}
}

static void print_files(const struct sbx_compiled *compiled, FILE *out)
{
	sbx_cleanup(sbx_freep) __u32 *edge_of = calloc(compiled->n_nodes, sizeof(*edge_of));
	sbx_cleanup(lines_free) struct lines lines = { 0 };
	char rights[128];

	(void)fprintf(out, "%s\n  %-32s %s", compiled->fs_default.text, "/",
		      sbx_rights_format(compiled->job.root_allowed, rights, sizeof(rights)));
	print_deciders(compiled, SBX_NODE_ROOT, out);
	(void)fputc('\n', out);
	if (!edge_of)
		return;
	for (size_t i = 0; i < compiled->n_edges; i++)
		edge_of[compiled->edges[i].value.node] = (__u32)i;
	if (!collect_lines(compiled, edge_of, &lines))
		print_lines(compiled, &lines, out);
}

static void print_programs(const struct sbx_compiled *compiled, FILE *out)
{
	if (compiled->n_programs)
		(void)fputs("exec only with this SHA-256\n", out);
	for (size_t i = 0; i < compiled->n_programs; i++) {
		const struct sbx_program_ref *program = &compiled->programs[i];

		(void)fprintf(out, "  %-32s %s", program->path, program->sha256);
		print_place(&program->ref.place, out);
		(void)fputc('\n', out);
	}
}

static void print_range(const struct sbx_compiled *compiled, const char *prefix,
			const struct sbx_range *range, FILE *out)
{
	char protos[SBX_PROTOS_TEXT];
	char ports[16] = "all ports";

	if (range->lo == range->hi)
		(void)snprintf(ports, sizeof(ports), "%u", range->lo); /* fits: two short numbers */
	else if (range->lo || range->hi != 65535)
		(void)snprintf(ports, sizeof(ports), "%u-%u", range->lo, range->hi); /* as above */
	(void)fprintf(out, "  %-32s %s %s %s", prefix, range->allow ? "allow" : "deny",
		      sbx_protos_format(range->protos, protos), ports);
	print_place(range->rule < compiled->n_net_rules ? &compiled->rules[range->rule].place
							: &compiled->net_default.place,
		    out);
	(void)fputc('\n', out);
}

static void print_direction(const struct sbx_compiled *compiled, enum sbx_direction dir,
			    const char *title, FILE *out)
{
	(void)fprintf(out, "%s\n", title);
	for (size_t i = 0; i < compiled->n_prefixes; i++) {
		const struct sbx_prefix_entry *entry = &compiled->prefixes[i];
		const struct sbx_class *class = &compiled->classes[entry->class_id];
		struct sbx_prefix prefix = { .len = (__u8)(entry->key.prefixlen - DIR_BITS) };
		char text[SBX_ADDRESS_TEXT];

		if (entry->key.dir != dir)
			continue;
		memcpy(prefix.addr, entry->key.addr, sizeof(prefix.addr));
		(void)sbx_prefix_format(&prefix, text, sizeof(text)); /* returns its buffer */
		if (!class->n)
			(void)fprintf(out, "  %-32s nothing\n", text);
		for (__u32 k = 0; k < class->n; k++)
			print_range(compiled, text, &class->ranges[k], out);
	}
}

/* The DNS servers, and each domain with its ports. */
static void print_dns(const struct sbx_compiled *compiled, FILE *out)
{
	const struct sbx_job *job = &compiled->job;

	if (!job->dns)
		return;
	(void)fputs("dns servers", out);
	for (__u32 i = 0; i < job->n_resolvers; i++) {
		struct sbx_prefix prefix = { .len = 128 };
		char text[SBX_ADDRESS_TEXT];

		memcpy(prefix.addr, job->resolvers[i], sizeof(prefix.addr));
		(void)fprintf(out, " %s", sbx_prefix_format(&prefix, text, sizeof(text)));
	}
	(void)fprintf(out, "%s\n", compiled->dns_system ? " (those of /etc/resolv.conf)" : "");
	if (!(job->dns & SBX_DNS_NAMES))
		return;
	(void)fprintf(out, "domains, for %u to %u seconds\n", job->dns_min_ttl, job->dns_max_ttl);
	for (size_t i = 0; i < compiled->n_domains; i++) {
		const struct sbx_domain_entry *domain = &compiled->domains[i];
		const struct sbx_class *class = &compiled->classes[domain->class_id];

		for (__u32 k = 0; k < class->n; k++)
			print_range(compiled, domain->name, &class->ranges[k], out);
	}
}

static void print_bandwidth(const struct sbx_compiled *compiled, FILE *out)
{
	static const char *const ways[SBX_WAYS] = { "egress", "ingress" };

	for (int way = 0; way < SBX_WAYS; way++) {
		if (compiled->rates[way])
			(void)fprintf(out, "bandwidth %s %llu bit/s\n", ways[way],
				      compiled->rates[way] * 8);
	}
}

static void print_job(const struct sbx_compiled *compiled, FILE *out)
{
	static const char *const sockets[] = { "tcp", "udp", "udplite", "icmp", "netlink-route" };
	const struct sbx_job *job = &compiled->job;

	(void)fprintf(out, "mode %s\n", sbx_mode_to_str(job->mode));
	if (job->rate)
		(void)fprintf(out, "audit rate %u/s\n", job->rate);
	else
		(void)fputs("audit rate max\n", out);
	(void)fputs("address families", out);
	for (unsigned int i = 0; i < 64; i++) {
		if (job->families >> i & 1)
			(void)fprintf(out, " %s", sbx_family_to_str(i));
	}
	(void)fputs("\nsockets", out);
	for (unsigned int i = 0; i < SBX_ARRAY_SIZE(sockets); i++) {
		if (job->sockets >> i & 1)
			(void)fprintf(out, " %s", sockets[i]);
	}
	(void)fputs(job->sockets ? "\n" : " none\n", out);
}

void sbx_compiled_print(const struct sbx_compiled *compiled, FILE *out)
{
	print_job(compiled, out);
	print_files(compiled, out);
	print_programs(compiled, out);
	(void)fprintf(out, "%s\n", compiled->net_default.text);
	print_direction(compiled, SBX_DIR_OUT, "connect", out);
	print_direction(compiled, SBX_DIR_LISTEN, "listen", out);
	print_bandwidth(compiled, out);
	print_dns(compiled, out);
	if (compiled->n_abstract_unix)
		(void)fputs("abstract Unix sockets\n", out);
	for (size_t i = 0; i < compiled->n_abstract_unix; i++) {
		sbx_cleanup(sbx_buf_free) struct sbx_buf name = { 0 };

		sbx_buf_put_escaped(&name, compiled->abstract_unix[i],
				    strlen(compiled->abstract_unix[i]));
		(void)fprintf(out, "  @%s\n", name.text ? name.text : "");
	}
	(void)fputs("guards\n", out);
	for (unsigned int i = 1; i < SBX_GUARD_MAX_; i++) {
		(void)fprintf(out, "  %-32s %s", sbx_guard_to_str(i),
			      sbx_action_to_str(compiled->job.guards[i]));
		print_place(&compiled->guards[i].place, out);
		(void)fputc('\n', out);
	}
}
