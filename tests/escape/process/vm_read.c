// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/uio.h>

static int attempt(void)
{
	char text[sizeof(CANARY)] = "";
	struct iovec local = { .iov_base = text, .iov_len = sizeof(text) };
	struct iovec remote = { .iov_base = (void *)world.place, /* NOLINT: an address over there */
				.iov_len = sizeof(text) };

	if (process_vm_readv(world.victim, &local, 1, &remote, 1, 0) < 0)
		return errno;
	return strcmp(text, CANARY) ? EBADMSG : 0;
}

TECHNIQUE(.what = "its memory read (process_vm_readv)", .hooks = "sbx_ptrace", .event = "ptrace",
	  .harmless = true);
