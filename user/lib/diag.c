// SPDX-License-Identifier: GPL-2.0-only
/* The list of a policy's faults; see diag.h. */
#include "lib/diag.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/utf8.h"

static void diag_free(struct sbx_diag *diag)
{
	free(diag->file);
	free(diag->text);
}

/* Makes room for one more item. */
static int diags_grow(struct sbx_diags *diags)
{
	struct sbx_diag *items;

	if (diags->n & (diags->n - 1))
		return 0;
	/* At every power of two the room doubles. */
	items = realloc(diags->items, (diags->n ? diags->n * 2 : 1) * sizeof(*items));
	if (!items)
		return -1;
	diags->items = items;
	return 0;
}

void sbx_diag_add(struct sbx_diags *diags, enum sbx_diag_level level, const char *code,
		  const char *file, unsigned int line, unsigned int column, const char *fmt, ...)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf text = { 0 };
	struct sbx_diag diag = { .level = level, .code = code, .line = line, .column = column };
	va_list args;

	if (level == SBX_DIAG_ERROR)
		diags->n_errors++;
	if (diags->n >= SBX_DIAGS_MAX || diags_grow(diags)) {
		diags->n_more++;
		return;
	}
	va_start(args, fmt);
	sbx_buf_vprintf(&text, fmt, args);
	va_end(args);
	diag.file = strdup(file ? file : "");
	if (!diag.file || sbx_buf_take(&text, &diag.text)) {
		diags->n_more++;
		diag_free(&diag);
		return;
	}
	/* Messages cut words, and file names are bytes; what reads JSON takes UTF-8 only. */
	sbx_utf8_repair(diag.file, strlen(diag.file));
	sbx_utf8_repair(diag.text, strlen(diag.text));
	diags->items[diags->n++] = diag;
}

static int compare_numbers(unsigned int a, unsigned int b)
{
	return (a > b) - (a < b);
}

/* Two faults of one place keep a fixed order, too, so that the output never depends on qsort. */
static int compare_diags(const void *pa, const void *pb)
{
	const struct sbx_diag *a = pa, *b = pb;
	int r = strcmp(a->file, b->file);

	if (!r)
		r = compare_numbers(a->line, b->line);
	if (!r)
		r = compare_numbers(a->column, b->column);
	if (!r)
		r = compare_numbers(a->level, b->level);
	if (!r)
		r = strcmp(a->code, b->code);
	return r ? r : strcmp(a->text, b->text);
}

static void print_one(const struct sbx_diag *diag, FILE *out, bool color)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf line = { 0 };
	bool error = diag->level == SBX_DIAG_ERROR;

	sbx_buf_put_escaped(&line, diag->file, strlen(diag->file));
	if (diag->line)
		sbx_buf_printf(&line, ":%u", diag->line);
	if (diag->line && diag->column)
		sbx_buf_printf(&line, ":%u", diag->column);
	sbx_buf_printf(&line, ": %s%s%s: ", color ? error ? "\033[31m" : "\033[33m" : "",
		       error ? "error" : "warning", color ? "\033[0m" : "");
	sbx_buf_put_escaped(&line, diag->text, strlen(diag->text));
	sbx_buf_printf(&line, " [%s]\n", diag->code);
	if (!line.error)
		(void)fputs(line.text, out); /* the caller checks the stream */
}

void sbx_diags_print(struct sbx_diags *diags, FILE *out, bool color)
{
	if (diags->n)
		qsort(diags->items, diags->n, sizeof(*diags->items), compare_diags);
	for (size_t i = 0; i < diags->n; i++)
		print_one(&diags->items[i], out, color);
	if (diags->n_more)
		(void)fprintf(out, "... and %zu more\n", diags->n_more); /* as above */
}

void sbx_diags_free(struct sbx_diags *diags)
{
	for (size_t i = 0; i < diags->n; i++)
		diag_free(&diags->items[i]);
	free(diags->items);
	*diags = (struct sbx_diags){ 0 };
}
