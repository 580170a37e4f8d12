// SPDX-License-Identifier: GPL-2.0-only
/*
 * A job's audit log: events through the reorder window into the chained file, and the records
 * around them.  What makes the count provable: each sequence number is in the file exactly once,
 * as the line of an event or inside a `lost` record, and `lost` records carry a signed `count`
 * (-1 when a latecomer's line follows), so that lines + sum of counts = seq.  Refusals that the
 * rate limit kept out have no number; the sum of `limited` in the summaries is theirs.
 */
#include "audit/audit.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "audit/event.h"
#include "audit/json.h"
#include "audit/order.h"
#include "audit/sinks.h"
#include "audit/tally.h"
#include "audit/writer.h"
#include "lib/cleanup.h"

#ifndef SBX_VERSION
#define SBX_VERSION "unknown" /* the Makefile knows it */
#endif

#define SEVERITY_MAX 5 /* of guards.def */

struct sbx_audit_log {
	struct sbx_frame frame;
	struct sbx_writer *writer; /* NULL: no file */
	struct sbx_chain_key *key; /* NULL: none */
	struct sbx_order *order;
	struct sbx_tally *tally;
	struct sbx_sinks *sinks; /* copies; NULL: none */
	struct sbx_buf line;
	struct sbx_buf first; /* record of a file that goes on where another ended */
	char *policy_sha256;  /* may be NULL */
	bool best_effort;
	bool chain;
	bool started;	/* the start record is written */
	bool finished;	/* the final flush is done */
	int open_error; /* of a best-effort log without a file */
	__u64 now;	/* latest event's time */
	__u64 lines;	/* of events */
	__u64 lost;	/* sum of the lost records' counts */
	__u64 limited;	/* sum of the summaries */
	__u64 gap_from; /* numbers whose lines the writer refused: lost, once it takes records */
	__u64 gap_to;
	__u64 unwritten; /* records that the writer refused */
	__u64 malformed;
};

#define FINISH_MS 500 /* for sinks that are behind when the job has ended */

/* What the log says goes to the sinks as well, and nothing else. */
static int put_record(struct sbx_audit_log *log, struct sbx_buf *record)
{
	int r = sbx_writer_put(log->writer, record);

	if (r == 0)
		sbx_sinks_put(log->sinks, record->text, record->len);
	return r;
}

/* The first record of a file that continues another: what was counted up to here. */
static void put_continued(struct sbx_audit_log *log)
{
	struct sbx_buf *line = &log->first;

	sbx_frame_begin(&log->frame, line, 0, 0, "lifecycle");
	sbx_json_word(line, "event", "continued");
	if (log->key)
		sbx_json_true(line, "keyed");
	if (log->started) {
		sbx_json_open(line, "counters", '{');
		sbx_json_u64(line, "lines", log->lines);
		sbx_json_u64(line, "lost", log->lost);
		sbx_json_u64(line, "limited", log->limited);
		sbx_json_close(line, '}');
	}
	log->unwritten += put_record(log, line) != 0;
}

/* Records that belong together ask for this before the first of them. */
static void rotate_if_full(struct sbx_audit_log *log)
{
	if (sbx_writer_is_full(log->writer) && sbx_writer_rotate(log->writer) == 0)
		put_continued(log);
}

static int put_line(struct sbx_audit_log *log)
{
	rotate_if_full(log);
	return put_record(log, &log->line);
}

static int put_lost(struct sbx_audit_log *log, __u64 from, __u64 to, const char *cause, int sign)
{
	struct sbx_buf *line = &log->line;
	int r;

	sbx_frame_begin(&log->frame, line, 0, 0, "lost");
	sbx_json_u64(line, "from", from);
	sbx_json_u64(line, "to", to);
	sbx_json_s64(line, "count", sign * (__s64)(to - from + 1));
	sbx_json_word(line, "cause", cause);
	r = put_line(log);
	if (r == 0)
		log->lost += sign > 0 ? to - from + 1 : -(to - from + 1);
	return r;
}

/* Declares what the writer refused before; true when nothing is owed any more. */
static bool gap_settle(struct sbx_audit_log *log)
{
	if (log->gap_from && put_lost(log, log->gap_from, log->gap_to, "log", 1))
		return false;
	log->gap_from = 0;
	return true;
}

