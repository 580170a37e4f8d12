/* SPDX-License-Identifier: GPL-2.0-only */
/* Text checks that come before any syntax, and the nearest word to a misspelt one. */
#ifndef SBX_TEXT_H
#define SBX_TEXT_H

#include <stddef.h>

struct sbx_diags;

/* 0, or -EINVAL with one fault: `text` is empty, too large, binary or not UTF-8. */
int sbx_text_check(const char *file, const char *text, size_t len, struct sbx_diags *diags);

/* Edit distance (a swap of neighbours counts 1), or a number above `limit`. */
size_t sbx_text_distance(const char *a, const char *b, size_t limit);

/*
 * The word nearest to `word`: candidates come from `next`, which returns NULL at the end.
 * NULL when none is near enough to be a slip of the hand.
 */
typedef const char *(*sbx_word_fn)(size_t i, const void *ctx);
const char *sbx_text_nearest(const char *word, sbx_word_fn next, const void *ctx);

#endif /* SBX_TEXT_H */
