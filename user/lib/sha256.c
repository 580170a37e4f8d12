// SPDX-License-Identifier: GPL-2.0-only
/* The one place where a digest becomes text. */
#include "lib/sha256.h"

void sbx_sha256_end(struct sha256_ctx *ctx, char ret_hex[SBX_SHA256_HEX + 1])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t sum[SHA256_DIGEST_SIZE];

	sha256_digest(ctx, sizeof(sum), sum);
	for (size_t i = 0; i < sizeof(sum); i++) {
		ret_hex[2 * i] = digits[sum[i] >> 4];
		ret_hex[2 * i + 1] = digits[sum[i] & 15];
	}
	ret_hex[SBX_SHA256_HEX] = '\0';
}
