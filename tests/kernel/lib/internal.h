/* SPDX-License-Identifier: GPL-2.0-only */
/* What the harness's files share; tests include harness.h alone. */
#ifndef SBX_KERNEL_INTERNAL_H
#define SBX_KERNEL_INTERNAL_H

#include "harness.h"

/* A word with $NAME and \xHH resolved; owned by the test.  The length excludes the final NUL. */
char *expand(const char *text, size_t *ret_len);
/* `count` bytes that are freed at the test's end. */
void *keep_memory(size_t count);
/* Hands a malloc'ed block to the test. */
void *keep_block(void *block);
/* Directory for the policy, log and result of the test; below it nothing that a job may write. */
const char *scratch_dir(void);
/* Path of act beside the test's own binary. */
const char *act_path(void);
/* Words of rows i to j as arguments, after argv[0]; NULL-terminated, owned by the test. */
char **rows_argv(const char *act, const struct row *rows, size_t n);
/* A line an event, for messages. */
char *list_events(const json_t *events);
/* Compares lines of act's output with the rows. */
void check_results(const struct row *rows, size_t n, const char *out, const char *context);

#endif /* SBX_KERNEL_INTERNAL_H */
