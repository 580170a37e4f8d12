// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as a log: the verifier answers with one of its verdicts, and says why. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sbx_audit_report report;
	struct sbx_error err = { 0 };
	FILE *in;
	int r;

	if (size == 0)
		return 0;
	in = fmemopen((void *)(uintptr_t)data, size, "r"); /* reading only */
	if (!in)
		return 0;
	r = sbx_audit_verify_stream(in, "fuzz", NULL, NULL, &report, &err);
	(void)fclose(in);
	if (r != 0 && r != -EBADMSG && r != -ENODATA && r != -ENOTSUP)
		abort();
	if (r != 0 && !err.text[0])
		abort();
	return 0;
}
