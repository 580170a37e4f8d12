// SPDX-License-Identifier: GPL-2.0-only
/*
 * FILE... -> C on stdout, for user/policy/preset.c: the trees of the built-in policies, read once
 * here instead of at every start, and their digests.  A fault in one of them ends the build.
 */
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/diag.h"
#include "lib/file.h"
#include "policy/yaml.h"

#define PRESETS_MAX 64

static size_t count(const struct sbx_yaml *node)
{
	size_t n = 1;

	for (size_t i = 0; i < node->n; i++)
		n += count(node->items[i]);
	return n;
}

static void put_string(const char *text)
{
	if (!text) {
		printf("0");
		return;
	}
	putchar('"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\' || c == '?')
			printf("\\%03o", c);
		else
			putchar(c);
	}
	putchar('"');
}

/* A node has its children's numbers in a row, so nodes are numbered breadth first. */
struct queue {
	const struct sbx_yaml **nodes;
	size_t n;
};

static void enqueue_all(struct queue *queue, const struct sbx_yaml *root)
{
	queue->nodes[queue->n++] = root;
	for (size_t at = 0; at < queue->n; at++) {
		for (size_t i = 0; i < queue->nodes[at]->n; i++)
			queue->nodes[queue->n++] = queue->nodes[at]->items[i];
	}
}

static void put_tree(size_t number, const struct queue *queue)
{
	size_t next = 1;

	printf("static struct sbx_yaml nodes_%zu[%zu];\n", number, queue->n);
	printf("static struct sbx_yaml *items_%zu[] = {\n", number);
	for (size_t i = 1; i < queue->n; i++)
		printf("&nodes_%zu[%zu],\n", number, i);
	printf("0 };\nstatic struct sbx_yaml nodes_%zu[%zu] = {\n", number, queue->n);
	for (size_t i = 0; i < queue->n; i++) {
		const struct sbx_yaml *node = queue->nodes[i];

		printf("{ %d, %d, %u, %u, (char *)", (int)node->kind, node->quoted, node->line,
		       node->column);
		put_string(node->text);
		printf(", items_%zu + %zu, %zu },\n", number, next - 1, node->n);
		next += node->n;
	}
	printf("};\n");
}

static int embed(size_t number, const char *path, uint8_t digest[SHA256_DIGEST_SIZE])
{
	sbx_cleanup(sbx_yaml_freep) struct sbx_yaml *root = NULL;
	sbx_cleanup(sbx_freep) char *text = NULL;
	struct sbx_diags diags = { 0 };
	struct queue queue = { 0 };
	struct sha256_ctx sha;
	size_t len = 0;

	if (sbx_file_read(path, &text, &len) || sbx_yaml_parse(path, text, len, &root, &diags) ||
	    diags.n) {
		sbx_diags_print(&diags, stderr, false);
		(void)fprintf(stderr, "embed-presets: cannot read %s\n", path);
		return -1;
	}
	sha256_init(&sha);
	sha256_update(&sha, len, (const uint8_t *)text);
	sha256_digest(&sha, SHA256_DIGEST_SIZE, digest);
	queue.nodes = calloc(count(root), sizeof(*queue.nodes));
	if (!queue.nodes)
		return -1;
	enqueue_all(&queue, root);
	put_tree(number, &queue);
	free(queue.nodes);
	return 0;
}

int main(int argc, char **argv)
{
	static uint8_t digests[PRESETS_MAX][SHA256_DIGEST_SIZE];

	for (int i = 1; i < argc; i++) {
		if (i >= PRESETS_MAX || embed((size_t)i, argv[i], digests[i]))
			return 1;
	}
	printf("static const struct sbx_preset presets[] = {\n");
	for (int i = 1; i < argc; i++) {
		const char *slash = strrchr(argv[i], '/');
		const char *name = slash ? slash + 1 : argv[i];

		printf("{ \"%.*s\", nodes_%d, {", (int)strcspn(name, "."), name, i);
		for (int k = 0; k < SHA256_DIGEST_SIZE; k++)
			printf(" 0x%02x,", digests[i][k]);
		printf(" } },\n");
	}
	printf("};\n");
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
