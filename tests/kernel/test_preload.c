// SPDX-License-Identifier: GPL-2.0-only
/* Guard preload: variables that make the loader of a new program load other code. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/harness.h"

#define P T "/bin/prog"
#define SEEN(verdict)                                                         \
	{                                                                     \
		{                                                             \
			"exec", P, NULL, "*", "guard", "preload", verdict, "" \
		}                                                             \
	}
#define SECURE "exit-7", SEEN("denied")

static const char rules[] = POLICY_HEAD "    - {allow: rx, paths: " T "/bin}\n"
					"    - {allow: ro, paths: " T "/lib}\n";

static void variables_of_the_loader_have_no_effect(void **state)
{
	static const struct row rows[] = {
		{ "exec " P " -x secure", "ok" },
		{ "env-exec B=2 " P " -x secure", "ok" },
		{ "env-exec LD_PRELOAD=x.so " P " -x secure", SECURE },
		{ "env-exec LD_PRELOAD= " P " -x secure", SECURE },
		{ "env-exec LD_AUDIT=x.so " P " -x secure", SECURE },
		{ "env-exec LD_LIBRARY_PATH=/x " P " -x secure", SECURE },
		{ "env-exec LD_ORIGIN_PATH=/x " P " -x secure", SECURE },
		{ "env-exec LD_DEBUG_OUTPUT=/x " P " -x secure", SECURE },
		{ "env-exec LD_PROFILE=x " P " -x secure", SECURE },
		{ "env-exec LD_PROFILE_OUTPUT=/x " P " -x secure", SECURE },
		{ "env-exec GCONV_PATH=/x " P " -x secure", SECURE },
		{ "env-exec GETCONF_DIR=/x " P " -x secure", SECURE },
		{ "env-exec LD_PRELOA=x " P " -x secure", "ok" },
		{ "env-exec LD_PRELOADS=x " P " -x secure", "ok" },
		{ "env-exec XLD_PRELOAD=x " P " -x secure", "ok" },
		{ "env-exec LD_RUN_PATH=x " P " -x secure", "ok" },
		{ "env-exec LD_PRELOAD " P " -x secure", "ok" },
		{ "env-exec X=LD_PRELOAD=x " P " -x secure", "ok" },
		/* Among the arguments it is no variable. */
		{ "exec " P " nop LD_PRELOAD=x", "ok" },
		{ "env-exec B=2 " P " nop LD_PRELOAD=x", "ok" },
	};

	(void)state;
	make_program(P);
	check_rows(rules, rows, ARRAY_SIZE(rows));
}

/* However far it stands behind what is harmless. */
static void long_environments_are_read_to_the_end(void **state)
{
	static const struct row rows[] = {
		{ "env-far 0 1 LD_PRELOAD=x " P " -x secure", SECURE },
		{ "env-far 0 254 LD_PRELOAD=x " P " -x secure", SECURE },
		{ "env-far 0 255 LD_PRELOAD=x " P " -x secure", SECURE },
		{ "env-far 0 256 LD_PRELOAD=x " P " -x secure", SECURE },
		{ "env-far 0 510 LD_PRELOAD=x " P " -x secure", SECURE },
		{ "env-far 0 100000 LD_PRELOAD=x " P " -x secure", SECURE },
		{ "env-far 150000 100000 LD_PRELOAD=x " P " -x secure", SECURE },
		{ "env-far 0 255 B=2 " P " -x secure", "ok" },
		{ "env-far 150000 100000 B=2 " P " -x secure", "ok" },
	};

	(void)state;
	make_program(P);
	check_rows(rules, rows, ARRAY_SIZE(rows));
}

/* A piece of a long value never looks like a name, wherever it is cut. */
static void a_long_value_is_no_name(void **state)
{
	char *value = text("%0254dLD_PRELOAD=x", 0);
	struct row rows[3];

	(void)state;
	make_program(P);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		rows[i] = (struct row){ text("env-exec V=%s " P " -x secure", value + i), "ok" };
	check_rows(rules, rows, ARRAY_SIZE(rows));
}

