// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/uio.h>

static int attempt(void)
{
	char text[] = CANARY;
	struct iovec local = { .iov_base = text, .iov_len = sizeof(text) };
	struct iovec remote = { .iov_base = (void *)world.place, /* NOLINT: an address over there */
				.iov_len = sizeof(text) };

	return reached(process_vm_writev(world.victim, &local, 1, &remote, 1, 0));
}

TECHNIQUE(.what = "its memory written (process_vm_writev)", .hooks = "sbx_ptrace",
	  .event = "ptrace", .harmless = true);
