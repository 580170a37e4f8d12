/* SPDX-License-Identifier: GPL-2.0-only */
/* Well-formed UTF-8, as Unicode defines it: no surrogates, nothing overlong. */
#ifndef SBX_UTF8_H
#define SBX_UTF8_H

#include <stddef.h>

/* Bytes of the character at `text`, of which `left` may be read; 0: not UTF-8. */
size_t sbx_utf8_len(const char *text, size_t left);

/* Overwrites each byte that is not part of a character with `?`. */
void sbx_utf8_repair(char *text, size_t len);

#endif /* SBX_UTF8_H */
