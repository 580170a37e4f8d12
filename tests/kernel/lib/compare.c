// SPDX-License-Identifier: GPL-2.0-only
/* Rows against what act said and what stands in the log. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define OBJECT_MAX 5000 /* a path of 4096 bytes, and words */
#define RULE_MAX 512

static const char *member(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "";
}

/* Bytes that are no text stand in PATH_bytes, in hex. */
static void format_path(const json_t *object, char *buf, size_t size)
{
	const char *hex = json_string_value(json_object_get(object, "path_bytes"));
	size_t n = 0;

	if (!hex) {
		(void)snprintf(buf, size, "%s", member(object, "path"));
		return;
	}
	for (; hex[0] && hex[1] && n + 1 < size; hex += 2) {
		unsigned int byte;

		(void)sscanf(hex, "%2x", &byte);
		buf[n++] = (char)byte;
	}
	buf[n] = '\0';
}

void format_object(const json_t *event, char *buf, size_t size)
{
	const json_t *object = json_object_get(event, "object");
	const json_t *number = json_object_get(object, "number");

	*buf = '\0';
	if (json_object_get(object, "path"))
		format_path(object, buf, size);
	else if (json_object_get(object, "address"))
		(void)snprintf(buf, size, "%s %s %lld%s%s", member(object, "protocol"),
			       member(object, "address"),
			       json_integer_value(json_object_get(object, "port")),
			       json_object_get(object, "domain") ? " " : "",
			       member(object, "domain"));
	else if (json_object_get(object, "family"))
		(void)snprintf(buf, size, "%s %s %s%s%s", member(object, "family"),
			       member(object, "socket"), member(object, "protocol"),
			       json_object_get(object, "name") ? " @" : "", member(object, "name"));
	else if (json_object_get(object, "comm"))
		(void)snprintf(buf, size, "process %s", member(object, "comm"));
	else if (number)
		(void)snprintf(buf, size, "number %lld", json_integer_value(number));
}

static void format_rights(const json_t *event, char *buf, size_t size)
{
	const json_t *rights = json_object_get(event, "rights");
	size_t len = 0;

	*buf = '\0';
	for (size_t i = 0; i < json_array_size(rights) && len < size; i++)
		len += (size_t)snprintf(buf + len, size - len, "%s%s", i ? "+" : "",
					json_string_value(json_array_get(rights, i)));
}

static bool is_policy_reason(const char *reason)
{
	return !strcmp(reason, "rule") || !strcmp(reason, "gain") || !strcmp(reason, "dir-move") ||
	       !strcmp(reason, "redirect");
}

/* "policy.yaml:N" for the line in which the text stands; else the text itself. */
static void expect_rule(const char *policy, const struct event *want, const char *reason, char *buf,
			size_t size)
{
	const char *marker = want->rule;
	const char *at;
	unsigned int line = 1;

	if (!marker)
		marker = is_policy_reason(reason) ? "default:" : "built in";
	at = strcmp(marker, "*") ? strstr(policy, marker) : NULL;
	if (!at) {
		(void)snprintf(buf, size, "%s", marker);
		return;
	}
	for (const char *c = policy; c < at; c++)
		line += *c == '\n';
	(void)snprintf(buf, size, "policy.yaml:%u", line);
}

static bool rule_fits(const char *want, const char *got)
{
	const char *base = strstr(want, "policy.yaml:") == want ? strrchr(got, '/') : NULL;

	return !strcmp(want, "*") || !strcmp(want, base ? base + 1 : got);
}

static bool same(const char *what, const char *want, const char *got, char *why, size_t size)
{
	if (!strcmp(want, "*") || !strcmp(want, got))
		return true;
	(void)snprintf(why, size, "%s is \"%s\", not \"%s\"", what, got, want);
	return false;
}

/* True if the record is the expected event; else `why` says what differs. */
static bool event_fits(const char *policy, const struct row *row, const struct event *want,
		       const json_t *got, char *why, size_t size)
{
	const char *reason = want->reason ? want->reason : want->guard ? "guard" : "rule";
	const char *error = want->error			? want->error
			    : strcmp(row->result, "ok") ? row->result
							: "";
	char object[OBJECT_MAX], rights[128], rule[RULE_MAX];

	format_object(got, object, sizeof(object));
	format_rights(got, rights, sizeof(rights));
	expect_rule(policy, want, reason, rule, sizeof(rule));
	if (!same("type", want->guard ? "escape" : "violation", member(got, "type"), why, size) ||
	    !same("op", want->op, member(got, "op"), why, size) ||
	    !same("verdict", want->verdict ? want->verdict : "denied", member(got, "verdict"), why,
		  size) ||
	    !same("reason", reason, member(got, "reason"), why, size) ||
	    !same("guard", want->guard ? want->guard : "", member(got, "guard"), why, size) ||
	    !same("object", want->object ? expand(want->object, NULL) : "", object, why, size) ||
	    !same("rights", want->rights ? want->rights : "", rights, why, size) ||
	    !same("errno", error, member(got, "errno"), why, size))
		return false;
	if (rule_fits(rule, member(got, "rule")))
		return true;
	(void)snprintf(why, size, "rule is \"%s\", not \"%s\"", member(got, "rule"), rule);
	return false;
}

