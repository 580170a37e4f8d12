/* SPDX-License-Identifier: GPL-2.0-only */
/* What the suite's own files share; techniques include escape.h only. */
#ifndef ESCAPE_INTERNAL_H
#define ESCAPE_INTERNAL_H

#include "escape.h"

/* "GROUP.NAME" of the technique that is tried, or listed, now. */
const char *technique_name(void);
/* Calls fn for each, with technique_name() set. */
void each_technique(void (*fn)(const struct technique *technique, void *ctx), void *ctx);

/* Makes DIR and all that is outside, prints "ready", waits for the end of input, removes it. */
int world_keep(const char *dir, bool harmless);
/* Fills `world` from the file `world` of the current folder. */
int world_read(void);

/* The Landlock ruleset that is nearest to the policy: ABI version, or a negative errno. */
int landlock_enter(void);

#endif /* ESCAPE_INTERNAL_H */
