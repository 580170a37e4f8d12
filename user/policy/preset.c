// SPDX-License-Identifier: GPL-2.0-only
/* Built-in policies: the files of policies/, read at build time by tools/embed-presets. */
#include <string.h>

#include "lib/cleanup.h"
#include "policy/parse.h"

#include "presets.inc"

const struct sbx_preset *sbx_preset_find(const char *name)
{
	for (size_t i = 0; i < SBX_ARRAY_SIZE(presets); i++) {
		if (!strcmp(presets[i].name, name))
			return &presets[i];
	}
	return NULL;
}

bool sbx_preset_exists(const char *name)
{
	return sbx_preset_find(name) != NULL;
}

const char *const *sbx_preset_names(void)
{
	static const char *names[SBX_ARRAY_SIZE(presets) + 1];

	for (size_t i = 0; i < SBX_ARRAY_SIZE(presets); i++)
		names[i] = presets[i].name;
	return names;
}
