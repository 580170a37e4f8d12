// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random policies: what the compiled entries decide equals what a naive reading of the rules
 * decides, for paths and for addresses.  The seed is fixed; SBX_SEED tries another.
 */
#include <stdio.h>

#include "lib/buf.h"
#include "policy_fixture.h"

#define POLICIES 400
#define QUERIES 150
#define RULES_MAX 14

static __u64 seed = 0x9e3779b97f4a7c15ull;

/* xorshift64*: the same numbers everywhere. */
static unsigned int pick(unsigned int n)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (unsigned int)((seed * 2685821657736338717ull) >> 33) % n;
}

/* Few names, so that rules meet; two that share their first chunk, and two extensions. */
static const char *const names[] = {
	"a",
	"b",
	"c",
	"x.pem",
	".env",
	"*",
	"@self",
	"long-long-long-long-long-long-1",
	"long-long-long-long-long-long-2",
};
#define N_NAMES (sizeof(names) / sizeof(names[0]))

static void put_path(struct sbx_buf *buf, bool pattern)
{
	unsigned int depth = pick(7);

	if (!depth)
		sbx_buf_puts(buf, "/");
	while (depth--) {
		unsigned int i = pick(N_NAMES);

		/* A query never holds a file that is called "*". */
		sbx_buf_printf(buf, "/%s", !pattern && *names[i] == '*' ? "d" : names[i]);
	}
}

/* Some components, a `**`, a name, and perhaps more of both; at the end perhaps an ending. */
static void put_any(struct sbx_buf *buf)
{
	static const char *const tails[] = { "a",
					     "b",
					     "a/b",
					     "b/a",
					     "a/a",
					     "a/b/a",
					     ".env",
					     "*.pem",
					     "a/*.pem",
					     "b/*",
					     "a/*/b",
					     "b/*/*",
					     "x.pem",
					     "a/x.pem",
					     "long-long-long-long-long-long-1/a",
					     "a/long-long-long-long-long-long-2" };

	if (pick(2))
		sbx_buf_printf(buf, "/%s", names[pick(N_NAMES)]);
	for (unsigned int i = pick(3); i; i--) {
		sbx_buf_printf(buf, "/%s", names[pick(N_NAMES)]);
		if (!pick(4))
			sbx_buf_printf(buf, "/**/%c", "abc"[pick(3)]);
	}
	sbx_buf_printf(buf, "/**/%s", tails[pick(SBX_ARRAY_SIZE(tails))]);
}

static void put_fs_rule(struct sbx_buf *buf)
{
	static const char *const any[] = { "**/.env", "**/*.pem", "**/a",
					   "**/long-long-long-long-long-long-1" };
	static const char *const rights[] = { "read", "[read, list]", "rw", "rwx", "exec" };
	bool is_any = pick(4) == 0;
	bool deny = is_any || pick(2);

	sbx_buf_printf(buf, "    - {%s: %s, paths: \"", deny ? "deny" : "allow", rights[pick(5)]);
	if (is_any && pick(3)) {
		put_any(buf);
	} else if (is_any) {
		sbx_buf_puts(buf, any[pick(4)]);
	} else if (pick(8) == 0) {
		sbx_buf_puts(buf, "/");
	} else {
		/* A variable keeps the parser from calling equal paths a contradiction. */
		sbx_buf_printf(buf, "${E%u:-}/%s", pick(100000), names[pick(N_NAMES)]);
		put_path(buf, true);
	}
	sbx_buf_puts(buf, "\"}\n");
}

/* Splits a component off; false at the end. */
static bool component(const char **path, const char **ret_name, size_t *ret_len)
{
	while (**path == '/')
		++*path;
	*ret_name = *path;
	*ret_len = strcspn(*path, "/");
	*path += *ret_len;
	return *ret_len != 0;
}

/* Depth at which the pattern's path ends if it holds `path`, or -1; `ret_stars`: bit n, nth is *.
 */
static int pattern_depth(const char *pattern, const char *path, __u32 *ret_stars)
{
	const char *p, *q;
	size_t np, nq;
	int depth = 0;

	*ret_stars = 0;
	while (component(&pattern, &p, &np)) {
		if (!component(&path, &q, &nq))
			return -1;
		if (np == 1 && *p == '*')
			*ret_stars |= 0x80000000u >> depth;
		else if (np != nq || memcmp(p, q, np))
			return -1;
		depth++;
	}
	return depth;
}

