// SPDX-License-Identifier: GPL-2.0-only
/* Keys of `process` that say who the command is: user, groups, capabilities, securebits. */
#include <errno.h>
#include <linux/securebits.h>
#include <string.h>
#include <strings.h>
#include <sys/capability.h>

#include "lib/cleanup.h"
#include "policy/parse.h"
#include "policy/text.h"
#include "policy/units.h"

#define ID_MAX 4294967294ull /* the one above means "leave as it is" to the kernel */
#define NAME_MAX_ 64	     /* bytes; useradd takes 32 */

/* A name as useradd takes it, or a number; NULL after a fault. */
static char *read_account(struct sbx_parse *p, const struct sbx_yaml *node, const char *what)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-$@";
	sbx_cleanup(sbx_freep) char *text = sbx_parse_text(p, node, what);
	__u64 id;

	if (!text)
		return NULL;
	if (!sbx_units_number(text, &id)) {
		if (id <= ID_MAX)
			return SBX_TAKE(text, NULL);
	} else if (*text && *text != '-' && strlen(text) < NAME_MAX_ &&
		   strspn(text, allowed) == strlen(text) && !strchr("0123456789", *text)) {
		return SBX_TAKE(text, NULL);
	}
	sbx_parse_fault(p, node, "bad-value", "%s takes a name or a number, not `%.60s`", what,
			text);
	return NULL;
}

static void parse_account(struct sbx_parse *p, const struct sbx_yaml *node, const char *what,
			  char **target)
{
	char *text = read_account(p, node, what);

	if (!text)
		return;
	sbx_freep(target);
	*target = text;
}

void sbx_parse_user(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	(void)target; /* the policy is the target, as below */
	parse_account(p, node, "`user`", &p->policy->process.user);
}

void sbx_parse_group(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	(void)target; /* as above */
	parse_account(p, node, "`group`", &p->policy->process.group);
}

static void parse_groups_one(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_cleanup(sbx_freep) char *text = read_account(p, node, "`groups`");

	(void)target; /* as above */
	if (text && !sbx_intern(&p->policy->process.groups, text))
		p->error = -ENOMEM;
}

void sbx_parse_groups(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	p->policy->process.groups_set = true;
	sbx_parse_each_or_none(p, node, "`groups`", parse_groups_one, target);
}

static const char *capability_at(size_t i, const void *ctx)
{
	return ((char *const *)ctx)[i];
}

/* "net_raw" as libcap's "cap_net_raw", from libcap's own list; NULL-terminated, for hints. */
static void fill_names(char **names, size_t n)
{
	size_t used = 0;

	for (cap_value_t cap = 0; cap < 64 && used + 1 < n; cap++) {
		sbx_cleanup(sbx_freep) char *copy = NULL;
		char *name = cap_to_name(cap);

		if (name && !strncmp(name, "cap_", 4))
			copy = strdup(name + 4);
		(void)cap_free(name); /* only fails for what is not its own */
		if (copy)
			names[used++] = SBX_TAKE(copy, NULL);
	}
	names[used] = NULL;
}

static void unknown_capability(struct sbx_parse *p, const struct sbx_yaml *node, const char *word)
{
	char *names[65];
	const char *nearest;

	fill_names(names, SBX_ARRAY_SIZE(names));
	nearest = sbx_text_nearest(word, capability_at, names);
	sbx_parse_fault(p, node, "bad-value", "`%.60s` is not a capability%s%s%s", word,
			nearest ? "; did you mean `" : ": write it as in capabilities(7), net_raw",
			nearest ? nearest : "", nearest ? "`?" : "");
	for (char **name = names; *name; name++)
		sbx_freep(name);
}

static void parse_capability(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_cleanup(sbx_freep) char *text = sbx_parse_text(p, node, "`capabilities`");
	char full[64];
	cap_value_t cap;

	if (!text)
		return;
	(void)snprintf(full, sizeof(full), "%s%.50s", strncasecmp(text, "cap_", 4) ? "cap_" : "",
		       text);
	if (cap_from_name(full, &cap) || cap < 0 || cap > 63)
		unknown_capability(p, node, text);
	else
		*(__u64 *)target |= 1ull << cap;
}

void sbx_parse_capabilities(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	__u64 kept = 0;

	(void)target; /* as above */
	sbx_parse_each_or_none(p, node, "`capabilities`", parse_capability, &kept);
	p->policy->process.capabilities = kept;
}

static void parse_securebit(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_word words[] = {
		{ "noroot", SECBIT_NOROOT | SECBIT_NOROOT_LOCKED },
		{ "no_setuid_fixup", SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED },
		{ "no_cap_ambient_raise",
		  SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED },
		{ NULL, 0 },
	};
	int bits;

	if (sbx_parse_word(p, node, "`securebits`", words, &bits))
		*(unsigned int *)target |= (unsigned int)bits;
}

void sbx_parse_securebits(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	unsigned int bits = 0;

	(void)target; /* as above */
	sbx_parse_each_or_none(p, node, "`securebits`", parse_securebit, &bits);
	p->policy->process.securebits = bits;
}
