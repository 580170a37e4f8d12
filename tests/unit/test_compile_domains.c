// SPDX-License-Identifier: GPL-2.0-only
/* Domains and `dns` -> a trie of labels, port classes, servers, and what no answer may open. */
#include <time.h>

#include "lib/buf.h"
#include "policy_fixture.h"

#define NET(rules) HEAD "network:\n  mode: filtered\n  rules:\n" rules
#define L40 "aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd"

/* May a job that asked for this name connect to the port? */
static bool opens(const struct fixture *f, const char *domain, __u8 proto, __u16 port)
{
	__u32 number = sbx_compiled_domain(f->compiled, domain);
	const struct sbx_class *class;

	if (!number)
		return false;
	assert_true(number <= f->compiled->n_classes);
	class = &f->compiled->classes[number - 1];
	for (__u32 i = 0; i < class->n; i++) {
		const struct sbx_range *range = &class->ranges[i];

		if ((range->protos & proto) && port >= range->lo && port <= range->hi)
			return range->allow != 0;
	}
	return false;
}

static bool asks(const struct fixture *f, const char *domain)
{
	return sbx_compiled_domain(f->compiled, domain) != 0;
}

static void a_name_is_itself_and_a_wildcard_is_all_below(void **state)
{
	FIXTURE f = fixture_good(NET("    - {allow: {domains: [example.com, '*.cdn.org']}}\n"));

	(void)state;
	assert_true(asks(&f, "example.com"));
	assert_false(asks(&f, "www.example.com"));
	assert_false(asks(&f, "com"));
	assert_false(asks(&f, "xexample.com"));
	assert_false(asks(&f, "example.com.evil.org"));
	assert_false(asks(&f, "cdn.org"));
	assert_true(asks(&f, "a.cdn.org"));
	assert_true(asks(&f, "a.b.c.cdn.org"));
	assert_false(asks(&f, "acdn.org"));
	assert_false(asks(&f, "org"));
}

static void ports_of_all_rules_that_name_a_domain_are_open(void **state)
{
	FIXTURE f = fixture_good(
		NET("    - {allow: {domains: '*.example.com', ports: 443, protocols: tcp}}\n"
		    "    - {allow: {domains: '*.b.example.com', ports: 80}}\n"
		    "    - {allow: {domains: a.b.example.com, ports: 22, protocols: tcp}}\n"
		    "    - {allow: {domains: b.example.com, ports: 25, protocols: udp}}\n"));

	(void)state;
	assert_true(opens(&f, "x.example.com", SBX_PROTO_TCP, 443));
	assert_false(opens(&f, "x.example.com", SBX_PROTO_UDP, 443));
	assert_false(opens(&f, "x.example.com", SBX_PROTO_TCP, 80));
	assert_true(opens(&f, "b.example.com", SBX_PROTO_TCP, 443));
	assert_true(opens(&f, "b.example.com", SBX_PROTO_UDP, 25));
	assert_false(opens(&f, "b.example.com", SBX_PROTO_TCP, 80));
	assert_true(opens(&f, "x.b.example.com", SBX_PROTO_UDP, 80));
	assert_true(opens(&f, "x.b.example.com", SBX_PROTO_TCP, 443));
	assert_false(opens(&f, "x.b.example.com", SBX_PROTO_TCP, 22));
	assert_true(opens(&f, "a.b.example.com", SBX_PROTO_TCP, 22));
	assert_true(opens(&f, "a.b.example.com", SBX_PROTO_TCP, 80));
	assert_true(opens(&f, "z.a.b.example.com", SBX_PROTO_TCP, 80));
	assert_false(opens(&f, "z.a.b.example.com", SBX_PROTO_TCP, 22));
	assert_false(asks(&f, "example.com"));
}

static void long_labels_differ_in_their_last_byte(void **state)
{
	FIXTURE f = fixture_good(NET("    - {allow: {domains: [" L40 "1.com, " L40 "2.com, " L40
				     ".com], ports: 1}}\n"));

	(void)state;
	assert_true(asks(&f, L40 "1.com"));
	assert_true(asks(&f, L40 "2.com"));
	assert_true(asks(&f, L40 ".com"));
	assert_false(asks(&f, L40 "3.com"));
	assert_false(asks(&f, "aaaaaaaaaabbbbbbbbbbcccc.com"));
}

