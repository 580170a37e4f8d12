// SPDX-License-Identifier: GPL-2.0-only
/* The one place that writes to a log file. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memrchr */
#endif
#include "audit/writer.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/logfile.h"
#include "audit/record.h"
#include "audit/tail.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "policy/policy.h"

#define WRITER_BATCH ((size_t)128 * 1024)	  /* about 150 records a write */
#define WRITER_WAIT_MAX ((size_t)8 * 1024 * 1024) /* of records while the disk is full */

struct sbx_writer {
	struct sbx_log_file file;
	bool broken; /* half a line could not be cut off: nothing may follow it */
	bool chain;
	const struct sbx_chain_key *key; /* NULL: none */
	char head[SBX_HASH_LEN + 1];	 /* of the last record in `wait` */
	char written[SBX_HASH_LEN + 1];	 /* of the last record in the file */
	struct sbx_buf wait;		 /* whole lines, not in the file yet */
	size_t next_try;		 /* length of `wait` at which to write again */
	__u64 size;			 /* of the file */
	__u64 full_at;			 /* size at which to rotate; UINT64_MAX: never */
	struct sbx_rotation rotation;
	__u64 dropped;
	__u64 dropped_events; /* of these, the ones with a sequence number */
	int first_error;
};

static int writer_error(struct sbx_writer *writer, int error)
{
	if (!writer->first_error)
		writer->first_error = error;
	return error;
}

void sbx_writer_close(struct sbx_writer *writer)
{
	if (!writer)
		return;
	sbx_log_file_close(&writer->file);
	sbx_buf_free(&writer->wait);
	free(writer);
}

/* Takes up an existing log's chain. */
static int writer_continue(struct sbx_writer *writer, const char *path, bool chain,
			   struct sbx_error *err)
{
	struct sbx_log_tail tail = { 0 };
	int r = sbx_log_tail(writer->file.fd, writer->key, &tail);

	if (r == -EBADMSG)
		return sbx_fail(err, EBADMSG,
				"move it away, after a look with `sbx-bpf audit verify`, or choose "
				"another file",
				"the last line of the audit log \"%s\" is no record", path);
	if (r == -EKEYREJECTED)
		return sbx_fail(err, EKEYREJECTED,
				"choose another file, or the key that the log was begun with",
				"the last record of the audit log \"%s\" was %s, or changed since",
				path,
				writer->key ? "not written with this key" : "written with a key");
	if (r)
		return sbx_log_file_fail(err, -r, path);
	if (!tail.empty && chain != (tail.hash[0] != '\0'))
		return sbx_fail(
			err, EINVAL, "choose another file, or change audit.chain",
			"the audit log \"%s\" %s a hash chain and the policy says audit.chain: "
			"%s",
			path, chain ? "has no" : "has", chain ? "true" : "false");
	if (chain)
		memcpy(writer->head, tail.empty ? SBX_HASH_ZERO : tail.hash, SBX_HASH_LEN);
	memcpy(writer->written, writer->head, sizeof(writer->written));
	return 0;
}

static void writer_closep(struct sbx_writer **writer)
{
	sbx_writer_close(*writer);
}

int sbx_writer_open(const char *path, bool chain, const struct sbx_chain_key *key,
		    struct sbx_writer **ret_writer, struct sbx_error *err)
{
	sbx_cleanup(writer_closep) struct sbx_writer *writer = calloc(1, sizeof(*writer));
	int r;

	if (!writer)
		return sbx_fail(err, ENOMEM, NULL, "no memory for the audit log");
	writer->file = (struct sbx_log_file){ .fd = -1, .dir_fd = -1 };
	writer->full_at = UINT64_MAX;
	writer->next_try = WRITER_BATCH;
	writer->chain = chain;
	writer->key = key;
	r = sbx_log_file_open(path, &writer->file, err);
	if (r == 0)
		r = writer_continue(writer, path, chain, err);
	if (r)
		return r;
	*ret_writer = SBX_TAKE(writer, NULL);
	return 0;
}

/* Forgets the first `len` bytes of what waits, as they are in the file now. */
static void wait_drop(struct sbx_writer *writer, size_t len)
{
	struct sbx_buf *wait = &writer->wait;

	if (writer->chain && len > SBX_HASH_LEN + 3 && wait->text[len - 1] == '\n')
		memcpy(writer->written, wait->text + len - 3 - SBX_HASH_LEN, SBX_HASH_LEN);
	wait->len -= len;
	memmove(wait->text, wait->text + len, wait->len);
}

/*
 * After a write that took `n` bytes only: leaves whole lines in the file.  Where an append-only
 * file cannot be cut, the rest of that very line has to come first, and does.
 */
static int settle(struct sbx_writer *writer, off_t before, size_t n)
{
	const char *last = n ? memrchr(writer->wait.text, '\n', n) : NULL;
	size_t whole = last ? (size_t)(last - writer->wait.text) + 1 : 0;

	if (whole < n && ftruncate(writer->file.fd, before + (off_t)whole)) {
		if (errno != EPERM) {
			writer->broken = true;
			return -errno;
		}
		whole = n;
	}
	wait_drop(writer, whole);
	return 0;
}

/* Writes all that waits, or as much as goes. A short write alone does not say why. */
static int write_all(struct sbx_writer *writer, size_t *ret_done)
{
	const struct sbx_buf *wait = &writer->wait;
	size_t done = 0;
	int r = 0;

	while (r == 0 && done < wait->len) {
		ssize_t n = sbx_write_quietly(writer->file.fd, wait->text + done, wait->len - done);

		if (n > 0)
			done += (size_t)n;
		else
			r = n ? -errno : -ENOSPC;
	}
	*ret_done = done;
	return r;
}

