// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filesystems that ignore the case of names: another spelling of a denied name is denied, what
 * cannot be compared is refused where that may matter, and everything else goes on as elsewhere.
 * The kernel knows a file by the spelling in which it was looked up first.  The launcher has looked
 * the policy's names up, so it is made to forget them when the job has started.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/harness.h"

#define LOOP "/dev/loop7"
#define FS T "/fs"
#define IMAGE_BYTES (8 << 20)

#define DENIED(op, path, rights, rule)         \
	"EACCES",                              \
	{                                      \
		{                              \
			op, path, rights, rule \
		}                              \
	}
#define FOLDED(op, path, rights)                        \
	"EACCES",                                       \
	{                                               \
		{                                       \
			op, path, rights, "*", "folded" \
		}                                       \
	}

static void run(const char *const *argv)
{
	if (command(argv))
		skip_because(text("%s fails here", argv[0]));
}
#define RUN(...) run((const char *const[]){ __VA_ARGS__, NULL })

/* Mounts the image; the loop device goes with the mount. */
static void mount_image(const char *type)
{
	RUN("losetup", LOOP, T "/image");
	if (!make_mount(LOOP, FS, type, 0, NULL)) {
		(void)command((const char *const[]){ "losetup", "-d", LOOP, NULL });
		skip_because(text("no %s", type));
	}
	RUN("losetup", "-d", LOOP);
}

static int make_image(void)
{
	int fd = open(T "/image", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, IMAGE_BYTES), 0);
	make(FS "/", "");
	(void)command((const char *const[]){ "modprobe", "-q", "loop", NULL });
	return fd;
}

static void make_ext4(void)
{
	(void)close(make_image());
	RUN("mkfs.ext4", "-q", "-F", "-O", "casefold", T "/image");
	mount_image("ext4");
	make_all(FS "/ci/", FS "/mixed/", FS "/cs/", NULL);
	RUN("chattr", "+F", FS "/ci", FS "/mixed");
	make_all(FS "/ci/secret/f", FS "/ci/plain", FS "/ci/.env", FS "/ci/k.pem", FS "/ci/k",
		 FS "/ci/deep/er/.env", FS "/ci/a-name-that-needs-more-than-one-edge",
		 FS "/mixed/Secret/f", FS "/mixed/Open", FS "/mixed/other", FS "/cs/secret",
		 FS "/cs/SECRET", FS "/cs/.ENV", NULL);
}

static void forget(void)
{
	spit("/proc/sys/vm/drop_caches", "2\n");
}
#define FORGET                               \
	{                                    \
		"sync", "ok", .host = forget \
	}

static const char policy[] = POLICY_HEAD
	"    - {allow: rw, paths: [" FS ", " FS "/mixed/Open]}\n"
	"    - {deny: rw, paths: [" FS "/ci/secret, " FS "/ci/k, " FS "/cs/secret]} # one\n"
	"    - {deny: read, paths: " FS "/ci/a-name-that-needs-more-than-one-edge} # long\n"
	"    - {deny: rw, paths: " FS "/mixed/Secret} # mixed\n"
	"    - {deny: read, paths: \"**/.env\"} # env\n"
	"    - {deny: read, paths: \"**/*.pem\"} # pem\n";

