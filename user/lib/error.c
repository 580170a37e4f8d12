// SPDX-License-Identifier: GPL-2.0-only
/* Fills in struct sbx_error and names errno values; prints nothing. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* strerrorname_np */
#endif
#include "lib/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"

#define ERRNO_LAST 4095 /* MAX_ERRNO of the kernel */

int sbx_fail(struct sbx_error *err, int code, const char *cure, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return -code;
	va_start(args, fmt);
	(void)vsnprintf(err->text, sizeof(err->text), fmt, args); /* a cut text is still a text */
	va_end(args);
	(void)snprintf(err->cure, sizeof(err->cure), "%s", cure ? cure : "");
	return -code;
}

const char *sbx_errno_name(int code)
{
	const char *name = strerrorname_np(code < 0 ? -code : code);

	return name ? name : "E?";
}

int sbx_errno_from_name(const char *name)
{
	/* Second names, of which glibc knows one each. */
	static const struct {
		const char *name;
		int code;
	} aliases[] = {
		{ "EWOULDBLOCK", EWOULDBLOCK },
		{ "EDEADLOCK", EDEADLOCK },
		{ "ENOTSUP", ENOTSUP },
		{ "EOPNOTSUPP", EOPNOTSUPP },
	};

	for (size_t i = 0; i < SBX_ARRAY_SIZE(aliases); i++) {
		if (!strcmp(name, aliases[i].name))
			return aliases[i].code;
	}
	for (int code = 1; code <= ERRNO_LAST; code++) {
		const char *known = strerrorname_np(code);

		if (known && !strcmp(name, known))
			return code;
	}
	return -ENOENT;
}
