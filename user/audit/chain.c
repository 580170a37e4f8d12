// SPDX-License-Identifier: GPL-2.0-only
/* The hash of one record. */
#include "audit/chain.h"

#include <nettle/hmac.h>

#include "lib/cleanup.h"
#include "lib/sha256.h"

void sbx_chain_hash(const struct sbx_chain_key *key, const char *prev, const char *text, size_t len,
		    char ret_hash[SBX_HASH_LEN + 1])
{
	const uint8_t *parts[] = { (const uint8_t *)prev, (const uint8_t *)text,
				   (const uint8_t *)"}" };
	const size_t lens[] = { SBX_HASH_LEN, len, 1 };
	struct hmac_sha256_ctx keyed;
	struct sha256_ctx plain;
	uint8_t digest[SHA256_DIGEST_SIZE];

	if (!key) {
		sha256_init(&plain);
		for (size_t i = 0; i < SBX_ARRAY_SIZE(parts); i++)
			sha256_update(&plain, lens[i], parts[i]);
		sbx_sha256_end(&plain, ret_hash);
		return;
	}
	hmac_sha256_set_key(&keyed, key->len, key->bytes);
	for (size_t i = 0; i < SBX_ARRAY_SIZE(parts); i++)
		hmac_sha256_update(&keyed, lens[i], parts[i]);
	hmac_sha256_digest(&keyed, sizeof(digest), digest);
	sbx_sha256_hex(digest, ret_hash);
}