/* Whether a component is what one of a `**` pattern means. */
static bool any_fits(const char *p, size_t np, const char *q, size_t nq)
{
	if (np == 1 && *p == '*')
		return true;
	if (np > 1 && *p == '*')
		return nq >= np - 1 && !memcmp(q + nq - (np - 1), p + 1, np - 1);
	return np == nq && !memcmp(p, q, np);
}

/* By trying everything: the pattern holds `path`, or something above it. */
static bool any_holds(const char *pattern, const char *path)
{
	const char *p, *q;
	size_t np, nq;

	if (!component(&pattern, &p, &np))
		return true;
	if (np == 2 && !memcmp(p, "**", 2)) {
		do {
			if (any_holds(pattern, path))
				return true;
		} while (component(&path, &q, &nq));
		return false;
	}
	return component(&path, &q, &nq) && any_fits(p, np, q, nq) && any_holds(pattern, path);
}

/* One right at one path, rule by rule. */
static bool naive_path(const struct sbx_policy *policy, const char *path, __u16 right)
{
	bool allow = policy->fs_default_allow, exact_allow = false, exact_deny = false;
	bool any_denied = false;
	int best = -1, depth_of_path;
	__u32 best_stars = 0, stars;

	depth_of_path = pattern_depth(path, path, &stars);
	for (size_t i = 0; i < policy->n_paths; i++) {
		const struct sbx_path_rule *rule = &policy->paths[i];
		int depth;

		if (!(rule->rights & right))
			continue;
		if (sbx_path_kind(rule->path) != SBX_PATH_PLAIN) {
			any_denied |= any_holds(rule->path, path);
			continue;
		}
		depth = pattern_depth(rule->path, path, &stars);
		if (depth == depth_of_path && depth > 0 && !strchr(rule->path, '*')) {
			exact_allow |= !rule->deny;
			exact_deny |= rule->deny;
		}
		/* Deeper is more specific; then the first place where one has a name and one a `*`.
		 */
		if (depth < 0 || depth < best || (depth == best && stars > best_stars))
			continue;
		if (depth == best && stars == best_stars)
			allow = allow && !rule->deny;
		else
			allow = !rule->deny;
		best = depth;
		best_stars = stars;
	}
	return allow && (!any_denied || (exact_allow && !exact_deny));
}

/* Random rules of one file may contradict each other, which is a fault of its own. */
static int parse_without_conflicts(struct fixture *f, const char *text)
{
	int r = fixture_parse(f, text);

	if (!r)
		return sbx_policy_compile(f->policy, NULL, NULL, &f->compiled, &f->diags);
	for (size_t i = 0; i < f->diags.n; i++) {
		if (f->diags.items[i].level == SBX_DIAG_ERROR)
			assert_string_equal(f->diags.items[i].code, "contradiction");
	}
	return r;
}

static void compiled_paths_decide_like_the_rules(void **state)
{
	int compiled = 0;

	(void)state;
	for (int n = 0; n < POLICIES; n++) {
		sbx_cleanup(sbx_buf_free) struct sbx_buf text = { 0 };
		FIXTURE f = { 0 };

		sbx_buf_printf(&text, HEAD "filesystem:\n  default: %s\n  rules:\n",
			       pick(4) ? "deny" : "allow");
		for (unsigned int i = 1 + pick(RULES_MAX); i; i--)
			put_fs_rule(&text);
		if (parse_without_conflicts(&f, text.text))
			continue;
		compiled++;
		for (int q = 0; q < QUERIES; q++) {
			sbx_cleanup(sbx_buf_free) struct sbx_buf path = { 0 };
			__u16 got, wanted = 0;

			put_path(&path, false);
			got = sbx_compiled_path(f.compiled, path.text);
			for (unsigned int bit = 0; bit < SBX_RIGHTS_MAX; bit++) {
				if (naive_path(f.policy, path.text, (__u16)(1u << bit)))
					wanted |= (__u16)(1u << bit);
			}
			if (got != wanted)
				fail_msg("%s: %x, wanted %x, in\n%s", path.text, got, wanted,
					 text.text);
		}
	}
	assert_true(compiled > POLICIES / 2);
}

static const char *const prefixes[] = {
	"0.0.0.0/0",	  "10.0.0.0/8", "10.0.0.0/9", "10.0.0.0/30", "10.0.0.1", "10.0.0.2",
	"::/0",		  "fd00::/8",	"fd00::/126", "fd00::1",     "::/90",	 "169.254.169.254",
	"169.254.0.0/16", "@metadata",	"@private",
};

