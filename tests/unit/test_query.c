// SPDX-License-Identifier: GPL-2.0-only
/* Questions about a policy, and the answers that the same entries give in the kernel. */
#include "policy_fixture.h"

#include <sys/socket.h>

#include "audit/audit.h"
#include "policy/query.h"

static const char policy[] =
	HEAD "name: t\n"
	     "filesystem:\n"
	     "  rules:\n"
	     "    - {allow: rw, paths: /work}\n"
	     "    - {deny: write, paths: /work/private}\n"
	     "network:\n"
	     "  mode: filtered\n"
	     "  families: [netlink]\n"
	     "  rules:\n"
	     "    - {allow: {to: 10.1.0.0/16, ports: 443, protocols: tcp}}\n"
	     "  listen: {to: \"::1\", ports: 53}\n"
	     "guards: {default: deny, ptrace: kill, chroot: allow, perf: log}\n";

/* All answers to one question, a line each: "allow read t.yaml:5". */
static void collect(const struct sbx_answer *answer, void *ctx)
{
	char *text = ctx;
	size_t len = strlen(text);

	(void)snprintf(text + len, 512 - len, "%s %s %s%s\n", answer->verdict, answer->act,
		       answer->rule, *answer->remedy ? " remedy" : "");
	assert_int_equal(answer->allowed, !*answer->remedy);
}

static const char *ask_of(const char *of, const char *question)
{
	static char text[512];
	FIXTURE f = fixture_good(of);
	sbx_cleanup(sbx_freep) struct sbx_event *event = NULL;
	struct sbx_error err = { 0 };
	size_t size = 0;

	text[0] = '\0';
	if (sbx_query_parse(question, &fixture_vars, NULL, NULL, &event, &size, &err))
		return "no question";
	assert_int_equal(sbx_explain(f.compiled, event, size, collect, text), 0);
	return text;
}

static const char *ask(const char *question)
{
	return ask_of(policy, question);
}

static void each_right_has_its_own_answer(void **state)
{
	(void)state;
	assert_string_equal(ask("read+write /work/private/x"),
			    "allow read t.yaml:5\ndeny write t.yaml:6 remedy\n");
	assert_string_equal(ask("exec /work/tool"), "deny exec built in remedy\n");
	assert_string_equal(ask("read a file with blanks"), "no question");
	assert_string_equal(ask("read ./a file with blanks"), "allow read t.yaml:5\n");
	assert_string_equal(ask("write ~/x"), "deny write built in remedy\n");
}

static void addresses_meet_the_rules_of_their_direction(void **state)
{
	(void)state;
	assert_string_equal(ask("connect tcp 10.1.2.3:443"), "allow connect t.yaml:11\n");
	assert_string_equal(ask("connect 10.1.2.3:443"), "allow connect t.yaml:11\n");
	assert_string_equal(ask("connect udp 10.1.2.3:443"), "deny connect t.yaml:8 remedy\n");
	assert_string_equal(ask("connect tcp [::ffff:10.1.2.3]:443"), "allow connect t.yaml:11\n");
	assert_string_equal(ask("bind udp [::1]:53"), "allow bind t.yaml:12\n");
	assert_string_equal(ask("connect udp [::1]:53"), "deny connect t.yaml:8 remedy\n");
}

/* A policy with domains: the line of the name's rule, also where it opens another port. */
static void names_are_answered_by_their_rules(void **state)
{
	static const char named[] =
		HEAD "network:\n"
		     "  mode: filtered\n"
		     "  rules:\n"
		     "    - allow: {domains: [example.com], ports: 443, protocols: tcp}\n"
		     "    - allow: {domains: [\"*.example.org\"], ports: [80, 8000-8999]}\n";
	static const struct {
		const char *question;
		const char *answer;
	} cases[] = {
		{ "connect tcp example.com:443", "allow connect t.yaml:5\n" },
		{ "connect tcp EXAMPLE.com.:443", "allow connect t.yaml:5\n" },
		{ "connect udp example.com:443", "deny connect t.yaml:5 remedy\n" },
		{ "connect tcp example.com:80", "deny connect t.yaml:5 remedy\n" },
		{ "send a.b.example.org:8080", "allow send t.yaml:6\n" },
		{ "connect tcp example.org:80", "deny connect t.yaml:3 remedy\n" },
		{ "resolve example.com", "allow resolve t.yaml:5\n" },
		{ "resolve www.example.com", "deny resolve t.yaml:3 remedy\n" },
	};

	(void)state;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(cases); i++)
		assert_string_equal(ask_of(named, cases[i].question), cases[i].answer);
	/* Without domains names are not judged: addresses are. */
	assert_string_equal(ask("resolve example.com"), "allow resolve t.yaml:8\n");
	assert_string_equal(ask("connect tcp example.com:443"), "deny connect t.yaml:8 remedy\n");
}

static void sockets_and_guards_are_answered(void **state)
{
	(void)state;
	assert_string_equal(ask("socket netlink"), "allow socket t.yaml:8\n");
	assert_string_equal(ask("socket netlink raw"), "allow socket t.yaml:8\n");
	assert_string_equal(ask("socket alg"), "deny socket t.yaml:8 remedy\n");
	assert_string_equal(ask("socket inet raw"), "deny raw_socket t.yaml:13 remedy\n");
	assert_string_equal(ask("ptrace"), "kill ptrace t.yaml:13 remedy\n");
	assert_string_equal(ask("chroot"), "allow chroot t.yaml:13\n");
	assert_string_equal(ask("perf"), "log perf t.yaml:13\n");
}

static void what_is_no_question_is_told_with_the_forms(void **state)
{
	static const char *const bad[] = { "",
					   " ",
					   "frob /x",
					   "read",
					   "connect",
					   "connect tcp 10.1.2.3",
					   "connect tcp 10.1.2.3:99999",
					   "connect sctp 10.1.2.3:1",
					   "connect tcp a b c",
					   "bind tcp nowhere:1",
					   "bind tcp example.com:1",
					   "connect tcp 1.2.3.4.5:1",
					   "connect tcp localhost:1",
					   "resolve",
					   "resolve *.example.com",
					   "resolve exa_mple..com",
					   "socket",
					   "socket foo",
					   "socket unix odd",
					   "ptracee",
					   "ptrace now" };

	(void)state;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(bad); i++) {
		struct sbx_error err = { 0 };
		struct sbx_event *event = NULL;
		size_t size = 0;

		assert_int_equal(
			sbx_query_parse(bad[i], &fixture_vars, NULL, NULL, &event, &size, &err),
			-EINVAL);
		assert_null(event);
		assert_non_null(strstr(err.cure, "RIGHT[+RIGHT...] PATH"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_right_has_its_own_answer),
		cmocka_unit_test(addresses_meet_the_rules_of_their_direction),
		cmocka_unit_test(names_are_answered_by_their_rules),
		cmocka_unit_test(sockets_and_guards_are_answered),
		cmocka_unit_test(what_is_no_question_is_told_with_the_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
