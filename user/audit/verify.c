// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads a log as its writer promised it: every line a record, every hash right, every number of a
 * run once, counters as counted.  A log holds one run after another, each from its start record.
 * It can be in several files: each but the first begins with a record `continued`, whose `prev` is
 * the hash of the last record of the file before.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "audit/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/chain.h"
#include "audit/holes.h"
#include "audit/record.h"
#include "lib/cleanup.h"

struct verify {
	const char *name;
	const char *head;		 /* the one to find, or NULL */
	const struct sbx_chain_key *key; /* NULL: none */
	bool head_found;
	struct sbx_error *err;
	struct sbx_audit_report *report;
	__u64 file; /* 1: the first, oldest one */
	__u64 line; /* in that file */
	char prev[SBX_HASH_LEN + 1];
	/* of the run at hand */
	bool running;
	__u64 next; /* number expected */
	__u64 late; /* a correction announced this number; 0: none */
	__u64 events;
	__u64 lost;
	__u64 limited;
	__u64 trusted; /* numbers below this were in a file that is not here */
	struct sbx_holes holes;
};

static int bad(struct verify *verify, const char *what)
{
	return sbx_fail(verify->err, EBADMSG,
			"trust nothing from that line on; compare with a copy or with the result's "
			"log head",
			"\"%s\", line %llu: %s", verify->name, (unsigned long long)verify->line,
			what);
}

/* A member that counts something; false when it is missing, negative or no integer. */
static bool member_u64(const json_t *object, const char *key, __u64 *ret_value)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return false;
	*ret_value = (__u64)json_integer_value(value);
	return true;
}

/* The first record of a file that goes on where another ended. */
static bool is_continued(const json_t *json)
{
	const char *event = json_string_value(json_object_get(json, "event"));

	return event && strcmp(event, "continued") == 0;
}

static int check_chain(struct verify *verify, const char *line, const struct sbx_record *record)
{
	char hash[SBX_HASH_LEN + 1];

	if (verify->line == 1 && verify->file == 1)
		verify->report->chained = record->chained;
	if (record->chained != verify->report->chained)
		return bad(verify, record->chained ? "it is chained, the lines before are not"
						   : "its hash was removed");
	if (!record->chained)
		return 0;
	sbx_chain_hash(verify->key, record->prev, line, record->hashed, hash);
	if (strcmp(hash, record->hash) != 0 && !verify->key &&
	    json_is_true(json_object_get(record->json, "keyed")))
		return sbx_fail(verify->err, ENOKEY, "give it: --key FILE",
				"\"%s\" was written with a key", verify->name);
	if (strcmp(hash, record->hash) != 0)
		return bad(verify, verify->key ? "it was changed, or written without this key"
					       : "it was changed: its hash is not that of its "
						 "content");
	/* What the first of several files continues need not be here. */
	if (strcmp(record->prev, verify->prev) != 0 &&
	    !(verify->line == 1 && verify->file == 1 && is_continued(record->json)))
		return bad(verify, verify->line == 1
					   ? "lines before it are missing"
					   : "lines before it are missing, inserted or swapped");
	memcpy(verify->prev, hash, sizeof(hash));
	memcpy(verify->report->head, hash, sizeof(hash));
	return 0;
}

static int check_event(struct verify *verify, const json_t *json)
{
	__u64 seq = 0;

	if (!member_u64(json, "seq", &seq) || seq == 0)
		return bad(verify, "an event without a sequence number");
	if (verify->late && seq != verify->late)
		return bad(verify, "the late event that was announced does not follow");
	if (!verify->late && seq > verify->next)
		return bad(verify, "a gap: sequence numbers are missing without a lost record");
	if (!verify->late && seq < verify->next)
		return bad(verify, "a sequence number that was there before");
	verify->next += verify->late == 0;
	verify->late = 0;
	verify->events++;
	verify->report->events++;
	return 0;
}

