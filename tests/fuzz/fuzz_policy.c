// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a policy: parse, compile, print, decide.  Nothing may crash, leak or hang, and
 * what compiles must hold what the kernel relies on.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/diag.h"
#include "policy/compile.h"
#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Sends some paths elsewhere, so that second spellings are made, too. */
static int resolve(const char *path, char *out, size_t size, void *ctx)
{
	(void)ctx;
	return snprintf(out, size, "/usr%s", path) < (int)size ? 0 : -1;
}

/* What the kernel takes for granted of its maps. */
static void check_entries(const struct sbx_compiled *compiled)
{
	for (size_t i = 0; i < compiled->n_edges; i++) {
		const struct sbx_edge_entry *edge = &compiled->edges[i];
		__u32 len = edge->key.len & ~SBX_LEN_EXT;

		assert(edge->key.node < compiled->n_nodes);
		assert(edge->value.node < compiled->n_nodes);
		assert(edge->value.node >= SBX_NODE_FIRST);
		assert(len <= 255);
		assert(!(edge->value.allowed & ~SBX_RIGHT_ALL));
		assert(len <= SBX_NAME_CHUNK || edge->value.flags & SBX_EDGE_PARTIAL);
		assert(!i || memcmp(&edge[-1].key, &edge->key, sizeof(edge->key)));
	}
	for (size_t i = 0; i < compiled->n_prefixes; i++)
		assert(compiled->prefixes[i].class_id < compiled->n_classes);
	for (size_t i = 0; i < compiled->n_classes; i++) {
		const struct sbx_class *class = &compiled->classes[i];

		assert(class->n <= SBX_RANGES_MAX);
		for (__u32 k = 0; k < class->n; k++)
			assert(class->ranges[k].lo <= class->ranges[k].hi);
	}
	for (size_t i = 0; i < SBX_GUARDS_MAX; i++)
		assert(compiled->job.guards[i]);
}

static void check_decisions(const struct sbx_policy *policy, const struct sbx_compiled *compiled)
{
	struct sbx_event event = { .op = SBX_OP_OPEN,
				   .rights = SBX_RIGHT_ALL,
				   .rule = SBX_RULE_NONE };
	static const __u8 addr[16] = { [10] = 0xff, [11] = 0xff, 10, 0, 0, 1 };

	for (size_t i = 0; i < policy->n_paths && i < 50; i++) {
		event.node = sbx_compiled_node(compiled, policy->paths[i].path, event.rights);
		assert(sbx_compiled_decider(compiled, &event, sizeof(event))->text);
	}
	(void)sbx_compiled_address(compiled, SBX_DIR_OUT, addr, SBX_PROTO_TCP, 80, &event.rule);
	event.op = SBX_OP_CONNECT;
	assert(sbx_compiled_decider(compiled, &event, sizeof(event))->text);
}

static void print(struct sbx_diags *diags, const struct sbx_compiled *compiled)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert(out);
	sbx_diags_print(diags, out, false);
	if (compiled)
		sbx_compiled_print(compiled, out);
	assert(!fclose(out));
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sbx_policy_vars vars = {
		.home = "/home/me",
		.workdir = "/work",
		.tmpdir = "/tmp",
		.uid = 1000,
	};
	struct sbx_diags diags = { 0 };
	struct sbx_policy *policy = NULL;
	struct sbx_compiled *compiled = NULL;
	int r = sbx_policy_parse("/nonexistent/fuzz.yaml", (const char *)data, size, &vars, &policy,
				 &diags);

	assert(!r == !diags.n_errors);
	if (!r)
		r = sbx_policy_compile(policy, resolve, NULL, &compiled, &diags);
	assert(!r == !diags.n_errors);
	print(&diags, compiled);
	if (compiled) {
		check_entries(compiled);
		check_decisions(policy, compiled);
	}
	sbx_compiled_free(compiled);
	sbx_policy_free(policy);
	sbx_diags_free(&diags);
	return 0;
}
