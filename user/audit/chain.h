/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hash chain of a log.  A record is one line:
 *
 *     {...,"prev":"<64 hex>","hash":"<64 hex>"}
 *
 * hash = SHA-256 (lower-case hex) of the 64 characters of `prev` followed by the line as it stands
 * in the file without its `hash` member and without the newline: `{...,"prev":"<64 hex>"}`.
 * prev = the hash of the line before, 64 zeros in the first line of a file.  So, for one line:
 *
 *     prev=$(jq -r .prev <<<"$line")
 *     printf '%s%s' "$prev" "$(sed 's/,"hash":"[0-9a-f]*"}$/}/' <<<"$line")" | sha256sum
 *
 * The chain shows that nothing inside a log was changed, removed or swapped; it has no key, so
 * that nothing was cut off at the end shows only against a head that is kept elsewhere (the
 * result file holds it).  Internal to audit/.
 */
#ifndef SBX_CHAIN_H
#define SBX_CHAIN_H

#include <stddef.h>

#define SBX_HASH_LEN 64 /* SHA-256 in hex */
#define SBX_HASH_ZERO "0000000000000000000000000000000000000000000000000000000000000000"

#define SBX_CHAIN_PREV ",\"prev\":\""
#define SBX_CHAIN_HASH ",\"hash\":\""
#define SBX_CHAIN_END "\"}" /* after the hash */
/* Bytes that the chain adds before, and that follow, the hash's place. */
#define SBX_CHAIN_PREV_LEN (sizeof(SBX_CHAIN_PREV) - 1 + SBX_HASH_LEN + 1)
#define SBX_CHAIN_HASH_LEN (sizeof(SBX_CHAIN_HASH) - 1 + SBX_HASH_LEN + sizeof(SBX_CHAIN_END) - 1)

/* The hash of the record whose text without closing brace and `hash` is `text`. */
void sbx_chain_hash(const char *prev, const char *text, size_t len,
		    char ret_hash[SBX_HASH_LEN + 1]);

#endif /* SBX_CHAIN_H */
