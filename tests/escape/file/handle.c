// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

static int attempt(void)
{
	union {
		struct file_handle head;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} handle = { .head = { .handle_bytes = MAX_HANDLE_SZ } };
	int id;

	if (name_to_handle_at(AT_FDCWD, none(), &handle.head, &id, 0))
		return errno;
	return canary_in(open_by_handle_at(open(".", O_RDONLY), &handle.head, O_RDONLY));
}

TECHNIQUE(.what = "open_by_handle_at", .hooks = "sbx_file_open sbx_capable",
	  .event = "capability 2", .needs = "a filesystem with file handles", .harmless = true);
