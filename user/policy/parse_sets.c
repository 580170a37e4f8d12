// SPDX-License-Identifier: GPL-2.0-only
/* Addresses as rules and sets name them, and the sets that a policy defines: `network: sets:`. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/cleanup.h"
#include "policy/address.h"
#include "policy/parse.h"
#include "policy/text.h"

#define SETS_MAX 1000
#define NAME_MAX_LEN 63

static void add_prefixes(struct sbx_parse *p, struct sbx_prefixes *to,
			 const struct sbx_prefix *prefixes, size_t n)
{
	for (size_t i = 0; i < n && !p->error; i++) {
		if (sbx_array_grow(&to->prefixes, to->n, sizeof(*prefixes)))
			p->error = -ENOMEM;
		else
			to->prefixes[to->n++] = prefixes[i];
	}
}

/* The policy's own sets come after the built-in ones. */
static const char *set_name_at(size_t i, const void *ctx)
{
	const struct sbx_policy *policy = ctx;
	size_t n_built_in = 0;

	for (const struct sbx_address_set *set; (set = sbx_address_set_at(n_built_in));
	     n_built_in++) {
		if (n_built_in == i)
			return set->name;
	}
	i -= n_built_in;
	return i < policy->n_sets ? policy->sets[i].name : NULL;
}

static const struct sbx_named_set *find_set(const struct sbx_policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->n_sets; i++) {
		if (!strcmp(policy->sets[i].name, name))
			return &policy->sets[i];
	}
	return NULL;
}

static void no_such_set(struct sbx_parse *p, const struct sbx_yaml *node, const char *name)
{
	const char *nearest = sbx_text_nearest(name, set_name_at, p->policy);

	sbx_parse_fault(p, node, "bad-address", "no set is called `%.60s`%s%s%s", name,
			nearest ? "; did you mean `"
				: ": there are @metadata, @loopback, @private, "
				  "@linklocal, @multicast, @any",
			nearest ? nearest : "", nearest ? "`?" : "");
}

static void add_set(struct sbx_parse *p, const struct sbx_yaml *node, const char *name,
		    struct sbx_prefixes *to)
{
	const struct sbx_address_set *built_in = sbx_address_set(name);
	const struct sbx_named_set *set = find_set(p->policy, name);

	for (size_t i = 0; built_in && built_in->prefixes[i]; i++) {
		struct sbx_prefix prefix = { 0 };

		(void)sbx_prefix_parse(built_in->prefixes[i], &prefix); /* a unit test does, too */
		add_prefixes(p, to, &prefix, 1);
	}
	if (set)
		add_prefixes(p, to, set->addresses.prefixes, set->addresses.n);
	else if (!built_in)
		no_such_set(p, node, name);
}

static bool looks_like_name(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.*") ==
		       strlen(text) &&
	       strpbrk(text, "ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ*");
}

static void address_fault(struct sbx_parse *p, const struct sbx_yaml *node, const char *text,
			  int error, const struct sbx_prefix *network)
{
	char buf[SBX_ADDRESS_TEXT];

	if (error == -EDOM)
		sbx_parse_fault(p, node, "host-bits",
				"`%s` has bits set beyond its length; the network is `%s`", text,
				sbx_prefix_format(network, buf, sizeof(buf)));
	else if (error == -ERANGE)
		sbx_parse_fault(p, node, "bad-address",
				"`%.60s`: a length is 0 to 32 for IPv4 and 0 to 128 for IPv6",
				text);
	else if (!strcmp(text, "localhost"))
		sbx_parse_fault(p, node, "bad-address", "write `@loopback` instead of `localhost`");
	else if (looks_like_name(text))
		sbx_parse_fault(p, node, "bad-address",
				"`%.60s` is a name: write it under `domains` instead of `to`",
				text);
	else
		sbx_parse_fault(
			p, node, "bad-address",
			"`%.60s` is not an address, a network such as 10.1.0.0/16, or a set "
			"such as \"@private\"; ports stand under `ports`",
			text);
}

void sbx_parse_addresses(struct sbx_parse *p, const struct sbx_yaml *node, const char *text,
			 struct sbx_prefixes *to)
{
	struct sbx_prefix prefix = { 0 };
	int r;

	if (*text == '@') {
		add_set(p, node, text, to);
		return;
	}
	r = sbx_prefix_parse(text, &prefix);
	if (r)
		address_fault(p, node, text, r, &prefix);
	else
		add_prefixes(p, to, &prefix, 1);
}

static void parse_member(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_cleanup(sbx_freep) char *text = sbx_parse_text(p, node, "an address of a set");

	if (text)
		sbx_parse_addresses(p, node, text, target);
}

/* "@office" of the key `office`; a fault, if it cannot be one. */
static bool check_name(struct sbx_parse *p, const struct sbx_yaml *key, const char *name)
{
	const struct sbx_named_set *set;
	size_t len = strlen(name + 1);

	if (name[1] < 'a' || name[1] > 'z' || len > NAME_MAX_LEN ||
	    strspn(name + 1, "abcdefghijklmnopqrstuvwxyz0123456789-_") != len) {
		sbx_parse_fault(p, key, "bad-set",
				"`%.60s`: a set's name starts with a letter and has small letters, "
				"digits, `-` and `_`, %d at most; the `@` is for rules",
				name + 1, NAME_MAX_LEN);
		return false;
	}
	if (sbx_address_set(name)) {
		sbx_parse_fault(p, key, "bad-set", "the set `%s` is built in: take another name",
				name);
		return false;
	}
	set = find_set(p->policy, name);
	if (set)
		sbx_parse_fault(p, key, "bad-set",
				"the set `%s` is there already, from %s:%u: rules would mean one "
				"or the other by their place; take another name",
				name, set->place.file, set->place.line);
	return !set;
}

static int parse_set(struct sbx_parse *p, const struct sbx_yaml *key, const struct sbx_yaml *value)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf name = { 0 };
	struct sbx_policy *policy = p->policy;
	struct sbx_named_set set = { .place = sbx_parse_place(p, key) };

	sbx_buf_printf(&name, "@%s", key->text);
	if (name.error)
		return -ENOMEM;
	if (!check_name(p, key, name.text))
		return 0;
	if (policy->n_sets >= SETS_MAX) {
		sbx_parse_fault(p, key, "too-many-rules", "more than %d sets", SETS_MAX);
		return 0;
	}
	sbx_parse_each(p, value, "a set", parse_member, &set.addresses);
	if (sbx_array_grow(&policy->sets, policy->n_sets, sizeof(set)) ||
	    sbx_buf_take(&name, &set.name)) {
		free(set.addresses.prefixes);
		return -ENOMEM;
	}
	policy->sets[policy->n_sets++] = set;
	return 0;
}

void sbx_parse_sets(struct sbx_parse *p, const struct sbx_yaml *node)
{
	if (node->kind != SBX_YAML_MAP) {
		sbx_parse_fields(p, node, (const struct sbx_field[]){ { NULL, NULL } }, "`sets`",
				 NULL);
		return;
	}
	for (size_t i = 0; i + 1 < node->n && !p->error; i += 2) {
		if (node->items[i]->kind == SBX_YAML_SCALAR &&
		    parse_set(p, node->items[i], node->items[i + 1]))
			p->error = -ENOMEM;
	}
}
