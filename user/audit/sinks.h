/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies of a log's records for readers elsewhere: the file is the log, these follow it.  No sink
 * is ever waited for while the job runs.  Each has a queue of its own, SINK_QUEUE_MAX bytes; what
 * finds no room is counted, and a `lost` record with the number is the first to go once there is
 * room again.  A socket that went away is tried again once a second.  Internal to audit/.
 */
#ifndef SBX_SINKS_H
#define SBX_SINKS_H

#include <jansson.h>
#include <poll.h>
#include <stddef.h>

#include "audit/event.h"
#include "policy/policy.h"

struct sbx_sinks;

/*
 * Connects to `n` sinks, at most SBX_SINKS_MAX; `what` and `frame` are borrowed until free.  A
 * sink that is not there now is an error (`err` names it): as the kernel says, or -ENOMEM.
 */
int sbx_sinks_open(const struct sbx_sink *what, size_t n, struct sbx_frame *frame,
		   struct sbx_sinks **ret_sinks, struct sbx_error *err);

/* Copies one line, newline included, as far as there is room.  `sinks` may be NULL, as below. */
void sbx_sinks_put(struct sbx_sinks *sinks, const char *line, size_t len);

/* Sends what goes without waiting. */
void sbx_sinks_carry(struct sbx_sinks *sinks);

/* Fills in SBX_SINKS_MAX items (fd -1: nothing to wait for); ms until the next carry, or -1. */
int sbx_sinks_poll(const struct sbx_sinks *sinks, struct pollfd *items);

/* Waits at most `timeout_ms` in all until everything was sent; the rest is counted as lost. */
void sbx_sinks_finish(struct sbx_sinks *sinks, int timeout_ms);

/* [{"sink": "stream:/run/x", "lines": 3, "lost": 0}] (new reference); lines: handed over. */
json_t *sbx_sinks_report(const struct sbx_sinks *sinks);

/* Where syslog and journald listen; tests set others. */
void sbx_sinks_set_paths(const char *syslog, const char *journald);

void sbx_sinks_free(struct sbx_sinks *sinks);

#endif /* SBX_SINKS_H */
