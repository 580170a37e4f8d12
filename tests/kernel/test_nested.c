// SPDX-License-Identifier: GPL-2.0-only
/* `run` within a job: the outer policy goes on, the inner one can only add to it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/start.h"

#define WORK T "/work"
#define BIN WORK "/sbx-bpf"
#define OUTER                                                     \
	"version: 1\nname: outer\nextends: [base]\nfilesystem:\n" \
	"  rules:\n    - {allow: [rw, exec], paths: " WORK "}\n"  \
	"    - {deny: [read], paths: " WORK "/closed}\n"          \
	"network: {mode: full}\n"
#define INNER(more)                                               \
	"version: 1\nname: inner\nextends: [base]\nfilesystem:\n" \
	"  rules:\n    - {allow: ro, paths: " WORK "}\n"          \
	"    - {allow: rw, paths: [" WORK "/out, " WORK "/closed]}\n" more

static void make_world(const char *inner)
{
	static const char *const copy[] = { "/bin/sh", "-c", "cp \"$SBX_BIN\" " BIN, NULL };

	make_all(WORK "/open", WORK "/closed", WORK "/out/f", NULL);
	make(WORK "/inner.yaml", inner);
	assert_int_equal(setenv("SBX_BIN", sbx_bin(), 1), 0);
	assert_int_equal(command(copy), 0);
}

/* A job under `policy` (text, or the name of a built-in) that runs `script` in WORK. */
static void run_outer(const char *policy, const char *script, struct run *ret_run)
{
	const char *argv[] = { "/bin/sh", "-c", script, NULL };
	struct start start = { .name = "outer", .argv = argv, .cwd = WORK };

	if (strchr(policy, '\n'))
		start.policy = policy;
	else
		start.policy_path = policy;
	do_run(&start, ret_run);
}

static void check_out(const struct run *run, const char *out)
{
	if (strcmp(run->out, out))
		fail_msg("\"%s\", not \"%s\": status %d: %s", run->out, out, run->status, run->err);
}

static void check_says(const char *where, const char *words)
{
	if (!strstr(where, words))
		fail_msg("\"%s\" is not in: %s", words, where);
}

#define ACTS                                                     \
	"cat open > /dev/null && echo yes || echo no; "          \
	"(echo x > open) 2> /dev/null && echo yes || echo no; "  \
	"(echo x > out/f) 2> /dev/null && echo yes || echo no; " \
	"cat closed 2> /dev/null && echo yes || echo no"

/* Refusals that name the path. */
static size_t count_path(const json_t *log, const char *path)
{
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(log); i++) {
		const json_t *object = json_object_get(json_array_get(log, i), "object");
		const char *got = json_string_value(json_object_get(object, "path"));

		n += got && !strcmp(got, path);
	}
	return n;
}

static void an_inner_policy_adds_and_never_widens(void **state)
{
	struct run run;

	(void)state;
	make_world(INNER("network: {mode: none}\n"));
	run_outer(OUTER, ACTS "; echo; " BIN " run -q -p inner.yaml -- sh -c '" ACTS "'", &run);
	check_out(&run, "yes\nyes\nyes\nno\n\nyes\nno\nyes\nno\n");
	/* What Landlock refuses makes no event; what the outer policy refuses does. */
	assert_int_equal(count_path(run.log, WORK "/closed"), 2);
	assert_int_equal(count_path(run.log, WORK "/open"), 0);
	/* Nor does setting it up fill the log: a few directories that the outer policy closes. */
	assert_true(count_records(run.log, "violation") < 20);
	free_run(&run);
}

static void an_inner_run_says_what_it_is(void **state)
{
	struct run run;
	json_t *result;
	json_t *isolation;

	(void)state;
	make_world(INNER("limits: {memory: 64M}\n"));
	run_outer(OUTER,
		  BIN " run -p inner.yaml --result out/r.json -- sh -c 'echo $SBX_BPF_JOB "
		      "$SBX_BPF_POLICY; exit 7'",
		  &run);
	assert_int_equal(run.status, 7);
	check_out(&run, "outer inner\n");
	check_says(run.err, "nested: job \"outer\" goes on as it is");
	check_says(run.err, "limits   memory (the outer job's holds)");
	result = json_load_file(WORK "/out/r.json", 0, NULL);
	assert_non_null(result);
	isolation = json_object_get(result, "isolation");
	assert_string_equal(json_string_value(json_object_get(isolation, "outer")), "outer");
	assert_string_equal(json_string_value(json_object_get(isolation, "files")), "landlock");
	assert_true(json_array_size(json_object_get(isolation, "not_enforced")) > 2);
	assert_true(json_is_null(json_object_get(json_object_get(result, "provenance"), "log")));
	json_decref(result);
	free_run(&run);
}