static int check_lost(struct verify *verify, const json_t *json)
{
	const json_t *count = json_object_get(json, "count");
	__u64 from = 0;
	__u64 to = 0;

	if (!member_u64(json, "from", &from) || !member_u64(json, "to", &to) || from == 0 ||
	    to < from || !json_is_integer(count))
		return bad(verify, "a lost record without a range");
	if (json_integer_value(count) == -1 && from == to && from < verify->next) {
		if (from >= verify->trusted && !sbx_holes_take(&verify->holes, from))
			return bad(verify, "it corrects a loss that was not declared");
		verify->late = from;
		verify->lost--;
		verify->report->lost--;
		return 0;
	}
	if (from != verify->next || to - from + 1 != (__u64)json_integer_value(count))
		return bad(verify, "a lost record that does not fit the numbers around it");
	sbx_holes_add(&verify->holes, from, to);
	verify->next = to + 1;
	verify->lost += to - from + 1;
	verify->report->lost += to - from + 1;
	return 0;
}

static int check_summary(struct verify *verify, const json_t *json)
{
	__u64 limited = 0;

	if (!member_u64(json, "limited", &limited))
		return bad(verify, "a summary without its number");
	verify->limited += limited;
	verify->report->limited += limited;
	return 0;
}

/* Takes the counters over where the file before is not here; else they must be the same. */
static int check_continued(struct verify *verify, const json_t *json)
{
	const json_t *counters = json_object_get(json, "counters");
	__u64 lines = 0;
	__u64 lost = 0;
	__u64 limited = 0;

	if (verify->line != 1)
		return bad(verify, "the log begins anew in the middle of a file");
	if (!counters) { /* between two runs, or after one that was killed */
		verify->report->earlier = verify->file == 1;
		verify->report->unfinished += verify->running;
		verify->running = false;
		verify->late = 0;
		return 0;
	}
	if (!member_u64(counters, "lines", &lines) || !member_u64(counters, "lost", &lost) ||
	    !member_u64(counters, "limited", &limited))
		return bad(verify, "a continuation without its counters");
	if (verify->file > 1) {
		if (!verify->running || lines != verify->events || lost != verify->lost ||
		    limited != verify->limited)
			return bad(verify, "it continues other lines than there are");
		return 0;
	}
	verify->report->earlier = true;
	verify->running = true;
	verify->events = lines;
	verify->lost = lost;
	verify->limited = limited;
	verify->next = lines + lost + 1;
	verify->trusted = verify->next;
	return 0;
}

static int check_start(struct verify *verify)
{
	verify->trusted = 0;
	verify->report->runs++;
	verify->report->unfinished += verify->running;
	verify->running = true;
	verify->next = 1;
	verify->events = 0;
	verify->lost = 0;
	verify->limited = 0;
	sbx_holes_free(&verify->holes);
	return 0;
}

static int check_end(struct verify *verify, const struct sbx_record *record)
{
	const json_t *counters = json_object_get(record->json, "counters");
	__u64 lines = 0;
	__u64 lost = 0;
	__u64 limited = 0;
	__u64 seq = verify->next - 1;

	(void)member_u64(counters, "seq", &seq); /* absent when the kernel could not be asked */
	if (!member_u64(counters, "lines", &lines) || !member_u64(counters, "lost", &lost) ||
	    !member_u64(counters, "limited", &limited))
		return bad(verify, "an end record without its counters");
	if (lines != verify->events || lost != verify->lost || limited != verify->limited ||
	    seq != verify->next - 1)
		return bad(verify, "the end record counts other lines than there are");
	verify->running = false;
	if (verify->head && strcmp(record->hash, verify->head) == 0)
		verify->head_found = true;
	return 0;
}

