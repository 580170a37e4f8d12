// SPDX-License-Identifier: GPL-2.0-only
/* One event -> one JSON object: a golden line for each kind of object, and hostile bytes. */
#include "audit_fixture.h"

/* The object without its time, as one line; the caller frees it. */
static char *line_of(const struct sbx_event *event, size_t size)
{
	const struct sbx_audit_options options = fixture_options(NULL);
	json_t *json = sbx_event_to_json(event, size, &options);
	char *line;

	assert_non_null(json);
	assert_int_equal(strlen(json_string_value(json_object_get(json, "ts"))), 27);
	assert_int_equal(json_object_del(json, "ts"), 0);
	line = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return line;
}

static void assert_line(struct sbx_event *event, size_t size, const char *want)
{
	char *line = line_of(event, size);

	assert_string_equal(line, want);
	free(line);
	free(event);
}

#define HEAD                                                                                   \
	"{\"schema\":\"sbx-bpf/event/1\",\"seq\":1,\"job\":\"build-7\",\"policy\":\"strict\"," \
	"\"cgroup\":\"/sys/fs/cgroup/sbx-bpf/build-7\","
#define PROCESS                                                                       \
	"\"process\":{\"pid\":100,\"tid\":101,\"ppid\":99,\"uid\":1000,\"gid\":1001," \
	"\"comm\":\"cat\",\"exe\":\"/usr/bin/cat\"},"

static void a_refused_path_is_one_object_with_its_line(void **state)
{
	size_t size;
	struct sbx_event *event = fixture_shadow(1, &size);

	(void)state;
	assert_line(event, size,
		    HEAD "\"type\":\"violation\",\"op\":\"open\",\"verdict\":\"denied\","
			 "\"reason\":\"rule\",\"rights\":[\"read\"],\"rule\":\"strict.yaml:14\","
			 "\"rule_text\":\"deny read /etc/shadow\","
			 "\"object\":{\"path\":\"/etc/shadow\"}," PROCESS
			 "\"hook\":\"file_open\",\"errno\":\"EACCES\"}");
}

static void a_refused_address_names_address_port_and_protocol(void **state)
{
	size_t size;
	struct sbx_event *event = fixture_connect(1, "10.1.2.3", 9999, &size);

	(void)state;
	event->rule = 0;
	assert_line(event, size,
		    HEAD "\"type\":\"violation\",\"op\":\"connect\",\"verdict\":\"denied\","
			 "\"reason\":\"rule\",\"rule\":\"strict.yaml:31\","
			 "\"rule_text\":\"allow out 10.0.0.0/8\","
			 "\"object\":{\"address\":\"10.1.2.3\",\"port\":9999,\"protocol\":\"tcp\","
			 "\"family\":\"inet\",\"socket\":\"stream\"}," PROCESS
			 "\"hook\":\"connect4, connect6, socket_connect\",\"errno\":\"EACCES\"}");
}

static void an_ipv6_address_is_written_short(void **state)
{
	size_t size;
	struct sbx_event *event = fixture_connect(1, "2001:db8::1", 53, &size);
	char *line;

	(void)state;
	event->obj.address.sock_type = SOCK_DGRAM;
	line = line_of(event, size);
	assert_non_null(strstr(line, "\"object\":{\"address\":\"2001:db8::1\",\"port\":53,"
				     "\"protocol\":\"udp\",\"family\":\"inet6\","));
	free(line);
	free(event);
}

static void a_refused_socket_has_no_address(void **state)
{
	size_t size;
	struct sbx_event *event = fixture_connect(1, "0.0.0.0", 0, &size);
	char *line;

	(void)state;
	event->op = SBX_OP_SOCKET;
	event->reason = SBX_REASON_FAMILY;
	event->obj.address.family = AF_NETLINK;
	event->obj.address.sock_type = SOCK_RAW;
	event->obj.address.protocol = 6; /* not TCP: netlink numbers its own */
	line = line_of(event, size);
	assert_non_null(strstr(line, "\"object\":{\"protocol\":\"6\",\"family\":\"netlink\","
				     "\"socket\":\"raw\"}"));
	free(line);
	free(event);
}

