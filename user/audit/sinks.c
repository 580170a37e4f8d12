// SPDX-License-Identifier: GPL-2.0-only
/* The queues of the sinks, and how each kind is opened and written to. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "audit/sinks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "audit/json.h"
#include "lib/cleanup.h"
#include "lib/file.h"

#define SINK_QUEUE_MAX ((size_t)1024 * 1024) /* some 1,300 records */
#define RETRY_MS 1000
#define FACILITY_AUTHPRIV (10 << 3)

/* syslog's severities */
enum {
	LEVEL_CRITICAL = 2, /* an escape, or a program that was skipped */
	LEVEL_WARNING = 4,  /* a refusal, a limit, something lost */
	LEVEL_INFO = 6,
};

struct sink {
	const struct sbx_sink *what;
	int fd;		/* -1: not connected */
	bool is_socket; /* of stderr */
	struct sbx_buf queue;
	size_t at;   /* where the first line in the queue begins ... */
	size_t sent; /* ... and how much of it a stream has taken */
	__u64 retry_ms;
	__u64 lines;
	__u64 lost; /* in all */
	__u64 owed; /* of these, not told yet */
};

struct sbx_sinks {
	struct sbx_frame *frame;
	size_t n;
	struct sink sinks[SBX_SINKS_MAX];
};

static const char *syslog_path = "/dev/log";
static const char *journald_path = "/run/systemd/journal/socket";

void sbx_sinks_set_paths(const char *syslog, const char *journald)
{
	syslog_path = syslog;
	journald_path = journald;
}

static __u64 now_ms(void)
{
	return sbx_boot_time() / 1000000;
}

static const char *socket_path(const struct sbx_sink *what)
{
	if (what->kind == SBX_SINK_SYSLOG)
		return syslog_path;
	return what->kind == SBX_SINK_JOURNALD ? journald_path : what->path;
}

static bool is_stream(const struct sink *sink)
{
	return sink->what->kind == SBX_SINK_STREAM || sink->what->kind == SBX_SINK_STDERR;
}

static int open_socket(struct sink *sink)
{
	int type = sink->what->kind == SBX_SINK_STREAM ? SOCK_STREAM : SOCK_DGRAM;
	sbx_cleanup(sbx_closep) int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = socket_path(sink->what);

	if (fd < 0)
		return -errno;
	memcpy(address.sun_path, path, strlen(path)); /* the parser has checked its length */
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)))
		return -errno;
	sink->fd = SBX_TAKE(fd, -1);
	return 0;
}

/*
 * A pipe or terminal is opened again, so that only our writes to it do not wait.  A regular file
 * is not: the offset has to be shared.
 */
static int open_stderr(struct sink *sink)
{
	struct stat st;

	if (fstat(STDERR_FILENO, &st))
		return -errno;
	sink->is_socket = S_ISSOCK(st.st_mode);
	if (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode))
		sink->fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (sink->fd < 0)
		sink->fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	return sink->fd < 0 ? -errno : 0;
}

static int open_sink(struct sink *sink)
{
	return sink->what->kind == SBX_SINK_STDERR ? open_stderr(sink) : open_socket(sink);
}

int sbx_sinks_open(const struct sbx_sink *what, size_t n, struct sbx_frame *frame,
		   struct sbx_sinks **ret_sinks, struct sbx_error *err)
{
	struct sbx_sinks *sinks = calloc(1, sizeof(*sinks));

	if (!sinks)
		return sbx_fail(err, ENOMEM, NULL, "no memory for the audit log's sinks");
	sinks->frame = frame;
	for (; sinks->n < n && sinks->n < SBX_SINKS_MAX; sinks->n++) {
		struct sink *sink = &sinks->sinks[sinks->n];
		int r;

		*sink = (struct sink){ .what = &what[sinks->n], .fd = -1 };
		r = open_sink(sink);
		if (!r)
			continue;
		r = sbx_fail(err, -r, "start what listens there, or take it out of audit.sinks",
			     "the audit sink %s%s%s cannot be reached: %s",
			     sbx_sink_to_str(sink->what->kind), sink->what->path ? ":" : "",
			     sink->what->path ? sink->what->path : "", sbx_errno_name(r));
		sbx_sinks_free(sinks);
		return r;
	}
	*ret_sinks = sinks;
	return 0;
}

