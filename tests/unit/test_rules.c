// SPDX-License-Identifier: GPL-2.0-only
/* Options that mirror the policy file mean what the same lines of a file mean. */
#include "policy_fixture.h"

#include <stdio.h>

#include "cmd/rules.h"
#include "lib/log.h"

struct given {
	enum sbx_rule_option option;
	const char *value;
};

/* The policy that the options come to, compiled; ends the test where it has a fault. */
static struct fixture policy_of(const struct given *given, size_t n)
{
	struct sbx_cmd_rules rules = { 0 };
	sbx_cleanup(sbx_freep) char *text = NULL;
	struct fixture f = { 0 };

	for (size_t i = 0; i < n; i++)
		assert_int_equal(sbx_cmd_rules_add(&rules, given[i].option, given[i].value), 0);
	text = sbx_cmd_rules_text(&rules, "base", "t");
	assert_non_null(text);
	sbx_cmd_rules_free(&rules);
	if (sbx_policy_parse(SBX_RULES_FILE, text, strlen(text), &fixture_vars, &f.policy,
			     &f.diags) ||
	    sbx_policy_compile(f.policy, NULL, NULL, &f.compiled, &f.diags)) {
		sbx_diags_print(&f.diags, stdout, false);
		fail_msg("does not compile:\n%s", text);
	}
	return f;
}
#define POLICY_OF(...)                                   \
	policy_of((const struct given[]){ __VA_ARGS__ }, \
		  sizeof((const struct given[]){ __VA_ARGS__ }) / sizeof(struct given))

static bool may_connect(const struct fixture *f, const char *address, __u16 port, __u8 proto)
{
	__u8 addr[16];

	assert_int_equal(sbx_address_parse(address, addr), 0);
	return sbx_compiled_address(f->compiled, SBX_DIR_OUT, addr, proto, port, NULL);
}

static void paths_get_their_rights(void **state)
{
	FIXTURE f =
		POLICY_OF({ SBX_RULE_RO, "/data/in" }, { SBX_RULE_RW, "/data/out" },
			  { SBX_RULE_RX, "/opt/my \"tool\"" },
			  { SBX_RULE_DENY, "/data/out/$private" }, { SBX_RULE_DENY, "**/hidden" });

	(void)state;
	assert_int_equal(sbx_compiled_path(f.compiled, "/data/in/x"),
			 SBX_RIGHT_READ | SBX_RIGHT_LIST);
	assert_true(sbx_compiled_path(f.compiled, "/data/out/x") & SBX_RIGHT_WRITE);
	assert_true(sbx_compiled_path(f.compiled, "/opt/my \"tool\"") & SBX_RIGHT_EXEC);
	assert_int_equal(sbx_compiled_path(f.compiled, "/data/out/$private/x"), 0);
	assert_int_equal(sbx_compiled_path(f.compiled, "/data/out/hidden"), 0);
}

static void a_relative_path_starts_here(void **state)
{
	char here[4096];
	char path[4200];
	FIXTURE f = POLICY_OF({ SBX_RULE_RW, "new-dir" });

	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	(void)snprintf(path, sizeof(path), "%s/new-dir/x", here);
	assert_true(sbx_compiled_path(f.compiled, path) & SBX_RIGHT_WRITE);
}