static void a_refused_signal_names_target_and_signal(void **state)
{
	size_t size;
	struct sbx_event *event = fixture_event(1, "", 0, &size);

	(void)state;
	event->op = SBX_OP_SIGNAL;
	event->guard = SBX_GUARD_SIGNAL_OUTSIDE;
	event->reason = SBX_REASON_GUARD;
	event->rights = 0;
	event->object = SBX_OBJECT_PROCESS;
	event->error = EPERM;
	event->obj.process.pid = 1;
	event->obj.process.detail = 9;
	memcpy(event->obj.process.comm, "systemd", 8);
	assert_line(event, size,
		    HEAD
		    "\"type\":\"escape\",\"op\":\"signal\",\"verdict\":\"denied\","
		    "\"reason\":\"guard\",\"guard\":\"signal_outside\",\"severity\":3,"
		    "\"rule\":\"built in\",\"object\":{\"pid\":1,\"comm\":\"systemd\",\"uid\":0,"
		    "\"signal\":9,\"signal_name\":\"KILL\"}," PROCESS
		    "\"hook\":\"task_kill, file_fcntl, file_ioctl\",\"errno\":\"EPERM\"}");
}

static void an_escape_attempt_has_guard_and_severity(void **state)
{
	size_t size;
	struct sbx_event *event = fixture_mount(1, &size);
	char *line = line_of(event, size);

	(void)state;
	assert_non_null(strstr(line, "\"type\":\"escape\",\"op\":\"mount\",\"verdict\":\"killed\","
				     "\"reason\":\"guard\",\"guard\":\"mount\",\"severity\":4,"
				     "\"rule\":\"strict.yaml:40\","
				     "\"rule_text\":\"guards.mount: kill\""));
	free(line);
	free(event);
}

static void a_number_is_an_object_too(void **state)
{
	size_t size;
	struct sbx_event *event = fixture_event(1, "", 0, &size);
	char *line;

	(void)state;
	event->op = SBX_OP_BPF;
	event->object = SBX_OBJECT_NUMBER;
	event->obj.number = 5;
	line = line_of(event, size);
	assert_non_null(strstr(line, "\"object\":{\"number\":5}"));
	free(line);
	event->obj.number = UINT64_MAX; /* JSON readers would round it */
	line = line_of(event, size);
	assert_non_null(strstr(line, "\"object\":{\"number\":\"18446744073709551615\"}"));
	free(line);
	free(event);
}

static void the_kernels_state_is_no_line_of_the_policy(void **state)
{
	size_t size;
	struct sbx_event *event = fixture_shadow(1, &size);
	char *line;

	(void)state;
	event->reason = SBX_REASON_TOO_DEEP;
	line = line_of(event, size);
	assert_non_null(strstr(line, "\"reason\":\"too-deep\""));
	assert_non_null(strstr(line, "\"rule\":\"built in\""));
	free(line);
	free(event);
}

static void flags_appear_only_when_they_are_true(void **state)
{
	size_t size;
	struct sbx_event *event = fixture_shadow(1, &size);
	char *line = line_of(event, size);

	(void)state;
	assert_null(strstr(line, "truncated"));
	assert_null(strstr(line, "unreadable"));
	free(line);
	event->flags = SBX_EVENT_TRUNCATED | SBX_EVENT_EXE_TRUNCATED | SBX_EVENT_UNREADABLE |
		       SBX_EVENT_TARGET;
	line = line_of(event, size);
	assert_non_null(strstr(line, "{\"path\":\"/etc/shadow\",\"path_truncated\":true,"
				     "\"unreadable\":true,\"new_name\":true}"));
	assert_non_null(strstr(line, "\"exe_truncated\":true}"));
	free(line);
	free(event);
}

static void assert_path(const char *raw, size_t len, const char *shown, const char *hex)
{
	const struct sbx_audit_options options = fixture_options(NULL);
	size_t size;
	struct sbx_event *event = fixture_event(1, raw, len, &size);
	json_t *json = sbx_event_to_json(event, size, &options);
	const json_t *object = json_object_get(json, "object");
	const json_t *bytes = json_object_get(object, "path_bytes");

	assert_string_equal(json_string_value(json_object_get(object, "path")), shown);
	if (hex)
		assert_string_equal(json_string_value(bytes), hex);
	else
		assert_null(bytes);
	json_decref(json);
	free(event);
}

