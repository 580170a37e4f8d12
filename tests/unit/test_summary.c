// SPDX-License-Identifier: GPL-2.0-only
/* The tally, what a person reads of it, and what each kind of refusal says would allow it. */
#include "audit_fixture.h"

#include "audit/tally.h"

static struct sbx_tally *tally_new(const char *path)
{
	const struct sbx_audit_options options = fixture_options(path);
	struct sbx_tally *tally = NULL;

	assert_int_equal(sbx_tally_new(&options, &tally), 0);
	return tally;
}

/* Counts one event and frees it. */
static void add(struct sbx_tally *tally, struct sbx_event *event, size_t size)
{
	sbx_tally_add(tally, event, size);
	free(event);
}

static char *print(const struct sbx_tally *tally, const struct sbx_job_state *state, bool color,
		   bool always)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	sbx_summary_print(tally, state, "build-7", color, always, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void the_summary_reads_as_promised(void **state)
{
	struct sbx_tally *tally = tally_new("/var/lib/sbx-bpf/build-7.jsonl");
	struct sbx_job_state counters = { .refused = 4, .escapes[SBX_GUARD_MOUNT] = 1 };
	struct sbx_event *event;
	size_t size;
	char *text;

	(void)state;
	event = fixture_shadow(1, &size);
	sbx_tally_add(tally, event, size);
	add(tally, event, size);
	event = fixture_connect(3, "127.0.0.1", 9999, &size);
	add(tally, event, size);
	event = fixture_mount(4, &size);
	add(tally, event, size);
	text = print(tally, &counters, false, false);
	assert_string_equal(
		text,
		"sbx-bpf: job build-7: 3 refusals, 1 escape attempt "
		"(log: /var/lib/sbx-bpf/build-7.jsonl)\n"
		"  1x  ESCAPE mount  /mnt                strict.yaml:40  guards.mount: kill "
		"(severity 4, killed)\n"
		"      to allow: guards {mount: allow} (then the job may do this: mounting, "
		"unmounting, moving or remounting a filesystem, pivot_root)\n"
		"  2x  read          /etc/shadow         strict.yaml:14  deny read /etc/shadow\n"
		"      to allow: remove the deny at strict.yaml:14 (at the same path it beats any "
		"allow)\n"
		"  1x  connect       tcp 127.0.0.1:9999  strict.yaml:20  mode: filtered\n"
		"      to allow: network rule {allow: {to: [127.0.0.1], ports: [9999], protocols: "
		"[tcp]}}\n");
	free(text);
	sbx_tally_free(tally);
}

static void nothing_refused_prints_nothing_unless_asked(void **state)
{
	struct sbx_tally *tally = tally_new(NULL);
	const struct sbx_job_state counters = { 0 };
	char *text = print(tally, &counters, false, false);

	(void)state;
	assert_string_equal(text, "");
	free(text);
	text = print(tally, &counters, false, true);
	assert_string_equal(text, "sbx-bpf: job build-7: nothing was refused\n");
	free(text);
	sbx_tally_free(tally);
}

static void refusals_without_a_record_are_not_hidden(void **state)
{
	struct sbx_tally *tally = tally_new(NULL);
	const struct sbx_job_state counters = { .refused = 3, .lost = 1, .limited = 2 };
	char *text = print(tally, &counters, false, false);

	(void)state;
	assert_string_equal(text, "sbx-bpf: job build-7: 3 refusals\n"
				  "  1 record was lost: the job was faster than the log\n"
				  "  2 more were counted, not recorded (audit.rate)\n");
	free(text);
	sbx_tally_free(tally);
}

static void many_kinds_are_bounded_and_all_counted(void **state)
{
	struct sbx_tally *tally = tally_new("/l");
	const struct sbx_tally_row *rows = NULL;
	__u64 sum = 0;
	size_t n;
	char *text;

	(void)state;
	for (__u64 i = 0; i < 5000; i++) {
		char path[32];
		size_t size;
		struct sbx_event *event;

		(void)snprintf(path, sizeof(path), "/tmp/%llu", (unsigned long long)(i % 1000));
		event = fixture_event(i + 1, path, strlen(path), &size);
		add(tally, event, size);
	}
	n = sbx_tally_rows(tally, &rows);
	assert_int_equal(n, 201);
	for (size_t i = 0; i < n; i++)
		sum += rows[i].count;
	assert_int_equal(sum, 5000);
	text = print(tally, NULL, false, false);
	assert_non_null(strstr(text, "  and 189 more kinds, see the log\n"));
	free(text);
	sbx_tally_free(tally);
}

static void colour_comes_only_when_asked_for(void **state)
{
	struct sbx_tally *tally = tally_new(NULL);
	struct sbx_event *event;
	size_t size;
	char *text;

	(void)state;
	event = fixture_mount(1, &size);
	add(tally, event, size);
	text = print(tally, NULL, true, false);
	assert_non_null(strchr(text, '\x1b'));
	free(text);
	text = print(tally, NULL, false, false);
	assert_null(strchr(text, '\x1b'));
	free(text);
	sbx_tally_free(tally);
}

static void no_name_drives_the_terminal(void **state)
{
	static const char name[] = "/\x1b]0;x\x07\xc2\x9b\xff\n\xe2\x80\xae";
	struct sbx_tally *tally = tally_new("/tmp/\x1b[2Jlog");
	struct sbx_event *event;
	size_t size;
	char *text;

	(void)state;
	event = fixture_event(1, name, sizeof(name) - 1, &size);
	event->node = 0;
	add(tally, event, size);
	event = fixture_event(2, "", 0, &size);
	event->op = SBX_OP_SIGNAL;
	event->object = SBX_OBJECT_PROCESS;
	memcpy(event->obj.process.comm, "a\x1b[1mb", 7);
	add(tally, event, size);
	text = print(tally, NULL, false, false);
	for (const char *at = text; *at; at++)
		assert_true(*at == '\n' || (*at >= 0x20 && *at < 0x7f));
	assert_non_null(strstr(text, "/\\x1b]0;x\\x07\\u{9b}\\xff\\x0a\\u{202e}"));
	free(text);
	sbx_tally_free(tally);
}

static void a_long_path_is_shortened_in_the_middle(void **state)
{
	static const char path[] =
		"/home/somebody/projects/something/very/deep/indeed/node_modules/"
		"left-pad/index.js";
	struct sbx_tally *tally = tally_new(NULL);
	struct sbx_event *event;
	size_t size;
	char *text;

	(void)state;
	event = fixture_event(1, path, sizeof(path) - 1, &size);
	add(tally, event, size);
	text = print(tally, NULL, false, false);
	assert_non_null(strstr(text, "  /home/somebod...de_modules/left-pad/index.js "));
	free(text);
	sbx_tally_free(tally);
}

static void audit_mode_says_what_would_have_been(void **state)
{
	struct sbx_compiled compiled = *fixture_compiled();
	struct sbx_audit_options options = fixture_options(NULL);
	const struct sbx_job_state counters = { .refused = 1 };
	struct sbx_tally *tally = NULL;
	char *text;

	(void)state;
	compiled.job.mode = SBX_MODE_AUDIT;
	options.compiled = &compiled;
	assert_int_equal(sbx_tally_new(&options, &tally), 0);
	text = print(tally, &counters, false, false);
	assert_string_equal(text, "sbx-bpf: job build-7: 1 operation would have been refused "
				  "(mode: audit)\n");
	free(text);
	sbx_tally_free(tally);
}

/* --- what would allow it ----------------------------------------------------------------- */

static void assert_remedy(struct sbx_event *event, size_t size, const char *want)
{
	struct sbx_buf buf = { 0 };

	sbx_remedy_put(&buf, fixture_compiled(), event, size);
	assert_non_null(buf.text);
	assert_string_equal(buf.text, want);
	sbx_buf_free(&buf);
	free(event);
}

static void assert_path_remedy(const char *path, unsigned int rights, const char *want)
{
	size_t size;
	struct sbx_event *event = fixture_event(1, path, strlen(path), &size);

	event->node = 0;
	event->rights = rights;
	assert_remedy(event, size, want);
}

static void a_path_needs_just_the_missing_rights(void **state)
{
	const unsigned int rw = SBX_RIGHT_READ | SBX_RIGHT_LIST | SBX_RIGHT_WRITE |
				SBX_RIGHT_CREATE | SBX_RIGHT_DELETE | SBX_RIGHT_ATTR;

	(void)state;
	assert_path_remedy("/srv/a", SBX_RIGHT_READ,
			   "filesystem rule {allow: read, paths: [/srv/a]}");
	assert_path_remedy("/srv/a", SBX_RIGHT_CREATE | SBX_RIGHT_WRITE,
			   "filesystem rule {allow: [write, create], paths: [/srv/a]}");
	assert_path_remedy("/srv/a", rw, "filesystem rule {allow: rw, paths: [/srv/a]}");
	assert_path_remedy("/run/x.sock", SBX_RIGHT_CONNECT,
			   "filesystem rule {allow: connect, paths: [/run/x.sock]}");
}

static void a_path_is_written_as_yaml_takes_it(void **state)
{
	(void)state;
	assert_path_remedy("/srv/a, b: \"c\\", SBX_RIGHT_READ,
			   "filesystem rule {allow: read, paths: [\"/srv/a, b: \\\"c\\\\\"]}");
	assert_path_remedy(
		"/srv/*/x", SBX_RIGHT_READ,
		"filesystem rule {allow: read, paths: [/srv]} (a policy cannot spell the "
		"name itself)");
	assert_path_remedy(
		"/srv/\xff", SBX_RIGHT_READ,
		"filesystem rule {allow: read, paths: [/srv]} (a policy cannot spell the "
		"name itself)");
}

static void no_advice_opens_the_whole_tree(void **state)
{
	(void)state;
	assert_path_remedy("/\xff", SBX_RIGHT_READ,
			   "nothing: a policy cannot spell its name, and only \"/\" is above");
}

static void a_deny_above_yields_to_a_more_specific_allow(void **state)
{
	size_t size;
	struct sbx_event *event = fixture_event(1, "/etc/shadow/x", 13, &size);

	(void)state;
	assert_remedy(event, size, "filesystem rule {allow: read, paths: [/etc/shadow/x]}");
}

static void listening_has_its_own_key(void **state)
{
	size_t size;
	struct sbx_event *event = fixture_connect(1, "::1", 8080, &size);

	(void)state;
	event->op = SBX_OP_BIND;
	assert_remedy(event, size, "network listen: {to: [\"::1\"], ports: [8080]}");
}

static void a_family_is_opened_by_the_mode_or_by_name(void **state)
{
	size_t size;
	struct sbx_event *event = fixture_connect(1, "0.0.0.0", 0, &size);

	(void)state;
	event->op = SBX_OP_SOCKET;
	event->reason = SBX_REASON_FAMILY;
	event->obj.address.family = AF_NETLINK;
	assert_remedy(event, size,
		      "network families: [netlink-route] (questions about interfaces, addresses "
		      "and routes), or [netlink] (all of it)");
	event = fixture_connect(1, "0.0.0.0", 0, &size);
	event->op = SBX_OP_SOCKET;
	event->reason = SBX_REASON_FAMILY;
	event->obj.address.family = AF_KCM;
	assert_remedy(event, size, "network families: [kcm]");
	event = fixture_connect(1, "0.0.0.0", 0, &size);
	event->op = SBX_OP_SOCKET;
	event->reason = SBX_REASON_FAMILY;
	event->obj.address.protocol = IPPROTO_ICMP;
	assert_remedy(event, size,
		      "network rule {allow: {to: [...], protocols: [icmp]}} for each destination");
	event = fixture_connect(1, "0.0.0.0", 0, &size);
	event->op = SBX_OP_SOCKET;
	event->reason = SBX_REASON_FAMILY;
	assert_remedy(event, size,
		      "network {mode: filtered}, and a rule {allow: {to: [...], ports: [...]}} for "
		      "each destination");
}

static void every_refusal_says_something(void **state)
{
	(void)state;
	for (__u16 reason = 0; reason <= SBX_REASON_MAX_; reason++) {
		for (__u16 object = 0; object <= SBX_OBJECT_NUMBER + 1; object++) {
			for (__u16 guard = 0; guard <= SBX_GUARD_MAX_; guard++) {
				struct sbx_buf buf = { 0 };
				size_t size;
				struct sbx_event *event = fixture_shadow(1, &size);

				event->reason = reason;
				event->object = object;
				event->guard = guard;
				sbx_remedy_put(&buf, fixture_compiled(), event, size);
				assert_true(buf.len > 0);
				sbx_buf_free(&buf);
				free(event);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_summary_reads_as_promised),
		cmocka_unit_test(nothing_refused_prints_nothing_unless_asked),
		cmocka_unit_test(refusals_without_a_record_are_not_hidden),
		cmocka_unit_test(many_kinds_are_bounded_and_all_counted),
		cmocka_unit_test(colour_comes_only_when_asked_for),
		cmocka_unit_test(no_name_drives_the_terminal),
		cmocka_unit_test(a_long_path_is_shortened_in_the_middle),
		cmocka_unit_test(audit_mode_says_what_would_have_been),
		cmocka_unit_test(a_path_needs_just_the_missing_rights),
		cmocka_unit_test(a_path_is_written_as_yaml_takes_it),
		cmocka_unit_test(no_advice_opens_the_whole_tree),
		cmocka_unit_test(a_deny_above_yields_to_a_more_specific_allow),
		cmocka_unit_test(listening_has_its_own_key),
		cmocka_unit_test(a_family_is_opened_by_the_mode_or_by_name),
		cmocka_unit_test(every_refusal_says_something),
	};

	return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
