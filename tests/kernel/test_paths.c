// SPDX-License-Identifier: GPL-2.0-only
/* Which rule decides a path: the most specific, by names compared whole, at any depth. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/harness.h"

#define NOT_READ(path)                       \
	"EACCES",                            \
	{                                    \
		{                            \
			"open", path, "read" \
		}                            \
	}
#define NOT_READ_BY(path, rule)                    \
	"EACCES",                                  \
	{                                          \
		{                                  \
			"open", path, "read", rule \
		}                                  \
	}

static void the_most_specific_rule_decides(void **state)
{
	static const char policy[] =
		POLICY_HEAD "    - {allow: read, paths: " T "/a}\n"
			    "    - {deny: read, paths: " T "/a/b} # deny inside\n"
			    "    - {allow: read, paths: " T "/a/b/c}\n"
			    "    - {deny: read, paths: " T "/a/b/c/d} # deny deepest\n";
	static const struct row rows[] = {
		{ "open r " T "/a/f", "ok" },
		{ "open r " T "/a/b/f", NOT_READ_BY(T "/a/b/f", "# deny inside") },
		{ "open r " T "/a/b/c/f", "ok" },
		{ "open r " T "/a/b/c/d", NOT_READ_BY(T "/a/b/c/d", "# deny deepest") },
		{ "open r " T "/a/bc", "ok" },
		{ "open r " T "/f", NOT_READ(T "/f") },
		{ "open w " T "/a/f", "EACCES", { { "open", T "/a/f", "write", "default:" } } },
	};

	(void)state;
	make_all(T "/a/f", T "/a/bc", T "/a/b/f", T "/a/b/c/f", T "/a/b/c/d", T "/f", NULL);
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void rights_are_decided_one_by_one(void **state)
{
	static const char policy[] =
		POLICY_HEAD "    - {allow: rw, paths: " T "/a}\n"
			    "    - {deny: [write, create], paths: " T "/a/b} # no write\n"
			    "    - {allow: write, paths: " T "/a/b/c}\n";
	static const struct row rows[] = {
		{ "open r " T "/a/b/f", "ok" },
		{ "open w " T "/a/b/f", "EACCES", { { "open", T "/a/b/f", "write", "# no" } } },
		{ "open w " T "/a/b/c/f", "ok" },
		{ "open w+creat " T "/a/b/c/new",
		  "EACCES",
		  { { "create", T "/a/b/c/new", "create", "# no" } } },
		{ "unlink " T "/a/b/f", "ok" },
		{ "open w+creat " T "/a/new", "ok" },
	};

	(void)state;
	make_all(T "/a/b/f", T "/a/b/c/f", NULL);
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void default_allow_refuses_what_is_denied_alone(void **state)
{
	static const char policy[] =
		POLICY_OPEN "    - {deny: [read, write], paths: " T "/secret} # secret\n"
			    "    - {allow: read, paths: " T "/secret/public}\n";
	static const struct row rows[] = {
		{ "open rw " T "/f", "ok" },
		{ "open r /etc/passwd", "ok" },
		{ "open r " T "/secret/f", NOT_READ_BY(T "/secret/f", "# secret") },
		{ "open r " T "/secret/public", "ok" },
		{ "open w " T "/secret/public",
		  "EACCES",
		  { { "open", T "/secret/public", "write", "# secret" } } },
		{ "unlink " T "/secret/f", "ok" },
		{ "mkdir " T "/made", "ok" },
	};

	(void)state;
	make_all(T "/f", T "/secret/f", T "/secret/public", NULL);
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void rules_hold_for_paths_that_come_later(void **state)
{
	static const char policy[] =
		POLICY_HEAD "    - {allow: rw, paths: " T "/later}\n"
			    "    - {deny: read, paths: " T "/later/secret} # to come\n";
	static const struct row rows[] = {
		{ "mkdir " T "/later", "ok" },
		{ "open w+creat " T "/later/secret", "ok" },
		{ "open r " T "/later/secret", NOT_READ_BY(T "/later/secret", "# to come") },
		{ "unlink " T "/later/secret", "ok" },
		{ "mkdir " T "/later/secret", "ok" },
		{ "open w+creat " T "/later/secret/f", "ok" },
		{ "open r " T "/later/secret/f", NOT_READ_BY(T "/later/secret/f", "# to come") },
		{ "open w+creat " T "/later/other", "ok" },
		{ "open r " T "/later/other", "ok" },
	};

	(void)state;
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

/* A name of `len` bytes that ends in `last`; names of all lengths share their beginning. */
static char *name_of(size_t len, char last)
{
	char *name = text("%0*d", (int)len, 0);

	name[len - 1] = last;
	return name;
}

static const size_t lengths[] = { 1, 23, 24, 25, 47, 48, 49, 72, 73, 240, 254, 255 };