/* While a gap is owed nothing else is written, so it grows at its end alone. */
static void gap_extend(struct sbx_audit_log *log, __u64 from, __u64 to)
{
	if (!log->gap_from)
		log->gap_from = from;
	log->gap_to = to;
	log->unwritten++;
}

/* The stretch that the rate limit kept out since the last summary. */
static void put_limited(struct sbx_audit_log *log, __u64 limited)
{
	if (limited <= log->limited)
		return;
	sbx_frame_begin(&log->frame, &log->line, 0, 0, "summary");
	sbx_json_u64(&log->line, "limited", limited - log->limited);
	sbx_json_u64(&log->line, "limited_total", limited);
	if (put_line(log) == 0)
		log->limited = limited; /* else the next summary covers it */
}

static int put_event(struct sbx_audit_log *log, const struct sbx_event *event, size_t size)
{
	int r = sbx_event_emit(&log->frame, &log->line, event, size);

	if (r == 0)
		r = put_line(log);
	else
		log->line.error = 0;
	if (r == 0)
		log->lines++;
	return r;
}

/*
 * A correction of its hole, then the line: both or none, hence the look for room.  (Should memory
 * run out between the two, the verifier will say that the announced event does not follow.)
 */
static void put_late(struct sbx_audit_log *log, const struct sbx_event *event, size_t size)
{
	rotate_if_full(log);
	if (!sbx_writer_has_room(log->writer) ||
	    put_lost(log, event->seq, event->seq, "late", -1) || put_event(log, event, size))
		log->unwritten++; /* without the correction it stays counted as lost */
}

static void on_event(const struct sbx_event *event, size_t size, bool late, void *ctx)
{
	struct sbx_audit_log *log = ctx;

	if (!gap_settle(log)) {
		if (late)
			log->unwritten++; /* its hole stays as declared */
		else
			gap_extend(log, event->seq, event->seq);
		return;
	}
	put_limited(log, event->limited);
	if (late)
		put_late(log, event, size);
	else if (put_event(log, event, size))
		gap_extend(log, event->seq, event->seq);
}

static void on_lost(__u64 from, __u64 to, void *ctx)
{
	struct sbx_audit_log *log = ctx;

	if (!gap_settle(log) || put_lost(log, from, to, "ring", 1))
		gap_extend(log, from, to);
}

void sbx_audit_close(struct sbx_audit_log *log)
{
	if (!log)
		return;
	sbx_sinks_free(log->sinks);
	sbx_writer_close(log->writer);
	sbx_chain_key_free(log->key);
	sbx_order_free(log->order);
	sbx_tally_free(log->tally);
	sbx_frame_free(&log->frame);
	sbx_buf_free(&log->line);
	sbx_buf_free(&log->first);
	free(log->policy_sha256);
	free(log);
}

static void log_closep(struct sbx_audit_log **log)
{
	sbx_audit_close(*log);
}

static int log_fill(struct sbx_audit_log *log, const struct sbx_audit_options *options)
{
	const struct sbx_order_sink sink = { .event = on_event, .lost = on_lost, .ctx = log };
	int r;

	log->best_effort = options->best_effort_write;
	log->chain = options->chain;
	if (options->policy_sha256) {
		log->policy_sha256 = strdup(options->policy_sha256);
		if (!log->policy_sha256)
			return -ENOMEM;
	}
	r = sbx_frame_init(&log->frame, options);
	if (r == 0)
		r = sbx_order_new(&sink, &log->order);
	if (r == 0)
		r = sbx_tally_new(options, &log->tally);
	return r;
}

int sbx_audit_open(const struct sbx_audit_options *options, struct sbx_audit_log **ret_log,
		   struct sbx_error *err)
{
	sbx_cleanup(log_closep) struct sbx_audit_log *log = calloc(1, sizeof(*log));

	if (!log || log_fill(log, options))
		return sbx_fail(err, ENOMEM, NULL, "no memory for the audit log");
	if (options->path) {
		int r = 0;

		if (options->chain && options->key_path)
			r = sbx_chain_key_read(options->key_path, &log->key, err);
		if (!r)
			r = sbx_writer_open(options->path, options->chain, log->key, &log->writer,
					    err);

		if (!r && options->n_sinks)
			r = sbx_sinks_open(options->sinks, options->n_sinks, &log->frame,
					   &log->sinks, err);
		if (r && !options->best_effort_write)
			return r;
		if (log->writer)
			sbx_writer_set_rotation(log->writer, &options->rotation);
		log->open_error = r;
	}
	*ret_log = SBX_TAKE(log, NULL);
	return 0;
}