static int check_record(struct verify *verify, const struct sbx_record *record)
{
	const char *type = json_string_value(json_object_get(record->json, "type"));
	const char *event = json_string_value(json_object_get(record->json, "event"));
	bool lifecycle = type && strcmp(type, "lifecycle") == 0;

	if (!type)
		return bad(verify, "it has no type");
	if (lifecycle && is_continued(record->json))
		return check_continued(verify, record->json);
	if (verify->line == 1 && verify->file > 1)
		return bad(verify, "it does not continue the file before");
	if (lifecycle && event && strcmp(event, "start") == 0) {
		verify->late = 0; /* the run before was killed between the two */
		return check_start(verify);
	}
	if (!verify->running)
		return bad(verify, "it belongs to no run: no start record comes before it");
	if (strcmp(type, "violation") == 0 || strcmp(type, "escape") == 0)
		return check_event(verify, record->json);
	if (verify->late)
		return bad(verify, "the late event that was announced does not follow");
	if (strcmp(type, "lost") == 0)
		return check_lost(verify, record->json);
	if (strcmp(type, "summary") == 0)
		return check_summary(verify, record->json);
	if (lifecycle && event && strcmp(event, "end") == 0)
		return check_end(verify, record);
	return 0;
}

static int check_line(struct verify *verify, const char *line, size_t len)
{
	struct sbx_record record;
	int r;

	verify->line++;
	if (line[len - 1] != '\n')
		return bad(verify, "it is cut off");
	r = sbx_record_parse(line, len - 1, &record);
	if (r == -EBADMSG)
		return bad(verify, "it is no record of an audit log");
	if (r)
		return sbx_fail(verify->err, -r, NULL, "no memory to read \"%s\"", verify->name);
	verify->report->records++;
	r = check_chain(verify, line, &record);
	if (r == 0)
		r = check_record(verify, &record);
	sbx_record_free(&record);
	return r;
}

static int check_finish(struct verify *verify)
{
	struct sbx_audit_report *report = verify->report;

	report->unfinished += verify->running;
	if (verify->head && !verify->head_found)
		return sbx_fail(
			verify->err, EBADMSG, "look for the missing part in copies of the log",
			"\"%s\" does not hold the end record that the result names: its end "
			"was cut off, or it is another log",
			verify->name);
	if (report->records == 0)
		return sbx_fail(verify->err, ENODATA, NULL, "\"%s\" is empty", verify->name);
	if (verify->running)
		return sbx_fail(
			verify->err, ENODATA,
			"if the job is over, its launcher was killed or the log's end was cut "
			"off",
			"\"%s\" is unfinished: all %llu lines are right, and the last run has "
			"no end record",
			verify->name, (unsigned long long)report->records);
	if (!report->chained)
		return sbx_fail(
			verify->err, ENOTSUP, "set audit.chain: true for the next log",
			"\"%s\" has no hash chain: its numbers are right, changes would not "
			"show",
			verify->name);
	return 0;
}

/* One more file of the log. */
static int check_stream(struct verify *verify, FILE *in, const char *name)
{
	sbx_cleanup(sbx_freep) char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	int r = 0;

	verify->name = name;
	verify->file++;
	verify->line = 0;
	while (r == 0 && (len = getline(&line, &cap, in)) > 0)
		r = check_line(verify, line, (size_t)len);
	if (r == 0 && ferror(in))
		r = sbx_fail(verify->err, errno ? errno : EIO, NULL, "\"%s\" cannot be read: %s",
			     name, sbx_errno_name(errno ? errno : EIO));
	verify->report->files++;
	return r;
}

int sbx_audit_verify_stream(FILE *in, const char *name, const char *head,
			    const struct sbx_chain_key *key, struct sbx_audit_report *ret_report,
			    struct sbx_error *err)
{
	struct sbx_audit_report report = { 0 };
	struct verify verify = { .head = head, .key = key, .err = err, .report = &report };
	int r;

	memcpy(verify.prev, SBX_HASH_ZERO, SBX_HASH_LEN);
	r = check_stream(&verify, in, name);
	if (r == 0)
		r = check_finish(&verify);
	sbx_holes_free(&verify.holes);
	*ret_report = report;
	return r;
}

static int check_file(struct verify *verify, const char *path)
{
	sbx_cleanup(sbx_fclosep) FILE *in = fopen(path, "re");
	struct stat st;

	if (!in || fstat(fileno(in), &st))
		return sbx_fail(verify->err, errno, NULL, "the audit log \"%s\" cannot be read: %s",
				path, sbx_errno_name(errno));
	if (S_ISDIR(st.st_mode))
		return sbx_fail(verify->err, EISDIR, NULL, "the audit log \"%s\" is a directory",
				path);
	return check_stream(verify, in, path);
}