static const char *const addresses[] = {
	"10.0.0.1",	   "10.0.0.2",	  "10.0.0.9",	   "10.200.0.1", "1.2.3.4",
	"fd00::1",	   "fd00::2",	  "fd00::9",	   "2001::1",	 "::5",
	"169.254.169.254", "169.254.1.1", "fd00:ec2::254",
};

static void put_net_rule(struct sbx_buf *buf, bool listen)
{
	static const char *const protos[] = { "", ", protocols: tcp", ", protocols: udp" };
	unsigned int lo = pick(12), hi = lo + pick(12 - lo);

	sbx_buf_printf(buf, "    - {%s%sto: [\"%s\", \"%s\"], ports: [%u-%u, %u]%s}%s\n",
		       listen	 ? ""
		       : pick(2) ? "allow: "
				 : "deny: ",
		       listen ? "" : "{", prefixes[pick(SBX_ARRAY_SIZE(prefixes))],
		       prefixes[pick(SBX_ARRAY_SIZE(prefixes))], lo, hi, pick(12), protos[pick(3)],
		       listen ? "" : "}");
}

/* How specific a prefix is for the address, or -1: IPv6 prefixes do not hold IPv4 ones. */
static int prefix_rank(const struct sbx_prefix *prefix, const __u8 addr[16])
{
	struct sbx_prefix whole = { .len = 128 };

	memcpy(whole.addr, addr, sizeof(whole.addr));
	if (!sbx_prefix_holds(prefix, addr) ||
	    (sbx_prefix_is_v4(&whole) && !sbx_prefix_is_v4(prefix)))
		return -1;
	return prefix->len;
}

static bool says(const struct sbx_net_rule *rule, enum sbx_direction dir, __u8 proto, __u16 port)
{
	bool found = false;

	for (size_t i = 0; i < rule->n_ports; i++)
		found |= port >= rule->ports[i].lo && port <= rule->ports[i].hi;
	return found && rule->dir == dir && (rule->protos & proto);
}

/* Rank of a named set for the address, or -1. */
static int set_rank(const char *name, const __u8 addr[16])
{
	const struct sbx_address_set *set = sbx_address_set(name);
	int best = -1;

	for (size_t i = 0; set->prefixes[i]; i++) {
		struct sbx_prefix prefix;
		int rank;

		assert_int_equal(sbx_prefix_parse(set->prefixes[i], &prefix), 0);
		rank = prefix_rank(&prefix, addr);
		best = rank > best ? rank : best;
	}
	return best;
}

static bool naive_address(const struct sbx_policy *policy, enum sbx_direction dir,
			  const __u8 addr[16], __u8 proto, __u16 port)
{
	bool allow = policy->net_mode == SBX_NET_FULL;
	int best = -1;

	for (size_t i = 0; i < policy->n_nets; i++) {
		const struct sbx_net_rule *rule = &policy->nets[i];
		bool spoken = says(rule, dir, proto, port);

		for (size_t k = 0; spoken && k < rule->to.n; k++) {
			int rank = prefix_rank(&rule->to.prefixes[k], addr);

			if (rank < 0 || rank < best)
				continue;
			allow = rank == best ? allow && !rule->deny : !rule->deny;
			best = rank;
		}
	}
	if (dir != SBX_DIR_OUT)
		return allow;
	if (policy->net_mode == SBX_NET_INTERNAL &&
	    (set_rank("@private", addr) > best || set_rank("@loopback", addr) > best)) {
		int private = set_rank("@private", addr), loopback = set_rank("@loopback", addr);

		best = private > loopback ? private : loopback;
		allow = true;
	}
	return set_rank("@metadata", addr) > best ? false : allow;
}

