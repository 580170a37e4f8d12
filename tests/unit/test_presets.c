// SPDX-License-Identifier: GPL-2.0-only
/* What the built-in policies promise, said as decisions. */
#include "policy_fixture.h"

static struct fixture load(const char *name)
{
	struct fixture f = { 0 };

	assert_int_equal(sbx_policy_load(name, &fixture_vars, &f.policy, &f.diags), 0);
	assert_int_equal(sbx_policy_compile(f.policy, NULL, NULL, &f.compiled, &f.diags), 0);
	return f;
}

static bool may(const struct fixture *f, const char *path, unsigned int rights)
{
	return (sbx_compiled_path(f->compiled, path) & rights) == rights;
}

static bool may_none(const struct fixture *f, const char *path, unsigned int rights)
{
	return !(sbx_compiled_path(f->compiled, path) & rights);
}

static void strict_lets_a_build_run(void **state)
{
	FIXTURE f = load("strict");

	(void)state;
	assert_true(may(&f, "/usr/bin/gcc", RX));
	assert_true(may(&f, "/usr/lib/gcc/x86_64-linux-gnu/12/cc1", RX));
	assert_true(may(&f, "/work/hello.c", RW));
	assert_true(may(&f, "/work/build/hello", RW | SBX_RIGHT_EXEC));
	assert_true(may(&f, "/tmp/ccXYZ.s", RW | SBX_RIGHT_EXEC));
	assert_true(may(&f, "/etc/ld.so.cache", SBX_RIGHT_READ));
	assert_true(may(&f, "/etc/passwd", SBX_RIGHT_READ));
	assert_true(may(&f, "/dev/null", SBX_RIGHT_READ | SBX_RIGHT_WRITE | SBX_RIGHT_DEVICE));
	assert_true(may(&f, "/proc/@self/status", SBX_RIGHT_READ));
	assert_true(may(&f, "/proc/@self/environ", SBX_RIGHT_READ));
	assert_true(may(&f, "/proc/meminfo", SBX_RIGHT_READ));
	assert_true(connects(&f, "127.0.0.1", SBX_PROTO_TCP, 8080));
	assert_true(connects(&f, "::1", SBX_PROTO_TCP, 8080));
}

static void strict_refuses_the_rest(void **state)
{
	FIXTURE f = load("strict");

	(void)state;
	assert_rights(&f, "/etc/shadow", 0);
	assert_rights(&f, "/root/x", 0);
	assert_rights(&f, "/home/me/notes", 0);
	assert_rights(&f, "/proc/1/environ", 0);
	assert_rights(&f, "/proc/1/status", 0);
	assert_rights(&f, "/dev/sda", 0);
	assert_rights(&f, "/run/docker.sock", 0);
	assert_true(may_none(&f, "/usr/bin/x", RW & ~RO));
	assert_true(may_none(&f, "/etc/passwd", SBX_RIGHT_WRITE));
	assert_true(
		may_none(&f, "/work/.git/hooks/pre-commit", SBX_RIGHT_WRITE | SBX_RIGHT_CREATE));
	assert_true(may_none(&f, "/work/.git/commondir", SBX_RIGHT_WRITE | SBX_RIGHT_CREATE));
	assert_true(may_none(&f, "/work/sub/.env",
			     SBX_RIGHT_READ | SBX_RIGHT_WRITE | SBX_RIGHT_CREATE));
	assert_true(may_none(&f, "/work/server.pem", SBX_RIGHT_READ));
	assert_true(may_none(&f, "/tmp/agent.sock", SBX_RIGHT_CONNECT));
	assert_false(connects(&f, "127.0.0.1", SBX_PROTO_TCP, 8081));
	assert_false(connects(&f, "127.0.0.1", SBX_PROTO_UDP, 8080));
	assert_false(connects(&f, "1.1.1.1", SBX_PROTO_TCP, 443));
	assert_false(connects(&f, "169.254.169.254", SBX_PROTO_TCP, 80));
	assert_false(listens(&f, "127.0.0.1", SBX_PROTO_TCP, 8080));
	for (unsigned int i = 1; i < SBX_GUARD_MAX_; i++)
		assert_true(f.compiled->job.guards[i] >= SBX_ACTION_DENY ||
			    i == SBX_GUARD_ANON_EXEC);
}