static void start_record(struct sbx_audit_log *log, char *const *command, json_t *isolation)
{
	const struct sbx_compiled *compiled = log->frame.compiled;
	struct sbx_buf *line = &log->line;
	struct utsname host;

	sbx_frame_begin(&log->frame, line, 0, 0, "lifecycle");
	sbx_json_word(line, "event", "start");
	sbx_command_put(line, command);
	if (log->policy_sha256)
		sbx_json_word(line, "policy_sha256", log->policy_sha256);
	if (log->key)
		sbx_json_true(line, "keyed");
	if (compiled)
		sbx_json_word(line, "mode", sbx_mode_to_str(compiled->job.mode));
	if (isolation)
		sbx_json_value(line, "isolation", isolation);
	if (uname(&host) == 0)
		sbx_json_string(line, "kernel", host.release, strlen(host.release));
	sbx_json_string(line, "version", SBX_VERSION, strlen(SBX_VERSION));
}

int sbx_audit_start(struct sbx_audit_log *log, char *const *command, json_t *isolation,
		    struct sbx_error *err)
{
	int r;

	if (!log->writer)
		return 0;
	start_record(log, command, isolation);
	r = put_line(log);
	if (r)
		log->unwritten++;
	else
		r = sbx_writer_flush(log->writer);
	log->started = true;
	if (r == 0 || log->best_effort)
		return 0;
	return sbx_fail(err, -r,
			r == -ENOSPC || r == -EDQUOT
				? "free some space, or choose another place: --audit FILE"
				: NULL,
			"the audit log cannot be written: %s", sbx_errno_name(r));
}

void sbx_audit_event(struct sbx_audit_log *log, const struct sbx_event *event, size_t size)
{
	if (size < sizeof(*event) || event->seq == 0 || event->seq > INT64_MAX) {
		log->malformed++; /* its number, if it has one, will be a hole */
		return;
	}
	sbx_tally_add(log->tally, event, size);
	if (!log->writer) {
		log->unwritten += log->open_error != 0;
		return;
	}
	if (event->time > log->now)
		log->now = event->time;
	sbx_order_put(log->order, event, size, log->now);
}

void sbx_audit_flush(struct sbx_audit_log *log, const struct sbx_job_state *state, bool final)
{
	if (!log->writer)
		return;
	if (final && !log->finished) {
		sbx_order_finish(log->order, state ? state->seq : 0);
		if (state && gap_settle(log))
			put_limited(log, state->limited);
		log->finished = true;
	} else {
		sbx_order_expire(log->order, sbx_boot_time());
	}
	(void)gap_settle(log);		     /* what is owed stays owed, and write_errors says so */
	(void)sbx_writer_flush(log->writer); /* the writer remembers the error and tries again */
}

void sbx_audit_limit(struct sbx_audit_log *log, const char *limit, json_t *details)
{
	if (!log->writer)
		return;
	sbx_frame_begin(&log->frame, &log->line, 0, 0, "limit");
	sbx_json_word(&log->line, "limit", limit);
	if (details)
		sbx_json_value(&log->line, "details", details);
	log->unwritten += put_line(log) != 0;
}

void sbx_audit_skipped(struct sbx_audit_log *log, const char *program, __u64 count)
{
	if (!log->writer)
		return;
	sbx_frame_begin(&log->frame, &log->line, 0, 0, "skipped");
	sbx_json_u64(&log->line, "severity", SEVERITY_MAX);
	sbx_json_word(&log->line, "program", program);
	sbx_json_u64(&log->line, "count", count);
	log->unwritten += put_line(log) != 0;
}