static void names_of_any_length_are_compared_whole(void **state)
{
	static struct row rows[2 * ARRAY_SIZE(lengths)];
	char *policy = text("%s", POLICY_HEAD);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		char *mine = text(T "/n/%s", name_of(lengths[i], 'a'));
		char *other = text(T "/n/%s", name_of(lengths[i], 'b'));

		make_all(mine, other, NULL);
		policy = text("%s    - {allow: read, paths: %s}\n", policy, mine);
		rows[2 * i] = (struct row){ text("open r %s", mine), "ok" };
		rows[2 * i + 1] = (struct row){ text("open r %s", other), NOT_READ(other) };
	}
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

/* Names that begin like the allowed one of 49 bytes, end early, go on, or differ in one chunk. */
static void siblings_that_share_a_beginning_are_told_apart(void **state)
{
	char *allowed = name_of(49, 'a');
	char *early = text("%s", allowed), *middle = text("%s", allowed);
	char *names[] = { text("%.24s", allowed),
			  text("%.25s", allowed),
			  text("%.48s", allowed),
			  text("%sa", allowed),
			  early,
			  middle,
			  name_of(73, 'a') };
	struct row rows[ARRAY_SIZE(names) + 2];

	(void)state;
	early[0] = 'x';
	middle[30] = 'x';
	make(text(T "/n/%s", allowed), "x");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *path = text(T "/n/%s", names[i]);

		make(path, "x");
		rows[i] = (struct row){ text("open r %s", path), NOT_READ(path) };
	}
	rows[ARRAY_SIZE(names)] = (struct row){ text("open r " T "/n/%s", allowed), "ok" };
	rows[ARRAY_SIZE(names) + 1] = (struct row){ text("open w " T "/n/%s", allowed),
						    "*",
						    { { "open", "*", "write" } } };
	rows[ARRAY_SIZE(names) + 1].result = "EACCES";
	check_rows(text("%s    - {allow: read, paths: " T "/n/%s}\n", POLICY_HEAD, allowed), rows,
		   ARRAY_SIZE(rows));
}

/* Each byte in a name of its own: the event shows it as it is, and a rule above covers it. */
static void every_byte_may_stand_in_a_name(void **state)
{
	static struct row rows[2 * 256];
	size_t n = 0;

	(void)state;
	for (unsigned int byte = 1; byte < 256; byte++) {
		char *escaped = text("\\x%02x", byte);

		if (byte == '/')
			continue;
		make_all(text(T "/in/a%cb", (int)byte), text(T "/no/a%cb", (int)byte), NULL);
		rows[n++] = (struct row){ text("open r " T "/in/a%sb", escaped), "ok" };
		rows[n++] = (struct row){ text("open r " T "/no/a%sb", escaped),
					  NOT_READ(text(T "/no/a%sb", escaped)) };
	}
	check_rows(POLICY_HEAD "    - {allow: read, paths: " T "/in}\n", rows, n);
}

/* What a policy can spell: printable bytes and UTF-8, in double quotes. */
static void printable_names_can_be_ruled_one_by_one(void **state)
{
	static const char *const words[] = {
		" ",
		"!",
		"\"",
		"#",
		"%",
		"&",
		"'",
		"(",
		")",
		"+",
		",",
		"-",
		":",
		";",
		"<",
		"=",
		">",
		"?",
		"@",
		"[",
		"\\",
		"]",
		"^",
		"_",
		"`",
		"{",
		"|",
		"}",
		"~",
		"\xc3\xa9",
		"\xe2\x82\xac",
		"\xf0\x9f\x90\xa7",
	};
	static struct row rows[2 * ARRAY_SIZE(words)];
	char *policy = text("%s", POLICY_HEAD);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const char *slash = strchr("\"\\", *words[i]) ? "\\" : "";
		char *name = text("x%sx", *words[i] == ' ' ? "\\x20" : words[i]);

		if (*words[i] == '\\')
			name = text("x\\x5cx");
		make_all(text(T "/p/x%sx", words[i]), text(T "/p/x%sxy", words[i]), NULL);
		policy = text("%s    - {allow: read, paths: \"" T "/p/x%s%sx\"}\n", policy, slash,
			      words[i]);
		rows[2 * i] = (struct row){ text("open r " T "/p/%s", name), "ok" };
		rows[2 * i + 1] = (struct row){ text("open r " T "/p/%sy", name),
						NOT_READ(text(T "/p/%sy", name)) };
	}
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

/* T/deep and `n` directories below: 3 + n components. */
static char *deep(size_t n)
{
	char *path = text("%s%0*d", T "/deep", (int)(2 * n), 0);

	for (size_t i = 0; i < n; i++) {
		path[sizeof(T "/deep") - 1 + 2 * i] = '/';
		path[sizeof(T "/deep") + 2 * i] = 'd';
	}
	return path;
}

