// SPDX-License-Identifier: GPL-2.0-only
/* UTF-8; see utf8.h. */
#include "lib/utf8.h"

#include "lib/cleanup.h"

size_t sbx_utf8_len(const char *text, size_t left)
{
	const unsigned char *s = (const unsigned char *)text;
	/* First byte's range, length, and the narrower range of the second byte (Unicode 3.9). */
	static const struct {
		unsigned char lo, hi, len, lo2, hi2;
	} rows[] = {
		{ 0x00, 0x7f, 1, 0, 0 },       { 0xc2, 0xdf, 2, 0x80, 0xbf },
		{ 0xe0, 0xe0, 3, 0xa0, 0xbf }, { 0xe1, 0xec, 3, 0x80, 0xbf },
		{ 0xed, 0xed, 3, 0x80, 0x9f }, { 0xee, 0xef, 3, 0x80, 0xbf },
		{ 0xf0, 0xf0, 4, 0x90, 0xbf }, { 0xf1, 0xf3, 4, 0x80, 0xbf },
		{ 0xf4, 0xf4, 4, 0x80, 0x8f },
	};
	size_t i = 0;

	if (!left)
		return 0;
	while (i < SBX_ARRAY_SIZE(rows) && (s[0] < rows[i].lo || s[0] > rows[i].hi))
		i++;
	if (i == SBX_ARRAY_SIZE(rows) || rows[i].len > left)
		return 0;
	if (rows[i].len > 1 && (s[1] < rows[i].lo2 || s[1] > rows[i].hi2))
		return 0;
	for (size_t k = 2; k < rows[i].len; k++) {
		if (s[k] < 0x80 || s[k] > 0xbf)
			return 0;
	}
	return rows[i].len;
}

void sbx_utf8_repair(char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = sbx_utf8_len(text + i, len - i);

		if (!n)
			text[i] = '?';
		i += n ? n : 1;
	}
}
