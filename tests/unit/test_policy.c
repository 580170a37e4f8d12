// SPDX-License-Identifier: GPL-2.0-only
/* Text -> model: what a good policy says, and that faults have their code and place. */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/buf.h"
#include "policy_fixture.h"

static void the_smallest_policy_has_safe_defaults(void **state)
{
	FIXTURE f = fixture_good(HEAD);

	(void)state;
	assert_string_equal(f.policy->name, "t");
	assert_int_equal(f.policy->mode, SBX_MODE_ENFORCE);
	assert_false(f.policy->best_effort);
	assert_false(f.policy->fs_default_allow);
	assert_int_equal(f.policy->net_mode, SBX_NET_NONE);
	assert_true(f.policy->process.env_clear);
	assert_true(f.policy->process.no_new_privs);
	assert_int_equal(f.policy->process.umask, SBX_UNSET);
	assert_true(f.policy->audit.chain);
	assert_true(f.policy->limits.memory == SBX_LIMIT_NONE);
	for (unsigned int i = 1; i < SBX_GUARD_MAX_; i++)
		assert_int_equal(f.policy->guards[i], SBX_ACTION_DENY);
}

static void every_scalar_reaches_the_model(void **state)
{
	FIXTURE f = fixture_good(
		HEAD "name: full\nmode: audit\nrequire: best-effort\ndescription: 'x: y'\n"
		     "filesystem: {default: allow}\n"
		     "network: {mode: full, families: [netlink]}\n"
		     "process:\n  env: {clear: false, pass: [A, B_1], set: {C: 'x${UID}', D: ''}}\n"
		     "  workdir: ~/src\n  umask: '027'\n  no_new_privs: false\n"
		     "  descriptors: {keep: [3, 7, 3]}\n"
		     "guards: {default: log, mount: kill, ptrace: quarantine}\n"
		     "limits: {memory: 512M, swap: 0, cpu: 1.5, pids: 64, wall_time: 90s,\n"
		     "         violations: max}\n"
		     "audit: {rate: 200/s, chain: false}\n");
	const struct sbx_policy *p = f.policy;

	(void)state;
	assert_string_equal(p->name, "full");
	assert_int_equal(p->mode, SBX_MODE_AUDIT);
	assert_true(p->best_effort && p->fs_default_allow);
	assert_int_equal(p->net_mode, SBX_NET_FULL);
	assert_true(p->families == 1ull << AF_NETLINK);
	assert_false(p->process.env_clear || p->process.no_new_privs || p->audit.chain);
	assert_string_equal(p->process.env_pass[1], "B_1");
	assert_null(p->process.env_pass[2]);
	assert_string_equal(p->process.env_set[0].value, "x1000");
	assert_string_equal(p->process.env_set[1].value, "");
	assert_string_equal(p->process.workdir, "/home/me/src");
	assert_int_equal(p->process.umask, 027);
	assert_int_equal(p->process.n_keep_fds, 2);
	assert_int_equal(p->guards[SBX_GUARD_MOUNT], SBX_ACTION_KILL);
	assert_int_equal(p->guards[SBX_GUARD_PTRACE], SBX_ACTION_QUARANTINE);
	assert_int_equal(p->guards[SBX_GUARD_BPF], SBX_ACTION_LOG);
	assert_int_equal(p->guard_places[SBX_GUARD_MOUNT].line, 14);
	assert_true(p->limits.memory == 512ull << 20 && p->limits.swap == 0);
	assert_true(p->limits.cpu_percent == 150 && p->limits.pids == 64);
	assert_true(p->limits.wall_time_ms == 90000 && p->limits.violations == SBX_LIMIT_NONE);
	assert_true(p->audit.rate == 200);
}

static void the_digest_is_that_of_the_file(void **state)
{
	FIXTURE f = fixture_good(HEAD);

	(void)state;
	/* printf 'version: 1\n' | sha256sum */
	assert_string_equal(f.policy->sha256,
			    "09bfcc6a14b83e2192b8673677725c84883ee9cd0c70e45c9ec09daa8f2b2847");
}