/* Of what only a cgroup or the engine can count the result says that it does not hold. */
static void an_inner_run_knows_which_limits_hold(void **state)
{
	static const char *const lost[] = { "memory", "cpuset", "violations", "disk_write" };
	struct run run;
	json_t *result, *limits;

	(void)state;
	make_world(INNER("limits: {memory: 64M, cpuset: 0, violations: 3, disk_write: 1M, "
			 "wall_time: 1h, open_files: 64}\n"));
	run_outer(OUTER, BIN " run -p inner.yaml --result out/r.json -- sh -c 'ulimit -n'", &run);
	check_out(&run, "64\n");
	result = json_load_file(WORK "/out/r.json", 0, NULL);
	limits = json_object_get(result, "limits");
	for (size_t i = 0; i < ARRAY_SIZE(lost); i++) {
		json_t *limit = json_object_get(limits, lost[i]);

		assert_true(json_is_false(json_object_get(limit, "kept")));
	}
	check_says(run.err, "limits   memory and 3 more (the outer job's holds)");
	assert_true(json_is_true(json_object_get(json_object_get(limits, "wall_time"), "kept")));
	assert_null(strstr(run.err, "limits   wall_time"));
	assert_null(strstr(run.err, "limits   open_files"));
	json_decref(result);
	free_run(&run);
}

static void sockets_are_closed_by_the_inner_policy(void **state)
{
	static const char python[] =
		"python3 -c 'import socket; socket.socket()' 2> /dev/null && echo yes || echo no; ";
	struct run run;

	(void)state;
	make_world(INNER("network: {mode: none}\n"));
	make(WORK "/act.sh", python);
	run_outer(OUTER, "sh act.sh; " BIN " run -q -p inner.yaml -- sh act.sh", &run);
	check_out(&run, "yes\nno\n");
	free_run(&run);
}

/* What each line of act.py asks for; nobody listens there. */
static const char sockets[] =
	"import socket, errno, os\n"
	"def say(r): print(errno.errorcode.get(r, 'ok'))\n"
	"def tcp(host='127.0.0.1'):\n"
	"    return socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET)\n"
	"def udp(): return socket.socket(type=socket.SOCK_DGRAM)\n"
	"def reach(s, *to): say(s.connect_ex(to))\n"
	"def bind(s, to):\n"
	"    try: s.bind(to); say(0)\n"
	"    except OSError as e: say(e.errno)\n"
	"    return s\n";

static void make_sockets(const char *acts)
{
	char text[2048];

	(void)snprintf(text, sizeof(text), "%s%s", sockets, acts);
	make(WORK "/act.py", text);
}

#define BOTH "python3 act.py; echo; " BIN " run -p inner.yaml -- python3 act.py"

/* Addresses are not told apart, nor is UDP looked at: what is not enforced says so. */
static void ports_of_tcp_are_kept_by_the_inner_policy(void **state)
{
	static const char *const says[] = {
		"files and ports of TCP by Landlock",
		"network  addresses, domains, and ports of all but TCP",
		"network  connecting by Multipath TCP, or by fast open before Linux 7.2 and 1 more",
	};
	struct run run;

	(void)state;
	skip_before(6, 7, "ports in Landlock");
	make_world(INNER("network:\n  mode: filtered\n  listen: {to: 127.0.0.1, ports: 8003}\n"
			 "  rules: [{allow: {to: 127.0.0.1, ports: 8001}}]\n"));
	make_sockets("reach(tcp(), '127.0.0.1', 8001)\nreach(tcp(), '127.0.0.2', 8001)\n"
		     "reach(tcp('::1'), '::1', 8001)\n"
		     "reach(tcp(), '127.0.0.1', 8002)\nreach(tcp('::1'), '::1', 8002)\n"
		     "reach(tcp(), '127.0.0.1', 8003)\nreach(udp(), '127.0.0.1', 8002)\n"
		     "bind(tcp(), ('127.0.0.1', 8003))\nbind(tcp(), ('127.0.0.1', 8004))\n"
		     "bind(tcp('::1'), ('::1', 8004))\nbind(tcp(), ('127.0.0.1', 8001))\n"
		     "bind(udp(), ('127.0.0.1', 8004))\n");
	run_outer(OUTER, BOTH, &run);
	check_out(&run, "ECONNREFUSED\nECONNREFUSED\nECONNREFUSED\nECONNREFUSED\nECONNREFUSED\n"
			"ECONNREFUSED\nok\nok\nok\nok\nok\nok\n\n"
			"ECONNREFUSED\nECONNREFUSED\nECONNREFUSED\nEACCES\nEACCES\n"
			"EACCES\nok\nok\nEACCES\nEACCES\nEACCES\nok\n");
	for (size_t i = 0; i < ARRAY_SIZE(says); i++)
		check_says(run.err, says[i]);
	free_run(&run);
}

