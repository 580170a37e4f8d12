/* SPDX-License-Identifier: GPL-2.0-only */
/* Owners made visible: cleanup attributes for locals, and explicit hand-over with SBX_TAKE. */
#ifndef SBX_CLEANUP_H
#define SBX_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define sbx_cleanup(fn) __attribute__((cleanup(fn)))

/* Hands the value of `var` over and leaves `empty` (NULL, -1) behind, so cleanup does nothing. */
#define SBX_TAKE(var, empty)                    \
	({                                      \
		__typeof__(var) taken_ = (var); \
		(var) = (empty);                \
		taken_;                         \
	})

#define SBX_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static inline void sbx_freep(void *p)
{
	free(*(void **)p);
	*(void **)p = NULL;
}

/* For locals that hold a descriptor; -1 means none. */
static inline void sbx_closep(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd); /* read-only or already reported by write: nothing left to lose */
	*fd = -1;
}

static inline void sbx_fclosep(FILE **file)
{
	if (*file)
		(void)fclose(*file); /* writers check fclose themselves before this */
	*file = NULL;
}

static inline void sbx_closedirp(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir); /* reading only */
	*dir = NULL;
}

#endif /* SBX_CLEANUP_H */