void sbx_sinks_free(struct sbx_sinks *sinks)
{
	if (!sinks)
		return;
	for (size_t i = 0; i < sinks->n; i++) {
		sbx_closep(&sinks->sinks[i].fd);
		sbx_buf_free(&sinks->sinks[i].queue);
	}
	free(sinks);
}

static size_t waiting(const struct sink *sink)
{
	return sink->queue.len - sink->at;
}

/* Length of the first line, its newline included. */
static size_t first_line(const struct sink *sink)
{
	const char *begin = sink->queue.text + sink->at;
	const char *newline = memchr(begin, '\n', waiting(sink));

	return newline ? (size_t)(newline - begin) + 1 : waiting(sink);
}

static bool enqueue(struct sink *sink, const char *line, size_t len)
{
	struct sbx_buf *queue = &sink->queue;
	size_t before;

	if (waiting(sink) + len > SINK_QUEUE_MAX)
		return false;
	if (sink->at && (sink->at > SINK_QUEUE_MAX / 2 || sink->at == queue->len)) {
		queue->len -= sink->at;
		memmove(queue->text, queue->text + sink->at, queue->len);
		sink->at = 0;
	}
	before = queue->len;
	sbx_buf_add(queue, line, len);
	if (!queue->error)
		return true;
	queue->len = before;
	queue->error = 0;
	return false;
}

/* What was lost is told before anything that came later. */
static bool settle(struct sbx_sinks *sinks, struct sink *sink)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf line = { 0 };

	if (!sink->owed)
		return true;
	if (waiting(sink) > SINK_QUEUE_MAX / 2)
		return false; /* or a statement would follow each line that just fits */
	sbx_frame_begin(sinks->frame, &line, 0, 0, "lost");
	sbx_json_u64(&line, "count", sink->owed);
	sbx_json_word(&line, "cause", "sink");
	sbx_buf_puts(&line, "}\n");
	if (line.error || !enqueue(sink, line.text, line.len))
		return false;
	sink->owed = 0;
	return true;
}

static void count_lost(struct sink *sink)
{
	sink->lost++;
	sink->owed++;
}

void sbx_sinks_put(struct sbx_sinks *sinks, const char *line, size_t len)
{
	for (size_t i = 0; sinks && i < sinks->n; i++) {
		struct sink *sink = &sinks->sinks[i];

		if (!settle(sinks, sink) || !enqueue(sink, line, len))
			count_lost(sink);
	}
	sbx_sinks_carry(sinks);
}

/* No string of a record holds an unescaped quote, so the first `type` is the record's. */
static int level_of(const char *line, size_t len)
{
	static const char type[] = ",\"type\":\"";
	const char *at = memmem(line, len, type, sizeof(type) - 1);

	if (!at)
		return LEVEL_INFO;
	at += sizeof(type) - 1;
	if (!strncmp(at, "escape", 6) || !strncmp(at, "skipped", 7))
		return LEVEL_CRITICAL;
	return strncmp(at, "lifecycle", 9) && strncmp(at, "summary", 7) ? LEVEL_WARNING
									: LEVEL_INFO;
}

/* A datagram's text around the line: what syslog and journald want. */
static void put_envelope(struct sbx_buf *buf, enum sbx_sink_kind kind, const char *line, size_t len)
{
	int level = level_of(line, len);
	char date[32] = "";
	time_t now = time(NULL);
	struct tm tm;

	if (kind == SBX_SINK_SYSLOG) {
		if (localtime_r(&now, &tm))
			(void)strftime(date, sizeof(date), "%b %e %H:%M:%S ", &tm);
		sbx_buf_printf(buf, "<%d>%ssbx-bpf[%d]: ", FACILITY_AUTHPRIV | level, date,
			       getpid());
	} else if (kind == SBX_SINK_JOURNALD) {
		sbx_buf_printf(buf,
			       "PRIORITY=%d\nSYSLOG_FACILITY=%d\nSYSLOG_IDENTIFIER=sbx-bpf\n"
			       "MESSAGE=",
			       level, FACILITY_AUTHPRIV >> 3);
	}
	sbx_buf_add(buf, line, len);
	if (kind != SBX_SINK_JOURNALD)
		buf->len -= buf->len > 0; /* the newline ends a field there */
}

