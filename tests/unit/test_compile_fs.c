// SPDX-License-Identifier: GPL-2.0-only
/* Path rules -> trie: who decides, flags, chunks, wildcards, second spellings, deciders. */
#include "lib/buf.h"
#include "policy_fixture.h"

#define RULES HEAD "filesystem:\n  rules:\n"

static void unnamed_paths_get_the_default(void **state)
{
	FIXTURE deny = fixture_good(HEAD);
	FIXTURE allow = fixture_good(HEAD "filesystem: {default: allow}\n");

	(void)state;
	assert_rights(&deny, "/", 0);
	assert_rights(&deny, "/etc/passwd", 0);
	assert_rights(&allow, "/etc/passwd", SBX_RIGHT_ALL);
	assert_int_equal(deny.compiled->job.root_flags, SBX_EDGE_LEAF | SBX_EDGE_UNIFORM);
}

static void deny_inside_allow_wins_and_allow_inside_deny_too(void **state)
{
	FIXTURE f = fixture_good(RULES "    - {allow: rw, paths: /a}\n"
				       "    - {deny: write, paths: /a/b}\n"
				       "    - {allow: write, paths: /a/b/c}\n");

	(void)state;
	assert_rights(&f, "/a", RW);
	assert_rights(&f, "/a/x/y", RW);
	assert_rights(&f, "/a/b", RW & ~SBX_RIGHT_WRITE);
	assert_rights(&f, "/a/b/x", RW & ~SBX_RIGHT_WRITE);
	assert_rights(&f, "/a/b/c/d", RW);
	assert_rights(&f, "/ab", 0);
	assert_rights(&f, "/", 0);
}

static void deny_beats_allow_on_the_same_path(void **state)
{
	FIXTURE f = fixture_good(RULES "    - {deny: read, paths: '${WORKDIR}'}\n"
				       "    - {allow: ro, paths: /work}\n");

	(void)state;
	assert_rights(&f, "/work/x", SBX_RIGHT_LIST);
}

static void a_rule_on_the_root_holds_everywhere(void **state)
{
	FIXTURE f =
		fixture_good(RULES "    - {allow: ro, paths: /}\n    - {deny: read, paths: /a}\n");

	(void)state;
	assert_rights(&f, "/", RO);
	assert_rights(&f, "/x/y", RO);
	assert_rights(&f, "/a/y", SBX_RIGHT_LIST);
	assert_int_equal(f.compiled->job.root_allowed, RO);
}

static void long_names_are_told_apart_by_every_byte(void **state)
{
	static const char policy[] =
		RULES "    - {allow: read, paths: "
		      "/d/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1}\n"
		      "    - {allow: list, paths: "
		      "/d/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2}\n"
		      "    - {allow: exec, paths: "
		      "/d/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa23}\n"
		      "    - {allow: write, paths: /d/aaaaaaaaaaaaaaaaaaaaaaaa}\n"
		      "    - {allow: attr, paths: /d}\n";
	FIXTURE f = fixture_good(policy);

	(void)state;
	assert_rights(&f, "/d/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1/x",
		      SBX_RIGHT_READ | SBX_RIGHT_ATTR);
	assert_rights(&f, "/d/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2",
		      SBX_RIGHT_LIST | SBX_RIGHT_ATTR);
	assert_rights(&f, "/d/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa23",
		      SBX_RIGHT_EXEC | SBX_RIGHT_ATTR);
	assert_rights(&f, "/d/aaaaaaaaaaaaaaaaaaaaaaaa", SBX_RIGHT_WRITE | SBX_RIGHT_ATTR);
	assert_rights(&f, "/d/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", SBX_RIGHT_ATTR);
	assert_rights(&f, "/d/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa3", SBX_RIGHT_ATTR);
}

