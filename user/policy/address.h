/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses, prefixes and the named sets of them, all in the one 128-bit form. */
#ifndef SBX_ADDRESS_H
#define SBX_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/policy.h"

#define SBX_ADDRESS_TEXT 64 /* any prefix as text, with its length and end */
#define SBX_V4_BITS 96	    /* of a v4-mapped address, before IPv4's own */

/* A named set; `name` has its "@". */
struct sbx_address_set {
	const char *name;
	const char *const *prefixes; /* NULL-terminated */
};

/* "@private" and so on; NULL when there is none of that name. */
const struct sbx_address_set *sbx_address_set(const char *name);
/* The sets by number, for messages; NULL at the end. */
const struct sbx_address_set *sbx_address_set_at(size_t i);

/* A plain address "10.1.2.3", "::1" in v4-mapped form.  0 or -EINVAL. */
int sbx_address_parse(const char *text, __u8 addr[16]);

/*
 * "10.1.0.0/16", "10.1.2.3", "fd00::/8".  0; -EINVAL (no such thing); -ERANGE (bad length);
 * -EDOM: bits are set beyond the length, and *ret_prefix is the network that was probably meant.
 */
int sbx_prefix_parse(const char *text, struct sbx_prefix *ret_prefix);

/* "10.1.0.0/16"; a single address without its length. Returns buf. */
char *sbx_prefix_format(const struct sbx_prefix *prefix, char *buf, size_t size);

bool sbx_prefix_is_v4(const struct sbx_prefix *prefix);
/* Does the prefix hold the address? */
bool sbx_prefix_holds(const struct sbx_prefix *prefix, const __u8 addr[16]);
/* By address, then length, so that a prefix stands before all that it holds. */
int sbx_prefix_compare(const struct sbx_prefix *a, const struct sbx_prefix *b);

#endif /* SBX_ADDRESS_H */
