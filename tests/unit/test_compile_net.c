// SPDX-License-Identifier: GPL-2.0-only
/* Network rules -> prefixes and classes: modes, precedence, metadata, limits, time. */
#include <time.h>

#include "lib/buf.h"
#include "policy_fixture.h"

#define NET(mode, rules) HEAD "network:\n  mode: " mode "\n  rules:\n" rules
#define TCP SBX_PROTO_TCP
#define UDP SBX_PROTO_UDP

static void mode_none_opens_nothing(void **state)
{
	FIXTURE f = fixture_good(HEAD "network: {mode: none}\n");

	(void)state;
	assert_false(connects(&f, "127.0.0.1", TCP, 80));
	assert_false(connects(&f, "::1", UDP, 53));
	assert_false(listens(&f, "127.0.0.1", TCP, 80));
	assert_int_equal(f.compiled->n_prefixes, 4); /* the roots of both families and directions */
}

static void mode_internal_opens_loopback_and_private_ranges(void **state)
{
	FIXTURE f = fixture_good(HEAD "network: {mode: internal}\n");

	(void)state;
	assert_true(connects(&f, "127.9.9.9", TCP, 80));
	assert_true(connects(&f, "::1", UDP, 53));
	assert_true(connects(&f, "192.168.1.1", TCP, 65535));
	assert_true(connects(&f, "fd12::1", TCP, 1));
	assert_false(connects(&f, "8.8.8.8", UDP, 53));
	assert_false(connects(&f, "2001:db8::1", TCP, 80));
	assert_false(
		connects(&f, "100.100.100.200", TCP, 80)); /* metadata within a private range */
	assert_false(connects(&f, "fd00:ec2::254", TCP, 80));
	assert_false(listens(&f, "127.0.0.1", TCP, 80));
}

static void mode_full_opens_all_but_metadata_and_denies(void **state)
{
	FIXTURE f = fixture_good(NET("full", "    - {deny: {to: 8.8.0.0/16, ports: 53}}\n"));

	(void)state;
	assert_true(connects(&f, "1.1.1.1", TCP, 443));
	assert_true(connects(&f, "2001:db8::1", UDP, 1));
	assert_true(connects(&f, "8.8.8.8", TCP, 443));
	assert_false(connects(&f, "8.8.8.8", UDP, 53));
	assert_false(connects(&f, "169.254.169.254", TCP, 80));
	assert_true(listens(&f, "0.0.0.0", TCP, 80));
}

static void filtered_opens_exactly_the_rules(void **state)
{
	FIXTURE f = fixture_good(
		NET("filtered",
		    "    - allow: {to: [10.1.0.0/16, '::1'],\n"
		    "             ports: [5432, 8000-8999],\n"
		    "             protocols: [tcp]}\n") "  listen: {to: 127.0.0.1, ports: 8080}\n");

	(void)state;
	assert_true(connects(&f, "10.1.255.255", TCP, 5432));
	assert_true(connects(&f, "::1", TCP, 8000));
	assert_true(connects(&f, "::1", TCP, 8999));
	assert_false(connects(&f, "::1", TCP, 9000));
	assert_false(connects(&f, "::1", UDP, 8000));
	assert_false(connects(&f, "10.2.0.0", TCP, 5432));
	assert_false(connects(&f, "10.0.255.255", TCP, 5432));
	assert_true(listens(&f, "127.0.0.1", UDP, 8080));
	assert_false(listens(&f, "0.0.0.0", TCP, 8080));
	assert_false(connects(&f, "127.0.0.1", TCP, 8080));
}

static void the_most_specific_prefix_that_mentions_the_port_decides(void **state)
{
	FIXTURE f = fixture_good(
		NET("filtered", "    - {allow: {to: 10.0.0.0/8, ports: [1-100], protocols: tcp}}\n"
				"    - {deny: {to: 10.1.0.0/16, ports: [50-60]}}\n"
				"    - {allow: {to: 10.1.1.0/24, ports: 55}}\n"
				"    - {deny: {to: '@private', ports: [200-300]}}\n"
				"    - {allow: {to: 10.1.1.1, ports: [250]}}\n"));

	(void)state;
	assert_true(connects(&f, "10.9.9.9", TCP, 55));
	assert_false(connects(&f, "10.1.9.9", TCP, 55));
	assert_true(connects(&f, "10.1.9.9", TCP, 61));
	assert_true(connects(&f, "10.1.1.9", TCP, 55));
	assert_true(connects(&f, "10.1.1.9", UDP, 55));
	assert_false(connects(&f, "10.1.1.9", TCP, 56));
	assert_true(connects(&f, "10.1.1.9", TCP, 100));
	assert_true(connects(&f, "10.1.1.1", TCP, 250));
	assert_false(connects(&f, "10.1.1.1", TCP, 251));
}