static void a_star_is_one_component_and_less_specific_than_a_name(void **state)
{
	FIXTURE f = fixture_good(RULES "    - {allow: ro, paths: /home}\n"
				       "    - {deny: read, paths: '/home/*/.ssh'}\n"
				       "    - {allow: read, paths: /home/bob/.ssh}\n"
				       "    - {allow: exec, paths: /home/eve/bin}\n");

	(void)state;
	assert_rights(&f, "/home/x/.ssh/id", SBX_RIGHT_LIST);
	assert_rights(&f, "/home/eve/.ssh/id", SBX_RIGHT_LIST);
	assert_rights(&f, "/home/bob/.ssh/id", RO);
	assert_rights(&f, "/home/eve/bin/x", RX);
	assert_rights(&f, "/home/x/y/.ssh", RO);
	assert_rights(&f, "/home/*/.ssh", SBX_RIGHT_LIST);
}

static void a_literal_star_is_not_the_wildcard(void **state)
{
	FIXTURE f = { 0 };

	(void)state;
	assert_int_equal(fixture_parse(&f, RULES "    - {allow: read, paths: '/a/*'}\n"), 0);
	assert_int_equal(sbx_policy_add_path(f.policy, true, SBX_RIGHT_READ, "/a/*", "launcher"),
			 0);
	assert_int_equal(sbx_policy_compile(f.policy, NULL, NULL, &f.compiled, &f.diags), 0);
	assert_rights(&f, "/a/x", SBX_RIGHT_READ);
	assert_rights(&f, "/a/*", 0);
	assert_rights(&f, "/a", 0);
}

static void names_beside_a_star_fall_back_to_it_from_half_a_chain(void **state)
{
	FIXTURE f = fixture_good(
		RULES "    - {allow: read, paths: '/d/*/x'}\n"
		      "    - {allow: exec, paths: /d/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb1}\n");

	(void)state;
	assert_rights(&f, "/d/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb1/x", SBX_RIGHT_READ | SBX_RIGHT_EXEC);
	assert_rights(&f, "/d/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb2/x", SBX_RIGHT_READ);
	assert_rights(&f, "/d/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb2/y", 0);
}

static void names_anywhere_are_denied_with_all_below(void **state)
{
	FIXTURE f = fixture_good(RULES "    - {allow: rw, paths: /w}\n"
				       "    - {deny: [read, write], paths: '**/.env'}\n"
				       "    - {deny: list, paths: ['**/.git', '**/.env']}\n");

	(void)state;
	assert_rights(&f, "/w/.env", RW & ~(SBX_RIGHT_READ | SBX_RIGHT_WRITE | SBX_RIGHT_LIST));
	assert_rights(&f, "/w/a/.env/b", RW & ~(SBX_RIGHT_READ | SBX_RIGHT_WRITE | SBX_RIGHT_LIST));
	assert_rights(&f, "/w/.git/x", RW & ~SBX_RIGHT_LIST);
	assert_rights(&f, "/w/.envx", RW);
	assert_rights(&f, "/w/x.env", RW);
	assert_true(f.compiled->job.any_lens == 1u << 4);
	assert_true(f.compiled->job.any_first[0] == 1ull << '.');
}

static void extensions_anywhere_are_denied(void **state)
{
	FIXTURE f = fixture_good(RULES "    - {allow: rw, paths: /w}\n"
				       "    - {deny: read, paths: ['**/*.pem', '**/*.kdbx1']}\n");

	(void)state;
	assert_rights(&f, "/w/x.pem", RW & ~SBX_RIGHT_READ);
	assert_rights(&f, "/w/.pem", RW & ~SBX_RIGHT_READ);
	assert_rights(&f, "/w/a.b.pem/c", RW & ~SBX_RIGHT_READ);
	assert_rights(&f, "/w/a.kdbx1", RW & ~SBX_RIGHT_READ);
	assert_rights(&f, "/w/pem", RW);
	assert_rights(&f, "/w/x.pem2", RW);
	assert_rights(&f, "/w/x.pem.gz", RW);
	assert_rights(&f, "/w/x.", RW);
	assert_int_equal(f.compiled->job.any_exts, 1 << 3 | 1 << 5);
}

