/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages for people: stderr only, one line each, prefixed "sbx-bpf: ".  Colour on a terminal
 * only. */
#ifndef SBX_LOG_H
#define SBX_LOG_H

#include <stdbool.h>

struct sbx_error;

enum sbx_log_level {
	SBX_LOG_ERROR,
	SBX_LOG_WARN,
	SBX_LOG_INFO,
	SBX_LOG_DEBUG, /* shown with -v */
	SBX_LOG_TRACE, /* shown with -vv: the verifier's log and libbpf's */
};

/* Shows messages up to `level`; the default is SBX_LOG_INFO. */
void sbx_log_set_level(enum sbx_log_level level);
enum sbx_log_level sbx_log_get_level(void);

void sbx_log(enum sbx_log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Logs an error with its cure on a second line. */
void sbx_log_error(const struct sbx_error *err);

/* True when `fd` is a terminal that takes colour (NO_COLOR and TERM=dumb are honoured). */
bool sbx_color(int fd);

#endif /* SBX_LOG_H */
