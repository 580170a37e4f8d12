// SPDX-License-Identifier: GPL-2.0-only
/* What a host lacks is told with its cure, and which mechanism it gets; the hosts are made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/engine.h"
#include "lib/cleanup.h"

/* A host that can enforce. */
static struct sbx_probe able(void)
{
	struct sbx_probe probe = { .root = true,
				   .btf = true,
				   .bpf_in_lsm = true,
				   .lsm_known = true,
				   .preempt = SBX_PREEMPT_VOLUNTARY,
				   .preempt_from = "a test" };

	(void)snprintf(probe.lsm, sizeof(probe.lsm), "lockdown,capability,bpf");
	(void)snprintf(probe.release, sizeof(probe.release), "6.1.0");
	(void)snprintf(probe.cgroup2, sizeof(probe.cgroup2), "/sys/fs/cgroup");
	return probe;
}

static void check_lacks(const struct sbx_probe *probe, int code, const char *text, const char *cure)
{
	struct sbx_error err = { 0 };

	assert_int_equal(sbx_probe_require(probe, &err), -code);
	assert_non_null(strstr(err.text, text));
	assert_non_null(strstr(err.cure, cure));
}

static void a_host_that_can_enforce_lacks_nothing(void **state)
{
	const struct sbx_probe probe = able();
	struct sbx_error err = { 0 };

	(void)state;
	assert_int_equal(sbx_probe_require(&probe, &err), 0);
	assert_string_equal(err.text, "");
}

static void without_privilege_root_is_the_cure(void **state)
{
	struct sbx_probe probe = able();

	(void)state;
	probe.root = false;
	check_lacks(&probe, EPERM, "CAP_BPF", "run it as root");
}

static void a_kernel_without_types_is_named(void **state)
{
	struct sbx_probe probe = able();

	(void)state;
	probe.btf = false;
	check_lacks(&probe, ENOTSUP, "/sys/kernel/btf/vmlinux", "CONFIG_DEBUG_INFO_BTF=y");
}

static void a_host_without_cgroup2_is_told_to_mount_it(void **state)
{
	struct sbx_probe probe = able();

	(void)state;
	probe.cgroup2[0] = '\0';
	check_lacks(&probe, ENOTSUP, "cgroup2", "mount -t cgroup2");
}

static const struct sbx_accept kernel_only = { .best_effort = false };
static const struct sbx_accept best_effort = { .best_effort = true };

static void check_choice(const struct sbx_probe *probe, const struct sbx_accept *accept,
			 enum sbx_mechanism wanted)
{
	enum sbx_mechanism got = SBX_MECHANISM_ANY_;
	struct sbx_error err = { 0 };

	assert_int_equal(sbx_mechanism_choose(probe, accept, &got, &err), 0);
	assert_int_equal(got, wanted);
}

static void check_no_choice(const struct sbx_probe *probe, const struct sbx_accept *accept,
			    const char *text, const char *cure)
{
	enum sbx_mechanism got = SBX_MECHANISM_ANY_;
	struct sbx_error err = { 0 };

	assert_int_equal(sbx_mechanism_choose(probe, accept, &got, &err), -ENOTSUP);
	assert_int_equal(got, SBX_MECHANISM_ANY_);
	assert_non_null(strstr(err.text, text));
	assert_non_null(strstr(err.cure, cure));
}

static void an_able_host_gets_lsm_whatever_is_asked_for(void **state)
{
	const struct sbx_probe probe = able();

	(void)state;
	check_choice(&probe, &kernel_only, SBX_MECHANISM_LSM);
	check_choice(&probe, &best_effort, SBX_MECHANISM_LSM);
}

static void an_unreadable_list_of_modules_is_no_yes(void **state)
{
	struct sbx_probe probe = able();
	struct sbx_error err = { 0 };

	(void)state;
	probe.lsm_known = false;
	assert_int_equal(sbx_mechanism_lacks(&probe, SBX_MECHANISM_LSM, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "/sys/kernel/security/lsm"));
	assert_non_null(strstr(err.cure, "mount -t securityfs"));
}