static void wildcard_denies_yield_to_an_allow_of_the_very_path(void **state)
{
	FIXTURE f = fixture_good(RULES "    - {allow: rw, paths: /w}\n"
				       "    - {allow: read, paths: /w/t/test.pem}\n"
				       "    - {allow: read, paths: '/w/*/star.pem'}\n"
				       "    - {deny: [read, write], paths: '**/*.pem'}\n");

	(void)state;
	assert_rights(&f, "/w/t/test.pem", RW & ~SBX_RIGHT_WRITE);
	assert_rights(&f, "/w/t/other.pem", RW & ~(SBX_RIGHT_READ | SBX_RIGHT_WRITE));
	assert_rights(&f, "/w/t/star.pem", RW & ~(SBX_RIGHT_READ | SBX_RIGHT_WRITE));
	assert_rights(&f, "/w/t/test.pem/x.pem", RW & ~(SBX_RIGHT_READ | SBX_RIGHT_WRITE));
}

static const struct sbx_edge *edge_of(const struct fixture *f, const char *path)
{
	__u32 node = sbx_compiled_node(f->compiled, path, 0);
	for (size_t i = 0; i < f->compiled->n_edges; i++) {
		if (f->compiled->edges[i].value.node == node)
			return &f->compiled->edges[i].value;
	}
	return NULL;
}

static void patterns_of_several_names_deny_what_they_end_at_with_all_below(void **state)
{
	FIXTURE f = fixture_good(RULES "    - {allow: rw, paths: [/w, /v]}\n"
				       "    - {deny: write, paths: '**/.git/hooks'}\n"
				       "    - {deny: read, paths: '/w/**/.env'}\n"
				       "    - {deny: list, paths: '**/d/*/x'}\n"
				       "    - {deny: attr, paths: '**/certs/*.pem'}\n"
				       "    - {allow: write, paths: /w/ok/.git/hooks}\n");

	(void)state;
	assert_rights(&f, "/w/.git", RW);
	assert_rights(&f, "/w/.git/hooks", RW & ~SBX_RIGHT_WRITE);
	assert_rights(&f, "/w/a/.git/hooks/pre/x", RW & ~SBX_RIGHT_WRITE);
	assert_rights(&f, "/w/.git/x/hooks", RW);
	assert_rights(&f, "/w/.git/.git/hooks", RW & ~SBX_RIGHT_WRITE);
	assert_rights(&f, "/w/ok/.git/hooks", RW);
	assert_rights(&f, "/w/ok/.git/hooks/x", RW & ~SBX_RIGHT_WRITE);
	assert_rights(&f, "/w/.env", RW & ~SBX_RIGHT_READ);
	assert_rights(&f, "/w/a/b/.env/x", RW & ~SBX_RIGHT_READ);
	assert_rights(&f, "/v/.env", RW);
	assert_rights(&f, "/w/d/1/x", RW & ~SBX_RIGHT_LIST);
	assert_rights(&f, "/w/d/d/x", RW & ~SBX_RIGHT_LIST);
	assert_rights(&f, "/w/d/d/1/x", RW & ~SBX_RIGHT_LIST);
	assert_rights(&f, "/w/d/x", RW);
	assert_rights(&f, "/w/certs/a.pem", RW & ~SBX_RIGHT_ATTR);
	assert_rights(&f, "/w/certs/d/a.pem", RW);
	assert_rights(&f, "/w/a.pem", RW);
}

/* `*` under `**` may take any way; what that would multiply ends in a fault, not in silence. */
static void multiplying_patterns_end_in_a_fault_with_a_line(void **state)
{
	(void)state;
	assert_fault(RULES "    - {deny: read, paths: '**/b'}\n"
			   "    - {deny: read, paths: "
			   "'**/a/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/x'}\n",
		     "too-many-nodes", 5, 27);
}

