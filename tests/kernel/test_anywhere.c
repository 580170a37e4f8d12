// SPDX-License-Identifier: GPL-2.0-only
/*
 * `**` denies of several names, with a path before them; and that no move, link or name made by
 * the job takes what a deny is about out from under it.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/harness.h"

#define REFUSED(op, path, rights, rule)        \
	"EACCES",                              \
	{                                      \
		{                              \
			op, path, rights, rule \
		}                              \
	}
#define STAYS(path, rule, why)                          \
	"EXDEV",                                        \
	{                                               \
		{                                       \
			"rename", path, NULL, rule, why \
		}                                       \
	}

static void two_stars_take_several_names_and_a_path_before_them(void **state)
{
	static const char policy[] =
		POLICY_HEAD "    - {allow: rw, paths: [" T "/w, " T "/v]}\n"
			    "    - {deny: write, paths: \"**/.git/hooks\"} # hooks\n"
			    "    - {deny: read, paths: " T "/w/**/.env} # env\n"
			    "    - {deny: read, paths: \"**/mods/*/.npmrc\"} # npm\n"
			    "    - {deny: read, paths: \"**/certs/*.pem\"} # pem\n"
			    "    - {deny: read, paths: "
			    "\"**/a-name-that-needs-more-than-one-edge/"
			    "a-second-name-that-needs-as-many\"} # long\n"
			    "    - {allow: write, paths: " T "/w/known/.git/hooks/x}\n";
	static const struct row rows[] = {
		{ "open w " T "/w/.git/hooks/x",
		  REFUSED("open", T "/w/.git/hooks/x", "write", "# hooks") },
		{ "open r " T "/w/.git/hooks/x", "ok" },
		{ "open w+creat " T "/w/.git/f", "ok" },
		{ "open w " T "/w/.git/x/hooks", "ok" },
		{ "open w " T "/v/.git/.git/hooks",
		  REFUSED("open", T "/v/.git/.git/hooks", "write", "# hooks") },
		{ "open w " T "/w/known/.git/hooks/x", "ok" },
		{ "open w " T "/w/hooks", "ok" },
		{ "open r " T "/w/a/.env", REFUSED("open", T "/w/a/.env", "read", "# env") },
		{ "open r " T "/v/a/.env", "ok" },
		{ "open r " T "/w/mods/1/.npmrc",
		  REFUSED("open", T "/w/mods/1/.npmrc", "read", "# npm") },
		{ "open r " T "/w/mods/mods/1/.npmrc",
		  REFUSED("open", T "/w/mods/mods/1/.npmrc", "read", "# npm") },
		{ "open r " T "/w/mods/1/2/.npmrc", "ok" },
		{ "open r " T "/v/certs/a.pem",
		  REFUSED("open", T "/v/certs/a.pem", "read", "# pem") },
		{ "open r " T "/v/certs/1/a.pem", "ok" },
		{ "open r " T "/v/a.pem", "ok" },
		{ "open r " T
		  "/v/a-name-that-needs-more-than-one-edge/a-second-name-that-needs-as-many",
		  REFUSED("open", "*", "read", "# long") },
		{ "open r " T
		  "/v/a-name-that-needs-more-than-one-edge/a-second-name-that-needs-as-manY",
		  "ok" },
	};

	(void)state;
	make_all(T "/w/.git/hooks/x", T "/w/.git/x/hooks", T "/v/.git/.git/hooks", T "/w/hooks",
		 T "/w/known/.git/hooks/x", T "/w/a/.env", T "/v/a/.env", T "/w/mods/1/.npmrc",
		 T "/w/mods/mods/1/.npmrc", T "/w/mods/1/2/.npmrc", T "/v/certs/a.pem",
		 T "/v/certs/1/a.pem", T "/v/a.pem",
		 T "/v/a-name-that-needs-more-than-one-edge/a-second-name-that-needs-as-many",
		 T "/v/a-name-that-needs-more-than-one-edge/a-second-name-that-needs-as-manY",
		 NULL);
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

/* deny: writing and making below; rw holds for all else. */
static const char moves[] =
	POLICY_HEAD "    - {allow: rw, paths: [" T "/w, " T "/v]}\n"
		    "    - {deny: [write, create, delete], paths: \"**/.git/hooks\"} # hooks\n"
		    "    - {deny: [write, create], paths: " T "/w/a/b/c} # plain\n"
		    "    - {deny: read, paths: " T "/w/**/.env} # env\n";

static void make_moves(void)
{
	make_all(T "/w/.git/hooks/x", T "/w/fake/hooks/x", T "/w/fake2/f", T "/w/a/b/c", T "/w/f",
		 T "/w/dir/f", T "/w/sub/.git/hooks/x", T "/w/sub/.env", T "/v/dir/f", NULL);
	assert_int_equal(symlink("fake", T "/w/link"), 0);
}

