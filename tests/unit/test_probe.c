// SPDX-License-Identifier: GPL-2.0-only
/* What a host lacks is told with its cure; the host itself is made up here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/engine.h"

/* A host that can enforce. */
static struct sbx_probe able(void)
{
	struct sbx_probe probe = {
		.root = true, .btf = true, .bpf_in_lsm = true, .lsm_known = true
	};

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

static void an_unreadable_list_of_modules_is_no_yes(void **state)
{
	struct sbx_probe probe = able();

	(void)state;
	probe.lsm_known = false;
	check_lacks(&probe, ENOTSUP, "/sys/kernel/security/lsm", "mount -t securityfs");
}

static void a_missing_bpf_module_is_named_with_the_parameter(void **state)
{
	struct sbx_probe probe = able();

	(void)state;
	probe.bpf_in_lsm = false;
	check_lacks(&probe, ENOTSUP, "lockdown,capability,bpf", "lsm=");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_that_can_enforce_lacks_nothing),
		cmocka_unit_test(without_privilege_root_is_the_cure),
		cmocka_unit_test(a_kernel_without_types_is_named),
		cmocka_unit_test(a_host_without_cgroup2_is_told_to_mount_it),
		cmocka_unit_test(an_unreadable_list_of_modules_is_no_yes),
		cmocka_unit_test(a_missing_bpf_module_is_named_with_the_parameter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
