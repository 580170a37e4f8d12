/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The two ways in which foreign bytes get into text: as a JSON string that loses nothing, and as
 * text that cannot drive a terminal.  Lack of memory is remembered in the buffer.
 */
#ifndef SBX_JSON_H
#define SBX_JSON_H

#include <jansson.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/buf.h"

/*
 * True for valid UTF-8 without control characters (C0, DEL, C1), line separators, and characters
 * that change the direction of text or cannot be seen: what may be shown as it is.
 */
bool sbx_text_plain(const char *bytes, size_t len);

/*
 * Adds `bytes` so that a terminal only prints: bytes that are no UTF-8, C0 and DEL become \xNN,
 * other characters that are not plain \u{N}, a backslash two.
 */
void sbx_text_safe(struct sbx_buf *buf, const char *bytes, size_t len);

/* Characters (not bytes) of a string that sbx_text_safe made. */
size_t sbx_text_width(const char *str);

/*
 * JSON, compact, members in the order of the calls; a comma is added where one is due.  `key`
 * NULL adds an array's element.
 */
void sbx_json_open(struct sbx_buf *buf, const char *key, char bracket); /* '{' or '[' */
void sbx_json_close(struct sbx_buf *buf, char bracket);			/* '}' or ']' */
/* A number; above 2^53 - 1, where JSON readers round, a string of its digits. */
void sbx_json_u64(struct sbx_buf *buf, const char *key, __u64 value);
/* A number within +-2^53. */
void sbx_json_s64(struct sbx_buf *buf, const char *key, __s64 value);
void sbx_json_true(struct sbx_buf *buf, const char *key);
/* `word`: printable ASCII without quote and backslash (keywords); NULL becomes "unknown". */
void sbx_json_word(struct sbx_buf *buf, const char *key, const char *word);
/*
 * Any bytes.  Plain ones are the string as it is.  Others are made readable by sbx_text_safe, and
 * a second member "<key>_bytes" holds the exact bytes in lower-case hex: present means that the
 * first is for reading only.
 */
void sbx_json_string(struct sbx_buf *buf, const char *key, const char *bytes, size_t len);
/* Any bytes as a string of lower-case hex. */
void sbx_json_hex(struct sbx_buf *buf, const char *key, const char *bytes, size_t len);
/* A value made elsewhere, in ASCII. */
void sbx_json_value(struct sbx_buf *buf, const char *key, const json_t *value);

#endif /* SBX_JSON_H */