static void a_directory_on_the_way_to_what_is_denied_stays(void **state)
{
	static const struct row rows[] = {
		{ "rename " T "/w/.git " T "/w/x", STAYS(T "/w/x", "# hooks", "dir-move") },
		{ "exchange " T "/w/.git " T "/w/fake", STAYS(T "/w/fake", "# hooks", "dir-move") },
		{ "exchange " T "/w/fake " T "/w/.git", STAYS(T "/w/.git", "# hooks", "dir-move") },
		{ "rename " T "/w/a " T "/w/x", STAYS(T "/w/x", "# plain", "dir-move") },
		{ "rename " T "/w/a/b " T "/w/x", STAYS(T "/w/x", "# plain", "dir-move") },
		{ "rename " T "/w/.git/hooks/x " T "/w/x",
		  REFUSED("rename", T "/w/.git/hooks/x", "delete", "# hooks") },
		{ "rename " T "/w/.git/hooks " T "/w/x",
		  REFUSED("rename", T "/w/.git/hooks", "delete", "# hooks") },
		/* the same rights below both names */
		{ "rename " T "/w/sub " T "/w/sub2", "ok" },
		{ "open w " T "/w/sub2/.git/hooks/x",
		  REFUSED("open", T "/w/sub2/.git/hooks/x", "write", "# hooks") },
		{ "rename " T "/w/dir " T "/w/dir2", "ok" },
		{ "rename " T "/w/f " T "/w/.git/f", "ok" },
		{ "rename " T "/w/.git/f " T "/w/f", "ok" },
		/* out of where a `**` rule holds, or into it */
		{ "rename " T "/w/sub2 " T "/v/sub2", STAYS(T "/v/sub2", "*", "dir-move") },
		{ "rename " T "/v/dir " T "/w/dir3", STAYS(T "/w/dir3", "*", "dir-move") },
		{ "rename " T "/w/sub2/.env " T "/v/env",
		  "EXDEV",
		  { { "rename", T "/v/env", "read", "*", "gain" } } },
	};

	(void)state;
	make_moves();
	check_rows(moves, rows, ARRAY_SIZE(rows));
	assert_true(exists(T "/w/.git/hooks/x"));
}

static void what_the_job_made_takes_no_place_above_what_is_denied(void **state)
{
	static const struct row rows[] = {
		{ "rename " T "/w/fake " T "/w/sub/.git",
		  "EXDEV",
		  { { "rename", T "/w/sub/.git", NULL, "# hooks", "dir-move" } } },
		{ "mkdir " T "/w/new", "ok" },
		{ "rename " T "/w/fake " T "/w/new/.git",
		  STAYS(T "/w/new/.git", "# hooks", "dir-move") },
		{ "symlink ../fake " T "/w/new/.git",
		  "EACCES",
		  { { "symlink", T "/w/new/.git", "create", "# hooks", "redirect" } } },
		{ "rename " T "/w/link " T "/w/new/.git",
		  STAYS(T "/w/new/.git", "# hooks", "redirect") },
		{ "link " T "/w/link " T "/w/new/.git",
		  "EXDEV",
		  { { "link", T "/w/new/.git", NULL, "# hooks", "redirect" } } },
		{ "unlink " T "/w/a/b/c", "ok" },
		{ "rmdir " T "/w/a/b", "ok" },
		{ "symlink ../fake2 " T "/w/a/b",
		  "EACCES",
		  { { "symlink", T "/w/a/b", "create", "# plain", "redirect" } } },
		{ "rename " T "/w/fake2 " T "/w/a/b", STAYS(T "/w/a/b", "# plain", "dir-move") },
		{ "mkdir " T "/w/a/b", "ok" },
		{ "open w+creat " T "/w/a/b/c",
		  REFUSED("create", T "/w/a/b/c", "create", "# plain") },
		/* the twins: a directory made there, links elsewhere */
		{ "mkdir " T "/w/new/.git", "ok" },
		{ "mkdir " T "/w/new/.git/hooks",
		  REFUSED("mkdir", T "/w/new/.git/hooks", "create", "# hooks") },
		{ "symlink ../fake " T "/w/new/git", "ok" },
		{ "rename " T "/w/link " T "/w/new/link", "ok" },
		{ "link " T "/w/new/link " T "/w/link", "ok" },
		{ "open r " T "/w/link/f", "ENOENT" },
	};

	(void)state;
	make_moves();
	check_rows(moves, rows, ARRAY_SIZE(rows));
}

/* A directory of a name that an exact allow lifts: what lies in it is denied all the same. */
static void an_exact_allow_moves_no_denied_content(void **state)
{
	static const char policy[] = POLICY_HEAD "    - {allow: rw, paths: " T "/w}\n"
						 "    - {deny: read, paths: \"**/*.key\"} # key\n"
						 "    - {allow: read, paths: " T "/w/known.key}\n";
	static const struct row rows[] = {
		{ "rename " T "/w/known.key " T "/w/x", STAYS(T "/w/x", "*", "dir-move") },
		{ "open r " T "/w/known.key/f",
		  REFUSED("open", T "/w/known.key/f", "read", "# key") },
		{ "rename " T "/w/dir " T "/w/y", "ok" },
	};

	(void)state;
	make_all(T "/w/known.key/f", T "/w/dir/f", NULL);
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

/* A whiteout is made under the old name: a device that the job would leave there. */
static void leaving_a_whiteout_behind_needs_create(void **state)
{
	static const struct row rows[] = {
		{ "rename-whiteout " T "/in/f " T "/in/f2", "ok" },
		{ "rename-whiteout " T "/src/f " T "/in/f3",
		  REFUSED("rename", T "/src/f", "create", "default:") },
		{ "rename " T "/src/f " T "/in/f3", "ok" },
	};

	(void)state;
	make_all(T "/in/f", T "/src/f", NULL);
	check_rows(POLICY_HEAD "    - {allow: rw, paths: " T "/in}\n"
			       "    - {allow: [read, list, write, attr, delete], paths: " T
			       "/src}\n",
		   rows, ARRAY_SIZE(rows));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(two_stars_take_several_names_and_a_path_before_them),
		TEST(a_directory_on_the_way_to_what_is_denied_stays),
		TEST(what_the_job_made_takes_no_place_above_what_is_denied),
		TEST(an_exact_allow_moves_no_denied_content),
		TEST(leaving_a_whiteout_behind_needs_create),
	};

	return RUN_SUITE("anywhere", tests);
}
