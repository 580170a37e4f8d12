/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults of a policy are data: parse and compile append to a list and go on, so one run
 * reports all of them, and tests assert on codes.
 */
#ifndef SBX_DIAG_H
#define SBX_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum sbx_diag_level {
	SBX_DIAG_ERROR,
	SBX_DIAG_WARNING,
};

struct sbx_diag {
	enum sbx_diag_level level;
	const char *code;    /* static, stable, e.g. "unknown-key" */
	char *file;	     /* as the user named it; owned */
	unsigned int line;   /* from 1; 0: the whole file */
	unsigned int column; /* from 1; 0: the whole line */
	char *text;	     /* what is wrong and what to write instead; owned */
};

/* More than anyone reads at once; further faults of a broken file are only counted. */
#define SBX_DIAGS_MAX 1000

struct sbx_diags {
	struct sbx_diag *items;
	size_t n;
	size_t n_errors; /* all of them, kept or not */
	size_t n_more;	 /* faults that were counted but not kept */
};

/* Appends one fault.  `code` must be a string literal.  On lack of memory it counts the error only.
 */
void sbx_diag_add(struct sbx_diags *diags, enum sbx_diag_level level, const char *code,
		  const char *file, unsigned int line, unsigned int column, const char *fmt, ...)
	__attribute__((format(printf, 7, 8)));

/* Sorts by file, line, column and prints "file:line:column: error: text [code]", a line each. */
void sbx_diags_print(struct sbx_diags *diags, FILE *out, bool color);

/* Frees what the list owns and empties it; the struct itself is the caller's. */
void sbx_diags_free(struct sbx_diags *diags);

#endif /* SBX_DIAG_H */
