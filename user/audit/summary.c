// SPDX-License-Identifier: GPL-2.0-only
/* What a person reads after a run.  Only text that sbx_text_safe has seen is printed. */
#include "audit/tally.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "audit/json.h"
#include "lib/cleanup.h"

#define SUMMARY_ROWS 12 /* fits a screen with the headline */
#define OBJECT_WIDTH 44 /* columns: longer ones are shortened in the middle */
#define RULE_WIDTH 32
#define TEXT_WIDTH 60
#define LOG_WIDTH 72

#define RED "\033[31m"
#define DIM "\033[2m"
#define BOLD "\033[1m"
#define PLAIN "\033[0m"

struct counts {
	__u64 refusals; /* escapes apart */
	__u64 escapes;
};

/* Where character number `n` (of a safe string) begins. */
static const char *char_at(const char *str, size_t n)
{
	for (; *str; str++) {
		if (((unsigned char)*str & 0xc0) == 0x80)
			continue;
		if (n-- == 0)
			break;
	}
	return str;
}

/* At most `width` columns; the middle goes, as a path's end says more than its start. */
static char *shorten(const char *str, size_t width)
{
	size_t len = sbx_text_width(str);
	size_t head = (width - 3) / 3;
	struct sbx_buf buf = { 0 };
	char *text = NULL;

	if (len <= width) {
		sbx_buf_puts(&buf, str);
	} else {
		sbx_buf_add(&buf, str, (size_t)(char_at(str, head) - str));
		sbx_buf_puts(&buf, "...");
		sbx_buf_puts(&buf, char_at(str, len - (width - 3 - head)));
	}
	return sbx_buf_take(&buf, &text) ? NULL : text;
}

/* Pads by columns, which printf counts as bytes. */
static void print_padded(FILE *out, const char *str, size_t width)
{
	size_t len = sbx_text_width(str);

	(void)fprintf(out, "%s%*s", str, len < width ? (int)(width - len) : 0, "");
}

