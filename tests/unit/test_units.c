// SPDX-License-Identifier: GPL-2.0-only
/* Sizes, times, shares, rates; addresses and prefixes; distances between words. */
#include <errno.h>

#include "policy/text.h"
#include "policy/units.h"
#include "policy_fixture.h"

typedef int (*unit_fn)(const char *text, __u64 *ret_value);

static void check(unit_fn read, const char *text, __u64 wanted)
{
	__u64 value = 12345;
	int r = read(text, &value);

	if (r || value != wanted)
		fail_msg("%s: %d, %llu", text, r, (unsigned long long)value);
}

static void check_bad(unit_fn read, const char *text, int error)
{
	__u64 value = 12345;

	if (read(text, &value) != error || value != 12345)
		fail_msg("%s: taken for %llu", text, (unsigned long long)value);
}

static void sizes_are_binary_with_one_letter_and_decimal_with_b(void **state)
{
	(void)state;
	check(sbx_units_size, "0", 0);
	check(sbx_units_size, "512", 512);
	check(sbx_units_size, "1K", 1024);
	check(sbx_units_size, "512M", 512ull << 20);
	check(sbx_units_size, "1.5G", 3ull << 29);
	check(sbx_units_size, "64KiB", 65536);
	check(sbx_units_size, "64KB", 64000);
	check(sbx_units_size, "10 MB", 10000000);
	check(sbx_units_size, "2T", 2ull << 40);
}

static void odd_sizes_are_refused(void **state)
{
	static const char *const bad[] = { "",	 "M",  "-1",	"1 2", "0x10", "1.M", "1.2345M",
					   "1m", "1Q", "1..5M", " 1",  "1M ",  "+1",  "max" };

	(void)state;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(bad); i++)
		check_bad(sbx_units_size, bad[i], -EINVAL);
	check_bad(sbx_units_size, "99999999999999999999", -ERANGE);
	check_bad(sbx_units_size, "999999999T", -ERANGE);
	check_bad(sbx_units_size, "18446744073709551615", -ERANGE);
}

static void times_need_a_unit(void **state)
{
	(void)state;
	check(sbx_units_duration, "500ms", 500);
	check(sbx_units_duration, "1.5s", 1500);
	check(sbx_units_duration, "10m", 600000);
	check(sbx_units_duration, "2h", 7200000);
	check(sbx_units_duration, "1d", 86400000);
	check_bad(sbx_units_duration, "30", -EINVAL);
	check_bad(sbx_units_duration, "30 sec", -EINVAL);
}

static void cpu_is_a_percentage_or_a_number_of_processors(void **state)
{
	(void)state;
	check(sbx_units_cpu, "50%", 50);
	check(sbx_units_cpu, "1.5", 150);
	check(sbx_units_cpu, "2 cores", 200);
	check(sbx_units_cpu, "1 core", 100);
	check_bad(sbx_units_cpu, "1.5 cpus", -EINVAL);
}

static void rates_are_per_second_and_whole(void **state)
{
	(void)state;
	check(sbx_units_rate, "200/s", 200);
	check_bad(sbx_units_rate, "200", -EINVAL);
	check_bad(sbx_units_rate, "1.5/s", -EINVAL);
	check_bad(sbx_units_rate, "200/m", -EINVAL);
	check_bad(sbx_units_rate, "200 /s", -EINVAL);
	check(sbx_units_bandwidth, "500kbit", 500000);
	check(sbx_units_bandwidth, "1.5 Gbit", 1500000000);
	check_bad(sbx_units_bandwidth, "10", -EINVAL);
	check_bad(sbx_units_bandwidth, "10MB", -EINVAL);
	check_bad(sbx_units_bandwidth, "10mbit", -EINVAL);
	check(sbx_units_number, "65535", 65535);
	check_bad(sbx_units_number, "1.5", -EINVAL);
	check_bad(sbx_units_number, "7 ", -EINVAL);
}

static void check_prefix(const char *text, int error, const char *wanted)
{
	struct sbx_prefix prefix = { 0 };
	char got[SBX_ADDRESS_TEXT] = "";
	int r = sbx_prefix_parse(text, &prefix);

	if (!r || r == -EDOM)
		sbx_prefix_format(&prefix, got, sizeof(got));
	if (r != error || strcmp(got, wanted))
		fail_msg("%s: %d %s, wanted %d %s", text, r, got, error, wanted);
}

