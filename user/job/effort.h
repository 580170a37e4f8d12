/* SPDX-License-Identifier: GPL-2.0-only */
/* What `require: best-effort` comes to: which mechanism enforces which concern, and what none does.
 */
#ifndef SBX_JOB_EFFORT_H
#define SBX_JOB_EFFORT_H

#include <jansson.h>
#include <stdbool.h>

#include "policy/policy.h"

/* Something that the policy says and nothing enforces. */
struct sbx_gap {
	const char *concern; /* "files", "exec", "network", "guards", ...; static */
	struct sbx_place place;
	char *what;
	const char *why;   /* static */
	unsigned int more; /* rules of the same line beside this one */
};

struct sbx_gaps {
	struct sbx_gap *items;
	size_t n;
	int error; /* 0 or -ENOMEM */
};

/* Adds one. `place` may be NULL. */
void sbx_gap_add(struct sbx_gaps *gaps, const char *concern, const struct sbx_place *place,
		 const char *why, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* True when one of this line with this reason is there: a rule with many paths is told by one. */
bool sbx_gap_merge(struct sbx_gaps *gaps, const char *concern, const struct sbx_place *place,
		   const char *why);
void sbx_gaps_free(struct sbx_gaps *gaps);

/* For the log and the result: [{"concern", "rule"?, "what", "why"}] (new reference). */
json_t *sbx_gaps_json(const struct sbx_gaps *gaps);
/* For people, on stderr: a line a concern and reason; the rest is for log and result. */
void sbx_gaps_warn(const struct sbx_gaps *gaps, const char *how);

#endif /* SBX_JOB_EFFORT_H */