int sbx_audit_verify_files(char *const *paths, const char *head, const char *key_path,
			   struct sbx_audit_report *ret_report, struct sbx_error *err)
{
	struct sbx_audit_report report = { 0 };
	struct verify verify = { .head = head, .err = err, .report = &report };
	struct sbx_chain_key *key = NULL;
	int r = key_path ? sbx_chain_key_read(key_path, &key, err) : 0;

	verify.key = key;
	memcpy(verify.prev, SBX_HASH_ZERO, SBX_HASH_LEN);
	for (; *paths && r == 0; paths++)
		r = check_file(&verify, *paths);
	if (r == 0)
		r = check_finish(&verify);
	sbx_holes_free(&verify.holes);
	sbx_chain_key_free(key);
	*ret_report = report;
	return r;
}

/* Does the file begin where another ended? What cannot be read shows when it is verified. */
static bool continues_another(const char *path)
{
	sbx_cleanup(sbx_fclosep) FILE *in = fopen(path, "re");
	sbx_cleanup(sbx_freep) char *line = NULL;
	struct sbx_record record;
	size_t cap = 0;
	ssize_t len = in ? getline(&line, &cap, in) : -1;
	bool continues;

	if (len <= 1 || sbx_record_parse(line, (size_t)len - 1, &record))
		return false;
	continues = is_continued(record.json);
	sbx_record_free(&record);
	return continues;
}

/* A file that is missing between two that are there was not rotated away. */
static int check_hole(const char *path, size_t missing, struct sbx_error *err)
{
	char name[4096];

	(void)snprintf(name, sizeof(name), "%s.%zu", path, missing + 1);
	if (access(name, F_OK))
		return 0;
	return sbx_fail(err, EBADMSG, "look for it in copies of the log",
			"\"%s.%zu\" is missing: \"%s\" is there", path, missing, name);
}

/* `path` and the files that rotation put aside, as far back as they continue each other. */
static int find_files(const char *path, char **paths, size_t max, struct sbx_error *err)
{
	size_t n = 1;
	bool continues = continues_another(path); /* the oldest one so far */
	bool more = continues;

	paths[0] = strdup(path);
	while (paths[n - 1] && more && n < max && asprintf(&paths[n], "%s.%zu", path, n) > 0) {
		more = access(paths[n], F_OK) == 0;
		if (!more)
			sbx_freep(&paths[n]);
		else
			more = continues = continues_another(paths[n++]);
	}
	if (!paths[n - 1])
		return sbx_fail(err, ENOMEM, NULL, "no memory to read \"%s\"", path);
	if (continues && !more && check_hole(path, n, err))
		return -EBADMSG;
	for (size_t i = 0; i < n / 2; i++) {
		char *swap = paths[i];

		paths[i] = paths[n - 1 - i];
		paths[n - 1 - i] = swap;
	}
	return 0;
}

#define FILES_MAX 100 /* audit.rotate keeps 99 beside the log */

int sbx_audit_verify_report(const char *path, const char *head, const char *key_path,
			    struct sbx_audit_report *ret_report, struct sbx_error *err)
{
	char **paths = calloc(FILES_MAX + 1, sizeof(*paths));
	int r;

	*ret_report = (struct sbx_audit_report){ 0 };
	r = paths ? find_files(path, paths, FILES_MAX, err)
		  : sbx_fail(err, ENOMEM, NULL, "no memory to read \"%s\"", path);
	if (!r)
		r = sbx_audit_verify_files(paths, head, key_path, ret_report, err);
	for (size_t i = 0; paths && paths[i]; i++)
		free(paths[i]);
	free(paths);
	return r;
}

int sbx_audit_verify(const char *path, struct sbx_error *err)
{
	struct sbx_audit_report report;

	return sbx_audit_verify_report(path, NULL, NULL, &report, err);
}
