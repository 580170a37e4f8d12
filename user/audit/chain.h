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
 * The chain shows that nothing inside a log was changed, removed or swapped.  Without a key anybody
 * who can write the file can make it anew; with one (audit.key) the hash is HMAC-SHA-256, which
 * only its holders can.  That nothing was cut off at the end shows against a head that is kept
 * elsewhere (the result file holds it).  Internal to audit/.
 */
#ifndef SBX_CHAIN_H
#define SBX_CHAIN_H

#include <stddef.h>

#include "lib/error.h"

#define SBX_HASH_LEN 64 /* SHA-256 in hex */
#define SBX_HASH_ZERO "0000000000000000000000000000000000000000000000000000000000000000"

#define SBX_CHAIN_PREV ",\"prev\":\""
#define SBX_CHAIN_HASH ",\"hash\":\""
#define SBX_CHAIN_END "\"}" /* after the hash */
/* Bytes that the chain adds before, and that follow, the hash's place. */
#define SBX_CHAIN_PREV_LEN (sizeof(SBX_CHAIN_PREV) - 1 + SBX_HASH_LEN + 1)
#define SBX_CHAIN_HASH_LEN (sizeof(SBX_CHAIN_HASH) - 1 + SBX_HASH_LEN + sizeof(SBX_CHAIN_END) - 1)

struct sbx_chain_key {
	size_t len;
	unsigned char bytes[1024]; /* a longer file counts by its beginning */
};

/*
 * Reads a key: at least 16 bytes in a regular file of root's (or our own) that nobody else can
 * read.  Free with sbx_chain_key_free, which wipes it.  -EPERM: others can read it, -EINVAL: too
 * short or no file, else as the kernel says.
 */
int sbx_chain_key_read(const char *path, struct sbx_chain_key **ret_key, struct sbx_error *err);
void sbx_chain_key_free(struct sbx_chain_key *key);

/*
 * The hash of the record whose text without closing brace and `hash` is `text`.  `key` NULL: plain
 * SHA-256.
 */
void sbx_chain_hash(const struct sbx_chain_key *key, const char *prev, const char *text, size_t len,
		    char ret_hash[SBX_HASH_LEN + 1]);

#endif /* SBX_CHAIN_H */
