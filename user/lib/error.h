/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One failure as a person needs it: what could not be done and why, and what would cure it.
 * Library code fills one in and returns a negative errno; only commands print it.
 */
#ifndef SBX_ERROR_H
#define SBX_ERROR_H

struct sbx_error {
	char text[1024]; /* what failed, on which object, and the cause */
	char cure[512];	 /* what to do about it; may be empty */
};

/*
 * Fills `err` (may be NULL) and returns -code, so that callers can `return sbx_fail(...)`.
 * `code` is a positive errno value.  `cure` may be NULL.  The text is `fmt` alone: name the
 * errno in it with sbx_errno_name() where it helps.
 */
int sbx_fail(struct sbx_error *err, int code, const char *cure, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* "EACCES" for 13 or -13; "E?" for a number without a name. The string is static. */
const char *sbx_errno_name(int code);

/* The reverse of sbx_errno_name: 13 for "EACCES", -ENOENT for an unknown name. */
int sbx_errno_from_name(const char *name);

#endif /* SBX_ERROR_H */
