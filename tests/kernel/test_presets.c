// SPDX-License-Identifier: GPL-2.0-only
/*
 * The built-in policies with a workload of their kind: what must run through runs through without a
 * refusal, and what must be refused is refused and logged.
 */
#include <stdio.h>
#include <string.h>

#include "lib/start.h"

#define WORK T "/work"

static const char hello[] = "#include <stdio.h>\nint main(void) { puts(\"built\"); return 0; }\n";
static const char makefile[] = "hello: hello.c\n\tgcc -O1 -o $@ $<\n";

/* A script run by sh in WORK under a preset. */
struct trial {
	const char *preset;
	const char *script;
	int status;
	const char *out; /* what it prints on standard output; NULL: anything */
	const char *
		refused; /* operation of a refusal in the log, or "guard NAME"; NULL: none at all */
};

static bool is_refused(const json_t *log, const char *what)
{
	bool guard = !strncmp(what, "guard ", 6);
	const char *key = guard ? "guard" : "op";
	const json_t *record;
	size_t i;

	json_array_foreach (log, i, record) {
		const char *word = json_string_value(json_object_get(record, key));

		if (word && !strcmp(word, guard ? what + 6 : what))
			return true;
	}
	return false;
}

static void check_row(const struct trial *row)
{
	const char *argv[] = { "/bin/sh", "-c", row->script, NULL };
	const struct start start = {
		.name = "preset", .policy_path = row->preset, .argv = argv, .cwd = WORK
	};
	struct run run;

	make(WORK "/hello.c", hello);
	make(WORK "/Makefile", makefile);
	make(WORK "/out/", NULL);
	do_run(&start, &run);
	if (run.status != row->status || (row->out && strcmp(run.out, row->out)))
		fail_msg("%s: %s: status %d, \"%s\": %s", row->preset, row->script, run.status,
			 run.out, run.err);
	if (row->refused && !is_refused(run.log, row->refused))
		fail_msg("%s: %s: no \"%s\" in the log: %s", row->preset, row->script, row->refused,
			 json_dumps(run.log, JSON_COMPACT));
	if (!row->refused && count_records(run.log, "violation"))
		fail_msg("%s: %s: refused: %s", row->preset, row->script,
			 json_dumps(run.log, JSON_COMPACT));
	free_run(&run);
}

static void check(const struct trial *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_row(&rows[i]);
}
#define CHECK(rows) check(rows, ARRAY_SIZE(rows))

#define BUILD "make -s hello && ./hello"

static void none_refuses_nothing_but_its_own_end(void **state)
{
	static const struct trial rows[] = {
		{ "none", BUILD, 0, "built\n", NULL },
		{ "none", "cat /etc/shadow > /dev/null; touch /usr/x && rm /usr/x && echo ok", 0,
		  "ok\n", NULL },
		{ "none", "unshare -m true && echo ok", 0, "ok\n", NULL },
		{ "none", "mkdir /sys/fs/cgroup/x || echo refused", 0, "refused\n",
		  "guard cgroup" },
	};

	(void)state;
	CHECK(rows);
}

static void basic_keeps_from_accidents(void **state)
{
	static const struct trial rows[] = {
		{ "basic", BUILD, 0, "built\n", NULL },
		{ "basic", "touch /home/user/x && rm /home/user/x && echo ok", 0, "ok\n", NULL },
		{ "basic", "touch /etc/x || echo refused", 0, "refused\n", "create" },
		{ "basic", "cat /etc/shadow || echo refused", 0, "refused\n", "open" },
		{ "basic", "mount -t tmpfs x /mnt || echo refused", 0, "refused\n", "guard mount" },
	};

	(void)state;
	CHECK(rows);
}

static void moderate_writes_its_own_folder_alone(void **state)
{
	static const struct trial rows[] = {
		{ "moderate", BUILD, 0, "built\n", NULL },
		{ "moderate",
		  "git init -q --template= sub && cd sub && cp ../hello.c . && git add hello.c && "
		  "git -c user.name=a -c user.email=b commit -qm x && git log --format=%s && "
		  "git config core.pager cat && git worktree add -q ../tree && ls ../tree",
		  0, "x\nhello.c\n", NULL },
		{ "moderate", "mkdir .git; echo x > .git/config || echo refused", 0, "refused\n",
		  "create" },
		{ "moderate", "mkdir -p .git/worktrees || echo refused", 0, "refused\n", "mkdir" },
		{ "moderate", "cat /etc/fstab /etc/debian_version > /dev/null 2>&1; echo ok", 0,
		  "ok\n", NULL },
		{ "moderate", "touch /home/user/x || echo refused", 0, "refused\n", "create" },
		{ "moderate", "cat /etc/shadow || echo refused", 0, "refused\n", "open" },
		{ "moderate",
		  "python3 -c \"import socket; socket.create_connection(('192.0.2.1',80),1)\" "
		  "2>&1 | tail -n 1",
		  0, "PermissionError: [Errno 13] Permission denied\n", "connect" },
	};

	(void)state;
	CHECK(rows);
}