static void a_missing_bpf_module_is_named_with_the_parameter(void **state)
{
	struct sbx_probe probe = able();
	struct sbx_error err = { 0 };

	(void)state;
	probe.bpf_in_lsm = false;
	assert_int_equal(sbx_mechanism_lacks(&probe, SBX_MECHANISM_LSM, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "lockdown,capability,bpf"));
	assert_non_null(strstr(err.cure, "lsm="));
}

static void where_bpf_lsm_is_off_fmod_ret_stands_in_on_a_kernel_that_is_not_preempted(void **state)
{
	static const enum sbx_preempt sound[] = { SBX_PREEMPT_NONE, SBX_PREEMPT_VOLUNTARY };
	static const enum sbx_preempt weak[] = { SBX_PREEMPT_LAZY, SBX_PREEMPT_FULL,
						 SBX_PREEMPT_UNKNOWN };
	struct sbx_probe probe = able();

	(void)state;
	probe.bpf_in_lsm = false;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(sound); i++) {
		probe.preempt = sound[i];
		check_choice(&probe, &kernel_only, SBX_MECHANISM_FMOD_RET);
		check_choice(&probe, &best_effort, SBX_MECHANISM_FMOD_RET);
	}
	for (size_t i = 0; i < SBX_ARRAY_SIZE(weak); i++) {
		probe.preempt = weak[i];
		check_no_choice(&probe, &kernel_only, "`bpf` is missing", "lsm=");
		check_no_choice(&probe, &kernel_only, sbx_preempt_to_str(weak[i]), "best-effort");
		check_no_choice(&probe, &kernel_only, "found by: a test", "");
		check_choice(&probe, &best_effort, SBX_MECHANISM_FMOD_RET);
	}
}

static void a_pinned_engine_is_measured_by_what_is_asked_for(void **state)
{
	struct sbx_probe probe = able();

	(void)state;
	assert_int_equal(sbx_mechanism_suffices(SBX_MECHANISM_CGROUP, &probe, &best_effort, NULL),
			 0);
	assert_int_equal(sbx_mechanism_suffices(SBX_MECHANISM_CGROUP, &probe, &kernel_only, NULL),
			 -ENOTSUP);
	assert_int_equal(sbx_mechanism_suffices(SBX_MECHANISM_FMOD_RET, &probe, &kernel_only, NULL),
			 0);
	probe.preempt = SBX_PREEMPT_FULL; /* somebody changed it while the kernel ran */
	assert_int_equal(sbx_mechanism_suffices(SBX_MECHANISM_FMOD_RET, &probe, &kernel_only, NULL),
			 -ENOTSUP);
	assert_int_equal(sbx_mechanism_suffices(SBX_MECHANISM_LSM, &probe, &kernel_only, NULL), 0);
}

static void preemption_is_read_from_the_best_source_there_is(void **state)
{
	static const char dynamic[] = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-05-01)";
	static const char plain[] = "#1 SMP Debian 6.1.192-2";
	static const struct {
		struct sbx_preempt_sources sources; /* sched, version, cmdline, config */
		enum sbx_preempt mode;
		const char *from;
	} cases[] = {
		{ { "none (voluntary) full\n", dynamic, "preempt=full\n", NULL },
		  SBX_PREEMPT_VOLUNTARY,
		  "debug" },
		{ { "none voluntary full (lazy)\n", plain, NULL, NULL },
		  SBX_PREEMPT_LAZY,
		  "debug" },
		{ { NULL, plain, "preempt=full\n", NULL }, SBX_PREEMPT_NONE, "uname" },
		{ { NULL, "#1 SMP PREEMPT x", NULL, NULL }, SBX_PREEMPT_FULL, "uname" },
		{ { NULL, "#1 SMP PREEMPT_RT x", NULL, NULL }, SBX_PREEMPT_FULL, "uname" },
		{ { NULL, "#1 SMP PREEMPT_LAZY x", NULL, NULL }, SBX_PREEMPT_LAZY, "uname" },
		{ { NULL, dynamic, "quiet preempt=none preempt=full\n",
		    "\nCONFIG_PREEMPT_NONE=y\n" },
		  SBX_PREEMPT_FULL,
		  "cmdline" },
		{ { NULL, dynamic, "quiet nopreempt=full\n",
		    "# x\nCONFIG_PREEMPT_VOLUNTARY=y\nCONFIG_PREEMPT_DYNAMIC=y\n" },
		  SBX_PREEMPT_VOLUNTARY,
		  "configuration" },
		{ { NULL, dynamic, "", "# x\nCONFIG_PREEMPT_BUILD=y\nCONFIG_PREEMPT=y\n" },
		  SBX_PREEMPT_FULL,
		  "configuration" },
		{ { NULL, dynamic, "", NULL }, SBX_PREEMPT_UNKNOWN, "nothing" },
		{ { "garbage", NULL, NULL, NULL }, SBX_PREEMPT_UNKNOWN, "nothing" },
		{ { "(", dynamic, "preempt=", "" }, SBX_PREEMPT_UNKNOWN, "nothing" },
	};

	(void)state;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(cases); i++) {
		const char *from = "";

		assert_int_equal(sbx_preempt_find(&cases[i].sources, &from), cases[i].mode);
		assert_non_null(strstr(from, cases[i].from));
	}
	assert_true(sbx_preempt_can(SBX_PREEMPT_UNKNOWN));
	assert_false(sbx_preempt_can(SBX_PREEMPT_VOLUNTARY));
}