static void the_servers_are_open_at_port_53_alone(void **state)
{
	FIXTURE f = fixture_good(
		NET("    - {allow: {domains: example.com}}\n"
		    "    - {deny: {to: 10.0.0.54}}\n") "  dns: {servers: [127.0.0.53, 10.0.0.54, "
						       "'2001:db8::53']}\n");

	(void)state;
	assert_true(connects(&f, "127.0.0.53", SBX_PROTO_UDP, 53));
	assert_true(connects(&f, "127.0.0.53", SBX_PROTO_TCP, 53));
	assert_true(connects(&f, "2001:db8::53", SBX_PROTO_UDP, 53));
	assert_false(connects(&f, "127.0.0.53", SBX_PROTO_UDP, 54));
	assert_false(connects(&f, "127.0.0.1", SBX_PROTO_UDP, 53));
	assert_false(connects(&f, "10.0.0.54", SBX_PROTO_UDP, 53)); /* a deny wins */
	assert_int_equal(f.compiled->job.dns, SBX_DNS_SERVERS | SBX_DNS_NAMES);
	assert_int_equal(f.compiled->job.n_resolvers, 3);
}

static void dns_without_domains_judges_no_names(void **state)
{
	FIXTURE f = fixture_good(HEAD "network: {mode: full, dns: {servers: 9.9.9.9}}\n");
	FIXTURE plain = fixture_good(HEAD "network: {mode: full}\n");

	(void)state;
	assert_int_equal(f.compiled->job.dns, SBX_DNS_SERVERS);
	assert_int_equal(f.compiled->job.n_resolvers, 1);
	assert_int_equal(plain.compiled->job.dns, 0);
}

static void times_have_defaults_that_never_cross(void **state)
{
	FIXTURE none = fixture_good(NET("    - {allow: {domains: a.b}}\n"));
	FIXTURE both = fixture_good(
		NET("    - {allow: {domains: a.b}}\n") "  dns: {min_ttl: 5s, max_ttl: 10m}\n");
	FIXTURE low = fixture_good(NET("    - {allow: {domains: a.b}}\n") "  dns: {max_ttl: 5s}\n");
	FIXTURE high =
		fixture_good(NET("    - {allow: {domains: a.b}}\n") "  dns: {min_ttl: 3d}\n");

	(void)state;
	assert_int_equal(none.compiled->job.dns_min_ttl, 60);
	assert_int_equal(none.compiled->job.dns_max_ttl, 86400);
	assert_int_equal(both.compiled->job.dns_min_ttl, 5);
	assert_int_equal(both.compiled->job.dns_max_ttl, 600);
	assert_int_equal(low.compiled->job.dns_min_ttl, 5);
	assert_int_equal(low.compiled->job.dns_max_ttl, 5);
	assert_int_equal(high.compiled->job.dns_min_ttl, 3 * 86400);
	assert_int_equal(high.compiled->job.dns_max_ttl, 3 * 86400);
}

static bool may_open(const struct fixture *f, const char *address)
{
	__u8 addr[16];

	assert_int_equal(sbx_address_parse(address, addr), 0);
	return sbx_compiled_address(f->compiled, SBX_DIR_GRANT, addr, SBX_PROTO_TCP, 0, NULL);
}

static void no_answer_opens_what_is_not_public(void **state)
{
	static const char *const closed[] = {
		"127.0.0.1",
		"::1",
		"10.1.2.3",
		"172.31.0.1",
		"192.168.0.1",
		"100.64.0.1",
		"169.254.1.1",
		"169.254.169.254",
		"168.63.129.16",
		"192.0.0.192",
		"0.0.0.0",
		"::",
		"255.255.255.255",
		"224.0.0.1",
		"240.0.0.1",
		"fd00:ec2::254",
		"fe80::1",
		"fec0::1",
		"ff02::1",
		"::ffff:10.0.0.1",
		"::10.0.0.1",
		"64:ff9b::10.0.0.1",
		"64:ff9b::a9fe:a9fe",
		"2002:0a00:1::1",
		"2002:7f00:1::1",
		"198.18.0.1",
	};
	static const char *const open[] = {
		"8.8.8.8",	    "192.0.2.1",       "2001:db8::1", "2606:4700::1",  "172.32.0.1",
		"64:ff9b::8.8.8.8", "2002:808:808::1", "100.128.0.1", "168.63.129.17",
	};
	FIXTURE f = fixture_good(NET("    - {allow: {domains: example.com}}\n"
				     "    - {allow: {to: 10.0.0.0/8, ports: 1}}\n"));

	(void)state;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(closed); i++) {
		if (may_open(&f, closed[i]))
			fail_msg("an answer may open %s", closed[i]);
	}
	for (size_t i = 0; i < SBX_ARRAY_SIZE(open); i++) {
		if (!may_open(&f, open[i]))
			fail_msg("no answer may open %s", open[i]);
	}
}

