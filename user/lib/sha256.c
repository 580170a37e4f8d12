// SPDX-License-Identifier: GPL-2.0-only
/* The one place where a digest becomes text. */
#include "lib/sha256.h"

void sbx_sha256_hex(const uint8_t digest[SHA256_DIGEST_SIZE], char ret_hex[SBX_SHA256_HEX + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < SHA256_DIGEST_SIZE; i++) {
		ret_hex[2 * i] = digits[digest[i] >> 4];
		ret_hex[2 * i + 1] = digits[digest[i] & 15];
	}
	ret_hex[SBX_SHA256_HEX] = '\0';
}

void sbx_sha256_end(struct sha256_ctx *ctx, char ret_hex[SBX_SHA256_HEX + 1])
{
	uint8_t sum[SHA256_DIGEST_SIZE];

	sha256_digest(ctx, sizeof(sum), sum);
	sbx_sha256_hex(sum, ret_hex);
}
