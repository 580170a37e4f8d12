/* SPDX-License-Identifier: GPL-2.0-only */
/* Refusals counted by what they were, and what would have allowed them.  Internal to audit/. */
#ifndef SBX_TALLY_H
#define SBX_TALLY_H

#include <stdbool.h>

#include "audit/audit.h"
#include "lib/buf.h"

/* What the summary needs besides the rows. */
struct sbx_tally_facts {
	const char *log;  /* path; NULL: none */
	bool audit_mode;  /* nothing was refused, it would have been */
	__u64 violations; /* events seen, escapes apart */
	__u64 escapes;
	const __u8 *guards; /* enum sbx_action by enum sbx_guard */
};

int sbx_tally_new(const struct sbx_audit_options *options, struct sbx_tally **ret_tally);
void sbx_tally_free(struct sbx_tally *tally);
void sbx_tally_add(struct sbx_tally *tally, const struct sbx_event *event, size_t size);
void sbx_tally_facts(const struct sbx_tally *tally, struct sbx_tally_facts *ret_facts);

/*
 * Adds what would allow `event`: a line for the policy, ready to paste, or why none should.
 * Safe for a terminal.
 */
void sbx_remedy_put(struct sbx_buf *buf, const struct sbx_compiled *compiled,
		    const struct sbx_event *event, size_t size);

#endif /* SBX_TALLY_H */
