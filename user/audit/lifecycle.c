// SPDX-License-Identifier: GPL-2.0-only
/* Parts of the records with which a run begins and ends. */
#include <string.h>

#include "audit/event.h"
#include "audit/json.h"
#include "lib/cleanup.h"

#define COMMAND_MAX ((size_t)16 * 1024) /* recorded bytes of the command: hex makes them thrice */

void sbx_command_put(struct sbx_buf *line, char *const *command)
{
	bool plain = true;
	size_t total = 0;
	size_t n = 0;

	for (; command && command[n] && total + strlen(command[n]) <= COMMAND_MAX; n++) {
		plain = plain && sbx_text_plain(command[n], strlen(command[n]));
		total += strlen(command[n]);
	}
	sbx_json_open(line, "command", '[');
	for (size_t i = 0; i < n; i++)
		sbx_json_string(line, NULL, command[i], strlen(command[i]));
	sbx_json_close(line, ']');
	if (!plain) {
		sbx_json_open(line, "command_bytes", '[');
		for (size_t i = 0; i < n; i++)
			sbx_json_hex(line, NULL, command[i], strlen(command[i]));
		sbx_json_close(line, ']');
	}
	if (command && command[n])
		sbx_json_true(line, "command_truncated");
}

json_t *sbx_result_part(json_t *result)
{
	static const char *const known[] = { "schema",	"isolation", "provenance",
					     "command", "policy",    "job" };
	json_t *part = json_copy(result);

	for (size_t i = 0; part && i < SBX_ARRAY_SIZE(known); i++)
		(void)json_object_del(part, known[i]); /* absent is fine */
	return part;
}
