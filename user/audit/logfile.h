/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The file behind a log: opened under a lock, put aside when it is large, opened anew when somebody
 * moved it away.  Its directory is opened once, so that nobody can lead a later step elsewhere.
 * Internal to audit/.
 */
#ifndef SBX_LOGFILE_H
#define SBX_LOGFILE_H

#include <stdbool.h>

#include "audit/chain.h"

struct sbx_log_file {
	int fd;	    /* read and append; locked; -1: none */
	int dir_fd; /* its directory */
	char name[256];
};

/*
 * Opens (or makes, 0600) a regular file and locks it.  Errors with `err`: -EBUSY, another job
 * writes it; -EINVAL, no regular file; -ENAMETOOLONG; else as the kernel says.
 */
int sbx_log_file_open(const char *path, struct sbx_log_file *ret_file, struct sbx_error *err);
void sbx_log_file_close(struct sbx_log_file *file);

/* The error of a log that cannot be opened; returns -code. */
int sbx_log_file_fail(struct sbx_error *err, int code, const char *path);

/* False when somebody moved or removed the file. */
bool sbx_log_file_in_place(const struct sbx_log_file *file);

/* A new file takes the name of one that was moved away.  -EEXIST: a file with content has it. */
int sbx_log_file_renew(struct sbx_log_file *file);

/*
 * The file becomes NAME.1, that one NAME.2 and so on to NAME.`keep`, what was there is gone; a new
 * file takes its name.  After an error the file is what it was.
 */
int sbx_log_file_rotate(struct sbx_log_file *file, unsigned int keep);

#endif /* SBX_LOGFILE_H */