static void names_that_no_small_letters_stand_for_are_marked(void **state)
{
	FIXTURE f = fixture_good(RULES "    - {allow: ro, paths: [/a/b.c-1, /m/Bc, /n/\xc3\xa4]}\n"
				       "    - {deny: read, paths: '**/x'}\n");
	FIXTURE any = fixture_good(RULES "    - {deny: read, paths: '**/X'}\n");
	FIXTURE ext = fixture_good(RULES "    - {deny: read, paths: '**/*.PEM'}\n");

	(void)state;
	assert_false(edge_of(&f, "/a")->flags & SBX_EDGE_MIXED);
	assert_true(edge_of(&f, "/m")->flags & SBX_EDGE_MIXED);
	assert_true(edge_of(&f, "/n")->flags & SBX_EDGE_MIXED);
	assert_false(f.compiled->job.flags & SBX_JOB_ANY_MIXED);
	assert_true(any.compiled->job.flags & SBX_JOB_ANY_MIXED);
	assert_true(ext.compiled->job.flags & SBX_JOB_ANY_MIXED);
}

static void flags_say_what_lies_below(void **state)
{
	FIXTURE f = fixture_good(RULES "    - {allow: ro, paths: [/a, /a/b/c, /p/@self]}\n"
				       "    - {deny: read, paths: /d/e/f}\n"
				       "    - {allow: read, paths: '/s/*'}\n");
	FIXTURE narrow = fixture_good(RULES "    - {allow: rw, paths: /a}\n"
					    "    - {deny: write, paths: /a/b/c}\n"
					    "    - {allow: write, paths: /a/b/c/d}\n");

	(void)state;
	assert_int_equal(edge_of(&f, "/a")->flags, SBX_EDGE_UNIFORM);
	assert_int_equal(edge_of(&f, "/a/b/c")->flags, SBX_EDGE_UNIFORM | SBX_EDGE_LEAF);
	assert_int_equal(edge_of(&f, "/p")->flags, SBX_EDGE_SELF);
	assert_int_equal(edge_of(&f, "/d/e")->flags, SBX_EDGE_UNIFORM); /* nothing to take away */
	assert_int_equal(edge_of(&f, "/s")->flags, SBX_EDGE_STAR);
	assert_int_equal(edge_of(&narrow, "/a")->flags, SBX_EDGE_DENIES);
	assert_int_equal(edge_of(&narrow, "/a/b")->flags, SBX_EDGE_DENIES);
	assert_int_equal(edge_of(&narrow, "/a/b/c")->flags, 0);
	assert_int_equal(f.compiled->job.root_flags, 0);
}

static void an_exact_allow_under_a_wildcard_deny_is_not_uniform(void **state)
{
	FIXTURE with = fixture_good(RULES "    - {allow: ro, paths: [/a, /a/b.pem]}\n"
					  "    - {deny: read, paths: '**/*.pem'}\n");
	FIXTURE other = fixture_good(RULES "    - {allow: ro, paths: [/a, /a/b.pem]}\n"
					   "    - {deny: write, paths: '**/*.pem'}\n");

	(void)state;
	assert_int_equal(edge_of(&with, "/a")->flags, 0);
	assert_int_equal(edge_of(&other, "/a")->flags, SBX_EDGE_UNIFORM);
}

static int resolve_links(const char *path, char *out, size_t size, void *ctx)
{
	static const struct {
		const char *from, *to;
	} links[] = { { "/lib64", "/usr/lib64/" },	  { "/dev/fd", "/proc/4711/fd" },
		      { "/run/*/x", "/var/run/*/x" },	  { "/w/planted", "/root/.ssh/id_rsa" },
		      { "/home/me/link", "/data/me/*/" }, { "/broken", "no path" } };

	(void)ctx;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(links); i++) {
		if (strcmp(links[i].from, path))
			continue;
		assert_true(snprintf(out, size, "%s", links[i].to) > 0);
		return 0;
	}
	return -ENOENT;
}