static void destinations_and_listeners(void **state)
{
	FIXTURE f = POLICY_OF(
		{ SBX_RULE_NET, "filtered" }, { SBX_RULE_ALLOW_NET, "10.1.0.0/16:443,8000-8999" },
		{ SBX_RULE_ALLOW_NET, "192.0.2.1:53/udp" },
		{ SBX_RULE_ALLOW_NET, "[2001:db8::]/32:22" }, { SBX_RULE_ALLOW_NET, "2001:db9::1" },
		{ SBX_RULE_LISTEN, "8080" }, { SBX_RULE_LISTEN, "[::]:90" });
	__u8 addr[16];

	(void)state;
	assert_true(may_connect(&f, "10.1.2.3", 443, SBX_PROTO_UDP));
	assert_true(may_connect(&f, "10.1.2.3", 8500, SBX_PROTO_TCP));
	assert_false(may_connect(&f, "10.1.2.3", 80, SBX_PROTO_TCP));
	assert_true(may_connect(&f, "192.0.2.1", 53, SBX_PROTO_UDP));
	assert_false(may_connect(&f, "192.0.2.1", 53, SBX_PROTO_TCP));
	assert_true(may_connect(&f, "2001:db8::7", 22, SBX_PROTO_TCP));
	assert_true(may_connect(&f, "2001:db9::1", 1, SBX_PROTO_TCP));
	assert_int_equal(sbx_address_parse("127.0.0.1", addr), 0);
	assert_true(
		sbx_compiled_address(f.compiled, SBX_DIR_LISTEN, addr, SBX_PROTO_TCP, 8080, NULL));
	assert_false(
		sbx_compiled_address(f.compiled, SBX_DIR_LISTEN, addr, SBX_PROTO_TCP, 90, NULL));
	assert_int_equal(sbx_address_parse("::", addr), 0);
	assert_true(
		sbx_compiled_address(f.compiled, SBX_DIR_LISTEN, addr, SBX_PROTO_TCP, 90, NULL));
}

static void limits_and_variables(void **state)
{
	FIXTURE f = POLICY_OF({ SBX_RULE_MEMORY, "64M" }, { SBX_RULE_PIDS, "7" },
			      { SBX_RULE_CPU, "1.5" }, { SBX_RULE_TIMEOUT, "2m" },
			      { SBX_RULE_ENV, "TERM" }, { SBX_RULE_ENV, "A=b $c \"d\"" });
	const struct sbx_process *process = &f.policy->process;
	bool passed = false;

	(void)state;
	assert_int_equal(f.policy->limits.memory, 64 << 20);
	assert_int_equal(f.policy->limits.pids, 7);
	assert_int_equal(f.policy->limits.cpu_percent, 150);
	assert_int_equal(f.policy->limits.wall_time_ms, 120000);
	for (size_t i = 0; process->env_pass[i]; i++)
		passed |= !strcmp(process->env_pass[i], "TERM");
	assert_true(passed);
	assert_string_equal(process->env_set[process->n_env_set - 1].value, "b $c \"d\"");
}

static void what_cannot_be_a_rule_is_refused(void **state)
{
	static const struct given bad[] = {
		{ SBX_RULE_RO, "" },
		{ SBX_RULE_RW, "/a\nb" },
		{ SBX_RULE_ALLOW_NET, ":80" },
		{ SBX_RULE_ALLOW_NET, "10.0.0.1:http" },
		{ SBX_RULE_ALLOW_NET, "[::1" },
		{ SBX_RULE_ALLOW_NET, "[]:80" },
		{ SBX_RULE_ALLOW_NET, "/udp" },
		{ SBX_RULE_LISTEN, "" },
		{ SBX_RULE_LISTEN, "web" },
		{ SBX_RULE_LISTEN, "127.0.0.1:" },
		{ SBX_RULE_MEMORY, "1\t}" },
		{ SBX_RULE_ENV, "A=\x01" },

	};

	(void)state;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(bad); i++) {
		struct sbx_cmd_rules rules = { 0 };

		if (sbx_cmd_rules_add(&rules, bad[i].option, bad[i].value) != -EINVAL)
			fail_msg("taken: \"%s\"", bad[i].value);
		sbx_cmd_rules_free(&rules);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_get_their_rights),
		cmocka_unit_test(a_relative_path_starts_here),
		cmocka_unit_test(destinations_and_listeners),
		cmocka_unit_test(limits_and_variables),
		cmocka_unit_test(what_cannot_be_a_rule_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
