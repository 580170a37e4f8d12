// SPDX-License-Identifier: GPL-2.0-only
/* The refusals of a log as questions, so that another policy, or a changed one, can be asked. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "audit/record.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "policy/query.h"

#define KINDS_MAX 10000 /* more than anybody asks about; a job decides how many there are */

static const char *member(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* The missing rights of a record as a mask. */
static __u32 rights_of(const json_t *record)
{
	const json_t *words = json_object_get(record, "rights");
	const json_t *word;
	__u32 rights = 0;
	size_t i;

	json_array_foreach (words, i, word) {
		int right = json_is_string(word) ? sbx_rights_from_str(json_string_value(word)) : 0;

		rights |= right > 0 ? (__u32)right : 0;
	}
	return rights;
}

/* A guard refuses the act, whatever the path. */
static bool is_about_path(const json_t *record)
{
	return !*member(record, "guard") && *member(json_object_get(record, "object"), "path") &&
	       rights_of(record);
}

/*
 * What makes two refusals the same question; "" when nothing can be asked: the state of the kernel
 * or of the job decided, and no line of a policy.
 */
static void put_question(struct sbx_buf *buf, const json_t *record)
{
	const json_t *object = json_object_get(record, "object");
	char rights[96];

	if (*member(record, "guard")) {
		sbx_buf_puts(buf, member(record, "guard"));
	} else if (is_about_path(record)) {
		sbx_buf_printf(buf, "%s %s",
			       sbx_rights_format(rights_of(record), rights, sizeof(rights)),
			       member(object, "path"));
	} else if (!strcmp(member(record, "op"), sbx_op_to_str(SBX_OP_SOCKET))) {
		sbx_buf_printf(buf, "socket %s %s", member(object, "family"),
			       member(object, "socket"));
	} else if (*member(object, "address")) {
		sbx_buf_printf(buf, "%s %s [%s]:%lld", member(record, "op"),
			       member(object, "protocol"), member(object, "address"),
			       (long long)json_integer_value(json_object_get(object, "port")));
	}
}

/* Counts a record among `kinds`: question -> {count, rights (0: no path), path, path_bytes}. */
static int count_record(json_t *kinds, const json_t *record)
{
	const json_t *object = json_object_get(record, "object");
	sbx_cleanup(sbx_buf_free) struct sbx_buf question = { 0 };
	json_t *kind;

	put_question(&question, record);
	if (question.error)
		return -ENOMEM;
	if (!question.len)
		return 0;
	kind = json_object_get(kinds, question.text);
	if (kind)
		return json_object_set_new(
			       kind, "count",
			       json_integer(json_integer_value(json_object_get(kind, "count")) + 1))
			       ? -ENOMEM
			       : 0;
	if (json_object_size(kinds) == KINDS_MAX)
		return 0;
	kind = json_pack("{s:i, s:i, s:O?, s:O?}", "count", 1, "rights",
			 is_about_path(record) ? (int)rights_of(record) : 0, "path",
			 json_object_get(object, "path"), "path_bytes",
			 json_object_get(object, "path_bytes"));
	return json_object_set_new(kinds, question.text, kind) ? -ENOMEM : 0;
}

static bool is_refusal(const json_t *record)
{
	const char *type = member(record, "type");

	return !strcmp(type, "violation") || !strcmp(type, "escape");
}

static int count_lines(FILE *in, const char *path, json_t *kinds, struct sbx_error *err)
{
	sbx_cleanup(sbx_freep) char *line = NULL;
	unsigned long long number = 0;
	size_t cap = 0;
	ssize_t len;
	int r = 0;

	while (!r && (len = getline(&line, &cap, in)) > 0) {
		struct sbx_record record;

		number++;
		r = sbx_record_parse(line, (size_t)len - (line[len - 1] == '\n'), &record);
		if (r == -EBADMSG)
			return sbx_fail(err, EBADMSG, "give the log of a run (audit, --audit)",
					"\"%s\", line %llu: it is no record of an audit log", path,
					number);
		if (r)
			return r;
		if (is_refusal(record.json))
			r = count_record(kinds, record.json);
		sbx_record_free(&record);
	}
	return r;
}

/* The path's exact bytes into `buf`; false: what should be hex is not. */
static bool put_bytes(struct sbx_buf *buf, const char *hex)
{
	for (; hex[0] && hex[1]; hex += 2) {
		char pair[3] = { hex[0], hex[1], '\0' };
		char *end;
		unsigned long byte = strtoul(pair, &end, 16);

		if (*end || !byte)
			return false;
		sbx_buf_putc(buf, (char)byte);
	}
	return !*hex;
}

static int ask_path(const json_t *kind, struct sbx_event **ret_event, size_t *ret_size)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf path = { 0 };
	const char *hex = member(kind, "path_bytes");

	if (!*hex)
		sbx_buf_puts(&path, member(kind, "path"));
	else if (!put_bytes(&path, hex))
		return -EBADMSG;
	if (path.error)
		return -ENOMEM;
	*ret_event = sbx_query_path(path.text, path.len < SBX_PATH_MAX ? path.len : SBX_PATH_MAX,
				    (__u32)json_integer_value(json_object_get(kind, "rights")),
				    ret_size);
	return *ret_event ? 0 : -ENOMEM;
}

/* 0 and the question, or 1 when no policy has a word for it (another family of sockets, say). */
static int ask(const char *question, const json_t *kind, struct sbx_event **ret_event,
	       size_t *ret_size)
{
	static const struct sbx_policy_vars nowhere = { .home = "/", .workdir = "/" };
	int r;

	if (json_integer_value(json_object_get(kind, "rights")))
		r = ask_path(kind, ret_event, ret_size);
	else
		r = sbx_query_parse(question, &nowhere, NULL, NULL, ret_event, ret_size, NULL);
	return r == -EINVAL ? 1 : r;
}

int sbx_audit_questions(const char *path, sbx_question_fn fn, void *ctx, struct sbx_error *err)
{
	sbx_cleanup(sbx_fclosep) FILE *in = fopen(path, "re");
	json_t *kinds = json_object();
	const char *question;
	json_t *kind;
	int r;

	if (!in)
		r = sbx_fail(err, errno, NULL, "the audit log \"%s\" cannot be read: %s", path,
			     sbx_errno_name(errno));
	else
		r = count_lines(in, path, kinds, err);
	json_object_foreach (kinds, question, kind) {
		sbx_cleanup(sbx_freep) struct sbx_event *event = NULL;
		size_t size = 0;

		if (!r)
			r = ask(question, kind, &event, &size);
		if (!r)
			r = fn(event, size,
			       (__u64)json_integer_value(json_object_get(kind, "count")), ctx);
		r = r == 1 ? 0 : r;
	}
	json_decref(kinds);
	return r;
}
