/* SPDX-License-Identifier: GPL-2.0-only */
/* The log verifier on an open stream, for sbx_audit_verify and the fuzzer.  Internal to audit/. */
#ifndef SBX_VERIFY_H
#define SBX_VERIFY_H

#include "audit/audit.h"
#include "audit/chain.h"

/* `name` is what `err` calls the log.  Otherwise as sbx_audit_verify_report. */
int sbx_audit_verify_stream(FILE *in, const char *name, const char *head,
			    const struct sbx_chain_key *key, struct sbx_audit_report *ret_report,
			    struct sbx_error *err);

#endif /* SBX_VERIFY_H */
