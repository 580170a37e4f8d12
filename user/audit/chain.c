// SPDX-License-Identifier: GPL-2.0-only
/* SHA-256 of records; the digest is fetched once, since looking it up costs more than hashing. */
#include "audit/chain.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>

struct sbx_hasher {
	EVP_MD *digest;
	EVP_MD_CTX *context;
};

void sbx_hasher_free(struct sbx_hasher *hasher)
{
	if (!hasher)
		return;
	EVP_MD_CTX_free(hasher->context);
	EVP_MD_free(hasher->digest);
	free(hasher);
}

int sbx_hasher_new(struct sbx_hasher **ret_hasher)
{
	struct sbx_hasher *hasher = calloc(1, sizeof(*hasher));

	if (!hasher)
		return -ENOMEM;
	hasher->digest = EVP_MD_fetch(NULL, "SHA256", NULL);
	hasher->context = EVP_MD_CTX_new();
	if (!hasher->digest || !hasher->context) {
		int error = hasher->digest ? -ENOMEM : -ENOTSUP;

		sbx_hasher_free(hasher);
		return error;
	}
	*ret_hasher = hasher;
	return 0;
}

int sbx_hasher_record(struct sbx_hasher *hasher, const char *prev, const char *text, size_t len,
		      char ret_hash[SBX_HASH_LEN + 1])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	if (!EVP_DigestInit_ex2(hasher->context, hasher->digest, NULL) ||
	    !EVP_DigestUpdate(hasher->context, prev, SBX_HASH_LEN) ||
	    !EVP_DigestUpdate(hasher->context, text, len) ||
	    !EVP_DigestUpdate(hasher->context, "}", 1) ||
	    !EVP_DigestFinal_ex(hasher->context, sum, &n) || n != SBX_HASH_LEN / 2)
		return -EIO;
	for (unsigned int i = 0; i < n; i++) {
		ret_hash[2 * i] = digits[sum[i] >> 4];
		ret_hash[2 * i + 1] = digits[sum[i] & 15];
	}
	ret_hash[SBX_HASH_LEN] = '\0';
	return 0;
}