static void another_spelling_of_a_denied_name_is_denied(void **state)
{
	static const struct row rows[] = {
		FORGET,
		{ "open r " FS "/ci/SECRET/f", DENIED("open", FS "/ci/SECRET/f", "read", "# one") },
		{ "open w+creat " FS "/ci/Secret/new",
		  DENIED("create", FS "/ci/SECRET/new", "create", "# one") },
		{ "rename " FS "/ci/SECRET " FS "/ci/x",
		  DENIED("rename", FS "/ci/SECRET", "delete", "# one") },
		{ "open r " FS "/ci/A-NAME-that-needs-more-than-ONE-EDGE",
		  DENIED("open", "*", "read", "# long") },
		{ "open r " FS "/ci/.ENV", DENIED("open", FS "/ci/.ENV", "read", "# env") },
		{ "open r " FS "/CI/K.Pem", "ENOENT" }, /* the folder above does not ignore it */
		{ "open r " FS "/ci/K.Pem", DENIED("open", FS "/ci/K.Pem", "read", "# pem") },
		{ "open r " FS "/ci/Deep/ER/.Env",
		  DENIED("open", FS "/ci/Deep/ER/.Env", "read", "# env") },
		/* KELVIN SIGN, another spelling of k */
		{ "open r " FS "/ci/\\xe2\\x84\\xaa", FOLDED("open", "*", "read") },
		{ "open w+creat " FS "/ci/\\xc3\\xa4", FOLDED("create", "*", "create") },
		/* what the policy means is as open as before */
		{ "open r " FS "/ci/PLAIN", "ok" },
		{ "open w+creat " FS "/ci/New", "ok" },
		{ "rename " FS "/ci/new " FS "/ci/NEWER", "ok" },
		{ "mkdir " FS "/ci/Folder", "ok" },
		{ "open w " FS "/ci/.env", "ok" },
	};

	(void)state;
	make_ext4();
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

/* Of names with capital letters the kernel's small ones are no spelling: only they themselves are.
 */
static void a_rule_with_capital_letters_holds_by_refusing_what_may_be_meant(void **state)
{
	static const struct row rows[] = {
		FORGET,
		{ "open r " FS "/mixed/secret/f", FOLDED("open", FS "/mixed/secret/f", "read") },
		{ "open r " FS "/mixed/other", FOLDED("open", FS "/mixed/other", "read") },
		{ "open r " FS "/mixed/Open", "ok" },
	};

	(void)state;
	make_ext4();
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

static void other_folders_of_the_same_filesystem_are_compared_exactly(void **state)
{
	static const struct row rows[] = {
		FORGET,
		{ "open r " FS "/cs/SECRET", "ok" },
		{ "open r " FS "/cs/.ENV", "ok" },
		{ "open w+creat " FS "/cs/\\xc3\\xa4", "ok" },
		{ "open r " FS "/cs/secret", DENIED("open", FS "/cs/secret", "read", "# one") },
	};

	(void)state;
	make_ext4();
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

/* A `**` rule with capital letters can mean every name. */
static void patterns_with_capital_letters_refuse_all_such_names(void **state)
{
	static const char capital[] = POLICY_HEAD "    - {allow: rw, paths: " FS "}\n"
						  "    - {deny: read, paths: \"**/Key\"}\n";
	static const struct row rows[] = {
		FORGET,
		{ "open r " FS "/ci/plain", FOLDED("open", FS "/ci/plain", "read") },
		{ "open r " FS "/cs/secret", "ok" },
	};

	(void)state;
	make_ext4();
	check_rows(capital, rows, ARRAY_SIZE(rows));
}

/* FAT12 as small as it gets: one table, no label. */
static void make_fat(void)
{
	static const unsigned char boot[] = {
		0xeb, 0x3c, 0x90, 'm',	'k',  'f', 's', '.', 'f', 'a', 't', 0, 2, /* sectors: 512 */
		4,    1,    0,	  1,		 /* of a cluster; before the table; tables */
		112,  0,    0x40, 0x0b, 0xf0, 9, /* of the root folder; in all; of the table */
	};
	static const unsigned char table[] = { 0xf0, 0xff, 0xff };
	int fd = make_image();

	assert_int_equal(pwrite(fd, boot, sizeof(boot), 0), sizeof(boot));
	assert_int_equal(pwrite(fd, "\x55\xaa", 2, 510), 2);
	assert_int_equal(pwrite(fd, table, sizeof(table), 512), sizeof(table));
	(void)close(fd);
	(void)command((const char *const[]){ "modprobe", "-q", "vfat", NULL });
	mount_image("vfat");
	make_all(FS "/secret.txt", FS "/long secret name.txt", FS "/long name.txt", FS "/plain.txt",
		 FS "/.env", NULL);
}

static void vfat_has_names_besides_that_are_refused(void **state)
{
	static const char fat[] = POLICY_HEAD "    - {allow: rw, paths: " FS "}\n"
					      "    - {deny: read, paths: [" FS "/secret.txt, \"" FS
					      "/long secret name.txt\"]} # one\n"
					      "    - {deny: read, paths: \"**/.env\"} # env\n";
	static const struct row rows[] = {
		FORGET,
		{ "open r " FS "/SECRET.TXT", DENIED("open", FS "/SECRET.TXT", "read", "# one") },
		{ "open r " FS "/Secret.txt..", DENIED("open", FS "/SECRET.TXT", "read", "# one") },
		{ "open r " FS "/LONGSE~1.TXT", FOLDED("open", FS "/LONGSE~1.TXT", "read") },
		{ "open r " FS "/.Env.", FOLDED("open", FS "/.Env.", "read") },
		{ "open r " FS "/PLAIN.txt", "ok" },
		{ "open r " FS "/Long\\x20name.TXT", "ok" },
		{ "open w+creat " FS "/new.txt", "ok" },
	};

	(void)state;
	make_fat();
	check_rows(fat, rows, ARRAY_SIZE(rows));
}

/* Where the kernel has it (Linux 6.13): all folders of a tmpfs may. */
static void a_tmpfs_that_ignores_case_is_judged_alike(void **state)
{
	static const struct row rows[] = {
		FORGET,
		{ "open r " FS "/ci/SECRET/f", DENIED("open", FS "/ci/secret/f", "read", "# one") },
		{ "open w+creat " FS "/ci/New", "ok" },
		{ "open w+creat " FS "/ci/.Env", "ok" },
		{ "open r " FS "/ci/.env", DENIED("open", FS "/ci/.Env", "read", "# env") },
	};

	(void)state;
	skip_before(6, 13, "tmpfs that ignores case");
	make(FS "/", "");
	if (!make_mount("t", FS, "tmpfs", 0, "casefold=utf8-12.1.0"))
		skip_because("no tmpfs that ignores case");
	make(FS "/ci/", "");
	RUN("chattr", "+F", FS "/ci");
	make_all(FS "/ci/secret/f", NULL);
	check_rows(policy, rows, ARRAY_SIZE(rows));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(another_spelling_of_a_denied_name_is_denied),
		TEST(a_rule_with_capital_letters_holds_by_refusing_what_may_be_meant),
		TEST(other_folders_of_the_same_filesystem_are_compared_exactly),
		TEST(patterns_with_capital_letters_refuse_all_such_names),
		TEST(vfat_has_names_besides_that_are_refused),
		TEST(a_tmpfs_that_ignores_case_is_judged_alike),
	};

	return RUN_SUITE("folded", tests);
}
