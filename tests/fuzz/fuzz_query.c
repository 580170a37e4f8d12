// SPDX-License-Identifier: GPL-2.0-only
/* Text as a question about a policy, and bytes as a log that is asked again: no input harms. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "audit/audit.h"
#include "lib/diag.h"
#include "policy/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct sbx_policy_vars vars = { .home = "/root", .workdir = "/work" };

static const struct sbx_compiled *policy(void)
{
	static const char text[] = "version: 1\nextends: base\nnetwork: {mode: internal}\n";
	static struct sbx_compiled *compiled;
	struct sbx_policy *model = NULL;
	struct sbx_diags diags = { 0 };

	if (!compiled && (sbx_policy_parse("p", text, sizeof(text) - 1, &vars, &model, &diags) ||
			  sbx_policy_compile(model, NULL, NULL, &compiled, &diags)))
		abort();
	sbx_policy_free(model);
	return compiled;
}

static void take(const struct sbx_answer *answer, void *ctx)
{
	(void)ctx;
	if (answer->allowed != !*answer->remedy)
		abort();
}

static int ask(struct sbx_event *question, size_t size, __u64 count, void *ctx)
{
	(void)ctx;
	if (!count)
		abort();
	return sbx_explain(policy(), question, size, take, NULL);
}

static void as_log(const uint8_t *data, size_t size)
{
	int fd = memfd_create("log", MFD_CLOEXEC);
	char path[64];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	(void)sbx_audit_questions(path, ask, NULL, NULL);
	(void)close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct sbx_event *event = NULL;
	size_t event_size = 0;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (!sbx_query_parse(text, &vars, NULL, NULL, &event, &event_size, NULL))
		(void)ask(event, event_size, 1, NULL);
	free(event);
	free(text);
	if (size && data[0] == '{')
		as_log(data, size);
	return 0;
}