static void both_spellings_of_a_path_are_one_rule(void **state)
{
	static const char policy[] = RULES "    - {allow: rx, paths: [/lib64, /dev/fd, /broken]}\n"
					   "    - {deny: exec, paths: '/run/*/x'}\n"
					   "    - {allow: rx, paths: /var}\n";
	FIXTURE f = { 0 };

	(void)state;
	assert_int_equal(fixture_compile_with(&f, policy, resolve_links), 0);
	assert_rights(&f, "/lib64/ld.so", RX);
	assert_rights(&f, "/usr/lib64/ld.so", RX);
	assert_rights(&f, "/usr/lib", 0);
	assert_rights(&f, "/proc/@self/fd/3", RX);
	assert_rights(&f, "/proc/4711/fd", 0);
	assert_rights(&f, "/broken", RX);
	assert_rights(&f, "/var/run/any/x", RO);
}

static void both_spellings_of_what_stands_before_two_stars_are_one_rule(void **state)
{
	static const char policy[] = RULES "    - {allow: rw, paths: [/data, /home]}\n"
					   "    - {deny: read, paths: '/home/me/link/**/.env'}\n";
	FIXTURE f = { 0 };

	(void)state;
	assert_int_equal(fixture_compile_with(&f, policy, resolve_links), 0);
	assert_rights(&f, "/home/me/link/a/.env", RW & ~SBX_RIGHT_READ);
	assert_rights(&f, "/data/me/*/a/.env", RW & ~SBX_RIGHT_READ);
	assert_rights(&f, "/data/me/x/a/.env", RW); /* a `*` of the tree is a name */
	assert_rights(&f, "/data/me/.env", RW);
}

/* What one run left behind must not open the next run's policy. */
static void an_allow_follows_no_link_that_the_job_could_have_made(void **state)
{
	static const char reach[] = RULES "    - {allow: rw, paths: /w}\n"
					  "    - {allow: read, paths: /w/planted}\n";
	static const char deny[] = RULES "    - {allow: rw, paths: [/w, /root]}\n"
					 "    - {deny: read, paths: /w/planted}\n";
	static const char safe[] = RULES "    - {allow: ro, paths: /w}\n"
					 "    - {allow: read, paths: /w/planted}\n";
	FIXTURE in_its_hands = { 0 };
	FIXTURE of_a_deny = { 0 };
	FIXTURE out_of_reach = { 0 };

	(void)state;
	assert_int_equal(fixture_compile_with(&in_its_hands, reach, resolve_links), 0);
	assert_rights(&in_its_hands, "/root/.ssh/id_rsa", 0);
	assert_int_equal(fixture_compile_with(&out_of_reach, safe, resolve_links), 0);
	assert_rights(&out_of_reach, "/root/.ssh/id_rsa", SBX_RIGHT_READ);
	assert_int_equal(fixture_compile_with(&of_a_deny, deny, resolve_links), 0);
	assert_false(sbx_compiled_path(of_a_deny.compiled, "/root/.ssh/id_rsa") & SBX_RIGHT_READ);
}

/* The line that decides about `rights` at a path, as an event would ask. */
static unsigned int decided_at(const struct fixture *f, const char *path, unsigned int rights,
			       __u32 node)
{
	char room[sizeof(struct sbx_event) + 256] = { 0 };
	struct sbx_event *event = (struct sbx_event *)(void *)room;
	size_t size = sizeof(*event) + strlen(path);

	*event = (struct sbx_event){ .op = SBX_OP_OPEN,
				     .object = SBX_OBJECT_PATH,
				     .reason = SBX_REASON_RULE,
				     .rule = SBX_RULE_NONE,
				     .path_len = (__u16)strlen(path) };
	event->rights = rights & ~(unsigned int)sbx_compiled_path(f->compiled, path);
	event->node = node;
	memcpy(event->path, path, event->path_len);
	return sbx_compiled_decider(f->compiled, event, size)->place.line;
}

static unsigned int decided_by(const struct fixture *f, const char *path, unsigned int rights)
{
	return decided_at(f, path, rights, sbx_compiled_node(f->compiled, path, rights));
}