#define CONNECT(address, port)                                                                \
	"python3 -c \"import socket; socket.create_connection(('" address "'," port "),1)\" " \
	"2>&1 | tail -n 1 | cut -d: -f1"

static void strict_works_in_its_own_folder(void **state)
{
	static const struct trial rows[] = {
		{ "strict", BUILD, 0, "built\n", NULL },
		{ "strict",
		  "mkdir -p .git/hooks && echo x > .git/hooks/post-commit || echo refused", 0,
		  "refused\n", "mkdir" },
		{ "strict", CONNECT("127.0.0.1", "8080"), 0, "ConnectionRefusedError\n", NULL },
		{ "strict", CONNECT("127.0.0.1", "8081"), 0, "PermissionError\n", "connect" },
		{ "strict", "touch /home/user/x || echo refused", 0, "refused\n", "create" },
		{ "strict", "cat /proc/1/environ || echo refused", 0, "refused\n", "open" },
		{ "strict", "mount -t tmpfs x /mnt; echo $?", 0, "137\n", "guard mount" },
	};

	(void)state;
	CHECK(rows);
}

/* Projects are cloned, built, tested and packaged; the machine's packages are left alone. */
static void coding_agent_edits_and_builds_one_project(void **state)
{
	static const char *const clone[] = {
		"/bin/sh", "-c",
		"mkdir -p " WORK "/repo && cd " WORK "/repo && git init -q --template= . && "
		"git config user.name a && git config user.email b && echo x > f && git add f && "
		"git commit -qm one",
		NULL
	};
	static const struct trial rows[] = {
		{ "coding-agent", BUILD, 0, "built\n", NULL },
		{ "coding-agent",
		  "python3 -c \"import os, zipfile; os.makedirs('pkg/a'); "
		  "open('pkg/a/__init__.py','w').write('x=1'); "
		  "zipfile.ZipFile('a.whl','w').write('pkg/a/__init__.py','a/__init__.py'); "
		  "zipfile.ZipFile('a.whl').extractall('site')\" && "
		  "PYTHONPATH=site python3 -c 'import a; print(a.x)'",
		  0, "1\n", NULL },
		{ "coding-agent",
		  "python3 -m http.server --bind 127.0.0.1 8123 > /dev/null 2>&1 & "
		  "for i in $(seq 50); do curl -s http://127.0.0.1:8123/hello.c && break; "
		  "sleep 0.2; done | head -c 8",
		  0, "#include", NULL },
		{ "coding-agent", "echo x > /etc/sources.list || echo refused", 0, "refused\n",
		  "create" },
		{ "coding-agent", "rm /usr/bin/git || echo refused", 0, "refused\n", "unlink" },
		{ "coding-agent",
		  "mkdir -p .git/hooks; echo x > .git/hooks/post-commit || echo "
		  "refused",
		  0, "refused\n", "mkdir" },
		/* A repository that was there: all but what git would run later. */
		{ "coding-agent",
		  "cd repo && echo y >> f && git add f && git commit -qm two && "
		  "git checkout -qb other && echo z >> f && git commit -qam three && "
		  "git checkout -q - && git merge -q other && git gc -q && git log --format=%s",
		  0, "three\ntwo\none\n", NULL },
		{ "coding-agent", "git -C repo config core.fsmonitor x || echo refused", 0,
		  "refused\n", "rename" },
		{ "coding-agent",
		  "git -C repo worktree add -q ../tree 2> /dev/null || echo refused", 0,
		  "refused\n", "mkdir" },
		{ "coding-agent", "echo x > repo/.git/config.worktree || echo refused", 0,
		  "refused\n", "create" },
		{ "coding-agent", CONNECT("192.0.2.1", "443"), 0, "PermissionError\n", "connect" },
	};

	(void)state;
	assert_int_equal(command(clone), 0);
	CHECK(rows);
}