static void resolv_conf_gives_servers_and_suffixes(void **state)
{
	static const char text[] = "# nameserver 1.1.1.1\n"
				   "domain old.example\n"
				   "nameserver 127.0.0.53\n"
				   "nameserver fe80::1%eth0 # comment\n"
				   "nameserver no-address\n"
				   "nameserver 127.0.0.53\n"
				   "search corp.example Lab.Example. .\n"
				   "options edns0 trust-ad";
	FIXTURE f = { 0 };

	(void)state;
	assert_int_equal(fixture_parse(&f, NET("    - {allow: {domains: example.com}}\n")), 0);
	assert_int_equal(sbx_policy_add_resolvers(f.policy, text), 0);
	assert_int_equal(sbx_policy_compile(f.policy, NULL, NULL, &f.compiled, &f.diags), 0);
	assert_int_equal(f.policy->dns.n_servers, 2);
	assert_string_equal(f.policy->dns.search[0], "corp.example");
	assert_string_equal(f.policy->dns.search[1], "lab.example");
	assert_null(f.policy->dns.search[2]);
	assert_true(connects(&f, "127.0.0.53", SBX_PROTO_UDP, 53));
	assert_true(connects(&f, "fe80::1", SBX_PROTO_UDP, 53));
	assert_false(asks(&f, "example.com.corp.example")); /* refused, if without an event */
}

static void without_servers_libc_asks_the_host_itself(void **state)
{
	FIXTURE f = { 0 };
	FIXTURE plain = { 0 };

	(void)state;
	assert_int_equal(fixture_parse(&f, NET("    - {allow: {domains: example.com}}\n")), 0);
	assert_int_equal(sbx_policy_add_resolvers(f.policy, ""), 0);
	assert_int_equal(f.policy->dns.n_servers, 1);
	assert_int_equal(f.policy->dns.servers[0][12], 127);
	assert_int_equal(fixture_parse(&plain, NET("    - {allow: {to: 192.0.2.1}}\n")), 0);
	assert_int_equal(sbx_policy_add_resolvers(plain.policy, "nameserver 10.0.0.1\n"), 0);
	assert_int_equal(plain.policy->dns.n_servers, 0);
}

static void named_servers_are_not_mixed_with_the_hosts(void **state)
{
	FIXTURE f = { 0 };

	(void)state;
	assert_int_equal(
		fixture_parse(&f, NET("    - {allow: {domains: example.com}}\n") "  dns: {servers: "
										 "192.0.2.53}\n"),
		0);
	assert_int_equal(sbx_policy_add_resolvers(f.policy, "nameserver 10.0.0.1\nsearch a.b\n"),
			 0);
	assert_int_equal(f.policy->dns.n_servers, 1);
	assert_string_equal(f.policy->dns.search[0], "a.b");
}

/* 20,000 names, long labels among them, within seconds under the sanitizers. */
static void many_names_compile_in_time(void **state)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf text = { 0 };
	time_t start = time(NULL);

	(void)state;
	sbx_buf_puts(&text, NET("    - allow:\n        ports: 443\n        domains:\n"));
	for (unsigned int i = 0; i < 20000; i++)
		sbx_buf_printf(&text, "          - n%u.x%u.example.com\n", i, i % 100);
	{
		FIXTURE f = fixture_good(text.text);

		assert_true(asks(&f, "n19999.x99.example.com"));
		assert_false(asks(&f, "n19999.x98.example.com"));
	}
	assert_true(time(NULL) - start < 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_itself_and_a_wildcard_is_all_below),
		cmocka_unit_test(ports_of_all_rules_that_name_a_domain_are_open),
		cmocka_unit_test(long_labels_differ_in_their_last_byte),
		cmocka_unit_test(the_servers_are_open_at_port_53_alone),
		cmocka_unit_test(dns_without_domains_judges_no_names),
		cmocka_unit_test(times_have_defaults_that_never_cross),
		cmocka_unit_test(no_answer_opens_what_is_not_public),
		cmocka_unit_test(resolv_conf_gives_servers_and_suffixes),
		cmocka_unit_test(without_servers_libc_asks_the_host_itself),
		cmocka_unit_test(named_servers_are_not_mixed_with_the_hosts),
		cmocka_unit_test(many_names_compile_in_time),
	};

	return cmocka_run_group_tests_name("compile_domains", tests, NULL, NULL);
}
