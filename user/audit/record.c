// SPDX-License-Identifier: GPL-2.0-only
/* A line of a log -> its members and its place in the chain. */
#include "audit/record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "audit/audit.h"

void sbx_record_free(struct sbx_record *record)
{
	json_decref(record->json);
	record->json = NULL;
}

static bool is_hash(const char *text)
{
	return strspn(text, "0123456789abcdef") == SBX_HASH_LEN && text[SBX_HASH_LEN] == '\0';
}

/*
 * Takes prev and hash from the line's last bytes, which is where they stand in what we write; the
 * parsed object must agree, so that no second reading of the line is possible.
 */
static int take_chain(const char *line, size_t len, struct sbx_record *record)
{
	const char *prev = json_string_value(json_object_get(record->json, "prev"));
	const char *hash = json_string_value(json_object_get(record->json, "hash"));
	size_t tail = SBX_CHAIN_PREV_LEN + SBX_CHAIN_HASH_LEN;
	char want[SBX_CHAIN_PREV_LEN + SBX_CHAIN_HASH_LEN + 1];

	if (!prev || !hash || !is_hash(prev) || !is_hash(hash) || len < tail)
		return -EBADMSG;
	(void)snprintf(want, sizeof(want), "%s%s\"%s%s%s", SBX_CHAIN_PREV, prev, SBX_CHAIN_HASH,
		       hash, SBX_CHAIN_END);
	if (memcmp(line + len - tail, want, tail) != 0)
		return -EBADMSG;
	record->chained = true;
	record->hashed = len - SBX_CHAIN_HASH_LEN;
	memcpy(record->prev, prev, SBX_HASH_LEN + 1);
	memcpy(record->hash, hash, SBX_HASH_LEN + 1);
	return 0;
}

int sbx_record_parse(const char *line, size_t len, struct sbx_record *ret_record)
{
	struct sbx_record record = { 0 };
	const char *schema;
	int r = 0;

	if (len > SBX_RECORD_MAX)
		return -EBADMSG;
	record.json = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	schema = json_string_value(json_object_get(record.json, "schema"));
	if (!schema || strcmp(schema, SBX_EVENT_SCHEMA) != 0)
		r = -EBADMSG;
	else if (json_object_get(record.json, "prev") || json_object_get(record.json, "hash"))
		r = take_chain(line, len, &record);
	if (r) {
		sbx_record_free(&record);
		return r;
	}
	*ret_record = record;
	return 0;
}