static void the_decider_is_the_line_that_took_the_right(void **state)
{
	FIXTURE f = fixture_good(HEAD "filesystem:\n  default: deny\n  rules:\n"
				      "    - {allow: rw, paths: /a}\n"	      /* line 5 */
				      "    - {deny: write, paths: /a/b}\n"    /* line 6 */
				      "    - {deny: exec, paths: /a/b/c}\n"   /* line 7 */
				      "    - {deny: read, paths: '**/x'}\n"   /* line 8 */
				      "    - {deny: list, paths: '/a/*/s'}\n" /* line 9 */
				      "    - {deny: list, paths: '/a/*/s/t'}\n");

	(void)state;
	assert_int_equal(decided_by(&f, "/a/b/c/d", SBX_RIGHT_WRITE), 6);
	assert_int_equal(decided_by(&f, "/a/b/c/d", SBX_RIGHT_EXEC), 7);
	assert_int_equal(decided_by(&f, "/a/b/x", SBX_RIGHT_READ), 8);
	assert_int_equal(decided_by(&f, "/a/b/s/u", SBX_RIGHT_LIST), 9);
	assert_int_equal(decided_by(&f, "/a/q/s/u", SBX_RIGHT_LIST), 9);
	assert_int_equal(decided_by(&f, "/a/q", SBX_RIGHT_CONNECT), 3); /* the default's line */
	assert_int_equal(decided_by(&f, "/zzz", SBX_RIGHT_READ), 3);
}

/* The event has the node of the last `**` deny, which took another right. */
static void of_several_denies_by_name_the_one_that_took_the_right_is_told(void **state)
{
	FIXTURE f = fixture_good(HEAD "filesystem:\n  default: deny\n  rules:\n"
				      "    - {allow: [rw, exec], paths: /w}\n"	  /* line 5 */
				      "    - {deny: write, paths: '**/.git'}\n"	  /* line 6 */
				      "    - {deny: read, paths: '**/*.pem'}\n"); /* line 7 */
	const char *path = "/w/.git/k.pem";
	__u32 last = sbx_compiled_node(f.compiled, path, SBX_RIGHT_READ);

	(void)state;
	assert_int_equal(decided_by(&f, path, SBX_RIGHT_READ), 7);
	assert_int_equal(decided_by(&f, path, SBX_RIGHT_WRITE), 6);
	assert_int_equal(decided_at(&f, path, SBX_RIGHT_WRITE, last), 6);
	assert_int_equal(decided_at(&f, path, SBX_RIGHT_READ, last), 7);
	assert_int_equal(sbx_compiled_node(f.compiled, "/w/k.pem", SBX_RIGHT_WRITE),
			 sbx_compiled_node(f.compiled, "/w", SBX_RIGHT_WRITE));
}

static void deciders_survive_nonsense_from_the_ring(void **state)
{
	FIXTURE f = fixture_good(RULES "    - {allow: ro, paths: /a}\n");
	struct sbx_event event = {
		.op = SBX_OP_OPEN, .node = 4000000000u, .rights = 0xffffffff, .rule = SBX_RULE_NONE
	};

	(void)state;
	assert_ptr_equal(sbx_compiled_decider(f.compiled, &event, sizeof(event)),
			 &f.compiled->fs_default);
	event.rule = 60000;
	assert_ptr_equal(sbx_compiled_decider(f.compiled, &event, sizeof(event)),
			 &f.compiled->fs_default);
	event.op = SBX_OP_CONNECT;
	assert_ptr_equal(sbx_compiled_decider(f.compiled, &event, sizeof(event)),
			 &f.compiled->net_default);
	event.guard = SBX_GUARD_MOUNT;
	assert_ptr_equal(sbx_compiled_decider(f.compiled, &event, sizeof(event)),
			 &f.compiled->guards[SBX_GUARD_MOUNT]);
	event.guard = 60000;
	assert_non_null(sbx_compiled_decider(f.compiled, &event, sizeof(event))->text);
}