static void paths_are_normalised_and_keep_their_spelling(void **state)
{
	FIXTURE f = fixture_good(HEAD "filesystem:\n  rules:\n"
				      "    - {allow: ro, paths: ['~//a/./b/', '${WORKDIR}', /]}\n"
				      "    - {allow: ro, paths: /proc/self/status}\n"
				      "    - {deny: read, paths: '/**/.env'}\n");

	(void)state;
	assert_string_equal(f.policy->paths[0].path, "/home/me/a/b");
	assert_string_equal(f.policy->paths[0].text, "~//a/./b/");
	assert_int_equal(f.policy->paths[0].place.line, 4);
	assert_int_equal(f.policy->paths[0].place.column, 27);
	assert_true(f.policy->paths[0].expanded);
	assert_string_equal(f.policy->paths[1].path, "/work");
	assert_string_equal(f.policy->paths[2].path, "/");
	assert_string_equal(f.policy->paths[3].path, "/proc/@self/status");
	assert_string_equal(f.policy->paths[4].path, "**/.env");
}

static void variables_take_defaults_sets_and_escapes(void **state)
{
	static const char *const set[] = { "PORT=99", "EMPTY=", "HOME=/else", NULL };
	static const char text[] =
		HEAD "network:\n  mode: filtered\n  rules:\n"
		     "    - allow: {to: '${NET:-10.0.0.0/8}', ports: '${PORT}'}\n"
		     "filesystem: {rules: [{allow: ro, paths: '~/x'}]}\n"
		     "process: {env: {set: {A: 'a$$b${EMPTY:-c}'}}}\n";
	struct sbx_policy_vars vars = fixture_vars;
	FIXTURE f = { 0 };

	(void)state;
	vars.set = set;
	assert_int_equal(sbx_policy_parse("t", text, strlen(text), &vars, &f.policy, &f.diags), 0);
	assert_int_equal(f.policy->nets[0].ports[0].lo, 99);
	assert_string_equal(f.policy->nets[0].text, "10.0.0.0/8");
	assert_string_equal(f.policy->process.env_set[0].value, "a$bc");
	assert_string_equal(f.policy->paths[0].path, "/home/me/x"); /* ~ is the user's, always */
}

#define FS(rule) HEAD "filesystem:\n  rules:\n    - " rule "\n"
#define NET(rule) HEAD "network:\n  mode: filtered\n  rules:\n    - " rule "\n"