static void deny_wins_on_the_same_prefix_across_files_and_sets(void **state)
{
	FIXTURE f = fixture_good(HEAD "extends: base\nnetwork:\n  mode: internal\n  rules:\n"
				      "    - {deny: {to: '@private', ports: 22}}\n");

	(void)state;
	assert_false(connects(&f, "10.0.0.1", TCP, 22));
	assert_true(connects(&f, "10.0.0.1", TCP, 23));
	assert_true(connects(&f, "127.0.0.1", TCP, 22));
}

static void metadata_opens_only_when_named(void **state)
{
	FIXTURE wide = fixture_good(NET("filtered", "    - {allow: {to: '@any'}}\n"
						    "    - {allow: {to: '@linklocal'}}\n"));
	FIXTURE set =
		fixture_good(NET("filtered", "    - {allow: {to: '@metadata', ports: 80}}\n"));
	FIXTURE one = fixture_good(NET("full", "    - {allow: {to: 169.254.169.254}}\n"));

	(void)state;
	assert_true(connects(&wide, "169.254.1.1", TCP, 80));
	assert_false(connects(&wide, "169.254.169.254", TCP, 80));
	assert_true(connects(&set, "169.254.169.254", TCP, 80));
	assert_false(connects(&set, "169.254.169.254", TCP, 81));
	assert_true(connects(&set, "fd00:ec2::254", TCP, 80));
	assert_true(connects(&one, "169.254.169.254", UDP, 5));
	assert_false(connects(&one, "169.254.170.2", TCP, 80));
}

static void ipv6_prefixes_say_nothing_about_ipv4(void **state)
{
	FIXTURE f = fixture_good(NET("filtered", "    - {allow: {to: '::/0'}}\n"));
	FIXTURE g = fixture_good(NET("filtered", "    - {allow: {to: 0.0.0.0/0}}\n"));

	(void)state;
	assert_true(connects(&f, "2001:db8::1", TCP, 80));
	assert_false(connects(&f, "1.2.3.4", TCP, 80));
	assert_false(connects(&f, "10.2.3.4", TCP, 80));
	assert_true(connects(&g, "1.2.3.4", TCP, 80));
	assert_true(connects(&g, "::ffff:1.2.3.4", TCP, 80));
	assert_false(connects(&g, "2001:db8::1", TCP, 80));
}

static void the_event_names_the_rule(void **state)
{
	FIXTURE f = fixture_good(NET("filtered", "    - {allow: {to: 10.0.0.0/8}}\n"
						 "    - {deny: {to: 10.1.0.0/16, ports: 25}}\n"));
	struct sbx_event event = { .op = SBX_OP_CONNECT, .object = SBX_OBJECT_ADDRESS };
	const struct sbx_rule_ref *ref;
	__u8 addr[16];

	(void)state;
	assert_int_equal(sbx_address_parse("10.1.2.3", addr), 0);
	assert_false(sbx_compiled_address(f.compiled, SBX_DIR_OUT, addr, TCP, 25, &event.rule));
	ref = sbx_compiled_decider(f.compiled, &event, sizeof(event));
	assert_string_equal(ref->text, "deny connecting to 10.1.0.0/16 port 25");
	assert_int_equal(ref->place.line, 6);
	assert_int_equal(sbx_address_parse("169.254.169.254", addr), 0);
	assert_false(sbx_compiled_address(f.compiled, SBX_DIR_OUT, addr, TCP, 25, &event.rule));
	ref = sbx_compiled_decider(f.compiled, &event, sizeof(event));
	assert_string_equal(ref->text, "deny connecting to @metadata");
	assert_null(ref->place.file);
	assert_int_equal(sbx_address_parse("8.8.8.8", addr), 0);
	assert_false(sbx_compiled_address(f.compiled, SBX_DIR_OUT, addr, TCP, 25, &event.rule));
	assert_int_equal(event.rule, SBX_RULE_NONE);
	assert_string_equal(sbx_compiled_decider(f.compiled, &event, sizeof(event))->text,
			    "network mode: filtered");
}

static void equal_classes_are_shared(void **state)
{
	FIXTURE f =
		fixture_good(NET("filtered", "    - allow: {to: [1.1.1.1, 2.2.2.2, 3.3.3.3]}\n"));

	(void)state;
	/* Nothing, the rule's, and the metadata denial. */
	assert_int_equal(f.compiled->n_classes, 3);
}