static void print_records(const json_t *records, size_t from)
{
	for (size_t i = from; i < json_array_size(records) && i < from + 5; i++) {
		char *dump = json_dumps(json_array_get(records, i), JSON_COMPACT);

		print_error("    event %zu: %s\n", i + 1, dump ? dump : "?");
		free(dump);
	}
}

static void check_sequence(const json_t *events)
{
	for (size_t i = 0; i < json_array_size(events); i++) {
		json_int_t seq =
			json_integer_value(json_object_get(json_array_get(events, i), "seq"));

		if (seq != (json_int_t)i + 1)
			fail_msg("event %zu has sequence number %lld", i + 1, seq);
	}
}

static void check_counters(const struct outcome *outcome)
{
	const json_t *metrics = json_object_get(outcome->result, "metrics");
	const json_t *events = json_object_get(metrics, "events");
	size_t n = json_array_size(outcome->events), refused = 0;

	if (!metrics)
		fail_msg("no result with metrics");
	for (size_t i = 0; i < n; i++)
		refused += strcmp(member(json_array_get(outcome->events, i), "verdict"),
				  "logged") != 0;
	if (json_integer_value(json_object_get(metrics, "violations")) != (json_int_t)refused ||
	    json_integer_value(json_object_get(events, "lines")) != (json_int_t)n ||
	    json_integer_value(json_object_get(events, "lost")) != 0)
		fail_msg("the result counts other than the %zu events of the log: %s", n,
			 json_dumps(metrics, JSON_COMPACT));
}

void check_events(const char *policy, const struct outcome *outcome, const struct row *rows,
		  size_t n)
{
	size_t at = 0, total = json_array_size(outcome->events);
	char why[2 * OBJECT_MAX];

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < ROW_EVENTS && rows[i].events[k].op; k++, at++) {
			if (at >= total)
				fail_msg("row %zu \"%.200s\": no event \"%s\" in the log", i,
					 rows[i].act, rows[i].events[k].op);
			if (event_fits(policy, &rows[i], &rows[i].events[k],
				       json_array_get(outcome->events, at), why, sizeof(why)))
				continue;
			print_error("row %zu \"%.200s\": %s\n", i, rows[i].act, why);
			print_records(outcome->events, at);
			fail_msg("the log does not say what the table says");
		}
	}
	if (at < total) {
		print_records(outcome->events, at);
		fail_msg("%zu events that no row expects", total - at);
	}
	check_sequence(outcome->events);
	check_counters(outcome);
}

char *list_events(const json_t *events)
{
	char object[OBJECT_MAX], rights[128];
	char *list = text("%zu events", json_array_size(events));

	for (size_t i = 0; i < json_array_size(events) && i < 20; i++) {
		const json_t *event = json_array_get(events, i);

		format_object(event, object, sizeof(object));
		format_rights(event, rights, sizeof(rights));
		list = text("%s\n    %zu: %s %s \"%.300s\" %s %s%s", list, i + 1,
			    member(event, "op"), rights, object, member(event, "errno"),
			    member(event, "reason"), member(event, "guard"));
	}
	return list;
}

void check_results(const struct row *rows, size_t n, const char *out, const char *context)
{
	size_t bad = 0;

	for (size_t i = 0; i < n; i++) {
		size_t len = strcspn(out, "\n");

		if (!rows[i].result)
			continue;
		if (!*out) {
			print_error("row %zu \"%.200s\": no line\n", i, rows[i].act);
			bad++;
			break;
		}
		if (strcmp(rows[i].result, "*") &&
		    (strlen(rows[i].result) != len || strncmp(rows[i].result, out, len))) {
			print_error("row %zu \"%.200s\": \"%.*s\", not \"%s\"\n", i, rows[i].act,
				    (int)len, out, rows[i].result);
			bad++;
		}
		out += len + (out[len] == '\n');
	}
	if (*out)
		fail_msg("act said more than the rows expect: %.200s", out);
	if (bad)
		fail_msg("%zu rows went otherwise%s", bad, context);
}
