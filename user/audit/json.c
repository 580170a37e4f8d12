// SPDX-License-Identifier: GPL-2.0-only
/* JSON text; foreign bytes become printable here and nowhere else. */
#include "audit/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"

/*
 * Decodes one character of `len` > 0 bytes into `ret_code` and returns its length, or 0 for what
 * is no UTF-8: overlong forms, surrogates and code points above U+10FFFF included.
 */
static size_t utf8_next(const unsigned char *bytes, size_t len, unsigned int *ret_code)
{
	static const unsigned int lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = bytes[0];
	size_t n = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	unsigned int code = first;

	if (n == 0 || n > len || first > 0xf4)
		return 0;
	if (n > 1)
		code = first & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (bytes[i] & 0x3fu);
	}
	if (code < lowest[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return n;
}

/* Characters that steer a terminal, end a line, turn the direction of text or cannot be seen. */
static bool code_is_plain(unsigned int code)
{
	static const struct {
		unsigned int lo;
		unsigned int hi;
	} unsafe[] = {
		{ 0x00, 0x1f },	    { 0x7f, 0x9f },	{ 0xad, 0xad },	      { 0x61c, 0x61c },
		{ 0x180e, 0x180e }, { 0x200b, 0x200f }, { 0x2028, 0x202e },   { 0x2060, 0x206f },
		{ 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe007f },
	};

	for (size_t i = 0; i < SBX_ARRAY_SIZE(unsafe); i++) {
		if (code >= unsafe[i].lo && code <= unsafe[i].hi)
			return false;
	}
	return true;
}

/* Leading bytes that need no thought: printable ASCII, but for quote and backslash. */
static size_t ascii_span(const unsigned char *bytes, size_t len)
{
	size_t i = 0;

	while (i < len && bytes[i] >= 0x20 && bytes[i] < 0x7f && bytes[i] != '"' &&
	       bytes[i] != '\\')
		i++;
	return i;
}

bool sbx_text_plain(const char *bytes, size_t len)
{
	const unsigned char *at = (const unsigned char *)bytes;
	const unsigned char *end = at + len;

	for (;;) {
		unsigned int code = 0;
		size_t n;

		at += ascii_span(at, (size_t)(end - at));
		if (at == end)
			return true;
		n = utf8_next(at, (size_t)(end - at), &code);
		if (n == 0 || !code_is_plain(code))
			return false;
		at += n;
	}
}

void sbx_text_safe(struct sbx_buf *buf, const char *bytes, size_t len)
{
	const unsigned char *at = (const unsigned char *)bytes;
	const unsigned char *end = at + len;

	while (at < end) {
		unsigned int code = 0;
		size_t n = ascii_span(at, (size_t)(end - at));

		if (n == 0) {
			n = utf8_next(at, (size_t)(end - at), &code);
			if (n == 0 || code < 0x20 || code == 0x7f) {
				sbx_buf_printf(buf, "\\x%02x", *at);
				at++;
				continue;
			}
			if (!code_is_plain(code)) {
				sbx_buf_printf(buf, "\\u{%x}", code);
				at += n;
				continue;
			}
			if (code == '\\')
				sbx_buf_add(buf, "\\", 1);
		}
		sbx_buf_add(buf, (const char *)at, n);
		at += n;
	}
}

size_t sbx_text_width(const char *str)
{
	size_t n = 0;

	for (; *str; str++)
		n += ((unsigned char)*str & 0xc0) != 0x80;
	return n;
}

/* The comma that is due, and the key. */
static void json_key(struct sbx_buf *buf, const char *key, const char *suffix)
{
	char last = buf->len ? buf->text[buf->len - 1] : '{';

	if (last != '{' && last != '[')
		sbx_buf_add(buf, ",", 1);
	if (!key)
		return;
	sbx_buf_add(buf, "\"", 1);
	sbx_buf_puts(buf, key);
	sbx_buf_puts(buf, suffix);
	sbx_buf_add(buf, "\":", 2);
}

void sbx_json_open(struct sbx_buf *buf, const char *key, char bracket)
{
	if (buf->len)
		json_key(buf, key, "");
	sbx_buf_add(buf, &bracket, 1);
}

void sbx_json_close(struct sbx_buf *buf, char bracket)
{
	sbx_buf_add(buf, &bracket, 1);
}

static void put_u64(struct sbx_buf *buf, __u64 value)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	sbx_buf_add(buf, digits + at, sizeof(digits) - at);
}

