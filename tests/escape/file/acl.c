// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"

#include <sys/xattr.h>

static int attempt(void)
{
	/* version; user, group and others: {tag, rights, id} each */
	unsigned char acl[4 + 3 * 8] = { 2, 0, 0, 0 };
	const unsigned char tags[] = { 0x01, 0x04, 0x20 };

	for (size_t i = 0; i < sizeof(tags); i++) {
		acl[4 + 8 * i] = tags[i];
		acl[6 + 8 * i] = 7;
		memset(acl + 8 + 8 * i, 0xff, 4);
	}
	return reached(setxattr(look(), "system.posix_acl_access", acl, sizeof(acl), 0));
}

TECHNIQUE(.what = "an access control list set", .hooks = "sbx_setxattr sbx_set_acl",
	  .event = "xattr", .needs = "access control lists", .harmless = true);