static void multiplying_stars_end_in_a_fault_with_a_line(void **state)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf text = { 0 };

	(void)state;
	sbx_buf_puts(&text, RULES);
	sbx_buf_puts(&text, "    - {deny: read, paths: '/*/*/*/*/*/*/x'}\n");
	for (int i = 0; i < 12; i++)
		sbx_buf_printf(&text, "    - {allow: read, paths: '/*/*/*/*/*/%c'}\n", 'a' + i);
	for (int level = 0; level < 5; level++) {
		for (int i = 0; i < 12; i++)
			sbx_buf_printf(&text, "    - {allow: read, paths: '%.*s/%c'}\n", level * 2,
				       "/*/*/*/*/*", 'a' + i);
	}
	assert_int_equal(text.error, 0);
	assert_fault(text.text, "too-many-nodes", 4, 27);
}

static void the_job_carries_guards_families_and_mode(void **state)
{
	FIXTURE f = fixture_good(HEAD "mode: audit\nguards: {default: log, bpf: kill}\n"
				      "audit: {rate: 9/s}\n");
	FIXTURE open = fixture_good(HEAD "network: {mode: full, families: [netlink]}\n");

	(void)state;
	assert_int_equal(f.compiled->job.mode, SBX_MODE_AUDIT);
	assert_int_equal(f.compiled->job.guards[0], SBX_ACTION_DENY);
	assert_int_equal(f.compiled->job.guards[SBX_GUARD_MOUNT], SBX_ACTION_LOG);
	assert_int_equal(f.compiled->job.guards[SBX_GUARD_BPF], SBX_ACTION_KILL);
	assert_int_equal(f.compiled->job.guards[SBX_GUARDS_MAX - 1], SBX_ACTION_DENY);
	assert_int_equal(f.compiled->job.rate, 9);
	assert_true(f.compiled->job.families == 1u << 1);
	assert_int_equal(f.compiled->job.sockets, 0);
	assert_true(open.compiled->job.families == (1u << 1 | 1u << 2 | 1u << 10 | 1u << 16));
	assert_int_equal(open.compiled->job.sockets, SBX_SOCK_TCP | SBX_SOCK_UDP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unnamed_paths_get_the_default),
		cmocka_unit_test(deny_inside_allow_wins_and_allow_inside_deny_too),
		cmocka_unit_test(deny_beats_allow_on_the_same_path),
		cmocka_unit_test(a_rule_on_the_root_holds_everywhere),
		cmocka_unit_test(long_names_are_told_apart_by_every_byte),
		cmocka_unit_test(a_star_is_one_component_and_less_specific_than_a_name),
		cmocka_unit_test(a_literal_star_is_not_the_wildcard),
		cmocka_unit_test(names_beside_a_star_fall_back_to_it_from_half_a_chain),
		cmocka_unit_test(names_anywhere_are_denied_with_all_below),
		cmocka_unit_test(extensions_anywhere_are_denied),
		cmocka_unit_test(wildcard_denies_yield_to_an_allow_of_the_very_path),
		cmocka_unit_test(patterns_of_several_names_deny_what_they_end_at_with_all_below),
		cmocka_unit_test(multiplying_patterns_end_in_a_fault_with_a_line),
		cmocka_unit_test(flags_say_what_lies_below),
		cmocka_unit_test(names_that_no_small_letters_stand_for_are_marked),
		cmocka_unit_test(an_exact_allow_under_a_wildcard_deny_is_not_uniform),
		cmocka_unit_test(both_spellings_of_a_path_are_one_rule),
		cmocka_unit_test(both_spellings_of_what_stands_before_two_stars_are_one_rule),
		cmocka_unit_test(an_allow_follows_no_link_that_the_job_could_have_made),
		cmocka_unit_test(the_decider_is_the_line_that_took_the_right),
		cmocka_unit_test(of_several_denies_by_name_the_one_that_took_the_right_is_told),
		cmocka_unit_test(deciders_survive_nonsense_from_the_ring),
		cmocka_unit_test(multiplying_stars_end_in_a_fault_with_a_line),
		cmocka_unit_test(the_job_carries_guards_families_and_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