/* Where no program judges addresses, what the inner policy allows must not get narrower. */
static void sockets_that_the_inner_policy_allows_are_left_alone(void **state)
{
	struct run run;

	(void)state;
	skip_before(6, 7, "ports in Landlock");
	make_world(INNER("network:\n  mode: filtered\n  dns: {servers: 127.0.0.1}\n"
			 "  rules: [{allow: {domains: example.com, ports: 8001}}]\n"));
	make_sockets("reach(tcp(), '127.0.0.1', 8001)\nreach(tcp(), '127.0.0.1', 53)\n"
		     "reach(bind(tcp(), ('', 0)), '127.0.0.1', 8001)\n"
		     "u = bind(socket.socket(socket.AF_UNIX), 'out/s')\nu.listen()\n"
		     "say(socket.socket(socket.AF_UNIX).connect_ex('out/s'))\n"
		     "os.unlink('out/s')\n"
		     "reach(tcp(), '127.0.0.1', 54)\nbind(tcp(), ('127.0.0.1', 8001))\n");
	run_outer(OUTER, BOTH, &run);
	check_out(&run, "ECONNREFUSED\nECONNREFUSED\nok\nECONNREFUSED\nok\nok\n"
			"ECONNREFUSED\nok\n\n"
			"ECONNREFUSED\nECONNREFUSED\nok\nECONNREFUSED\nok\nok\n"
			"EACCES\nEACCES\n");
	free_run(&run);
}

static void unix_sockets_of_the_outer_job_take_the_inner_policys_connect(void **state)
{
	struct run run;

	(void)state;
	skip_before(7, 1, "Unix sockets by path in Landlock");
	make_world(INNER("    - {allow: connect, paths: " WORK "/out/open}\n"
			 "network: {mode: none}\n"));
	make(WORK "/serve.py", "import socket, time\nheld = []\n"
			       "for name in 'out/open', 'out/shut':\n"
			       "    s = socket.socket(socket.AF_UNIX)\n"
			       "    s.bind(name)\n    s.listen()\n    held.append(s)\n"
			       "open('out/up', 'w').close()\ntime.sleep(60)\n");
	make(WORK "/act.py", "import socket, errno\n"
			     "def say(r): print(errno.errorcode.get(r, 'ok'))\n"
			     "for name in 'out/open', 'out/shut':\n"
			     "    say(socket.socket(socket.AF_UNIX).connect_ex(name))\n"
			     "s = socket.socket(socket.AF_UNIX)\ns.bind('out/own')\ns.listen()\n"
			     "say(socket.socket(socket.AF_UNIX).connect_ex('out/own'))\n");
	run_outer(OUTER,
		  "python3 serve.py & while [ ! -e out/up ]; do sleep 0.1; done; "
		  "python3 act.py; rm out/own; echo; " BIN " run -p inner.yaml -- python3 act.py",
		  &run);
	check_out(&run, "ok\nok\nok\n\nok\nEACCES\nok\n");
	assert_null(strstr(run.err, "Unix sockets by path"));
	free_run(&run);
}

/* A rule for each of 60,000 ports would take long, so that way stays open; the other does not. */
static void ports_that_are_too_many_are_told(void **state)
{
	struct run run;

	(void)state;
	skip_before(6, 7, "ports in Landlock");
	make_world(INNER("network:\n  mode: filtered\n"
			 "  rules: [{allow: {to: 127.0.0.1, ports: 1024-65535}}]\n"));
	make_sockets("reach(tcp(), '127.0.0.1', 8001)\nreach(tcp(), '127.0.0.1', 80)\n"
		     "bind(tcp(), ('127.0.0.1', 8001))\n");
	run_outer(OUTER, BOTH, &run);
	check_out(&run, "ECONNREFUSED\nECONNREFUSED\nok\n\n"
			"ECONNREFUSED\nECONNREFUSED\nEACCES\n");
	check_says(run.err, "network  ports that TCP connects to (too many");
	assert_null(strstr(run.err, "ports that TCP is bound to"));
	free_run(&run);
}

