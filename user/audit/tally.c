// SPDX-License-Identifier: GPL-2.0-only
/*
 * A bounded hash table of refusals.  An event that was seen before costs a hash of its key; names
 * are made readable for the first of a kind only.
 */
#include "audit/tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/event.h"
#include "audit/json.h"
#include "lib/cleanup.h"

#define TALLY_ROWS 200	/* more than anybody reads; a job decides how many there are */
#define TALLY_SLOTS 512 /* power of two, over twice the rows */

/* What makes two events the same: all but the path, which follows the key. */
struct tally_key {
	__u64 object[4];
	__u32 decider; /* node or rule number */
	__u16 op;
	__u16 guard;
	__u16 reason;
	__u16 verdict;
	__u16 kind;
	__u16 path_len;
};
_Static_assert(sizeof(struct tally_key) == 48, "no padding: keys are compared as bytes");

struct tally_entry {
	struct tally_key key;
	char *path;
	__u64 hash;
	struct sbx_tally_row row; /* strings are owned here */
};

struct sbx_tally {
	const struct sbx_compiled *compiled;
	char *log;
	bool audit_mode;
	__u8 guards[SBX_GUARDS_MAX];
	__u64 violations;
	__u64 escapes;
	__u64 other;
	size_t n;
	struct tally_entry entries[TALLY_ROWS];
	__u16 slots[TALLY_SLOTS];     /* index + 1; 0: free */
	struct sbx_tally_row *sorted; /* TALLY_ROWS + 1, filled when asked for; owned */
};

int sbx_tally_new(const struct sbx_audit_options *options, struct sbx_tally **ret_tally)
{
	struct sbx_tally *tally = calloc(1, sizeof(*tally));

	if (!tally)
		return -ENOMEM;
	tally->compiled = options->compiled;
	tally->sorted = calloc(TALLY_ROWS + 1, sizeof(*tally->sorted));
	tally->log = options->path ? strdup(options->path) : NULL;
	if (!tally->sorted || (options->path && !tally->log)) {
		sbx_tally_free(tally);
		return -ENOMEM;
	}
	if (options->compiled) {
		tally->audit_mode = options->compiled->job.mode == SBX_MODE_AUDIT;
		memcpy(tally->guards, options->compiled->job.guards, sizeof(tally->guards));
	}
	*ret_tally = tally;
	return 0;
}

void sbx_tally_free(struct sbx_tally *tally)
{
	if (!tally)
		return;
	for (size_t i = 0; i < tally->n; i++) {
		free(tally->entries[i].path);
		free(tally->entries[i].row.object);
		free(tally->entries[i].row.rule);
		free(tally->entries[i].row.rule_text);
		free(tally->entries[i].row.remedy);
	}
	free(tally->sorted);
	free(tally->log);
	free(tally);
}

static void key_make(struct tally_key *key, const struct sbx_event *event, size_t size)
{
	*key = (struct tally_key){
		.decider = event->node ^ (__u32)event->rule << 16,
		.op = event->op,
		.guard = event->guard,
		.reason = event->reason,
		.verdict = event->verdict,
		.kind = event->object,
	};
	if (event->object == SBX_OBJECT_PATH || event->object == SBX_OBJECT_ADDRESS)
		key->path_len = (__u16)sbx_event_path_len(event, size);
	if (event->object == SBX_OBJECT_ADDRESS)
		memcpy(key->object, &event->obj.address, sizeof(event->obj.address));
	else if (event->object == SBX_OBJECT_PROCESS)
		memcpy(key->object, &event->obj.process, sizeof(event->obj.process));
	else if (event->object == SBX_OBJECT_NUMBER)
		key->object[0] = event->obj.number;
}

/* FNV-1a over 8 bytes at a time; an attacker who finds collisions only slows the tally down. */
static __u64 key_hash(const struct tally_key *key, const char *path)
{
	const __u64 prime = 0x100000001b3;
	__u64 hash = 0xcbf29ce484222325;
	__u64 word;

	for (size_t i = 0; i < sizeof(*key); i += sizeof(word)) {
		memcpy(&word, (const char *)key + i, sizeof(word));
		hash = (hash ^ word) * prime;
		hash ^= hash >> 29;
	}
	for (size_t i = 0; i < key->path_len; i++)
		hash = (hash ^ (unsigned char)path[i]) * prime;
	return hash ^ hash >> 32;
}

static void put_safe(struct sbx_buf *buf, const char *text)
{
	if (text)
		sbx_text_safe(buf, text, strlen(text));
}