#define DEPTH_MAX 255
#define DEPTH_OF_DEEP 3

/* A chain of 255 components, which still is decided; one more, which is refused as too deep. */
static void chains_of_255_components_are_decided(void **state)
{
	char *last = deep(DEPTH_MAX - DEPTH_OF_DEEP - 1);
	const struct row rows[] = {
		{ text("open r %s/f", last), "ok" },
		{ text("list %s", last), "ok" },
		{ text("mkdir %s/new", last), "EACCES", { { "mkdir", "*", "create" } } },
		{ text("open r %s/no", last), "EACCES", { { "open", "*", "read", "# deepest" } } },
	};

	(void)state;
	make_all(text("%s/f", last), text("%s/no", last), NULL);
	check_rows(text("%s    - {allow: ro, paths: " T "/deep}\n"
			"    - {deny: read, paths: %s/no} # deepest\n",
			POLICY_HEAD, last),
		   rows, ARRAY_SIZE(rows));
}

static void deeper_chains_are_denied_as_too_deep(void **state)
{
	char *last = deep(DEPTH_MAX - DEPTH_OF_DEEP);
	char *far = deep(1000);
	const struct row rows[] = {
		{ text("list %s", last), "ok" },
		{ text("open r %s/f", last),
		  "EACCES",
		  { { "open", "*", "read", .reason = "too-deep" } } },
		{ text("mkdir %s/new", last),
		  "EACCES",
		  { { "mkdir", "*", "create", .reason = "too-deep" } } },
		{ text("unlink %s/f", last),
		  "EACCES",
		  { { "unlink", "*", "delete", .reason = "too-deep" } } },
		{ text("rename %s/f " T "/deep/f", last),
		  "EACCES",
		  { { "rename", "*", "delete", .reason = "too-deep" } } },
		{ text("chmod %s/f 600", last),
		  "EACCES",
		  { { "chmod", "*", "attr", .reason = "too-deep" } } },
		{ text("utimes %s/f", last),
		  "EACCES",
		  { { "utimes", "*", "attr", .reason = "too-deep" } } },
		{ text("exec %s/f", last),
		  "EACCES",
		  { { "exec", "*", "exec", .reason = "too-deep" } } },
		{ text("open r %s/f", far),
		  "EACCES",
		  { { "open", "*", "read", .reason = "too-deep" } } },
		{ text("cd %s", far), "ok" },
		{ "open r f", "EACCES", { { "open", "*", "read", .reason = "too-deep" } } },
	};

	(void)state;
	make_all(text("%s/f", last), text("%s/f", far), NULL);
	assert_int_equal(chmod(text("%s/f", last), 0755), 0);
	check_rows(POLICY_HEAD "    - {allow: rwx, paths: " T "/deep}\n", rows, ARRAY_SIZE(rows));
}

