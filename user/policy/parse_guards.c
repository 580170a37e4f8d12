// SPDX-License-Identifier: GPL-2.0-only
/* Section `guards`: an action for each named way of getting out.  guards.def makes the keys. */
#include <string.h>

#include "lib/cleanup.h"
#include "policy/parse.h"
#include "policy/text.h"

static const struct sbx_word action_words[] = {
	{ "allow", SBX_ACTION_ALLOW },
	{ "log", SBX_ACTION_LOG },
	{ "deny", SBX_ACTION_DENY },
	{ "kill", SBX_ACTION_KILL },
	{ "quarantine", SBX_ACTION_QUARANTINE },
	{ NULL, 0 },
};

static const char *key_at(size_t i, const void *ctx)
{
	(void)ctx; /* guards.def is global */
	return i == 0 ? "default" : i < SBX_GUARD_MAX_ ? sbx_guard_to_str((unsigned int)i) : NULL;
}

static void key_fault(struct sbx_parse *p, const struct sbx_yaml *key)
{
	const char *nearest = sbx_text_nearest(key->text, key_at, NULL);

	sbx_parse_fault(p, key, "unknown-key", "unknown guard `%.60s`%s%s%s", key->text,
			nearest ? "; did you mean `" : "", nearest ? nearest : "",
			nearest ? "`?" : "");
}

static void parse_guard(struct sbx_parse *p, const struct sbx_yaml *key,
			const struct sbx_yaml *value)
{
	int guard = sbx_guard_from_str(key->text);
	bool is_default = !strcmp(key->text, "default");
	int action;

	if (guard < 0 && !is_default) {
		key_fault(p, key);
		return;
	}
	if (!sbx_parse_word(p, value, "a guard", action_words, &action))
		return;
	if (is_default) {
		p->guard_default = (__u8)action;
		p->guard_default_place = sbx_parse_place(p, value);
	} else {
		p->policy->guards[guard] = (__u8)action;
		p->policy->guard_places[guard] = sbx_parse_place(p, value);
	}
}

void sbx_parse_guards(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_field none[] = { { NULL, NULL } };

	if (node->kind != SBX_YAML_MAP) {
		sbx_parse_fields(p, node, none, "`guards`", target); /* says what is wrong */
		return;
	}
	for (size_t i = 0; i + 1 < node->n; i += 2) {
		if (node->items[i]->kind == SBX_YAML_SCALAR)
			parse_guard(p, node->items[i], node->items[i + 1]);
	}
}