static void ci_job_builds_and_tests(void **state)
{
	static const struct trial rows[] = {
		{ "ci-job", BUILD "; echo $CI", 0, "built\ntrue\n", NULL },
		{ "ci-job",
		  "git init -q --template= . && git add hello.c && git -c user.name=a -c "
		  "user.email=b commit -qm x && git log --format=%s",
		  0, "x\n", NULL },
		{ "ci-job", "cat /root/.ssh/id_ed25519 || echo refused", 0, "refused\n", "open" },
		{ "ci-job", CONNECT("169.254.169.254", "80"), 0, "PermissionError\n", "connect" },
		{ "ci-job", "kill -9 1 || echo refused", 0, NULL, "guard signal_outside" },
	};

	(void)state;
	CHECK(rows);
}

static void paranoid_runs_nothing_that_it_made(void **state)
{
	static const struct trial rows[] = {
		{ "paranoid",
		  "hostname; echo $$; ls /dev/shm | wc -l; echo x > /dev/shm/x; "
		  "cat /dev/shm/x",
		  0, "job\n2\n0\nx\n", NULL },
		{ "paranoid", "gcc -o hello hello.c && echo compiled", 0, "compiled\n", NULL },
		{ "paranoid", "gcc -o hello hello.c; ./hello", 126, "", "exec" },
		{ "paranoid",
		  "python3 -c 'import socket; socket.socket(socket.AF_INET)' 2>&1 | "
		  "tail -n 1 | cut -c -7",
		  0, "OSError\n", "socket" },
		{ "paranoid", "unshare -m true; while :; do :; done", 137, NULL,
		  "guard namespace" },
	};

	(void)state;
	CHECK(rows);
}

static void build_offline_builds_without_a_network(void **state)
{
	static const struct trial rows[] = {
		{ "build-offline", BUILD, 0, "built\n", NULL },
		{ "build-offline",
		  "python3 -c 'import socket; socket.socket(socket.AF_INET)' 2>&1 | tail -n 1 | "
		  "cut -c -7",
		  0, "OSError\n", "socket" },
		{ "build-offline", "cat /root/.ssh/id_ed25519 || echo refused", 0, "refused\n",
		  "open" },
	};

	(void)state;
	CHECK(rows);
}

#define PYTHON(code) "exec python3 -c '" code "'"

static void python_untrusted_computes_and_nothing_else(void **state)
{
	static const struct trial rows[] = {
		{ "python-untrusted",
		  PYTHON("import json, math, hashlib; open(\"out/x\", \"w\").write(\"1\"); "
			 "print(math.sqrt(16))"),
		  126, NULL, "exec" }, /* sh itself may not run */
	};
	static const char *const good[] = {
		"python3", "-c",
		"import json, math, hashlib; open('out/x','w').write('1'); "
		"print(math.sqrt(16))",
		NULL
	};
	static const char *const bad[] = { "python3", "-c",
					   "import os\n"
					   "def no(f):\n"
					   "  try:\n"
					   "    f(); print('got through')\n"
					   "  except OSError as e:\n"
					   "    print(e.errno)\n"
					   "no(lambda: open('hello.c', 'a'))\n"
					   "no(lambda: open('/etc/shadow'))\n"
					   "no(lambda: os.execv('/bin/sh', ['sh']))\n"
					   "import socket\n"
					   "no(lambda: socket.socket(socket.AF_INET))\n",
					   NULL };
	struct start start = { .name = "py", .policy_path = "python-untrusted", .cwd = WORK };
	struct run run;

	(void)state;
	CHECK(rows);
	start.argv = good;
	do_run(&start, &run);
	assert_string_equal(run.out, "4.0\n");
	assert_int_equal(count_records(run.log, "violation"), 0);
	free_run(&run);
	start.argv = bad;
	do_run(&start, &run);
	assert_string_equal(run.out, "13\n13\n13\n97\n");
	free_run(&run);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		RUNS_TEST(none_refuses_nothing_but_its_own_end),
		RUNS_TEST(basic_keeps_from_accidents),
		RUNS_TEST(moderate_writes_its_own_folder_alone),
		RUNS_TEST(strict_works_in_its_own_folder),
		RUNS_TEST(coding_agent_edits_and_builds_one_project),
		RUNS_TEST(ci_job_builds_and_tests),
		RUNS_TEST(paranoid_runs_nothing_that_it_made),
		RUNS_TEST(build_offline_builds_without_a_network),
		RUNS_TEST(python_untrusted_computes_and_nothing_else),
	};

	return RUN_SUITE("presets", tests);
}