void sbx_json_u64(struct sbx_buf *buf, const char *key, __u64 value)
{
	bool wide = value >> 53;

	json_key(buf, key, "");
	if (wide)
		sbx_buf_add(buf, "\"", 1);
	put_u64(buf, value);
	if (wide)
		sbx_buf_add(buf, "\"", 1);
}

void sbx_json_s64(struct sbx_buf *buf, const char *key, __s64 value)
{
	json_key(buf, key, "");
	if (value < 0)
		sbx_buf_add(buf, "-", 1);
	put_u64(buf, value < 0 ? -(__u64)value : (__u64)value);
}

void sbx_json_true(struct sbx_buf *buf, const char *key)
{
	json_key(buf, key, "");
	sbx_buf_puts(buf, "true");
}

void sbx_json_word(struct sbx_buf *buf, const char *key, const char *word)
{
	json_key(buf, key, "");
	sbx_buf_add(buf, "\"", 1);
	sbx_buf_puts(buf, word ? word : "unknown");
	sbx_buf_add(buf, "\"", 1);
}

/* The inside of a JSON string, from valid UTF-8 without control characters. */
static void json_inside(struct sbx_buf *buf, const char *bytes, size_t len)
{
	size_t from = 0;

	for (size_t i = 0; i < len; i++) {
		if (bytes[i] != '"' && bytes[i] != '\\')
			continue;
		sbx_buf_add(buf, bytes + from, i - from);
		sbx_buf_add(buf, "\\", 1);
		from = i;
	}
	sbx_buf_add(buf, bytes + from, len - from);
}

static void put_hex(struct sbx_buf *buf, const char *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	sbx_buf_add(buf, "\"", 1);
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)bytes[i];
		char pair[2] = { digits[byte >> 4], digits[byte & 15] };

		sbx_buf_add(buf, pair, 2);
	}
	sbx_buf_add(buf, "\"", 1);
}

void sbx_json_hex(struct sbx_buf *buf, const char *key, const char *bytes, size_t len)
{
	json_key(buf, key, "");
	put_hex(buf, bytes, len);
}

void sbx_json_string(struct sbx_buf *buf, const char *key, const char *bytes, size_t len)
{
	struct sbx_buf readable = { 0 };
	bool plain = sbx_text_plain(bytes, len);

	json_key(buf, key, "");
	sbx_buf_add(buf, "\"", 1);
	if (plain) {
		json_inside(buf, bytes, len);
	} else {
		sbx_text_safe(&readable, bytes, len);
		json_inside(buf, readable.text ? readable.text : "", readable.len);
		if (readable.error)
			buf->error = readable.error;
		sbx_buf_free(&readable);
	}
	sbx_buf_add(buf, "\"", 1);
	if (plain || !key)
		return;
	json_key(buf, key, "_bytes");
	put_hex(buf, bytes, len);
}

void sbx_json_value(struct sbx_buf *buf, const char *key, const json_t *value)
{
	sbx_cleanup(sbx_freep) char *dump =
		json_dumps(value, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ENCODE_ANY);

	if (!dump) {
		buf->error = -ENOMEM;
		return;
	}
	json_key(buf, key, "");
	/* Jansson takes DEL for printable; it can only stand inside a string. */
	for (const char *at = dump; *at;) {
		size_t n = strcspn(at, "\x7f");

		sbx_buf_add(buf, at, n);
		at += n;
		if (*at) {
			sbx_buf_puts(buf, "\\u007f");
			at++;
		}
	}
}