static void prefixes_of_both_families_have_one_form(void **state)
{
	(void)state;
	check_prefix("10.1.0.0/16", 0, "10.1.0.0/16");
	check_prefix("10.1.2.3", 0, "10.1.2.3");
	check_prefix("0.0.0.0/0", 0, "0.0.0.0/0");
	check_prefix("::/0", 0, "::/0");
	check_prefix("::1", 0, "::1");
	check_prefix("fd00::/8", 0, "fd00::/8");
	check_prefix("::ffff:10.0.0.0/104", 0, "10.0.0.0/8");
	check_prefix("::ffff:10.1.2.3", 0, "10.1.2.3");
	check_prefix("255.255.255.255/32", 0, "255.255.255.255");
}

static void host_bits_name_the_network_that_was_meant(void **state)
{
	(void)state;
	check_prefix("10.1.2.3/16", -EDOM, "10.1.0.0/16");
	check_prefix("10.0.0.1/31", -EDOM, "10.0.0.0/31");
	check_prefix("fd00::1/64", -EDOM, "fd00::/64");
	check_prefix("255.255.255.255/0", -EDOM, "0.0.0.0/0");
}

static void odd_addresses_are_refused(void **state)
{
	static const char *const bad[] = { "",	    "10.1",	 "10.0.0.256", "1.2.3.4:80",
					   "[::1]", "::1::",	 "host",       "10.0.0.0.0",
					   "/8",    "010.1.1.1", "0x7f.1" };
	static const char *const bad_len[] = { "10.0.0.0/33", "::/129",	     "10.0.0.0/",
					       "10.0.0.0/a",  "10.0.0.0/-1", "::/1.5" };

	(void)state;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(bad); i++)
		check_prefix(bad[i], -EINVAL, "");
	for (size_t i = 0; i < SBX_ARRAY_SIZE(bad_len); i++)
		check_prefix(bad_len[i], -ERANGE, "");
}

static void every_named_set_consists_of_proper_prefixes(void **state)
{
	size_t n = 0;

	(void)state;
	for (; sbx_address_set_at(n); n++) {
		const struct sbx_address_set *set = sbx_address_set_at(n);

		assert_ptr_equal(sbx_address_set(set->name), set);
		for (size_t k = 0; set->prefixes[k]; k++) {
			struct sbx_prefix prefix;

			assert_int_equal(sbx_prefix_parse(set->prefixes[k], &prefix), 0);
		}
	}
	assert_int_equal(n, 6);
	assert_null(sbx_address_set("@nosuch"));
}

static void a_prefix_holds_exactly_its_addresses(void **state)
{
	struct sbx_prefix prefix;
	__u8 addr[16];

	(void)state;
	assert_int_equal(sbx_prefix_parse("10.16.0.0/12", &prefix), 0);
	assert_int_equal(sbx_address_parse("10.31.255.255", addr), 0);
	assert_true(sbx_prefix_holds(&prefix, addr));
	assert_int_equal(sbx_address_parse("10.32.0.0", addr), 0);
	assert_false(sbx_prefix_holds(&prefix, addr));
	assert_int_equal(sbx_prefix_parse("::1", &prefix), 0);
	assert_int_equal(sbx_address_parse("::1", addr), 0);
	assert_true(sbx_prefix_holds(&prefix, addr));
}

static void distance_counts_slips_of_the_hand(void **state)
{
	(void)state;
	assert_int_equal(sbx_text_distance("allow", "allow", 3), 0);
	assert_int_equal(sbx_text_distance("fielsystem", "filesystem", 3), 1);
	assert_int_equal(sbx_text_distance("alolw", "allow", 3), 1);
	assert_int_equal(sbx_text_distance("", "abc", 3), 3);
	assert_true(sbx_text_distance("a", "abcdefgh", 3) > 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_binary_with_one_letter_and_decimal_with_b),
		cmocka_unit_test(odd_sizes_are_refused),
		cmocka_unit_test(times_need_a_unit),
		cmocka_unit_test(cpu_is_a_percentage_or_a_number_of_processors),
		cmocka_unit_test(rates_are_per_second_and_whole),
		cmocka_unit_test(prefixes_of_both_families_have_one_form),
		cmocka_unit_test(host_bits_name_the_network_that_was_meant),
		cmocka_unit_test(odd_addresses_are_refused),
		cmocka_unit_test(every_named_set_consists_of_proper_prefixes),
		cmocka_unit_test(a_prefix_holds_exactly_its_addresses),
		cmocka_unit_test(distance_counts_slips_of_the_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