static void scripts_pass_it_on(void **state)
{
	static const struct row rows[] = {
		{ "env-exec B=2 " T "/bin/script", "ok" },
		{ "env-exec LD_PRELOAD=x " T "/bin/script", "ok", SEEN("denied") },
	};

	(void)state;
	make_program(P);
	make(T "/bin/script", "#!" P " nop\n");
	assert_int_equal(chmod(T "/bin/script", 0755), 0);
	check_rows(rules, rows, ARRAY_SIZE(rows));
}

static void the_real_loader_ignores_them(void **state)
{
	static const char *const build[] = { "sh", "-c",
					     "echo 'void __attribute__((constructor)) f(void) {"
					     " extern void _exit(int); _exit(9); }' > " T "/x.c"
					     " && gcc -shared -fPIC -o " T "/lib/x.so " T "/x.c",
					     NULL };
	static const struct row denied[] = {
		{ "env-exec LD_PRELOAD=" T "/lib/x.so /bin/true",
		  "ok",
		  { { "exec", "/usr/bin/true", NULL, "*", "guard", "preload", "denied", "" } } },
	};
	static const struct row allowed[] = {
		{ "env-exec LD_PRELOAD=" T "/lib/x.so /bin/true", "exit-9" },
	};
	char *policy = text("%s    - {allow: rx, paths: [/usr, /bin, /lib, /lib64, " T "/lib]}\n"
			    "    - {allow: ro, paths: /etc/ld.so.cache}\n",
			    rules);

	(void)state;
	make(T "/lib/", "");
	if (access("/usr/bin/gcc", X_OK))
		skip_because("no compiler in this guest");
	assert_int_equal(command(build), 0);
	check_rows(policy, denied, ARRAY_SIZE(denied));
	check_rows(text("%sguards: {preload: allow}\n", policy), allowed, ARRAY_SIZE(allowed));
}

static void the_other_actions(void **state)
{
	static const struct row allowed[] = {
		{ "env-exec LD_PRELOAD=x " P " -x secure", "ok" },
		{ "env-exec LD_PRELOAD=x " P " -x has-env LD_PRELOAD", "ok" },
	};
	static const struct row logged[] = {
		{ "env-exec LD_PRELOAD=x " P " -x secure", "ok", SEEN("logged") },
	};
	static const struct row killed[] = {
		{ "env-exec LD_PRELOAD=x " P " -x secure", "SIGKILL", SEEN("killed") },
		{ "env-exec B=2 " P " -x secure", "ok" },
	};
	static const struct row audited[] = {
		{ "env-exec LD_PRELOAD=x " P " -x secure", "ok", SEEN("would-deny") },
	};

	(void)state;
	make_program(P);
	check_rows(text("%sguards: {preload: allow}\n", rules), allowed, ARRAY_SIZE(allowed));
	check_rows(text("%sguards: {preload: log}\n", rules), logged, ARRAY_SIZE(logged));
	check_rows(text("%sguards: {preload: kill}\n", rules), killed, ARRAY_SIZE(killed));
	check_rows(text("%smode: audit\n", rules), audited, ARRAY_SIZE(audited));
}

/* Nothing is allowed to the program any more: the kernel cannot even map it. */
static void quarantine_holds_the_program(void **state)
{
	static const struct row rows[] = {
		{ "sync", "ok", .host = stop_launcher },
		{ "env-exec LD_PRELOAD=x " P " -x secure", "SIGSEGV", SEEN("quarantined") },
		{ "sync", "ok", .host = wake_launcher },
	};
	char *policy = text("%sguards: {preload: quarantine}\n", rules);
	struct job job = {
		.policy = policy, .rows = rows, .n_rows = ARRAY_SIZE(rows), .loose = true
	};
	struct outcome outcome = { 0 };
	const json_t *event;

	(void)state;
	make_program(P);
	run_job(&job, &outcome);
	event = json_array_get(outcome.events, 0);
	assert_string_equal(json_string_value(json_object_get(event, "verdict")), "quarantined");
	assert_string_equal(json_string_value(json_object_get(event, "guard")), "preload");
	outcome_free(&outcome);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(variables_of_the_loader_have_no_effect),
		TEST(long_environments_are_read_to_the_end),
		TEST(a_long_value_is_no_name),
		TEST(scripts_pass_it_on),
		TEST(the_real_loader_ignores_them),
		TEST(the_other_actions),
		TEST(quarantine_holds_the_program),
	};

	return RUN_SUITE("preload", tests);
}
