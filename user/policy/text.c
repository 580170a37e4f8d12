// SPDX-License-Identifier: GPL-2.0-only
/* Text checks and word distances; see text.h. */
#include "policy/text.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "lib/diag.h"
#include "lib/utf8.h"
#include "policy/yaml.h"

#define WORD_MAX 48 /* no keyword is half as long; longer words have no neighbour */

static bool is_text_byte(unsigned char c)
{
	return c >= 0x20 ? c != 0x7f : c == '\n' || c == '\t' || c == '\r';
}

/* The first character that cannot stand in a policy, with its place. */
static int check_characters(const char *file, const char *text, size_t len, struct sbx_diags *diags)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned int line = 1, column = 1;

	for (size_t i = 0; i < len;) {
		size_t n = sbx_utf8_len(text + i, len - i);

		if (!n) {
			sbx_diag_add(diags, SBX_DIAG_ERROR, "not-utf8", file, line, column,
				     "byte 0x%02x is not UTF-8: save the file as UTF-8", s[i]);
			return -EINVAL;
		}
		if (!is_text_byte(s[i])) {
			sbx_diag_add(diags, SBX_DIAG_ERROR, "not-text", file, line, column,
				     "byte 0x%02x is not text: a policy is a YAML file", s[i]);
			return -EINVAL;
		}
		column++;
		if (s[i] == '\n') {
			line++;
			column = 1;
		}
		i += n;
	}
	return 0;
}

int sbx_text_check(const char *file, const char *text, size_t len, struct sbx_diags *diags)
{
	if (!len) {
		sbx_diag_add(diags, SBX_DIAG_ERROR, "empty", file, 0, 0,
			     "the file is empty: a policy starts with `version: 1`");
		return -EINVAL;
	}
	if (len > SBX_YAML_BYTES_MAX) {
		sbx_diag_add(diags, SBX_DIAG_ERROR, "too-large", file, 0, 0,
			     "the file has %zu bytes, the limit is %u", len, SBX_YAML_BYTES_MAX);
		return -EINVAL;
	}
	return check_characters(file, text, len, diags);
}

static size_t min2(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t sbx_text_distance(const char *a, const char *b, size_t limit)
{
	size_t row[3][WORD_MAX + 1];
	size_t na = strlen(a), nb = strlen(b);

	if (na > WORD_MAX || nb > WORD_MAX || na > nb + limit || nb > na + limit)
		return limit + 1;
	for (size_t j = 0; j <= nb; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t cost = a[i - 1] != b[j - 1];

			now[j] = min2(min2(last[j] + 1, now[j - 1] + 1), last[j - 1] + cost);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = min2(now[j], before[j - 2] + 1);
		}
	}
	return row[na % 3][nb];
}

const char *sbx_text_nearest(const char *word, sbx_word_fn next, const void *ctx)
{
	size_t len = strlen(word);
	size_t best = len <= 3 ? 1 : len <= 6 ? 2 : 3;
	const char *nearest = NULL;
	const char *candidate;

	for (size_t i = 0; (candidate = next(i, ctx)); i++) {
		size_t distance = sbx_text_distance(word, candidate, best);

		/* A word of which nothing is left is no slip of the hand. */
		if (distance > best || distance >= strlen(candidate) ||
		    (nearest && distance == best))
			continue;
		best = distance;
		nearest = candidate;
	}
	return nearest;
}
