// SPDX-License-Identifier: GPL-2.0-only
/* Reads a log's last line without reading the log. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memrchr */
#endif
#include "audit/tail.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "audit/json.h"
#include "audit/record.h"
#include "lib/cleanup.h"

#define TAIL_FIRST ((off_t)16 * 1024) /* the usual end record is a tenth of it */

static int read_at(int fd, char *bytes, size_t len, off_t at)
{
	while (len) {
		ssize_t n = pread(fd, bytes, len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EBADMSG; /* it shrank meanwhile */
		bytes += n;
		len -= (size_t)n;
		at += n;
	}
	return 0;
}

/* The last line without its newline, out of the last `span` bytes; -EAGAIN: it begins earlier. */
static int last_line(int fd, off_t size, off_t span, char **ret_line, size_t *ret_len)
{
	sbx_cleanup(sbx_freep) char *bytes = malloc((size_t)span);
	const char *before;
	size_t from;
	int r;

	if (!bytes)
		return -ENOMEM;
	r = read_at(fd, bytes, (size_t)span, size - span);
	if (r)
		return r;
	if (bytes[span - 1] != '\n')
		return -EBADMSG;
	before = memrchr(bytes, '\n', (size_t)span - 1);
	if (!before && span < size)
		return -EAGAIN;
	from = before ? (size_t)(before - bytes) + 1 : 0;
	*ret_len = (size_t)span - 1 - from;
	memmove(bytes, bytes + from, *ret_len);
	*ret_line = SBX_TAKE(bytes, NULL);
	return 0;
}

static void tail_job(struct sbx_log_tail *tail, const json_t *record)
{
	const json_t *job = json_object_get(record, "job");
	struct sbx_buf safe = { 0 };

	if (json_is_string(job))
		sbx_text_safe(&safe, json_string_value(job), json_string_length(job));
	(void)snprintf(tail->job, sizeof(tail->job), "%s", safe.text ? safe.text : "");
	sbx_buf_free(&safe);
}

int sbx_log_tail(int fd, const struct sbx_chain_key *key, struct sbx_log_tail *ret_tail)
{
	sbx_cleanup(sbx_freep) char *line = NULL;
	struct sbx_log_tail tail = { 0 };
	char hash[SBX_HASH_LEN + 1];
	struct sbx_record record;
	off_t span = TAIL_FIRST;
	struct stat st;
	size_t len = 0;
	int r;

	if (fstat(fd, &st))
		return -errno;
	if (st.st_size == 0) {
		*ret_tail = (struct sbx_log_tail){ .empty = true };
		return 0;
	}
	do {
		span = span < st.st_size ? span : st.st_size;
		r = last_line(fd, st.st_size, span, &line, &len);
		span *= 2;
	} while (r == -EAGAIN && span <= 2 * (off_t)SBX_RECORD_MAX);
	if (r)
		return r == -EAGAIN ? -EBADMSG : r;
	r = sbx_record_parse(line, len, &record);
	if (r)
		return r;
	tail_job(&tail, record.json);
	if (record.chained) {
		memcpy(tail.hash, record.hash, sizeof(tail.hash));
		sbx_chain_hash(key, record.prev, line, record.hashed, hash);
		r = strcmp(hash, record.hash) ? -EKEYREJECTED : 0;
	}
	sbx_record_free(&record);
	*ret_tail = tail;
	return r;
}
