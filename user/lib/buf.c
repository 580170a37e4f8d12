// SPDX-License-Identifier: GPL-2.0-only
/* A growing string; see buf.h. */
#include "lib/buf.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"

#define BUF_FIRST 64 /* most texts here are one line */

/* Makes room for `more` bytes and the terminator. */
static int buf_reserve(struct sbx_buf *buf, size_t more)
{
	size_t cap = buf->cap ? buf->cap : BUF_FIRST;
	char *text;

	if (buf->error)
		return buf->error;
	if (more >= SIZE_MAX / 4 || buf->len >= SIZE_MAX / 4)
		return buf->error = -ENOMEM;
	while (cap <= buf->len + more)
		cap *= 2;
	if (cap == buf->cap)
		return 0;
	text = realloc(buf->text, cap);
	if (!text)
		return buf->error = -ENOMEM;
	buf->text = text;
	buf->cap = cap;
	return 0;
}

void sbx_buf_add(struct sbx_buf *buf, const char *text, size_t len)
{
	if (buf_reserve(buf, len) || !buf->text)
		return;
	if (len)
		memcpy(buf->text + buf->len, text, len);
	buf->len += len;
	buf->text[buf->len] = '\0';
}

void sbx_buf_puts(struct sbx_buf *buf, const char *text)
{
	sbx_buf_add(buf, text, strlen(text));
}

void sbx_buf_putc(struct sbx_buf *buf, char c)
{
	sbx_buf_add(buf, &c, 1);
}

void sbx_buf_vprintf(struct sbx_buf *buf, const char *fmt, va_list args)
{
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0) {
		buf->error = -EINVAL;
		return;
	}
	if (buf_reserve(buf, (size_t)len))
		return;
	(void)vsnprintf(buf->text + buf->len, (size_t)len + 1, fmt,
			args); /* fits: measured above */
	buf->len += (size_t)len;
}

void sbx_buf_printf(struct sbx_buf *buf, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	sbx_buf_vprintf(buf, fmt, args);
	va_end(args);
}

void sbx_buf_put_escaped(struct sbx_buf *buf, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		unsigned char next = i + 1 < len ? (unsigned char)text[i + 1] : 0;

		if (c < 0x20 || c == 0x7f) {
			sbx_buf_printf(buf, "\\x%02x", c);
		} else if (c == 0xc2 && next >= 0x80 && next <= 0x9f) {
			/* C1 controls in UTF-8: 0x9b starts an escape sequence on some terminals.
			 */
			sbx_buf_printf(buf, "\\x%02x\\x%02x", c, next);
			i++;
		} else {
			sbx_buf_putc(buf, (char)c);
		}
	}
}

int sbx_buf_take(struct sbx_buf *buf, char **ret_text)
{
	if (!buf->text)
		sbx_buf_add(buf, "", 0);
	if (buf->error)
		return buf->error;
	*ret_text = SBX_TAKE(buf->text, NULL);
	buf->len = 0;
	buf->cap = 0;
	return 0;
}

void sbx_buf_free(struct sbx_buf *buf)
{
	free(buf->text);
	*buf = (struct sbx_buf){ 0 };
}