static void compiled_addresses_decide_like_the_rules(void **state)
{
	static const char *const modes[] = { "internal", "filtered", "full" };
	int compiled = 0;

	(void)state;
	for (int n = 0; n < 4 * POLICIES; n++) {
		sbx_cleanup(sbx_buf_free) struct sbx_buf text = { 0 };
		FIXTURE f = { 0 };

		sbx_buf_printf(&text, HEAD "network:\n  mode: %s\n  rules:\n", modes[pick(3)]);
		for (unsigned int i = 1 + pick(6); i; i--)
			put_net_rule(&text, false);
		sbx_buf_puts(&text, "  listen:\n");
		for (unsigned int i = 1 + pick(3); i; i--)
			put_net_rule(&text, true);
		if (parse_without_conflicts(&f, text.text))
			continue;
		compiled++;
		for (int q = 0; q < QUERIES; q++) {
			enum sbx_direction dir = pick(3) ? SBX_DIR_OUT : SBX_DIR_LISTEN;
			const char *address = addresses[pick(SBX_ARRAY_SIZE(addresses))];
			__u8 proto = pick(2) ? SBX_PROTO_TCP : SBX_PROTO_UDP;
			__u16 port = (__u16)pick(14);
			__u8 addr[16];

			assert_int_equal(sbx_address_parse(address, addr), 0);
			if (sbx_compiled_address(f.compiled, dir, addr, proto, port, NULL) !=
			    naive_address(f.policy, dir, addr, proto, port))
				fail_msg("%d %s %d %d in\n%s", dir, address, proto, port,
					 text.text);
		}
	}
	assert_true(compiled > POLICIES);
}

#define MANY 100000
#define MANY_QUERIES 50

/* Nested and neighbouring networks below 16 heads, so that most addresses meet several. */
static unsigned int put_many_address(struct sbx_buf *buf, bool deny)
{
	static const unsigned int lens[] = { 16, 20, 24, 24, 24, 28, 32 };
	unsigned int len, addr;

	do { /* one file must not allow and deny the same */
		len = lens[pick(SBX_ARRAY_SIZE(lens))];
		addr = (10u << 24 | pick(16) << 20 | pick(1 << 20)) & ~0u << (32 - len);
	} while ((addr >> (32 - len)) % 3 == 0 ? !deny : deny);
	sbx_buf_printf(buf, "%u.%u.%u.%u", addr >> 24, addr >> 16 & 255, addr >> 8 & 255,
		       addr & 255);
	return len;
}

/* `per_rule` networks a rule; each third rule denies. */
static void put_many(struct sbx_buf *buf, unsigned int n, unsigned int per_rule)
{
	for (unsigned int i = 0, rule = 0; i < n; i++) {
		if (i % per_rule == 0) {
			rule++;
			sbx_buf_printf(buf, "%s    - %s: {ports: %u-%u, protocols: %s, to: [",
				       i ? "]}\n" : "", rule % 3 ? "allow" : "deny", 8 + rule % 4,
				       11 + rule % 7, rule % 5 ? "tcp" : "udp");
		}
		sbx_buf_printf(buf, "/%u, ", put_many_address(buf, rule % 3 == 0));
	}
	sbx_buf_puts(buf, "]}\n");
}

static void ask_many(const struct fixture *f)
{
	for (int q = 0; q < MANY_QUERIES; q++) {
		__u8 proto = pick(4) ? SBX_PROTO_TCP : SBX_PROTO_UDP;
		__u16 port = (__u16)(7 + pick(10));
		sbx_cleanup(sbx_buf_free) struct sbx_buf text = { 0 };
		__u8 addr[16];

		(void)put_many_address(&text, pick(2));
		assert_int_equal(sbx_address_parse(text.text, addr), 0);
		if (sbx_compiled_address(f->compiled, SBX_DIR_OUT, addr, proto, port, NULL) !=
		    naive_address(f->policy, SBX_DIR_OUT, addr, proto, port))
			fail_msg("%s %d %d", text.text, proto, port);
	}
}

/* The claim of the manual at the size that it names: in few rules, and in as many as prefixes. */
static void a_hundred_thousand_prefixes_decide_like_the_rules(void **state)
{
	static const unsigned int per_rule[] = { 1, 10000 };

	(void)state;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(per_rule); i++) {
		sbx_cleanup(sbx_buf_free) struct sbx_buf text = { 0 };
		FIXTURE f = { 0 };

		sbx_buf_puts(&text, HEAD "network:\n  mode: filtered\n  rules:\n");
		put_many(&text, MANY, per_rule[i]);
		assert_int_equal(text.error, 0);
		assert_int_equal(fixture_compile_with(&f, text.text, NULL), 0);
		assert_true(f.compiled->n_prefixes > MANY / 2);
		ask_many(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compiled_paths_decide_like_the_rules),
		cmocka_unit_test(compiled_addresses_decide_like_the_rules),
		cmocka_unit_test(a_hundred_thousand_prefixes_decide_like_the_rules),
	};
	const char *other = getenv("SBX_SEED");

	if (other)
		seed = strtoull(other, NULL, 0) | 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