static const char *plural(__u64 n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

/* What the act is called: opening by the rights that were missing, all else by its operation. */
static void row_act(const struct sbx_tally_row *row, char *buf, size_t size)
{
	const char *op = sbx_op_to_str(row->op);
	unsigned int rights = row->rights & SBX_RIGHT_ALL;

	if (row->op == SBX_OP_NONE_)
		(void)snprintf(buf, size, "other");
	else if (row->guard)
		(void)snprintf(buf, size, "ESCAPE %s", op ? op : "unknown");
	else if (row->op == SBX_OP_OPEN && rights)
		(void)sbx_rights_format(rights, buf, size);
	else
		(void)snprintf(buf, size, "%s", op ? op : "unknown");
}

static struct counts count(const struct sbx_tally *tally, const struct sbx_job_state *state)
{
	struct sbx_tally_facts facts;
	struct counts counts;
	__u64 refused_escapes = 0;

	sbx_tally_facts(tally, &facts);
	counts = (struct counts){ .refusals = facts.violations, .escapes = facts.escapes };
	if (!state)
		return counts;
	counts.escapes = 0;
	for (unsigned int guard = 1; guard < SBX_GUARDS_MAX; guard++) {
		counts.escapes += state->escapes[guard];
		if (facts.guards[guard] != SBX_ACTION_LOG)
			refused_escapes += state->escapes[guard];
	}
	/* The kernel's two counters are read one after the other: never below zero. */
	counts.refusals = state->refused > refused_escapes ? state->refused - refused_escapes : 0;
	return counts;
}

static void print_headline(const struct sbx_tally *tally, const struct counts *counts,
			   const char *job, bool color, FILE *out)
{
	struct sbx_tally_facts facts;
	struct sbx_buf safe = { 0 };

	sbx_tally_facts(tally, &facts);
	sbx_text_safe(&safe, job, strlen(job));
	(void)fprintf(out, "%ssbx-bpf: job %s: ", color ? BOLD : "", safe.text ? safe.text : "");
	if (counts->refusals == 0 && counts->escapes == 0)
		(void)fputs("nothing was refused", out);
	else if (facts.audit_mode)
		(void)fprintf(out, "%llu %s would have been refused (mode: audit)",
			      (unsigned long long)counts->refusals,
			      plural(counts->refusals, "operation", "operations"));
	else
		(void)fprintf(out, "%llu %s", (unsigned long long)counts->refusals,
			      plural(counts->refusals, "refusal", "refusals"));
	if (counts->escapes)
		(void)fprintf(out, ", %llu escape %s", (unsigned long long)counts->escapes,
			      plural(counts->escapes, "attempt", "attempts"));
	(void)fputs(color ? PLAIN : "", out);
	sbx_buf_free(&safe);
	if (facts.log) {
		sbx_cleanup(sbx_freep) char *log = NULL;

		sbx_text_safe(&safe, facts.log, strlen(facts.log));
		log = shorten(safe.text ? safe.text : "", LOG_WIDTH);
		(void)fprintf(out, " (log: %s)", log ? log : "");
		sbx_buf_free(&safe);
	}
	(void)fputc('\n', out);
}

struct widths {
	int count;
	size_t act;
	size_t object;
	size_t rule;
};

static size_t max_width(size_t width, const char *str, size_t cap)
{
	size_t len = sbx_text_width(str);

	len = len < cap ? len : cap;
	return len > width ? len : width;
}

static struct widths measure(const struct sbx_tally_row *rows, size_t n)
{
	struct widths widths = { 0 };

	for (size_t i = 0; i < n; i++) {
		int digits = snprintf(NULL, 0, "%llu", (unsigned long long)rows[i].count);
		char act[96];

		row_act(&rows[i], act, sizeof(act));
		widths.count = digits > widths.count ? digits : widths.count;
		widths.act = max_width(widths.act, act, sizeof(act));
		widths.object = max_width(widths.object, rows[i].object, OBJECT_WIDTH);
		widths.rule = max_width(widths.rule, rows[i].rule, RULE_WIDTH);
	}
	return widths;
}

static void print_row(const struct sbx_tally_row *row, const struct widths *widths, bool color,
		      FILE *out)
{
	sbx_cleanup(sbx_freep) char *object = shorten(row->object, OBJECT_WIDTH);
	sbx_cleanup(sbx_freep) char *rule = shorten(row->rule, RULE_WIDTH);
	sbx_cleanup(sbx_freep) char *text = shorten(row->rule_text, TEXT_WIDTH);
	const char *verdict = sbx_verdict_to_str(row->verdict);
	const char *reason = sbx_reason_to_str(row->reason);
	char act[96];

	if (!object || !rule || !text)
		return; /* out of memory: the log has it */
	row_act(row, act, sizeof(act));
	(void)fprintf(out, "  %*llux  %s", widths->count, (unsigned long long)row->count,
		      color && row->guard ? RED : "");
	print_padded(out, act, widths->act);
	(void)fputs(color && row->guard ? PLAIN : "", out);
	if (row->op == SBX_OP_NONE_) {
		(void)fputs("  of more kinds than are told apart here\n", out);
		return;
	}
	(void)fputs("  ", out);
	print_padded(out, object, widths->object);
	(void)fputs("  ", out);
	print_padded(out, rule, widths->rule);
	if (text[0])
		(void)fprintf(out, "  %s", text);
	else if (row->reason != SBX_REASON_RULE && reason)
		(void)fprintf(out, "  %s", reason);
	if (row->guard)
		(void)fprintf(out, " (severity %u, %s)", sbx_guard_severity(row->guard),
			      verdict ? verdict : "unknown");
	(void)fputc('\n', out);
	if (row->remedy[0])
		(void)fprintf(out, "  %*s   %sto allow: %s%s\n", widths->count, "",
			      color ? DIM : "", row->remedy, color ? PLAIN : "");
}

/* Refusals that no row shows, because no record of them came. */
static void print_missing(const struct sbx_job_state *state, FILE *out)
{
	if (state->lost)
		(void)fprintf(out, "  %llu %s lost: the job was faster than the log\n",
			      (unsigned long long)state->lost,
			      plural(state->lost, "record was", "records were"));
	if (state->limited)
		(void)fprintf(out, "  %llu more %s counted, not recorded (audit.rate)\n",
			      (unsigned long long)state->limited,
			      plural(state->limited, "was", "were"));
}

void sbx_summary_print(const struct sbx_tally *tally, const struct sbx_job_state *state,
		       const char *job, bool color, bool always, FILE *out)
{
	const struct sbx_tally_row *rows = NULL;
	size_t n = sbx_tally_rows(tally, &rows);
	size_t shown = n < SUMMARY_ROWS ? n : SUMMARY_ROWS;
	struct counts counts = count(tally, state);
	struct widths widths = measure(rows, shown);
	struct sbx_tally_facts facts;

	if (!always && n == 0 && counts.refusals == 0 && counts.escapes == 0)
		return;
	sbx_tally_facts(tally, &facts);
	print_headline(tally, &counts, job, color, out);
	for (size_t i = 0; i < shown; i++)
		print_row(&rows[i], &widths, color, out);
	if (shown < n)
		(void)fprintf(out, "  and %zu more %s%s\n", n - shown,
			      plural(n - shown, "kind", "kinds"), facts.log ? ", see the log" : "");
	if (state)
		print_missing(state, out);
}