static int send_datagram(struct sink *sink, const char *line, size_t len)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf buf = { 0 };
	ssize_t n;

	put_envelope(&buf, sink->what->kind, line, len);
	if (buf.error)
		return -EAGAIN;
	do
		n = send(sink->fd, buf.text, buf.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

static int send_stream(struct sink *sink, const char *line, size_t len)
{
	struct pollfd item = { .fd = sink->fd, .events = POLLOUT };

	while (sink->sent < len) {
		const char *rest = line + sink->sent;
		size_t left = len - sink->sent;
		ssize_t n;

		if (sink->what->kind == SBX_SINK_STREAM || sink->is_socket) {
			n = send(sink->fd, rest, left, MSG_DONTWAIT | MSG_NOSIGNAL);
		} else {
			/* Should its opening again have failed, so much at least does not wait. */
			if (poll(&item, 1, 0) <= 0)
				return -EAGAIN;
			n = sbx_write_quietly(sink->fd, rest, left < 4096 ? left : 4096);
		}
		if (n < 0 && errno != EINTR)
			return -errno;
		sink->sent += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* 0: the first line is gone from the queue; -EAGAIN: later. */
static int send_first(struct sink *sink)
{
	const char *line = sink->queue.text + sink->at;
	size_t len = first_line(sink);
	int r;

	if (sink->fd < 0 && now_ms() < sink->retry_ms)
		return -EAGAIN;
	r = sink->fd < 0 ? open_sink(sink) : 0;
	if (!r)
		r = is_stream(sink) ? send_stream(sink, line, len) : send_datagram(sink, line, len);
	if (!r || r == -EMSGSIZE) { /* no datagram will ever hold it */
		sink->at += len;
		sink->sent = 0;
		if (r)
			count_lost(sink);
		else
			sink->lines++;
		r = 0;
	} else if (r != -EAGAIN && r != -ENOBUFS) {
		/* Whoever comes next to a stream begins with a whole line. */
		sbx_closep(&sink->fd);
		sink->sent = 0;
		sink->retry_ms = now_ms() + RETRY_MS;
	}
	return r;
}

void sbx_sinks_carry(struct sbx_sinks *sinks)
{
	for (size_t i = 0; sinks && i < sinks->n; i++) {
		struct sink *sink = &sinks->sinks[i];

		do {
			while (waiting(sink) && !send_first(sink))
				;
		} while (sink->owed && settle(sinks, sink));
	}
}

int sbx_sinks_poll(const struct sbx_sinks *sinks, struct pollfd *items)
{
	int wait_ms = -1;

	for (size_t i = 0; i < SBX_SINKS_MAX; i++) {
		const struct sink *sink = sinks ? &sinks->sinks[i] : NULL;

		items[i] = (struct pollfd){ .fd = -1, .events = POLLOUT };
		if (!sinks || i >= sinks->n || !waiting(sink))
			continue;
		items[i].fd = sink->fd;
		if (sink->fd < 0)
			wait_ms = RETRY_MS;
	}
	return wait_ms;
}

void sbx_sinks_finish(struct sbx_sinks *sinks, int timeout_ms)
{
	struct pollfd items[SBX_SINKS_MAX];
	__u64 end = now_ms() + (__u64)timeout_ms;
	bool more = sinks != NULL;

	while (more && now_ms() < end) {
		sbx_sinks_carry(sinks);
		more = false;
		for (size_t i = 0; i < sinks->n; i++)
			more = more || waiting(&sinks->sinks[i]);
		(void)sbx_sinks_poll(sinks, items);
		if (more)
			(void)poll(items, SBX_SINKS_MAX, 50); /* at its end all is counted */
	}
	for (size_t i = 0; sinks && i < sinks->n; i++) {
		struct sink *sink = &sinks->sinks[i];

		for (; waiting(sink); sink->at += first_line(sink))
			sink->lost++;
	}
}

json_t *sbx_sinks_report(const struct sbx_sinks *sinks)
{
	json_t *rows = json_array();

	for (size_t i = 0; sinks && i < sinks->n; i++) {
		const struct sink *sink = &sinks->sinks[i];
		const struct sbx_sink *what = sink->what;

		(void)json_array_append_new(
			rows,
			json_pack("{s:o, s:I, s:I}", "sink",
				  json_sprintf("%s%s%s", sbx_sink_to_str(what->kind),
					       what->path ? ":" : "", what->path ? what->path : ""),
				  "lines", (json_int_t)sink->lines, "lost",
				  (json_int_t)sink->lost)); /* a lack shows in the text */
	}
	return rows;
}
