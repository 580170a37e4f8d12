// SPDX-License-Identifier: GPL-2.0-only
/* The hash of one record. */
#include "audit/chain.h"

#include "lib/sha256.h"

void sbx_chain_hash(const char *prev, const char *text, size_t len, char ret_hash[SBX_HASH_LEN + 1])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, SBX_HASH_LEN, (const uint8_t *)prev);
	sha256_update(&ctx, len, (const uint8_t *)text);
	sha256_update(&ctx, 1, (const uint8_t *)"}");
	sbx_sha256_end(&ctx, ret_hash);
}
