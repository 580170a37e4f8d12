/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of an existing log: where its chain goes on, and whose it is.  Internal to audit/. */
#ifndef SBX_TAIL_H
#define SBX_TAIL_H

#include <stdbool.h>

#include "audit/chain.h"

struct sbx_log_tail {
	bool empty;
	char hash[SBX_HASH_LEN + 1]; /* of the last record; "" when it is not chained */
	char job[128]; /* name of the job that wrote it, safe for a terminal; may be "" */
};

/*
 * Reads the last line of `fd` and checks that it is a record.  0, -EBADMSG when it is none (half a
 * line, another file altogether), -EKEYREJECTED when its hash is not right under `key` (NULL:
 * plain; *ret_tail is filled in all the same), -ENOMEM, or as read() says.
 */
int sbx_log_tail(int fd, const struct sbx_chain_key *key, struct sbx_log_tail *ret_tail);

#endif /* SBX_TAIL_H */