/* Words of a row; false when memory ran out, and nothing is kept then. */
static bool row_describe(struct sbx_tally_row *row, const struct sbx_compiled *compiled,
			 const struct sbx_event *event, size_t size)
{
	const struct sbx_rule_ref *ref = sbx_event_decider(compiled, event, size);
	struct sbx_buf object = { 0 };
	struct sbx_buf place = { 0 };
	struct sbx_buf rule = { 0 };
	struct sbx_buf text = { 0 };
	struct sbx_buf remedy = { 0 };
	int r;

	sbx_object_put(&object, event, size);
	sbx_rule_put(&place, ref);
	put_safe(&rule, place.text);
	put_safe(&text, ref->text);
	sbx_remedy_put(&remedy, compiled, event, size);
	sbx_buf_free(&place);
	r = sbx_buf_take(&object, &row->object);
	r = sbx_buf_take(&rule, &row->rule) ?: r;
	r = sbx_buf_take(&text, &row->rule_text) ?: r;
	r = sbx_buf_take(&remedy, &row->remedy) ?: r;
	if (r == 0)
		return true;
	free(row->object);
	free(row->rule);
	free(row->rule_text);
	free(row->remedy);
	return false;
}

static struct tally_entry *entry_new(struct sbx_tally *tally, const struct tally_key *key,
				     __u64 hash, const struct sbx_event *event, size_t size)
{
	struct tally_entry *entry = &tally->entries[tally->n];

	if (tally->n == TALLY_ROWS)
		return NULL;
	*entry = (struct tally_entry){ .key = *key, .hash = hash };
	entry->path = malloc(key->path_len + 1u);
	if (!entry->path)
		return NULL;
	memcpy(entry->path, event->path, key->path_len);
	entry->row.op = event->op;
	entry->row.guard = event->guard;
	entry->row.reason = event->reason;
	entry->row.verdict = event->verdict;
	entry->row.rights = event->rights;
	if (!row_describe(&entry->row, tally->compiled, event, size)) {
		sbx_freep(&entry->path);
		return NULL;
	}
	tally->n++;
	return entry;
}

void sbx_tally_add(struct sbx_tally *tally, const struct sbx_event *event, size_t size)
{
	struct tally_entry *entry;
	struct tally_key key;
	__u64 hash;
	size_t at;

	if (event->guard)
		tally->escapes++;
	else
		tally->violations++;
	key_make(&key, event, size);
	hash = key_hash(&key, event->path);
	for (at = hash % TALLY_SLOTS; tally->slots[at]; at = (at + 1) % TALLY_SLOTS) {
		entry = &tally->entries[tally->slots[at] - 1];
		if (entry->hash == hash && memcmp(&entry->key, &key, sizeof(key)) == 0 &&
		    memcmp(entry->path, event->path, key.path_len) == 0) {
			entry->row.count++;
			entry->row.rights |= event->rights;
			return;
		}
	}
	entry = entry_new(tally, &key, hash, event, size);
	if (!entry) {
		tally->other++;
		return;
	}
	entry->row.count = 1;
	tally->slots[at] = (__u16)tally->n;
}

/* Escape attempts first, then by count; equal ones by name, so that the order is always the same.
 */
static int row_compare(const void *a, const void *b)
{
	const struct sbx_tally_row *left = a;
	const struct sbx_tally_row *right = b;

	if (!left->guard != !right->guard)
		return left->guard ? -1 : 1;
	if (left->count != right->count)
		return left->count > right->count ? -1 : 1;
	return strcmp(left->object, right->object);
}

size_t sbx_tally_rows(const struct sbx_tally *tally, const struct sbx_tally_row **ret_rows)
{
	static char other[] = "other";
	static char none[] = "";
	size_t n = tally->n;

	for (size_t i = 0; i < n; i++)
		tally->sorted[i] = tally->entries[i].row;
	qsort(tally->sorted, n, sizeof(*tally->sorted), row_compare);
	if (tally->other)
		tally->sorted[n++] = (struct sbx_tally_row){ .count = tally->other,
							     .object = other,
							     .rule = none,
							     .rule_text = none,
							     .remedy = none };
	*ret_rows = tally->sorted;
	return n;
}

void sbx_tally_facts(const struct sbx_tally *tally, struct sbx_tally_facts *ret_facts)
{
	*ret_facts = (struct sbx_tally_facts){
		.log = tally->log,
		.audit_mode = tally->audit_mode,
		.violations = tally->violations,
		.escapes = tally->escapes,
		.guards = tally->guards,
	};
}
