/* SPDX-License-Identifier: GPL-2.0-only */
/* Whole small files in one call. */
#ifndef SBX_FILE_H
#define SBX_FILE_H

#include <stddef.h>
#include <sys/types.h>

/* More than any policy, cgroup or proc file that is read whole; a guard against /dev/zero. */
#define SBX_FILE_MAX (32u * 1024 * 1024)

/*
 * Reads a regular file or pipe (proc and sysfs files, too) whole; the text is terminated and the
 * caller's.  -EFBIG above SBX_FILE_MAX, -EISDIR, -EINVAL for devices and sockets, else as the
 * kernel says.  `ret_len` may be NULL.
 */
int sbx_file_read(const char *path, char **ret_text, size_t *ret_len);
int sbx_file_read_at(int dir_fd, const char *name, char **ret_text, size_t *ret_len);

/*
 * Writes `text` with one write() to an existing file, as cgroupfs, procfs and sysfs want it.
 * A short write is -EIO.
 */
int sbx_file_write_at(int dir_fd, const char *name, const char *text);

/* write() that repeats EINTR, and whose SIGPIPE or SIGXFSZ is nothing but EPIPE or EFBIG. */
ssize_t sbx_write_quietly(int fd, const char *bytes, size_t len);

#endif /* SBX_FILE_H */
