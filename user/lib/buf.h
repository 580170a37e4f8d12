/* SPDX-License-Identifier: GPL-2.0-only */
/* A string that grows.  A failed append is remembered, so callers check once, at the end. */
#ifndef SBX_BUF_H
#define SBX_BUF_H

#include <stdarg.h>
#include <stddef.h>

/* Start with `= { 0 }`; free with sbx_buf_free or hand the text over with sbx_buf_take. */
struct sbx_buf {
	char *text; /* always terminated once something was appended; NULL before */
	size_t len;
	size_t cap;
	int error; /* 0, or -ENOMEM of the first append that failed */
};

void sbx_buf_add(struct sbx_buf *buf, const char *text, size_t len);
void sbx_buf_puts(struct sbx_buf *buf, const char *text);
void sbx_buf_putc(struct sbx_buf *buf, char c);
void sbx_buf_printf(struct sbx_buf *buf, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void sbx_buf_vprintf(struct sbx_buf *buf, const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));

/*
 * Appends text for people: control characters (C0, DEL, C1) become \xNN, so that a name from a
 * file or a job cannot drive a terminal.  Newlines are escaped, too.
 */
void sbx_buf_put_escaped(struct sbx_buf *buf, const char *text, size_t len);

/* Hands the text over ("" when nothing was appended); the caller frees it.  0 or -ENOMEM. */
int sbx_buf_take(struct sbx_buf *buf, char **ret_text);

void sbx_buf_free(struct sbx_buf *buf);

#endif /* SBX_BUF_H */
