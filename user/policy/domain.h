/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of hosts as policies spell them.  Pure text: no resolver is ever asked. */
#ifndef SBX_DOMAIN_H
#define SBX_DOMAIN_H

/*
 * Lower case, no dot at the end, perhaps "*." in front.  0 and the name (the caller's), -EINVAL
 * with a sentence in *ret_fault (static), -ENOMEM.
 */
int sbx_domain_normalise(const char *text, char **ret_name, const char **ret_fault);

#endif /* SBX_DOMAIN_H */
