// SPDX-License-Identifier: GPL-2.0-only
/* The list of what nothing enforces: gathered once, told on stderr, in the log and in the result.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job/effort.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "policy/parse.h"

bool sbx_gap_merge(struct sbx_gaps *gaps, const char *concern, const struct sbx_place *place,
		   const char *why)
{
	for (size_t i = 0; i < gaps->n; i++) {
		struct sbx_gap *gap = &gaps->items[i];

		if (gap->place.file != place->file || gap->place.line != place->line ||
		    strcmp(gap->why, why) || strcmp(gap->concern, concern))
			continue;
		gap->more++;
		return true;
	}
	return false;
}

void sbx_gap_add(struct sbx_gaps *gaps, const char *concern, const struct sbx_place *place,
		 const char *why, const char *fmt, ...)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf text = { 0 };
	sbx_cleanup(sbx_freep) char *what = NULL;
	va_list args;

	va_start(args, fmt);
	sbx_buf_vprintf(&text, fmt, args);
	va_end(args);
	if (sbx_buf_take(&text, &what) ||
	    sbx_array_grow(&gaps->items, gaps->n, sizeof(*gaps->items))) {
		gaps->error = -ENOMEM;
		return;
	}
	gaps->items[gaps->n++] = (struct sbx_gap){
		.concern = concern,
		.place = place ? *place : (struct sbx_place){ 0 },
		.what = SBX_TAKE(what, NULL),
		.why = why,
	};
}

void sbx_gaps_free(struct sbx_gaps *gaps)
{
	for (size_t i = 0; i < gaps->n; i++)
		sbx_freep(&gaps->items[i].what);
	sbx_freep(&gaps->items);
	gaps->n = 0;
}

static void put_what(struct sbx_buf *buf, const struct sbx_gap *gap)
{
	sbx_buf_put_escaped(buf, gap->what, strlen(gap->what));
	if (gap->more)
		sbx_buf_printf(buf, " and %u more of this line", gap->more);
}

/* "strict.yaml:14"; a rule that the launcher made has no line. */
static void put_place(struct sbx_buf *buf, const struct sbx_place *place)
{
	sbx_buf_put_escaped(buf, place->file, strlen(place->file));
	if (place->line)
		sbx_buf_printf(buf, ":%u", place->line);
}

json_t *sbx_gaps_json(const struct sbx_gaps *gaps)
{
	json_t *list = json_array();

	for (size_t i = 0; i < gaps->n; i++) {
		const struct sbx_gap *gap = &gaps->items[i];
		sbx_cleanup(sbx_buf_free) struct sbx_buf what = { 0 };
		sbx_cleanup(sbx_buf_free) struct sbx_buf rule = { 0 };
		json_t *item = json_pack("{s:s, s:s}", "concern", gap->concern, "why", gap->why);

		put_what(&what, gap);
		/* what fails for lack of memory shows when the text is made */
		(void)json_object_set_new(item, "what", json_string(what.text ? what.text : ""));
		if (gap->place.file)
			put_place(&rule, &gap->place);
		if (rule.text)
			(void)json_object_set_new(item, "rule", json_string(rule.text));
		(void)json_array_append_new(list, item);
	}
	return list;
}

static bool same_kind(const struct sbx_gap *a, const struct sbx_gap *b)
{
	return !strcmp(a->concern, b->concern) && !strcmp(a->why, b->why);
}

/* The first of its kind speaks for the others; false: another one has spoken. */
static bool put_kind(const struct sbx_gaps *gaps, size_t at, struct sbx_buf *buf)
{
	const struct sbx_gap *gap = &gaps->items[at];
	unsigned int more = 0;

	for (size_t i = 0; i < at; i++) {
		if (same_kind(&gaps->items[i], gap))
			return false;
	}
	for (size_t i = at; i < gaps->n; i++)
		more += same_kind(&gaps->items[i], gap) ? 1 + gaps->items[i].more : 0;
	sbx_buf_printf(buf, "%-8s ", gap->concern);
	if (gap->place.file) {
		put_place(buf, &gap->place);
		sbx_buf_puts(buf, ": ");
	}
	sbx_buf_put_escaped(buf, gap->what, strlen(gap->what));
	if (more > 1)
		sbx_buf_printf(buf, " and %u more", more - 1);
	sbx_buf_printf(buf, " (%s)", gap->why);
	return true;
}

void sbx_gaps_warn(const struct sbx_gaps *gaps, const char *how)
{
	sbx_log(SBX_LOG_WARN, "%s%s", how, gaps->n ? "; not enforced:" : "");
	for (size_t i = 0; i < gaps->n; i++) {
		sbx_cleanup(sbx_buf_free) struct sbx_buf line = { 0 };

		if (put_kind(gaps, i, &line))
			sbx_log(SBX_LOG_WARN, "  %s", line.text ? line.text : "out of memory");
	}
	if (gaps->n)
		sbx_log(SBX_LOG_WARN, "  all of it: isolation.not_enforced in log and result");
}
