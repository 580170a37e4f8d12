// SPDX-License-Identifier: GPL-2.0-only
/* Built-in policies: the files of policies/, embedded by tools/embed-presets at build time. */
#include <string.h>

#include "lib/cleanup.h"
#include "policy/policy.h"

static const struct {
	const char *name;
	const char *text;
	size_t len;
} presets[] = {
#include "presets.inc"
};

const char *sbx_preset_text(const char *name, size_t *ret_len)
{
	for (size_t i = 0; i < SBX_ARRAY_SIZE(presets); i++) {
		if (strcmp(presets[i].name, name))
			continue;
		*ret_len = presets[i].len;
		return presets[i].text;
	}
	return NULL;
}

const char *const *sbx_preset_names(void)
{
	static const char *names[SBX_ARRAY_SIZE(presets) + 1];

	for (size_t i = 0; i < SBX_ARRAY_SIZE(presets); i++)
		names[i] = presets[i].name;
	return names;
}