static void before_landlock_has_ports_all_are_open_and_told(void **state)
{
	struct run run;

	(void)state;
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) >=
	    4) { /* 1: the version is asked for */
		print_message("skip: expected: this kernel's Landlock has ports\n");
		skip();
	}
	make_world(INNER("network: {mode: filtered}\n"));
	make_sockets("reach(tcp(), '127.0.0.1', 8001)\nbind(tcp(), ('127.0.0.1', 8001))\n");
	run_outer(OUTER, BOTH, &run);
	check_out(&run, "ECONNREFUSED\nok\n\nECONNREFUSED\nok\n");
	check_says(run.err, "network  addresses, ports and domains of the families that are open");
	free_run(&run);
}

static void what_an_inner_run_started_ends_with_it(void **state)
{
	struct run run;

	(void)state;
	make_world(INNER("limits: {wall_time: 2s}\n"));
	run_outer(OUTER,
		  BIN " run -q -p inner.yaml -- sh -c 'setsid sleep 4711 & sleep 4711'; echo $?; "
		      "for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline 2> /dev/null; done | "
		      "grep -c 'sleep 471[1]'",
		  &run);
	check_out(&run, "124\n0\n");
	free_run(&run);
}

static void strict_and_moderate_let_it_run_in_them(void **state)
{
	static const char *const outer[] = { "strict", "moderate", "basic" };
	struct run run;

	(void)state;
	make_world(INNER(""));
	for (size_t i = 0; i < ARRAY_SIZE(outer); i++) {
		run_outer(outer[i],
			  BIN " run -q -p inner.yaml -- sh -c '(echo x > open) 2> /dev/null || "
			      "echo no; cat open'",
			  &run);
		check_out(&run, "no\nx\n");
		free_run(&run);
	}
}

static void a_kernel_of_its_own_cannot_be_had_within_a_job(void **state)
{
	struct run run;

	(void)state;
	make_world(INNER(""));
	run_outer(OUTER,
		  BIN " run --require kernel -p inner.yaml -- echo ran; echo $?; " BIN
		      " run --keep -p inner.yaml -- echo ran; echo $?",
		  &run);
	check_out(&run, "125\n125\n");
	check_says(run.err, "is not left for an engine of its own");
	free_run(&run);
}

/* Anybody can set variables: outside of a job they mean nothing. */
static void the_environment_alone_makes_no_job(void **state)
{
	struct run run;

	(void)state;
	make_world(INNER(""));
	assert_int_equal(setenv("SBX_BPF", "1", 1), 0);
	assert_int_equal(setenv("SBX_BPF_JOB", "other", 1), 0);
	run_outer(OUTER, ACTS, &run);
	(void)unsetenv("SBX_BPF");
	(void)unsetenv("SBX_BPF_JOB");
	check_out(&run, "yes\nyes\nyes\nno\n");
	assert_int_equal(count_path(run.log, WORK "/closed"), 1);
	assert_string_equal(result_text(&run, "isolation.outer"), "");
	free_run(&run);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		RUNS_TEST(an_inner_policy_adds_and_never_widens),
		RUNS_TEST(an_inner_run_says_what_it_is),
		RUNS_TEST(an_inner_run_knows_which_limits_hold),
		RUNS_TEST(sockets_are_closed_by_the_inner_policy),
		RUNS_TEST(ports_of_tcp_are_kept_by_the_inner_policy),
		RUNS_TEST(sockets_that_the_inner_policy_allows_are_left_alone),
		RUNS_TEST(unix_sockets_of_the_outer_job_take_the_inner_policys_connect),
		RUNS_TEST(ports_that_are_too_many_are_told),
		RUNS_TEST(before_landlock_has_ports_all_are_open_and_told),
		RUNS_TEST(what_an_inner_run_started_ends_with_it),
		RUNS_TEST(strict_and_moderate_let_it_run_in_them),
		RUNS_TEST(a_kernel_of_its_own_cannot_be_had_within_a_job),
		RUNS_TEST(the_environment_alone_makes_no_job),
	};

	return RUN_SUITE("nested", tests);
}
