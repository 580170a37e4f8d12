/* SPDX-License-Identifier: GPL-2.0-only */
/* One line of a log, read back.  Internal to audit/. */
#ifndef SBX_RECORD_H
#define SBX_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "audit/chain.h"

/* Of a line: events stay below 30 KiB, the start record's command is cut at 64 KiB. */
#define SBX_RECORD_MAX (1024 * 1024)

struct sbx_record {
	json_t *json; /* an object; owned */
	bool chained;
	char prev[SBX_HASH_LEN + 1]; /* as the line says; "" unless chained */
	char hash[SBX_HASH_LEN + 1];
	size_t hashed; /* bytes of the line that the hash covers, but for the brace */
};

/*
 * Reads a line (without newline): a JSON object of our schema, whose last members are prev and
 * hash or that has neither.  Checks no hash.  0, -EBADMSG, -ENOMEM.
 */
int sbx_record_parse(const char *line, size_t len, struct sbx_record *ret_record);
void sbx_record_free(struct sbx_record *record);

#endif /* SBX_RECORD_H */