static void too_many_ranges_are_a_fault_with_a_line(void **state)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf text = { 0 };

	(void)state;
	sbx_buf_puts(&text, NET("filtered", "    - allow: {to: 1.1.1.1, ports: ["));
	for (int i = 0; i < 33; i++)
		sbx_buf_printf(&text, "%s%d", i ? ", " : "", 2 * i);
	sbx_buf_puts(&text, "]}\n");
	assert_fault(text.text, "too-many-ranges", 5, 14);
}

static void as_many_ranges_as_fit_are_fine(void **state)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf text = { 0 };
	FIXTURE f = { 0 };

	(void)state;
	sbx_buf_puts(&text, NET("filtered", "    - allow: {to: 1.1.1.1, ports: ["));
	for (int i = 0; i < 32; i++)
		sbx_buf_printf(&text, "%s%d", i ? ", " : "", 2 * i);
	sbx_buf_puts(&text, "]}\n");
	f = fixture_good(text.text);
	for (int i = 0; i < 64; i++)
		assert_int_equal(connects(&f, "1.1.1.1", UDP, (__u16)i), i % 2 == 0);
}

static void ten_thousand_prefixes_compile_at_once(void **state)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf text = { 0 };
	clock_t start;
	FIXTURE f = { 0 };

	(void)state;
	sbx_buf_puts(&text, NET("filtered", ""));
	for (int i = 0; i < 10000; i++)
		sbx_buf_printf(&text, "    - {%s: {to: 10.%d.%d.0/%d, ports: %d}}\n",
			       i % 3 ? "allow" : "deny", i / 256, i % 256, 24 + i % 2, 1 + i % 7);
	assert_int_equal(text.error, 0);
	start = clock();
	f = fixture_good(text.text);
	assert_true(clock() - start < 5 * CLOCKS_PER_SEC); /* generous: sanitizers are slow */
	assert_true(f.compiled->n_prefixes > 10000);
	assert_true(connects(&f, "10.0.1.5", TCP, 2));
	assert_false(connects(&f, "10.0.3.5", TCP, 4));
}

static void a_policy_has_sets_of_its_own(void **state)
{
	FIXTURE f = fixture_good(HEAD "network:\n"
				      "  mode: filtered\n"
				      "  rules:\n"
				      "    - allow: {to: [\"@office\", 9.9.9.9], ports: 443}\n"
				      "    - deny: {to: \"@printers\"}\n"
				      "  sets: {office: [10.1.0.0/16, \"fd00:1::/32\"],\n"
				      "         printers: 10.1.7.0/24}\n");

	(void)state;
	assert_true(connects(&f, "10.1.2.3", TCP, 443));
	assert_true(connects(&f, "fd00:1::9", TCP, 443));
	assert_true(connects(&f, "9.9.9.9", TCP, 443));
	assert_false(connects(&f, "10.1.7.3", TCP, 443));
	assert_false(connects(&f, "10.2.2.3", TCP, 443));
	assert_false(connects(&f, "10.1.2.3", TCP, 80));
}

static void long_lists_are_cut_in_messages(void **state)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf text = { 0 };
	const char *said;
	FIXTURE f = { 0 };

	(void)state;
	sbx_buf_puts(&text, NET("filtered", "    - deny: {to: ["));
	for (int i = 0; i < 1000; i++)
		sbx_buf_printf(&text, "10.1.%d.%d,", i / 256, i % 256);
	sbx_buf_puts(&text, "]}\n");
	f = fixture_good(text.text);
	said = f.policy->nets[0].text;
	assert_true(strlen(said) < 300);
	assert_memory_equal(said, "10.1.0.0, 10.1.0.1, ", 20);
	assert_non_null(strstr(said, " more"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mode_none_opens_nothing),
		cmocka_unit_test(mode_internal_opens_loopback_and_private_ranges),
		cmocka_unit_test(mode_full_opens_all_but_metadata_and_denies),
		cmocka_unit_test(filtered_opens_exactly_the_rules),
		cmocka_unit_test(the_most_specific_prefix_that_mentions_the_port_decides),
		cmocka_unit_test(deny_wins_on_the_same_prefix_across_files_and_sets),
		cmocka_unit_test(metadata_opens_only_when_named),
		cmocka_unit_test(ipv6_prefixes_say_nothing_about_ipv4),
		cmocka_unit_test(the_event_names_the_rule),
		cmocka_unit_test(equal_classes_are_shared),
		cmocka_unit_test(too_many_ranges_are_a_fault_with_a_line),
		cmocka_unit_test(as_many_ranges_as_fit_are_fine),
		cmocka_unit_test(ten_thousand_prefixes_compile_at_once),
		cmocka_unit_test(a_policy_has_sets_of_its_own),
		cmocka_unit_test(long_lists_are_cut_in_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