static void text_is_written_as_it_is(void **state)
{
	(void)state;
	assert_path("/a b", 4, "/a b", NULL);
	assert_path("/\"q\"\\", 5, "/\"q\"\\", NULL);
	assert_path("/\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 10,
		    "/\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", NULL);
}

static void bytes_that_are_no_text_survive_in_hex(void **state)
{
	(void)state;
	assert_path("/\xff\\", 3, "/\\xff\\\\", "2fff5c");
	assert_path("/\xc0\xaf", 3, "/\\xc0\\xaf", "2fc0af");		 /* overlong */
	assert_path("/\xed\xa0\x80", 4, "/\\xed\\xa0\\x80", "2feda080"); /* surrogate */
	assert_path("/\xf4\x90\x80\x80", 5, "/\\xf4\\x90\\x80\\x80", "2ff4908080");
	assert_path("/\xe2\x82", 3, "/\\xe2\\x82", "2fe282"); /* cut short */
	assert_path("/a\0b", 4, "/a\\x00b", "2f610062");
}

static void nothing_that_drives_a_terminal_is_written(void **state)
{
	(void)state;
	assert_path("/\x1b[2J", 5, "/\\x1b[2J", "2f1b5b324a");
	assert_path("/a\nb", 4, "/a\\x0ab", "2f610a62");
	assert_path("/\x7f", 2, "/\\x7f", "2f7f");
	assert_path("/\xc2\x9b", 3, "/\\u{9b}", "2fc29b");	   /* C1: CSI */
	assert_path("/\xe2\x80\xae", 4, "/\\u{202e}", "2fe280ae"); /* right-to-left override */
	assert_path("/\xe2\x80\x8b", 4, "/\\u{200b}", "2fe2808b"); /* zero width */
	assert_path("/\xf3\xa0\x80\xa1", 5, "/\\u{e0021}", "2ff3a080a1"); /* tag character */
}

static void lengths_that_lie_are_cut_to_the_record(void **state)
{
	size_t size;
	struct sbx_event *event = fixture_shadow(1, &size);
	char *line;

	(void)state;
	event->path_len = UINT16_MAX;
	event->exe_len = UINT16_MAX;
	line = line_of(event, size);
	assert_non_null(strstr(line, "\"path\":\"/etc/shadow\",\"path_truncated\":true"));
	assert_non_null(strstr(line, "\"exe_truncated\":true"));
	free(line);
	free(event);
}

static void a_record_that_is_too_short_is_no_event(void **state)
{
	const struct sbx_audit_options options = fixture_options(NULL);
	size_t size;
	struct sbx_event *event = fixture_shadow(1, &size);

	(void)state;
	assert_null(sbx_event_to_json(event, sizeof(*event) - 1, &options));
	free(event);
}

static void numbers_without_a_word_do_no_harm(void **state)
{
	const struct sbx_audit_options options = { 0 };
	json_t *json;
	struct sbx_event *event = calloc(1, sizeof(*event) + 8);

	(void)state;
	memset(event, 0xff, sizeof(*event) + 8);
	json = sbx_event_to_json(event, sizeof(*event) + 8, &options);
	assert_non_null(json);
	assert_string_equal(json_string_value(json_object_get(json, "op")), "unknown");
	json_decref(json);
	free(event);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refused_path_is_one_object_with_its_line),
		cmocka_unit_test(a_refused_address_names_address_port_and_protocol),
		cmocka_unit_test(an_ipv6_address_is_written_short),
		cmocka_unit_test(a_refused_socket_has_no_address),
		cmocka_unit_test(a_refused_signal_names_target_and_signal),
		cmocka_unit_test(an_escape_attempt_has_guard_and_severity),
		cmocka_unit_test(a_number_is_an_object_too),
		cmocka_unit_test(the_kernels_state_is_no_line_of_the_policy),
		cmocka_unit_test(flags_appear_only_when_they_are_true),
		cmocka_unit_test(text_is_written_as_it_is),
		cmocka_unit_test(bytes_that_are_no_text_survive_in_hex),
		cmocka_unit_test(nothing_that_drives_a_terminal_is_written),
		cmocka_unit_test(lengths_that_lie_are_cut_to_the_record),
		cmocka_unit_test(a_record_that_is_too_short_is_no_event),
		cmocka_unit_test(numbers_without_a_word_do_no_harm),
	};

	return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
