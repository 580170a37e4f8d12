// SPDX-License-Identifier: GPL-2.0-only
/*
 * Raw bytes as an event record: whatever they are, the line is valid JSON without a control
 * character, the tally takes them, and the remedy is text.
 */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "audit/tally.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(json_t *json)
{
	char *line = json_dumps(json, JSON_COMPACT);

	if (!line)
		abort();
	for (const char *at = line; *at; at++) {
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			abort();
	}
	free(line);
}

/* The smallest policy that answers for every node: none. */
static const struct sbx_compiled *no_policy(void)
{
	static char text[] = "default: deny";
	static struct sbx_compiled compiled;

	compiled.fs_default.text = text;
	compiled.net_default.text = text;
	return &compiled;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sbx_audit_options options = { .job = "fuzz", .compiled = no_policy() };
	const struct sbx_tally_row *rows = NULL;
	struct sbx_tally *tally = NULL;
	/* A copy of its own size: aligned, and reading beyond it is seen. */
	struct sbx_event *event = malloc(size ? size : 1);
	json_t *json;

	if (!event)
		return 0;
	if (size)
		memcpy(event, data, size);
	json = sbx_event_to_json(event, size, &options);
	if (!json != (size < sizeof(*event)))
		abort();
	if (json) {
		check_line(json);
		if (sbx_tally_new(&options, &tally))
			abort();
		sbx_tally_add(tally, event, size);
		if (sbx_tally_rows(tally, &rows) != 1 || !rows[0].remedy[0])
			abort();
		for (const char *at = rows[0].remedy; *at; at++) {
			if ((unsigned char)*at < 0x20 || *at == 0x7f)
				abort();
		}
		sbx_tally_free(tally);
	}
	json_decref(json);
	free(event);
	return 0;
}