static void where_hooks_take_no_programs_addresses_are_best_effort(void **state)
{
	struct sbx_probe probe = able();

	(void)state;
	probe.trampolines = -EPERM;
	check_no_choice(&probe, &kernel_only, "EPERM", "`require: best-effort`");
	check_choice(&probe, &best_effort, SBX_MECHANISM_CGROUP);
	probe.lockdown = true;
	check_no_choice(&probe, &kernel_only, "lockdown", "without lockdown=");
}

static void a_forced_mechanism_is_that_one_or_none(void **state)
{
	const struct sbx_accept lsm = { .best_effort = true, .force = SBX_MECHANISM_LSM };
	const struct sbx_accept cgroup = { .best_effort = true, .force = SBX_MECHANISM_CGROUP };
	struct sbx_probe probe = able();

	(void)state;
	check_choice(&probe, &cgroup, SBX_MECHANISM_CGROUP);
	probe.trampolines = -EPERM;
	check_no_choice(&probe, &lsm, "EPERM", "");
}

static void words_of_mechanisms_go_both_ways(void **state)
{
	enum sbx_mechanism got = SBX_MECHANISM_ANY_;

	(void)state;
	for (int i = SBX_MECHANISM_LSM; i < SBX_MECHANISM_MAX_; i++) {
		const char *word = sbx_mechanism_to_str((enum sbx_mechanism)i);

		assert_int_equal(sbx_mechanism_from_str(word, &got), 0);
		assert_int_equal(got, i);
	}
	assert_string_equal(sbx_mechanism_to_str(SBX_MECHANISM_ANY_), "none");
	assert_int_equal(sbx_mechanism_from_str("none", &got), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_that_can_enforce_lacks_nothing),
		cmocka_unit_test(without_privilege_root_is_the_cure),
		cmocka_unit_test(a_kernel_without_types_is_named),
		cmocka_unit_test(a_host_without_cgroup2_is_told_to_mount_it),
		cmocka_unit_test(an_able_host_gets_lsm_whatever_is_asked_for),
		cmocka_unit_test(an_unreadable_list_of_modules_is_no_yes),
		cmocka_unit_test(a_missing_bpf_module_is_named_with_the_parameter),
		cmocka_unit_test(
			where_bpf_lsm_is_off_fmod_ret_stands_in_on_a_kernel_that_is_not_preempted),
		cmocka_unit_test(a_pinned_engine_is_measured_by_what_is_asked_for),
		cmocka_unit_test(preemption_is_read_from_the_best_source_there_is),
		cmocka_unit_test(where_hooks_take_no_programs_addresses_are_best_effort),
		cmocka_unit_test(a_forced_mechanism_is_that_one_or_none),
		cmocka_unit_test(words_of_mechanisms_go_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