static void put_counters(struct sbx_audit_log *log, const struct sbx_job_state *state)
{
	struct sbx_buf *line = &log->line;

	sbx_json_open(line, "counters", '{');
	sbx_json_u64(line, "lines", log->lines);
	sbx_json_u64(line, "lost", log->lost);
	sbx_json_u64(line, "limited", log->limited);
	if (state) {
		sbx_json_u64(line, "seq", state->seq);
		sbx_json_u64(line, "refused", state->refused);
		sbx_json_u64(line, "ring_full", state->lost);
	}
	if (log->malformed || sbx_order_duplicates(log->order))
		sbx_json_u64(line, "malformed", log->malformed + sbx_order_duplicates(log->order));
	sbx_json_u64(line, "write_errors", sbx_audit_write_errors(log));
	sbx_json_open(line, "escapes", '{');
	for (unsigned int guard = 1; state && guard < SBX_GUARD_MAX_; guard++) {
		if (state->escapes[guard])
			sbx_json_u64(line, sbx_guard_to_str(guard), state->escapes[guard]);
	}
	sbx_json_close(line, '}');
	sbx_json_close(line, '}');
}

int sbx_audit_command(struct sbx_audit_log *log, __u64 number, char *const *command)
{
	int r;

	if (!log->writer)
		return log->open_error;
	sbx_frame_begin(&log->frame, &log->line, 0, 0, "lifecycle");
	sbx_json_word(&log->line, "event", "command");
	sbx_json_u64(&log->line, "number", number);
	sbx_command_put(&log->line, command);
	r = put_line(log);
	log->unwritten += r != 0;
	return r && log->best_effort ? 0 : r;
}

void sbx_audit_command_end(struct sbx_audit_log *log, __u64 number, json_t *result)
{
	json_t *part = result && log->writer ? sbx_result_part(result) : NULL;

	if (!log->writer)
		return;
	sbx_frame_begin(&log->frame, &log->line, 0, 0, "lifecycle");
	sbx_json_word(&log->line, "event", "command-end");
	sbx_json_u64(&log->line, "number", number);
	if (part) {
		(void)json_object_del(part, "changes"); /* they may be long; the end has them */
		sbx_json_value(&log->line, "result", part);
	}
	json_decref(part);
	log->unwritten += put_line(log) != 0;
}

int sbx_audit_end(struct sbx_audit_log *log, json_t *result, const struct sbx_job_state *state)
{
	if (!log->writer)
		return log->open_error;
	sbx_audit_flush(log, state, true);
	sbx_frame_begin(&log->frame, &log->line, 0, 0, "lifecycle");
	sbx_json_word(&log->line, "event", "end");
	if (result) {
		json_t *part = sbx_result_part(result);

		if (part)
			sbx_json_value(&log->line, "result", part);
		json_decref(part);
	}
	put_counters(log, state);
	/* After a gap that could not be declared an end would vouch for what is missing. */
	if (log->gap_from || put_line(log))
		log->unwritten++;
	(void)sbx_writer_finish(log->writer); /* reported as the first error */
	sbx_sinks_finish(log->sinks, FINISH_MS);
	log->lines -= sbx_writer_dropped_events(log->writer);
	log->lost += sbx_writer_dropped_events(log->writer);
	return sbx_writer_first_error(log->writer);
}

int sbx_audit_reopen(struct sbx_audit_log *log)
{
	int r = log && log->writer ? sbx_writer_reopen(log->writer) : -EALREADY;

	if (r == 0)
		put_continued(log);
	return r;
}

int sbx_audit_poll(const struct sbx_audit_log *log, struct pollfd *items)
{
	return sbx_sinks_poll(log ? log->sinks : NULL, items);
}

void sbx_audit_carry(struct sbx_audit_log *log)
{
	if (log)
		sbx_sinks_carry(log->sinks);
}

json_t *sbx_audit_sinks(const struct sbx_audit_log *log)
{
	return sbx_sinks_report(log->sinks);
}

const char *sbx_audit_head(const struct sbx_audit_log *log)
{
	return log->writer ? sbx_writer_head(log->writer) : "";
}

__u64 sbx_audit_write_errors(const struct sbx_audit_log *log)
{
	return log->unwritten + (log->writer ? sbx_writer_dropped(log->writer) : 0);
}

void sbx_audit_counts(const struct sbx_audit_log *log, struct sbx_audit_counts *ret_counts)
{
	*ret_counts = (struct sbx_audit_counts){
		.lines = log->lines,
		.lost = log->lost,
		.limited = log->limited,
	};
}

const struct sbx_tally *sbx_audit_tally(const struct sbx_audit_log *log)
{
	return log->tally;
}