static void secrets_stay_closed_where_a_policy_opens_the_home(void **state)
{
	static const char text[] = HEAD "extends: base\nfilesystem:\n  rules:\n"
					"    - {allow: rwx, paths: [/, ~, /root, /home]}\n";
	static const char *const closed[] = {
		"/home/me/.ssh/id_ed25519",
		"/root/.aws/credentials",
		"/home/you/.gnupg/x",
		"/home/you/.bash_history",
		"/home/me/.netrc",
		"/home/me/.mozilla/x",
		"/root/.config/gcloud/creds",
		"/home/me/src/.env",
		"/etc/ssh/ssh_host_rsa_key",
		"/srv/id_rsa",
		"/run/user/1000/bus",
		"/proc/1/environ",
		"/var/lib/docker/x",
		"/run/docker.sock",
	};
	FIXTURE f = fixture_good(text);

	(void)state;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(closed); i++) {
		if (!may_none(&f, closed[i], SBX_RIGHT_READ))
			fail_msg("%s can be read", closed[i]);
	}
	assert_true(may(&f, "/home/me/src/x", RWX));
	assert_true(may(&f, "/home/me/.bashrc", SBX_RIGHT_READ));
	assert_true(may_none(&f, "/home/you/.bashrc", SBX_RIGHT_WRITE | SBX_RIGHT_DELETE));
	assert_true(may(&f, "/home/me/.ssh/known_hosts", SBX_RIGHT_READ));
	assert_true(may_none(&f, "/home/me/.ssh/known_hosts", SBX_RIGHT_WRITE));
	assert_true(may_none(&f, "/usr/bin/sh", SBX_RIGHT_WRITE));
	assert_true(may(&f, "/etc/ssl/cert.pem", SBX_RIGHT_READ));
}

/* Each level refuses what the one before refuses, and something more. */
static void levels_get_stricter(void **state)
{
	static const char *const levels[] = { "none", "basic", "moderate", "strict", "paranoid" };
	/* the number of levels, from `none` on, that allow it */
	static const struct {
		const char *path;
		unsigned int right;
		size_t allowed;
	} rows[] = {
		{ "/etc/shadow", SBX_RIGHT_READ, 1 },
		{ "/usr/bin/x", SBX_RIGHT_CREATE, 1 },
		{ "/home/you/.ssh/id_ed25519", SBX_RIGHT_READ, 1 },
		{ "/srv/data", SBX_RIGHT_WRITE, 2 },
		{ "/srv/data", SBX_RIGHT_READ, 3 },
		{ "/work/a.out", SBX_RIGHT_EXEC, 4 },
		{ "/proc/stat", SBX_RIGHT_READ, 4 },
		{ "/work/out", SBX_RIGHT_WRITE, 5 },
		{ "/usr/bin/gcc", SBX_RIGHT_EXEC, 5 },
	};
	static const struct {
		const char *address;
		size_t allowed;
	} nets[] = { { "169.254.169.254", 1 }, { "8.8.8.8", 2 }, { "10.0.0.1", 3 } };

	(void)state;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(levels); i++) {
		FIXTURE f = load(levels[i]);

		for (size_t j = 0; j < SBX_ARRAY_SIZE(rows); j++) {
			if (may(&f, rows[j].path, rows[j].right) != (i < rows[j].allowed))
				fail_msg("%s: %s", levels[i], rows[j].path);
		}
		for (size_t j = 0; j < SBX_ARRAY_SIZE(nets); j++) {
			if (connects(&f, nets[j].address, SBX_PROTO_TCP, 80) !=
			    (i < nets[j].allowed))
				fail_msg("%s: %s", levels[i], nets[j].address);
		}
	}
}

static void agents_and_ci_jobs_keep_to_loopback_and_names(void **state)
{
	static const char *const names[] = { "coding-agent", "ci-job" };

	(void)state;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(names); i++) {
		FIXTURE f = load(names[i]);

		assert_true(may(&f, "/work/a.out", RW | SBX_RIGHT_EXEC));
		assert_true(may_none(&f, "/work/sub/.git/hooks/x", SBX_RIGHT_WRITE));
		assert_true(may(&f, "/work/sub/.git/index", RW));
		assert_true(may_none(&f, "/home/me/.ssh/id_ed25519", SBX_RIGHT_READ));
		assert_true(connects(&f, "127.0.0.1", SBX_PROTO_TCP, 3000));
		assert_false(connects(&f, "127.0.0.1", SBX_PROTO_TCP, 22));
		assert_false(connects(&f, "192.0.2.1", SBX_PROTO_TCP, 443));
		assert_true(listens(&f, "127.0.0.1", SBX_PROTO_TCP, 3000));
	}
}

static void python_untrusted_runs_one_interpreter(void **state)
{
	FIXTURE f = load("python-untrusted");

	(void)state;
	assert_true(may(&f, "/usr/bin/python3.11", SBX_RIGHT_EXEC));
	assert_true(may(&f, "/usr/lib/x86_64-linux-gnu/libc.so.6", SBX_RIGHT_EXEC));
	assert_true(may_none(&f, "/usr/bin/dash", SBX_RIGHT_EXEC));
	assert_true(may_none(&f, "/usr/local/bin/tool", SBX_RIGHT_EXEC));
	assert_true(may(&f, "/work/script.py", SBX_RIGHT_READ));
	assert_true(may_none(&f, "/work/script.py", SBX_RIGHT_WRITE));
	assert_true(may(&f, "/work/out/x", SBX_RIGHT_WRITE | SBX_RIGHT_CREATE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strict_lets_a_build_run),
		cmocka_unit_test(strict_refuses_the_rest),
		cmocka_unit_test(levels_get_stricter),
		cmocka_unit_test(agents_and_ci_jobs_keep_to_loopback_and_names),
		cmocka_unit_test(python_untrusted_runs_one_interpreter),
		cmocka_unit_test(secrets_stay_closed_where_a_policy_opens_the_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
