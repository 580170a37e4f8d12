/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SHA-256 as hex.  By nettle: libcrypto costs each process ten million instructions before the
 * first byte is hashed, more than all the rest of a short run.
 */
#ifndef SBX_SHA256_H
#define SBX_SHA256_H

#include <nettle/sha2.h>
#include <stddef.h>

#define SBX_SHA256_HEX 64

/* A digest as lower-case hex. */
void sbx_sha256_hex(const uint8_t digest[SHA256_DIGEST_SIZE], char ret_hex[SBX_SHA256_HEX + 1]);

/* Finishes `ctx` (begun with sha256_init, fed with sha256_update) as lower-case hex. */
void sbx_sha256_end(struct sha256_ctx *ctx, char ret_hex[SBX_SHA256_HEX + 1]);

#endif /* SBX_SHA256_H */
