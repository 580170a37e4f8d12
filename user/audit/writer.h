/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Chained lines into one file.  Records gather in memory and are written many at a time; the file
 * only ever grows by whole lines.  When the disk is full, what was half written is cut off again
 * (ftruncate), the records wait, and each flush tries anew; beyond WRITER_WAIT_MAX bytes new
 * records are refused, so that the caller can declare them lost.  Internal to audit/.
 */
#ifndef SBX_WRITER_H
#define SBX_WRITER_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "audit/chain.h"
#include "lib/buf.h"
#include "lib/error.h"

struct sbx_writer;

/*
 * Opens (or makes, 0600) a regular file, locks it for as long as the writer lives, and takes up
 * the chain where it ends.  A file is chained throughout or not at all.  -EBUSY: another job
 * writes it (`err` names it); -EBADMSG: its last line is no record; -EKEYREJECTED: that was not
 * written with `key` (NULL: none; borrowed until close); -EINVAL: no regular file, or chained
 * where `chain` is false, or the reverse; else as the kernel says.
 */
int sbx_writer_open(const char *path, bool chain, const struct sbx_chain_key *key,
		    struct sbx_writer **ret_writer, struct sbx_error *err);

/* Before the first record.  `size` 0: the file grows for ever. */
struct sbx_rotation;
void sbx_writer_set_rotation(struct sbx_writer *writer, const struct sbx_rotation *rotation);

/* Time to rotate: the next record would go beyond the size. */
bool sbx_writer_is_full(const struct sbx_writer *writer);

/*
 * Puts the file aside and goes on in a new one, whose first record the caller puts next.  After an
 * error (remembered: the next attempt is a file's size later) the file goes on.
 */
int sbx_writer_rotate(struct sbx_writer *writer);

/* The same for a file that somebody moved away.  -EALREADY: it is where it was. */
int sbx_writer_reopen(struct sbx_writer *writer);

/*
 * Takes one record whose brace is still open; adds prev and hash to `record`, closes it.  0, or
 * the error that keeps the record from being kept: it is not in the log and not in the chain.
 */
int sbx_writer_put(struct sbx_writer *writer, struct sbx_buf *record);

/* True while several records more would surely be taken. */
bool sbx_writer_has_room(const struct sbx_writer *writer);

/* Writes what waits. 0, or why some of it still waits. */
int sbx_writer_flush(struct sbx_writer *writer);

/* The last flush: what cannot be written is dropped and counted; then fsync. 0 or the error. */
int sbx_writer_finish(struct sbx_writer *writer);

/* Hash of the last record taken (after finish: written); "" without a chain. */
const char *sbx_writer_head(const struct sbx_writer *writer);
__u64 sbx_writer_dropped(const struct sbx_writer *writer); /* records taken but never written */
__u64 sbx_writer_dropped_events(const struct sbx_writer *writer); /* of these, numbered ones */
int sbx_writer_first_error(const struct sbx_writer *writer);	  /* 0 or a negative errno */
void sbx_writer_close(struct sbx_writer *writer);

#endif /* SBX_WRITER_H */