int sbx_writer_flush(struct sbx_writer *writer)
{
	struct stat st;
	size_t done = 0;
	int cut;
	int r;

	if (writer->wait.len == 0)
		return 0;
	if (writer->broken)
		return -EIO;
	if (fstat(writer->file.fd, &st))
		return writer_error(writer, -errno);
	r = write_all(writer, &done);
	cut = settle(writer, st.st_size, done);
	writer->size = (__u64)st.st_size + done;
	r = r ? r : cut;
	writer->next_try = writer->wait.len + WRITER_BATCH;
	return r ? writer_error(writer, r) : 0;
}

void sbx_writer_set_rotation(struct sbx_writer *writer, const struct sbx_rotation *rotation)
{
	struct stat st;

	writer->rotation = *rotation;
	writer->full_at = rotation->size ? rotation->size : UINT64_MAX;
	if (!fstat(writer->file.fd, &st))
		writer->size = (__u64)st.st_size;
}

bool sbx_writer_is_full(const struct sbx_writer *writer)
{
	return writer->size + writer->wait.len >= writer->full_at;
}

int sbx_writer_rotate(struct sbx_writer *writer)
{
	int r = sbx_writer_flush(writer);

	if (!r)
		r = sbx_log_file_rotate(&writer->file, writer->rotation.keep);
	/* What cannot be rotated grows; it is tried again as much later. */
	writer->full_at = r ? writer->size + writer->rotation.size : writer->rotation.size;
	if (!r)
		writer->size = 0;
	return r;
}

int sbx_writer_reopen(struct sbx_writer *writer)
{
	int r;

	if (sbx_log_file_in_place(&writer->file))
		return -EALREADY;
	r = sbx_writer_flush(writer);
	if (!r)
		r = sbx_log_file_renew(&writer->file);
	if (!r)
		writer->size = 0;
	return r;
}

static int chain_add(struct sbx_writer *writer, struct sbx_buf *record)
{
	char hash[SBX_HASH_LEN + 1];

	sbx_buf_add(record, SBX_CHAIN_PREV, sizeof(SBX_CHAIN_PREV) - 1);
	sbx_buf_add(record, writer->head, SBX_HASH_LEN);
	sbx_buf_add(record, "\"", 1);
	if (record->error)
		return record->error;
	sbx_chain_hash(writer->key, writer->head, record->text, record->len, hash);
	sbx_buf_add(record, SBX_CHAIN_HASH, sizeof(SBX_CHAIN_HASH) - 1);
	sbx_buf_add(record, hash, SBX_HASH_LEN);
	sbx_buf_add(record, "\"", 1);
	memcpy(writer->head, hash, sizeof(hash));
	return 0;
}

int sbx_writer_put(struct sbx_writer *writer, struct sbx_buf *record)
{
	struct sbx_buf *wait = &writer->wait;
	char before[SBX_HASH_LEN + 1];
	size_t len = wait->len;
	int r = record->error;

	if (r == 0 && (writer->broken || len > WRITER_WAIT_MAX))
		r = -ENOSPC;
	if (r == 0 && record->len > SBX_RECORD_MAX / 2)
		r = -E2BIG; /* no reader would take it */
	memcpy(before, writer->head, sizeof(before));
	if (r == 0 && writer->chain)
		r = chain_add(writer, record);
	if (r == 0) {
		sbx_buf_add(record, "}\n", 2);
		sbx_buf_add(wait, record->text, record->error ? 0 : record->len);
		r = record->error ? record->error : wait->error;
	}
	if (r) {
		/* As if it had never come: the chain goes on from the record before. */
		wait->len = len;
		wait->error = 0;
		memcpy(writer->head, before, sizeof(before));
		return writer_error(writer, r);
	}
	if (wait->len >= writer->next_try)
		(void)sbx_writer_flush(writer); /* remembered; the records wait */
	return 0;
}

bool sbx_writer_has_room(const struct sbx_writer *writer)
{
	return !writer->broken && writer->wait.len <= WRITER_WAIT_MAX / 2;
}

/* Counts the records that wait, and those of them that carry a number of the kernel's. */
static void count_dropped(struct sbx_writer *writer)
{
	static const char numbered[] = "Z\",\"seq\":"; /* follows `ts`; elsewhere it is a counter */
	const char *at = writer->wait.text;
	const char *end = at + writer->wait.len;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t len = newline ? (size_t)(newline - at) : (size_t)(end - at);

		writer->dropped++;
		writer->dropped_events += memmem(at, len, numbered, sizeof(numbered) - 1) != NULL;
		at += len + 1;
	}
}

int sbx_writer_finish(struct sbx_writer *writer)
{
	int r = sbx_writer_flush(writer);

	if (writer->wait.len)
		count_dropped(writer);
	writer->wait.len = 0;
	memcpy(writer->head, writer->written, sizeof(writer->head));
	if (fsync(writer->file.fd) && r == 0)
		r = writer_error(writer, -errno);
	return r;
}

const char *sbx_writer_head(const struct sbx_writer *writer)
{
	return writer->chain ? writer->head : "";
}

__u64 sbx_writer_dropped_events(const struct sbx_writer *writer)
{
	return writer->dropped_events;
}

__u64 sbx_writer_dropped(const struct sbx_writer *writer)
{
	return writer->dropped;
}

int sbx_writer_first_error(const struct sbx_writer *writer)
{
	return writer->first_error;
}