static void faults_have_codes_and_places(void **state)
{
	static const struct {
		const char *text;
		const char *code;
		unsigned int line, column;
	} cases[] = {
		{ "", "empty", 0, 0 },
		{ "# nothing\n", "empty", 0, 0 },
		{ "version: 1\nversion: 1\n", "duplicate-key", 2, 1 },
		{ "name: x\n", "missing-key", 1, 1 },
		{ "version: 2\n", "version", 1, 10 },
		{ "- a\n", "wrong-type", 1, 1 },
		{ HEAD "fielsystem: {}\n", "unknown-key", 2, 1 },
		{ HEAD "mode: enforced\n", "bad-value", 2, 7 },
		{ HEAD "mode:\n", "no-value", 2, 6 },
		{ HEAD "name: ../x\n", "bad-value", 2, 7 },
		{ HEAD "name: &a x\n", "alias", 2, 7 },
		{ HEAD "name: *a\n", "alias", 2, 7 },
		{ HEAD "name: !!str x\n", "tag", 2, 7 },
		{ HEAD "? [a]\n: b\n", "bad-key", 2, 3 },
		{ HEAD "---\nversion: 1\n", "documents", 2, 1 },
		{ HEAD "limits:\n\tpids: 1\n", "tab-indent", 3, 1 },
		{ HEAD "name: \"a\n", "yaml", 3, 1 },
		{ HEAD "name: \"a\\0b\"\n", "not-text", 2, 7 },
		{ HEAD "name: \xff\n", "not-utf8", 2, 7 },
		{ HEAD "name: \x01\n", "not-text", 2, 7 },
		{ FS("{allow: raed, paths: /a}"), "unknown-right", 4, 15 },
		{ FS("{allow: ro, paths: a}"), "bad-path", 4, 26 },
		{ FS("{allow: ro, paths: /a/../b}"), "bad-path", 4, 26 },
		{ FS("{allow: ro, paths: ~bob/x}"), "bad-path", 4, 26 },
		{ FS("{allow: ro, paths: '**/x'}"), "wildcard", 4, 26 },
		{ FS("{deny: ro, paths: /usr/**}"), "wildcard", 4, 25 },
		{ FS("{deny: ro, paths: '**/.env*'}"), "unsupported", 4, 25 },
		{ FS("{deny: ro, paths: '**/*.pem/x'}"), "unsupported", 4, 25 },
		{ FS("{deny: ro, paths: '/proc/self/**/x'}"), "unsupported", 4, 25 },
		{ FS("{deny: ro, paths: '/a/**/*'}"), "wildcard", 4, 25 },
		{ FS("{deny: ro, paths: '/a/**/'}"), "wildcard", 4, 25 },
		{ FS("{deny: ro, paths: '**/../x'}"), "bad-path", 4, 25 },
		{ FS("{allow: ro, paths: '/a/**/x'}"), "wildcard", 4, 26 },
		{ FS("{deny: ro, paths: '**/*.tar.gz'}"), "unsupported", 4, 25 },
		{ FS("{deny: ro, paths: '/a/*.c'}"), "unsupported", 4, 25 },
		{ FS("{deny: ro, paths: '**/*.toolongext'}"), "wildcard", 4, 25 },
		{ FS("{deny: ro, paths: '${NOPE}/x'}"), "unknown-variable", 4, 25 },
		{ FS("{deny: ro, paths: '$HOME/x'}"), "bad-variable", 4, 25 },
		{ FS("{deny: ro, paths: '${HOME'}"), "bad-variable", 4, 25 },
		{ FS("{paths: /x}"), "missing-key", 4, 7 },
		{ FS("{allow: ro}"), "missing-key", 4, 7 },
		{ FS("{allow: ro, deny: ro, paths: /x}"), "bad-rule", 4, 7 },
		{ FS("{allow: ro, paths: []}"), "no-value", 4, 26 },
		{ FS("{allow: [], paths: /x}"), "no-value", 4, 15 },
		{ FS("{allow: ro, paths: /x}\n    - {deny: read, paths: /x/}"), "contradiction", 5,
		  27 },
		{ NET("{allow: {to: 10.0.0.1/8}}"), "host-bits", 5, 20 },
		{ NET("{allow: {to: nowhere.example}}"), "bad-address", 5, 20 },
		{ NET("{allow: {to: '@nosuch'}}"), "bad-address", 5, 20 },
		{ NET("{allow: {to: '10.0.0.0/40'}}"), "bad-address", 5, 20 },
		{ NET("{allow: {to: @any}}"), "yaml", 5, 20 },
		{ NET("{allow: {to: '@any', ports: 70000}}"), "bad-port", 5, 35 },
		{ NET("{allow: {to: '@any', ports: [9-8]}}"), "bad-port", 5, 36 },
		{ NET("{allow: {to: '@any', protocols: gre}}"), "bad-value", 5, 39 },
		{ NET("{allow: {ports: 1}}"), "missing-key", 5, 15 },
		{ NET("{allow: {domains: [a..b]}}"), "bad-domain", 5, 26 },
		{ NET("{allow: {to: 1.1.1.1}}\n    - {deny: {to: 1.1.1.1, ports: 5}}"),
		  "contradiction", 6, 14 },
		{ HEAD "network: {listen: {to: '@any', ports: 1}}\n", "no-effect", 2, 19 },
		{ HEAD "network: {families: [packet]}\n", "bad-value", 2, 22 },
		{ HEAD "network: {bandwidth: {egress: 10}}\n", "bad-rate", 2, 31 },
		{ HEAD "network: {bandwidth: {egress: 7999bit}}\n", "bad-rate", 2, 31 },
		{ HEAD "process: {seccomp: tight}\n", "bad-value", 2, 20 },
		{ HEAD "process: {seccomp: {deny: [mont]}}\n", "unknown-call", 2, 28 },
		{ HEAD "process: {seccomp: {deny: [bpf], allow: bpf}}\n", "contradiction", 2, 41 },
		{ HEAD "process: {umask: 9}\n", "bad-number", 2, 18 },
		{ HEAD "process: {env: {pass: ['A-B']}}\n", "bad-value", 2, 24 },
		{ HEAD "process: {env: {pass: ['LC_*']}}\n", "unsupported", 2, 24 },
		{ HEAD "process: {descriptors: {keep: [x]}}\n", "bad-number", 2, 32 },
		{ HEAD "guards: {ptrac: kill}\n", "unknown-key", 2, 10 },
		{ HEAD "guards: {ptrace: die}\n", "bad-value", 2, 18 },
		{ HEAD "limits: {memory: lots}\n", "bad-size", 2, 18 },
		{ HEAD "limits: {memory: 1K}\n", "bad-size", 2, 18 },
		{ HEAD "limits: {cpu: 0%}\n", "bad-cpu", 2, 15 },
		{ HEAD "limits: {wall_time: 30}\n", "bad-duration", 2, 21 },
		{ HEAD "limits: {pids: 0}\n", "bad-number", 2, 16 },
		{ HEAD "audit: {rate: 0/s}\n", "bad-rate", 2, 15 },
		{ HEAD "extends: [nosuch]\n", "unknown-policy", 2, 11 },
		{ HEAD "extends: /nonexistent/x.yaml\n", "file", 2, 10 },
	};

	(void)state;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(cases); i++)
		assert_fault(cases[i].text, cases[i].code, cases[i].line, cases[i].column);
}

