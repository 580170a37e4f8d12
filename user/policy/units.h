/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers with units, as people write them.  All return 0, or -EINVAL (not such a number) or
 * -ERANGE (too large), and leave the output alone then.
 */
#ifndef SBX_UNITS_H
#define SBX_UNITS_H

#include <linux/types.h>

int sbx_units_number(const char *text, __u64 *ret_value);    /* decimal digits only */
int sbx_units_size(const char *text, __u64 *ret_bytes);	     /* 512M, 1.5G, 64KiB, 10MB (decimal) */
int sbx_units_duration(const char *text, __u64 *ret_ms);     /* 500ms, 30s, 1.5m, 2h */
int sbx_units_cpu(const char *text, __u64 *ret_percent);     /* 50%, 1.5, `2 cores` */
int sbx_units_rate(const char *text, __u64 *ret_per_second); /* 200/s */
int sbx_units_bandwidth(const char *text, __u64 *ret_bits);  /* 10Mbit, 1.5Gbit: decimal */

#endif /* SBX_UNITS_H */
