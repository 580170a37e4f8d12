// SPDX-License-Identifier: GPL-2.0-only
/* Messages for people, on stderr; the only file that writes there by itself. */
#include "lib/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/error.h"

static enum sbx_log_level log_level = SBX_LOG_INFO;

void sbx_log_set_level(enum sbx_log_level level)
{
	log_level = level;
}

enum sbx_log_level sbx_log_get_level(void)
{
	return log_level;
}

bool sbx_color(int fd)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (no_color && *no_color)
		return false;
	if (!term || !strcmp(term, "dumb"))
		return false;
	return isatty(fd) == 1;
}

/* Word and colour before a message; plain information carries none. */
static void put_level(struct sbx_buf *line, enum sbx_log_level level)
{
	static const struct {
		const char *word;
		const char *color;
	} looks[] = {
		[SBX_LOG_ERROR] = { "error: ", "\033[31m" },
		[SBX_LOG_WARN] = { "warning: ", "\033[33m" },
		[SBX_LOG_INFO] = { "", "" },
		[SBX_LOG_DEBUG] = { "debug: ", "\033[2m" },
		[SBX_LOG_TRACE] = { "trace: ", "\033[2m" },
	};
	bool color = *looks[level].word && sbx_color(STDERR_FILENO);

	sbx_buf_puts(line, "sbx-bpf: ");
	if (color)
		sbx_buf_puts(line, looks[level].color);
	sbx_buf_puts(line, looks[level].word);
	if (color)
		sbx_buf_puts(line, "\033[0m");
}

/* Tabs and line breaks inside stay (verifier logs have them); other controls are escaped. */
static void put_message(struct sbx_buf *line, const char *text, size_t len)
{
	while (len && text[len - 1] == '\n')
		len--;
	while (len) {
		size_t run = strcspn(text, "\n\t");

		if (run > len)
			run = len;
		sbx_buf_put_escaped(line, text, run);
		if (run < len)
			sbx_buf_putc(line, text[run++]);
		text += run;
		len -= run;
	}
	sbx_buf_putc(line, '\n');
}

void sbx_log(enum sbx_log_level level, const char *fmt, ...)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf text = { 0 };
	sbx_cleanup(sbx_buf_free) struct sbx_buf line = { 0 };
	va_list args;

	if (level > log_level)
		return;
	va_start(args, fmt);
	sbx_buf_vprintf(&text, fmt, args);
	va_end(args);
	put_level(&line, level);
	put_message(&line, text.text ? text.text : "", text.len);
	if (text.error || line.error)
		(void)fputs("sbx-bpf: error: out of memory\n", stderr); /* nowhere else to say it */
	else
		(void)fputs(line.text, stderr); /* nowhere else to say it */
}

void sbx_log_error(const struct sbx_error *err)
{
	sbx_log(SBX_LOG_ERROR, "%s", err->text);
	if (*err->cure)
		sbx_log(SBX_LOG_ERROR, "  %s", err->cure);
}