static void all_faults_of_a_file_come_in_one_go(void **state)
{
	FIXTURE f = { 0 };

	(void)state;
	assert_int_equal(fixture_parse(&f, HEAD "mode: x\nrequire: y\nlimits: {pids: a, cpu: b}\n"
						"filesystem: {rules: [{allow: zz, paths: a}]}\n"),
			 -EINVAL);
	assert_int_equal(f.diags.n_errors, 6);
	assert_null(f.policy);
}

static void nesting_without_end_is_refused(void **state)
{
	char text[4096] = HEAD "name: ";

	(void)state;
	memset(text + strlen(text), '[', 2000);
	assert_fault(text, "too-deep", 2, 18);
}

/* `n` times `piece` after `head`. */
static void assert_big_fault(const char *head, const char *piece, size_t n, const char *tail,
			     const char *code, unsigned int line, unsigned int column)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf text = { 0 };

	sbx_buf_puts(&text, head);
	while (n--)
		sbx_buf_puts(&text, piece);
	sbx_buf_puts(&text, tail);
	assert_int_equal(text.error, 0);
	assert_fault(text.text, code, line, column);
}

static void huge_files_end_in_one_fault(void **state)
{
	(void)state;
	assert_big_fault(HEAD "# ", "0123456789abcdef", 1048576, "\n", "too-large", 0, 0);
	assert_big_fault(HEAD "name: [", "a,", 2000010, "]\n", "too-many", 2, 3999998);
	assert_big_fault(HEAD "process: {env: {pass: [", "A,", 3, "B]}}\nmode: x\n", "bad-value", 3,
			 7);
}

static void variables_are_limited_in_number(void **state)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf text = { 0 };

	(void)state;
	sbx_buf_puts(&text, HEAD "process:\n  env:\n    set:\n");
	for (int i = 0; i < 1001; i++)
		sbx_buf_printf(&text, "      V%d: x\n", i);
	assert_fault(text.text, "too-many-rules", 1005, 7);
}

static void a_variable_cannot_smuggle_a_wildcard_or_the_root(void **state)
{
	static const char text[] = HEAD "filesystem: {rules: [{allow: rw, paths: '${WORKDIR}'}]}\n";
	static const char *const values[] = { "/x/*", "/" };

	(void)state;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(values); i++) {
		struct sbx_policy_vars vars = { .workdir = values[i] };
		FIXTURE f = { 0 };

		assert_int_equal(
			sbx_policy_parse("t", text, strlen(text), &vars, &f.policy, &f.diags),
			-EINVAL);
		assert_string_equal(f.diags.items[0].code, "bad-variable");
	}
}

static void equal_paths_by_chance_are_no_contradiction(void **state)
{
	FIXTURE f = fixture_good(FS("{allow: rw, paths: '${WORKDIR}'}\n"
				    "    - {deny: write, paths: /work}"));

	(void)state;
	assert_int_equal(f.diags.n, 0);
	assert_rights(&f, "/work/x", RW & ~SBX_RIGHT_WRITE);
}

static void a_repeated_rule_is_a_warning(void **state)
{
	FIXTURE f = fixture_good(FS("{allow: ro, paths: [/x, /x/]}"));

	(void)state;
	assert_int_equal(f.diags.n, 1);
	assert_int_equal(f.diags.n_errors, 0);
	assert_string_equal(f.diags.items[0].code, "duplicate-rule");
}