static void a_star_stands_for_one_component(void **state)
{
	static const char policy[] = POLICY_HEAD
		"    - {allow: read, paths: " T "/home/*/pub}\n"
		"    - {deny: read, paths: " T "/home/*/pub/*/key} # keys\n"
		"    - {deny: read, paths: " T "/home/eve/pub} # eve\n"
		"    - {allow: read, paths: " T "/home/a-name-that-needs-more-than-one-edge/own}\n";
	static const struct row rows[] = {
		{ "open r " T "/home/bob/pub", "ok" },
		{ "open r " T "/home/ann/pub/f", "ok" },
		{ "open r " T "/home/ann/priv", NOT_READ(T "/home/ann/priv") },
		{ "open r " T "/home/ann/pub/x/key",
		  NOT_READ_BY(T "/home/ann/pub/x/key", "# keys") },
		{ "open r " T "/home/ann/pub/key", "ok" },
		{ "open r " T "/home/eve/pub", NOT_READ_BY(T "/home/eve/pub", "# eve") },
		{ "open r " T "/home/x/y/pub", NOT_READ(T "/home/x/y/pub") },
		{ "open r " T "/home/a-name-that-needs-more-than-one-edge/own", "ok" },
		{ "open r " T "/home/a-name-that-needs-more-than-one-edge/pub", "ok" },
		{ "open r " T "/home/a-name-that-needs-more-than-one-edgE/pub", "ok" },
		{ "open r " T "/home/a-name-that-needs-more-than-one-edgE/own",
		  NOT_READ(T "/home/a-name-that-needs-more-than-one-edgE/own") },
	};

	(void)state;
	make_all(T "/home/bob/pub", T "/home/ann/pub/f", T "/home/ann/priv",
		 T "/home/ann/pub/x/key", T "/home/ann/pub/key", T "/home/eve/pub",
		 T "/home/x/y/pub", T "/home/a-name-that-needs-more-than-one-edge/own",
		 T "/home/a-name-that-needs-more-than-one-edge/pub",
		 T "/home/a-name-that-needs-more-than-one-edgE/pub",
		 T "/home/a-name-that-needs-more-than-one-edgE/own", NULL);
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void two_stars_deny_a_name_or_ending_anywhere(void **state)
{
	static const char policy[] = POLICY_HEAD
		"    - {allow: rw, paths: " T "/a}\n"
		"    - {deny: read, paths: \"**/.env\"} # env\n"
		"    - {deny: [read, write], paths: \"**/*.pem\"} # pem\n"
		"    - {deny: read, paths: \"**/a-name-that-needs-more-than-one-edge\"} # long\n"
		"    - {allow: read, paths: " T "/a/known/ca.pem}\n";
	static const struct row rows[] = {
		{ "open r " T "/a/.env", NOT_READ_BY(T "/a/.env", "# env") },
		{ "open w " T "/a/.env", "ok" },
		{ "open r " T "/a/b/c/.env", NOT_READ_BY(T "/a/b/c/.env", "# env") },
		{ "open r " T "/a/b/.env/f", NOT_READ_BY(T "/a/b/.env/f", "# env") },
		{ "open r " T "/a/.envx", "ok" },
		{ "open r " T "/a/x.env", "ok" },
		{ "open r " T "/a/x.pem", NOT_READ_BY(T "/a/x.pem", "# pem") },
		{ "open r " T "/a/server-key.pem", NOT_READ_BY(T "/a/server-key.pem", "# pem") },
		{ "open w " T "/a/b/x.pem",
		  "EACCES",
		  { { "open", T "/a/b/x.pem", "write", "# pem" } } },
		{ "open r " T "/a/.pem", NOT_READ_BY(T "/a/.pem", "# pem") },
		{ "open r " T "/a/a.pem.bak", "ok" },
		{ "open r " T "/a/pem", "ok" },
		{ "open r " T "/a/xpem", "ok" },
		{ "open r " T "/a/known/ca.pem", "ok" },
		{ "open w " T "/a/known/ca.pem",
		  "EACCES",
		  { { "open", T "/a/known/ca.pem", "write", "# pem" } } },
		{ "open r " T "/a/known/cb.pem", NOT_READ_BY(T "/a/known/cb.pem", "# pem") },
		{ "open r " T "/a/a-name-that-needs-more-than-one-edge",
		  NOT_READ_BY(T "/a/a-name-that-needs-more-than-one-edge", "# long") },
		{ "open r " T "/a/a-name-that-needs-more-than-one-edgE", "ok" },
	};

	(void)state;
	make_all(T "/a/.env", T "/a/b/c/.env", T "/a/b/.env/f", T "/a/.envx", T "/a/x.env",
		 T "/a/x.pem", T "/a/server-key.pem", T "/a/b/x.pem", T "/a/.pem", T "/a/a.pem.bak",
		 T "/a/pem", T "/a/xpem", T "/a/known/ca.pem", T "/a/known/cb.pem",
		 T "/a/a-name-that-needs-more-than-one-edge",
		 T "/a/a-name-that-needs-more-than-one-edgE", NULL);
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

/* Denied names may come into being, but not by a new name for what may be read, nor back. */
static void two_stars_hold_for_renames(void **state)
{
	static const char policy[] = POLICY_HEAD "    - {allow: rw, paths: " T "/a}\n"
						 "    - {deny: read, paths: \"**/.env\"} # env\n";
	static const struct row rows[] = {
		{ "rename " T "/a/plain " T "/a/.env", "ok" },
		{ "open r " T "/a/.env", NOT_READ_BY(T "/a/.env", "# env") },
		{ "rename " T "/a/.env " T "/a/back",
		  "EXDEV",
		  { { "rename", T "/a/back", "read", "*", "gain" } } },
		{ "link " T "/a/.env " T "/a/back",
		  "EACCES",
		  { { "link", T "/a/.env", "read", "# env" } } },
	};

	(void)state;
	make_all(T "/a/plain", NULL);
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_most_specific_rule_decides),
		TEST(rights_are_decided_one_by_one),
		TEST(default_allow_refuses_what_is_denied_alone),
		TEST(rules_hold_for_paths_that_come_later),
		TEST(names_of_any_length_are_compared_whole),
		TEST(siblings_that_share_a_beginning_are_told_apart),
		TEST(every_byte_may_stand_in_a_name),
		TEST(printable_names_can_be_ruled_one_by_one),
		TEST(chains_of_255_components_are_decided),
		TEST(deeper_chains_are_denied_as_too_deep),
		TEST(a_star_stands_for_one_component),
		TEST(two_stars_deny_a_name_or_ending_anywhere),
		TEST(two_stars_hold_for_renames),
	};

	return RUN_SUITE("paths", tests);
}