/* A folder with policies that extend each other. */
static void write_file(const char *dir, const char *name, const char *text)
{
	char path[256];
	FILE *out;

	assert_true(snprintf(path, sizeof(path), "%s/%s", dir, name) < (int)sizeof(path));
	out = fopen(path, "w");
	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

static int make_folder(void **state)
{
	char *dir = strdup("/tmp/sbx-policy-XXXXXX");

	if (!dir || !mkdtemp(dir))
		return -1;
	write_file(dir, "a.yaml",
		   HEAD "name: a\nextends: [base/b.yaml, ./base/c.yaml]\n"
			"limits: {pids: 9}\nguards: {mount: kill}\n"
			"filesystem: {rules: [{allow: ro, paths: /a}]}\n");
	assert_int_equal(mkdir(strcat(strcpy((char[256]){ 0 }, dir), "/base"), 0700), 0);
	write_file(dir, "base/b.yaml",
		   HEAD "name: b\nextends: d.yaml\nmode: audit\n"
			"limits: {pids: 5, memory: 64M}\n"
			"guards: {default: log, ptrace: kill}\n");
	write_file(dir, "base/c.yaml",
		   HEAD "extends: d.yaml\nguards: {default: allow}\n"
			"process: {env: {set: {X: c}}}\n");
	write_file(dir, "base/d.yaml",
		   HEAD "filesystem: {rules: [{allow: ro, paths: /d}]}\n"
			"process: {env: {pass: [P], set: {X: d, Y: d}}}\n");
	write_file(dir, "cycle.yaml", HEAD "extends: base/e.yaml\n");
	write_file(dir, "base/e.yaml", HEAD "extends: ../cycle.yaml\n");
	write_file(dir, "self.yaml", HEAD "extends: self.yaml\n");
	for (int i = 0; i < 12; i++) {
		char name[32], text[64];

		assert_true(snprintf(name, sizeof(name), "deep%d.yaml", i) > 0);
		assert_true(snprintf(text, sizeof(text), HEAD "extends: deep%d.yaml\n", i + 1) > 0);
		write_file(dir, name, i == 11 ? HEAD : text);
	}
	*state = dir;
	return 0;
}

static int remove_folder(void **state)
{
	char command[300];

	assert_true(snprintf(command, sizeof(command), "rm -r %s", (char *)*state) > 0);
	assert_int_equal(system(command), 0);
	free(*state);
	return 0;
}

static int load(struct fixture *f, const char *dir, const char *name)
{
	char path[256];

	assert_true(snprintf(path, sizeof(path), "%s/%s", dir, name) > 0);
	return sbx_policy_load(path, &fixture_vars, &f->policy, &f->diags);
}

static void bases_come_first_each_once_and_later_scalars_win(void **state)
{
	FIXTURE f = { 0 };

	assert_int_equal(load(&f, *state, "a.yaml"), 0);
	assert_string_equal(f.policy->name, "a");
	assert_int_equal(f.policy->mode, SBX_MODE_AUDIT);
	assert_true(f.policy->limits.pids == 9 && f.policy->limits.memory == 64u << 20);
	assert_int_equal(f.policy->n_paths, 2);
	assert_string_equal(f.policy->paths[0].path, "/d");
	assert_string_equal(f.policy->paths[1].path, "/a");
	assert_int_equal(f.policy->guards[SBX_GUARD_PTRACE], SBX_ACTION_KILL);
	assert_int_equal(f.policy->guards[SBX_GUARD_MOUNT], SBX_ACTION_KILL);
	assert_int_equal(f.policy->guards[SBX_GUARD_BPF], SBX_ACTION_ALLOW);
	assert_int_equal(f.policy->process.n_env_set, 2);
	assert_string_equal(f.policy->process.env_set[0].value, "c");
	assert_string_equal(f.policy->process.env_pass[0], "P");
	assert_non_null(f.policy->files[3]);
	assert_null(f.policy->files[4]);
}

static void assert_load_fault(const char *dir, const char *name, const char *code)
{
	FIXTURE f = { 0 };

	assert_int_equal(load(&f, dir, name), -EINVAL);
	assert_string_equal(f.diags.items[0].code, code);
}

static void cycles_and_endless_chains_are_told(void **state)
{
	assert_load_fault(*state, "cycle.yaml", "extends-cycle");
	assert_load_fault(*state, "self.yaml", "extends-cycle");
	assert_load_fault(*state, "deep0.yaml", "extends-depth");
}

static void a_missing_file_names_the_built_in_policies(void **state)
{
	FIXTURE f = { 0 };

	(void)state;
	assert_int_equal(sbx_policy_load("/nonexistent.yaml", &fixture_vars, &f.policy, &f.diags),
			 -ENOENT);
	assert_non_null(strstr(f.diags.items[0].text, "base, basic"));
	assert_int_equal(sbx_policy_load("strickt", &fixture_vars, &f.policy, &f.diags), -ENOENT);
	assert_non_null(strstr(f.diags.items[1].text, "base, basic"));
	assert_int_equal(sbx_policy_load("/tmp/", &fixture_vars, &f.policy, &f.diags), -EISDIR);
	assert_int_equal(f.diags.n_errors, 3);
}

static void every_built_in_compiles_without_a_warning(void **state)
{
	const char *const *names = sbx_preset_names();

	(void)state;
	for (size_t i = 0; names[i]; i++) {
		FIXTURE f = { 0 };

		assert_int_equal(sbx_policy_load(names[i], &fixture_vars, &f.policy, &f.diags), 0);
		assert_string_equal(f.policy->name, names[i]);
		assert_int_equal(sbx_policy_compile(f.policy, NULL, NULL, &f.compiled, &f.diags),
				 0);
		assert_int_equal(f.diags.n, 0);
	}
	assert_true(names[0] && names[1]);
}

static void keywords_go_both_ways(void **state)
{
	char buf[128];

	(void)state;
	for (unsigned int i = 1; i < SBX_GUARD_MAX_; i++) {
		assert_int_equal(sbx_guard_from_str(sbx_guard_to_str(i)), i);
		assert_in_range(sbx_guard_severity(i), 1, 5);
		assert_true(*sbx_guard_meaning(i));
	}
	for (unsigned int i = 1; i < SBX_ACTION_MAX_; i++)
		assert_int_equal(sbx_action_from_str(sbx_action_to_str(i)), i);
	for (unsigned int i = 1; i < SBX_REASON_MAX_; i++)
		assert_string_not_equal(sbx_reason_to_str(i), "unknown");
	for (unsigned int i = 1; i < SBX_VERDICT_MAX_; i++)
		assert_string_not_equal(sbx_verdict_to_str(i), "unknown");
	for (unsigned int i = 1; i < SBX_OP_MAX_; i++)
		assert_true(*sbx_op_to_str(i) && *sbx_op_hooks(i));
	for (unsigned int i = 0; i < SBX_RIGHTS_MAX; i++)
		assert_int_equal(sbx_rights_from_str(sbx_right_to_str(i)), 1 << i);
	assert_int_equal(sbx_rights_from_str("rwx"), RWX);
	assert_int_equal(sbx_net_mode_from_str("full"), SBX_NET_FULL);
	assert_int_equal(sbx_family_from_str(sbx_family_to_str(AF_INET6)), AF_INET6);
	assert_int_equal(sbx_guard_from_str("none"), -EINVAL);
	assert_int_equal(sbx_action_from_str("invalid"), -EINVAL);
	assert_string_equal(sbx_op_to_str(9999), "unknown");
	assert_string_equal(sbx_rights_format(0, buf, sizeof(buf)), "none");
	assert_string_equal(sbx_rights_format(SBX_RIGHT_READ | SBX_RIGHT_EXEC, buf, sizeof(buf)),
			    "read+exec");
	assert_string_equal(sbx_rights_format(SBX_RIGHT_ALL, buf, 6), "read+");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_smallest_policy_has_safe_defaults),
		cmocka_unit_test(every_scalar_reaches_the_model),
		cmocka_unit_test(the_digest_is_that_of_the_file),
		cmocka_unit_test(paths_are_normalised_and_keep_their_spelling),
		cmocka_unit_test(variables_take_defaults_sets_and_escapes),
		cmocka_unit_test(faults_have_codes_and_places),
		cmocka_unit_test(all_faults_of_a_file_come_in_one_go),
		cmocka_unit_test(nesting_without_end_is_refused),
		cmocka_unit_test(huge_files_end_in_one_fault),
		cmocka_unit_test(variables_are_limited_in_number),
		cmocka_unit_test(a_variable_cannot_smuggle_a_wildcard_or_the_root),
		cmocka_unit_test(equal_paths_by_chance_are_no_contradiction),
		cmocka_unit_test(a_repeated_rule_is_a_warning),
		cmocka_unit_test(bases_come_first_each_once_and_later_scalars_win),
		cmocka_unit_test(cycles_and_endless_chains_are_told),
		cmocka_unit_test(a_missing_file_names_the_built_in_policies),
		cmocka_unit_test(every_built_in_compiles_without_a_warning),
		cmocka_unit_test(keywords_go_both_ways),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
